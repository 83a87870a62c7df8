"""What may be compared with what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from salesflow.errors import Problem
from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules._amounts import amount_at
from salesflow.rules._unparse import write_number, write_operand
from salesflow.rules.ast import Age, Day, Literal_, Name, Number, Operand, Operator, Today, Words

KIND_WORDS: Final = {
    FactKind.NUMBER: "a number",
    FactKind.MONEY: "an amount of money",
    FactKind.TEXT: "a text",
    FactKind.CHOICE: "a choice",
    FactKind.FLAG: "a flag",
    FactKind.DAY: "a day",
    FactKind.INSTANT: "a moment in time",
}
"""Each kind with its article, for messages."""

_NUMBERS: Final = frozenset({FactKind.NUMBER, FactKind.MONEY})
_WORDS: Final = frozenset({FactKind.TEXT, FactKind.CHOICE})
_TIMES: Final = frozenset({FactKind.DAY, FactKind.INSTANT})
_WRITTEN_AS: Final = {
    **dict.fromkeys(_NUMBERS, "a number, as in 100_000"),
    FactKind.TEXT: 'a text in quotes, as in "li.wei"',
    FactKind.CHOICE: "one of its values in quotes",
    **dict.fromkeys(_TIMES, 'date("2026-01-31") or today'),
}
_SHOWN: Final = 12


def check_pair(
    left: Operand, op: Operator, right: Operand, facts: Mapping[str, Fact]
) -> Problem | None:
    """Why two neighbours of a comparison cannot be compared, or None. The path is left empty."""
    if isinstance(left, Age) or isinstance(right, Age):
        age, other = (left, right) if isinstance(left, Age) else (right, left)
        if isinstance(other, Number) and other.value.is_integer():
            return None
        message = f"{write_operand(age)} is a whole number of days"
        return _problem(message, f"compare it with a whole number, as in {write_operand(age)} > 30")
    if isinstance(left, Name) and isinstance(right, Name):
        return _check_facts(left, op, right)
    if isinstance(left, Name):
        return _check_value(left, op, right, facts)
    if isinstance(right, Name):
        return _check_value(right, op, left, facts)
    if {type(left), type(right)} == {Today, Day}:
        return None
    message = f"{write_operand(left)} {op} {write_operand(right)} says nothing about a deal"
    return _problem(message, "compare a fact with a value")


def check_member(name: Name, value: Literal_, facts: Mapping[str, Fact]) -> Problem | None:
    """Why a value cannot stand in a list after `in`, or None. The path is left empty."""
    if name.kind is FactKind.INSTANT:
        message = f"{name.fact} is a moment in time, which a list cannot hold"
        return _problem(message, f'compare it, as in {name.fact} >= date("2026-01-31")')
    return _check_value(name, "==", value, facts)


def _check_facts(left: Name, op: Operator, right: Name) -> Problem | None:
    if left.kind is not right.kind:
        message = (
            f"{left.fact} is {KIND_WORDS[left.kind]} and {right.fact} is {KIND_WORDS[right.kind]}"
        )
        return _problem(message, "facts of one kind can be compared")
    if left.kind is FactKind.FLAG:
        return _flag(left)
    return _ordered(left, op)


def _check_value(
    name: Name, op: Operator, value: Operand, facts: Mapping[str, Fact]
) -> Problem | None:
    if name.kind is FactKind.FLAG:
        return _flag(name)
    match value:
        case Words(words) if name.kind in _WORDS:
            return _check_choice(name, words, facts) or _ordered(name, op)
        case Number() if name.kind in _NUMBERS:
            return None
        case Day() | Today() if name.kind in _TIMES:
            return None
        case _:
            message = (
                f"{name.fact} is {KIND_WORDS[name.kind]}; it cannot be compared"
                f" with {write_operand(value)[:60]}"
            )
            return _problem(message, f"write {_written_as(name, op, value)}")


def _written_as(name: Name, op: Operator, value: Operand) -> str:
    """How a value of the fact is written: this very one, where what was meant can be seen."""
    usual = _WRITTEN_AS[name.kind]
    match value:
        case Words(words) if name.kind in _NUMBERS:
            number = _number_in(words.strip())
            return usual if number is None else f"{write_number(number)} without quotes"
        case Words(words):  # against a time: against a text or a choice they are right
            try:
                return write_operand(Day(date.fromisoformat(words.strip())))
            except ValueError:
                return usual
        case Number() if name.kind in _TIMES:
            return f"{usual}; for an age, days_since({name.fact}) {op} {write_operand(value)}"
        case Number():
            return f'"{write_operand(value)}" in quotes'
        case _:
            return usual


def _number_in(text: str) -> float | None:
    """The number that a text is; None where it is none, or has a unit of no fixed size."""
    digits = text.removeprefix("-")
    amount = amount_at(digits, 0, Facts(), in_list=False)
    if amount is None or amount.value is None:
        return None
    if amount.end < len(digits) or amount.slip == "rough days":
        return None
    return -float(amount.value) if digits != text else float(amount.value)


def _check_choice(name: Name, words: str, facts: Mapping[str, Fact]) -> Problem | None:
    fact = facts.get(name.fact) if name.kind is FactKind.CHOICE else None
    if fact is None or not fact.choices or words in fact.choices:
        return None
    return unknown_choice(f"{name.fact} is never", words, fact)


def unknown_choice(what: str, value: str, *facts: Fact) -> Problem:
    """The problem of a value that is not among the choices of some facts, with the nearest one."""
    choices = tuple(choice for fact in facts for choice in fact.choices)
    near = next(filter(None, (fact.choice_meant(value) for fact in facts)), None)
    listed = ", ".join(f'"{choice}"' for choice in choices[:_SHOWN])
    more = ", …" if len(choices) > _SHOWN else ""
    hint = f'did you mean "{near}"?' if near else f"it is one of {listed}{more}"
    return _problem(f'{what} "{value[:60]}"', hint, "choice")


def _ordered(name: Name, op: Operator) -> Problem | None:
    if name.kind in _WORDS and op not in {"==", "!="}:
        message = f"{name.fact} is {KIND_WORDS[name.kind]}, which has no order"
        return _problem(message, "write == or != or in (…)")
    return None


def _flag(name: Name) -> Problem:
    message = f"{name.fact} is a flag; it is not compared with anything but True and False"
    return _problem(message, f"write {name.fact} or not {name.fact}")


def _problem(message: str, hint: str, code: str = "kind") -> Problem:
    return Problem("", message, hint, code)
