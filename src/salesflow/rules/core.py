"""A rule on one day, in the few shapes that a machine decides: time applied, chains split.

Every evaluator, on deals and over columns, reads these shapes only. An age becomes a comparison of
days with a fixed day, so that no evaluator ever computes a duration.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from salesflow.errors import FactError
from salesflow.facts import FactKind
from salesflow.rules import ast

__all__ = [
    "HOLDS",
    "CompareFacts",
    "CompareValue",
    "Core",
    "Value",
    "lower",
]

Value: TypeAlias = float | str | date
"""What a fact is compared with."""

HOLDS: Final[dict[ast.Operator, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""What each operator asks of two known values."""


@dataclass(frozen=True, slots=True)
class CompareValue:
    """A fact against a fixed value. A fact of kind instant is compared by its calendar day."""

    fact: str
    kind: FactKind
    op: ast.Operator
    value: Value


@dataclass(frozen=True, slots=True)
class CompareFacts:
    """Two facts of one kind."""

    left: str
    op: ast.Operator
    right: str
    kind: FactKind


# In one piece: pyright reads no type from a string in pieces.
Core: TypeAlias = "ast.Constant | ast.Flag | ast.Known | ast.OneOf | CompareValue | CompareFacts | ast.Not[Core] | ast.And[Core] | ast.Or[Core] | ast.AtLeast[Core]"  # noqa: E501


def lower(node: ast.Node, today: date | None) -> Core:
    """The decidable form of a parsed rule on the day `today`.

    Raises:
        FactError: The rule uses time and `today` is None.
    """
    return _lowered(node, today, {})


def _lowered(node: ast.Node, today: date | None, done: dict[int, Core]) -> Core:
    # A derived rule has one and the same part in many places; it stays one here.
    found = done.get(id(node))
    if found is None:
        found = done[id(node)] = _form(node, today, done)
    return found


def _form(node: ast.Node, today: date | None, done: dict[int, Core]) -> Core:
    match node:
        case ast.Constant() | ast.Flag() | ast.Known() | ast.OneOf():
            return node
        case ast.Reached(stage):
            return ast.Flag(ast.REACHED + stage)
        case ast.Compare(operands, ops):
            parts = [
                _compare(left, op, right, today)
                for left, op, right in zip(operands, ops, operands[1:], strict=False)
            ]
            return parts[0] if len(parts) == 1 else ast.And(tuple(parts))
        case ast.Not(item):
            return ast.Not(_lowered(item, today, done))
        case ast.And(items):
            return ast.And(tuple(_lowered(item, today, done) for item in items))
        case ast.Or(items):
            return ast.Or(tuple(_lowered(item, today, done) for item in items))
        case ast.AtLeast(n, items):
            return ast.AtLeast(n, tuple(_lowered(item, today, done) for item in items))


def _compare(left: ast.Operand, op: ast.Operator, right: ast.Operand, today: date | None) -> Core:
    if isinstance(left, ast.Name) and isinstance(right, ast.Name):
        return CompareFacts(left.fact, op, right.fact, left.kind)
    if isinstance(right, ast.Name | ast.Age):
        # The fact stands on the left from here on; two facts were dealt with above.
        return _compare(right, ast.MIRRORED[op], left, today)
    if isinstance(left, ast.Age):
        return _aged(left, op, _whole(right), _needed(today))
    if isinstance(left, ast.Name):
        return CompareValue(left.fact, left.kind, op, _value(right, today))
    return ast.Constant(HOLDS[op](_value(left, today), _value(right, today)))


def _aged(age: ast.Age, op: ast.Operator, days: int, today: date) -> Core:
    # today - x < n  is  x > today - n;  x - today < n  is  x < today + n
    op = op if age.ahead else ast.MIRRORED[op]
    fact, kind = age.name.fact, age.name.kind
    try:
        day = today + timedelta(days=days if age.ahead else -days)
    except OverflowError:
        # Beyond the calendar: every day there is lies on one side. The comparison stays one that
        # is unknown for a missing day, which a constant would not be.
        beyond = (days > 0) == age.ahead
        every = op == "!=" or op in (("<", "<=") if beyond else (">", ">="))
        return CompareValue(fact, kind, ">=" if every else "<", date.min)
    return CompareValue(fact, kind, op, day)


def _value(operand: ast.Operand, today: date | None) -> Value:
    match operand:
        case ast.Today():
            return _needed(today)
        case ast.Number(value) | ast.Words(value) | ast.Day(value):
            return value
        case _:
            raise AssertionError(operand)


def _whole(operand: ast.Operand) -> int:
    if isinstance(operand, ast.Number):
        return int(operand.value)
    raise AssertionError(operand)  # the checker lets an age meet whole numbers only


def _needed(today: date | None) -> date:
    if today is None:
        raise FactError("This rule uses time, and no day was given.", hint="Pass as_of=, a date.")
    return today
