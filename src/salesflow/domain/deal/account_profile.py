"""What is known of a customer beyond its name."""

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
        field: Their line of business within the industry.
        region: Where they are.
        employees: How many people work there.
        size: How big they are, in words, where no number is known.
        business_model: How they earn their money.
        goals: Where they want to go.
        challenges: What stands in their way.
        organisation: How they are organised.
        it_base: Which systems they have.
        funds: What is known of their money.
        history: What we have done together so far.
        news: What happened lately.

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
        """Names of the parts of a customer's file that are not filled in."""
        parts = ("goals", "challenges", "organisation", "it_base", "funds")
        return tuple(name for name in parts if getattr(self, name) is None)
