"""Statements that hold of every deal, or of every deal at the place where a rule is asked.

A rule that contradicts one of them never holds, though no part of the rule is wrong by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from salesflow.errors import RuleError
from salesflow.facts import FactKind, Facts
from salesflow.playbook._parts import RawTable, questions_of
from salesflow.rules import Rule
from salesflow.rules.ast import And, Compare, Flag, Known, Name, Node, Not, Number, Or, Words


class Invariant(NamedTuple):
    """A statement that always holds, as a rule and as half a sentence."""

    rule: Rule
    words: str


class Invariants:
    """Statements that hold of the facts of a document, and at the places of its rules."""

    def __init__(self, document: RawTable, facts: Facts) -> None:
        self._facts = facts
        self._ranges = dict(_ranges(document))
        self._places = dict(_places(document))
        self._states = {
            criterion.at("rule"): (f"track.{track['key']}", str(state["key"]))
            for track in document.tables("tracks")
            for state in track.tables("states")
            for criterion in state.tables("entry")
        }

    def of(self, rule: Rule, path: str) -> tuple[Invariant, ...]:
        """The statements about the facts that this rule reads, at the place where it stands."""
        stated: list[tuple[Node, str]] = []
        for name in sorted(rule.facts & self._ranges.keys()):
            least, most = self._ranges[name]
            kind = self._facts[name].kind if name in self._facts else FactKind.NUMBER
            stated.append((_within(name, kind, least, most), _range_words(name, least, most)))
        track, state = self._states.get(path, ("", ""))
        if track in rule.facts:
            node = Compare((Name(track, FactKind.CHOICE), Words(state)), ("!=",))
            stated.append((node, f'{track} is not "{state}" before it moves there'))
        stage, sub_stage = self._places.get(path, (None, None))
        for name, key in (("stage", stage), ("sub_stage", sub_stage)):
            if key is not None and name in rule.facts:
                node = Compare((Name(name, FactKind.CHOICE), Words(key)), ("==",))
                stated.append((node, f'{name} is "{key}" there'))
        if stage is not None and "ended" in rule.facts:
            stated.append((Not(Flag("ended")), "no deal that is there has ended"))
        try:
            return tuple(Invariant(Rule.of(node, self._facts), words) for node, words in stated)
        except RuleError:
            return ()  # the document has errors, or numbers that no rule can write


def _within(name: str, kind: FactKind, least: float | None, most: float | None) -> Node:
    fact = Name(name, kind)
    limits: list[Node] = []
    if least is not None:
        limits.append(Compare((fact, Number(least)), (">=",)))
    if most is not None:
        limits.append(Compare((fact, Number(most)), ("<=",)))
    return Or((Not(Known(fact)), And(tuple(limits))))


def _range_words(name: str, least: float | None, most: float | None) -> str:
    ends = [f"{word} {end:g}" for word, end in (("at least", least), ("at most", most)) if end]
    return f"{name} is {' and '.join(ends) or 'never negative'}"


def _ranges(document: RawTable) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    yield "probability", (0.0, 1.0)
    for checklist in document.tables("checklists"):
        number = float(len(checklist.tables("questions")))
        for count in ("asked", "unknown"):
            yield f"{checklist['key']}.{count}", (0.0, number)
    for name, question in questions_of(document).items():
        ends = (question.number("min"), question.number("max"))
        if ends != (None, None):
            yield name, ends


def _places(document: RawTable) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    """The stage and sub-stage that a deal is in while a rule is asked, by the rule's path."""
    stage_of: dict[str | None, str | None] = {}
    for stage in document.tables("stages"):
        for place in (stage, *stage.tables("sub_stages")):
            sub_stage = None if place is stage else place.name("key")
            stage_of[place.name("key")] = stage.name("key")
            for criterion in place.tables("exit"):
                yield criterion.at("rule"), (stage.name("key"), sub_stage)
    for move in document.tables("moves"):
        if move.name("from") in stage_of and not move["new_deal"]:
            for table in (move, *move.tables("criteria")):
                yield table.at("rule"), (stage_of[move.name("from")], None)
