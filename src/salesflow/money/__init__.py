"""Money, and exchange rates that the caller gives; the library has no source of rates.

Amounts are for thresholds and reports, not for book-keeping: a converted amount is rounded to the
minor unit of its currency by one formula, which frames repeat in operations that every engine has.
"""

from salesflow.money._currencies import CURRENCIES, Currency, minor_unit, round_to_cents
from salesflow.money._money import Money
from salesflow.money._rates import RateDay, RateInput, Rates

__all__ = [
    "CURRENCIES",
    "Currency",
    "Money",
    "RateDay",
    "RateInput",
    "Rates",
    "minor_unit",
    "round_to_cents",
]
