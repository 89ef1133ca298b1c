from services.teacher_eval.tables import METADATA
from shared.kernel.database.migrations import run_env

run_env(METADATA)
