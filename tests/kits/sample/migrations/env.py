from shared.kernel.database.migrations import run_env
from tests.kits.sample.service import Base

run_env(Base.metadata)
