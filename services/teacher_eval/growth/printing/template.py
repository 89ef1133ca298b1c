"""The form of a printed growth record."""

from pathlib import Path

from shared.kernel.printing.typesetter import Template

HERE = Path(__file__).parent
GROWTH_RECORD = Template(HERE / "record.typ", HERE / "words.yaml")
