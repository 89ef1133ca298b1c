"""A running service whose staff are registered."""

from tests.services.teacher_eval.development.conftest import town

__all__ = ["town"]
