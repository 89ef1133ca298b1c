from gateway.identity.tables import Base
from shared.kernel.database.migrations import run_env

run_env(Base.metadata)
