"""Quotations: what each thing costs, what is given off, until when it holds."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Note
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.times import Day
from salesflow.domain._days import calendar_day
from salesflow.domain._units import smallest_unit
from salesflow.domain.forms.payment import PaymentTerms
from salesflow.money import Currency, Money

_Quantity = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=4, allow_inf_nan=False)]
_Discount = Annotated[
    Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4, allow_inf_nan=False)
]
_TOO_MUCH: Final = Decimal(10) ** 18  # 5,000 such lines still fit into an amount of 24 digits


def _given_off(amount: Decimal, percent: Decimal, currency: str) -> Money:
    with localcontext() as context:
        context.prec = 60
        left = amount * (100 - percent) / 100
        return Money(left.quantize(smallest_unit(currency), ROUND_HALF_UP), currency)


class QuotationLine(CheckedRecord):
    """One thing in a quotation.

    Attributes:
        item: What it is.
        quantity: How many units; more than 0.
        unit: What is counted, for instance "licence" or "day".
        unit_price: What one costs before the discount.
        discount: What is given off, in percent.

    Example:
        >>> line = QuotationLine(
        ...     item="Licence", quantity=3, unit_price=Money("100", "USD"), discount=10
        ... )
        >>> print(line.net)
        270.00 USD
    """

    item: Label
    quantity: _Quantity = Decimal(1)
    unit: Label | None = None
    unit_price: Money
    discount: _Discount = Decimal(0)

    def _check(self, problems: Problems) -> None:
        if self._gross() >= _TOO_MUCH:
            problems.add(("quantity",), "line_big", "a line costs less than 10 to the power of 18")

    def _gross(self) -> Decimal:
        with localcontext() as context:
            context.prec = 60
            return self.unit_price.amount * self.quantity

    @property
    def net(self) -> Money:
        """What the line costs, rounded half up to the currency's smallest unit."""
        return _given_off(self._gross(), self.discount, self.unit_price.currency)


class Quotation(CheckedRecord):
    """A quotation.

    Source: "Optimized Sales Process v2.1", step 6 (quotation form; discount and terms are confirmed
    by the manager); "Twenty sales processes", presales project in six phases.

    Attributes:
        number: Its number.
        customer: Name of the customer.
        currency: The currency of every line.
        made_on: The day when it was made.
        valid_until: The last day on which it holds.
        lines: At least one.
        discount: What is given off the sum of the lines, in percent.
        payment: The parts of the price; they sum to 100 %.
        delivery_days: Calendar days for delivery.
        made_by: Who made it.
        approved_by: Who agreed to discount and terms; None: nobody yet.
        agreed_by: Who at the customer agreed to it; None: nobody yet.
        note: Anything else.

    Example:
        >>> quotation = Quotation(
        ...     number="Q-1",
        ...     customer="Acme",
        ...     currency="USD",
        ...     lines=(QuotationLine(item="Licence", quantity=2, unit_price=Money("100", "USD")),),
        ...     discount=5,
        ... )
        >>> print(quotation.total)
        190.00 USD
    """

    number: Label
    customer: Label
    currency: Currency
    made_on: Day | None = None
    valid_until: Day | None = None
    lines: Annotated[tuple[QuotationLine, ...], Field(min_length=1, max_length=5_000)]
    discount: _Discount = Decimal(0)
    payment: PaymentTerms = ()
    delivery_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    made_by: Label | None = None
    approved_by: Label | None = None
    agreed_by: Label | None = None
    note: Note | None = None

    def _check(self, problems: Problems) -> None:
        for at, line in enumerate(self.lines):
            if line.unit_price.currency != self.currency:
                problems.add(
                    ("lines", at, "unit_price", "currency"),
                    "currency_mixed",
                    "the quotation is in {one}, this line in {other}",
                    one=self.currency,
                    other=line.unit_price.currency,
                )
        if self.made_on and self.valid_until and self.valid_until < self.made_on:
            problems.add(("valid_until",), "valid_until_past", "it ends before it was made")

    @property
    def total(self) -> Money:
        """What all lines cost less the discount, rounded half up to the smallest unit."""
        with localcontext() as context:
            context.prec = 60
            lines = sum((line.net.amount for line in self.lines), Decimal(0))
        return _given_off(lines, self.discount, self.currency)

    def holds_on(self, day: date) -> bool | None:
        """Whether it still holds on a day; None where nobody has said until when.

        Args:
            day: The day that is asked about; a moment stands for the day in its own zone.

        Raises:
            FactError: `day` is a datetime without a time zone, or no day at all.
        """
        asked = calendar_day(day, "day")
        return None if self.valid_until is None else asked <= self.valid_until
