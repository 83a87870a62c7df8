"""The review of a deal: why it was won or lost, and what to learn from it."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note
from salesflow.domain._base.times import Day
from salesflow.domain.plans.action import Action


class WinLossReview(CheckedRecord):
    """A review of a deal that was won or lost.

    Source: "Optimized Sales Process v2.1", step 7, which lists the missing analysis of cases among
    its problems; "Sales support process design", review and knowledge (worked, did not work, kept
    for others).

    Attributes:
        opportunity: Id of the deal.
        outcome: Won or lost.
        closed_on: The day of the decision.
        reviewed_on: The day of the review; not before the decision.
        reviewed_by: The people who took part, best from several departments.
        reasons: The reasons as we see them; a lost deal needs at least one.
        customer_view: The reasons in the customer's words.
        asked_customer: Name of the contact whom we asked.
        won_by: The competitor who won a lost deal; None where nobody did.
        worked: What we did well.
        did_not_work: What we did badly.
        shortcuts: Steps of the process that were skipped.
        lessons: What others should know.
        actions: What we change.

    Example:
        >>> review = WinLossReview(
        ...     opportunity="D-1", outcome="lost", reasons=("No sponsor",), won_by="Rival"
        ... )
        >>> review.missing
        ('customer_view', 'lessons', 'actions')
    """

    opportunity: Label
    outcome: Literal["won", "lost"]
    closed_on: Day | None = None
    reviewed_on: Day | None = None
    reviewed_by: tuple[Label, ...] = ()
    reasons: tuple[Note, ...] = ()
    customer_view: Note | None = None
    asked_customer: Label | None = None
    won_by: Label | None = None
    worked: tuple[Note, ...] = ()
    did_not_work: tuple[Note, ...] = ()
    shortcuts: tuple[Note, ...] = ()
    lessons: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.closed_on and self.reviewed_on and self.reviewed_on < self.closed_on:
            problems.add(
                ("reviewed_on",), "reviewed_early", "the review is older than the decision"
            )
        if self.outcome == "lost" and not self.reasons:
            problems.add(("reasons",), "reason_missing", "say why the deal was lost")
        if self.outcome == "won" and self.won_by is not None:
            problems.add(("won_by",), "won_by_other", "we won it ourselves; leave this out")

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts without which nothing can be learned, by field name."""
        parts = ("reasons", "customer_view", "lessons", "actions")
        return tuple(name for name in parts if not getattr(self, name))
