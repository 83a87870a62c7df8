"""The smallest amounts that currencies have."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

# Minor units of ISO 4217 that are not a hundredth.
_NO_MINOR_UNIT: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THOUSANDTHS: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount that can be paid in a currency."""
    if currency in _NO_MINOR_UNIT:
        return Decimal(1)
    return Decimal("0.001") if currency in _THOUSANDTHS else Decimal("0.01")
