"""Leads: where they come from, what is known of them, and how much they promise."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal, get_args

from salesflow._arguments import several
from salesflow._data import read_data
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.decision_table import DecisionTable, TableResult

LeadChannel = Literal[
    "market_event",
    "online_seminar",
    "download",
    "telephone",
    "referral",
    "public_information",
    "partner",
    "existing_customer",
    "other",
]
"""The way by which a lead came to us."""

_LEVELS: Final[tuple[Level, ...]] = get_args(Level)

LEAD_GRADES: Final = DecisionTable.model_validate(read_data(__package__, "lead_grades.toml"))
"""High, medium or low potential. The four factors are those of the "Sales process management
template", step 1; it gives no table, so the rows are our reading. The card `lead_grade` of the
playbook `closed_loop_sales` gives the same answer to every case. Make your own with
`DecisionTable.of`."""


class LeadProfile(Record):
    """What a first screening finds. Source: "Sales process management template", step 1.

    Attributes:
        industry_fit: How well the customer's industry fits what we offer.
        pain_point: How strong the pain is that we could ease.
        budget_size: How big the budget is by the measure of our business.
        decision_chain: How completely we know the people who decide.
    """

    industry_fit: Level | None = None
    pain_point: Level | None = None
    budget_size: Level | None = None
    decision_chain: Level | None = None

    def grade(self, table: DecisionTable = LEAD_GRADES) -> TableResult:
        """The potential by `table`; open as long as a missing answer can still change it."""
        return table.decide(dict(self))


@lru_cache(maxsize=256)  # as many as there are answers; a deal with a lead is asked often
def _advised(answers: tuple[tuple[str, Level | None], ...]) -> TableResult:
    return LEAD_GRADES.decide(dict(answers))


class Lead(CheckedRecord):
    """A customer who may have a need, before there is a deal.

    Source: "Sales process management template", step 1; "Optimized Sales Process v2.1", step 2,
    also describes the channels and how a lead is handed on.

    Attributes:
        customer: Name of the customer.
        channel: The way by which it came.
        source: The event, the person or the report that it came from, in words.
        received_on: The day when we learned of it.
        industry: The customer's industry.
        company_size: How big the customer is, for instance "500-1000".
        contact: Name of the first person we know there.
        contact_details: How to reach them.
        first_contact_on: The day of the first contact.
        first_owner: The person on our side who makes the first contact.
        communication_plan: The topics of the first talks.
        profile: What the screening found.
        graded: The grade that a person gave; None: only the table advises.
        handed_to: Who follows it up once it is qualified.
        handed_on: The day when it was handed to them; needs `handed_to`.
        opportunity: Id of the deal that it became.
        note: Anything else.

    Example:
        >>> lead = Lead(
        ...     customer="Acme",
        ...     channel="referral",
        ...     profile=LeadProfile(industry_fit="high", pain_point="low"),
        ... )
        >>> lead.advised.result
        'low'
        >>> Lead(customer="Acme", channel="other").advised.possible
        ('low', 'high', 'medium')
    """

    customer: Label
    channel: LeadChannel
    source: Label | None = None
    received_on: Day | None = None
    industry: Label | None = None
    company_size: Label | None = None
    contact: Label | None = None
    contact_details: Label | None = None
    first_contact_on: Day | None = None
    first_owner: Label | None = None
    communication_plan: Note | None = None
    profile: LeadProfile = LeadProfile()
    graded: Level | None = None
    handed_to: Label | None = None
    handed_on: Day | None = None
    opportunity: Label | None = None
    note: Note | None = None

    def _check(self, problems: Problems) -> None:
        if self.handed_on is not None and self.handed_to is None:
            problems.add(("handed_to",), "handed_to_nobody", "say to whom it was handed")
        if self.received_on and self.handed_on and self.handed_on < self.received_on:
            problems.add(("handed_on",), "handed_early", "it was handed on before it came")

    @property
    def advised(self) -> TableResult:
        """The potential by [`LEAD_GRADES`][salesflow.domain.LEAD_GRADES], for people to decide."""
        return _advised(tuple(self.profile))

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields of a lead on file that are not filled in yet, by name."""
        filed = (
            "source",
            "industry",
            "company_size",
            "contact",
            "first_contact_on",
            "first_owner",
            "communication_plan",
        )
        return tuple(name for name in filed if getattr(self, name) is None)


def by_potential(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    """The leads in the order in which to follow them up: high potential first.

    A person's grade goes before the table's. A lead whose potential is open is placed by the best
    that it can still be, behind the leads that certainly are that good. Equal leads keep their
    order.

    Raises:
        ArgumentError: `leads` is not a list of leads.

    Example:
        >>> weak = Lead(customer="A", channel="other", profile=LeadProfile(pain_point="low"))
        >>> new = Lead(customer="B", channel="other")
        >>> strong = Lead(customer="C", channel="referral", graded="high")
        >>> [lead.customer for lead in by_potential((weak, new, strong))]
        ['C', 'B', 'A']
    """
    return tuple(sorted(several(leads, Lead, "leads"), key=_rank))


def _rank(lead: Lead) -> tuple[int, int]:
    possible = lead.advised.possible if lead.graded is None else (lead.graded,)
    ranks = [_LEVELS.index(level) for level in possible]
    return min(ranks), max(ranks)
