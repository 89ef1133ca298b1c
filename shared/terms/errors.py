"""Errors of the domain: what went wrong, in words that know nothing of HTTP.

An error names a ``code`` of the problem catalogue (``problems.yaml``); the catalogue holds its kind, its title and
sentence in Chinese and English, how to mend it and who must act. Raising code never writes prose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the caller's input.

    Args:
        code: a fault code of the catalogue, e.g. ``mark.above_full_mark``.
        pointer: where in a JSON body (RFC 6901), or ``None`` for rows of a file.
        row: row number in the caller's file, as the caller counts (header = 1), or ``None``.
        column: the caller's column name, or ``None``.
        value: the offending value, shortened; never a name or an identity number.
        allowed: what would have been accepted, as text.
        source_id: the caller's own key of the row, so that it can be found again.
        params: values for the catalogue's sentence.
    """

    code: str
    pointer: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    allowed: str | None = None
    source_id: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)


class DomainError(Exception):
    """A refusal that the caller can understand and act on.

    Args:
        code: a problem code of the catalogue, e.g. ``exam.kind_not_allowed``.
        params: values for the catalogue's sentences.
        faults: every fault found, not only the first.
        fault_count: how many there are when ``faults`` holds only the first of them.
        links: further addresses worth following, by name (``errors_url``).
    """

    def __init__(
        self,
        code: str,
        *,
        params: Mapping[str, object] | None = None,
        faults: Sequence[Fault] = (),
        fault_count: int | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.faults = tuple(faults)
        self.fault_count = len(self.faults) if fault_count is None else fault_count
        self.links = dict(links or {})
