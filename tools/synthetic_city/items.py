"""Item sheets: choice items under the two-parameter logistic model, open items under generalized partial credit.

Two-parameter logistic: P(right) = 1 / (1 + exp(−a(θ − b))) (Birnbaum 1968). Generalized partial credit: P(k marks) is
proportional to exp(Σ_{v ≤ k} a(θ − b_v)) for k = 0 … m (Muraki 1992, Applied Psychological Measurement 16, 159–176). The
items are a paper of their own: they measure the ability behind the item subject's mark, and need not add up to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tools.synthetic_city.settings import CitySettings
from tools.synthetic_city.streams import Floats, Integers, Streams

OPTIONS = ("A", "B", "C", "D")
BLANK = len(OPTIONS)
CHOICE_MARK = 3
_BLANK_RATE = 0.02
_OPEN_MARKS = (4, 6, 8, 10, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One item with its true parameters.

    Args:
        code: column name.
        full_mark: marks for a full answer.
        discrimination: a.
        difficulties: b of a choice item, b₁ … b_m of an open one.
        right_option: index of the right option; ``None`` for an open item.
        key: index of the option that is marked as right; differs where the key is bad.
        distractors: shares of the other options among wrong answers that are not blank, in order.
    """

    code: str
    full_mark: int
    discrimination: float
    difficulties: tuple[float, ...]
    right_option: int | None = None
    key: int | None = None
    distractors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Answers of some candidates.

    Args:
        marks: shape (items, candidates).
        options: shape (choice items, candidates); 4 is blank.
    """

    marks: NDArray[np.int8]
    options: NDArray[np.int8]


def paper(streams: Streams, settings: CitySettings, *, bad_key_item: int) -> tuple[Item, ...]:
    """The items: first those of choice, then the open ones."""
    return tuple(
        _choice(streams, number, is_bad=number == bad_key_item) for number in range(settings.choice_items)
    ) + tuple(_open(streams, settings.choice_items + number, number) for number in range(settings.open_items))


def respond(
    streams: Streams,
    items: tuple[Item, ...],
    *,
    ability: Floats,
    place: Integers,
    copied: tuple[int, Integers] | None,
    copied_rate: float,
) -> Responses:
    """Answers of candidates.

    Args:
        ability: θ of each.
        place: number of each in the city.
        copied: positions of a source and of those who copy its choice items, each item with ``copied_rate``.
    """
    choices = [item for item in items if item.right_option is not None]
    marks = np.zeros((len(items), len(place)), np.int8)
    options = np.zeros((len(choices), len(place)), np.int8)
    for position, item in enumerate(items):
        draw = streams.uniform(f"item.{item.code}", place)
        if item.right_option is None:
            marks[position] = _partial_credit(item, ability, draw)
            continue
        chosen = _chosen(item, item.right_option, ability, draw)
        if copied is not None:
            source, copiers = copied
            copies = streams.uniform(f"item.copy.{item.code}", place[copiers]) < copied_rate
            chosen[copiers[copies]] = chosen[source]
        options[position] = chosen
        marks[position] = item.full_mark * (chosen == item.key)
    return Responses(marks, options)


def item_table(items: tuple[Item, ...]) -> pl.DataFrame:
    """True parameters: ``item, model, full_mark, discrimination, difficulties, right_option, key``."""
    letters = [None if item.right_option is None else OPTIONS[item.right_option] for item in items]
    return pl.DataFrame(
        {
            "item": [item.code for item in items],
            "model": ["partial_credit" if item.key is None else "two_parameter_logistic" for item in items],
            "full_mark": [item.full_mark for item in items],
            "discrimination": [item.discrimination for item in items],
            "difficulties": [list(item.difficulties) for item in items],
            "right_option": pl.Series(letters, dtype=pl.String),
            "key": pl.Series([None if item.key is None else OPTIONS[item.key] for item in items], dtype=pl.String),
        }
    )


def _choice(streams: Streams, number: int, *, is_bad: bool) -> Item:
    place = np.array([number])
    right = int(streams.below("item.key", place, len(OPTIONS))[0])
    weights = 0.3 + streams.uniform("item.distractors", np.arange(3) + 3 * number)
    # A bad key is an option that somebody who knows the answer would not choose.
    key = (right + 1 + int(streams.below("item.bad_key", place, 3)[0])) % len(OPTIONS) if is_bad else right
    return Item(
        code=f"q{number + 1:02d}",
        full_mark=CHOICE_MARK,
        discrimination=float(np.clip(np.exp(0.1 + 0.25 * streams.normal("item.discrimination", place)[0]), 0.7, 2.0)),
        difficulties=(float(np.clip(-0.5 + 0.8 * streams.normal("item.difficulty", place)[0], -2.0, 1.5)),),
        right_option=right,
        key=key,
        distractors=tuple(float(weight) for weight in weights / weights.sum()),
    )


def _open(streams: Streams, number: int, among_open: int) -> Item:
    place = np.array([number])
    full = _OPEN_MARKS[among_open % len(_OPEN_MARKS)]
    center = 0.6 * float(streams.normal("item.difficulty", place)[0])
    return Item(
        code=f"q{number + 1:02d}",
        full_mark=full,
        discrimination=0.4 + 0.5 * float(streams.uniform("item.discrimination", place)[0]),
        difficulties=tuple(float(step) for step in center + np.linspace(-1.2, 1.2, full)),
    )


def _chosen(item: Item, right_option: int, ability: Floats, draw: Floats) -> NDArray[np.int8]:
    right = 1 / (1 + np.exp(-item.discrimination * (ability - item.difficulties[0])))
    # One draw decides all: below P(right) the right option, the rest of the interval is shared by blank and distractors.
    rest = (draw - right) / (1 - right)
    bounds = _BLANK_RATE + (1 - _BLANK_RATE) * np.concatenate([[0.0], np.cumsum(item.distractors)[:-1]])
    others = [option for option in range(len(OPTIONS)) if option != right_option]
    answers = np.array([BLANK, *others], np.int8)[np.searchsorted(bounds, rest, side="right")]
    return np.where(draw < right, np.int8(right_option), answers)


def _partial_credit(item: Item, ability: Floats, draw: Floats) -> NDArray[np.int8]:
    exponents = np.zeros((item.full_mark + 1, len(ability)))
    for step, difficulty in enumerate(item.difficulties, start=1):
        exponents[step] = exponents[step - 1] + item.discrimination * (ability - difficulty)
    exponents -= exponents.max(axis=0)
    cumulative = np.exp(exponents).cumsum(axis=0)
    marks: NDArray[np.int8] = (draw * cumulative[-1] > cumulative[:-1]).sum(axis=0).astype(np.int8)
    return marks
