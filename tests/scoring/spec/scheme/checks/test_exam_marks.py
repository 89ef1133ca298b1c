"""What comes from exams."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, line_of


def test_the_small_scheme_passes() -> None:
    assert found_by("exam_marks") == []


def test_monitoring_is_marked_as_exam_derived() -> None:
    source = ("{kind: statistics, key: books_per_student}", "{kind: monitoring, key: attainment.mean}")
    assert found_by("exam_marks", source) == [(Level.WARNING, "exam_not_marked", "B2", line_of("code: B2"))]
    marked = (source[0], f"{source[1]}\n        exam_derived: true")
    assert found_by("exam_marks", marked) == []
