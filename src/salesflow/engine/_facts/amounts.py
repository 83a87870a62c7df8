"""What the amounts of a deal are in the playbook's currency, and why one is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypeAlias

from salesflow._arguments import zone
from salesflow.domain import Opportunity
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._facts.readers import given
from salesflow.errors import MissingRate
from salesflow.facts import CURRENCY, FACT_TITLES, Fact, FactKind
from salesflow.money import Money, RateDay, Rates
from salesflow.money._rates import converted
from salesflow.playbook import Playbook
from salesflow.text import Text, both, filled

RawFacts: TypeAlias = dict[str, Any]

UNRATED: Final = "unrated>"
"""What the name of an `Unrated` begins with, before that of its fact; no rule can read it."""

_NO_RATE: Final = both(
    en="there is no rate from {currency} into {into}", zh="没有 {currency} 到 {into} 的汇率"
)
_TOO_EARLY: Final = both(
    en="the rates of {currency} begin on {first}, after {day}",
    zh="{currency} 的汇率自 {first} 起，晚于 {day}",
)
_NO_DAY: Final = both(
    en="which rate counts depends on {days}, not known", zh="适用的汇率取决于{days}，而其未知"
)
_UNSAID: Final = both(en="nobody says in which currency it is", zh="未说明币种")
_OR: Final = both(en="{first} or {second}", zh="{first}或{second}")


class Unrated(NamedTuple):
    """Why an amount is given and not known in the playbook's currency, and what to do.

    Attributes:
        why: The reason.
        hint: What to do.
        needs_rate: Its currency is known, and the day whose rate counts, and there is no rate.
    """

    why: Text
    hint: str
    needs_rate: bool = False


def day_that_counts(deal: Deal, rates: Rates | None, today: date, tz: str) -> date | None:
    """The day whose rate counts for a deal; None where it is not known."""
    for name in ("today",) if rates is None else rates.on:
        found = today if name == "today" else _day(deal, name, tz)
        if found is not None:
            return found
    return None


def _day(deal: Deal, name: RateDay, tz: str) -> date | None:
    if name == "closed_on":
        closed = deal.progress.closed_at
        return closed.astimezone(zone(tz)).date() if closed else None
    if isinstance(deal, Opportunity):
        return deal.expected_close_on
    found = deal.facts.get(name)
    try:  # what is no day is refused where facts are read
        return datetime.fromisoformat(found).date() if isinstance(found, str) else None
    except ValueError:
        return None


def amounts_of(playbook: Playbook, names: frozenset[str]) -> tuple[Fact, ...]:
    """The amounts among these facts, and those whose currencies are."""
    facts = playbook.facts
    found = {name for wanted in names for name in (wanted, wanted.removesuffix(CURRENCY))}
    amounts = (facts[name] for name in sorted(found & facts.keys()))
    return tuple(fact for fact in amounts if fact.kind is FactKind.MONEY)


def with_currencies(playbook: Playbook, names: Iterable[str]) -> frozenset[str]:
    """These facts, and those that say in which currencies the amounts among them are."""
    found = frozenset(names)
    return found.union(it.currency for it in amounts_of(playbook, found) if it.currency)


class Exchange(NamedTuple):
    """How the amounts of one deal are converted.

    Attributes:
        into: The playbook's currency.
        deals: In which the deal's own amount is; None where it is not known.
        rates: The caller's, if there are any.
        day: Whose rate counts; None where it is not known.
    """

    into: str
    deals: str | None
    rates: Rates | None
    day: date | None

    @classmethod
    def of(cls, deal: Deal, playbook: Playbook, rates: Rates | None, day: date | None) -> Exchange:
        """That of a deal."""
        into = playbook.currency
        if isinstance(deal, Opportunity):
            own = None if deal.amount is None else deal.amount.currency
        else:
            # A number that a host gives as the amount is in the playbook's currency.
            amount, said = deal.facts.get("amount"), deal.facts.get(f"amount{CURRENCY}")
            own = amount.currency if isinstance(amount, Money) else None
            if own is None and amount is not None:
                own = said if isinstance(said, str) else into
        return cls(into, own, rates, day)

    def put(self, facts: RawFacts, amounts: Iterable[Fact]) -> None:
        """Make amounts numbers in the playbook's currency; those that are not known say why."""
        for fact in amounts:
            value = facts.get(fact.name)
            if isinstance(value, Money):
                facts[f"{fact.name}{CURRENCY}"] = value.currency
                number = float(value.amount)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                number = float(value)
            else:
                continue  # nothing, or what is refused where facts are read
            currency = self.currency_of(fact, facts)
            if currency == self.into:
                facts[fact.name] = number if isinstance(value, Money) else value
                continue
            worth = self._worth(number, currency)
            if isinstance(worth, Unrated):
                del facts[fact.name]
                facts[f"{UNRATED}{fact.name}"] = worth
            else:
                facts[fact.name] = worth

    def currency_of(self, fact: Fact, facts: Mapping[str, object]) -> str | None:
        """In which currency an amount is: it says so itself, or the playbook says it.

        Where neither does it is in the playbook's currency if the deal is; else nobody knows.
        """
        own = f"amount{CURRENCY}"
        for name in filter(None, (f"{fact.name}{CURRENCY}", fact.currency)):
            if name.isupper():
                return name
            said = self.deals if name == own else facts.get(name)
            if isinstance(said, str) and said.strip():
                return said
            if name == fact.currency:
                return None
        return self.into if self.deals == self.into else None

    def _worth(self, number: float, currency: str | None) -> float | Unrated:
        if currency is None:
            hint = 'give Money(…), or say it in the playbook: currency = "amount"'
            return Unrated(_UNSAID, hint)
        rates = self.rates or Rates(base=self.into)
        dated = not rates.since.keys().isdisjoint({currency, self.into})
        if dated and self.day is None:
            titles = [FACT_TITLES[name] for name in rates.on]
            days = titles[0] if len(titles) == 1 else filled(_OR, first=titles[0], second=titles[1])
            return Unrated(filled(_NO_DAY, days=days), "give the deal that day")
        try:
            return converted(number, rates.rate(currency, self.into, self.day), self.into)
        except MissingRate as error:
            return self._missing(currency, error)

    def _missing(self, currency: str, error: MissingRate) -> Unrated:
        if "first" in error.data:
            day, first = str(error.data["day"]), str(error.data["first"])
            why = filled(_TOO_EARLY, currency=str(error.data["currency"]), first=first, day=day)
            return Unrated(why, f"give Rates.dated(…) one of {day} or earlier", needs_rate=True)
        hint = f'rates=Rates(base="{self.into}", rates={{"{currency}": …}})'
        return Unrated(
            filled(_NO_RATE, currency=currency, into=self.into),
            f"make the engine with {hint}",
            needs_rate=True,
        )


def worth_of(
    deal: Deal, playbook: Playbook, rates: Rates | None, day: date | None
) -> Mapping[str, object]:
    """The facts that a host gives, with its amounts in the playbook's currency."""
    facts: RawFacts = dict(given(deal, playbook))
    Exchange.of(deal, playbook, rates, day).put(facts, amounts_of(playbook, frozenset(facts)))
    return facts


def compared(old: Money, new: Money, rates: Rates | None, day: date | None) -> int | None:
    """Whether an amount is worth less than another (-1), more (1) or the same (0).

    It is the same worth if it is so in either currency, in minor units; None without a rate.
    """
    if old.currency == new.currency:
        return (new.amount > old.amount) - (new.amount < old.amount)
    if rates is None:
        return None
    try:
        before = rates.amount_in(new.currency, old, day)
        after = rates.amount_in(old.currency, new, day)
    except MissingRate:
        return None
    if float(new.amount) < before and after < float(old.amount):
        return -1
    return int(float(new.amount) > before and after > float(old.amount))
