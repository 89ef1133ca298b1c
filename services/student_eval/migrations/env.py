from services.student_eval.tables import METADATA
from shared.kernel.database.migrations import run_env

run_env(METADATA)
