"""Requirements of the customer: the interview, the list, and the row of the table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final, Literal, get_args

from salesflow import terms
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Level, Note, Record, Verbatim
from salesflow.domain._base.table import TableRow, headings_of
from salesflow.domain._base.times import Day, Instant
from salesflow.text import Text

InformationKind = Literal["present_pain", "expected_goal", "budget_range", "decision_process"]
"""The four kinds of information that an interview has to bring."""

_KINDS: Final[tuple[InformationKind, ...]] = get_args(InformationKind)
_QUESTIONS: Final = range(3, 6)


class Statement(Record):
    """One thing that the customer said.

    Attributes:
        kind: The kind of information.
        words: What was said, to the letter; nothing is stripped or changed.
        said_by: The person who said it.
    """

    kind: InformationKind
    words: Verbatim
    said_by: Label | None = None


class Interview(Record):
    """Notes of an interview about the customer's needs.

    Source: "Sales process management template", step 2: three to five open questions are
    prepared, and four kinds of information are written down in the customer's own words.

    Attributes:
        customer: Name of the customer.
        held_at: When it was held.
        by: The person who asked.
        interviewed: The people who were asked.
        way: By telephone, in person, or in an online meeting.
        background: What we had found out about the customer beforehand.
        questions: The open questions that were prepared.
        statements: What was said.
        our_reading: How we understand it, kept apart from what was said.

    Example:
        >>> notes = Interview(
        ...     customer="Acme",
        ...     held_at="2026-03-02T09:00:00+08:00",
        ...     by="li.wei",
        ...     statements=(Statement(kind="present_pain", words="We type it all in twice. "),),
        ... )
        >>> notes.statements[0].words
        'We type it all in twice. '
        >>> notes.missing
        ('expected_goal', 'budget_range', 'decision_process')
    """

    customer: Label
    held_at: Instant
    by: Label
    interviewed: tuple[Label, ...] = ()
    way: Literal["telephone", "in_person", "online"] | None = None
    background: Note | None = None
    questions: tuple[Note, ...] = ()
    statements: tuple[Statement, ...] = ()
    our_reading: Note | None = None

    @property
    def missing(self) -> tuple[InformationKind, ...]:
        """The kinds of information about which nothing was said."""
        said = {statement.kind for statement in self.statements}
        return tuple(kind for kind in _KINDS if kind not in said)

    @property
    def well_prepared(self) -> bool:
        """Whether three to five questions were prepared."""
        return len(self.questions) in _QUESTIONS

    def said_of(self, kind: InformationKind) -> tuple[str, ...]:
        """What was said about one kind of information, to the letter."""
        return tuple(statement.words for statement in self.statements if statement.kind == kind)


Necessity = Literal["rigid", "flexible"]
"""Rigid: must be met. Flexible: may be met better or worse."""

_ONE_DAY: Final = timedelta(hours=24)


class RequirementRow(TableRow):
    """A row of the customer requirement table, with its eight columns.

    Source: "Sales process management template", table 3.

    Attributes:
        customer: Name of the customer.
        kind: What sort of requirement it is, for instance "流程优化".
        description: What exactly is required.
        priority: High, medium or low.
        pain: The pain behind it.
        solution_direction: The direction that a solution could take.
        confirmed_by: The person at the customer who confirmed it.
        confirmed_on: The day when they did.

    Example:
        >>> row = RequirementRow.from_cells(
        ...     {"客户名称": "宏远科技", "具体需求描述": "数据同步", "优先级": "高"}
        ... )
        >>> row.priority, row.cells("zh")["优先级"]
        ('high', '高')
    """

    headings: ClassVar[Mapping[str, Text]] = headings_of(__package__, "requirements")
    words: ClassVar[Mapping[str, Mapping[str, Text]]] = {"priority": terms.LEVELS}

    customer: Label
    kind: Label | None = None
    description: Note
    priority: Level | None = None
    pain: Note | None = None
    solution_direction: Note | None = None
    confirmed_by: Label | None = None
    confirmed_on: Day | None = None


class Requirement(CheckedRecord):
    """One requirement of the customer.

    Source: "Sales process management template", step 2 and table 3.

    Attributes:
        description: What exactly is required.
        kind: What sort of requirement it is.
        necessity: Rigid or flexible; None: not known.
        priority: High, medium or low.
        pain: The pain behind it.
        solution_direction: The direction that a solution could take.
        confirmed_by: The person at the customer who confirmed that we understood it.
        confirmed_on: The day when they did; needs `confirmed_by`.

    Example:
        >>> need = Requirement(description="Encrypt data at rest", necessity="rigid")
        >>> need.confirmed
        False
    """

    description: Note
    kind: Label | None = None
    necessity: Necessity | None = None
    priority: Level | None = None
    pain: Note | None = None
    solution_direction: Note | None = None
    confirmed_by: Label | None = None
    confirmed_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.confirmed_on is not None and self.confirmed_by is None:
            problems.add(("confirmed_by",), "confirmed_by_nobody", "say who confirmed it")

    @property
    def confirmed(self) -> bool:
        """Whether somebody at the customer confirmed it."""
        return self.confirmed_by is not None

    def row(self, customer: str) -> RequirementRow:
        """This requirement as a row of the table, which does not have a column for necessity."""
        shared = self.model_dump(exclude={"necessity"})
        return RequirementRow.model_validate({"customer": customer, **shared})


def _weight(need: Requirement) -> tuple[int, int]:
    necessities, priorities = ("rigid", "flexible", None), ("high", "medium", "low", None)
    return necessities.index(need.necessity), priorities.index(need.priority)


class RequirementsList(CheckedRecord):
    """The requirements that an interview brought.

    Source: "Sales process management template", step 2: written within 24 hours, rigid apart from
    flexible, confirmed with the customer.

    Attributes:
        customer: Name of the customer.
        interviewed_at: When the interview ended.
        listed_at: When the list was written; not before the interview.
        requirements: The requirements.
    """

    customer: Label
    interviewed_at: Instant
    listed_at: Instant | None = None
    requirements: tuple[Requirement, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.listed_at is not None and self.listed_at < self.interviewed_at:
            problems.add(("listed_at",), "listed_early", "the list is older than the interview")

    @property
    def within_a_day(self) -> bool | None:
        """Whether the list was written within 24 hours; None while it is not written."""
        return None if self.listed_at is None else self.listed_at - self.interviewed_at <= _ONE_DAY

    @property
    def rigid(self) -> tuple[Requirement, ...]:
        """The requirements that must be met."""
        return tuple(need for need in self.requirements if need.necessity == "rigid")

    @property
    def flexible(self) -> tuple[Requirement, ...]:
        """The requirements that may be met better or worse."""
        return tuple(need for need in self.requirements if need.necessity == "flexible")

    @property
    def by_weight(self) -> tuple[Requirement, ...]:
        """All requirements: rigid ones first, then by priority; what is not known comes last."""
        return tuple(sorted(self.requirements, key=_weight))

    @property
    def unsorted(self) -> tuple[Requirement, ...]:
        """The requirements of which nobody has said whether they are rigid."""
        return tuple(need for need in self.requirements if need.necessity is None)

    @property
    def unconfirmed(self) -> tuple[Requirement, ...]:
        """The requirements that nobody at the customer has confirmed."""
        return tuple(need for need in self.requirements if not need.confirmed)
