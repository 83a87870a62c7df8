"""Amounts of money, each of one currency."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from salesflow._described import Described
from salesflow._wording import Worded
from salesflow.errors import MoneyError
from salesflow.money._currencies import Currency, minor_unit


def _usable(amount: Decimal) -> Decimal:
    if amount < 0:
        raise PydanticCustomError("amount_negative", "an amount is never negative; give 0 or more")
    return amount.copy_abs()  # there is a -0


_Amount = Annotated[
    Decimal,
    Field(max_digits=24, decimal_places=6, allow_inf_nan=False),
    AfterValidator(_usable),
]


# As many digits as any sum of two amounts has.
_EXACT: Final = Context(prec=64)
_FORMAT: Final = re.compile(r"(?:\.(?:(?P<decimals>[0-6])|(?P<currency>c)))?(?P<unit>[kM]?)")
_UNITS: Final = {"": 0, "k": 3, "M": 6}


class Money(Described, Worded):
    """An amount of one currency; zero or more, at most 24 digits.

    Amounts of one currency are compared, added and subtracted. Two currencies raise MoneyError, for
    which of them is more is a matter of rates; so does what would be less than nothing. An empty
    list has no currency: say it with `sum(amounts, start=Money(0, "USD"))`.

    A format is decimals, then a unit, both optional: `.0` to `.6`, or `.c` for as many as the
    currency has; `k` for thousands, `M` for millions. Amounts are rounded half up.

    Attributes:
        amount: Zero or more, at most 24 digits, six of them decimals; any number or text of one.
        currency: An active code of ISO 4217, for instance `USD`.

    Example:
        >>> Money("120000", "USD")
        Money('120000', 'USD')
        >>> Money("120000.00", "USD") == Money(120000, "USD")
        True
        >>> sum([Money(5, "USD"), Money("2.50", "USD")]) - Money(1, "USD")
        Money('6.50', 'USD')
        >>> max(Money(5, "USD"), Money(7, "USD")) >= Money(7, "USD")
        True
        >>> price = Money("1234567.5", "USD")
        >>> print(f"{price}, {price:.c}, {price:.0}, {price:.1M}, {price:.0k}")
        1,234,567.5 USD, 1,234,567.50 USD, 1,234,568 USD, 1.2M USD, 1,235k USD
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: _Amount
    currency: Currency

    def __init__(
        self,
        amount: Decimal | float | str | None = None,
        currency: str | None = None,
        **unknown: object,
    ) -> None:
        # pydantic calls this for money inside records as well, and reports what is missing or
        # unknown there together with everything else that is wrong.
        given = {"amount": amount, "currency": currency}
        super().__init__(**{k: v for k, v in given.items() if v is not None}, **unknown)

    # With this mark pydantic reads money inside records by itself. That is faster, and anything
    # else there, such as a mapping whose keys are not texts, is refused with everything else.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._amount_of(other) if _is_money(other) else NotImplemented

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._amount_of(other) if _is_money(other) else NotImplemented

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._amount_of(other) if _is_money(other) else NotImplemented

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._amount_of(other) if _is_money(other) else NotImplemented

    def __add__(self, other: Money) -> Money:
        if not _is_money(other):
            return NotImplemented
        return self._made(_EXACT.add(self.amount, self._amount_of(other)))

    def __radd__(self, other: int) -> Money:
        # What sum() begins with.
        return self if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: Money) -> Money:
        if not _is_money(other):
            return NotImplemented
        return self._made(_EXACT.subtract(self.amount, self._amount_of(other)))

    def _amount_of(self, other: Money) -> Decimal:
        """The other amount, which is of this currency."""
        if other.currency != self.currency:
            raise MoneyError(
                f"{self} and {other} are of two currencies.",
                hint="Convert one of them: Rates(…).amount_in(currency, money).",
                data={"currencies": [self.currency, other.currency]},
            )
        return other.amount

    def _made(self, amount: Decimal) -> Money:
        if amount < 0:
            raise MoneyError(
                f"{-amount:,f} {self.currency} would be missing.",
                hint="An amount is never negative; compare the two before you subtract.",
            )
        try:
            return Money(amount, self.currency)
        except ValidationError as error:
            said = "; ".join(problem["msg"] for problem in error.errors())
            raise MoneyError(f"{amount:,f} {self.currency} is no amount: {said}.") from None

    def __format__(self, spec: str) -> str:
        found = _FORMAT.fullmatch(spec)
        if found is None:
            raise MoneyError(
                f"Money has no format {spec[:20]!r}.",
                hint="Write decimals, .0 to .6 or .c, and a unit, k or M; for instance .1M or .c.",
            )
        unit = found["unit"]
        amount = self.amount.scaleb(-_UNITS[unit], _EXACT)
        if found["decimals"]:
            last = Decimal(1).scaleb(-int(found["decimals"]))
            amount = amount.quantize(last, ROUND_HALF_UP, _EXACT)
        elif found["currency"]:
            amount = amount.quantize(minor_unit(self.currency), ROUND_HALF_UP, _EXACT)
        elif unit:
            amount = amount.normalize(_EXACT)
        return f"{amount:,f}{unit} {self.currency}"

    def __str__(self) -> str:
        return format(self, "")

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', {self.currency!r})"


def _is_money(value: object) -> bool:
    return isinstance(value, Money)  # of anything else Python knows what to say
