"""From a checked document to the values of a playbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from salesflow.facts import FactKind, Facts
from salesflow.playbook._cards import Range, questions_of, range_of
from salesflow.playbook._criteria import Criteria
from salesflow.playbook._model_assets import (
    Band,
    Cadence,
    Checklist,
    Hygiene,
    Instrument,
    Reason,
    Scorecard,
    ScoreItem,
    Section,
    SizeRow,
    Span,
)
from salesflow.playbook._model_process import (
    Criterion,
    Form,
    Guidance,
    Migration,
    Move,
    Position,
    Role,
    Stage,
    SubStage,
)
from salesflow.playbook._moves import edges, loops
from salesflow.playbook._parts import Part, implicit, title_of
from salesflow.playbook._questions import Question
from salesflow.rules import Rule
from salesflow.rules.ast import Compare, Name, Number
from salesflow.text import Text

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


def questions(checklists: Mapping[str, Checklist]) -> Mapping[str, Question]:
    """Every question by the name of its fact."""
    return frozen(
        (f"{checklist.key}.{question.key}", question)
        for checklist in checklists.values()
        for question in checklist.questions
    )


def scorecards(document: Part, facts: Facts) -> Mapping[str, Scorecard]:
    """Scorecards, by key; an item without a title has that of the question it asks for."""
    titles = fact_titles(document)
    asked = questions_of(document)
    sections = {
        f"{checklist['key']}.{question['key']}": Section(**section)
        for checklist in document["checklists"]
        for section in checklist["sections"]
        for question in checklist["questions"]
        if question["section"] == section["key"]
    }

    def item(part: Part) -> ScoreItem:
        least, most, _ = range_of(part, asked) or Range(0.0, 1.0, whole=True)
        name = part["points"]
        rule = part["rule"] or _above(name, least, facts)
        read = sorted(rule.facts, key=rule.text.find)
        return ScoreItem(
            key=part["key"],
            title=part["title"] or titles.get(name or rule.text) or title_of(part["key"]),
            rule=rule,
            weight=part["weight"],
            knock_out=part["knock_out"],
            points=name,
            min=least,
            max=most,
            section=next((sections[fact] for fact in read if fact in sections), None),
        )

    return frozen(
        (part["key"], _scorecard(part, tuple(map(item, part["items"]))))
        for part in document["scorecards"]
    )


def _above(name: str, least: float, facts: Facts) -> Rule:
    return Rule.of(Compare((Name(name, FactKind.NUMBER), Number(least)), (">",)), facts)


def _scorecard(part: Part, items: tuple[ScoreItem, ...]) -> Scorecard:
    bands = [
        Band(key=band["key"], title=band["title"] or title_of(band["key"]), min=band["min"])
        for band in part["bands"]
    ]
    return Scorecard(
        key=part["key"],
        title=part["title"] or title_of(part["key"]),
        items=items,
        bands=tuple(sorted(bands, key=lambda band: band.min)),
        total=sum(item.most for item in items),
        source=part["source"],
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


def stages(document: Part, criteria: Criteria, final: set[str]) -> tuple[Stage, ...]:
    """The stages, in order; `final` holds the positions where a deal may end."""
    return tuple(_stage(part, criteria, final) for part in document["stages"])


def _stage(part: Part, criteria: Criteria, final: set[str]) -> Stage:
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
            "forms": tuple(Form(**form) for form in part["forms"]),
            "duties": frozen((duty["role"], duty["items"]) for duty in part["duties"]),
            "guidance": Guidance(**(part["guidance"] or {})),
        }
    )


def positions(stages: tuple[Stage, ...], final: set[str]) -> tuple[Position, ...]:
    """Where a deal can be, in order; `final` holds those where it may end."""
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
                    final=stage.key in final,
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
                    final=sub.key in final,
                )
            )
    return tuple(found)


def moves(document: Part, criteria: Criteria) -> tuple[Move, ...]:
    """The moves; from each position, its main one first."""
    return tuple(_move(*edge, criteria) for edge in edges(document))


def by_source(
    positions: tuple[Position, ...], moves: tuple[Move, ...]
) -> Mapping[str, tuple[Move, ...]]:
    """The moves from each position, in order."""
    found: dict[str, list[Move]] = {position.key: [] for position in positions}
    for move in moves:
        found[move.source].append(move)
    return frozen((key, tuple(ways)) for key, ways in found.items())


def new_deals(document: Part, criteria: Criteria) -> tuple[Move, ...]:
    """The moves that open a new deal."""
    return tuple(_move(*loop, criteria) for loop in loops(document))


def _move(source: str, target: str, part: Part | None, criteria: Criteria) -> Move:
    if part is None:
        return Move(source=source, target=target)
    return Move(
        source=source,
        target=target,
        title=part["title"],
        rule=part["rule"],
        criteria=criteria(part["criteria"]),
        new_deal=part["new_deal"],
    )


def placed(positions: tuple[Position, ...], moves: tuple[Move, ...]) -> list[tuple[Criterion, str]]:
    """Every criterion with the key of its stage; that of a move's is where the move starts."""
    found = [
        (criterion, position.stage.key)
        for position in positions
        for criterion in (*position.entry, *position.exit)
    ]
    stage_at = {position.key: position.stage.key for position in positions}
    found += [(item, stage_at[move.source]) for move in moves for item in move.criteria]
    return found


def migrations(document: Part) -> tuple[Migration, ...]:
    """From which earlier versions a deal can come, and how."""
    return tuple(
        Migration(
            from_version=part["from"],
            **{what: frozen(part[what]) for what in ("stages", "criteria", "questions")},
        )
        for part in document["migrations"]
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
