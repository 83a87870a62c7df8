"""From a checked document to the values of a playbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from salesflow.facts import Facts
from salesflow.playbook._moves import edges
from salesflow.playbook._parts import Part, implicit, title_of
from salesflow.playbook._values import (
    Band,
    Cadence,
    Checklist,
    Criterion,
    CriterionKind,
    Guidance,
    Hygiene,
    Instrument,
    Move,
    Position,
    Question,
    Reason,
    Role,
    Scorecard,
    ScoreItem,
    Section,
    SizeRow,
    Span,
    Stage,
    SubStage,
)
from salesflow.rules import Rule
from salesflow.rules._nodes import And, Constant, Flag, Node, Not, Or
from salesflow.text import Text

__all__ = [
    "cadences",
    "checklists",
    "fact_titles",
    "hygiene",
    "instruments",
    "moves",
    "positions",
    "reasons",
    "required_instruments",
    "roles",
    "scorecards",
    "size_policy",
    "stages",
]

T = TypeVar("T")


def frozen(items: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    """A mapping that nobody can change."""
    return MappingProxyType(dict(items))


def roles(document: Part) -> Mapping[str, Role]:
    """Declared roles, or those that are named where none is declared."""
    declared = [(part["key"], Role(**part)) for part in document["roles"]]
    used = [(key, Role(key=key, title=title_of(key))) for key in implicit(document, "roles")]
    return frozen([*declared, *used])


def _sections(parts: tuple[Part, ...]) -> tuple[Section, ...]:
    return tuple(Section(**part) for part in parts)


def checklists(document: Part) -> Mapping[str, Checklist]:
    """Checklists, by key."""
    return frozen(
        (
            part["key"],
            Checklist(
                key=part["key"],
                title=part["title"] or title_of(part["key"]),
                source=part["source"],
                sections=_sections(part["sections"]),
                questions=tuple(Question(**question) for question in part["questions"]),
            ),
        )
        for part in document["checklists"]
    )


def scorecards(document: Part) -> Mapping[str, Scorecard]:
    """Scorecards, by key; an item without a title has that of the question it asks for."""
    titles = fact_titles(document)
    return frozen((part["key"], _scorecard(part, titles)) for part in document["scorecards"])


def _scorecard(part: Part, titles: Mapping[str, Text]) -> Scorecard:
    items = tuple(
        ScoreItem(
            key=item["key"],
            title=item["title"] or titles.get(item["rule"].text) or title_of(item["key"]),
            rule=item["rule"],
            weight=item["weight"],
            knock_out=item["knock_out"],
        )
        for item in part["items"]
    )
    bands = [
        Band(key=band["key"], title=band["title"] or title_of(band["key"]), min=band["min"])
        for band in part["bands"]
    ]
    return Scorecard(
        key=part["key"],
        title=part["title"] or title_of(part["key"]),
        items=items,
        bands=tuple(sorted(bands, key=lambda band: band.min)),
        total=sum(item.weight for item in items),
    )


def instruments(document: Part) -> Mapping[str, Instrument]:
    """Declared instruments, or those that the size policy names where none is declared."""
    declared = [
        (part["key"], Instrument(**{**part, "sections": _sections(part["sections"])}))
        for part in document["instruments"]
    ]
    used = implicit(document, "instruments")
    return frozen([*declared, *((key, Instrument(key=key, title=title_of(key))) for key in used)])


def fact_titles(document: Part) -> Mapping[str, Text]:
    """Titles of declared facts that have one, and of questions."""
    declared = ((part["name"], part["title"]) for part in document["facts"] if part["title"])
    asked = (
        (f"{checklist['key']}.{question['key']}", question["title"])
        for checklist in document["checklists"]
        for question in checklist["questions"]
    )
    return frozen([*declared, *asked])


def size_policy(document: Part) -> tuple[SizeRow, ...]:
    """The rows, in order."""
    return tuple(SizeRow(**row) for row in document["size_policy"])


def required_instruments(
    keys: Iterable[str], rows: tuple[SizeRow, ...], facts: Facts
) -> Mapping[str, Rule]:
    """For each instrument the rule that it is required: the first row to hold asks for it."""
    ways: dict[str, list[Node]] = {key: [] for key in keys}
    earlier: list[Node] = []
    for row in rows:
        first: Node = And((*earlier, row.when.node)) if earlier else row.when.node
        for key in row.instruments:
            ways[key].append(first)
        earlier.append(Not(row.when.node))
    return frozen((key, Rule.of(_any(nodes), facts)) for key, nodes in ways.items())


def _any(nodes: list[Node]) -> Node:
    return Constant(value=False) if not nodes else nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def all_complete(required: Mapping[str, Rule], facts: Facts) -> Rule:
    """Every instrument that is required is done."""
    nodes: list[Node] = [
        Or((Not(rule.node), Flag(f"done.{key}")))
        for key, rule in required.items()
        if rule.node != Constant(value=False)
    ]
    whole = (
        Constant(value=True) if not nodes else nodes[0] if len(nodes) == 1 else And(tuple(nodes))
    )
    return Rule.of(whole, facts)


class _Criteria:
    """Makes criteria; the derived rule that several of them share is made once."""

    def __init__(self, required: Mapping[str, Rule], facts: Facts) -> None:
        self._required = required
        self._facts = facts
        self._complete: Rule | None = None

    def __call__(self, parts: tuple[Part, ...]) -> tuple[Criterion, ...]:
        return tuple(self._criterion(part) for part in parts)

    def _criterion(self, part: Part) -> Criterion:
        key = part["key"]
        kind: CriterionKind
        rule: Rule | None
        if part["rule"] is not None:
            kind, rule = "computed", part["rule"]
        elif part["instruments"]:
            if self._complete is None:
                self._complete = all_complete(self._required, self._facts)
            kind, rule = "instruments", self._complete
        elif part["decision"] is not None:
            kind, rule = "decision", Rule.of(Flag(f"done.{key}"), self._facts)
        else:
            kind, rule = "attested", None
        return Criterion(
            key=key,
            title=part["title"],
            kind=kind,
            rule=rule,
            check_rule=rule or Rule.of(Flag(f"done.{key}"), self._facts),
            by=part["by"],
            advisory=part["advisory"],
            note=part["note"],
            scorecard=part["decision"],
        )


def stages(
    document: Part, required: Mapping[str, Rule], facts: Facts, final: set[str]
) -> tuple[Stage, ...]:
    """The stages, in order; `final` holds the positions where a deal may end."""
    criteria = _Criteria(required, facts)
    return tuple(_stage(part, criteria, final) for part in document["stages"])


def _stage(part: Part, criteria: _Criteria, final: set[str]) -> Stage:
    sub_stages = tuple(
        SubStage(**{**sub, "entry": criteria(sub["entry"]), "exit": criteria(sub["exit"])})
        for sub in part["sub_stages"]
    )
    return Stage(
        **{
            **part,
            "final": (sub_stages[-1].key if sub_stages else part["key"]) in final,
            "entry": criteria(part["entry"]),
            "exit": criteria(part["exit"]),
            "sub_stages": sub_stages,
            "duties": frozen((duty["role"], duty["items"]) for duty in part["duties"]),
            "guidance": Guidance(**(part["guidance"] or {})),
        }
    )


def positions(stages: tuple[Stage, ...]) -> tuple[Position, ...]:
    """Where a deal can be, in order."""
    found: list[Position] = []
    for stage in stages:
        if not stage.sub_stages:
            found.append(
                Position(
                    key=stage.key,
                    stage=stage,
                    sub_stage=None,
                    entry=stage.entry,
                    exit=stage.exit,
                    cycle=stage.cycle,
                    probability=stage.probability,
                    max_days=stage.max_days,
                )
            )
        for i, sub in enumerate(stage.sub_stages):
            is_last = i == len(stage.sub_stages) - 1
            found.append(
                Position(
                    key=sub.key,
                    stage=stage,
                    sub_stage=sub,
                    entry=(*stage.entry, *sub.entry) if i == 0 else sub.entry,
                    exit=(*sub.exit, *stage.exit) if is_last else sub.exit,
                    cycle=stage.cycle if sub.cycle is None else sub.cycle,
                    probability=stage.probability if sub.probability is None else sub.probability,
                    max_days=stage.max_days if sub.max_days is None else sub.max_days,
                )
            )
    return tuple(found)


def moves(document: Part) -> tuple[Move, ...]:
    """The moves; from each position, its main one first."""
    return tuple(
        Move(source=source, target=target)
        if part is None
        else Move(source=source, target=target, title=part["title"], rule=part["rule"])
        for source, target, part in edges(document)
    )


def cadences(document: Part) -> tuple[Cadence, ...]:
    """The cadences, in order."""
    return tuple(
        Cadence(
            **{
                **part,
                "trigger": part["trigger"] or ("stage_entered" if part["stages"] else "started"),
                **{way: _span(part[way]) for way in ("every", "within", "ahead")},
            }
        )
        for part in document["cadences"]
    )


def _span(part: Part | None) -> Span | None:
    return None if part is None else Span(**{unit: count or 0 for unit, count in part.items()})


def reasons(document: Part) -> Mapping[str, Reason]:
    """Reasons for an end without a win, by key."""
    return frozen((part["key"], Reason(**part)) for part in document["reasons"])


def hygiene(document: Part) -> Hygiene:
    """The limits of the hygiene checks."""
    return Hygiene(**(document["hygiene"] or {}))
