"""Reading the mappings of a scheme's document: what is missing, unknown or of the wrong kind is reported with its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from shared.scoring.scheme.document import Dated, DatedValue
from shared.scoring.scheme.findings import Finding, Level
from shared.scoring.scheme.tree import Name
from shared.scoring.scheme.yaml_text import Path, YamlText

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")
LONGEST_TEXT = 2000


class Entry:
    """One mapping. Every key asked for is known; :meth:`close` reports the others.

    Args:
        content: the mapping.
        path: where it stands.
        text: the file, for lines.
        found: where findings go.
    """

    def __init__(self, content: Any, path: Path, text: YamlText, found: list[Finding]) -> None:
        self.path = path
        self._text = text
        self._found = found
        self._asked: dict[str, None] = {}
        self._content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        if not isinstance(content, Mapping):
            self.report("scheme.wrong_kind", key=_key(path), expected="{…}", value=_short(content))

    @property
    def line(self) -> int | None:
        """Where it begins."""
        return self._text.line(self.path)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that stand there."""
        return tuple(self._content)

    def report(self, code: str, /, *, at: Path | None = None, **params: object) -> None:
        """Reports an error at a path, by default of the whole mapping."""
        self._found.append(Finding(Level.ERROR, code, self._text.line(self.path if at is None else at), params=params))

    def raw(self, key: str, *, needed: bool = False) -> Any:
        """What stands there; ``None`` when nothing does."""
        self._asked[key] = None
        value = self._content.get(key)
        if value is None and needed:
            self.report("scheme.key_missing", key=key)
        return value

    def text(self, key: str, *, needed: bool = False) -> str | None:
        """Words."""
        return self._of(key, str, "words", needed=needed)

    def code(self, key: str) -> str:
        """Words that must be there; empty when they are not."""
        return self.text(key, needed=True) or ""

    def number(self, key: str) -> Decimal | None:
        """A number."""
        return self._of(key, Decimal, "0.5")

    def whole(self, key: str, *, default: int) -> int:
        """A whole number from 0 on."""
        number = self.number(key)
        if number is None:
            return default
        if number != int(number) or number < 0:
            self.report("scheme.wrong_kind", at=(*self.path, key), key=key, expected="0, 1, 2 …", value=_short(number))
            return default
        return int(number)

    def day(self, key: str, *, needed: bool = False) -> dt.date | None:
        """A day."""
        return self._of(key, dt.date, "2026-09-01", needed=needed)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """``true`` or ``false``."""
        value = self._of(key, bool, "true / false")
        return default if value is None else value

    def word(self, key: str, kind: type[Word], *, default: Word | None = None) -> Word:
        """One of a closed set; must be there without a default."""
        value = self.raw(key, needed=default is None)
        return self._word((*self.path, key), kind, value, default)

    def words(self, key: str, kind: type[Word]) -> tuple[Word, ...]:
        """A list of words of a closed set, each once; one word may stand for a list of one."""
        value = self.raw(key, needed=True)
        listed = value if isinstance(value, list) else [] if value is None else [value]
        path = (*self.path, key)
        return tuple(
            dict.fromkeys(self._word((*path, place), kind, each, None) for place, each in enumerate(listed))
        ) or (next(iter(kind)),)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words, each once."""
        return self._texts((*self.path, key), self.raw(key))

    def limits(self, key: str) -> dict[str, tuple[str, ...]]:
        """Attribute → values."""
        value = self.raw(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.report("scheme.wrong_kind", at=(*self.path, key), key=key, expected="{…: […]}", value=_short(value))
            return {}
        return {name: self._texts((*self.path, key, name), each) for name, each in value.items()}

    def name(self, key: str = "name") -> Name:
        """Chinese and English; empty where missing."""
        part = self.part(key, needed=True)
        if part is None:
            return Name("", "")
        found = Name(part.text("zh", needed=True) or "", part.text("en", needed=True) or "")
        part.close()
        return found

    def part(self, key: str, *, needed: bool = False) -> Entry | None:
        """A mapping inside."""
        value = self.raw(key, needed=needed)
        return None if value is None else Entry(value, (*self.path, key), self._text, self._found)

    def parts(self, key: str, *, needed: bool = False) -> tuple[Entry, ...]:
        """A list of mappings."""
        value = self.raw(key, needed=needed)
        path = (*self.path, key)
        if value is not None and not isinstance(value, list):
            self.report("scheme.wrong_kind", at=path, key=key, expected="[{…}, …]", value=_short(value))
            return ()
        return tuple(Entry(each, (*path, place), self._text, self._found) for place, each in enumerate(value or ()))

    def dated(self, key: str, read: Callable[[Any, Path], Value | None]) -> Dated[Value]:
        """A value, or a list of values each with the day it holds from; must be there."""
        value, path = self.raw(key, needed=True), (*self.path, key)
        if not (isinstance(value, list) and value and isinstance(value[0], Mapping) and "value" in value[0]):
            plain = None if value is None else read(value, path)
            line = self._text.line(path)
            return Dated(() if plain is None else (DatedValue(value=plain, line=line),), line)
        found = []
        for part in self.parts(key):
            day, content = part.day("from", needed=True), part.raw("value", needed=True)
            read_value = None if content is None else read(content, (*part.path, "value"))
            document, confirmed = part.text("document"), part.day("last_confirmed_on")
            verified = part.flag("verified") if part.raw("verified") is not None else None
            part.close()
            if day is not None and read_value is not None:
                found.append(
                    DatedValue(
                        value=read_value,
                        from_on=day,
                        document=document,
                        last_confirmed_on=confirmed,
                        is_verified=verified,
                        line=part.line,
                    )
                )
        return Dated(tuple(found), self._text.line(path))

    def close(self) -> None:
        """Reports keys that nobody asked for."""
        for key in self._content:
            if key not in self._asked:
                self.report("scheme.key_unknown", at=(*self.path, key), key=key[:60], allowed=", ".join(self._asked))

    def _of(self, key: str, kind: type[Value], expected: str, *, needed: bool = False) -> Value | None:
        value = self.raw(key, needed=needed)
        if isinstance(value, kind) and (not isinstance(value, str) or (value.strip() and len(value) <= LONGEST_TEXT)):
            return value
        if value is None:
            return None
        self.report("scheme.wrong_kind", at=(*self.path, key), key=key, expected=expected, value=_short(value))
        return None

    def _word(self, path: Path, kind: type[Word], value: object, default: Word | None) -> Word:
        if value is not None:
            if isinstance(value, str) and value in tuple(kind):
                return kind(value)
            params = {"key": _key(path), "value": _short(value), "allowed": ", ".join(kind)}
            self.report("scheme.word_unknown", at=path, **params)
        return next(iter(kind)) if default is None else default

    def _texts(self, path: Path, value: object) -> tuple[str, ...]:
        listed = value if isinstance(value, list) else [] if value is None else [value]
        for place, each in enumerate(listed):
            if not isinstance(each, str):
                at = (*path, place)
                self.report(
                    "scheme.wrong_kind", at=at, key=_key(path), expected=f"'{_short(each)}'", value=_short(each)
                )
        return tuple(dict.fromkeys(each for each in listed if isinstance(each, str)))


def _key(path: Path) -> str:
    return ".".join(map(str, path[-2:])) or "-"


def _short(value: object) -> str:
    return str(value)[:60]
