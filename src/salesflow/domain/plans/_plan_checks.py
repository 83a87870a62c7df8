"""What each section of an opportunity plan has to have, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow.domain.plans.action import Action
from salesflow.domain.plans.completeness import Missing
from salesflow.domain.plans.partner import RulesOfEngagement
from salesflow.text import Text

if TYPE_CHECKING:
    from salesflow.domain.plans.plan import OpportunityPlan

_SHOWN: Final = 200

_RULES: Final = {
    "enters_when": ("when {name} comes in", "{name}何时介入"),
    "scope": ("what {name} does and does not do", "{name}的工作范围"),
    "shared_information": ("what we and {name} tell each other", "与{name}交换哪些信息"),
    "conflicts": ("what is done when we and {name} want the same", "与{name}的冲突如何处理"),
}
# What they earn is settled with the order (step 6 of the source), not with the plan.


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked for.

    Attributes:
        plan: The plan.
        whole: The whole TAS plan is asked for, not the three pages.
        decision_makers: Names of those who influence the decision.
    """

    plan: OpportunityPlan
    whole: bool
    decision_makers: tuple[str, ...]


Check = Callable[[Asked], Iterator[Missing]]


def unplanned(actions: tuple[Action, ...]) -> Iterator[Missing]:
    """What an action plan lacks: an action at all, an owner, a date."""
    if not actions:
        yield Missing(en="Plan at least one action", zh="至少安排一项行动", path="actions")
    for at, each in enumerate(actions):
        what = each.what[:_SHOWN]
        if each.open and each.owner is None:
            path = f"actions[{at}].owner"
            yield Missing(en=f"Say who does it: {what}", zh=f"指定负责人：{what}", path=path)
        if each.open and each.due_on is None:
            path = f"actions[{at}].due_on"
            yield Missing(en=f"Say until when: {what}", zh=f"指定完成日期：{what}", path=path)


def _drivers(asked: Asked) -> Iterator[Missing]:
    if asked.plan.why_anything is None:
        yield Missing(
            en="Say why the customer does anything at all",
            zh="说明客户为什么要做这件事",
            path="why_anything",
        )
    if asked.plan.why_now is None:
        yield Missing(en="Say why the customer acts now", zh="说明客户为什么现在做", path="why_now")


def _drivers_and_return(asked: Asked) -> Iterator[Missing]:
    yield from _drivers(asked)
    if asked.plan.return_on_investment is None:
        yield Missing(
            en="Work out the return on investment", zh="测算投资回报", path="return_on_investment"
        )


def _value(asked: Asked) -> Iterator[Missing]:
    if asked.plan.value is None:
        yield Missing(
            en="Say what we are worth to the customer's business",
            zh="说明我方给客户业务带来的价值",
            path="value",
        )


def _solution(asked: Asked) -> Iterator[Missing]:
    if asked.plan.solution_strategy is None:
        yield Missing(
            en="Say with which solution we want to win",
            zh="说明以怎样的方案取胜",
            path="solution_strategy",
        )
    if asked.whole and asked.plan.advice is None:
        yield Missing(
            en="Ask our experts and the partners what they advise",
            zh="听取技术专家和合作伙伴的建议",
            path="advice",
        )


def _policy(asked: Asked) -> Iterator[Missing]:
    if asked.plan.policy_factors is None:
        yield Missing(
            en="Look for policies that may delay the project",
            zh="排查可能造成延误的政策因素",
            path="policy_factors",
        )
    for at, each in enumerate(asked.plan.policy_factors or ()):
        if each.response is None:
            yield Missing(
                en=f"Say what is done about: {each.what[:_SHOWN]}",
                zh=f"说明如何应对：{each.what[:_SHOWN]}",
                path=f"policy_factors[{at}].response",
            )


def _issue(asked: Asked) -> Iterator[Missing]:
    if asked.plan.compelling_issue is None:
        yield Missing(
            en="Say what presses the customer most",
            zh="说明客户最迫切的问题",
            path="compelling_issue",
        )


def _people(asked: Asked) -> Iterator[Missing]:
    place = {each.person: at for at, each in enumerate(asked.plan.people)}
    planned = {each.person for each in asked.plan.people if each.strategy is not None}
    wanted = dict.fromkeys((*asked.decision_makers, *place))
    if not wanted:
        yield Missing(
            en="Name the people who influence the decision", zh="列出影响决策的人员", path="people"
        )
    for name in wanted:
        if name not in planned:
            yield Missing(
                en=f"Say how we win {name[:_SHOWN]}",
                zh=f"说明如何争取{name[:_SHOWN]}",
                path=f"people[{place[name]}].strategy" if name in place else "people",
            )


def _supporters(asked: Asked) -> Iterator[Missing]:
    if not asked.plan.supporters:
        yield Missing(
            en="Name somebody to become an inside supporter",
            zh="确定要发展的内部支持者",
            path="supporters",
        )
    for at, each in enumerate(asked.plan.supporters):
        if each.steps is None:
            yield Missing(
                en=f"Say how {each.person} becomes a supporter",
                zh=f"说明如何发展{each.person}",
                path=f"supporters[{at}].steps",
            )


def _competition(asked: Asked) -> Iterator[Missing]:
    plan = asked.plan.competition
    if plan.competitors is None:
        yield Missing(
            en="Find out who else wants this deal",
            zh="了解还有谁在争取本项目",
            path="competition.competitors",
        )
    if asked.whole:
        yield from _competitors(asked)
    if plan.chosen is None:
        yield Missing(
            en="Choose a competitive strategy", zh="选定竞争策略", path="competition.chosen"
        )
    if plan.follows_advice is False and plan.why is None:
        yield Missing(
            en="Say why another strategy than the advised one is chosen",
            zh="说明未采用建议策略的原因",
            path="competition.why",
        )
    if plan.chosen is not None and plan.steps is None:
        yield Missing(
            en="Say how the competitors' influence is reduced",
            zh="说明如何削弱对手的影响",
            path="competition.steps",
        )


def _competitors(asked: Asked) -> Iterator[Missing]:
    for at, each in enumerate(asked.plan.competition.competitors or ()):
        path = f"competition.competitors[{at}]"
        if not each.strengths and not each.weaknesses:
            yield Missing(
                en=f"Say where {each.name} is strong and where weak",
                zh=f"分析{each.name}的优势和劣势",
                path=f"{path}.strengths",
            )
        if not each.differences:
            yield Missing(
                en=f"Say what sets us apart from {each.name}",
                zh=f"说明我方与{each.name}的主要差异",
                path=f"{path}.differences",
            )
        for number, move in enumerate(each.moves):
            if move.answer is None:
                yield Missing(
                    en=f"Answer what {each.name} did: {move.what[:_SHOWN]}",
                    zh=f"针对{each.name}的动作提出对策：{move.what[:_SHOWN]}",
                    path=f"{path}.moves[{number}].answer",
                )


def _partners(asked: Asked) -> Iterator[Missing]:
    if asked.plan.partners is None:
        yield Missing(
            en="Decide whether partners take part", zh="确定是否引入合作伙伴", path="partners"
        )
    for at, each in enumerate(asked.plan.partners or ()):
        path = f"partners[{at}]"
        if each.role is None:
            yield Missing(
                en=f"Say what {each.name} does", zh=f"说明{each.name}的角色", path=f"{path}.role"
            )
        if each.rules is None or each.rules == RulesOfEngagement():
            yield Missing(
                en=f"Make rules of engagement with {each.name}",
                zh=f"与{each.name}约定介入规则",
                path=f"{path}.rules",
            )
        elif asked.whole:
            for name, (en, zh) in _RULES.items():
                if getattr(each.rules, name) is None:
                    yield Missing(
                        en=f"Agree {en.format(name=each.name)}",
                        zh=f"约定{zh.format(name=each.name)}",
                        path=f"{path}.rules.{name}",
                    )


def _actions(asked: Asked) -> Iterator[Missing]:
    yield from unplanned(asked.plan.actions)


def _responsibilities(asked: Asked) -> Iterator[Missing]:
    team = asked.plan.team
    if team is None or not team.members:
        yield Missing(en="Say who is responsible for what", zh="明确职责分工", path="team")
        return
    for at, each in enumerate(team.members):
        if not each.duties:
            yield Missing(
                en=f"Say what {each.person} is responsible for",
                zh=f"明确{each.person}的职责",
                path=f"team.members[{at}].duties",
            )
        if not each.agreed:
            yield Missing(
                en=f"Have {each.person} agree to their part",
                zh=f"请{each.person}确认分工",
                path=f"team.members[{at}].agreed",
            )


TITLES: Final = {
    "business_drivers": Text(en="Business drivers", zh="业务驱动力"),
    "business_drivers_and_return": Text(
        en="Business drivers and return on investment", zh="业务驱动力与投资回报"
    ),
    "business_value": Text(en="Business value for the customer", zh="给客户带来的业务价值"),
    "solution_strategy": Text(en="Solution strategy", zh="解决方案策略"),
    "policy_factors": Text(en="Policy factors", zh="政策因素"),
    "compelling_issue": Text(en="Compelling issue", zh="最迫切的问题"),
    "relationship_strategy": Text(en="Relationship strategy", zh="公关策略"),
    "inside_supporters": Text(en="Developing inside supporters", zh="发展内部支持者"),
    "competitive_strategy": Text(en="Competitive strategy", zh="竞争策略"),
    "partner_strategy": Text(en="Partner strategy", zh="合作伙伴策略"),
    "value_proposition": Text(en="Value proposition", zh="价值提案"),
    "action_plan": Text(en="Action plan", zh="行动计划"),
    "responsibilities": Text(en="Responsibilities", zh="职责分工"),
}
"""Every section that an opportunity plan can have, by key, with its name."""

CHECKS: Final[dict[str, Check]] = {
    "business_drivers": _drivers,
    "business_drivers_and_return": _drivers_and_return,
    "business_value": _value,
    "solution_strategy": _solution,
    "policy_factors": _policy,
    "compelling_issue": _issue,
    "relationship_strategy": _people,
    "inside_supporters": _supporters,
    "competitive_strategy": _competition,
    "partner_strategy": _partners,
    "value_proposition": _value,
    "action_plan": _actions,
    "responsibilities": _responsibilities,
}
