"""Reading facts from an opportunity: the values that the rules of a playbook see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, Self
from zoneinfo import ZoneInfo

from salesflow.domain import Judgement, Opportunity, Progress
from salesflow.errors import ClockError, FactError, MissingRate, Problem
from salesflow.facts import BUYING_ROLES, Kind
from salesflow.money import Money, Rates
from salesflow.playbook import Checklist, Playbook, Scorecard
from salesflow.qualify import marks_of, score, tally

__all__ = ["FactPlan", "Value", "aware", "current_visit", "facts_of"]

Value = str | float | bool | date | datetime | None

_APPROVAL: Final[Mapping[str, bool | None]] = {"go": True, "kill": False, "hold": None}


def facts_of(
    opportunity: Opportunity,
    playbook: Playbook,
    *,
    at: datetime,
    rates: Rates | None = None,
    tz: str = "UTC",
) -> dict[str, Value]:
    """Everything that the rules of `playbook` can know of a deal.

    Args:
        opportunity: The deal.
        playbook: Whose facts to read.
        at: The moment, with its zone; scores whose rules use time take its day in `tz`.
        rates: Needed when the deal is not in the playbook's currency.
        tz: The zone in which a moment has its calendar day.

    Returns:
        The value by fact name. A fact that is not known is None or absent.

    Raises:
        ClockError: `at` has no zone.
        MissingRate: The amount is in another currency and there is no rate for it.
        FactError: A declared fact has a value that is not of its kind.
    """
    today = aware(at, "at").astimezone(ZoneInfo(tz)).date()
    plan = FactPlan.of(playbook, frozenset(playbook.facts))
    return plan.read(opportunity, today, rates, tz)


def aware(moment: datetime, name: str) -> datetime:
    """`moment` in UTC; raises ClockError when it has no zone."""
    if not _has_zone(moment):
        raise ClockError(
            f"{name} must be a datetime with a zone, not {moment!r}.",
            hint="For instance datetime(2026, 1, 31, 9, 0, tzinfo=UTC).",
        )
    return moment.astimezone(UTC)


def _has_zone(moment: object) -> bool:
    return isinstance(moment, datetime) and moment.utcoffset() is not None


@dataclass(frozen=True, slots=True)
class FactPlan:
    """How to read the facts that somebody wants: worked out once, used for every deal.

    A gate needs only the facts of its own criteria, so that an amount is converted and a card is
    scored only where a rule asks for it.
    """

    playbook: Playbook
    standard: tuple[tuple[str, Callable[[Opportunity], Value]], ...]
    amount: bool
    days: bool
    checklists: tuple[Checklist, ...]
    reached: tuple[str, ...]
    cards: tuple[Scorecard, ...]

    @classmethod
    def of(cls, playbook: Playbook, wanted: frozenset[str]) -> Self:
        """The plan for reading the facts named in `wanted`."""
        cards = _cards_in_order(playbook, wanted)
        names = wanted.union(*(item.rule.facts for card in cards for item in card.items))
        return cls(
            playbook=playbook,
            standard=tuple((name, _STANDARD[name]) for name in sorted(names & _STANDARD.keys())),
            amount="amount" in names,
            days=not names.isdisjoint({"entered_stage_on", "closed_on"}),
            checklists=tuple(
                checklist
                for checklist in playbook.checklists.values()
                if not names.isdisjoint({f"{checklist.key}.asked", f"{checklist.key}.unknown"})
            ),
            reached=tuple(
                name.removeprefix("reached.") for name in names if name.startswith("reached.")
            ),
            cards=cards,
        )

    def read(
        self, opportunity: Opportunity, today: date, rates: Rates | None, tz: str
    ) -> dict[str, Value]:
        """The values; what people put on record is always among them."""
        progress = opportunity.progress
        facts: dict[str, Value] = {}
        if opportunity.facts:
            facts.update(_declared(opportunity, self.playbook))
        for name, reader in self.standard:
            facts[name] = reader(opportunity)
        if self.amount and opportunity.amount is not None:
            facts["amount"] = _amount(opportunity, opportunity.amount, self.playbook, rates)
        if self.days:
            facts.update(_days(progress, ZoneInfo(tz)))
        for attestation in progress.attestations:
            facts[f"done.{attestation.criterion}"] = attestation.met
        for completion in progress.completions:
            facts[f"done.{completion.instrument}"] = True
        if progress.judgements:
            facts.update(_judgements(progress))
        marks = marks_of(progress.answers)
        facts.update(marks)
        for checklist in self.checklists:
            count = tally(checklist, marks)
            facts[f"{checklist.key}.asked"] = count.asked
            facts[f"{checklist.key}.unknown"] = count.unknown
        for key in self.reached:
            facts[f"reached.{key}"] = _reached(progress, self.playbook, key)
        for card in self.cards:
            result = score(self.playbook, card, facts, today, tz=tz)
            facts[f"score.{card.key}.low"] = result.low
            facts[f"score.{card.key}.high"] = result.high
        return facts


def current_visit(progress: Progress, stage: str | None = None) -> range:
    """The visits, by number, of the latest stay in `stage` (default: the present one).

    Moving between the sub-stages of a stage is one stay.
    """
    visits = progress.visits
    end = len(visits)
    wanted = progress.stage if stage is None else stage
    while end and visits[end - 1].stage != wanted:
        end -= 1
    start = end
    while start and visits[start - 1].stage == wanted:
        start -= 1
    return range(start, end)


def _count(role: str, deal: Opportunity) -> int:
    return sum(contact.buying_role == role for contact in deal.contacts)


_STANDARD: Final[Mapping[str, Callable[[Opportunity], Value]]] = {
    "stage": lambda deal: deal.progress.stage,
    "sub_stage": lambda deal: deal.progress.sub_stage,
    "outcome": lambda deal: deal.progress.outcome,
    "ended": lambda deal: deal.progress.ended,
    "on_hold": lambda _deal: False,
    "amount.currency": lambda deal: deal.amount.currency if deal.amount else None,
    "owner": lambda deal: deal.owner,
    "source": lambda deal: deal.source,
    "next_step": lambda deal: deal.next_step,
    "probability": lambda deal: deal.probability,
    "created_on": lambda deal: deal.created_on,
    "expected_close_on": lambda deal: deal.expected_close_on,
    "last_activity_on": lambda deal: deal.last_activity_on,
    "next_step_on": lambda deal: deal.next_step_on,
    "close_date_pushes": lambda deal: deal.close_date_pushes,
    "account.tier": lambda deal: deal.account.tier if deal.account else None,
    "account.name": lambda deal: deal.account.name if deal.account else None,
    "account.industry": lambda deal: deal.account.industry if deal.account else None,
    "contacts.total": lambda deal: len(deal.contacts),
    **{f"contacts.{role}": partial(_count, role) for role in BUYING_ROLES},
}


def _amount(deal: Opportunity, money: Money, playbook: Playbook, rates: Rates | None) -> float:
    if money.currency == playbook.currency:
        return float(money.amount)
    if rates is None:
        raise MissingRate(
            f"Deal {deal.id!r} is in {money.currency}, the playbook in {playbook.currency}.",
            hint=f'Pass rates=Rates(base="{playbook.currency}", rates={{"{money.currency}": …}}).',
        )
    return rates.amount_in(playbook.currency, money)


def _days(progress: Progress, zone: ZoneInfo) -> dict[str, Value]:
    stay = current_visit(progress)
    entered = progress.visits[stay[0]].entered_at if stay else None
    closed = progress.closed_at
    return {
        "entered_stage_on": entered.astimezone(zone).date() if entered else None,
        "closed_on": closed.astimezone(zone).date() if closed else None,
    }


def _judgements(progress: Progress) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    here = current_visit(progress)
    for judgement in progress.judgements:
        verdict = _APPROVAL[judgement.verdict]
        if judgement.visit in here and judgement.point is None:
            facts[f"approval.{judgement.role}"] = verdict
        if judgement.point is not None and _stands(judgement, progress):
            facts[f"done.{judgement.point}"] = verdict
    return facts


def _stands(judgement: Judgement, progress: Progress) -> bool:
    return judgement.visit in current_visit(progress, judgement.stage)


def _reached(progress: Progress, playbook: Playbook, key: str) -> bool | None:
    if any(key in (visit.stage, visit.sub_stage) for visit in progress.visits):
        return True
    if progress.adopted:
        baseline = progress.visits[0].sub_stage or progress.visits[0].stage
        before = {
            name
            for left in playbook.must_have_left(baseline)
            for name in (left.key, left.stage.key)
        }
        # Which other stages an adopted deal went through before is not on record.
        return True if key in before else None
    return False


def _cards_in_order(playbook: Playbook, wanted: frozenset[str]) -> tuple[Scorecard, ...]:
    """The wanted cards, each after the cards that its own rules read; the lint refused circles."""
    order: dict[str, Scorecard] = {}

    def visit(key: str) -> None:
        if key in order:
            return
        card = playbook.scorecards[key]
        for item in card.items:
            for other in _cards_read(item.rule.facts):
                visit(other)
        order[key] = card

    for key in sorted(_cards_read(wanted)):
        visit(key)
    return tuple(order.values())


def _cards_read(names: frozenset[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("score.")}


def _declared(deal: Opportunity, playbook: Playbook) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    problems = []
    # Only what the playbook declares: a host's value must never pass for an attestation.
    for name in playbook.declared_facts & deal.facts.keys():
        value = deal.facts[name]
        kind = playbook.facts[name].kind
        if kind not in (Kind.DAY, Kind.INSTANT) or not isinstance(value, str):
            facts[name] = value
            continue
        try:
            facts[name] = (
                date.fromisoformat(value) if kind is Kind.DAY else datetime.fromisoformat(value)
            )
        except ValueError:
            problems.append(
                Problem(name, f"{value!r} is no {kind.value}", hint="write 2026-01-31", code="kind")
            )
    if problems:
        raise FactError(f"Deal {deal.id!r} has facts of the wrong kind.", problems=problems)
    return facts
