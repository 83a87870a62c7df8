"""A handbook while it is written: how it names parts, roles and stages, and says rules in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from salesflow import terms
from salesflow.documents._markdown import Md, code, escaped, inline, strong
from salesflow.documents._writer import Writer
from salesflow.facts import Fact
from salesflow.playbook import ApprovalRow, Playbook, SizeRow, Span
from salesflow.playbook._fact_words import fact_words
from salesflow.playbook._span_words import span_words
from salesflow.rules import Rule
from salesflow.rules._verbalize import sentence
from salesflow.rules.ast import And
from salesflow.text import Language, Text, both

MARK: Final = Md("◇")
"""Stands behind everything that is the author's reading."""
OWN: Final = Md("◆")
"""Stands behind everything that a variant adds to what it extends, or changes in it."""

_IN_A_ROW: Final = 2
_STOP: Final = both(en="; ", zh="；")
_OR: Final = both(en=" or ", zh="或")


class Written(NamedTuple):
    """A rule as its author wrote it.

    Attributes:
        of: The key of what it is a rule of.
        part: What it says there: `rule`, `when` and the like.
        rule: The rule.
    """

    of: str
    part: str
    rule: Rule


class Page(Writer):
    """A writer that knows the playbook.

    Attributes:
        playbook: The playbook.
        rules: Every rule that was said in words, for the authors' part at the end.
        marked: Whether something was marked as the author's reading.
        marked_own: Whether something was marked as a variant's own.
    """

    def __init__(self, playbook: Playbook, lang: Language) -> None:
        super().__init__(lang)
        self.playbook = playbook
        self.rules: list[Written] = []
        self.marked = False
        self.marked_own = False
        self._names: Mapping[str, Text] = fact_words(playbook)

    def mark(self, words: Md, reading: object, *own: tuple[str, ...]) -> Md:
        """The words, marked where they are the author's reading, or a variant's own.

        Args:
            words: The words.
            reading: Whether they are the author's reading.
            own: Where the part may be that they are of, as `Extended.is_own` takes it.
        """
        extended = self.playbook.extends
        is_own = extended is not None and any(extended.is_own(*place) for place in own)
        self.marked = self.marked or bool(reading)
        self.marked_own = self.marked_own or is_own
        return Md(" ".join([words, *([MARK] if reading else []), *([OWN] if is_own else [])]))

    def titled(
        self,
        title: Text,
        key: str,
        *own: tuple[str, ...],
        reading: object = False,
        more: Md | None = None,
    ) -> Md:
        """A title with its key below it, for a cell; `own` as of `mark`."""
        below = f"{code(key)} · {more}" if more else code(key)
        return self.lines([self.mark(self.of(title), reading, *own), Md(below)])

    def with_key(self, words: Md, key: str) -> Md:
        """Words with a key behind them, for a sentence or a list."""
        return self.t(en=f"{words} ({code(key)})", zh=f"{words}（{code(key)}）")

    def quoted(self, title: Text, key: str) -> Md:
        """A title in quotation marks, with its key behind it."""
        return self.with_key(Md(f"“{self.of(title)}”"), key)

    def raised(self, title: Text) -> Md:
        """A title from inside a sentence as one of its own."""
        words = title.get(self.lang)
        return inline(words[:1].upper() + words[1:])

    def role(self, key: str) -> Md:
        """What a role is called."""
        found = self.playbook.roles.get(key)
        return inline(key) if found is None else self.of(found.title)

    def roles(self, keys: Iterable[str], between: Text | None = None) -> Md:
        """What roles are called, one after the other."""
        titles = [self.role(key) for key in keys]
        if between is not None:
            return Md(between.get(self.lang).join(titles))
        return Md(terms.joined(titles, self.lang))

    def places(self, keys: Iterable[str]) -> Md:
        """What stages and sub-stages are called, one of which is meant."""
        *others, last = (self.place(key) for key in keys)
        listed = terms.joined(others, self.lang)
        return Md(f"{listed}{_OR.get(self.lang)}{last}") if others else last

    def place(self, key: str) -> Md:
        """What a stage or a sub-stage is called, in quotation marks."""
        title = self._names.get(f"stage={key}") or self._names.get(f"sub_stage={key}")
        return inline(f"“{key}”") if title is None else Md(f"“{self.of(title)}”")

    def fact_named(self, name: str) -> Md:
        """What a fact is called, with its name."""
        title = self._names.get(name)
        return code(name) if title is None else self.with_key(self.of(title), name)

    def choice(self, fact: Fact, word: str) -> Md:
        """A word that a fact may be: what people call it, with the word."""
        title = fact.choice_titles.get(word)
        return code(word) if title is None else self.with_key(self.of(title), word)

    def rule(self, rule: Rule, of: str, part: str = "rule") -> Md:
        """A rule in words; as it is written it stands at the end of the handbook.

        Args:
            rule: The rule.
            of: The key of what it is a rule of.
            part: What the format calls it there.
        """
        self.rules.append(Written(of, part, rule))
        node = rule.node
        parts = node.items if isinstance(node, And) and len(node.items) > _IN_A_ROW else (node,)
        said = (escaped(sentence(part, self.lang, self._names)) for part in parts)
        return self.sentences(said)

    def only_where(self, rule: Rule, of: str) -> Md:
        """What something applies to."""
        words = self.rule(rule, of, "when")
        return self.t(en=f"Only where {words}", zh=f"仅适用于：{words}")

    def number(self, number: float) -> Md:
        """A number as a person reads it."""
        return Md(f"{number:,.15g}")

    def share(self, share: float) -> Md:
        """A share of one in percent."""
        return Md(self.t(en=f"{share * 100:.15g} %", zh=f"{share * 100:.15g}%"))

    def days(self, days: int) -> Md:
        """A number of days."""
        return self.span(Span(days=days))

    def span(self, span: Span | None, *, every: bool = False) -> Md:
        """A length of time; after "every" without its number where that is one."""
        words = span_words(span, every=every)
        return Md(words) if isinstance(words, str) else self.of(words)

    def sentences(self, parts: Iterable[Md]) -> Md:
        """Parts of one sentence."""
        return Md(_STOP.get(self.lang).join(part for part in parts if part))

    def keyed(self, key: str) -> None:
        """The key of what a heading is about."""
        self.labelled(both(en="Key", zh="键名"), code(key))

    def first_row(self) -> None:
        """How rows of a policy are read."""
        self.paragraph(
            self.t(
                en="The first row that fits a deal decides.", zh="从上往下，以第一条符合的为准。"
            )
        )

    def row_of(self, row: ApprovalRow | SizeRow, of: str, number: int) -> Md:
        """The deals that a row of a policy is for."""
        holds = self.rule(row.when, f"{of}, {number}", "when")
        if row.title is None:
            return self.mark(holds, row.reading)
        return self.lines([self.mark(self.of(row.title), row.reading), holds])

    def label(self, words: Md) -> None:
        """Words in bold above a table."""
        self.paragraph(strong(words))

    def below(self, label: Md, items: Iterable[Md]) -> None:
        """A label in bold with a list below it; nothing where there are no items."""
        listed = list(items)
        if listed:
            self.label(label)
            self.bullets(listed)
