"""Pure decisions about exclusions: which reasons there are, and what each must be supported by."""

from __future__ import annotations

from collections.abc import Mapping

from shared.terms.codes import code_lists

#: A pupil without a row, or a row without a pupil.
PUPIL_REASONS: Mapping[str, str] = {item.code: item.zh for item in code_lists()["exclusion_reasons"].items}
ROW_REASONS: Mapping[str, str] = {item.code: item.zh for item in code_lists()["unlinked_row_reasons"].items}
#: Reasons that rest on a paper somebody can ask to see.
NEEDS_DOCUMENT = frozenset({"suspended", "exempt_by_document"})
#: A reason that says nothing by itself.
NEEDS_NOTE = frozenset({"other"})
NOTE_LENGTH = (5, 200)
