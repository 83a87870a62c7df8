"""Competitors: what they are good and bad at, and what they do."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Unique
from salesflow.domain._base.times import Day


class CompetitorMove(Record):
    """Something that a competitor did, or is about to do.

    Attributes:
        what: What it is.
        seen_on: The day when we learned of it.
        seen_by: Who told us.
        answer: What we do about it; None: nothing yet.
    """

    what: Note
    seen_on: Day | None = None
    seen_by: Label | None = None
    answer: Note | None = None


class Competitor(Record):
    """Somebody else who wants this deal.

    Source: "Project tracking process sheet", stage 6 (competitor analysis: strengths, weaknesses,
    moves); "Optimized Sales Process v2.1", steps 3, 5 and 6.

    Attributes:
        name: Their name.
        position: Whether they are there already, new, or the customer itself.
        threat: How dangerous they are in this deal.
        offer: What they offer, and for how much.
        strengths: What they are better at.
        weaknesses: What they are worse at.
        differences: What sets us apart from them.
        partners: With whom they work.
        supporters: Names of contacts at the customer who favour them.
        claims: What they say of us, with which the customer may be misled.
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
        return tuple(each for each in self.moves if each.answer is None)


class CompetitorAnalysis(CheckedRecord):
    """All competitors of one deal, as seen on one day.

    Attributes:
        opportunity: Id of the deal.
        made_on: The day.
        competitors: Each name once.
    """

    opportunity: Label
    made_on: Day | None = None
    competitors: Annotated[tuple[Competitor, ...], Unique("name", "competitor_twice", "they are there already")] = ()

