"""What ends the demonstration: one sentence in each language."""

from __future__ import annotations


class DemoError(Exception):
    """Something a person must mend before the demonstration can go on."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
