"""Rows of the tables that sales people keep in spreadsheets, read and written by their headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import ClassVar, Final, Self
from unicodedata import normalize

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from salesflow._arguments import language, mapping
from salesflow._data import read_data
from salesflow._wording import in_our_words, refusal
from salesflow.domain._base.record import Record
from salesflow.text import LANGUAGES, Language, Text, both

_TWICE: Final = PydanticCustomError(
    "column_twice", "another column has this meaning already; keep one of them"
)

# What begins so is a formula; an apostrophe before it, which may be there already, says it is none.
_FORMULA: Final = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")


def headings_of(package: str | None, table: str) -> Mapping[str, Text]:
    """The headings of a table of ours, from a file of a package."""
    columns = read_data(package, "headings.toml")[table]
    return {name: both(**heading) for name, heading in columns.items()}


def _plain(heading: str) -> str:
    # A spreadsheet writes （万元） or (万元), "Owner" or "owner ": these are the same column.
    return normalize("NFKC", heading).casefold().replace(" ", "")


def _text_of(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    try:
        missing = cell is None or bool(cell != cell)  # noqa: PLR0124 - NaN differs from itself
    except (TypeError, ValueError):  # pandas.NA cannot be compared with itself
        missing = True
    if missing:
        return ""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def unrun(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what somebody wrote is not to be run.

    Example:
        >>> unrun("=1+1"), unrun("a=1")
        ("'=1+1", 'a=1')
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


class TableRow(Record):
    """One row of a table; each column is a field with a heading in both languages.

    Attributes:
        headings: The heading of each column, in the order of the table.
        words: For a column with a fixed choice, how each value is written in a cell.
    """

    headings: ClassVar[Mapping[str, Text]] = {}
    words: ClassVar[Mapping[str, Mapping[str, Text]]] = {}

    @classmethod
    def from_cells(cls, cells: Mapping[str, object]) -> Self:
        """A row from its cells by heading, in English, in Chinese, or by field name.

        Blank cells, None and NaN count as missing. Dates are written 2026-01-31; dates and numbers
        as spreadsheet readers give them are accepted as well. The apostrophe that `cells` writes
        before what looks like a formula is taken off.

        Raises:
            ArgumentError: `cells` is not a mapping.
            ValidationError: A column is not of this table or stands twice, or a cell is wrong.
        """
        fields = dict[str, object]()
        seen = set[str]()
        twice = list[InitErrorDetails]()
        names = {_plain(title): name for name, title in cls._titles()}
        for heading, cell in mapping(cells, "cells").items():
            name = names.get(_plain(str(heading)), str(heading))
            text = _unquoted(_text_of(cell))
            if name in seen:
                twice.append({"type": _TWICE, "loc": (str(heading),), "input": text})
            elif text or name not in cls.model_fields:
                fields[name] = cls._read(name, text)
            seen.add(name)
        try:
            row = cls.model_validate(fields)
        except ValidationError as error:
            raise in_our_words(error, cls, also=twice) from None
        if twice:
            raise refusal(cls.__name__, twice, len(twice))
        return row

    def cells(self, lang: Language = "zh") -> dict[str, str]:
        """The cell under each heading in `lang`; an empty text where nothing is known.

        A text that a spreadsheet would take for a formula has an apostrophe before it.

        Raises:
            UnknownName: There is no such language.
        """
        lang = language(lang)
        return {
            title.get(lang): unrun(self._write(name, getattr(self, name), lang))
            for name, title in self.headings.items()
        }

    @classmethod
    def known_headings(cls) -> tuple[str, ...]:
        """Every heading that a column may have, in English and in Chinese."""
        return tuple(heading for _, heading in cls._titles())

    @classmethod
    def _titles(cls) -> list[tuple[str, str]]:
        titles = [
            (name, title.get(lang)) for name, title in cls.headings.items() for lang in LANGUAGES
        ]
        return [*titles, *((name, name) for name in cls.headings)]

    @classmethod
    def _read(cls, name: str, text: str) -> object:
        for value, words in cls.words.get(name, {}).items():
            if _plain(text) in {_plain(words.get(lang)) for lang in LANGUAGES}:
                return value
        return text

    def _write(self, name: str, value: object, lang: Language) -> str:
        if value is None:
            return ""
        if isinstance(value, date):
            return value.isoformat()
        words = self.words.get(name, {}).get(str(value))
        return words.get(lang) if words else str(value)
