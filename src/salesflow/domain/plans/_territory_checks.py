"""What each section of a territory, account or partner plan has to have, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from salesflow.domain.plans._plan_checks import unplanned
from salesflow.domain.plans.completeness import Missing
from salesflow.text import Text

if TYPE_CHECKING:
    from salesflow.domain.plans.territory_plan import TerritoryPlan

Check = Callable[["TerritoryPlan", date | None], Iterator[Missing]]


def _target(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if plan.target is None:
        yield Missing(en="Give the target", zh="填写销售目标", path="target")
    if plan.planned is None:
        yield Missing(en="Give what the plan means to sell", zh="填写计划销售额", path="planned")
    if plan.exceeds_target is False:
        yield Missing(en="Plan for more than the target", zh="计划应超过目标", path="planned")


def _market(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if plan.market is None:
        yield Missing(
            en="Say how big the market is and where it goes", zh="分析市场规模与趋势", path="market"
        )


def _strategy(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if plan.strategy is None:
        yield Missing(
            en="Say how the plan does more than reach the target",
            zh="说明如何超额完成目标",
            path="strategy",
        )
    if plan.challenge is None:
        yield Missing(en="Name the greatest challenge", zh="说明最大的挑战", path="challenge")


def _accounts(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if not plan.accounts:
        yield Missing(
            en="List the key accounts, best first", zh="按优先级列出重点客户", path="accounts"
        )
    for at, each in enumerate(plan.accounts):
        if not each.projects:
            yield Missing(
                en=f"List the projects of {each.name} that we want",
                zh=f"列出{each.name}的目标项目",
                path=f"accounts[{at}].projects",
            )


def _partners(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if plan.partners is None:
        yield Missing(
            en="Decide with which partners to work, and how",
            zh="评估合作伙伴与合作方式",
            path="partners",
        )
    for at, each in enumerate(plan.partners or ()):
        path = f"partners[{at}]"
        if each.role is None:
            yield Missing(
                en=f"Say how we work with {each.name}",
                zh=f"说明与{each.name}的合作方式",
                path=f"{path}.role",
            )
        if not each.strengths and not each.solution_areas:
            yield Missing(
                en=f"Say what {each.name} is best at",
                zh=f"分析{each.name}的核心能力",
                path=f"{path}.strengths",
            )


def _marketing(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if not plan.marketing:
        yield Missing(
            en="Plan with marketing how leads are made",
            zh="与市场部共同安排开发线索的活动",
            path="marketing",
        )


def _resources(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if plan.resources is None:
        yield Missing(
            en="Say which resources the plan needs, and when",
            zh="说明所需资源及介入时间",
            path="resources",
        )


def _follow_up(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    if plan.services is None:
        yield Missing(
            en="Plan the services and the training that make the project succeed",
            zh="安排保证项目成功的专业服务和培训",
            path="services",
        )
    if plan.long_term is None:
        yield Missing(
            en="Say what we want of this account in the long run",
            zh="说明对该客户的长期销售战略",
            path="long_term",
        )


def _actions(plan: TerritoryPlan, _: date | None) -> Iterator[Missing]:
    yield from unplanned(plan.actions)


def _approval(plan: TerritoryPlan, today: date | None) -> Iterator[Missing]:
    if plan.presented_on is None:
        yield Missing(en="Present the plan", zh="汇报计划", path="presented_on")
    if plan.approved_by is None:
        yield Missing(en="Have the manager approve it", zh="由经理批准", path="approved_by")
    due = plan.next_review_on
    if today is not None and due is not None and due < today:
        yield Missing(
            en=f"Review the plan: this was due on {due}",
            zh=f"审查并更新计划：应于{due}完成",
            path="reviews",
        )


TERRITORY_TITLES: Final = {
    "target": Text(en="Target", zh="销售目标"),
    "market": Text(en="Market", zh="市场分析"),
    "strategy": Text(en="Strategy", zh="策略"),
    "accounts": Text(en="Key accounts", zh="重点客户"),
    "partners": Text(en="Partners", zh="合作伙伴"),
    "marketing": Text(en="Marketing", zh="市场活动"),
    "resources": Text(en="Resources", zh="资源"),
    "follow_up": Text(en="Services and long-term strategy", zh="服务支持与长期战略"),
    "action_plan": Text(en="Action plan", zh="行动计划"),
    "approval": Text(en="Approval and review", zh="审批与审查"),
}
"""Every section that such a plan can have, by key, with its name."""

TERRITORY_CHECKS: Final[dict[str, Check]] = {
    "target": _target,
    "market": _market,
    "strategy": _strategy,
    "accounts": _accounts,
    "partners": _partners,
    "marketing": _marketing,
    "resources": _resources,
    "follow_up": _follow_up,
    "action_plan": _actions,
    "approval": _approval,
}
