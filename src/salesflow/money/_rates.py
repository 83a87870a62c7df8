"""Exchange rates, as the caller has them: of any day, or each from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from salesflow._arguments import describe, instance
from salesflow._described import Described
from salesflow._frozen import Frozen, FrozenDict
from salesflow._wording import Worded
from salesflow.errors import MissingRate
from salesflow.money._currencies import Currency, round_to_cents
from salesflow.money._money import Money

RateDay: TypeAlias = Literal["today", "expected_close_on", "closed_on"]
"""The day whose rate counts: the day that is asked on, or a day of the deal."""

RateInput: TypeAlias = Decimal | float | str
"""What may be given as a rate: a number, or the text of one."""

ALWAYS: Final = date.min
"""From when on a rate holds that is not dated."""

_Rate = Annotated[Decimal, Field(gt=0, max_digits=24, allow_inf_nan=False)]
_DAYS: Final = get_args(RateDay)


def _day(given: object) -> date:
    if isinstance(given, str):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    elif isinstance(given, date) and not isinstance(given, datetime):
        return given
    shown = repr(given[:40]) if isinstance(given, str) else describe(given)
    raise PydanticCustomError(
        "rate_day", "{shown} is no day from which a rate holds; write 2026-01-31", {"shown": shown}
    )


def _by_day(given: object) -> object:
    """The rates of one currency by the day from which each holds, none of them twice."""
    if not isinstance(given, Mapping) or not given:
        message = 'give its rates by the day from which each holds, such as {"2026-01-01": "1.08"}'
        raise PydanticCustomError("rate_days", "{message}", {"message": message})
    found: dict[date, object] = {}
    for key, rate in given.items():
        day = _day(key)
        if day in found:
            raise PydanticCustomError(
                "rate_day_twice",
                "two rates begin on {day}; leave one of them out",
                {"day": day.isoformat()},
            )
        found[day] = rate
    return found


def _in_order(rates: Mapping[date, Decimal]) -> Mapping[date, Decimal]:
    return FrozenDict(sorted(rates.items()))


def _days(given: object) -> object:
    """The days that may count, as a tuple; each is known and named once."""
    listed = (given,) if isinstance(given, str) else given
    if isinstance(listed, list | tuple) and listed:
        known = all(isinstance(one, str) and one in _DAYS for one in listed)
        if known and len(set(listed)) == len(listed):
            return tuple(listed)
    raise PydanticCustomError(
        "rate_on",
        "this is no day whose rate counts; write one of {known}, or several, each once",
        {"known": ", ".join(_DAYS)},
    )


def converted(amount: float, rate: Decimal, into: str) -> float:
    """An amount at a rate into a currency; frames repeat the formula in what engines can do."""
    return round_to_cents(amount * float(rate), into)


class Rates(Described, Worded):
    """Exchange rates: what one unit of each currency is worth in the currency `base`.

    [`Rates.dated`][salesflow.money.Rates.dated] makes rates that hold from a day on.

    Attributes:
        base: The currency in which the rates are given.
        rates: For each other currency the worth of one unit on any day; more than 0.
        since: For currencies whose worth changes, by the day from which on it holds.
        on: Whose rate counts: that of the first of these days that is known. `today` is the day on
            which it is asked.

    Example:
        >>> rates = Rates(base="USD", rates={"EUR": "1.10"})
        >>> rates.rate("EUR", "USD")
        Decimal('1.10')
        >>> rates.amount_in("USD", Money("100000", "EUR"))
        110000.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: Currency
    rates: Annotated[Mapping[Currency, _Rate], Frozen] = Field(default_factory=FrozenDict)
    since: Annotated[
        Mapping[
            Currency,
            Annotated[Mapping[date, _Rate], BeforeValidator(_by_day), AfterValidator(_in_order)],
        ],
        Frozen,
    ] = Field(default_factory=FrozenDict)
    on: Annotated[tuple[RateDay, ...], BeforeValidator(_days)] = ("today",)

    def __init__(
        self,
        base: str,
        rates: Mapping[str, RateInput] = MappingProxyType({}),
        *,
        since: Mapping[str, Mapping[str, RateInput] | Mapping[date, RateInput]] = MappingProxyType(
            {}
        ),
        on: RateDay | Iterable[RateDay] = "today",
    ) -> None:
        super().__init__(base=base, rates=rates, since=since, on=on)

    @classmethod
    def dated(
        cls,
        base: str,
        rates: Mapping[str, Mapping[str, RateInput] | Mapping[date, RateInput]],
        *,
        on: RateDay | Iterable[RateDay] = "today",
    ) -> Self:
        """Rates that hold from a day on, each until the next one begins.

        Args:
            base: The currency in which the rates are given.
            rates: For each other currency the worth of one unit, by the day from which on it holds.
                Before the first of them there is no rate.
            on: The day whose rate counts for a deal: `today`, on which it is asked;
                `expected_close_on`; `closed_on`, on which it was won or lost. Of several the first
                that is known counts; where none is, the amount is not known.

        Raises:
            ValidationError: A currency, a day or a rate is none, or two rates begin on one day.

        Example:
            >>> rates = Rates.dated("USD", {"EUR": {"2026-01-01": "1.08", "2026-04-01": "1.10"}})
            >>> rates.rate("EUR", "USD", date(2026, 3, 31))
            Decimal('1.08')
            >>> rates.course("EUR", "USD")[0]
            (datetime.date(2026, 1, 1), Decimal('1.08'))
        """
        return cls(base, since=rates, on=on)

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        dated = self.since.get(self.base, {}).values()
        if any(worth != 1 for worth in (*dated, self.rates.get(self.base, 1))):
            raise PydanticCustomError(
                "rate_of_base",
                "one {base} is worth one {base}; leave the rate of the base out",
                {"base": self.base},
            )
        twice = sorted(self.rates.keys() & self.since.keys())
        if twice:
            raise PydanticCustomError(
                "rate_twice",
                "{currency} has a rate of any day, and others from a day on; leave one out",
                {"currency": twice[0]},
            )
        return self

    def rate(self, currency: str, into: str, day: date | None = None) -> Decimal:
        """The worth of one unit of `currency`, in units of `into`.

        Args:
            currency: What is converted.
            into: Into which currency.
            day: The day whose rate counts; it may be left out where no rate is dated.

        Raises:
            MissingRate: One of the two is neither the base nor among the rates, its rates begin
                later, or they are dated and no day is given.
        """
        if currency == into:
            return Decimal(1)
        if into == self.base:
            return self._worth(currency, day)
        return self._worth(currency, day) / self._worth(into, day)

    def amount_in(self, into: str, money: Money, day: date | None = None) -> float:
        """`money` in the currency `into`, as the rules compare it.

        It is binary64, rounded to the minor unit of `into` by `round_to_cents`.

        Args:
            into: The currency.
            money: What is converted.
            day: The day whose rate counts; it may be left out where no rate is dated.

        Raises:
            MissingRate: There is no rate for one of the two currencies.
            ArgumentError: `money` is not a Money.
        """
        instance(money, Money, "money", 'write Money("120000", "USD")')
        return converted(float(money.amount), self.rate(money.currency, into, day), into)

    def course(self, currency: str, into: str) -> tuple[tuple[date, Decimal], ...]:
        """The worth of one unit of `currency` in `into`, from each day on.

        Returns:
            Days in ascending order, each with the rate that holds from it on; `date.min` is that of
            a rate that is not dated. Nothing where there is no rate.

        Example:
            >>> Rates("USD", {"EUR": "1.10"}).course("EUR", "USD")
            ((datetime.date(1, 1, 1), Decimal('1.10')),)
        """
        if currency == into:
            return ((ALWAYS, Decimal(1)),)
        days = {ALWAYS, *self.since.get(currency, ()), *self.since.get(into, ())}
        found: list[tuple[date, Decimal]] = []
        for day in sorted(days):
            try:
                rate = self.rate(currency, into, day)
            except MissingRate:
                continue
            found.append((day, rate))
        return tuple(found)

    def _worth(self, currency: object, day: date | None) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        if isinstance(currency, str):
            worth = self.rates.get(currency)
            if worth is not None:
                return worth
            if currency in self.since:
                return self._worth_on(currency, day)
        raise MissingRate(
            f"There is no rate from {currency} into {self.base}.",
            hint=f'Add it: Rates(base="{self.base}", rates={{"{currency}": …}}).',
            data={"currency": str(currency), "into": self.base},
        )

    def _worth_on(self, currency: str, day: date | None) -> Decimal:
        rates, data = self.since[currency], {"currency": currency, "into": self.base}
        if day is None:
            raise MissingRate(
                f"The rates of {currency} depend on the day.", hint="Give day=….", data=data
            )
        for first in reversed(list(rates)):  # most questions are about these days
            if first <= day:
                return rates[first]
        first = next(iter(rates))
        raise MissingRate(
            f"The rates of {currency} begin on {first}, after {day}.",
            hint="Give an earlier one.",
            data={**data, "day": day.isoformat(), "first": first.isoformat()},
        )
