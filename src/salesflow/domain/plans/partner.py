"""Partners: what they bring, when they come in, and by which rules."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day

PartnerKind = Literal["integrator", "reseller", "vendor", "consultant", "other"]
"""What sort of company a partner is."""


class RulesOfEngagement(Record):
    """The rules by which a partner takes part.

    Source: "Optimized Sales Process v2.1", steps 3 and 5.

    Attributes:
        enters_when: The point at which they come in.
        scope: What they do, and what they do not do.
        shared_information: What both sides tell each other.
        conflicts: What is done when both sides want the same.
        share: What they earn.
        agreed: Whether they have agreed.
    """

    enters_when: Note | None = None
    scope: Note | None = None
    shared_information: Note | None = None
    conflicts: Note | None = None
    share: Note | None = None
    agreed: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """The rules that are not made yet, by field name."""
        rules = ("enters_when", "scope", "shared_information", "conflicts", "share")
        return tuple(name for name in rules if getattr(self, name) is None)


class Partner(CheckedRecord):
    """A company that works with us on a deal.

    Source: "Optimized Sales Process v2.1", steps 1 (partner analysis), 3, 6 and 7.

    Attributes:
        name: Name of the company.
        kind: What sort of partner it is.
        role: What it does in this deal.
        strengths: What it is best at.
        solution_areas: The fields in which it has solutions.
        known_people: Names of contacts at the customer whom its people know well.
        contact: The person with whom we talk there.
        rules: The rules by which it takes part; None while none are made.
        able: Whether it can deliver, in business and technology; None: not checked.
        orders_on: The day by which it has promised to order from us.
        pays_on: The day by which it has promised to pay us; not before it orders.

    Example:
        >>> partner = Partner(
        ...     name="Builder", role="Integration", rules=RulesOfEngagement(scope="ERP")
        ... )
        >>> partner.rules.missing
        ('enters_when', 'shared_information', 'conflicts', 'share')
    """

    name: Label
    kind: PartnerKind | None = None
    role: Note | None = None
    strengths: tuple[Note, ...] = ()
    solution_areas: tuple[Label, ...] = ()
    known_people: tuple[Label, ...] = ()
    contact: Label | None = None
    rules: RulesOfEngagement | None = None
    able: bool | None = None
    orders_on: Day | None = None
    pays_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.orders_on and self.pays_on and self.pays_on < self.orders_on:
            problems.add(("pays_on",), "pays_early", "they pay before they order")
