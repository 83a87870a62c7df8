"""The sections of a territory, account or partner plan, and what each of them has to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow.domain.plans.completeness import Missing
from salesflow.domain.plans.section import (
    PLAN_ACTIONS,
    PlanContext,
    PlanSection,
    gaps_in,
    unassigned_actions,
)
from salesflow.text import both

if TYPE_CHECKING:
    from salesflow.domain.plans.territory_plan import TerritoryPlan, TerritoryPlanKind

_WITH_MARKETING: Final[tuple[TerritoryPlanKind, ...]] = ("territory", "partner")
_ACCOUNT: Final[tuple[TerritoryPlanKind, ...]] = ("account",)

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


TERRITORY_SECTIONS: Final[tuple[PlanSection[TerritoryPlan], ...]] = (
    PlanSection(
        "target",
        both(en="Target", zh="销售目标"),
        shows={"target": None, "planned": None},
        asks={
            "target": both(en="Give the target", zh="填写销售目标"),
            "planned": both(en="Give what the plan means to sell", zh="填写计划销售额"),
        },
        checks=(_target,),
    ),
    PlanSection(
        "market",
        both(en="Market", zh="市场分析"),
        shows={"market": both(en="Size, trends, topics", zh="规模、趋势与热点")},
        asks={
            "market": both(
                en="Say how big the market is and where it goes", zh="分析市场规模与趋势"
            )
        },
    ),
    PlanSection(
        "strategy",
        both(en="Strategy", zh="策略"),
        shows={
            "regional_strategy": both(
                en="Strategy and resources of the region", zh="区域总体策略和资源"
            ),
            "strategy": both(en="How we do more than the target", zh="如何超额完成目标"),
            "challenge": both(en="The greatest challenge", zh="最大的挑战"),
            "help_wanted": both(en="What the manager can do", zh="需要经理的帮助"),
        },
        asks={
            "strategy": both(
                en="Say how the plan does more than reach the target", zh="说明如何超额完成目标"
            ),
            "challenge": both(en="Name the greatest challenge", zh="说明最大的挑战"),
        },
    ),
    PlanSection(
        "accounts",
        both(en="Key accounts", zh="重点客户"),
        shows={"accounts": both(en="Key accounts", zh="重点客户")},
        asks={
            "accounts": both(en="List the key accounts, best first", zh="按优先级列出重点客户"),
            "accounts[].projects": both(
                en="List the projects of {name} that we want", zh="列出{name}的目标项目"
            ),
        },
    ),
    PlanSection(
        "partners",
        both(en="Partners", zh="合作伙伴"),
        shows={"partners": None},
        asks={
            "partners": both(
                en="Decide with which partners to work, and how", zh="评估合作伙伴与合作方式"
            )
        },
        checks=(_partners,),
    ),
    PlanSection(
        "marketing",
        both(en="Marketing", zh="市场活动"),
        shows={"marketing": both(en="Activities", zh="活动")},
        asks={
            "marketing": both(
                en="Plan with marketing how leads are made", zh="与市场部共同安排开发线索的活动"
            )
        },
        kinds=_WITH_MARKETING,
    ),
    PlanSection(
        "follow_up",
        both(en="Services and long-term strategy", zh="服务支持与长期战略"),
        shows={
            "services": both(en="Services and training", zh="专业服务和培训"),
            "long_term": both(en="In the long run", zh="长期销售战略"),
        },
        asks={
            "services": both(
                en="Plan the services and the training that make the project succeed",
                zh="安排保证项目成功的专业服务和培训",
            ),
            "long_term": both(
                en="Say what we want of this account in the long run",
                zh="说明对该客户的长期销售战略",
            ),
        },
        kinds=_ACCOUNT,
    ),
    PlanSection(
        "resources",
        both(en="Resources", zh="资源"),
        shows={"resources": both(en="What is needed, and when", zh="所需资源及介入时间")},
        asks={
            "resources": both(
                en="Say which resources the plan needs, and when", zh="说明所需资源及介入时间"
            )
        },
    ),
    PlanSection(
        "action_plan",
        both(en="Action plan", zh="行动计划"),
        shows={"actions": both(en="Actions", zh="行动")},
        asks=PLAN_ACTIONS,
        checks=(unassigned_actions,),
    ),
    PlanSection(
        "approval",
        both(en="Approval and review", zh="审批与审查"),
        shows={"reviews": None},
        asks={
            "presented_on": both(en="Present the plan", zh="汇报计划"),
            "approved_by": both(en="Have the manager approve it", zh="由经理批准"),
        },
        checks=(_review,),
    ),
)
"""Every section that a territory, account or partner plan can have, in order."""
