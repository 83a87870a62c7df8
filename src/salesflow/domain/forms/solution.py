"""The solution that we offer: what it does, who reviewed it, how it was presented."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from salesflow.domain._base.checks import REVIEW_ONCE, CheckedRecord, Problems
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day, Instant

SolutionReviewer = Literal["sales_lead", "product_manager", "technical_expert"]
"""The three who review a solution before the customer sees it."""

_REVIEWERS: Final[tuple[SolutionReviewer, ...]] = get_args(SolutionReviewer)


class Advantage(CheckedRecord):
    """An advantage that the customer gains.

    Attributes:
        claim: What gets better.
        amount: By how much, as a number; None: it is not quantified.
        unit: The unit of that number, for instance "% of cost" or "days".
        evidence: How we know it.
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
        reviewer: The function for which they reviewed it.
        by: The person who reviewed it.
        on: The day of the review.
        feasible: Whether it can be done; None: not known.
        resources: The resources that it takes.
        risks: What may go wrong.
        changes: What is to be changed.
        agreed: Whether they agree that the customer sees it.
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
    """A presentation of the solution to the customer.

    Attributes:
        held_at: When it was held.
        by: The people who presented it.
        attended: Names of the contacts who saw it.
        minutes_for_questions: The minutes that were kept for their questions.
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
        technical_route: The technology that it uses.
        resources: The resources that it takes of us.
        risks: What may go wrong.
        advantages: What the customer gains, in numbers where possible.
        differences: What sets it apart from the offers of competitors.
        steps: How it is put in place.
        expected_result: What will be different then.
        cases: Similar solutions elsewhere.
        requirements_met: Descriptions of the requirements that it meets.
        requirements_open: Descriptions of the requirements that it does not meet.
        fit: How well it fits.
        reviews: What the three reviewers said, each once.
        presentations: The presentations to the customer.

    Example:
        >>> solution = Solution(
        ...     title="Line data in one system",
        ...     advantages=(
        ...         Advantage(claim="Less cost", amount=20, unit="%"),
        ...         Advantage(claim="Fast"),
        ...     ),
        ... )
        >>> [gain.claim for gain in solution.not_quantified], solution.missing_reviews
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
    reviews: Annotated[tuple[SolutionReview, ...], REVIEW_ONCE] = ()
    presentations: tuple[Presentation, ...] = ()

    @property
    def missing_reviews(self) -> tuple[SolutionReviewer, ...]:
        """The functions that have not reviewed it, or have not agreed."""
        agreed = {review.reviewer for review in self.reviews if review.agreed}
        return tuple(reviewer for reviewer in _REVIEWERS if reviewer not in agreed)

    @property
    def not_quantified(self) -> tuple[Advantage, ...]:
        """The advantages without a number."""
        return tuple(gain for gain in self.advantages if gain.amount is None)
