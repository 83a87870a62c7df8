"""The plan of a territory, an account or a partner: written, presented, approved, kept fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import model_validator

from salesflow.domain._base import Day, Label, Note, Record
from salesflow.domain._shared import Problems, repeated
from salesflow.domain.account import Tier
from salesflow.domain.action import Action, overdue
from salesflow.domain.completeness import PlanCompleteness, SectionCompleteness
from salesflow.domain.partner import Partner
from salesflow.money import Money
from salesflow.text import Text

__all__ = ["KeyAccount", "PlanReview", "TerritoryPlan"]

_QUARTER: Final = relativedelta(months=3)


class KeyAccount(Record):
    """A customer on whom a plan concentrates.

    Attributes:
        name: Name of the customer.
        tier: How it is served.
        history: What we have done together so far.
        hidden_needs: What they may need and have not said.
        projects: Their projects that we want, best first.
        potential: What they may buy in the time of the plan.
    """

    name: Label
    tier: Tier | None = None
    history: Note | None = None
    hidden_needs: Note | None = None
    projects: tuple[Note, ...] = ()
    potential: Money | None = None


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


class TerritoryPlan(Record):
    """The plan of a sales representative to do more than reach the target.

    Source: "Optimized Sales Process v2.1", steps 1 and 8: presented, approved by the manager,
    reviewed every quarter. Its outline is lost, so the sections are those that the text names.

    Attributes:
        kind: Of a territory, of one account, or of one partner.
        name: Name of the territory, the account or the partner.
        owner: Whose plan it is.
        starts_on: The first day of its time.
        ends_on: The last day; not before the first.
        target: What has to be sold.
        planned: What the plan means to sell; by the source more than the target.
        market: Size, trends and hot topics of the market.
        challenge: The greatest challenge.
        accounts: The customers on whom it concentrates, best first, each once.
        partners: The partners and what we do with them; None: not looked at.
        marketing: Activities with marketing.
        resources: Which resources it needs, and when.
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

    kind: Literal["territory", "account", "partner"]
    name: Label
    owner: Label | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    target: Money | None = None
    planned: Money | None = None
    market: Note | None = None
    challenge: Note | None = None
    accounts: tuple[KeyAccount, ...] = ()
    partners: tuple[Partner, ...] | None = None
    marketing: tuple[Note, ...] = ()
    resources: Note | None = None
    actions: tuple[Action, ...] = ()
    presented_on: Day | None = None
    approved_by: Label | None = None
    approved_on: Day | None = None
    reviews: tuple[PlanReview, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        problems = Problems()
        for at in repeated(each.name for each in self.accounts):
            problems.add(("accounts", at, "name"), "account_twice", "they are there already")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            problems.add(("ends_on",), "ends_early", "the plan ends before it starts")
        if self.target and self.planned and self.target.currency != self.planned.currency:
            problems.add(("planned",), "currency_mixed", "target and plan need one currency")
        if self.approved_on is not None and self.approved_by is None:
            problems.add(("approved_by",), "approved_by_nobody", "say who approved it")
        problems.refuse(self)
        return self

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
        """The actions whose date has passed, the longest overdue first."""
        return overdue(self.actions, today)

    def completeness(self) -> PlanCompleteness:
        """Which sections are complete, and what the others lack."""
        return PlanCompleteness(
            sections=tuple(
                SectionCompleteness(key=key, title=title, missing=tuple(missing))
                for key, title, missing in (
                    ("target", Text(en="Target", zh="销售目标"), self._target()),
                    ("market", Text(en="Market", zh="市场分析"), self._market()),
                    ("accounts", Text(en="Key accounts", zh="重点客户"), self._accounts()),
                    ("partners", Text(en="Partners", zh="合作伙伴"), self._partners()),
                    ("action_plan", Text(en="Action plan", zh="行动计划"), self._actions()),
                    ("approval", Text(en="Approval", zh="审批"), self._approval()),
                )
            )
        )

    def _target(self) -> Iterator[Text]:
        if self.target is None or self.planned is None:
            yield Text(
                en="Give the target and what the plan means to sell", zh="填写目标与计划销售额"
            )
        elif not self.exceeds_target:
            yield Text(en="Plan for more than the target", zh="计划应超过目标")

    def _market(self) -> Iterator[Text]:
        if self.market is None:
            yield Text(en="Say how big the market is and where it goes", zh="分析市场规模与趋势")

    def _accounts(self) -> Iterator[Text]:
        if not self.accounts:
            yield Text(en="List the key accounts, best first", zh="按优先级列出重点客户")
        for each in self.accounts:
            if not each.projects:
                yield Text(
                    en=f"List the projects of {each.name} that we want",
                    zh=f"列出{each.name}的目标项目",
                )

    def _partners(self) -> Iterator[Text]:
        if self.partners is None:
            yield Text(
                en="Decide with which partners to work, and how", zh="评估合作伙伴与合作方式"
            )

    def _actions(self) -> Iterator[Text]:
        if not self.actions:
            yield Text(en="Plan at least one action", zh="至少安排一项行动")
        for each in self.actions:
            if each.open and (each.owner is None or each.due_on is None):
                yield Text(
                    en=f"Give an owner and a date: {each.what[:200]}",
                    zh=f"指定负责人与日期：{each.what[:200]}",
                )

    def _approval(self) -> Iterator[Text]:
        if self.presented_on is None:
            yield Text(en="Present the plan", zh="汇报计划")
        if self.approved_by is None:
            yield Text(en="Have the manager approve it", zh="由经理批准")
