"""The form of a printed quality report."""

from pathlib import Path

from shared.kernel.printing.typesetter import Template

HERE = Path(__file__).parent
REPORT = Template(HERE / "report.typ", HERE / "words.yaml")
