"""What may stand in a column of objects, such as pandas has for whatever NumPy has no type for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from numbers import Real

from salesflow.facts import FactKind


def strange(values: Sequence[object], kind: FactKind) -> str:
    """The first object that is no value of this kind, for a message; nothing if each is one.

    Engines cast objects to whatever can be read from them: texts to dates, texts and booleans to
    numbers, numbers to booleans.

    Example:
        >>> strange([Decimal(5), None, "12"], FactKind.NUMBER)
        "'12' is in it"
        >>> strange([5, None, 1.5], FactKind.NUMBER)
        ''
    """
    # By type: to look at every value takes ten times as long.
    odd = {each for each in set(map(type, values)) if not _fits(each, kind)}
    if not odd:
        return ""
    found = (value for value in values if type(value) in odd and not _is_missing(value))
    return next((f"{repr(value)[:60]} is in it" for value in found), "")


def _fits(found: type, kind: FactKind) -> bool:
    if kind in {FactKind.NUMBER, FactKind.MONEY}:
        return issubclass(found, Real | Decimal) and not issubclass(found, bool)
    if kind in {FactKind.DAY, FactKind.INSTANT}:
        return issubclass(found, date) or found.__name__ == "datetime64"  # of NumPy
    return found.__name__ in {"bool", "bool_"}  # the latter of NumPy before its second version


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float) and value != value  # noqa: PLR0124 - NaN
