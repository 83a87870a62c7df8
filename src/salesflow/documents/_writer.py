"""A document while it is written: blocks of Markdown in one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from salesflow.documents._markdown import Md, bullets, inline, paragraphs, strong, table
from salesflow.documents._words import WORDS, Choice
from salesflow.domain.plans.completeness import Missing
from salesflow.errors import UnknownName
from salesflow.money import Money
from salesflow.text import LANGUAGES, Language, Text

Said = str | date | Money | Sequence[str] | bool | None
"""What a field of a record may say; None: not known, an empty sequence: there are none."""

_DEEPEST: Final = 6


class Writer:
    """Collects the blocks of a document.

    Attributes:
        lang: The language of everything that is not somebody's own words.
    """

    def __init__(self, lang: Language) -> None:
        if lang not in LANGUAGES:
            raise UnknownName("language", lang, LANGUAGES)
        self.lang: Language = lang
        self._blocks: list[Md] = []

    def t(self, en: str, zh: str) -> Md:
        """Our own words; they need no escaping."""
        return Md(zh if self.lang == "zh" else en)

    def of(self, text: Text) -> Md:
        """A text of a record or a playbook."""
        return inline(text.get(self.lang))

    @property
    def unknown(self) -> Md:
        """What stands where nothing is known."""
        return strong(self.t("not known", "尚不清楚"))

    @property
    def not_yet(self) -> Md:
        """What stands where something has not happened."""
        return strong(self.t("not yet", "尚未"))

    @property
    def nothing(self) -> Md:
        """What stands where somebody looked and there was nothing."""
        return self.t("none", "无")

    def say(self, value: Said, words: Choice | None = None) -> Md:
        """A value on one line; what is not known is marked.

        Args:
            value: What the record says.
            words: The choice that the value is one of.
        """
        if value is None:
            return self.unknown
        if isinstance(value, bool):
            return self.of(WORDS["answer"]["yes" if value else "no"])
        if isinstance(value, str):
            return inline(value) if words is None else self.of(WORDS[words][value])
        if isinstance(value, date):
            return Md(value.isoformat())
        if isinstance(value, Money):
            return Md(str(value))
        return Md("<br>".join(inline(each) for each in value)) if value else self.nothing

    def pair(self, label: Md, words: Md) -> Md:
        """`label: words`."""
        return Md(f"{label}{self.t(': ', '：')}{words}")

    def lines(self, parts: Iterable[Md]) -> Md:
        """Several lines in one cell."""
        return Md("<br>".join(parts))

    def heading(self, level: int, words: Md) -> None:
        """A heading."""
        self._blocks.append(Md(f"{'#' * min(level, _DEEPEST)} {words}"))

    def paragraph(self, words: Md) -> None:
        """A paragraph of our own."""
        self._blocks.append(words)

    def note(self, label: Md, text: str | None, *, asked: bool = True) -> None:
        """A labelled text in full; where nothing is known it is marked, if it is asked for."""
        if text is None:
            if asked:
                self._blocks.append(self.pair(strong(label), self.unknown))
            return
        first, *more = paragraphs(text)
        self._blocks += [self.pair(strong(label), first), *more]

    def fact(self, label: Md, value: Said, words: Choice | None = None) -> None:
        """A labelled value on one line."""
        self._blocks.append(self.pair(strong(label), self.say(value, words)))

    def bullets(self, items: Iterable[Md]) -> None:
        """A list; nothing where there is no item."""
        listed = list(items)
        if listed:
            self._blocks.append(bullets(listed))

    def table(self, head: Sequence[Md], rows: Iterable[Sequence[Md]]) -> None:
        """A table; nothing where there is no row."""
        listed = list(rows)
        if listed:
            self._blocks.append(table(head, listed))

    def missing(self, gaps: Sequence[Missing]) -> None:
        """What a section lacks, as a list to tick off."""
        if gaps:
            self._blocks.append(strong(self.t("Still missing", "尚缺")))
            self._blocks.append(bullets(Md(f"[ ] {self.of(gap)}") for gap in gaps))

    def markdown(self) -> str:
        """The document so far."""
        return "\n\n".join(self._blocks) + "\n"
