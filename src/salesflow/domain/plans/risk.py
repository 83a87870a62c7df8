"""Risks: how probable, how bad, and what is done about them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from salesflow.domain._base.checks import CheckedRecord, Unique
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day

RiskResponse = Literal["avoid", "reduce", "transfer", "accept"]
"""What is done about a risk in general."""

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
        probability: From 1 (hardly) to 5 (almost certainly); None: not assessed.
        impact: From 1 (hardly felt) to 5 (the deal is lost); None: not assessed.
        response: Avoid, reduce, transfer or accept it.
        countermeasure: What exactly is done.
        owner: The person who does it.
        due_on: The day by which it is to be done.
        review_on: The day when it is looked at again.
        closed: Whether it is over.

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
        """Whether it has a countermeasure and an owner, or is accepted."""
        return self.response == "accept" or bool(self.countermeasure and self.owner)


class RiskRegister(CheckedRecord):
    """The risks of a deal.

    Attributes:
        opportunity: Id of the deal.
        risks: The risks, each key once.
    """

    opportunity: Label
    risks: Annotated[
        tuple[Risk, ...], Unique("key", "risk_twice", "this key is there already")
    ] = ()

    @property
    def ranked(self) -> tuple[Risk, ...]:
        """The open, assessed risks, worst first; of equal ones that with the greater impact."""
        rated = [
            (score, risk.impact or 0, risk)
            for risk in self.risks
            if not risk.closed and (score := risk.score) is not None
        ]
        rated.sort(key=lambda item: item[:2], reverse=True)
        return tuple(risk for _, _, risk in rated)

    @property
    def not_assessed(self) -> tuple[Risk, ...]:
        """The open risks whose probability or impact is not known; they may be the worst."""
        return tuple(risk for risk in self.risks if not risk.closed and risk.score is None)

    @property
    def unanswered(self) -> tuple[Risk, ...]:
        """The open risks without a countermeasure, the ranked ones first."""
        return tuple(risk for risk in (*self.ranked, *self.not_assessed) if not risk.answered)

    def cell(self, probability: int, impact: int) -> tuple[Risk, ...]:
        """The open risks of one cell of the matrix."""
        return tuple(
            risk for risk in self.ranked if (risk.probability, risk.impact) == (probability, impact)
        )
