"""What is worked out for every deal of a frame: the parts that scores and size policy share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, TypeVar

import narwhals.stable.v2 as nw

from salesflow.errors import FactError, FrameError, Problem
from salesflow.facts import Fact, FactKind, Facts
from salesflow.money import Rates
from salesflow.pipeline._checks.arguments import (
    is_mapping,
    mapping,
    problems_of_arguments,
    problems_of_mappings,
)
from salesflow.pipeline._checks.catalogue import Check, Scope
from salesflow.pipeline._checks.hygiene import GIVEN, LISTED, PIPELINE_FACTS
from salesflow.pipeline._checks.plan import Plan
from salesflow.pipeline._checks.views import native
from salesflow.pipeline._frames.facts import FactColumns
from salesflow.pipeline._frames.inputs import Inputs
from salesflow.pipeline._frames.key_and_stage import problems_of_part
from salesflow.pipeline._frames.opening import opened
from salesflow.pipeline._frames.stages import Places, read_labels
from salesflow.playbook import Playbook
from salesflow.rules import Rule
from salesflow.rules._values import day_of
from salesflow.rules.ast import REACHED, Flag
from salesflow.rules.columns import Frame
from salesflow.text import Text

FrameT = TypeVar("FrameT")

_SOME_DAY: Final = date(1970, 1, 1)
_STANDING: Final = frozenset({"stage", "sub_stage", "outcome"})
_ABSENT: Final = "\0"  # the name of no column


@dataclass(frozen=True, slots=True)
class DealFrame(Generic[FrameT]):
    """A row per deal, and what of the caller's frame could not be used for it.

    Attributes:
        frame: In the caller's own kind; that of a lazy frame is lazy. The order of rows means
            nothing.
        rows: How many deals there are.
        unreadable: By fact, how many deals have a value that stands for nothing: a word that
            nobody explained, or an amount in a currency without a rate. It counts as unknown.
        lacking: The facts that were asked for and that no column holds; they count as unknown.
    """

    frame: FrameT
    rows: int
    unreadable: Mapping[str, int]
    lacking: tuple[str, ...]

    def __repr__(self) -> str:
        bad = ", ".join(f"{name} {number}" for name, number in self.unreadable.items()) or "none"
        return (
            f"<DealFrame: {self.rows} deals, unreadable values: {bad}, "
            f"{len(self.lacking)} facts without a column>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a caller says of a frame."""

    key: str
    as_of: date | None
    stage: str
    columns: Mapping[str, str] | None
    stages: Mapping[str, str] | None
    values: Mapping[str, Mapping[object, object]] | None
    rates: Rates | None
    tz: str


class _Inputs(Inputs):
    """As those of a check, but that the stage is read only where there is one."""

    def _check_stage(self) -> bool:
        return False if self.stage == _ABSENT else super()._check_stage()

    def _check_key(self) -> bool:
        before = len(self.problems)
        found = super()._check_key()
        # These frames have other columns than findings do.
        self.problems[before:] = [
            problem for problem in self.problems[before:] if "the findings have" not in str(problem)
        ]
        return found

    def column_of(self, fact: str) -> str | None:
        """The column that holds a fact, if any does; points are always counted."""
        return None if fact.startswith("score.") else super().column_of(fact)

    def label(self) -> nw.Expr:
        """The column of the stage, as texts; without one it is missing."""
        if self.has_stage:
            return super().label()
        # Not a literal: Dask compares a column with no literal that is missing.
        missing = self.key_column().is_null()
        return nw.when(missing & ~missing).then(nw.lit(""))

    def is_standing(self, fact: str) -> bool:
        """The fact says where a deal stands, and there is nothing to read that from."""
        if self.has_stage or not (fact in _STANDING or fact.startswith(REACHED)):
            return False
        return self.column_of(fact) is None


@dataclass(frozen=True, slots=True)
class Deals:
    """A frame, opened for what is asked of it.

    Attributes:
        inputs: Its columns.
        facts: The facts that it holds.
        day: The day that is asked on.
        rows: How many deals.
        unreadable: As in `DealFrame`.
        lacking: As in `DealFrame`.
    """

    inputs: Inputs
    facts: FactColumns
    day: date
    rows: int
    unreadable: Mapping[str, int]
    lacking: tuple[str, ...]
    plan: Plan

    def select(self, columns: Mapping[str, nw.Expr]) -> DealFrame[Any]:
        """The key and these columns, in the caller's own kind of frame.

        Raises:
            FrameError: The engine refuses it.
        """
        key = self.inputs.key_column().alias(self.inputs.key)
        found = self.plan.work(key, *(expr.alias(name) for name, expr in columns.items()))
        return DealFrame(native(found, self.inputs), self.rows, self.unreadable, self.lacking)


def opened_deals(
    frame: object,
    playbook: Playbook,
    given: Arguments,
    asked: Iterable[str],
    *,
    message: str,
    uses_time: bool,
    taken: Iterable[str],
) -> Deals:
    """Open a frame, and look once at what is in it.

    Args:
        frame: The caller's.
        playbook: The process.
        given: What the caller says of the frame.
        asked: The facts that are asked for.
        message: The refusal.
        uses_time: A day is needed.
        taken: The names of the columns of the result, which the key may not have.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frame and the arguments.
    """
    wrong, day = _problems(playbook, given, uses_time=uses_time)
    read = facts_read(playbook, asked)
    facts = playbook.facts.extended(PIPELINE_FACTS)
    data, eager = opened(frame)
    columns, stages = mapping(given.columns), mapping(given.stages)
    values = {name: each for name, each in mapping(given.values).items() if is_mapping(each)}
    inputs = _Inputs(
        data,
        facts,
        eager=eager,
        key=given.key,
        stage=_stage(data, given, columns, read),
        columns=columns,
        values=values,
        tz=given.tz,
    )
    inputs.problems[:0] = wrong
    if inputs.has_key and given.key in set(taken):
        text = f"the result has a column {given.key!r} of its own"
        inputs.problems.append(Problem("key", text, "rename it"))
    places = Places(playbook)
    labels, problems = read_labels(places, stages)
    inputs.problems += problems
    if not inputs.has_key:
        _refuse(message, [*inputs.problems, *problems_of_part(inputs, labels, playbook)])
    rates = given.rates if isinstance(given.rates, Rates) else None
    listed = [
        name
        for name in read
        if (facts[name].kind is FactKind.FLAG or facts[name].choices)
        and inputs.column_of(name) is not None
        and not name.startswith(REACHED)  # no rule can name what would say so of these
    ]
    facts = facts.extended(Fact(f"{LISTED}.{name}", FactKind.FLAG) for name in listed)
    found = FactColumns(
        inputs,
        playbook,
        facts,
        places,
        labels if inputs.has_stage else {},
        as_of=day,
        rates=rates,
    )
    lacking = tuple(name for name in read if inputs.is_standing(name) or not found.has(name))
    if len(lacking) == len(read) and read:
        inputs.problems.append(_nothing_there(lacking))
    plan = Plan(inputs, found, _readable(listed, inputs, facts), playbook, labels, day)
    result = plan.run()
    _refuse(message, inputs.problems)
    unreadable = {name: count.no for name, count in result.counts.items() if count.no}
    return Deals(inputs, found, day, result.rows, unreadable, lacking, plan)


def facts_read(playbook: Playbook, asked: Iterable[str]) -> tuple[str, ...]:
    """The facts that columns have to hold for these to be known, in their order."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    left = list(dict.fromkeys(asked))
    while left:
        name = left.pop(0)
        if name in seen:
            continue
        seen.add(name)
        parts = _parts(playbook, name)
        if parts is None:
            found[name] = None
        else:
            left[:0] = parts
    return tuple(found)


def _parts(playbook: Playbook, name: str) -> list[str] | None:
    """The facts that one is made of; None where it is made of no others."""
    head, _, rest = name.partition(".")
    if head == "score":
        card = playbook.scorecards[rest.rpartition(".")[0]]
        return [fact for item in card.items for fact in read_in_order(item.rule)]
    instrument = playbook.instruments.get(rest) if head == "done" else None
    key = instrument.checklist if instrument is not None else None
    if head in playbook.checklists and rest in {"asked", "unknown"}:
        key = head
    if key is None:
        return None
    return [f"{key}.{question.key}" for question in playbook.checklists[key].questions]


def read_in_order(rule: Rule) -> list[str]:
    """The facts of a rule, in the order in which it names them."""
    return sorted(rule.facts, key=rule.text.find)


def _stage(data: Frame, given: Arguments, columns: Mapping[str, str], read: Iterable[str]) -> str:
    """The column of the stage where one is needed, or named; the name of none otherwise."""
    if given.stage != "stage" or "stage" in columns:
        return given.stage
    needed = any(name in _STANDING or name.startswith(REACHED) for name in read)
    return "stage" if needed and "stage" in data.collect_schema().names() else _ABSENT


def _problems(playbook: object, given: Arguments, *, uses_time: bool) -> tuple[list[Problem], date]:
    try:
        day = None if given.as_of is None else day_of(given.as_of, given.tz)
    except FactError:
        day = None
    # Where no rule uses time, any day will do.
    asked = _SOME_DAY if given.as_of is None and not uses_time else day or given.as_of
    wrong = [
        *problems_of_arguments(playbook, asked, given.rates, "unknown"),
        *problems_of_mappings(given.columns, given.stages, given.values, None),
    ]
    return wrong, day or _SOME_DAY


def _readable(listed: Iterable[str], inputs: Inputs, facts: Facts) -> list[Check]:
    """One check for every column that can hold what stands for nothing."""
    rules = {name: Rule.of(Flag(f"{LISTED}.{name}"), facts) for name in listed}
    if inputs.column_of("amount.currency") and inputs.column_of("amount"):
        rules["amount"] = Rule.parse(f"not {GIVEN} or known(amount)", facts)
    return [
        Check(name, rule, Scope("all"), "error", Text(en=f"{name} can be read"))
        for name, rule in rules.items()
    ]


def _nothing_there(lacking: tuple[str, ...]) -> Problem:
    listed = f"{', '.join(lacking[:8])}{', …' if len(lacking) > 8 else ''}"  # noqa: PLR2004
    hint = f'name them: columns={{"{lacking[0]}": "…"}}'
    return Problem("columns", f"no column holds any of {listed}", hint, "no_column")


def _refuse(message: str, problems: list[Problem]) -> None:
    if problems:
        raise FrameError(message, problems=problems)
