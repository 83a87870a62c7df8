"""Payment terms, and the dated instalments that they turn into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from itertools import pairwise
from typing import Annotated, Final, Literal, get_args

from dateutil.relativedelta import relativedelta
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from salesflow._arguments import Arguments, day, describe, instance, mapping, several
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Ordinal, Percent, Record
from salesflow.domain._base.times import Day
from salesflow.errors import Problem, ScheduleError, closest
from salesflow.money import Money, minor_unit

PaymentEvent = Literal["signing", "delivery", "acceptance", "final_acceptance", "warranty_end"]
"""The events that make a payment due."""

_EVENTS: Final[tuple[PaymentEvent, ...]] = get_args(PaymentEvent)
_ALL: Final = Decimal(100)


def _event_days(
    happened: Mapping[PaymentEvent, date | None], arguments: Arguments
) -> dict[PaymentEvent, date]:
    """The day of each event that has one; `arguments` keeps what is wrong with them."""
    days: dict[PaymentEvent, date] = {}
    given = arguments.read(mapping, happened, "happened") or {}
    for event, that_day in given.items():
        if event not in _EVENTS:
            arguments.problems.append(_unknown_event(event))
        elif that_day is not None:  # None: the event has no day yet
            found = arguments.read(day, that_day, f"happened[{event!r}]")
            if found is not None:
                days[event] = found
    return days


def _unknown_event(event: object) -> Problem:
    near = closest(event, _EVENTS)
    hint = f'did you mean "{near}"?' if near else f"known: {', '.join(_EVENTS)}"
    shown = f'"{event[:80]}"' if isinstance(event, str) else describe(event)
    return Problem("happened", f"{shown} is not an event", hint, "unknown_name")


class PaymentTerm(CheckedRecord):
    """One part of a price, and when it is to be paid.

    Source: "Sales process management template", step 4 and table 4.

    Attributes:
        name: Its name in the contract, for instance "预付款".
        percent: Its share of the contract's amount, in percent.
        due: The event that makes it due; None while that is not agreed.
        on: A fixed day instead of an event.
        after_months: Whole months between the event or day and the first payment.
        after_days: Days after that.
        parts: The number of payments into which it is split; 1 also while that is not agreed.
        every_months: Whole months from one of those payments to the next.
        month_end: Whether each payment is due on the last day of its month.

    Example:
        >>> PaymentTerm(name="Prepaid", percent=30, due="signing", after_days=10).percent
        Decimal('30')
    """

    name: Label
    percent: Percent
    due: PaymentEvent | None = None
    on: Day | None = None
    after_months: Annotated[int, Field(ge=0, le=600)] = 0
    after_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    parts: Annotated[int, Field(ge=1, le=600)] = 1
    every_months: Annotated[int, Field(ge=1, le=120)] = 1
    month_end: bool = False

    def _check(self, problems: Problems) -> None:
        if self.due is not None and self.on is not None:
            problems.add(("on",), "due_twice", "it is due on a day or by an event, not both")
        if self.due is None and self.on is None and (self.after_months or self.after_days):
            problems.add(("due",), "due_after_nothing", "say what the time is counted from")

    def due_days(self, happened: Mapping[PaymentEvent, date | None]) -> tuple[date | None, ...]:
        """The due day of each of its payments; None while the event has no day yet.

        Each is counted from the event itself, so that 31 January plus one month is 28 February
        and plus two months is 31 March.

        Args:
            happened: The day of each event that has one; a moment stands for the day in its own
                zone.

        Raises:
            ArgumentError: `happened` is not a mapping, names an event that does not exist, or gives
                a value that is not a day; `problems` lists all of them.
            ScheduleError: A payment would be due after the year 9999.
        """
        arguments = Arguments()
        days = _event_days(happened, arguments)
        arguments.refuse("The days of the payments cannot be worked out.")
        start = self.on if self.due is None else days.get(self.due)
        if start is None:
            return (None,) * self.parts
        try:
            return tuple(self._due_day(start, number) for number in range(self.parts))
        except (OverflowError, ValueError):
            raise ScheduleError(
                f"{self.name} would be due after the year 9999.",
                hint=f"It is counted from {start.isoformat()}; give an earlier day.",
            ) from None

    def _due_day(self, start: date, number: int) -> date:
        months = self.after_months + number * self.every_months
        due = start + relativedelta(months=months, days=self.after_days)
        return due + relativedelta(day=31) if self.month_end else due


def _make_a_whole(terms: tuple[PaymentTerm, ...]) -> tuple[PaymentTerm, ...]:
    total = sum((term.percent for term in terms), Decimal(0))
    if terms and total != _ALL:
        raise PydanticCustomError(
            "percents_no_whole",
            "the parts sum to {total} %, {by} % too {side}; they must sum to 100 %",
            {
                "total": f"{total.normalize():f}",
                "by": f"{abs(total - _ALL).normalize():f}",
                "side": "much" if total > _ALL else "little",
            },
        )
    return terms


PaymentTerms = Annotated[
    tuple[PaymentTerm, ...], Field(max_length=200), AfterValidator(_make_a_whole)
]
"""All parts of a price, which sum to 100 %; empty while nothing is agreed."""


class Instalment(Record):
    """One payment.

    Attributes:
        number: Its number, from 1, over all terms.
        name: The name of its term.
        amount: How much is to be paid; all instalments sum to the contract's amount exactly.
        due_on: The day when it is due; None while the event that makes it due has no day.
        waits_for: That event; None where the day is known or nothing is agreed.
    """

    number: Ordinal
    name: Label
    amount: Money
    due_on: Day | None = None
    waits_for: PaymentEvent | None = None


def instalments(
    total: Money, terms: Sequence[PaymentTerm], happened: Mapping[PaymentEvent, date | None]
) -> tuple[Instalment, ...]:
    """The payments of a price, in the order of its terms.

    Amounts are rounded down to the currency's minor unit in a running sum, so that the remainder
    of rounding goes to a later payment and the last one makes the total exact.

    Args:
        total: The price.
        terms: Its parts.
        happened: The day of each event that has one; a moment stands for the day in its own zone.

    Raises:
        ArgumentError: `total` is not a Money, `terms` is not a list of terms, or `happened` is not
            a mapping of events to days; `problems` lists all of them.
        ScheduleError: A payment would be due after the year 9999.

    Example:
        >>> terms = (
        ...     PaymentTerm(name="Prepaid", percent=40, due="signing"),
        ...     PaymentTerm(name="Rest", percent=60, due="signing", after_months=1, parts=2),
        ... )
        >>> for part in instalments(Money("100", "USD"), terms, {"signing": date(2026, 1, 31)}):
        ...     print(part.number, part.name, part.amount, part.due_on)
        1 Prepaid 40.00 USD 2026-01-31
        2 Rest 30.00 USD 2026-02-28
        3 Rest 30.00 USD 2026-03-31
    """
    arguments = Arguments()
    arguments.read(instance, total, Money, "total")
    listed = arguments.read(several, terms, PaymentTerm, "terms") or ()
    days = _event_days(happened, arguments)
    arguments.refuse("The instalments cannot be worked out.")
    shares = [
        (term, due_on, term.percent / term.parts)
        for term in listed
        for due_on in term.due_days(days)
    ]
    amounts = _split(total, [share for _, _, share in shares])
    return tuple(
        Instalment(
            number=number,
            name=term.name,
            amount=amount,
            due_on=due_on,
            waits_for=term.due if due_on is None else None,
        )
        for number, ((term, due_on, _), amount) in enumerate(
            zip(shares, amounts, strict=True), start=1
        )
    )


def _split(total: Money, percents: Iterable[Decimal]) -> list[Money]:
    unit = minor_unit(total.currency)
    ends = [Decimal(0)]
    with localcontext(prec=60):  # an amount has up to 24 digits, a share up to 28
        share = Decimal(0)
        for percent in percents:
            share += percent
            exact = total.amount * share / _ALL
            ends.append(min(exact.quantize(unit, ROUND_DOWN), total.amount))
        ends[-1] = total.amount if len(ends) > 1 else ends[-1]
        return [Money(end - start, total.currency) for start, end in pairwise(ends)]
