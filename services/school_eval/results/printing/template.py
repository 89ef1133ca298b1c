"""The form of a school's printed report."""

from pathlib import Path

from shared.kernel.printing.typesetter import Template

HERE = Path(__file__).parent
SCHOOL_REPORT = Template(HERE / "report.typ", HERE / "words.yaml")
