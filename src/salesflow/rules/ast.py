"""The parsed rule as a frozen tree: what was written, in canonical shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from salesflow.facts import FactKind

__all__ = [
    "MIRRORED",
    "OPPOSITE",
    "REACHED",
    "Age",
    "AgeFunction",
    "And",
    "AtLeast",
    "Compare",
    "Constant",
    "Day",
    "Flag",
    "Known",
    "Name",
    "Node",
    "Not",
    "Number",
    "OneOf",
    "Operand",
    "Operator",
    "Or",
    "Reached",
    "Today",
    "Words",
    "leaves_of",
]

T = TypeVar("T")

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
AgeFunction = Literal["days_since", "days_until"]

MIRRORED: Final[dict[Operator, Operator]] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
"""The operator that says the same with its sides exchanged."""

OPPOSITE: Final[dict[Operator, Operator]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
"""The operator that holds of known values where this one does not."""

REACHED: Final = "reached."
"""What the name of the flag behind `reached("…")` begins with."""


@dataclass(frozen=True, slots=True)
class Name:
    """A fact."""

    fact: str
    kind: FactKind


@dataclass(frozen=True, slots=True)
class Number:
    """A number or an amount, as binary64."""

    value: float


@dataclass(frozen=True, slots=True)
class Words:
    """A text or a choice."""

    value: str


@dataclass(frozen=True, slots=True)
class Day:
    """`date("2026-01-31")`."""

    value: date


@dataclass(frozen=True, slots=True)
class Today:
    """The day of `as_of`."""


@dataclass(frozen=True, slots=True)
class Age:
    """`days_since(fact)`, or `days_until(fact)` when `ahead`; calendar days."""

    name: Name
    ahead: bool = False

    @property
    def function(self) -> AgeFunction:
        """The function that writes it: whoever speaks of ages has words for each."""
        return "days_until" if self.ahead else "days_since"


Literal_ = Number | Words | Day
Operand = Name | Number | Words | Day | Today | Age


@dataclass(frozen=True, slots=True)
class Constant:
    """`True` or `False`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact of kind flag, standing for itself."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison, chained where there are more than two operands."""

    operands: tuple[Operand, ...]
    ops: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """`fact in (…)`."""

    name: Name
    values: tuple[Literal_, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """`known(fact)`: yes or no, never unknown."""

    name: Name


@dataclass(frozen=True, slots=True)
class Reached:
    """`reached("stage")`: reads the flag `reached.<stage>`."""

    stage: str


@dataclass(frozen=True, slots=True)
class Not(Generic[T]):
    """YES and NO change places."""

    item: T


@dataclass(frozen=True, slots=True)
class And(Generic[T]):
    """Two or more items, none of them an And."""

    items: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Or(Generic[T]):
    """Two or more items, none of them an Or."""

    items: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class AtLeast(Generic[T]):
    """`at_least(n, a, b, …)` with 1 <= n <= number of items."""

    n: int
    items: tuple[T, ...]


def leaves_of(tree: T) -> Iterator[T]:
    """The statements of a tree, in order. A loop: a derived rule has thousands of them."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        match part:
            case Not(item):
                waiting.append(item)
            case And(items) | Or(items) | AtLeast(_, items):
                waiting += reversed(items)
            case _:
                yield part


# In one piece: pyright reads no type from a string in pieces.
Node: TypeAlias = "Constant | Flag | Compare | OneOf | Known | Reached | Not[Node] | And[Node] | Or[Node] | AtLeast[Node]"  # noqa: E501
