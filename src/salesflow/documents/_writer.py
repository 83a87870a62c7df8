"""A document while it is written: blocks of Markdown in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from salesflow._arguments import language
from salesflow.documents._markdown import Md, bullets, inline, paragraphs, strong, table
from salesflow.domain import Missing
from salesflow.money import Money
from salesflow.terms import ANSWERS
from salesflow.text import Language, Text, both

RowT = TypeVar("RowT")

Value = str | date | Money | Sequence[str] | bool | None
"""A value of a record; None: not known, an empty sequence: somebody looked and found none."""


class Writer:
    """Collects the blocks of a document.

    Attributes:
        lang: The language of everything but people's own words.
    """

    def __init__(self, lang: Language) -> None:
        self.lang: Language = language(lang)
        self._blocks: list[Md] = []

    def t(self, *, en: str, zh: str) -> Md:
        """Words of ours, which need no escaping."""
        return Md(both(en=en, zh=zh).get(self.lang))

    def of(self, text: Text) -> Md:
        """A text of a record, of a playbook or of ours."""
        return inline(text.get(self.lang))

    @property
    def unknown(self) -> Md:
        """The mark of a value that is not known."""
        return strong(self.t(en="not known", zh="尚不清楚"))

    @property
    def not_yet(self) -> Md:
        """The mark of something that has not happened."""
        return strong(self.t(en="not yet", zh="尚未"))

    def say(self, value: Value) -> Md:
        """A value on one line; None is marked as not known."""
        match value:
            case None:
                return self.unknown
            case bool():
                return self.of(ANSWERS["yes" if value else "no"])
            case str():
                return inline(value)
            case date():
                return Md(value.isoformat())
            case Money():
                return Md(str(value))
            case _:
                return self.lines(map(inline, value)) if value else self.t(en="none", zh="无")

    def term(self, terms: Mapping[str, Text], value: str | None) -> Md:
        """A value that is one of a few terms; None is marked as not known."""
        return self.unknown if value is None else self.of(terms[value])

    def several(self, texts: Sequence[str]) -> Md:
        """Some texts, each on its line; where there are none, they are marked as not known."""
        return self.say(texts or None)

    def named(self, name: str, terms: Mapping[str, Text], value: str | None) -> Md:
        """A name, and below it the term that says what sort it is."""
        return self.lines([inline(name), self.term(terms, value)])

    def pair(self, label: Md, words: Md) -> Md:
        """`label: words`."""
        return Md(f"{label}{self.t(en=': ', zh='：')}{words}")

    def lines(self, parts: Iterable[Md]) -> Md:
        """Several lines in one cell."""
        return Md("<br>".join(parts))

    def heading(self, level: int, words: Md) -> None:
        """A heading."""
        self._blocks.append(Md(f"{'#' * level} {words}"))

    def paragraph(self, words: Md) -> None:
        """A paragraph of ours."""
        self._blocks.append(words)

    def note(self, label: Text, value: str | date | None) -> None:
        """A labelled text in full, or a day; None is marked as not known."""
        if not isinstance(value, str):
            self.fact(label, value)
            return
        first, *more = paragraphs(value)
        self._blocks += [self.pair(strong(self.of(label)), first), *more]

    def fact(self, label: Text, value: Value) -> None:
        """A labelled value on one line."""
        self.labelled(label, self.say(value))

    def labelled(self, label: Text, words: Md) -> None:
        """Labelled Markdown on one line."""
        self._blocks.append(self.pair(strong(self.of(label)), words))

    def bullets(self, items: Iterable[Md]) -> None:
        """A list; nothing where there are no items."""
        listed = list(items)
        if listed:
            self._blocks.append(bullets(listed))

    def table(self, rows: Iterable[RowT], *columns: tuple[Text, Callable[[RowT], Md]]) -> None:
        """A table of some things, by columns with a heading and a cell.

        Nothing without rows, and no column of which every cell is empty.
        """
        cells = [[cell(row) for _, cell in columns] for row in rows]
        kept = [at for at in range(len(columns)) if any(row[at] for row in cells)]
        if kept:
            head = [self.of(columns[at][0]) for at in kept]
            self._blocks.append(table(head, [[row[at] for at in kept] for row in cells]))

    def row(self, *cells: tuple[Text, Md]) -> None:
        """A table of one row, given as headings with their cells."""
        headings = [self.of(heading) for heading, _ in cells]
        self._blocks.append(table(headings, [[cell for _, cell in cells]]))

    def missing(self, gaps: Sequence[Missing]) -> None:
        """What a section lacks, as a list to tick off."""
        if gaps:
            self._blocks.append(strong(self.t(en="Still missing", zh="尚缺")))
            self._blocks.append(bullets(Md(f"[ ] {self.of(gap)}") for gap in gaps))

    def markdown(self) -> str:
        """The document so far."""
        return "\n\n".join(self._blocks) + "\n"
