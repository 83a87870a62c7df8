"""Money, and exchange rates that the caller gives; the library has no source of rates.

Amounts are for thresholds and reports, not for book-keeping: a converted amount is rounded to
cents by one formula that frames and single deals share.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from salesflow._arguments import instance
from salesflow._described import Described
from salesflow._frozen import Frozen, FrozenDict
from salesflow._wording import Worded
from salesflow.errors import MissingRate, MoneyError, UnknownName, closest

__all__ = ["CURRENCIES", "Currency", "Money", "Rates", "minor_unit", "round_to_cents"]

# ISO 4217: the active codes of countries and funds in which deals are made.
CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
    VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a list of 160 strings is not easier to read
)

# ISO 4217: the decimals of the currencies whose minor unit is not a hundredth.
_DECIMALS: Final = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905 - as above
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905 - as above
    "CLF": 4,
}


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        near = closest(code.upper(), CURRENCIES)
        raise PydanticCustomError(
            "currency",
            "{code} is not a currency of ISO 4217{hint}",
            {"code": repr(code[:20]), "hint": f'; did you mean "{near}"?' if near else ""},
        )
    return code


def _usable(amount: Decimal) -> Decimal:
    if amount < 0:
        raise PydanticCustomError("amount_negative", "an amount is never negative; give 0 or more")
    return amount.copy_abs()  # there is a -0


Currency = Annotated[str, AfterValidator(_known_currency)]
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


def minor_unit(currency: str) -> Decimal:
    """The smallest amount that can be paid in a currency, by ISO 4217.

    Raises:
        ArgumentError: `currency` is not a text.
        UnknownName: It is not one of `CURRENCIES`.

    Example:
        >>> minor_unit("USD"), minor_unit("JPY"), minor_unit("KWD")
        (Decimal('0.01'), Decimal('1'), Decimal('0.001'))
    """
    if instance(currency, str, "currency") not in CURRENCIES:
        raise UnknownName("currency", currency, sorted(CURRENCIES))
    return Decimal(1).scaleb(-_DECIMALS.get(currency, 2))


def round_to_cents(amount: float) -> float:
    """`amount` rounded half up to cents, with operations that every frame engine has.

    Rounding functions differ between engines (half to even, half away from zero); floors do not.

    Example:
        >>> round_to_cents(90_909.095)
        90909.1
    """
    return math.floor(amount * 100 + 0.5) / 100


class Rates(Described, Worded):
    """Exchange rates: what one unit of each currency is worth in the currency `base`.

    Attributes:
        base: The currency in which the rates are given.
        rates: For each other currency the worth of one unit; more than 0.

    Example:
        >>> rates = Rates(base="USD", rates={"EUR": "1.10"})
        >>> rates.rate("EUR", "USD")
        Decimal('1.10')
        >>> rates.amount_in("USD", Money("100000", "EUR"))
        110000.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: Currency
    rates: Annotated[
        Mapping[Currency, Annotated[Decimal, Field(gt=0, max_digits=24, allow_inf_nan=False)]],
        Frozen,
    ] = Field(default_factory=FrozenDict)

    def __init__(
        self, base: str, rates: Mapping[str, Decimal | float | str] = MappingProxyType({})
    ) -> None:
        super().__init__(base=base, rates=rates)

    @model_validator(mode="after")
    def _base_is_one(self) -> Self:
        if self.rates.get(self.base, Decimal(1)) != 1:
            raise PydanticCustomError(
                "rate_of_base",
                "one {base} is worth one {base}; leave the rate of the base out",
                {"base": self.base},
            )
        return self

    def rate(self, currency: str, into: str) -> Decimal:
        """The worth of one unit of `currency`, in units of `into`.

        Raises:
            MissingRate: One of the two is neither the base nor among the rates.
        """
        if currency == into:
            return Decimal(1)
        if into == self.base:
            return self._worth(currency)
        return self._worth(currency) / self._worth(into)

    def amount_in(self, into: str, money: Money) -> float:
        """`money` in the currency `into`, as the rules compare it: binary64, rounded to cents.

        Raises:
            MissingRate: There is no rate for one of the two currencies.
            ArgumentError: `money` is not a Money.
        """
        instance(money, Money, "money", 'write Money("120000", "USD")')
        return round_to_cents(float(money.amount) * float(self.rate(money.currency, into)))

    def _worth(self, currency: object) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        worth = self.rates.get(currency) if isinstance(currency, str) else None
        if worth is None:
            raise MissingRate(
                f"There is no rate from {currency} into {self.base}.",
                hint=f'Add it: Rates(base="{self.base}", rates={{"{currency}": …}}).',
                data={"currency": str(currency), "into": self.base},
            )
        return worth
