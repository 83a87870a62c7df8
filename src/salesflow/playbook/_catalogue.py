"""The facts of a playbook: the standard ones, those it declares, and those that its parts bring."""

from __future__ import annotations

from typing import Final

from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.playbook._parts import Part, criteria, each, implicit, named, positions
from salesflow.playbook._questions import fact_of
from salesflow.playbook._shape import Log

_DERIVED: Final = ("done", "waived", "approval", "score", "reached")
RESERVED: Final = frozenset({*_DERIVED, *(name.partition(".")[0] for name in STANDARD_FACTS)})
"""First parts of facts that no checklist may be called like."""
_COUNTS: Final = ("asked", "unknown")


def catalogue(document: Part) -> Facts:
    """The facts that a playbook's rules may name."""
    stages = tuple(named(document["stages"]))
    sub_stages = tuple(
        part["key"] for _, _, part in positions(document) if part is not None and part["key"]
    )
    facts = [
        Fact("stage", FactKind.CHOICE, stages),
        Fact("sub_stage", FactKind.CHOICE, sub_stages),
        *(Fact(f"reached.{key}", FactKind.FLAG) for key in (*stages, *sub_stages)),
    ]
    for checklist in named(document["checklists"]).values():
        key = checklist["key"]
        facts += [fact_of(key, question) for question in named(checklist["questions"]).values()]
        facts += [Fact(f"{key}.{count}", FactKind.NUMBER) for count in _COUNTS]
    for _, criterion in criteria(document):
        facts.append(Fact(f"done.{criterion['key']}", FactKind.FLAG))
        facts.append(Fact(f"waived.{criterion['key']}", FactKind.FLAG))
    instruments = (*named(document["instruments"]), *implicit(document, "instruments"))
    facts += [Fact(f"done.{key}", FactKind.FLAG) for key in instruments]
    roles = (*named(document["roles"]), *implicit(document, "roles"))
    facts += [Fact(f"approval.{key}", FactKind.FLAG) for key in roles]
    for key in named(document["scorecards"]):
        facts += [Fact(f"score.{key}.{end}", FactKind.NUMBER) for end in ("low", "high")]
    for _, fact in each(document["facts"], "facts"):
        if fact["name"] and fact["kind"] and fact["name"] not in STANDARD_FACTS:
            facts.append(
                Fact(fact["name"], FactKind(fact["kind"]), tuple(filter(None, fact["choices"])))
            )
    return STANDARD_FACTS.extended(facts)


def check_names(document: Part, log: Log) -> None:
    """Note facts and checklists whose names are taken."""
    seen: dict[str, str] = {}
    prefixes = {*_DERIVED, *named(document["checklists"])}
    for path, fact in each(document["facts"], "facts"):
        name = fact["name"]
        if name is None:
            continue
        if name in STANDARD_FACTS:
            kind = STANDARD_FACTS[name].kind
            log.add(
                f"{path}.name",
                f'"{name}" is a standard fact, of kind {kind}',
                "use it as it is, or choose another name",
                "duplicate",
            )
        elif name.partition(".")[0] in prefixes:
            log.add(
                f"{path}.name",
                f'names that begin with "{name.partition(".")[0]}." are given by the playbook',
                "choose another name",
                "duplicate",
            )
        elif name in seen:
            log.add(
                f"{path}.name", f'"{name}" is declared already at {seen[name]}', "", "duplicate"
            )
        seen.setdefault(name, path)
        if fact["choices"] and fact["kind"] not in (None, FactKind.CHOICE):
            log.add(f"{path}.choices", "only a fact of kind choice has choices", "", "conflict")
        if len(set(fact["choices"])) < len(fact["choices"]):
            log.add(f"{path}.choices", "a choice is listed twice", "", "duplicate")
    for path, checklist in each(document["checklists"], "checklists"):
        if checklist["key"] in RESERVED:
            log.add(
                f"{path}.key",
                f'facts that begin with "{checklist["key"]}." exist already',
                "choose another key",
                "duplicate",
            )
        for question_path, question in each(checklist["questions"], f"{path}.questions"):
            if question["key"] in _COUNTS:
                log.add(
                    f"{question_path}.key",
                    f'"{checklist["key"]}.{question["key"]}" is a count of the checklist',
                    "choose another key",
                    "duplicate",
                )
