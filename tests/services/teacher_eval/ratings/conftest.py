"""The town whose staff are registered, for those who rate and are rated."""

from tests.services.teacher_eval.development.conftest import town

__all__ = ["town"]
