from shared.kernel.database.migrations import run_env
from tests.kernel.sample.service import Base

run_env(Base.metadata)
