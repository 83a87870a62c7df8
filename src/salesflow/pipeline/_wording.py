"""Small parts of sentences and tables that every room of the pipeline writes."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from salesflow.errors import closest

_LISTED: Final = 12
_FEW: Final = 8


def amount_of(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    Example:
        >>> amount_of(1, "row"), amount_of(2_000, "row"), amount_of(2, "key stands", "keys stand")
        ('1 row', '2,000 rows', '2 keys stand')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def near(name: object, known: Iterable[object], otherwise: str = "") -> str:
    """The hint for an unknown name: the nearest one that there is, or all that there are.

    Example:
        >>> near("amout", ["amount", "owner"]), near("x", ["amount", "owner"])
        ('did you mean "amount"?', 'there are amount, owner')
    """
    names = [str(item) for item in known]
    found = closest(name if isinstance(name, str) else str(name), names)
    if found:
        return f'did you mean "{found}"?'
    return otherwise or f"there are {', '.join(names[:_LISTED]) or 'none'}"


def some_of(names: Sequence[str]) -> str:
    """The first few of many names."""
    return f"{', '.join(names[:_FEW])}{', …' if len(names) > _FEW else ''}"


def aligned(table: Sequence[Sequence[str]], left: Collection[int] = (0, -1)) -> list[str]:
    """Columns under each other, to the right but for those named."""
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    to_the_left = {number % len(widths) for number in left}
    lines = []
    for row in table:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(cell + space if number in to_the_left else space + cell)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    # A Chinese character is two columns wide on a terminal.
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
