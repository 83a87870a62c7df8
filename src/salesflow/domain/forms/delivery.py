"""From the signing to the acceptance: weekly reports, changes that are asked for, and the end."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.times import Day
from salesflow.money import Money


class ProgressReport(CheckedRecord):
    """What was done in a week, what comes next, and where help is needed.

    Source: "Sales process management template", step 6 (progress told to the customer every week
    during delivery); "Twenty sales processes", sales project weekly report. Their columns are not
    given there.

    Attributes:
        subject: The deal or the project that it is about.
        audience: For the customer, or for our own side.
        from_on: The first day.
        until_on: The last day; not before the first.
        by: Who wrote it.
        done: What was done.
        next_steps: What comes next.
        problems: What does not go as it should.
        risks: What may go wrong.
        help_wanted: From whom help is needed, and with what.
        on_time: Whether the dates will be kept; None: hard to say.
        told_to: Who has received it.

    Example:
        >>> report = ProgressReport(
        ...     subject="C-1",
        ...     audience="customer",
        ...     from_on="2026-03-02",
        ...     until_on="2026-03-08",
        ...     done=("Lines 1 and 2 connected",),
        ... )
        >>> report.missing
        ('next_steps', 'told_to')
    """

    subject: Label
    audience: Literal["customer", "us"]
    from_on: Day
    until_on: Day
    by: Label | None = None
    done: tuple[Note, ...] = ()
    next_steps: tuple[Note, ...] = ()
    problems: tuple[Note, ...] = ()
    risks: tuple[Note, ...] = ()
    help_wanted: tuple[Note, ...] = ()
    on_time: bool | None = None
    told_to: tuple[Label, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.until_on < self.from_on:
            problems.add(("until_on",), "until_early", "the last day is before the first")

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the parts without which a report tells nothing."""
        parts = ("done", "next_steps", "told_to")
        return tuple(name for name in parts if not getattr(self, name))


class ChangeRequest(CheckedRecord):
    """Something that is to be done otherwise than was offered or promised.

    Source: "Sales support process design", delivery coordination: history is looked up, the effect
    is assessed, and both answer it together. Its columns are not given there.

    Attributes:
        contract: Number of the contract.
        what: What is to change.
        asked_by: Who asks for it.
        asked_on: The day.
        promised_before: What we offered or promised of it earlier; None: not looked up yet.
        cost: What it costs us.
        days: Calendar days by which delivery is later; less than 0: earlier.
        effect: What else it means.
        decision: Accepted, refused, or for a price; None: open.
        decided_by: Who decided.
        decided_on: The day; needs a decision.
    """

    contract: Label
    what: Note
    asked_by: Label | None = None
    asked_on: Day | None = None
    promised_before: Note | None = None
    cost: Money | None = None
    days: Annotated[int, Field(ge=-3_650, le=3_650)] | None = None
    effect: Note | None = None
    decision: Literal["accepted", "accepted_for_a_price", "refused"] | None = None
    decided_by: Label | None = None
    decided_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.decision is None and self.decided_on is not None:
            problems.add(("decision",), "decision_missing", "say what was decided on that day")
        if self.decision is not None and self.decided_by is None:
            problems.add(("decided_by",), "decided_by_nobody", "say who decided it")
        if self.asked_on and self.decided_on and self.decided_on < self.asked_on:
            problems.add(("decided_on",), "decided_early", "it was decided before it was asked")

    @property
    def assessed(self) -> bool:
        """Whether its history was looked up and its effect on cost and time is known."""
        return None not in (self.promised_before, self.cost, self.days)


class AcceptanceItem(Record):
    """One goal of the project, held against what was delivered.

    Attributes:
        title: The goal, as the contract or the solution has it.
        met: Whether it is met; None: not looked at yet.
        remark: What the customer says of it, or what is still to be done.
    """

    title: Label
    met: bool | None = None
    remark: Note | None = None


class AcceptanceReport(CheckedRecord):
    """The report of an acceptance.

    Source: "Twenty sales processes", acceptance and delivery (acceptance report); "Sales support
    process design", acceptance and satisfaction. Its columns are not given there.

    Attributes:
        contract: Number of the contract.
        customer: Name of the customer.
        kind: First or final acceptance; None: there is one only.
        held_on: The day of the meeting.
        attended: Who took part, of both sides.
        items: The goals, each once.
        open_points: What is still to be done.
        accepted_by: Who accepted for the customer; not while a goal has not been looked at.
        accepted_on: The day of acceptance, from which payments and warranty run.

    Example:
        >>> report = AcceptanceReport(
        ...     contract="C-1",
        ...     customer="Acme",
        ...     items=(
        ...         AcceptanceItem(title="Data in step", met=True),
        ...         AcceptanceItem(title="Audit"),
        ...     ),
        ... )
        >>> [item.title for item in report.not_looked_at]
        ['Audit']
    """

    contract: Label
    customer: Label
    kind: Literal["first", "final"] | None = None
    held_on: Day | None = None
    attended: tuple[Label, ...] = ()
    items: Annotated[tuple[AcceptanceItem, ...], Unique("title", "title_twice", "it is there already")] = ()
    open_points: tuple[Note, ...] = ()
    accepted_by: Label | None = None
    accepted_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.accepted_on is not None and self.accepted_by is None:
            problems.add(("accepted_by",), "accepted_by_nobody", "say who accepted it")
        if self.accepted_by is not None and (unseen := self.not_looked_at):
            problems.add(
                ("accepted_by",),
                "accepted_unseen",
                "look at every goal first; open: {titles}",
                titles=", ".join(each.title for each in unseen[:20]),
            )

    @property
    def not_looked_at(self) -> tuple[AcceptanceItem, ...]:
        """The goals of which nobody has said whether they are met."""
        return tuple(each for each in self.items if each.met is None)

    @property
    def not_met(self) -> tuple[AcceptanceItem, ...]:
        """The goals that are not met."""
        return tuple(each for each in self.items if each.met is False)
