"""Signs of money that several currencies have, and which of these is meant."""

from __future__ import annotations

from typing import Final

_SIGNS_OF: Final = {"USD": "$", "CNY": "¥", "SEK": "kr", "INR": "Rs"}
"""What amounts are in of which only such a sign, or a word for it, tells the currency."""
_OTHERS: Final = {
    "USD": frozenset(
        "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MOP MXN NAD NZD "  # noqa: SIM905 - a list of these is not easier to read
        "SBD SGD SRD TTD TWD UYU XCD".split()
    ),
    "CNY": frozenset({"JPY", "HKD", "TWD", "MOP"}),
    "SEK": frozenset({"DKK", "ISK", "NOK"}),
    "INR": frozenset({"LKR", "MUR", "NPR", "PKR", "SCR"}),
}
"""By the best known, the other currencies that have its sign."""
SIGNS: Final = tuple(_SIGNS_OF.values())
"""The signs that several currencies have."""


def sign_of(code: str) -> str:
    """The sign of the best known of the currencies that share one; empty for all others."""
    return _SIGNS_OF.get(code, "")


def currencies_of_sign(sign: str) -> frozenset[str]:
    """The codes of the currencies that share a sign; none for what is no such sign.

    Example:
        >>> sorted(currencies_of_sign("kr")), currencies_of_sign("€")
        (['DKK', 'ISK', 'NOK', 'SEK'], frozenset())
    """
    codes = (code for code, its in _SIGNS_OF.items() if its == sign)
    return next((_OTHERS[code] | {code} for code in codes), frozenset())


def is_sign(text: str) -> bool:
    """Whether a text is a sign, or a word for it, that several currencies have."""
    return text.strip() in SIGNS


def currency_meant(named: str, *likely: str) -> str:
    """The code of what texts name: a sign of several currencies is that of one that is `likely`.

    What is none of these stays what it is called.

    Example:
        >>> currency_meant("EUR", "USD"), currency_meant("$", "CAD"), currency_meant("$", "CNY")
        ('EUR', 'CAD', '$')
    """
    codes = currencies_of_sign(named)
    return next((code for code in likely if code in codes), named)
