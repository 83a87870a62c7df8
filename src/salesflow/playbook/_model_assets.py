"""What a process works with, as frozen records: checklists, scorecards, instruments, reasons."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import ClassVar, Final, Literal, NamedTuple

from salesflow._frozen import FrozenDict
from salesflow.facts import NOT_APPLICABLE
from salesflow.playbook._model_policy import ROLE_KEY, Permission
from salesflow.playbook._model_process import DAYS, EVIDENCE, KEY, SHARE, WHEN
from salesflow.playbook._questions import QUESTION, Question
from salesflow.playbook._records import NOT_IN_FILE, READING, RecordShape, in_file
from salesflow.playbook._reference import Reference
from salesflow.playbook._shape import Key, NumberShape, WordsShape
from salesflow.playbook._tables import List
from salesflow.rules import Rule, Verdict
from salesflow.text import Text

_NAME: Final = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,3}"
FACT_NAME: Final = WordsShape("a fact's name", _NAME, 120)
NAMED_FACT: Final = WordsShape("a fact's name", _NAME, 120, refers="fact")
_POINTS: Final = NumberShape(0, 1e6, above=True)
_WEIGHT: Final = NumberShape(-1e6, 1e6)
_FROM: Final = NumberShape(-1e12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Reference):
    """A heading over questions, or a part of an instrument."""

    key: str = field(metadata=in_file(KEY))
    title: Text


_SECTIONS: Final = List(RecordShape("a section", Section), unique="key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Questions that belong together; each is the fact `<checklist>.<question>`."""

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    source: Text | None = None
    sections: tuple[Section, ...] = field(metadata=in_file(_SECTIONS, default=(), prose=True))
    questions: tuple[Question, ...] = field(
        metadata=in_file(List(QUESTION, 200, least=1, unique="key"))
    )


CHECKLIST: Final = RecordShape("a checklist", Checklist)


class Earned(NamedTuple):
    """What one item earns: certain and possible points, whether it holds, if it applies."""

    low: float
    high: float
    verdict: Verdict
    applies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    """A rule that earns points, or a number that counts as points.

    Attributes:
        rule: What earns the weight when it is YES; of a number, that it is above its lowest.
        weight: Points of a rule; of a number, points for each 1 of it. Below 0 they are taken away.
        knock_out: NO settles the card.
        points: The fact whose number counts, within `min` and `max`; None for a rule.
        min: The number at its lowest; 0 for a rule.
        max: The number at its highest; 1 for a rule.
        section: The section of the question that it asks for.
        skipped: The questions that it reads and that may not apply.
        settled: What it earns where it holds, does not, or may; a number at its two ends.
    """

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    rule: Rule = field(metadata=in_file(note="Earns the weight when it is YES.", default=None))
    points: str | None = field(
        default=None,
        metadata=in_file(NAMED_FACT, "A number that counts as points, times the weight."),
    )
    max: float = field(
        default=1.0,
        metadata=in_file(_POINTS, "The points at most; by default the question's.", default=None),
    )
    weight: float = field(
        default=1.0, metadata=in_file(_WEIGHT, "Points; below 0 they are taken away.")
    )
    knock_out: bool = field(
        default=False,
        metadata=in_file(note="NO, or a number at its lowest, settles the card."),
    )
    min: float = field(default=0.0, metadata=NOT_IN_FILE)
    section: Section | None = field(default=None, metadata=NOT_IN_FILE)
    skipped: tuple[str, ...] = field(default=(), metadata=NOT_IN_FILE)
    settled: Mapping[Verdict, Earned] = field(
        init=False, repr=False, compare=False, metadata=NOT_IN_FILE
    )

    def __post_init__(self) -> None:
        ends = {
            Verdict.YES: (self.yes, self.yes),
            Verdict.NO: (self.no, self.no),
            Verdict.UNKNOWN: (self.least, self.most),
        }
        settled = {verdict: Earned(*points, verdict) for verdict, points in ends.items()}
        object.__setattr__(self, "settled", FrozenDict(settled))

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that these do not apply."""
        return tuple(f"{NOT_APPLICABLE}{question}" for question in self.skipped)

    @property
    def yes(self) -> float:
        """The points where it holds, or where its number is at its highest."""
        return self.max * self.weight

    @property
    def no(self) -> float:
        """The points where it does not hold, or where its number is at its lowest."""
        return 0.0 + self.min * self.weight  # never -0.0

    @property
    def least(self) -> float:
        """The points that it earns in any case; below 0, those that it can take away."""
        return min(self.yes, self.no, 0.0) if self.skipped else min(self.yes, self.no)

    @property
    def most(self) -> float:
        """The points that it can earn."""
        return max(self.yes, self.no, 0.0) if self.skipped else max(self.yes, self.no)


ITEM: Final = RecordShape("an item", ScoreItem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Reference):
    """What a score means from `min` points on."""

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    min: float = field(metadata=in_file(_FROM, "The points from which it holds."))


BAND: Final = RecordShape("a band", Band)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Rules with points, and numbers that count as points.

    Attributes:
        bands: In ascending order; the first starts at 0 or below, and holds for all points below
            the second.
        total: The points that all items together can earn.
        reaches: The points that each item can earn or take away.
        reach: All of them together: what coverage is a share of.
        knock_outs: The places of the items that may settle the card by themselves.
        readers: By fact, the places of the items that read it.
    """

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    source: Text | None = None
    items: tuple[ScoreItem, ...] = field(metadata=in_file(List(ITEM, 200, least=1, unique="key")))
    bands: tuple[Band, ...] = field(metadata=in_file(List(BAND, 20, least=1, unique="key")))
    reading: bool = field(default=False, metadata=READING)
    total: float = field(metadata=NOT_IN_FILE)
    reaches: tuple[float, ...] = field(init=False, repr=False, compare=False, metadata=NOT_IN_FILE)
    reach: float = field(init=False, repr=False, compare=False, metadata=NOT_IN_FILE)
    knock_outs: tuple[int, ...] = field(init=False, repr=False, compare=False, metadata=NOT_IN_FILE)
    readers: Mapping[str, tuple[int, ...]] = field(
        init=False, repr=False, compare=False, metadata=NOT_IN_FILE
    )

    def __post_init__(self) -> None:
        reaches = tuple(abs(item.yes) for item in self.items)
        readers: dict[str, tuple[int, ...]] = {}
        for place, item in enumerate(self.items):
            for fact in item.rule.facts:
                readers[fact] = (*readers.get(fact, ()), place)
        worked_out = {
            "reaches": reaches,
            "reach": reduce(add, reaches, 0.0),  # one by one, as what is decided is added
            "knock_outs": tuple(i for i, item in enumerate(self.items) if item.knock_out),
            "readers": FrozenDict(readers),
        }
        for name, value in worked_out.items():
            object.__setattr__(self, name, value)


SCORECARD: Final = RecordShape("a scorecard", Scorecard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument(Reference):
    """A piece of planning, such as an opportunity plan.

    Attributes:
        by: The role that completes it; None: anybody. Beside a rule: who must see to it.
        checklist: It is complete only when every question of this checklist was asked.
        rule: What makes it complete; None where somebody completes it.
        check_rule: The rule, and that every question of the checklist was asked; None where
            somebody completes it. Elsewhere nobody does: `done.<key>` is what it says.
        when: It applies where this holds; None: always.
        evidence: `"required"`: whoever completes it names what shows it.
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title", "by", "checklist", "evidence")

    key: str = field(metadata=in_file(KEY))
    title: Text
    by: str | None = field(
        default=None,
        metadata=in_file(ROLE_KEY, "The role that completes it; beside a rule, who sees to it."),
    )
    checklist: str | None = field(
        default=None, metadata=in_file(Key("checklist"), "Complete once each question was asked.")
    )
    rule: Rule | None = field(
        default=None, metadata=in_file(note="What makes it complete, so that nobody says so.")
    )
    check_rule: Rule | None = field(default=None, metadata=NOT_IN_FILE)
    when: Rule | None = field(default=None, metadata=WHEN)
    evidence: Literal["required"] | None = field(default=None, metadata=EVIDENCE)
    sections: tuple[Section, ...] = field(default=(), metadata=in_file(_SECTIONS, prose=True))
    reading: bool = field(default=False, metadata=READING)


INSTRUMENT: Final = RecordShape("an instrument", Instrument)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """A deal for which `when` holds, and for which no earlier row does, needs the instruments."""

    when: Rule
    instruments: tuple[str, ...] = field(metadata=in_file(List(Key("instrument"), 50, unique="")))
    title: Text | None = None
    reading: bool = field(default=False, metadata=READING)


SIZE_ROW: Final = RecordShape("a row of the size policy", SizeRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Permission):
    """Why a deal was won, lost or disqualified, and who may say so when.

    Attributes:
        notes: A note is asked for.
    """

    key: str = field(metadata=in_file(KEY))
    title: Text
    outcome: Literal["won", "lost", "disqualified"]
    notes: bool = field(default=False, metadata=in_file(note="A note is asked for."))
    note: bool = field(default=False, init=False, metadata=NOT_IN_FILE)
    reading: bool = field(default=False, metadata=READING)


REASON: Final = RecordShape("a reason", Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hygiene:
    """Limits of the hygiene checks.

    Attributes:
        activity_days: Days without activity from which a deal counts as asleep.
        pushes: How often a close date may be pushed back.
        probability_tolerance: How far a deal's probability may be from its stage's.
    """

    activity_days: int = field(default=30, metadata=in_file(DAYS))
    pushes: int = field(default=2, metadata=in_file(NumberShape(0, 1_000, whole=True)))
    probability_tolerance: float = field(default=0.25, metadata=in_file(SHARE))
    reading: bool = field(default=False, metadata=READING)


HYGIENE: Final = RecordShape("hygiene", Hygiene)
