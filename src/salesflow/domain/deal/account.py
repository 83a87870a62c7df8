"""The customer: the account, and the people who work there."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day

Tier = Literal["regular", "named", "strategic"]
"""How an account is served. Named and strategic accounts get a full plan for every deal."""

BuyingRole = Literal[
    "economic_buyer",
    "champion",
    "technical_buyer",
    "user_buyer",
    "business_lead",
    "procurement",
    "inside_supporter",
    "influencer",
]
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
