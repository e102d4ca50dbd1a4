"""How much of a file is looked at: more for a larger file, which is also given more time.

A small file that unpacks to a great many things is left within the shortest time allowed; a large
one that really holds them is read. See `ReadingLimits.computing_seconds`;
`ingest.amounts` holds what the settings allow at most.
"""

from typing import Final

from ingest.amounts import amounts

#: Cells: a candidate's workbook has hundreds, an export of statistics thousands. A cell takes a
#: tenth of a millisecond and two kilobytes; six bytes of the file are rarely more than one.
_FEWEST_CELLS, _BYTES_PER_CELL = 60_000, 6
#: A .csv is not compressed, and its cells take thirty microseconds.
_MOST_PLAIN_CELLS, _BYTES_PER_PLAIN_CELL = 150_000, 24
#: Tags and attributes: each takes up to fifteen microseconds to read and, parsed, a hundred bytes.
#: Three hundred slides have half a million; office files have less than one a byte.
_FEWEST_MARKUP, _MARKUP_PER_BYTE = 600_000, 2
#: Read as it comes, an element costs so many times less: sheets full of empty cells are usual.
STREAMED_DIVISOR: Final = 4
_THIN_SPACE: Final = "\u202f"


def most_cells(size: int) -> int:
    """Cells that are read of a workbook of that many bytes."""
    return min(amounts().cells, max(_FEWEST_CELLS, size // _BYTES_PER_CELL))


def most_plain_cells(size: int) -> int:
    """Cells that are read of a .csv of that many bytes."""
    return min(
        _MOST_PLAIN_CELLS, amounts().cells, max(_FEWEST_CELLS, size // _BYTES_PER_PLAIN_CELL)
    )


def most_markup(size: int) -> int:
    """Tags and attributes that are parsed of a package of that many bytes."""
    return min(amounts().markup, max(_FEWEST_MARKUP, size * _MARKUP_PER_BYTE))


def counted(number: int) -> str:
    """« 2 000 000 », for messages."""
    return f"{number:,}".replace(",", _THIN_SPACE)
