"""The hand-over from sales to delivery: written and complete."""

from __future__ import annotations

from typing import Final, Literal, get_args

from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
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
