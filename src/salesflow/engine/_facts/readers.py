"""Where the facts of a deal are: a reader for each standard fact, and what the host gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Final, TypeAlias

from salesflow._wording import with_article
from salesflow.domain import HostDeal, Opportunity, Progress
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._wording import fact_outside
from salesflow.errors import FactError, Problem, closest
from salesflow.facts import BUYING_ROLES, STANDARD_FACTS, FactKind
from salesflow.playbook import Playbook
from salesflow.rules import Blocker, Rule, canonical
from salesflow.rules.ast import Known, Name

ReadValue: TypeAlias = str | float | bool | date | datetime | None


def _count(role: str, deal: Opportunity) -> int:
    return sum(contact.buying_role == role for contact in deal.contacts)


PROCESS: Final[Mapping[str, Callable[[Progress], ReadValue]]] = {
    "stage": lambda progress: progress.stage,
    "sub_stage": lambda progress: progress.sub_stage,
    "outcome": lambda progress: progress.outcome,
    "ended": lambda progress: progress.ended,
    "on_hold": lambda progress: progress.hold is not None,
}

STANDARD: Final[Mapping[str, Callable[[Opportunity], ReadValue]]] = {
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


def check_given(deal: Deal, playbook: Playbook) -> None:
    """Refuse facts that the playbook does not declare, or that are not of their kinds.

    Raises:
        FactError: `problems` lists all of them.
    """
    problems = []
    allowed = playbook.declared_facts
    for name, value in deal.facts.items():
        if name not in allowed:
            near = closest(name, allowed)
            hint = f'did you mean "{near}"?' if near else ""
            if allowed and not near:
                hint = f"declared: {', '.join(sorted(allowed))}"
            problems.append(Problem(name, "the playbook declares no such fact", hint, "unknown"))
            continue
        alone = deal.replaced(facts={name: value})
        known = Rule.of(Known(Name(name, playbook.facts[name].kind)), playbook.facts)
        try:
            known.evaluate(given(alone, playbook))
        except FactError as error:
            problems += error.problems
    if problems:
        raise FactError(f"Deal {deal.id!r} cannot have these facts.", problems=problems)


def outside(deal: Deal, playbook: Playbook) -> tuple[Blocker, ...]:
    """Why the facts of a deal cannot be as they are: values outside what the playbook declares."""
    found = []
    for name, value in deal.facts.items():
        fact = playbook.facts[name]
        if not fact.enforced:
            continue
        seen = canonical(fact.kind, value)
        if seen is not None and not fact.admits(seen):
            found.append(fact_outside(playbook, fact, seen))
    return tuple(found)


def given(deal: Deal, playbook: Playbook) -> dict[str, ReadValue]:
    """The facts that the host gives, in their kinds.

    Only what the playbook declares and, of a host's own record, the standard facts about it: a
    host's value must never pass for an attestation or for a place in the process.
    """
    allowed = playbook.declared_facts
    if isinstance(deal, HostDeal):
        allowed |= STANDARD_FACTS.keys() - PROCESS.keys()
    facts: dict[str, ReadValue] = {}
    problems = []
    for name in allowed & deal.facts.keys():
        value = deal.facts[name]
        kind = playbook.facts[name].kind
        if kind not in (FactKind.DAY, FactKind.INSTANT) or not isinstance(value, str):
            facts[name] = value
            continue
        try:
            facts[name] = (
                date.fromisoformat(value) if kind is FactKind.DAY else datetime.fromisoformat(value)
            )
        except ValueError:
            problems.append(
                Problem(
                    name,
                    f"{value!r} is not {with_article(kind.value)}",
                    hint="write 2026-01-31",
                    code="kind",
                )
            )
    if problems:
        raise FactError(f"Deal {deal.id!r} has facts of the wrong kind.", problems=problems)
    return facts
