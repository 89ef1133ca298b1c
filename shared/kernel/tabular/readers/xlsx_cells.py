"""One streaming pass over a worksheet's XML: where its cells lie, and what the spreadsheet library would hide.

The library turns error cells and formulas without a cached value into blanks and numbers into shortened text, and a single
stray cell makes it reserve the whole rectangle. So this pass runs first, refuses stray cells, and remembers positions.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from xml.parsers import expat

from shared.kernel.tabular.columns import TableLimits
from shared.kernel.tabular.readers.xlsx_parts import StartHandler, guarded_parser, scan_part
from shared.terms.errors import DomainError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column index (0 → ``A``, 26 → ``AA``)."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = LETTERS[digit] + letters
    return letters


def column_index(letters: str) -> int:
    """Column index of spreadsheet letters; raises ``DomainError`` for anything else."""
    if not 1 <= len(letters) <= 3 or any(letter not in LETTERS for letter in letters):
        raise DomainError("table.unreadable", params={"format": "XLSX"})
    index = 0
    for letter in letters:
        index = index * 26 + LETTERS.index(letter) + 1
    return index - 1


@dataclass(slots=True)
class SheetCells:
    """What one worksheet holds, by row (1-based) and column (0-based).

    Args:
        numeric: rows of number cells, per column.
        errors: row, column and text of error cells (``#N/A``).
        formulas: row and column of formula cells.
    """

    numeric: dict[int, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("I")))
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    last_row: int = 0
    first_column: int = 2**31
    last_column: int = -1


def scan_cells(content: bytes, limits: TableLimits) -> SheetCells:
    """Scan a worksheet part.

    Raises:
        DomainError: ``table.cell_outside``, ``table.too_many_cells``, ``table.unsafe_content``, ``table.unreadable``.
    """
    cells = SheetCells()
    parser = guarded_parser()
    parser.StartElementHandler = _element_handler(cells, limits, parser)
    scan_part(content, parser)
    if cells.last_row * max(cells.last_column + 1, 1) > limits.cells:
        raise DomainError("table.too_many_cells", params={"limit": limits.cells})
    return cells


def _element_handler(cells: SheetCells, limits: TableLimits, parser: expat.XMLParserType) -> StartHandler:
    """The handler of every start tag. It runs millions of times, hence one closure over local variables."""
    row = 0
    row_text = "0"
    width = 1
    column = -1
    kind: str | None = None
    index_of: dict[str, int] = {}
    numeric = cells.numeric

    def start(tag: str, attributes: list[str]) -> None:
        nonlocal row, row_text, width, column, kind
        if tag == "v":
            if row != cells.last_row or not cells.first_column <= column <= cells.last_column:
                _note_content(cells, row, column, limits=limits)
            if kind is None or kind == "n":
                numeric[column].append(row)
            elif kind == "e":
                _gather_error(cells, row, column, parser=parser)
        elif tag == "c":
            reference = None
            kind = None
            for position in range(0, len(attributes), 2):
                if attributes[position] == "r":
                    reference = attributes[position + 1]
                elif attributes[position] == "t":
                    kind = attributes[position + 1]
            if reference is None:
                column += 1
                return
            found = index_of.get(reference[:-width])
            if found is None:
                found = index_of[reference[:-width]] = column_index(reference[:-width])
            # Cells out of order are where two parsers would disagree about what stands where.
            if found <= column or reference[-width:] != row_text:
                raise DomainError("table.unreadable", params={"format": "XLSX"})
            column = found
        elif tag == "row":
            row = _row_number(attributes, row)
            row_text, column = str(row), -1
            width = len(row_text)
        elif tag == "f" or tag == "is":
            _note_content(cells, row, column, limits=limits)
            if tag == "f":
                cells.formulas.append((row, column))
        elif ":" in tag:
            start(tag.rpartition(":")[2], attributes)

    return start


def _row_number(attributes: list[str], previous: int) -> int:
    for position in range(0, len(attributes), 2):
        if attributes[position] == "r":
            text = attributes[position + 1]
            if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > previous:
                return int(text)
            raise DomainError("table.unreadable", params={"format": "XLSX"})
    return previous + 1


def _note_content(cells: SheetCells, row: int, column: int, *, limits: TableLimits) -> None:
    """The cell is not merely a style: it counts towards the used rectangle."""
    if row > limits.rows + 1 or column >= limits.columns:
        most = {"rows": limits.rows + 1, "columns": limits.columns}
        raise DomainError("table.cell_outside", params={"row": row, "cell": f"{column_letters(column)}{row}", **most})
    cells.last_row = row
    cells.first_column = min(cells.first_column, column)
    cells.last_column = max(cells.last_column, column)


def _gather_error(cells: SheetCells, row: int, column: int, *, parser: expat.XMLParserType) -> None:
    """Collect the text of an error cell until its element ends."""
    texts: list[str] = []

    def finish(_tag: str) -> None:
        parser.CharacterDataHandler = None
        parser.EndElementHandler = None
        cells.errors.append((row, column, "".join(texts)[:20]))

    parser.CharacterDataHandler = texts.append
    parser.EndElementHandler = finish
