"""What a playbook consists of, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from salesflow.rules import Rule
from salesflow.text import Text

__all__ = [
    "Band",
    "Cadence",
    "Checklist",
    "Criterion",
    "Guidance",
    "Hygiene",
    "Instrument",
    "Move",
    "Position",
    "Question",
    "Reason",
    "Role",
    "ScoreItem",
    "Scorecard",
    "Section",
    "SizeRow",
    "Span",
    "Stage",
    "SubStage",
]

CriterionKind = Literal["computed", "attested", "instruments", "decision"]
Trigger = Literal["started", "stage_entered", "stage_left", "won", "lost", "disqualified", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody's part in the process."""

    key: str
    title: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What must hold on entering or leaving a stage.

    Attributes:
        key: Unique among all criteria and instruments of the playbook.
        title: What ought to hold, as a sentence.
        kind: `computed` by a rule; `attested` by a role; `instruments`: all that the size policy
            asks for are complete; `decision`: a go/no-go point.
        rule: The rule, or None where the criterion is attested.
        check_rule: The criterion in terms of facts, whatever its kind.
        by: The role that attests it, decides it, or must see to it.
        advisory: It is shown but blocks nothing.
        scorecard: The card that is looked at before a decision.
    """

    key: str
    title: Text
    kind: CriterionKind
    rule: Rule | None
    check_rule: Rule
    by: str | None = None
    advisory: bool = False
    note: Text | None = None
    scorecard: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What helps a person in a stage."""

    methods: tuple[Text, ...] = ()
    difficulties: tuple[Text, ...] = ()
    common_problems: tuple[Text, ...] = ()
    tools: tuple[Text, ...] = ()
    coaching_questions: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubStage:
    """A part of a stage that a deal sits in. Attributes as those of a stage."""

    key: str
    title: Text
    cycle: float | None
    probability: float | None
    max_days: int | None
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of the process.

    Attributes:
        key: Unique among stages and sub-stages.
        probability: Chance of winning while in it, 0 to 1.
        max_days: Days after which a deal has been here too long.
        cycle: The selling-cycle number that completing it reaches.
        wins: The deal is won by completing this stage.
        final: The deal may end here.
        duties: By role.
    """

    key: str
    title: Text
    goal: Text | None
    source: Text | None
    probability: float | None
    max_days: int | None
    cycle: float | None
    wins: bool
    final: bool
    sub_stages: tuple[SubStage, ...]
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]
    duties: Mapping[str, tuple[Text, ...]]
    deliverables: tuple[Text, ...]
    guidance: Guidance


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a deal can be: a stage without sub-stages, or a sub-stage.

    Attributes:
        entry: Its own criteria, after the stage's where it is the first of the stage.
        exit: Its own criteria, before the stage's where it is the last of the stage.
        cycle: Its own or else the stage's; so too `probability` and `max_days`.
    """

    key: str
    stage: Stage
    sub_stage: SubStage | None
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]
    cycle: float | None
    probability: float | None
    max_days: int | None

    @property
    def title(self) -> Text:
        """The sub-stage's title, or the stage's."""
        return self.sub_stage.title if self.sub_stage else self.stage.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way from one position to another; open when its rule, if any, is YES."""

    source: str
    target: str
    title: Text | None = None
    rule: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading over questions, or a part of an instrument."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question answered +, - or ?.

    Attributes:
        positive: What + means.
        negative: What - means.
    """

    key: str
    title: Text
    section: str | None = None
    positive: Text | None = None
    negative: Text | None = None
    help: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Questions that belong together; each is the flag `<checklist>.<question>`."""

    key: str
    title: Text
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    source: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    """A rule that earns points; where it is a knock-out, NO settles the card."""

    key: str
    title: Text
    rule: Rule
    weight: float
    knock_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What a score means from `min` points on."""

    key: str
    title: Text
    min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Rules with points. `low` sums those that are YES, `high` those that are not NO.

    Attributes:
        bands: In ascending order; the first starts at 0.
        total: The points of all items.
    """

    key: str
    title: Text
    items: tuple[ScoreItem, ...]
    bands: tuple[Band, ...]
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A piece of planning, such as an opportunity plan.

    Attributes:
        checklist: It is complete only when every question of this checklist was asked.
    """

    key: str
    title: Text
    checklist: str | None = None
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """A deal for which `when` holds, and for which no earlier row does, needs the instruments."""

    when: Rule
    instruments: tuple[str, ...]
    title: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time; months and years are those of the calendar."""

    hours: int = 0
    days: int = 0
    weeks: int = 0
    months: int = 0
    years: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Something that is due: again and again, within a time, or ahead of something.

    Attributes:
        stages: Where it applies; empty: the whole deal.
        trigger: What starts the clock.
        before: With `ahead`: the fact, a day, that it counts back from.
        every, within, ahead: Exactly one of them is given.
    """

    key: str
    title: Text
    trigger: Trigger
    role: str | None = None
    stages: tuple[str, ...] = ()
    before: str | None = None
    every: Span | None = None
    within: Span | None = None
    ahead: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a deal was lost or disqualified; with `notes`, a note is asked for."""

    key: str
    title: Text
    outcome: Literal["lost", "disqualified"]
    notes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hygiene:
    """Limits of the hygiene checks.

    Attributes:
        activity_days: Days without activity from which a deal counts as asleep.
        pushes: How often a close date may be pushed back.
        probability_tolerance: How far a deal's probability may be from its stage's.
    """

    activity_days: int = 30
    pushes: int = 2
    probability_tolerance: float = 0.25
