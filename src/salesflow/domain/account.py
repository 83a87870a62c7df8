"""Who the customer is: the account and the people in it."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base import Label, Note, Record

__all__ = [
    "Account",
    "Attitude",
    "BuyingRole",
    "Contact",
    "Coverage",
    "Influence",
    "Relationship",
    "Tier",
]

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
Attitude = Literal["champion", "supporter", "neutral", "opponent"]

Relationship = Literal["strong", "medium", "weak", "none"]
"""How well a person and we know and trust each other."""

Coverage = Literal["in_depth", "multiple", "brief", "no_contact"]
"""How much we have talked with a person about this deal."""


class Account(Record):
    """A customer organisation.

    Attributes:
        tier: None while nobody has said which it is.

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
        buying_role: The part they play in this purchase; None while it is not known.
        influence: How much they weigh in the decision.
        attitude: How they stand to us; None while it is not known.
        department: Where they work.
        reports_to: The name of the contact whom they report to.
        relationship: How well they and we know each other; None while it is not known.
        coverage: How much we have talked with them; None while nobody has said.

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
    note: Note | None = None
