"""The customer: the account, its file, and the people who work there."""

from __future__ import annotations

from typing import Literal

from salesflow import facts
from salesflow.domain._base.record import Count, Label, Note, Record
from salesflow.domain._base.times import Day

Tier = facts.Tier
"""How an account is served. Named and strategic accounts get a full plan for every deal."""

BuyingRole = facts.BuyingRole
"""The part a person plays in the purchase; each is counted by the fact `contacts.<role>`."""

Influence = Literal["high", "medium", "low"]
"""How much weight a person has in the decision."""

Attitude = Literal["champion", "supporter", "neutral", "opponent"]
"""Whether a person is for us or against us."""

Relationship = Literal["strong", "medium", "weak", "none"]
"""How well a person knows and trusts us."""

Coverage = Literal["in_depth", "multiple", "brief", "no_contact"]
"""How much we have talked with a person about this deal."""


class Account(Record):
    """A customer organisation.

    Attributes:
        name: Its name.
        tier: How it is served; None: not known.
        industry: Its industry.

    Example:
        >>> Account(name="Acme", tier="named").tier
        'named'
    """

    name: Label
    tier: Tier | None = None
    industry: Label | None = None


class AccountProfile(Record):
    """The file of a customer.

    Source: "Optimized Sales Process v2.1", step 1 (customer profile: industry, field, size, goals,
    organisation, IT, funds); "Project tracking process sheet", stage 2 (customer information);
    "Sales process management template", step 1.

    Attributes:
        account: Name, tier and industry.
        field: Its line of business within the industry.
        region: Where it is.
        employees: How many people work there.
        size: How big it is, in words, where the number of people is not known.
        business_model: How it earns its money.
        goals: What it wants to achieve.
        challenges: What stands in its way.
        organisation: How it is organised.
        it_base: Which systems it has.
        funds: What is known of its money.
        history: What we have done together so far.
        news: What has happened lately.

    Example:
        >>> profile = AccountProfile(account=Account(name="Acme", industry="Steel"), employees=750)
        >>> profile.missing
        ('goals', 'challenges', 'organisation', 'it_base', 'funds')
    """

    account: Account
    field: Label | None = None
    region: Label | None = None
    employees: Count | None = None
    size: Label | None = None
    business_model: Note | None = None
    goals: Note | None = None
    challenges: Note | None = None
    organisation: Note | None = None
    it_base: Note | None = None
    funds: Note | None = None
    history: Note | None = None
    news: tuple[Note, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts of a customer's file that are not filled in, by field name."""
        parts = ("goals", "challenges", "organisation", "it_base", "funds")
        return tuple(name for name in parts if getattr(self, name) is None)


class Contact(Record):
    """A person at the customer.

    Attributes:
        name: Their name, which is unique within a deal.
        job_title: Their position.
        buying_role: The part that they play in this purchase; None: not known.
        influence: How much weight they have in the decision; None: not known.
        attitude: Whether they are for us or against us; None: not known.
        department: The department in which they work.
        reports_to: The name of the contact to whom they report.
        relationship: How well they know and trust us; None: not known.
        coverage: How much we have talked with them; None: not known.
        contact_details: How to reach them.
        cares_about: What they want to know or to achieve, for the company and for themselves.
        last_talk_on: The day when we last talked with them.
        note: Anything else, for instance their style.

    Example:
        >>> Contact(name="Zhang Wei", buying_role="economic_buyer", influence="high").attitude
    """

    name: Label
    job_title: Label | None = None
    buying_role: BuyingRole | None = None
    influence: Influence | None = None
    attitude: Attitude | None = None
    department: Label | None = None
    reports_to: Label | None = None
    relationship: Relationship | None = None
    coverage: Coverage | None = None
    contact_details: Label | None = None
    cares_about: Note | None = None
    last_talk_on: Day | None = None
    note: Note | None = None
