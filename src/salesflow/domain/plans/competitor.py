"""Competitors: their strengths and weaknesses, and what they do."""

from __future__ import annotations

from typing import Annotated, Literal

from salesflow.domain._base.checks import CheckedRecord, Unique
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day


class CompetitorMove(Record):
    """Something that a competitor did, or is about to do.

    Attributes:
        what: What they did or are about to do.
        seen_on: The day when we learned of it.
        seen_by: The person who told us.
        answer: What we do about it; None: nothing yet.
    """

    what: Note
    seen_on: Day | None = None
    seen_by: Label | None = None
    answer: Note | None = None


class Competitor(Record):
    """A company that wants this deal as well.

    Source: "Project tracking process sheet", stage 6 (competitor analysis: strengths, weaknesses,
    moves); "Optimized Sales Process v2.1", steps 3, 5 and 6.

    Attributes:
        name: Their name.
        position: The present supplier, a new one, the customer itself, or the customer's choice
            to decide nothing.
        threat: How dangerous they are in this deal.
        offer: What they offer, and for how much.
        strengths: What they do better than we do.
        weaknesses: What they do worse than we do.
        differences: What sets us apart from them.
        partners: The companies with which they work.
        supporters: Names of contacts at the customer who favour them.
        claims: What they say about us that may mislead the customer.
        moves: What they did and are about to do.

    Example:
        >>> rival = Competitor(name="Rival", moves=(CompetitorMove(what="Cut the price"),))
        >>> rival.unanswered[0].what
        'Cut the price'
    """

    name: Label
    position: Literal["incumbent", "challenger", "in_house", "no_decision"] | None = None
    threat: Level | None = None
    offer: Note | None = None
    strengths: tuple[Note, ...] = ()
    weaknesses: tuple[Note, ...] = ()
    differences: tuple[Note, ...] = ()
    partners: tuple[Label, ...] = ()
    supporters: tuple[Label, ...] = ()
    claims: tuple[Note, ...] = ()
    moves: tuple[CompetitorMove, ...] = ()

    @property
    def unanswered(self) -> tuple[CompetitorMove, ...]:
        """The moves that we do nothing about yet."""
        return tuple(move for move in self.moves if move.answer is None)


Competitors = Annotated[
    tuple[Competitor, ...], Unique("name", "competitor_twice", "they are there already")
]
"""Competitors, each name once."""


class CompetitorAnalysis(CheckedRecord):
    """All competitors of one deal, as we see them on one day.

    Attributes:
        opportunity: Id of the deal.
        made_on: The day of the analysis.
        competitors: The competitors, each name once.
    """

    opportunity: Label
    made_on: Day | None = None
    competitors: Competitors = ()
