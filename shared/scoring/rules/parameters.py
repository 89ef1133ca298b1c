"""Reading the parameters of a rule: every fault at once, numbers exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

KIND = "kind"
YES, NO = "yes", "no"
LARGEST = Decimal(10) ** 12
MOST_DIGITS = 18
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with a rule as written.

    Args:
        path: where in the rule's mapping, e.g. ``("bands", 2, "from")``.
        code: a problem of the catalogue, ``scheme.rule_…``.
        params: for its words.
    """

    path: tuple[str | int, ...]
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def exact(value: object) -> Decimal | None:
    """A written number as the decimal it was written as; ``None`` for anything else, however much it looks like one."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number) > LARGEST or len(number.as_tuple().digits) > MOST_DIGITS:
        return None
    return number if abs(number.adjusted()) <= MOST_DIGITS else None


class ParameterReader:
    """The mapping of one rule, or of a part of it.

    Every parameter asked for is known; :meth:`close` reports those that nobody asked for. What is faulty is
    reported and read as something harmless, so that the rest can be looked at too.
    """

    def __init__(self, content: Mapping[str, Any], *, path: tuple[str | int, ...] = ()) -> None:
        self._content = content
        self._path = path
        self._asked: dict[str, None] = {}
        self._parts: list[ParameterReader] = []
        self._found: list[RuleFault] = []

    @property
    def faults(self) -> Iterator[RuleFault]:
        """Everything found so far, in this mapping and its parts."""
        yield from self._found
        for part in self._parts:
            yield from part.faults

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found yet."""
        return next(self.faults, None) is None

    def fault(self, name: str | int | None, code: str, **params: object) -> None:
        """Reports a fault of a parameter, or of the whole mapping."""
        path = self._path if name is None else (*self._path, name)
        self._found.append(RuleFault(path, code, {"name": ".".join(map(str, path)), **params}))

    def number(
        self, name: str, *, default: Decimal | None = None, least: Decimal | None = None, most: Decimal | None = None
    ) -> Decimal:
        """A number; without a default it must be there."""
        value = self._ask(name)
        if value is None:
            if default is None:
                self.fault(name, "scheme.rule_parameter_missing")
            return _ZERO if default is None else default
        return self._checked(name, value, least=least, most=most)

    def share(self, name: str, *, default: Decimal | None = None) -> Decimal:
        """A share of full marks, 0 to 1."""
        return self.number(name, default=default, least=_ZERO, most=_ONE)

    def word(self, name: str, allowed: Sequence[str], *, default: str) -> str:
        """One of some words."""
        value = self._ask(name)
        if value is None:
            return default
        if value not in allowed:
            self.fault(name, "scheme.rule_word_unknown", value=_short(value), allowed=", ".join(allowed))
            return default
        return str(value)

    def answer(self, name: str, *, default: bool) -> bool:
        """``yes`` or ``no``; ``true`` and ``false`` mean the same."""
        value = self._ask(name)
        if isinstance(value, bool):
            return value
        return self.word(name, (YES, NO), default=YES if default else NO) == YES

    def text(self, name: str) -> str:
        """Any words; they must be there."""
        value = self._ask(name)
        if not isinstance(value, str) or not value.strip():
            self.fault(name, "scheme.rule_parameter_missing")
            return ""
        return value

    def parts(self, name: str) -> tuple[ParameterReader, ...]:
        """A list of mappings, at least one."""
        value = self._ask(name)
        if not isinstance(value, list) or not value or not all(isinstance(part, Mapping) for part in value):
            self.fault(name, "scheme.rule_wrong_shape", expected="[{…}, …]")
            return ()
        return tuple(self._part(part, name, place) for place, part in enumerate(value))

    def shares(self, name: str) -> Mapping[str, Decimal]:
        """Named shares, at least one: ``{A: 1, B: 0.8}``."""
        value = self._ask(name)
        if not isinstance(value, Mapping) or not value:
            self.fault(name, "scheme.rule_wrong_shape", expected="{A: 1, B: 0.8, …}")
            return {}
        part = self._part(value, name)
        return {str(each): part.share(str(each)) for each in value}

    def peek(self, name: str) -> Any:
        """What stands there, whatever it is; ``None`` when nothing does."""
        return self._ask(name)

    def part(self, name: str) -> ParameterReader:
        """A mapping inside."""
        value = self._ask(name)
        if not isinstance(value, Mapping):
            self.fault(name, "scheme.rule_wrong_shape", expected="{…}")
            value = {}
        return self._part(value, name)

    def close(self) -> None:
        """Reports parameters that the rule does not have."""
        for name in self._content:
            if name not in self._asked and (self._path or name != KIND):
                self.fault(name, "scheme.rule_parameter_unknown", allowed=", ".join(self._asked))
        for part in self._parts:
            part.close()

    def _ask(self, name: str) -> Any:
        self._asked[name] = None
        return self._content.get(name)

    def _part(self, content: Mapping[str, Any], *path: str | int) -> ParameterReader:
        part = ParameterReader(content, path=(*self._path, *path))
        self._parts.append(part)
        return part

    def _checked(self, name: str, value: object, *, least: Decimal | None, most: Decimal | None) -> Decimal:
        number = exact(value)
        if number is None:
            self.fault(name, "scheme.rule_not_a_number", value=_short(value))
            return least or _ZERO
        if (least is not None and number < least) or (most is not None and number > most):
            bounds = f"{'' if least is None else least}–{'' if most is None else most}"
            self.fault(name, "scheme.rule_out_of_bounds", value=_short(value), allowed=bounds)
        return number


def _short(value: object) -> str:
    return str(value)[:40]
