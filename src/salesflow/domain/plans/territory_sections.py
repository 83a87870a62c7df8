"""The sections of a territory, account or partner plan, and what each of them has to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow.domain.plans.completeness import Missing
from salesflow.domain.plans.section import PlanContext, action_gaps, gaps_in, read_sections
from salesflow.text import both

if TYPE_CHECKING:
    from salesflow.domain.plans.territory_plan import TerritoryPlan

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


TERRITORY_SECTIONS: Final = read_sections(
    "territory_sections.toml",
    {"target": _target, "partners": _partners, "action_plan": action_gaps, "approval": _review},
)
"""Every section that a territory, account or partner plan can have, in order."""
