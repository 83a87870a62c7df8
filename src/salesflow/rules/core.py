"""A rule on one day, in the few shapes that a machine decides: time applied, chains split.

Every evaluator, on deals and over columns, reads these shapes only. An age becomes a comparison of
days with a fixed day, so that no evaluator ever computes a duration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from salesflow.errors import FactError
from salesflow.facts import FactKind
from salesflow.rules.ast import (
    MIRRORED,
    REACHED,
    Age,
    And,
    AtLeast,
    Compare,
    Constant,
    Day,
    Flag,
    Known,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Operand,
    Operator,
    Or,
    Reached,
    Today,
    Words,
)

__all__ = [
    "CompareFacts",
    "CompareValue",
    "Core",
    "Value",
    "lower",
]

Value: TypeAlias = float | str | date
"""What a fact is compared with."""


@dataclass(frozen=True, slots=True)
class CompareValue:
    """A fact against a fixed value. A fact of kind instant is compared by its calendar day."""

    fact: str
    kind: FactKind
    op: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class CompareFacts:
    """Two facts of one kind."""

    left: str
    op: Operator
    right: str
    kind: FactKind


Core: TypeAlias = (
    "Constant | Flag | Known | OneOf | CompareValue | CompareFacts"
    " | Not[Core] | And[Core] | Or[Core] | AtLeast[Core]"
)


def lower(node: Node, today: date | None) -> Core:
    """The decidable form of a parsed rule on the day `today`.

    Raises:
        FactError: The rule uses time and `today` is None.
    """
    return _lowered(node, today, {})


def _lowered(node: Node, today: date | None, done: dict[int, Core]) -> Core:
    # A derived rule has one and the same part in many places; it stays one here.
    found = done.get(id(node))
    if found is None:
        found = done[id(node)] = _form(node, today, done)
    return found


def _form(node: Node, today: date | None, done: dict[int, Core]) -> Core:
    match node:
        case Constant() | Flag() | Known() | OneOf():
            return node
        case Reached(stage):
            return Flag(REACHED + stage)
        case Compare(operands, ops):
            parts = [
                _compare(left, op, right, today)
                for left, op, right in zip(operands, ops, operands[1:], strict=False)
            ]
            return parts[0] if len(parts) == 1 else And(tuple(parts))
        case Not(item):
            return Not(_lowered(item, today, done))
        case And(items):
            return And(tuple(_lowered(item, today, done) for item in items))
        case Or(items):
            return Or(tuple(_lowered(item, today, done) for item in items))
        case AtLeast(n, items):
            return AtLeast(n, tuple(_lowered(item, today, done) for item in items))


def _compare(left: Operand, op: Operator, right: Operand, today: date | None) -> Core:
    if isinstance(left, Name) and isinstance(right, Name):
        return CompareFacts(left.fact, op, right.fact, left.kind)
    if isinstance(right, Name | Age):
        # The fact stands on the left from here on; two facts were dealt with above.
        return _compare(right, MIRRORED[op], left, today)
    if isinstance(left, Age):
        return _aged(left, op, _whole(right), _needed(today))
    if isinstance(left, Name):
        return CompareValue(left.fact, left.kind, op, _value(right, today))
    return Constant(_holds(_day(left, today), op, _day(right, today)))


def _aged(age: Age, op: Operator, days: int, today: date) -> Core:
    # today - x < n  is  x > today - n;  x - today < n  is  x < today + n
    op = op if age.ahead else MIRRORED[op]
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


def _value(operand: Operand, today: date | None) -> Value:
    match operand:
        case Today():
            return _needed(today)
        case Number(value) | Words(value) | Day(value):
            return value
        case _:
            raise AssertionError(operand)


def _day(operand: Operand, today: date | None) -> date:
    match operand:
        case Today():
            return _needed(today)
        case Day(value):
            return value
        case _:
            raise AssertionError(operand)  # the checker lets only days meet without a fact


def _whole(operand: Operand) -> int:
    if isinstance(operand, Number):
        return int(operand.value)
    raise AssertionError(operand)  # the checker lets an age meet whole numbers only


def _needed(today: date | None) -> date:
    if today is None:
        raise FactError("This rule uses time, and no day was given.", hint="Pass as_of=, a date.")
    return today


def _holds(left: date, op: Operator, right: date) -> bool:
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[op]
