"""Risks: how probable, how bad, and what is done about them."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Unique
from salesflow.domain._base.times import Day

RiskResponse = Literal["avoid", "reduce", "transfer", "accept"]

_Grade = Annotated[int, Field(ge=1, le=5, strict=True)]
_HIGH_FROM: Final = 15
_MEDIUM_FROM: Final = 6


class Risk(Record):
    """Something that may go wrong.

    Source: "Sales process management template", notes on use; "Twenty sales processes", presales
    project in six phases (identify; probability and impact, ranked; respond). The grades 1 to 5
    and the bounds of the levels are common practice.

    Attributes:
        key: A short name, for instance "long_decision_chain".
        description: What may go wrong.
        probability: From 1, hardly, to 5, almost certainly; None: not assessed.
        impact: From 1, hardly felt, to 5, the deal is lost; None: not assessed.
        response: Avoid, reduce, transfer or accept it.
        countermeasure: What exactly is done.
        owner: Who does it.
        due_on: Until when.
        review_on: When it is looked at again.
        closed: It is over.

    Example:
        >>> risk = Risk(
        ...     key="short_budget", description="The budget is short", probability=4, impact=4
        ... )
        >>> risk.score, risk.level, risk.answered
        (16, 'high', False)
    """

    key: Label
    description: Note
    probability: _Grade | None = None
    impact: _Grade | None = None
    response: RiskResponse | None = None
    countermeasure: Note | None = None
    owner: Label | None = None
    due_on: Day | None = None
    review_on: Day | None = None
    closed: bool = False

    @property
    def score(self) -> int | None:
        """Probability times impact, from 1 to 25; None while one of them is not assessed."""
        if self.probability is None or self.impact is None:
            return None
        return self.probability * self.impact

    @property
    def level(self) -> Level | None:
        """High from 15, medium from 6, else low; None while it is not assessed."""
        score = self.score
        if score is None:
            return None
        return "high" if score >= _HIGH_FROM else "medium" if score >= _MEDIUM_FROM else "low"

    @property
    def answered(self) -> bool:
        """Whether somebody does something about it, or it is accepted knowingly."""
        return self.response == "accept" or bool(self.countermeasure and self.owner)


class RiskRegister(CheckedRecord):
    """The risks of a deal.

    Attributes:
        opportunity: Id of the deal.
        risks: Each key once.
    """

    opportunity: Label
    risks: Annotated[tuple[Risk, ...], Unique("key", "risk_twice", "this key is there already")] = ()

    @property
    def ranked(self) -> tuple[Risk, ...]:
        """The open, assessed risks, worst first; of equal ones that with the greater impact."""
        known = [(each, each.score) for each in self.risks if not each.closed]
        rated = [(each, score) for each, score in known if score is not None]
        rated.sort(key=lambda pair: (-pair[1], -(pair[0].impact or 0)))
        return tuple(each for each, _ in rated)

    @property
    def not_assessed(self) -> tuple[Risk, ...]:
        """The open risks whose probability or impact is not known: they may be the worst."""
        return tuple(each for each in self.risks if not each.closed and each.score is None)

    @property
    def unanswered(self) -> tuple[Risk, ...]:
        """The open risks without a countermeasure, the ranked ones first."""
        return tuple(each for each in (*self.ranked, *self.not_assessed) if not each.answered)

    def cell(self, probability: int, impact: int) -> tuple[Risk, ...]:
        """The open risks of one cell of the matrix."""
        return tuple(
            each for each in self.ranked if (each.probability, each.impact) == (probability, impact)
        )
