"""Two scores side by side: ours and a competitor's, or an earlier one and a later one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from salesflow._arguments import instance
from salesflow.errors import FactError
from salesflow.qualify._score import Contribution, Score
from salesflow.rules import Verdict
from salesflow.text import Text


@dataclass(frozen=True, slots=True)
class ItemGap:
    """One item in both scores.

    Attributes:
        low: The least that the first is ahead by, in points; below 0 it may be behind.
        high: The most that it is ahead by.
    """

    key: str
    title: Text
    first: Contribution
    second: Contribution

    @property
    def low(self) -> float:
        return self.first.low - self.second.high

    @property
    def high(self) -> float:
        return self.first.high - self.second.low

    @property
    def changed(self) -> bool:
        """The two are not known to be the same."""
        both_known = Verdict.UNKNOWN not in (self.first.verdict, self.second.verdict)
        return not (both_known and self.first.low == self.second.low)


@dataclass(frozen=True, slots=True)
class ScoreComparison:
    """Two scores on one card.

    Attributes:
        first: For instance ours, or the earlier one.
        second: For instance the competitor's, or the later one.
        items: One entry per item, in the card's order.
    """

    first: Score
    second: Score
    items: tuple[ItemGap, ...]

    @classmethod
    def of(cls, first: Score, second: Score) -> Self:
        """Put two scores side by side.

        Raises:
            ArgumentError: One is not a Score.
            FactError: They are on two cards, or on two versions of one whose items, weights or
                knock-outs differ.
        """
        instance(first, Score, "first", _A_SCORE)
        instance(second, Score, "second", _A_SCORE)
        if first.card != second.card:
            raise FactError(
                f"Scores on {first.card!r} and {second.card!r} cannot be compared.", hint=_SAME
            )
        if _items(first) != _items(second):
            raise FactError(
                f"The scores are on two versions of {first.card!r}: items, weights or knock-outs "
                "differ.",
                hint=_SAME,
            )
        pairs = zip(first.contributions, second.contributions, strict=True)
        items = tuple(ItemGap(one.key, one.title, one, two) for one, two in pairs)
        return cls(first, second, items)

    @property
    def low(self) -> float:
        """The least that the first is ahead by; below 0 it may be behind."""
        return self.first.low - self.second.high

    @property
    def high(self) -> float:
        """The most that the first is ahead by."""
        return self.first.high - self.second.low

    @property
    def ahead(self) -> str | None:
        """`"first"` or `"second"` where no unknown answer can change who has more points."""
        if self.low > 0:
            return "first"
        return "second" if self.high < 0 else None

    @property
    def changed(self) -> tuple[ItemGap, ...]:
        """The items that are not known to be the same."""
        return tuple(item for item in self.items if item.changed)


_A_SCORE: Final = "make one with score(playbook, card, …)"
_SAME: Final = "Score both on the same card of the same playbook."


def _items(score: Score) -> list[tuple[str, float, bool]]:
    return [(item.key, item.weight, item.knock_out) for item in score.contributions]
