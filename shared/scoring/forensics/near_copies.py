"""Accounts in nearly the same words among different pupils, without comparing each with each (SCORING §7c.2).

Texts are sets of three-character pieces; how alike two are is the share of their pieces they have in common (Jaccard).
Sets A and B reach a share of t only if, all pieces put into one order, the first |A| − ⌈t·|A|⌉ + 1 of A and as many of B
have one in common (prefix filtering; Chaudhuri, Ganti and Kaushik 2006, Bayardo, Ma and Srikant 2007). Rare pieces come
first, so that few texts share one; those that do are compared exactly. MinHash would find most such pairs, this finds all.
Where more texts than :data:`COMPARED` share a piece, each is compared with the next ones of its length alone.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shared.scoring.forensics.base import Finding, FindingKind, Parameters, compared, findings_of

COMPARED = 64
_AT_ONCE = 50_000
_POINT = 21
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
    """Pairs that have one of their rarest pieces in common and are of nearly the same length."""
    needed = np.ceil(least * pieces.size - 1e-9).astype(np.int64)
    place = np.arange(len(pieces.keys)) - pieces.start[pieces.owner]
    early = place <= (pieces.size - needed)[pieces.owner]
    owner, rank = pieces.owner[early], pieces.rank[early]
    order = np.lexsort((owner, pieces.size[owner], rank))
    owner, rank = owner[order], rank[order]
    count = math.ceil(math.log2(max(len(pieces.size), 2)))
    found = np.zeros(0, np.int64)
    at = np.arange(len(owner))
    for step in range(1, COMPARED + 1):
        at = at[at + step < len(owner)]
        at = at[rank[at] == rank[at + step]]
        if not len(at):
            break
        small, large = owner[at], owner[at + step]
        alike = pieces.size[small] >= least * pieces.size[large] - 1e-9
        low, high = np.minimum(small, large)[alike], np.maximum(small, large)[alike]
        found = np.union1d(found, low << count | high)
    return found >> count, found & (1 << count) - 1
