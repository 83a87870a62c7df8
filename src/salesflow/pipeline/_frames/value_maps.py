"""What the values of a column may be, and what a caller says that they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import isfinite
from numbers import Real
from typing import Any, Final, TypeAlias

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._frames.labels import reader_of
from salesflow.pipeline._wording import near
from salesflow.rules import Verdict
from salesflow.rules.columns import can_hold, chosen, is_text, wanted

ValueMaps: TypeAlias = Mapping[
    str,
    Mapping[str, object] | Mapping[int, object] | Mapping[bool, object] | Mapping[object, object],
]
"""By fact, what the labels of its column stand for: `{"account.tier": {"A": "strategic"}}`."""

WORDS: Final = "say what words stand for in values="
_LABELS: Final = (FactKind.TEXT, FactKind.CHOICE, FactKind.FLAG)
_MAPPABLE: Final = (*_LABELS, FactKind.NUMBER)

_FLAG_VALUES: Final[tuple[object, ...]] = (True, False, None, "+", "-", "?", *Verdict)
_SHOWN: Final = 8


def read_values(
    values: ValueMaps, facts: Facts
) -> tuple[dict[str, Mapping[object, object]], list[Problem]]:
    """By fact, what its labels stand for; and everything that is wrong with `values`."""
    found: dict[str, Mapping[object, object]] = {}
    problems: list[Problem] = []
    for name, mapped in values.items():
        path = f"values[{name!r}]"
        fact = facts.get(name)
        if name == "stage":
            message = "labels of stages are mapped by stages="
            problems.append(Problem(path, message, "move them there"))
        elif fact is None:
            problems.append(unknown_fact(path, name, facts))
        elif fact.kind not in _MAPPABLE:
            message = f"a {fact.kind} is not mapped"
            problems.append(Problem(path, message, "convert the column instead"))
        else:
            found[name], wrong = _targets(path, fact, mapped)
            problems += wrong
    return found, problems


def unknown_fact(path: str, fact: object, facts: Facts) -> Problem:
    """There is no such fact."""
    hint = near(fact, facts, "playbook.facts lists them")
    return Problem(path, f"there is no fact {fact!r}", hint, "unknown_fact")


def _targets(
    path: str, fact: Fact, mapped: Mapping[Any, object]
) -> tuple[Mapping[object, object], list[Problem]]:
    found, problems = {}, []
    allowed = _FLAG_VALUES if fact.kind is FactKind.FLAG else (None, *fact.choices)
    for label, value in mapped.items():
        if fact.kind is FactKind.NUMBER:
            fits = value is None or number_in(value) is not None
            hint = "write a number, or None"
        elif _is_free(fact):
            fits = value is None or isinstance(value, str)
            hint = "write a text, or None"
        else:
            fits = any(type(value) is type(other) and value == other for other in allowed)
            reader, _ = reader_of(fact, may_skip=False)
            meant = reader.nearest(value, is_name=True) if isinstance(value, str) else None
            hint = f'did you mean "{meant}"?' if meant in fact.choices else _listed(fact)
        if fits:
            found[label] = number_in(value) if fact.kind is FactKind.NUMBER else value
        else:
            message = f"{fact.name} has no value {value!r}"
            problems.append(Problem(f"{path}[{label!r}]", message, hint))
    return found, problems


def problem_of_keys(
    fact: Fact, column: str, dtype: nw.dtypes.DType, mapped: Mapping[object, object]
) -> Problem | None:
    """None of the labels can stand in the column, as 1 cannot among booleans or texts."""
    named = is_text(dtype) or dtype.is_integer()  # as free texts only these are read
    if fact.kind is FactKind.NUMBER:
        named = named or dtype.is_float()
    takes = (
        named
        if _is_free(fact) or fact.kind is FactKind.NUMBER
        else _has_labels(dtype) or dtype == nw.Object
    )
    if not takes or any(can_hold(dtype, label) for label in mapped):
        return None
    message = f"none of these is in {column!r}, a column of type {dtype}"
    hint = "write them as the column holds them"
    return Problem(f"values[{fact.name!r}]", message, hint, "no_label")


def to_do(fact: Fact, column: str, dtype: nw.dtypes.DType) -> str:
    """What to do about a column whose type cannot hold a fact."""
    hint = f"it should hold {wanted(fact.kind)}"
    if fact.kind in _LABELS:
        if _is_free(fact) or not _has_labels(dtype):
            return f"{hint}; convert it to texts first"
        return f'{hint}; or say what they stand for: values={{"{fact.name}": {{…}}}}'
    is_date = fact.kind in {FactKind.DAY, FactKind.INSTANT}
    if dtype == nw.Object:
        return f"{hint}; convert the objects to {'datetimes' if is_date else 'numbers'} first"
    if is_date and dtype == nw.Unknown:  # DuckDB's nanoseconds with a zone, which it cannot compare
        return f"{hint}, in microseconds; cast it to TIMESTAMPTZ first"
    if is_text(dtype):
        words = f"; {WORDS}" if fact.kind is FactKind.NUMBER else ""
        return f"{hint}{words}; {reader_for(fact.kind, column)}"
    return f"{hint}; {reader_for(fact.kind, column)}" if is_date and dtype.is_numeric() else hint


def reader_for(kind: FactKind, column: str) -> str:
    """What reads a column of texts as numbers or as days: a line to paste."""
    if kind is FactKind.INSTANT:
        return "parse the times when you read the file"
    reader = "read_days" if kind is FactKind.DAY else "read_numbers"
    dropped = " (without times of day)" if kind is FactKind.DAY else ""
    quoted = json.dumps(column, ensure_ascii=False)
    return f"read it first{dropped}: frame = sf.pipeline.{reader}(frame, {quoted})"


def number_in(value: object) -> float | None:
    """A number as rules calculate with it; None where it is none, or too large for that.

    Example:
        >>> number_in(Decimal("0.8")), number_in(True), number_in("0.8"), number_in(10**400)
        (0.8, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):  # a signalling NaN
        return None
    return number if isfinite(number) else None


def numbers_of(column: nw.Expr, mapped: Mapping[object, object], dtype: nw.dtypes.DType) -> nw.Expr:
    """The numbers that labels stand for; of a column of numbers others stand for themselves."""
    others = nw.lit(None, dtype=nw.Float64())
    if not is_text(dtype):
        column = others = column.cast(nw.Float64())
    meant: dict[str | float, float | None] = {}
    for label, said in mapped.items():
        held = label if isinstance(label, str) else number_in(label)
        if held is not None and can_hold(dtype, label):
            meant[held] = number_in(said)
    return chosen(column, meant, others, nw.Float64())


def _has_labels(dtype: nw.dtypes.DType) -> bool:
    """A column of this type has values of which `values=` can say what they stand for."""
    return is_text(dtype) or dtype == nw.Boolean or dtype.is_integer() or dtype.is_float()


def _is_free(fact: Fact) -> bool:
    """Any text is a value of the fact."""
    return fact.kind is FactKind.TEXT or (fact.kind is FactKind.CHOICE and not fact.choices)


def _listed(fact: Fact) -> str:
    if fact.kind is FactKind.FLAG:
        return 'write one of True, False, "+", "-", "?" and None'
    shown = ", ".join(f'"{choice}"' for choice in fact.choices[:_SHOWN])
    more = ", …" if len(fact.choices) > _SHOWN else ""
    return f"write one of {shown}{more}, or None"


def unsupported_value(values: Sequence[object], kind: FactKind) -> str:
    """The first object that is not a value of this kind, for a message; nothing if all are.

    Engines cast objects to whatever can be read from them: texts to dates, texts and booleans to
    numbers, numbers to booleans.

    Example:
        >>> unsupported_value([Decimal(5), None, "12"], FactKind.NUMBER)
        "'12' is in it"
        >>> unsupported_value([5, None, 1.5], FactKind.NUMBER)
        ''
    """
    # By type: to look at every value takes ten times as long.
    odd = {found for found in set(map(type, values)) if not _fits(found, kind)}
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
