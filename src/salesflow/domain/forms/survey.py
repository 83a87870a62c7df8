"""Surveys: what the customer needs at first, says of a proposal, and thinks after delivery."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.forms.requirement import Requirement

SurveyDimension = Literal["solution_result", "service_response", "team_professionalism"]
"""The three dimensions about which a satisfaction survey asks at least."""

_DIMENSIONS: Final[tuple[SurveyDimension, ...]] = get_args(SurveyDimension)
_ONE_WEEK: Final = 7


class SurveyReport(Record):
    """The report of a first survey at the customer.

    Source: "Project tracking process sheet", stage 5 (first survey report); its columns are not
    given there.

    Attributes:
        customer: Name of the customer.
        made_on: The day of the report.
        by: The people who asked.
        departments: The departments that were asked.
        situation: How things are today.
        problems: What is wrong with that.
        requirements: What the departments need.
        conclusion: What it means for our solution.
    """

    customer: Label
    made_on: Day
    by: tuple[Label, ...] = ()
    departments: tuple[Label, ...] = ()
    situation: Note | None = None
    problems: tuple[Note, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    conclusion: Note | None = None


class Opinion(Record):
    """What one person at the customer says of our proposal.

    Attributes:
        person: Name of the contact.
        department: The department in which they work.
        view: For it, against it, or undecided.
        words: What they said.
        answer: What we do about it; None: nothing yet.
    """

    person: Label
    department: Label | None = None
    view: Literal["for", "against", "undecided"]
    words: Note | None = None
    answer: Note | None = None


class CustomerFeedback(Record):
    """What the customer says of a proposal.

    Source: "Project tracking process sheet", stage 5 (customer feedback); its columns are not given
    there.

    Attributes:
        customer: Name of the customer.
        collected_on: The day when it was collected.
        proposal: The proposal, with its version.
        opinions: An opinion for each person who said something.

    Example:
        >>> feedback = CustomerFeedback(
        ...     customer="Acme",
        ...     collected_on="2026-03-02",
        ...     opinions=(Opinion(person="Zhang", view="against", words="Too slow"),),
        ... )
        >>> feedback.unanswered[0].person
        'Zhang'
    """

    customer: Label
    collected_on: Day
    proposal: Label | None = None
    opinions: tuple[Opinion, ...] = ()

    @property
    def unanswered(self) -> tuple[Opinion, ...]:
        """The opinions that are not for us and that nobody has answered."""
        return tuple(item for item in self.opinions if item.view != "for" and item.answer is None)


class Rating(Record):
    """What the customer says about one dimension.

    Attributes:
        dimension: One of the three of `SurveyDimension`, or one of your own.
        score: From 1 (very bad) to 5 (very good); None: asked and not answered.
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
        ratings: The ratings, each dimension once.
        suggestions: What the customer would like us to improve.
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
    ratings: Annotated[
        tuple[Rating, ...], Unique("dimension", "rated_twice", "it is rated already")
    ] = ()
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
        """The mean of the scores that were given, to two decimals; None where there are none."""
        scores = [rating.score for rating in self.ratings if rating.score is not None]
        return (Decimal(sum(scores)) / len(scores)).quantize(Decimal("0.01")) if scores else None

    @property
    def missing(self) -> tuple[SurveyDimension, ...]:
        """The dimensions of the three that do not have a score."""
        rated = {rating.dimension for rating in self.ratings if rating.score is not None}
        return tuple(dimension for dimension in _DIMENSIONS if dimension not in rated)
