"""Delivery: the hand-over from sales, weekly reports, change requests, and the acceptance."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from salesflow.domain._base.checks import TITLE_ONCE, CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.deal.team import Responsibility
from salesflow.money import Money

HandOverSection = Literal[
    "customer_contact",
    "delivery_team",
    "milestones",
    "requirements",
    "solution_details",
    "commitments",
    "communication_records",
    "success_factors",
    "risks",
    "special_expectations",
    "cooperation",
]
"""The sections of a complete hand-over."""

_SECTIONS: Final[tuple[HandOverSection, ...]] = get_args(HandOverSection)


class Milestone(Record):
    """A point of a project of which everybody can see whether it is reached.

    Attributes:
        title: What is reached.
        due_on: The day by which it is to be reached.
        reached_on: The day on which it was reached; None: not yet.
    """

    title: Label
    due_on: Day | None = None
    reached_on: Day | None = None


class HandOver(CheckedRecord):
    """What sales hands over to delivery when a contract is signed.

    Source: "Sales process management template", step 5 (contact, team, dates, kick-off); "Sales
    support process design", hand-over (the other sections; written and complete).

    A section that is empty has not been written; where there is nothing to hand over, the section
    says so in words.

    Attributes:
        contract: Number of the contract.
        customer: Name of the customer.
        customer_contact: The person with whom delivery talks there.
        delivery_team: The people who deliver.
        milestones: The dates of the project.
        requirements: What the customer needs.
        solution_details: What we promised to build.
        commitments: What else we promised.
        communication_records: What was said and written, or where it is kept.
        success_factors: What decides whether the customer will be satisfied.
        risks: What may go wrong.
        special_expectations: What this customer expects beyond the contract.
        cooperation: What sales and delivery each do from now on, and how they work together.
        kickoff_on: The day of the kick-off.
        handed_over_by: The person who handed over.
        accepted_by: The person who accepted a complete hand-over for delivery.
        accepted_on: The day of the acceptance; needs `accepted_by`.

    Example:
        >>> hand_over = HandOver(contract="C-1", customer="Acme", customer_contact="Zhang")
        >>> hand_over.complete, len(hand_over.missing)
        (False, 10)
    """

    contract: Label
    customer: Label
    customer_contact: Label | None = None
    delivery_team: tuple[Responsibility, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    requirements: tuple[Note, ...] = ()
    solution_details: Note | None = None
    commitments: tuple[Note, ...] = ()
    communication_records: tuple[Note, ...] = ()
    success_factors: tuple[Note, ...] = ()
    risks: tuple[Note, ...] = ()
    special_expectations: tuple[Note, ...] = ()
    cooperation: Note | None = None
    kickoff_on: Day | None = None
    handed_over_by: Label | None = None
    accepted_by: Label | None = None
    accepted_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.accepted_by is not None and self.missing:
            problems.add(
                ("accepted_by",),
                "accepted_incomplete",
                "a hand-over is accepted when it is complete; missing: {sections}",
                sections=", ".join(self.missing),
            )
        if self.accepted_on is not None and self.accepted_by is None:
            problems.add(("accepted_by",), "accepted_by_nobody", "say who accepted it")

    @property
    def missing(self) -> tuple[HandOverSection, ...]:
        """The sections that are not written yet."""
        return tuple(name for name in _SECTIONS if not getattr(self, name))

    @property
    def complete(self) -> bool:
        """Whether every section is written."""
        return not self.missing


class ProgressReport(CheckedRecord):
    """What was done in a week, what comes next, and where help is needed.

    Source: "Sales process management template", step 6 (progress told to the customer every week
    during delivery); "Twenty sales processes", sales project weekly report. Their columns are not
    given there.

    Attributes:
        subject: The deal or the project that it is about.
        audience: The customer, or our own side.
        from_on: The first day of the week.
        until_on: The last day; not before the first.
        by: The person who wrote it.
        done: What was done.
        next_steps: What comes next.
        problems: What does not go as it should.
        risks: What may go wrong.
        help_wanted: The help that is needed, and from whom.
        on_time: Whether the dates will be kept; None: hard to say.
        told_to: The people who have received it.

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
        """The parts without which a report says nothing, by field name."""
        parts = ("done", "next_steps", "told_to")
        return tuple(name for name in parts if not getattr(self, name))


class ChangeRequest(CheckedRecord):
    """A request to do something in another way than was offered or promised.

    Source: "Sales support process design", delivery coordination: history is looked up, the effect
    is assessed, and sales and delivery answer it together. Its columns are not given there.

    Attributes:
        contract: Number of the contract.
        what: What is to change.
        asked_by: The person who asks for it.
        asked_on: The day of the request.
        promised_before: What we offered or promised of it earlier; None: not looked up yet.
        cost: What it costs us.
        days: Calendar days by which delivery is later; less than 0: earlier.
        effect: What else it means.
        decision: Accepted, refused, or accepted for a price; None: open.
        decided_by: The person who decided.
        decided_on: The day of the decision; needs a decision.
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
    """One goal of the project, compared with what was delivered.

    Attributes:
        title: The goal, as the contract or the solution has it.
        met: Whether it is met; None: not looked at yet.
        remark: What the customer says about it, or what is still to be done.
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
        kind: First or final acceptance; None: there is only one.
        held_on: The day of the meeting.
        attended: The people of both sides who took part.
        items: The goals, each once.
        open_points: What is still to be done.
        accepted_by: The person who accepted for the customer, after every goal was looked at.
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
    items: Annotated[tuple[AcceptanceItem, ...], TITLE_ONCE] = ()
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
                titles=", ".join(item.title for item in unseen[:20]),
            )

    @property
    def not_looked_at(self) -> tuple[AcceptanceItem, ...]:
        """The goals that nobody has looked at yet."""
        return tuple(item for item in self.items if item.met is None)

    @property
    def not_met(self) -> tuple[AcceptanceItem, ...]:
        """The goals that are not met."""
        return tuple(item for item in self.items if item.met is False)
