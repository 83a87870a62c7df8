"""Facts that the host gives with a deal, in their kinds, and only those it may give."""

from __future__ import annotations

from datetime import date, datetime

from salesflow.domain import HostDeal
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._facts.readers import PROCESS, Value
from salesflow.errors import FactError, Problem, closest
from salesflow.facts import STANDARD_FACTS, FactKind
from salesflow.playbook import Playbook
from salesflow.rules import Rule
from salesflow.rules.ast import Known, Name


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
            hint = f'did you mean "{near}"?' if near else f"declared: {', '.join(sorted(allowed))}"
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


def given(deal: Deal, playbook: Playbook) -> dict[str, Value]:
    """The facts that the host gives, in their kinds.

    Only what the playbook declares and, of a host's own record, the standard facts about it: a
    host's value must never pass for an attestation or for a place in the process.
    """
    allowed = playbook.declared_facts
    if isinstance(deal, HostDeal):
        allowed |= STANDARD_FACTS.keys() - PROCESS.keys()
    facts: dict[str, Value] = {}
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
                Problem(name, f"{value!r} is no {kind.value}", hint="write 2026-01-31", code="kind")
            )
    if problems:
        raise FactError(f"Deal {deal.id!r} has facts of the wrong kind.", problems=problems)
    return facts
