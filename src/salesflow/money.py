"""Money, and exchange rates that the caller gives; the library has no source of rates.

Amounts are for thresholds and reports, not for book-keeping: a converted amount is rounded to
cents by one formula that frames and single deals share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from salesflow._arguments import instance
from salesflow._described import Described
from salesflow._frozen import Frozen, FrozenDict
from salesflow.errors import MissingRate, UnknownName, closest

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
    return amount


Currency = Annotated[str, AfterValidator(_known_currency)]
_Amount = Annotated[
    Decimal,
    Field(max_digits=24, decimal_places=6, allow_inf_nan=False),
    AfterValidator(_usable),
]


class Money(Described, BaseModel):
    """An amount of one currency; zero or more, at most 24 digits.

    Example:
        >>> Money("120000", "USD")
        Money('120000', 'USD')
        >>> Money("120000.00", "USD") == Money(120000, "USD")
        True
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

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', {self.currency!r})"


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


class Rates(Described, BaseModel):
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
