"""How content the customer is, and what they would change."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.times import Day

SurveyDimension = Literal["solution_result", "service_response", "team_professionalism"]
"""The three dimensions that a survey asks of at least."""

_DIMENSIONS: Final[tuple[SurveyDimension, ...]] = get_args(SurveyDimension)
_ONE_WEEK: Final = 7


class Rating(Record):
    """What the customer says of one dimension.

    Attributes:
        dimension: One of the three of `SurveyDimension`, or another that you ask of.
        score: From 1, very bad, to 5, very good; None: asked and not answered.
        comment: What they said.
    """

    dimension: Label
    score: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    comment: Note | None = None


class SatisfactionSurvey(CheckedRecord):
    """A survey after delivery.

    Source: "Sales process management template", step 6: within one week after delivery. The scale
    from 1 to 5 is common practice.

    Attributes:
        customer: Name of the customer.
        contract: Number of the contract.
        delivered_on: The day of delivery.
        held_on: The day of the survey; not before delivery.
        way: By questionnaire or by a return visit.
        answered_by: Name of the contact who answered.
        ratings: Each dimension once.
        suggestions: What they would have us do better.
        actions: What we do about it.

    Example:
        >>> survey = SatisfactionSurvey(
        ...     customer="Acme",
        ...     delivered_on="2026-03-02",
        ...     held_on="2026-03-09",
        ...     ratings=(Rating(dimension="solution_result", score=4),),
        ... )
        >>> survey.in_time, survey.average, survey.missing
        (True, Decimal('4.00'), ('service_response', 'team_professionalism'))
    """

    customer: Label
    contract: Label | None = None
    delivered_on: Day
    held_on: Day
    way: Literal["questionnaire", "return_visit"] | None = None
    answered_by: Label | None = None
    ratings: Annotated[tuple[Rating, ...], Unique("dimension", "rated_twice", "it is rated already")] = ()
    suggestions: tuple[Note, ...] = ()
    actions: tuple[Note, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.held_on < self.delivered_on:
            problems.add(("held_on",), "survey_early", "the survey is older than the delivery")

    @property
    def in_time(self) -> bool:
        """Whether it was held within seven days after delivery."""
        return (self.held_on - self.delivered_on).days <= _ONE_WEEK

    @property
    def average(self) -> Decimal | None:
        """The mean of the scores that were given, to two decimals; None where there is none."""
        scores = [each.score for each in self.ratings if each.score is not None]
        return (Decimal(sum(scores)) / len(scores)).quantize(Decimal("0.01")) if scores else None

    @property
    def missing(self) -> tuple[SurveyDimension, ...]:
        """The dimensions of the three for which there is no score."""
        rated = {each.dimension for each in self.ratings if each.score is not None}
        return tuple(each for each in _DIMENSIONS if each not in rated)
