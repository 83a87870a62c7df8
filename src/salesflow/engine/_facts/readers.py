"""Where the standard facts are in a deal: one reader for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Final, TypeAlias

from salesflow.domain import Opportunity, Progress
from salesflow.facts import BUYING_ROLES

Value: TypeAlias = str | float | bool | date | datetime | None


def _count(role: str, deal: Opportunity) -> int:
    return sum(contact.buying_role == role for contact in deal.contacts)


PROCESS: Final[Mapping[str, Callable[[Progress], Value]]] = {
    "stage": lambda progress: progress.stage,
    "sub_stage": lambda progress: progress.sub_stage,
    "outcome": lambda progress: progress.outcome,
    "ended": lambda progress: progress.ended,
    "on_hold": lambda progress: progress.hold is not None,
}

STANDARD: Final[Mapping[str, Callable[[Opportunity], Value]]] = {
    "amount.currency": lambda deal: deal.amount.currency if deal.amount else None,
    "owner": lambda deal: deal.owner,
    "source": lambda deal: deal.source,
    "next_step": lambda deal: deal.next_step,
    "probability": lambda deal: deal.probability,
    "created_on": lambda deal: deal.created_on,
    "expected_close_on": lambda deal: deal.expected_close_on,
    "last_activity_on": lambda deal: deal.last_activity_on,
    "next_step_on": lambda deal: deal.next_step_on,
    "close_date_pushes": lambda deal: deal.close_date_pushes + deal.progress.close_date_pushes,
    "account.tier": lambda deal: deal.account.tier if deal.account else None,
    "account.name": lambda deal: deal.account.name if deal.account else None,
    "account.industry": lambda deal: deal.account.industry if deal.account else None,
    "contacts.total": lambda deal: len(deal.contacts),
    **{f"contacts.{role}": partial(_count, role) for role in BUYING_ROLES},
}
