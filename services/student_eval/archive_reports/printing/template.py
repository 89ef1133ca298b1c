"""The form of a printed archive."""

from pathlib import Path

from shared.kernel.printing.typesetter import Template

HERE = Path(__file__).parent
ARCHIVE = Template(HERE / "archive.typ", HERE / "words.yaml")
