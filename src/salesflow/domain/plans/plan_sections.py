"""The sections of an opportunity plan, and what each of them has to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow.domain.plans.competition import Competitor
from salesflow.domain.plans.completeness import Missing
from salesflow.domain.plans.partner import RulesOfEngagement
from salesflow.domain.plans.section import (
    PLAN_ACTIONS,
    PlanContext,
    PlanSection,
    gaps_in,
    unassigned_actions,
)
from salesflow.text import both

if TYPE_CHECKING:
    from salesflow.domain.plans.plan import OpportunityPlan, PlanKind

_THREE_PAGES: Final[tuple[PlanKind, ...]] = ("opportunity_plan",)
_WHOLE: Final[tuple[PlanKind, ...]] = ("tas_plan",)

_SHOW_DRIVERS: Final = {
    "why_anything": both(en="Why do anything", zh="为什么要做"),
    "why_now": both(en="Why now", zh="为什么现在做"),
    "return_on_investment": both(en="Return on investment", zh="投资回报"),
}
_ASK_DRIVERS: Final = {
    "why_anything": both(
        en="Say why the customer does anything at all", zh="说明客户为什么要做这件事"
    ),
    "why_now": both(en="Say why the customer acts now", zh="说明客户为什么现在做"),
}
_SHOW_VALUE: Final = {"value": both(en="What we are worth to them", zh="我方带来的价值")}
_ASK_VALUE: Final = {
    "value": both(
        en="Say what we are worth to the customer's business", zh="说明我方给客户业务带来的价值"
    )
}
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


PLAN_SECTIONS: Final[tuple[PlanSection[OpportunityPlan], ...]] = (
    PlanSection(
        "business_drivers",
        both(en="Business drivers", zh="业务驱动力"),
        shows=_SHOW_DRIVERS,
        asks=_ASK_DRIVERS,
        whole=frozenset({"return_on_investment"}),
        kinds=_THREE_PAGES,
    ),
    PlanSection(
        "business_value",
        both(en="Business value for the customer", zh="给客户带来的业务价值"),
        shows=_SHOW_VALUE,
        asks=_ASK_VALUE,
        kinds=_THREE_PAGES,
    ),
    PlanSection(
        "business_drivers_and_return",
        both(en="Business drivers and return on investment", zh="业务驱动力与投资回报"),
        shows=_SHOW_DRIVERS,
        asks={
            **_ASK_DRIVERS,
            "return_on_investment": both(en="Work out the return on investment", zh="测算投资回报"),
        },
        kinds=_WHOLE,
    ),
    PlanSection(
        "solution_strategy",
        both(en="Solution strategy", zh="解决方案策略"),
        shows={
            "solution_strategy": both(en="With what we win", zh="取胜的方案"),
            "first_solution": both(en="The first technical solution", zh="最初的技术方案"),
            "services": both(en="Technical and project services", zh="技术和项目服务"),
            "advice": both(en="Advice", zh="专家和合作伙伴的建议"),
        },
        asks={
            "solution_strategy": both(
                en="Say with which solution we want to win", zh="说明以怎样的方案取胜"
            ),
            "advice": both(
                en="Ask our experts and the partners what they advise",
                zh="听取技术专家和合作伙伴的建议",
            ),
        },
        whole=frozenset({"first_solution", "services", "advice"}),
    ),
    PlanSection(
        "policy_factors",
        both(en="Policy factors", zh="政策因素"),
        shows={"policy_factors": both(en="May delay the project", zh="可能造成延误")},
        asks={
            "policy_factors": both(
                en="Look for policies that may delay the project",
                zh="排查可能造成延误的政策因素",
            ),
            "policy_factors[].response": both(
                en="Say what is done about: {what}", zh="说明如何应对：{what}"
            ),
        },
        kinds=_WHOLE,
    ),
    PlanSection(
        "compelling_issue",
        both(en="Compelling issue", zh="最迫切的问题"),
        shows={
            "compelling_issue": both(en="What presses most", zh="最迫切的问题"),
            "act_by": both(en="They have to act by", zh="必须行动的期限"),
            "price_of_waiting": both(en="What waiting costs them", zh="拖延的代价"),
        },
        asks={
            "compelling_issue": both(
                en="Say what presses the customer most", zh="说明客户最迫切的问题"
            )
        },
        whole=frozenset({"act_by", "price_of_waiting"}),
        kinds=_WHOLE,
    ),
    PlanSection(
        "relationship_strategy",
        both(en="Relationship strategy", zh="公关策略"),
        shows={"people": both(en="People who influence the decision", zh="影响决策的人员")},
        checks=(_people,),
    ),
    PlanSection(
        "inside_supporters",
        both(en="Developing inside supporters", zh="发展内部支持者"),
        shows={"supporters": both(en="Supporters to develop", zh="要发展的支持者")},
        asks={
            "supporters": both(
                en="Name somebody to become an inside supporter", zh="确定要发展的内部支持者"
            ),
            "supporters[].steps": both(
                en="Say how {person} becomes a supporter", zh="说明如何发展{person}"
            ),
        },
    ),
    PlanSection(
        "competitive_strategy",
        both(en="Competitive strategy", zh="竞争策略"),
        shows={"competition": None},
        checks=(_competition,),
    ),
    PlanSection(
        "partner_strategy",
        both(en="Partner strategy", zh="合作伙伴策略"),
        shows={"partners": None},
        asks={"partners": both(en="Decide whether partners take part", zh="确定是否引入合作伙伴")},
        checks=(_partners,),
    ),
    PlanSection(
        "value_proposition",
        both(en="Value proposition", zh="价值提案"),
        shows=_SHOW_VALUE,
        asks=_ASK_VALUE,
        kinds=_WHOLE,
    ),
    PlanSection(
        "action_plan",
        both(en="Action plan", zh="行动计划"),
        shows={
            "actions": both(en="Actions", zh="行动"),
            "resources": both(en="Resources", zh="所需资源"),
        },
        asks=PLAN_ACTIONS,
        whole=frozenset({"resources"}),
        checks=(unassigned_actions,),
    ),
    PlanSection(
        "responsibilities",
        both(en="Responsibilities", zh="职责分工"),
        shows={"team": both(en="Team", zh="团队")},
        checks=(_responsibilities,),
        kinds=_WHOLE,
    ),
)
"""Every section that an opportunity plan can have, in order."""
