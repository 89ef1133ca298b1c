"""Accounts in nearly the same words among different pupils, without comparing each with each (SCORING §7c.2).

Texts are sets of three-character pieces; how alike two are is the share of their pieces they have in common (Jaccard).
Sets A and B reach a share of t only if, all pieces put into one order, the first |A| − ⌈t·|A|⌉ + 1 of A and as many of B
have one in common (prefix filtering; Chaudhuri, Ganti and Kaushik 2006, Bayardo, Ma and Srikant 2007). Rare pieces come
first, so that few texts share one; what the marks of two texts do not rule out is compared exactly. MinHash would find most
such pairs, this finds all.
Where more texts than :data:`COMPARED` share a piece (a pattern handed out to a whole grade), each is compared with the next
ones of its length alone, which links what is near without comparing each with each.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shared.scoring.forensics.base import Finding, FindingKind, Parameters, compared, findings_of

COMPARED = 32
_COMMON_PIECES, _NEIGHBORS = 2, 4
_AT_ONCE, _TEXTS_AT_ONCE = 50_000, 4_096
_POINT, _TEXT = 21, 32
_MARKS, _ODD = 512, np.uint64(0x9E3779B97F4A7C15)
Whole = NDArray[np.int64]


def near_copies(records: pl.DataFrame, files: pl.DataFrame, parameters: Parameters) -> list[Finding]:
    """One finding for every group of texts, each near to another of the group, that are of several pupils."""
    del files
    own = records.filter("is_own").select("record", "student", text=compared("text"))
    own = own.filter(pl.col("text").str.len_chars() >= max(parameters.least_characters, 3))
    texts = own["text"].unique().sort()
    one, other, share = near_pairs(texts, least=parameters.least_similarity)
    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(texts.len(), texts.len()))
    group = connected_components(links, directed=False)[1] if texts.len() else np.zeros(0, np.int32)
    grouped = (
        own.join(pl.DataFrame({"text": texts, "group": pl.Series(group, dtype=pl.Int64)}), on="text")
        .group_by("group")
        .agg(
            records=pl.col("record"),
            students=pl.col("student"),
            pupils=pl.col("student").n_unique(),
            texts=pl.col("text").n_unique(),
        )
        .filter(pl.col("pupils") > 1)
    )
    shares = pl.DataFrame({"group": pl.Series(group[one], dtype=pl.Int64), "share": share})
    spread = shares.group_by("group").agg(least=pl.col("share").min(), most=pl.col("share").max())
    told = grouped.join(spread, on="group", how="left").with_columns(
        # Without links all texts of a group are the same.
        least_similarity=pl.col("least").fill_null(1.0),
        # So are those of more records than texts.
        most_similarity=pl.when(pl.col("records").list.len() > pl.col("texts")).then(1.0).otherwise("most"),
    )
    return findings_of(FindingKind.NEAR_TEXT, told.drop("group", "least", "most"))


def near_pairs(texts: pl.Series, *, least: float) -> tuple[Whole, Whole, NDArray[np.float64]]:
    """Pairs of different texts that reach a share of common pieces.

    Args:
        texts: distinct, of three characters at least.
        least: above 0, up to 1.

    Returns:
        Positions of the one and the other, the smaller first, and their share.
    """
    pieces = _Pieces(texts)
    first, second = _candidates(pieces, least)
    shared = np.concatenate(
        [np.zeros(0, np.int64)]
        + [
            pieces.shared(first[at : at + _AT_ONCE], second[at : at + _AT_ONCE])
            for at in range(0, len(first), _AT_ONCE)
        ]
    )
    share = shared / (pieces.size[first] + pieces.size[second] - shared)
    near = share >= least
    return first[near], second[near], share[near]


class _Pieces:
    """Distinct pieces of every text, the rarest first: ``text << bits | rank``, ascending."""

    def __init__(self, texts: pl.Series) -> None:
        points = np.frombuffer("".join(texts.to_list()).encode("utf-32-le"), np.uint32).astype(np.int64)
        owner = np.repeat(np.arange(texts.len()), texts.str.len_chars().to_numpy())
        # Three code points of 21 bits fit into 63: no two pieces are mistaken for one.
        codes = points[:-2] << 2 * _POINT | points[1:-1] << _POINT | points[2:]
        inside = owner[:-2] == owner[2:]
        _, place, count = np.unique(codes[inside], return_inverse=True, return_counts=True)
        rank = np.empty(len(count), np.int64)
        rank[np.argsort(count, kind="stable")] = np.arange(len(count))
        self.bits = max(len(count), 1).bit_length()
        keys = np.sort(owner[:-2][inside] << self.bits | rank[place])
        self.keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
        self.owner = self.keys >> self.bits
        self.rank = self.keys & (1 << self.bits) - 1
        self.size = np.bincount(self.owner, minlength=texts.len()).astype(np.int64)
        self.start = np.cumsum(self.size) - self.size
        self.left = (self.start + self.size)[self.owner] - np.arange(len(self.keys))
        self.marks = self._marks(texts.len())

    def _marks(self, texts: int) -> NDArray[np.uint64]:
        """512 bits a text, each flipped by every piece that falls on it: so many as differ, as many pieces do at least."""
        bit = (self.rank.astype(np.uint64) * _ODD >> np.uint64(64 - _MARKS.bit_length() + 1)).astype(np.int64)
        packed = []
        for first in range(0, texts, _TEXTS_AT_ONCE):
            count = min(_TEXTS_AT_ONCE, texts - first)
            begin, end = np.searchsorted(self.owner, (first, first + count))
            cells = (self.owner[begin:end] - first) * _MARKS + bit[begin:end]
            odd = (np.bincount(cells, minlength=count * _MARKS) & 1).astype(np.uint8)
            packed.append(np.packbits(odd.reshape(count, _MARKS), axis=1).view(np.uint64))
        return np.concatenate(packed) if packed else np.zeros((0, _MARKS // 64), np.uint64)

    def may_be_near(self, first: Whole, second: Whole, least: float) -> NDArray[np.bool_]:
        """Whether the marks of pairs leave room for enough pieces in common; never false for what is near."""
        parts = [np.zeros(0, np.bool_)]
        for at in range(0, len(first), _AT_ONCE):
            one, other = first[at : at + _AT_ONCE], second[at : at + _AT_ONCE]
            differing = np.bitwise_count(self.marks[one] ^ self.marks[other]).sum(axis=1, dtype=np.int64)
            size = self.size[one] + self.size[other]
            parts.append((size - differing) / 2 >= least / (1 + least) * size - 1e-9)
        return np.concatenate(parts)

    def shared(self, first: Whole, second: Whole) -> Whole:
        """How many pieces pairs of texts have in common."""
        size = self.size[first]
        pair = np.repeat(np.arange(len(first)), size)
        place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + self.start[first][pair]
        wanted = second[pair] << self.bits | self.rank[place]
        found = np.searchsorted(self.keys, wanted)
        hit = self.keys[np.minimum(found, len(self.keys) - 1)] == wanted
        return np.bincount(pair[hit], minlength=len(first)).astype(np.int64)


def _candidates(pieces: _Pieces, least: float) -> tuple[Whole, Whole]:
    """Pairs that may be near: one of their rarest pieces in common, and nothing that rules them out."""
    needed = np.ceil(least * pieces.size - 1e-9).astype(np.int64)
    place = np.arange(len(pieces.keys)) - pieces.start[pieces.owner]
    early = np.flatnonzero(place <= (pieces.size - needed)[pieces.owner])
    is_common = np.bincount(pieces.rank[early], minlength=1)[pieces.rank[early]] > COMPARED
    found = _neighbors(pieces, early[~is_common], steps=COMPARED, least=least)
    # Of common pieces the rarest ones of every text are enough to link what was written after one pattern.
    common = early[is_common]
    turn = np.arange(len(common)) - np.searchsorted(pieces.owner[common], pieces.owner[common])
    found += _neighbors(pieces, common[turn < _COMMON_PIECES], steps=_NEIGHBORS, least=least)
    pairs = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    # By the larger number, so that looking up its pieces stays in one place.
    return pairs & (1 << _TEXT) - 1, pairs >> _TEXT


def _neighbors(pieces: _Pieces, early: Whole, *, steps: int, least: float) -> list[Whole]:
    """``high << 32 | low`` of texts that have a piece in common and may be near, among the next ones of their length."""
    order = np.lexsort((pieces.owner[early], pieces.size[pieces.owner[early]], pieces.rank[early]))
    owner, rank, left = (values[early][order] for values in (pieces.owner, pieces.rank, pieces.left))
    found, at = [], np.arange(len(owner))
    for step in range(1, steps + 1):
        at = at[at + step < len(owner)]
        at = at[rank[at] == rank[at + step]]
        if not len(at):
            break
        one, other = owner[at], owner[at + step]
        size = pieces.size[one] + pieces.size[other]
        # Of the first piece in common it holds that all the others come after it in both.
        is_possible = np.minimum(left[at], left[at + step]) >= least / (1 + least) * size - 1e-9
        low, high = np.minimum(one, other)[is_possible], np.maximum(one, other)[is_possible]
        may_be = pieces.may_be_near(low, high, least)
        found.append(np.unique(high[may_be] << _TEXT | low[may_be]))
    return found
