"""The deals that a sum is made of, as callers give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import nan
from numbers import Real
from typing import Final, NamedTuple

from salesflow._arguments import Arguments, describe, refuse, whole_number
from salesflow.errors import Problem

MOST: Final = 1e100
"""Of an amount: its square, and the sum of many, is still a number."""

TOO_LARGE: Final = f"amounts above {MOST:g} have no interval"

_PAIR: Final = 2


class OpenDeal(NamedTuple):
    """A deal that may be won.

    Attributes:
        key: Of the deal.
        amount: What it brings if it is won; not below 0.
        chance: That it is won, 0 to 1.
    """

    key: object
    amount: float
    chance: float

    @property
    def mean(self) -> float:
        """What it brings in the mean."""
        return self.amount * self.chance

    @property
    def variance(self) -> float:
        """How much that varies."""
        return self.amount * self.amount * self.chance * (1 - self.chance)


class Rest(NamedTuple):
    """Many deals of which only sums are known: smaller than those that are known one by one.

    Attributes:
        deals: How many.
        mean: The sum of amount x chance.
        variance: The sum of amount² x chance x (1 - chance).
    """

    deals: int = 0
    mean: float = 0.0
    variance: float = 0.0


def read_deal(given: Arguments, at: int, deal: object) -> tuple[object, float, float]:
    """A deal whose amount and chance can be reckoned with; what is wrong with it is noted."""
    if type(deal) is tuple and len(deal) == len(OpenDeal._fields):  # there are many such
        _, amount, chance = deal
        if type(amount) is type(chance) is float and 0 <= amount <= MOST and 0 <= chance <= 1:
            return deal
    if not isinstance(deal, tuple) or len(deal) != len(OpenDeal._fields):
        message = f"must be a key, an amount and a chance, not {describe(deal)}"
        given.problems.append(Problem(f"largest[{at}]", message, 'write ("D-1", 5000, 0.4)'))
        return OpenDeal(None, 0.0, 0.0)
    key, amount, chance = deal
    return OpenDeal(
        key,
        read_number(given, f"largest[{at}].amount", amount),
        read_number(given, f"largest[{at}].chance", chance, most=1),
    )


def read_rest(given: Arguments, rest: object) -> Rest:
    """The sums of the deals that are not known one by one; what is wrong with them is noted."""
    if not isinstance(rest, tuple) or len(rest) != len(Rest._fields):
        message = f"must be three numbers, not {describe(rest)}"
        given.problems.append(Problem("rest", message, "write Rest(deals, mean, variance)"))
        return Rest()
    return Rest(
        given.read(whole_number, rest[0], "rest.deals", least=0) or 0,
        read_number(given, "rest.mean", rest[1]),
        read_number(given, "rest.variance", rest[2], most=MOST**2),
    )


def read_questions(given: object) -> list[tuple[object, str]]:
    """The open questions, each with the key of its deal."""
    pairs = None
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        pairs = list(given)
    if pairs is None or not all(isinstance(it, tuple) and len(it) == _PAIR for it in pairs):
        wanted = "pairs of a deal and a question"
        refuse("open_questions", wanted, given, 'write [("D-1", "budget")]')
    return pairs


def read_number(
    given: Arguments, name: str, value: object, *, least: float = 0.0, most: float = MOST
) -> float:
    """A number within limits; 0 where there is a mistake, which is noted."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        shown = describe(value)
    else:
        try:
            number = float(value)
        except (ValueError, OverflowError):  # a signalling NaN, or a number beyond all floats
            number = nan
        if least <= number <= most:
            return number
        shown = f"{value!s:.40}"
    message = f"must be a number from {least:g} to {most:g}, not {shown}"
    given.problems.append(Problem(name, message))
    return 0.0
