"""Statements that hold of every deal, or of every deal at the place where a rule is asked.

A rule that contradicts one of them never holds, though no part of the rule is wrong by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from salesflow.errors import RuleError
from salesflow.facts import BUYING_ROLES, FactKind, Facts
from salesflow.playbook._parts import RawTable, exits
from salesflow.playbook._visited import Visited
from salesflow.rules import Rule
from salesflow.rules.ast import (
    REACHED,
    And,
    Compare,
    Flag,
    Known,
    Name,
    Node,
    Not,
    Number,
    Or,
    Today,
    Words,
)

_PAST: Final = frozenset({"created_on", "entered_stage_on", "entered_sub_stage_on", "closed_on"})


class Invariant(NamedTuple):
    """A statement that always holds, as a rule and as half a sentence."""

    rule: Rule
    words: str


class _Place(NamedTuple):
    """Where a deal is while a rule is asked."""

    stage: str | None
    sub_stage: str | None
    position: str
    entering: bool = False


class Invariants:
    """Statements that hold of the facts of a document, and at the places of its rules."""

    def __init__(self, document: RawTable, facts: Facts) -> None:
        self._facts = facts
        self._rules: dict[Node, Rule] = {}  # thousands of rules may read one fact
        self._ranges = dict(_ranges(facts))
        self._places = dict(_places(document))
        self._visited = Visited(document)
        self._states = {
            criterion.at("rule"): (f"track.{track['key']}", str(state["key"]))
            for track in document.tables("tracks")
            for state in track.tables("states")
            for criterion in state.tables("entry")
        }

    def of(self, rule: Rule, path: str) -> tuple[Invariant, ...]:
        """The statements about the facts that this rule reads, at the place where it stands."""
        return (*self.of_values(rule), *self.of_place(rule, path))

    def usual(self, rule: Rule) -> tuple[Invariant, ...]:
        """What nothing enforces, but no deal is otherwise: to ask for it is no mistake."""
        return self._stated(_as_usual(rule))

    def of_place(self, rule: Rule, path: str) -> tuple[Invariant, ...]:
        """The statements that hold only of deals at the place where this rule stands."""
        place = self._places.get(path)
        there = [] if place is None else [*self._at(place, rule)]
        track, state = self._states.get(path, ("", ""))
        if track in rule.facts:
            node = Compare((Name(track, FactKind.CHOICE), Words(state)), ("!=",))
            there.append((node, f'{track} is not "{state}" before it moves there'))
        return self._stated(there)

    def of_values(self, rule: Rule) -> tuple[Invariant, ...]:
        """The statements about the values that the facts of this rule can have anywhere."""
        stated: list[tuple[Node, str]] = []
        for name in sorted(rule.facts & self._ranges.keys()):
            least, most = self._ranges[name]
            kind = self._facts[name].kind if name in self._facts else FactKind.NUMBER
            stated.append((_within(name, kind, least, most), _range_words(name, least, most)))
        return self._stated(stated)

    def _stated(self, stated: Iterable[tuple[Node, str]]) -> tuple[Invariant, ...]:
        try:
            return tuple(Invariant(self._rule(node), words) for node, words in stated)
        except RuleError:
            return ()  # the document has errors, or numbers that no rule can write

    def _rule(self, node: Node) -> Rule:
        if node not in self._rules:
            self._rules[node] = Rule.of(node, self._facts)
        return self._rules[node]

    def _at(self, place: _Place, rule: Rule) -> Iterator[tuple[Node, str]]:
        for name, key in (("stage", place.stage), ("sub_stage", place.sub_stage)):
            if key is not None and name in rule.facts and not place.entering:
                yield _is(name, key), f'{name} is "{key}" there'
        if "ended" in rule.facts and not place.entering:
            yield Not(Flag("ended")), "no deal that is there has ended"
        at, entering = place.position, place.entering
        for name in sorted(rule.facts):
            key = name.removeprefix(REACHED)
            if key != name and not self._visited.may_have_been(key, at, entering=entering):
                yield Not(Flag(name)), f'no deal that is there has been in "{key}"'
        if "outcome" in rule.facts and not entering:
            if self._visited.may_be_won(at, entering=entering):
                open_ = Or((_is("outcome", "none"), _is("outcome", "won")))
                yield open_, "no deal that is there is lost"
            else:
                yield _is("outcome", "none"), "no deal that is there is won or lost"


def _is(name: str, key: str) -> Node:
    return Compare((Name(name, FactKind.CHOICE), Words(key)), ("==",))


def _within(name: str, kind: FactKind, least: float | None, most: float | None) -> Node:
    fact = Name(name, kind)
    limits: list[Node] = []
    if least is not None:
        limits.append(Compare((fact, Number(least)), (">=",)))
    if most is not None:
        limits.append(Compare((fact, Number(most)), ("<=",)))
    parts: tuple[Node, ...] = (Not(Known(fact)), And(tuple(limits)))
    return Or(parts)


def _range_words(name: str, least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"{name} is from {least:g} to {most:g}"
    if least == 0:
        return f"{name} is never negative"
    return f"{name} is at least {least:g}" if most is None else f"{name} is at most {most:g}"


def _as_usual(rule: Rule) -> Iterator[tuple[Node, str]]:
    for name in sorted(rule.facts & _PAST):
        day = Name(name, FactKind.DAY)
        parts: tuple[Node, ...] = (Not(Known(day)), Compare((day, Today()), ("<=",)))
        yield Or(parts), f"{name} is never in the future"
    if "amount" in rule.facts:
        yield _within("amount", FactKind.MONEY, 0.0, None), "amount is never negative"


def _ranges(facts: Facts) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    counts = ("close_date_pushes", "contacts.total", *(f"contacts.{key}" for key in BUYING_ROLES))
    yield from ((name, (0.0, None)) for name in counts)
    for fact in facts.values():
        if (fact.low, fact.high) != (None, None):
            yield fact.name, (fact.low, fact.high)


def _places(document: RawTable) -> Iterator[tuple[str, _Place]]:
    """The place that a deal is in while a rule is asked, by the rule's path."""
    last: dict[str, str] = {}
    stage_of: dict[str, str | None] = {}
    for stage in document.tables("stages"):
        parts = stage.tables("sub_stages")
        for place in (stage, *parts):
            key, sub_stage = str(place["key"]), None if place is stage else place.name("key")
            stage_of[key] = stage.name("key")
            last[key] = str(parts[-1]["key"]) if parts and place is stage else key
            first = str(parts[0]["key"]) if parts and place is stage else key
            for criterion in exits(place):
                here = _Place(stage.name("key"), sub_stage, last[key])
                yield from _asked(criterion, here)
            for criterion in place.tables("entry"):
                here = _Place(stage.name("key"), sub_stage, first, entering=True)
                yield from _asked(criterion, here)
    for move in document.tables("moves"):
        source = str(move["from"])
        if source in stage_of and not move["new_deal"]:
            here = _Place(stage_of[source], None, last[source])
            yield move.at("rule"), here
            for criterion in move.tables("criteria"):
                yield from _asked(criterion, here)


def _asked(criterion: RawTable, place: _Place) -> Iterator[tuple[str, _Place]]:
    yield criterion.at("rule"), place
    yield criterion.at("when"), place
