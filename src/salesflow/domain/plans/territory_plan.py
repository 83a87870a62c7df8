"""The plan of a territory, an account or a partner: written, presented, approved, kept fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final, Literal

from dateutil.relativedelta import relativedelta

from salesflow._arguments import day, instance
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.deal.account import Tier
from salesflow.domain.plans.action import Action
from salesflow.domain.plans.partner import Partner
from salesflow.domain.plans.section import (
    PARTNER_ONCE,
    FollowsActions,
    Missing,
    PlanCompleteness,
    PlanContext,
    PlanSection,
    SectionCompleteness,
    action_gaps,
    gaps_in,
    read_sections,
)
from salesflow.money import Money
from salesflow.text import both

TerritoryPlanKind = Literal["territory", "account", "partner"]
"""Whose plan it is: of a field of customers, of one customer, of one partner."""

_QUARTER: Final = relativedelta(months=3)


class KeyAccount(Record):
    """A customer on whom a plan concentrates.

    Source: "Optimized Sales Process v2.1", step 1: what was done together, what the customer has
    not said, the projects in order, and the services planned for them.

    Attributes:
        name: Name of the customer.
        tier: How it is served.
        history: What we have done together so far.
        hidden_needs: What the customer may need and has not said.
        projects: The customer's projects that we want, best first.
        potential: How much the customer may buy in the time of the plan.
        services: The professional services that go with the plan.
    """

    name: Label
    tier: Tier | None = None
    history: Note | None = None
    hidden_needs: Note | None = None
    projects: tuple[Note, ...] = ()
    potential: Money | None = None
    services: Note | None = None


class PlanReview(Record):
    """A review of the plan by the manager.

    Attributes:
        on: The day of the review.
        by: The manager who reviewed it.
        changes: What was changed, or that nothing was.
    """

    on: Day
    by: Label
    changes: Note | None = None


_ASK_PARTNER: Final = {"role": both(en="Say how we work with {name}", zh="说明与{name}的合作方式")}


def _target(context: PlanContext[TerritoryPlan]) -> Iterator[Missing]:
    if context.plan.exceeds_target is False:
        text = both(en="Plan for more than the target", zh="计划应超过目标")
        yield Missing.of(text, "planned")


def _partners(context: PlanContext[TerritoryPlan]) -> Iterator[Missing]:
    for number, partner in enumerate(context.plan.partners or ()):
        at = f"partners[{number}]."
        yield from gaps_in(partner, _ASK_PARTNER, at)
        if not partner.strengths and not partner.solution_areas:
            text = both(en="Say what {name} is best at", zh="分析{name}的核心能力")
            yield Missing.of(text, f"{at}strengths", name=partner.name)


def _review(context: PlanContext[TerritoryPlan]) -> Iterator[Missing]:
    due = context.plan.next_review_on
    if context.today is not None and due is not None and due < context.today:
        text = both(en="Review the plan: this was due on {day}", zh="审查并更新计划：应于{day}完成")
        yield Missing.of(text, "reviews", day=due.isoformat())


TERRITORY_SECTIONS: Final[tuple[PlanSection[TerritoryPlan], ...]] = read_sections(
    "territory_sections.toml",
    {"target": _target, "partners": _partners, "action_plan": action_gaps, "approval": _review},
)
"""Every section that a territory, account or partner plan can have, in order."""


class TerritoryPlan(FollowsActions, CheckedRecord):
    """The plan of a sales representative to do more than reach the target.

    Source: "Optimized Sales Process v2.1", steps 1 and 8: presented, approved by the manager,
    reviewed every quarter. Its outline is lost, so the sections are those that the text names.
    An account's plan has the follow-up of step 8 in place of marketing.

    Attributes:
        kind: Of a territory, of one account, or of one partner.
        name: Name of the territory, the account or the partner.
        owner: The sales representative whose plan it is.
        starts_on: The first day of its time.
        ends_on: The last day; not before the first.
        target: How much has to be sold.
        planned: How much the plan means to sell; by the source more than the target.
        market: Size, trends and hot topics of the market, or of the account's industry.
        regional_strategy: The strategy and the resources of the region, as the manager gives them.
        strategy: How the plan does more than reach the target.
        challenge: The greatest challenge.
        accounts: The customers on whom it concentrates, best first, each once.
        partners: The partners and what we do with them, each once; None: nobody has looked.
        marketing: Activities with marketing.
        resources: The resources of ours and of the partners that it needs, and when.
        help_wanted: What the manager can do.
        services: Services and training that make the customer's project succeed.
        long_term: What we want of the account in the long run.
        actions: The action plan.
        presented_on: The day when it was presented.
        approved_by: The manager who approved it.
        approved_on: The day of the approval; needs `approved_by`.
        reviews: The reviews since its approval.

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
    accounts: Annotated[
        tuple[KeyAccount, ...], Unique("name", "account_twice", "they are there already")
    ] = ()
    partners: Annotated[tuple[Partner, ...] | None, PARTNER_ONCE] = None
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
        """Whether it means to sell more than the target; None where one of the two is not known."""
        if self.target is None or self.planned is None:
            return None
        return self.planned.amount > self.target.amount

    @property
    def next_review_on(self) -> date | None:
        """Three months after the last review, or after the approval; None before that."""
        days = [review.on for review in self.reviews]
        days += [] if self.approved_on is None else [self.approved_on]
        try:
            return max(days) + _QUARTER if days else None
        except (OverflowError, ValueError):
            return None  # after the last day that a calendar has

    def completeness(self, today: date | None = None) -> PlanCompleteness:
        """Which sections of its kind are complete, and what the others lack.

        Args:
            today: The day that is asked about; None: an overdue review does not count as missing.

        Raises:
            ArgumentError: `today` is not a day, or is a moment without a zone.
        """
        context = self._context(today)
        asked_for = (section for section in TERRITORY_SECTIONS if section.asked_of(self.kind))
        return PlanCompleteness(sections=tuple(one.completeness(context) for one in asked_for))

    def section(self, key: str, *, today: date | None = None) -> SectionCompleteness | None:
        """One section, whether this kind of plan asks for it or not; None: it does not exist.

        Raises:
            ArgumentError: `key` is not a text, or `today` is not a day or is a moment without a
                zone.

        Example:
            >>> plan = TerritoryPlan(kind="territory", name="East", market="Growing")
            >>> plan.section("market").complete, plan.section("weather")
            (True, None)
        """
        instance(key, str, "key")
        context = self._context(today)
        found = (section for section in TERRITORY_SECTIONS if section.key == key)
        return next((section.completeness(context) for section in found), None)

    def _context(self, today: date | None) -> PlanContext[TerritoryPlan]:
        return PlanContext(self, today=None if today is None else day(today, "today"))
