"""The process itself, as frozen records: roles, criteria, stages, moves, what is permitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from salesflow.rules import Rule
from salesflow.text import Text

CriterionKind = Literal["computed", "attested", "instruments", "decision", "judgement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody's part in the process."""

    key: str
    title: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether something may be done, and by whom.

    Attributes:
        allowed: Whether anybody may.
        roles: Only these, and a note must say why; empty and allowed: everybody.
    """

    allowed: bool
    roles: tuple[str, ...] = ()


_OFF: Final = Permission(allowed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a deal may do beside advancing.

    Attributes:
        skip: Going on to a later stage, past others.
        back: Going back to a position where it has been.
        reopen: Taking up a lost or disqualified deal, in a position that it really reached.
        start_later: Starting in a later position.
        waive: Waiving a required criterion that does not say itself who may; always with a reason.
    """

    skip: Permission = _OFF
    back: Permission = _OFF
    reopen: Permission = _OFF
    start_later: Permission = _OFF
    waive: Permission = _OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What must hold on entering or leaving a stage, or for a move.

    Attributes:
        key: Unique among all criteria and instruments of the playbook.
        title: What ought to hold, as a sentence.
        kind: `computed` by a rule; `attested` by a role; `instruments`: all that the size policy
            asks for are complete; `decision`: a go/no-go point; `judgement`: several roles judge.
        rule: The rule, or None where the criterion is attested.
        check_rule: The criterion in terms of facts, whatever its kind.
        by: The role that attests it, decides it, or must see to it.
        advisory: It is shown but blocks nothing.
        scorecard: The card that is looked at before a decision.
        waive: Who may waive it: its own permission, or else the policy's.
        roles: Those whose go or kill counts, of a decision or a judgement; else empty.
        needed: How many of them must say go; 0 where nobody is asked.
        consulted: Roles that judge too while another one decides; their word does not count.
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
    waive: Permission = _OFF
    roles: tuple[str, ...] = ()
    needed: int = 0
    consulted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Something to fill in, with the names of its fields."""

    key: str
    title: Text
    fields: tuple[Text, ...] = ()


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
    goal: Text | None
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
        buying_phase: Where the customer is in buying meanwhile.
        duties: By role.
        forms: What is filled in here.
    """

    key: str
    title: Text
    goal: Text | None
    buying_phase: Text | None
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
    forms: tuple[Form, ...]
    guidance: Guidance


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a deal can be: a stage without sub-stages, or a sub-stage.

    Attributes:
        entry: Its own criteria, after the stage's where it is the first of the stage.
        exit: Its own criteria, before the stage's where it is the last of the stage.
        cycle: Its own or else the stage's; so too `probability` and `max_days`.
        final: The deal may end here.
    """

    key: str
    stage: Stage
    sub_stage: SubStage | None
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]
    cycle: float | None
    probability: float | None
    max_days: int | None
    final: bool

    @property
    def title(self) -> Text:
        """The sub-stage's title, or the stage's."""
        return self.sub_stage.title if self.sub_stage else self.stage.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way from one position to another; open when its rule, if any, is YES.

    Attributes:
        source: The key of a position.
        target: The key of a position, or `ended`.
        criteria: What must hold for this move, beside what the stages ask for.
        new_deal: It opens a new deal at the target; this deal does not take it.
    """

    source: str
    target: str
    title: Text | None = None
    rule: Rule | None = None
    criteria: tuple[Criterion, ...] = ()
    new_deal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How a deal of an earlier version goes on in this one; what is not named keeps its key.

    Attributes:
        from_version: The version that the deal comes from.
        stages: Old key to new, of stages and sub-stages.
        criteria: Old key to new, of criteria and instruments.
        questions: Old to new, each `<checklist>.<question>`.
    """

    from_version: str
    stages: Mapping[str, str]
    criteria: Mapping[str, str]
    questions: Mapping[str, str]
