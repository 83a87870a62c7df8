"""Where the facts of a deal are: a reader for each standard fact, and what the host gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, TypeAlias

from salesflow._closest import Suggestions
from salesflow._frozen import FrozenDict
from salesflow._wording import with_article
from salesflow.domain import HostDeal, Opportunity, Progress
from salesflow.domain._base.record import replaced
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._facts.from_records import foreign
from salesflow.engine._wording import fact_outside
from salesflow.errors import FactError, Problem, Severity
from salesflow.facts import BUYING_ROLES, CURRENCY, STANDARD_FACTS, FactKind
from salesflow.money import CURRENCIES, Money
from salesflow.money._currencies import near_currency
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import CALLS, PROCESS_FACTS
from salesflow.rules import Blocker, canonical
from salesflow.rules._values import Reader, readers_of

ReadValue: TypeAlias = str | float | bool | date | datetime | None


def _count(role: str, deal: Opportunity) -> int:
    return sum(contact.buying_role == role for contact in deal.contacts)


def _called(caller: str, progress: Progress) -> str | None:
    return next((it.category for it in progress.forecast_calls if it.caller == caller), None)


PROCESS: Final[Mapping[str, Callable[[Progress], ReadValue]]] = {
    "stage": lambda progress: progress.stage,
    "sub_stage": lambda progress: progress.sub_stage,
    "outcome": lambda progress: progress.outcome,
    "ended": lambda progress: progress.ended,
    "on_hold": lambda progress: progress.hold is not None,
    **{fact: partial(_called, caller) for caller, fact in CALLS.items()},
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


def check_given(
    deal: Deal, playbook: Playbook, *, entering: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Refuse a deal whose facts or team do not fit the playbook.

    Args:
        deal: The deal.
        playbook: The playbook that it follows, or is to follow.
        entering: `"facts"` and `"team"`, where an amendment gives them: see `misfits`.

    Returns:
        What is to be told of it and is no reason to refuse it.

    Raises:
        FactError: `problems` lists all that is wrong.
    """
    found = misfits(deal, playbook, entering=entering)
    if not found:
        return found
    problems = [problem for problem in found if problem.severity == "error"]
    if problems:
        message = f"Deal {deal.id!r} does not fit the playbook {playbook.id!r}."
        raise FactError(message, problems=problems)
    return found


def misfits(
    deal: Deal, playbook: Playbook, *, entering: Collection[str] = ()
) -> tuple[Problem, ...]:
    """What is wrong with the facts and the team of a deal.

    Facts and roles that the playbook does not have, facts of another kind, and values outside their
    lists or limits, which count as missing. What is given now must fit: the facts and the team of a
    deal that has not started, what is `entering`, and all facts of a host's own record. An
    Opportunity that has started may still have facts and roles from an earlier version of its
    playbook, or from another playbook that it came from; these are warnings.
    """
    if not deal.facts and not deal.team and not deal.records:
        return ()
    problems = [*foreign(deal.records, deal.id, "records")]
    suggestions = Suggestions()
    host, starting = isinstance(deal, HostDeal), deal.progress.playbook is None
    allowed = _allowed(playbook, host)
    given_now: Severity = "error" if host or starting or "facts" in entering else "warning"
    for name, value in deal.facts.items():
        path = f"facts.{name}"
        if name not in allowed:
            problems.append(_no_such_fact(name, playbook, allowed, suggestions, given_now))
            continue
        fact = playbook.facts[name]
        try:
            read = _value(value, fact.kind)
            if not isinstance(read, Money):  # in which currency its limits are, rates may tell
                read = allowed[name](read)
        except FactError as error:
            problems.append(Problem(path, error.message, error.hint, "kind"))
            continue
        if name.endswith(CURRENCY) and isinstance(read, str) and read not in CURRENCIES:
            near = None if suggestions.spent else near_currency(read)
            hint = f'did you mean "{near}"?' if near else 'give a code such as "USD"'
            message = f"{read[:20]!r} is not a currency of ISO 4217"
            problems.append(Problem(path, message, hint, "outside", given_now))
        if read is None and not (isinstance(value, str) and not value.strip()):
            hint = f"give {fact.allowed.get('en')}" if fact.choices else ""
            hint = hint or fact.advice(canonical(fact.kind, value)).get("en")
            message = f"{value!r:.80} counts as missing"
            problems.append(Problem(path, message, hint, "outside", "warning"))
    roles = playbook.roles
    severity: Severity = "error" if starting or "team" in entering else "warning"
    for number, member in enumerate(deal.team if roles else ()):
        for at, role in enumerate(member.roles):
            if role not in roles:
                near = suggestions.closest(role, roles)
                hint = f'did you mean "{near}"?' if near else f"there are {', '.join(roles)}"
                message, path = f'the playbook has no role "{role[:80]}"', f"team[{number}]"
                problems.append(Problem(f"{path}.roles[{at}]", message, hint, "unknown", severity))
    return tuple(problems)


def sound(deal: Deal, problems: Iterable[Problem]) -> Deal:
    """The deal without the facts that have these problems, for whoever looks at it all the same."""
    bad = {it.path.removeprefix("facts.") for it in problems if it.severity == "error"}
    if bad.isdisjoint(deal.facts):
        return deal
    kept = {name: value for name, value in deal.facts.items() if name not in bad}
    return replaced(deal, facts=FrozenDict(kept))


@kept_with_playbook
def _allowed(playbook: Playbook, host: bool) -> Mapping[str, Reader]:  # noqa: FBT001 - cached
    """The facts that a deal of the playbook may give, each with what reads its values."""
    names = playbook.declared_facts
    if host:
        names |= (STANDARD_FACTS.keys() - PROCESS_FACTS) | playbook.record_facts
    currencies = {f"{name}{CURRENCY}" for name in names}
    names |= {name for name in currencies if name in playbook.facts}
    return readers_of({name: playbook.facts[name] for name in names}, UTC)


def _no_such_fact(
    name: str,
    playbook: Playbook,
    allowed: Collection[str],
    suggestions: Suggestions,
    severity: Severity,
) -> Problem:
    path = f"facts.{name}"
    if name in playbook.record_facts:
        message, hint = _said_by(name, playbook)
        return Problem(path, message, hint, "derived", severity)
    if name in playbook.facts:
        message = "this follows from the rest of the deal and cannot be given"
        return Problem(path, message, "leave it out", "derived", severity)
    hint = ""
    if not suggestions.spent:
        near = suggestions.closest(name, allowed)
        known = ", ".join(sorted(allowed)[:20])
        hint = f'did you mean "{near}"?' if near else f"it knows: {known}" if known else ""
    return Problem(path, "the playbook has no such fact", hint, "unknown", severity)


def _said_by(name: str, playbook: Playbook) -> tuple[str, str]:
    """What is told of a fact that a record of the deal has to say, and what is to be done."""
    classes = playbook.record_readers[name][0].reads
    message = f"this follows from the record {' or '.join(classes)}"
    return message, f"give the deal the record: records=({classes[0]}(…),)"


def _value(value: object, kind: FactKind) -> object:
    """A value as its kind has it: days and times are kept as texts.

    Raises:
        FactError: The text is none of a day or a time, or money is given for something else.
    """
    if isinstance(value, Money) and kind is not FactKind.MONEY:
        message = f"{value} is money and not {with_article(kind.value)}"
        raise FactError(message, hint=f"give {with_article(kind.value)}")
    if kind not in (FactKind.DAY, FactKind.INSTANT) or not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if kind is FactKind.DAY else datetime.fromisoformat(value)
    except ValueError:
        message = f"{value[:80]!r} is not {with_article(kind.value)}"
        raise FactError(message, hint="write 2026-01-31") from None


def outside(facts: Mapping[str, object], playbook: Playbook) -> tuple[Blocker, ...]:
    """Why facts cannot be as they are: values outside what the playbook declares.

    Amounts are numbers in its currency; those that are not known may be anything.
    """
    found = []
    for name, value in facts.items():
        fact = playbook.facts.get(name)
        if fact is None or not fact.enforced:
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
    allowed = _allowed(playbook, isinstance(deal, HostDeal))
    facts: dict[str, ReadValue] = {}
    problems = []
    for name, value in deal.facts.items():
        if name not in allowed:
            continue
        try:
            facts[name] = _value(value, playbook.facts[name].kind)  # type: ignore[assignment]
        except FactError as error:
            problems.append(Problem(name, error.message, error.hint, "kind"))
    if problems:
        raise FactError(f"Deal {deal.id!r} has facts of the wrong kind.", problems=problems)
    return facts
