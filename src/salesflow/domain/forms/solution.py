"""The solution that we offer: what it does, who reviewed it, how it was shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.times import Day, Instant

SolutionReviewer = Literal["sales_lead", "product_manager", "technical_expert"]
"""The three who review a solution before the customer sees it."""

_REVIEWERS: Final[tuple[SolutionReviewer, ...]] = get_args(SolutionReviewer)


class Advantage(CheckedRecord):
    """What the customer gains.

    Attributes:
        claim: What gets better.
        amount: By how much, as a number; None: it is not quantified.
        unit: The unit of that number, for instance "% of cost" or "days".
        evidence: From where we know it.
    """

    claim: Note
    amount: Annotated[Decimal, Field(allow_inf_nan=False, max_digits=18)] | None = None
    unit: Label | None = None
    evidence: Note | None = None

    def _check(self, problems: Problems) -> None:
        if self.amount is not None and self.unit is None:
            problems.add(("unit",), "unit_missing", "say what the number counts, for instance %")


class SolutionReview(Record):
    """What one of the reviewers said of a solution.

    Attributes:
        reviewer: For which of the three functions.
        by: The person.
        on: The day.
        feasible: Whether it can be done; None: not said.
        resources: What it takes.
        risks: What may go wrong.
        changes: What is to be changed.
        agreed: Whether it may be shown to the customer.
    """

    reviewer: SolutionReviewer
    by: Label
    on: Day
    feasible: bool | None = None
    resources: Note | None = None
    risks: tuple[Note, ...] = ()
    changes: tuple[Note, ...] = ()
    agreed: bool


class Presentation(Record):
    """How the solution was shown to the customer.

    Attributes:
        held_at: When.
        by: Who showed it.
        attended: Names of the contacts who saw it.
        minutes_for_questions: Minutes kept for their questions.
        feedback: What they said.
        adjustments: What we change because of it.
    """

    held_at: Instant
    by: tuple[Label, ...] = ()
    attended: tuple[Label, ...] = ()
    minutes_for_questions: Annotated[int, Field(ge=0, le=1_440)] | None = None
    feedback: tuple[Note, ...] = ()
    adjustments: tuple[Note, ...] = ()

    @property
    def enough_time_for_questions(self) -> bool | None:
        """Whether at least ten minutes were kept; None where nobody noted it."""
        minutes = self.minutes_for_questions
        return None if minutes is None else minutes >= 10  # noqa: PLR2004 - the source's number


class Solution(CheckedRecord):
    """The solution offered for a deal.

    Source: "Sales process management template", step 3; "Project tracking process sheet", stage 3
    (solution description); "Optimized Sales Process v2.1", steps 3 and 5; "Sales support process
    design", solution planning (scope, technical route, resources, risks).

    Attributes:
        title: Its name.
        customer: Name of the customer.
        description: What it is.
        scope: What belongs to it, and what does not.
        technical_route: By which technology.
        resources: What it takes of us.
        risks: What may go wrong.
        advantages: What the customer gains, in numbers where possible.
        differences: What sets it apart from what competitors offer.
        steps: How it is put in place.
        expected_result: What will be different then.
        cases: What was done like it elsewhere.
        requirements_met: Descriptions of the requirements that it meets.
        requirements_open: Descriptions of those that it does not meet.
        fit: How well it fits.
        reviews: What the three reviewers said.
        presentations: How it was shown.

    Example:
        >>> solution = Solution(
        ...     title="Line data in one system",
        ...     advantages=(
        ...         Advantage(claim="Less cost", amount=20, unit="%"),
        ...         Advantage(claim="Fast"),
        ...     ),
        ... )
        >>> [each.claim for each in solution.not_quantified], solution.missing_reviews
        (['Fast'], ('sales_lead', 'product_manager', 'technical_expert'))
    """

    title: Label
    customer: Label | None = None
    description: Note | None = None
    scope: Note | None = None
    technical_route: Note | None = None
    resources: Note | None = None
    risks: tuple[Note, ...] = ()
    advantages: tuple[Advantage, ...] = ()
    differences: tuple[Note, ...] = ()
    steps: tuple[Note, ...] = ()
    expected_result: Note | None = None
    cases: tuple[Note, ...] = ()
    requirements_met: tuple[Note, ...] = ()
    requirements_open: tuple[Note, ...] = ()
    fit: Level | None = None
    reviews: Annotated[tuple[SolutionReview, ...], Unique("reviewer", "review_twice", "this function has reviewed it already")] = ()
    presentations: tuple[Presentation, ...] = ()

    @property
    def missing_reviews(self) -> tuple[SolutionReviewer, ...]:
        """Who has not agreed: nothing was said yet, or it was a no."""
        agreed = {each.reviewer for each in self.reviews if each.agreed}
        return tuple(each for each in _REVIEWERS if each not in agreed)

    @property
    def not_quantified(self) -> tuple[Advantage, ...]:
        """The advantages without a number."""
        return tuple(each for each in self.advantages if each.amount is None)
