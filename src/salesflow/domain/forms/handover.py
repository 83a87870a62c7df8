"""The hand-over from sales to delivery: written and complete."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import model_validator

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.times import Day
from salesflow.domain.deal.team import Responsibility

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
"""What a complete hand-over holds."""

_SECTIONS: Final[tuple[HandOverSection, ...]] = (
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
)


class Milestone(Record):
    """A point of a project that can be seen to be reached.

    Attributes:
        title: What is reached.
        due_on: Until when.
        reached_on: When it was reached; None: not yet.
    """

    title: Label
    due_on: Day | None = None
    reached_on: Day | None = None


class HandOver(CheckedRecord):
    """What sales hands over to delivery when a contract is signed.

    Source: "Sales process management template", step 5 (contact, team, dates, kick-off); "Sales
    support process design", hand-over (the other sections; written and complete).

    An empty section is one that nobody has written; one where there is nothing says so in words.

    Attributes:
        contract: Number of the contract.
        customer: Name of the customer.
        customer_contact: Whom delivery talks with there.
        delivery_team: Who delivers.
        milestones: The dates.
        requirements: What the customer needs.
        solution_details: What was promised to be built.
        commitments: What else was promised.
        communication_records: What was said and written, or where it is kept.
        success_factors: What decides whether the customer will be content.
        risks: What may go wrong.
        special_expectations: What this customer expects beyond the contract.
        cooperation: Who of sales and delivery does what from now on, and how they work together.
        kickoff_on: The day of the kick-off.
        handed_over_by: Who handed over.
        accepted_by: Who accepted for delivery; only a complete hand-over is accepted.
        accepted_on: When.

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
        """The sections that nobody has written."""
        return tuple(name for name in _SECTIONS if not getattr(self, name))

    @property
    def complete(self) -> bool:
        """Whether every section is written."""
        return not self.missing
