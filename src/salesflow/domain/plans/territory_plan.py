"""The plan of a territory, an account or a partner: written, presented, approved, kept fresh."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import model_validator

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.times import Day
from salesflow.domain._days import calendar_day
from salesflow.domain._given import refuse_other
from salesflow.domain.deal.account import Tier
from salesflow.domain.plans._territory_checks import TERRITORY_CHECKS, TERRITORY_TITLES
from salesflow.domain.plans.action import Action, ActionStatus, action_status, overdue
from salesflow.domain.plans.completeness import PlanCompleteness, SectionCompleteness
from salesflow.domain.plans.partner import Partner
from salesflow.money import Money

TerritoryPlanKind = Literal["territory", "account", "partner"]
"""Whose plan it is: of a field of customers, of one customer, of one partner."""

_QUARTER: Final = relativedelta(months=3)
_MAIN: Final = ("target", "market", "strategy", "accounts", "partners")
_SECTIONS: Final[dict[TerritoryPlanKind, tuple[str, ...]]] = {
    "territory": (*_MAIN, "marketing", "resources", "action_plan", "approval"),
    "account": (*_MAIN, "follow_up", "resources", "action_plan", "approval"),
    "partner": (*_MAIN, "marketing", "resources", "action_plan", "approval"),
}


class KeyAccount(Record):
    """A customer on whom a plan concentrates.

    Source: "Optimized Sales Process v2.1", step 1: what was done together, what the customer has
    not said, the projects in order, and the services planned for them.

    Attributes:
        name: Name of the customer.
        tier: How it is served.
        history: What we have done together so far.
        hidden_needs: What they may need and have not said.
        projects: Their projects that we want, best first.
        potential: What they may buy in the time of the plan.
        services: The professional services that go with the plan.

    Example:
        >>> KeyAccount(name="Acme", projects=("Core banking",)).tier is None
        True
    """

    name: Label
    tier: Tier | None = None
    history: Note | None = None
    hidden_needs: Note | None = None
    projects: tuple[Note, ...] = ()
    potential: Money | None = None
    services: Note | None = None


class PlanReview(Record):
    """A look at the plan by the manager.

    Attributes:
        on: The day.
        by: Who looked at it.
        changes: What was changed, or that nothing was.
    """

    on: Day
    by: Label
    changes: Note | None = None


class TerritoryPlan(CheckedRecord):
    """The plan of a sales representative to do more than reach the target.

    Source: "Optimized Sales Process v2.1", steps 1 and 8: presented, approved by the manager,
    reviewed every quarter. Its outline is lost, so the sections are those that the text names.
    An account's plan has the follow-up of step 8 in place of marketing.

    Attributes:
        kind: Of a territory, of one account, or of one partner.
        name: Name of the territory, the account or the partner.
        owner: Whose plan it is.
        starts_on: The first day of its time.
        ends_on: The last day; not before the first.
        target: What has to be sold.
        planned: What the plan means to sell; by the source more than the target.
        market: Size, trends and hot topics of the market; of one account: of its industry.
        regional_strategy: The strategy and the resources of the region, as the manager gives them.
        strategy: How the plan does more than reach the target.
        challenge: The greatest challenge.
        accounts: The customers on whom it concentrates, best first, each once.
        partners: The partners and what we do with them; None: not looked at.
        marketing: Activities with marketing.
        resources: Which of our resources and of the partners' it needs, and when.
        help_wanted: What the manager can do.
        services: Services and training that make the customer's project succeed.
        long_term: What we want of the account in the long run.
        actions: What is to be done.
        presented_on: The day when it was presented.
        approved_by: The manager who approved it.
        approved_on: The day of the approval; needs `approved_by`.
        reviews: The looks at it since.

    Example:
        >>> plan = TerritoryPlan(
        ...     kind="territory", name="East", approved_by="wang.fang", approved_on="2026-01-31"
        ... )
        >>> plan.next_review_on.isoformat()
        '2026-04-30'
    """

    kind: TerritoryPlanKind
    name: Label
    owner: Label | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    target: Money | None = None
    planned: Money | None = None
    market: Note | None = None
    regional_strategy: Note | None = None
    strategy: Note | None = None
    challenge: Note | None = None
    accounts: Annotated[tuple[KeyAccount, ...], Unique("name", "account_twice", "they are there already")] = ()
    partners: Annotated[tuple[Partner, ...] | None, Unique("name", "partner_twice", "they are there already")] = None
    marketing: tuple[Note, ...] = ()
    resources: Note | None = None
    help_wanted: Note | None = None
    services: Note | None = None
    long_term: Note | None = None
    actions: tuple[Action, ...] = ()
    presented_on: Day | None = None
    approved_by: Label | None = None
    approved_on: Day | None = None
    reviews: tuple[PlanReview, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            problems.add(("ends_on",), "ends_early", "the plan ends before it starts")
        if self.target and self.planned and self.target.currency != self.planned.currency:
            problems.add(("planned",), "currency_mixed", "target and plan need one currency")
        if self.approved_on is not None and self.approved_by is None:
            problems.add(("approved_by",), "approved_by_nobody", "say who approved it")

    @property
    def exceeds_target(self) -> bool | None:
        """Whether it means to sell more than the target; None while one is not known."""
        if self.target is None or self.planned is None:
            return None
        return self.planned.amount > self.target.amount

    @property
    def next_review_on(self) -> date | None:
        """Three months after the last look at it, or after its approval; None before that."""
        days = [each.on for each in self.reviews]
        days += [] if self.approved_on is None else [self.approved_on]
        try:
            return max(days) + _QUARTER if days else None
        except (OverflowError, ValueError):
            return None  # after the last day that a calendar has

    def overdue(self, today: date) -> tuple[Action, ...]:
        """The actions whose date has passed, the longest overdue first.

        Raises:
            FactError: `today` is a datetime without a time zone, or no day at all.
        """
        return overdue(self.actions, today)

    def action_status(self, today: date) -> ActionStatus:
        """How far the action plan is: overdue, open, done, without owner, without date.

        Raises:
            FactError: `today` is a datetime without a time zone, or no day at all.
        """
        return action_status(self.actions, today)

    def completeness(self, today: date | None = None) -> PlanCompleteness:
        """Which sections of its kind are complete, and what the others lack.

        Args:
            today: With a day, a review that is overdue is missing as well.

        Raises:
            FactError: `today` is a datetime without a time zone, or no day at all.
        """
        found = (self.section(key, today=today) for key in _SECTIONS[self.kind])
        return PlanCompleteness(sections=tuple(each for each in found if each is not None))

    def section(self, key: str, *, today: date | None = None) -> SectionCompleteness | None:
        """One section, whether this kind of plan has it or not; None: there is no such section.

        Raises:
            FactError: `today` is a datetime without a time zone, or no day at all; or `key` is no
                text.

        Example:
            >>> plan = TerritoryPlan(kind="territory", name="East", market="Growing")
            >>> plan.section("market").complete, plan.section("weather")
            (True, None)
        """
        refuse_other(key, str, "key")
        day = None if today is None else calendar_day(today)
        if key not in TERRITORY_CHECKS:
            return None
        return SectionCompleteness(
            key=key, title=TERRITORY_TITLES[key], missing=tuple(TERRITORY_CHECKS[key](self, day))
        )
