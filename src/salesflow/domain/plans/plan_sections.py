"""The sections of an opportunity plan, and what each of them has to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow.domain.plans.competition import Competitor
from salesflow.domain.plans.completeness import Missing
from salesflow.domain.plans.partner import RulesOfEngagement
from salesflow.domain.plans.section import PlanContext, action_gaps, gaps_in, read_sections
from salesflow.text import both

if TYPE_CHECKING:
    from salesflow.domain.plans.plan import OpportunityPlan

_ASK_COMPETITOR: Final = {
    "differences": both(en="Say what sets us apart from {name}", zh="说明我方与{name}的主要差异"),
    "moves[].answer": both(
        en="Answer what {name} did: {what}", zh="针对{name}的动作提出对策：{what}"
    ),
}
_ASK_PARTNER: Final = {"role": both(en="Say what {name} does", zh="说明{name}的角色")}
_ASK_RULES: Final = {  # the share of a partner is settled with the order (step 6), not here
    "enters_when": both(en="Agree when {name} comes in", zh="约定{name}何时介入"),
    "scope": both(en="Agree what {name} does and does not do", zh="约定{name}的工作范围"),
    "shared_information": both(
        en="Agree what we and {name} tell each other", zh="约定与{name}交换哪些信息"
    ),
    "conflicts": both(
        en="Agree what is done when we and {name} want the same", zh="约定与{name}的冲突如何处理"
    ),
}
_ASK_TEAM: Final = {
    "members[].duties": both(en="Say what {person} is responsible for", zh="明确{person}的职责"),
    "members[].agreed": both(en="Have {person} agree to their part", zh="请{person}确认分工"),
}

_Gaps = Iterator[Missing]


def _people(context: PlanContext[OpportunityPlan]) -> _Gaps:
    place = {strategy.person: at for at, strategy in enumerate(context.plan.people)}
    planned = {plan.person for plan in context.plan.people if plan.strategy is not None}
    wanted = dict.fromkeys((*context.decision_makers, *place))
    if not wanted:
        text = both(en="Name the people who influence the decision", zh="列出影响决策的人员")
        yield Missing.of(text, "people")
    for name in wanted:
        if name not in planned:
            text = both(en="Say how we win {name}", zh="说明如何争取{name}")
            path = f"people[{place[name]}].strategy" if name in place else "people"
            yield Missing.of(text, path, name=name)


def _competition(context: PlanContext[OpportunityPlan]) -> _Gaps:
    plan, at = context.plan.competition, "competition."
    if plan.competitors is None:
        text = both(en="Find out who else wants this deal", zh="了解还有谁在争取本项目")
        yield Missing.of(text, f"{at}competitors")
    for number, competitor in enumerate(plan.competitors or () if context.whole else ()):
        yield from _competitor(competitor, f"{at}competitors[{number}].")
    if plan.chosen is None:
        text = both(en="Choose a competitive strategy", zh="选定竞争策略")
        yield Missing.of(text, f"{at}chosen")
    if plan.follows_advice is False and plan.why is None:
        text = both(
            en="Say why another strategy than the advised one is chosen",
            zh="说明未采用建议策略的原因",
        )
        yield Missing.of(text, f"{at}why")
    if plan.chosen is not None and plan.steps is None:
        text = both(en="Say how the competitors' influence is reduced", zh="说明如何削弱对手的影响")
        yield Missing.of(text, f"{at}steps")


def _competitor(competitor: Competitor, at: str) -> _Gaps:
    if not competitor.strengths and not competitor.weaknesses:
        text = both(en="Say where {name} is strong and where weak", zh="分析{name}的优势和劣势")
        yield Missing.of(text, f"{at}strengths", name=competitor.name)
    yield from gaps_in(competitor, _ASK_COMPETITOR, at)


def _partners(context: PlanContext[OpportunityPlan]) -> _Gaps:
    for number, partner in enumerate(context.plan.partners or ()):
        at = f"partners[{number}]."
        yield from gaps_in(partner, _ASK_PARTNER, at)
        if partner.rules is None or partner.rules == RulesOfEngagement():
            text = both(en="Make rules of engagement with {name}", zh="与{name}约定介入规则")
            yield Missing.of(text, f"{at}rules", name=partner.name)
        elif context.whole:
            yield from gaps_in(partner.rules, _ASK_RULES, f"{at}rules.", name=partner.name)


def _responsibilities(context: PlanContext[OpportunityPlan]) -> _Gaps:
    team = context.plan.team
    if team is not None and team.members:
        yield from gaps_in(team, _ASK_TEAM, "team.")
    else:
        text = both(en="Say who is responsible for what", zh="明确职责分工")
        yield Missing.of(text, "team")


PLAN_SECTIONS: Final = read_sections(
    "plan_sections.toml",
    {
        "relationship_strategy": _people,
        "competitive_strategy": _competition,
        "partner_strategy": _partners,
        "action_plan": action_gaps,
        "responsibilities": _responsibilities,
    },
)
"""Every section that an opportunity plan can have, in order."""
