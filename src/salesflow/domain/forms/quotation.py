"""Quotations: their lines, their discounts and how long they are valid."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Annotated, Final

from pydantic import Field

from salesflow._arguments import day as read_day
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note
from salesflow.domain._base.times import Day
from salesflow.domain.forms.payment import PaymentTerms
from salesflow.money import Currency, Money, minor_unit

_Quantity = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=4, allow_inf_nan=False)]
_Discount = Annotated[
    Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4, allow_inf_nan=False)
]
_TOO_MUCH: Final = Decimal(10) ** 18  # 5,000 such lines still fit into an amount of 24 digits


def _less_discount(amount: Decimal, percent: Decimal, currency: str) -> Money:
    with localcontext(prec=60):
        left = amount * (100 - percent) / 100
        return Money(left.quantize(minor_unit(currency), ROUND_HALF_UP), currency)


class QuotationLine(CheckedRecord):
    """One line of a quotation.

    Attributes:
        item: The product or the service.
        quantity: The number of units; more than 0.
        unit: What is counted, for instance "licence" or "day".
        unit_price: The price of one unit before the discount.
        discount: The discount in percent, from 0 to 100.

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
        with localcontext(prec=60):
            return self.unit_price.amount * self.quantity

    @property
    def net(self) -> Money:
        """The price less the discount, rounded half up to the currency's minor unit."""
        return _less_discount(self._gross(), self.discount, self.unit_price.currency)


class Quotation(CheckedRecord):
    """A quotation.

    Source: "Optimized Sales Process v2.1", step 6 (quotation form; discount and terms are confirmed
    by the manager); "Twenty sales processes", presales project in six phases.

    Attributes:
        number: Its number.
        customer: Name of the customer.
        currency: The currency of every line.
        made_on: The day when it was made.
        valid_until: The last day on which it is valid; None: not known.
        lines: The lines; at least one.
        discount: The discount on the sum of the lines, in percent, from 0 to 100.
        payment: The parts of the price; they sum to 100 %.
        delivery_days: Calendar days for delivery.
        made_by: The person who made it.
        approved_by: The person who approved discount and terms; None: nobody yet.
        agreed_by: The person at the customer who agreed to it; None: nobody yet.
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
        """The sum of the lines less the discount, rounded half up to the currency's minor unit."""
        with localcontext(prec=60):
            lines = sum((line.net.amount for line in self.lines), Decimal(0))
        return _less_discount(lines, self.discount, self.currency)

    def holds_on(self, day: date) -> bool | None:
        """Whether it is still valid on a day; None where nobody has said how long it is valid.

        Args:
            day: The day that is asked about; a moment stands for the day in its own zone.

        Raises:
            ArgumentError: `day` is not a day, or is a moment without a zone.
        """
        that_day = read_day(day, "day")
        return None if self.valid_until is None else that_day <= self.valid_until
