"""The file of a customer: what we know of it beyond its name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain.deal.account import Account


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
    employees: Annotated[int, Field(ge=0)] | None = None
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
