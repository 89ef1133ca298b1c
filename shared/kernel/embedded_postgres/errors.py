"""What can keep the embedded database from starting, said to the person at the terminal."""

from __future__ import annotations


class EmbeddedPostgresError(Exception):
    """The embedded server cannot start or stop; both sentences say what is wrong and how to mend it.

    Args:
        zh: the sentence in Chinese.
        en: the sentence in English.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en
