"""The facts of a playbook: the standard ones, those it declares, and those that its parts bring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.playbook._document import implicit
from salesflow.playbook._model_tracks import NOT_APPLICABLE
from salesflow.playbook._parts import RawTable, criteria, named
from salesflow.playbook._questions import fact_of
from salesflow.playbook._shape import ProblemLog

_DERIVED: Final = ("done", "waived", "approval", "score", "reached", "track")
# First parts of facts that no checklist may be called like.
_RESERVED: Final = frozenset({*_DERIVED, *(name.partition(".")[0] for name in STANDARD_FACTS)})
_COUNTS: Final = ("asked", "unknown")


def catalogue(document: RawTable) -> Facts:
    """The facts that a playbook's rules may name."""
    return STANDARD_FACTS.extended(list(_facts(document)))


def _facts(document: RawTable) -> Iterator[Fact]:
    all_stages = document.tables("stages")
    stages = tuple(named(all_stages))
    sub_stages = tuple(
        key
        for stage in all_stages
        for sub in stage.tables("sub_stages")
        if (key := sub.name("key"))
    )
    yield Fact("stage", FactKind.CHOICE, stages)
    yield Fact("sub_stage", FactKind.CHOICE, sub_stages)
    for key in (*stages, *sub_stages):
        yield Fact(f"reached.{key}", FactKind.FLAG)
    for key, checklist in named(document.tables("checklists")).items():
        for question in named(checklist.tables("questions")).values():
            yield fact_of(key, question)
        for count in _COUNTS:
            yield Fact(f"{key}.{count}", FactKind.NUMBER)
    approvals = named(document.tables("approvals"))
    for criterion in criteria(document):
        yield Fact(f"done.{criterion['key']}", FactKind.FLAG)
        yield Fact(f"waived.{criterion['key']}", FactKind.FLAG)
        policy = approvals.get(criterion.name("approval") or "")
        for row in policy.tables("rows") if policy else ():
            for role in row.names("roles"):
                yield Fact(f"approval.{criterion['key']}.{role}", FactKind.FLAG)
    for key in (*named(document.tables("instruments")), *implicit(document, "instruments")):
        yield Fact(f"done.{key}", FactKind.FLAG)
    for key in (*named(document.tables("roles")), *implicit(document, "roles")):
        yield Fact(f"approval.{key}", FactKind.FLAG)
    for key in named(document.tables("scorecards")):
        for end in ("low", "high"):
            yield Fact(f"score.{key}.{end}", FactKind.NUMBER)
    for key, track in named(document.tables("tracks")).items():
        states = tuple(named(track.tables("states")))
        sometimes = () if track["when"] is None else (NOT_APPLICABLE,)
        yield Fact(f"track.{key}", FactKind.CHOICE, (*states, *sometimes))
        yield Fact(f"track.{key}.entered_on", FactKind.DAY)
    for fact in document.tables("facts"):
        name, kind = fact.name("name"), fact.name("kind")
        if name and kind and name not in STANDARD_FACTS:
            yield Fact(name, FactKind(kind), fact.names("choices"))


def check_names(document: RawTable, log: ProblemLog) -> None:
    """Note facts and checklists whose names are taken."""
    prefixes = {*_DERIVED, *named(document.tables("checklists"))}
    for fact in document.tables("facts"):
        name = fact.name("name") or ""
        prefix = name.partition(".")[0]
        if name in STANDARD_FACTS:
            message = f'"{name}" is a standard fact, of kind {STANDARD_FACTS[name].kind}'
            hint = "use it as it is, or choose another name"
            log.add(fact.at("name"), message, hint, "duplicate")
        elif prefix in prefixes:
            message = f'names that begin with "{prefix}." are given by the playbook'
            log.add(fact.at("name"), message, "choose another name", "duplicate")
        if fact["choices"] and fact["kind"] not in (None, FactKind.CHOICE):
            log.add(fact.at("choices"), "only a fact of kind choice has choices", "", "conflict")
    for checklist in document.tables("checklists"):
        key = checklist["key"]
        if key in _RESERVED:
            message = f'facts that begin with "{key}." exist already'
            log.add(checklist.at("key"), message, "choose another key", "duplicate")
        for question in checklist.tables("questions"):
            if question["key"] in _COUNTS:
                message = f'"{key}.{question["key"]}" is a count of the checklist'
                log.add(question.at("key"), message, "choose another key", "duplicate")
