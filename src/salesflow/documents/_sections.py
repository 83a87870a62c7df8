"""The sections of an opportunity plan, each written from the fields that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from salesflow.documents._competition import write_competition
from salesflow.documents._markdown import Md, inline, strong
from salesflow.documents._parts import write_actions, write_partners
from salesflow.documents._writer import Writer
from salesflow.domain.deal.team import DealTeam
from salesflow.domain.plans.plan import OpportunityPlan
from salesflow.domain.plans.relationship_plan import PersonStrategy


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document is written from.

    Attributes:
        plan: The plan.
        whole: It is the whole TAS plan: what it may have and does not is marked as well.
        today: The day of the document; None: what is overdue is not marked.
    """

    plan: OpportunityPlan
    whole: bool
    today: date | None


def _drivers(doc: Writer, asked: Asked) -> None:
    plan = asked.plan
    doc.note(doc.t("Why do anything", "为什么要做"), plan.why_anything)
    doc.note(doc.t("Why now", "为什么现在做"), plan.why_now)
    label = doc.t("Return on investment", "投资回报")
    doc.note(label, plan.return_on_investment, asked=asked.whole)


def _value(doc: Writer, asked: Asked) -> None:
    doc.note(doc.t("What we are worth to them", "我方带来的价值"), asked.plan.value)


def _solution(doc: Writer, asked: Asked) -> None:
    plan = asked.plan
    doc.note(doc.t("With what we win", "取胜的方案"), plan.solution_strategy)
    label = doc.t("The first technical solution", "最初的技术方案")
    doc.note(label, plan.first_solution, asked=asked.whole)
    label = doc.t("Technical and project services", "技术和项目服务")
    doc.note(label, plan.services, asked=asked.whole)
    if not plan.advice:
        if asked.whole or plan.advice is not None:
            doc.fact(doc.t("Advice", "专家和合作伙伴的建议"), None if plan.advice is None else ())
        return
    doc.table(
        [
            doc.t("Advice of", "建议人"),
            doc.t("What they advise", "建议"),
            doc.t("Taken", "是否采纳"),
        ],
        (
            [
                inline(each.by),
                inline(each.said),
                doc.not_yet if each.taken is None else doc.say(each.taken),
            ]
            for each in plan.advice
        ),
    )


def _policy(doc: Writer, asked: Asked) -> None:
    factors = asked.plan.policy_factors
    if not factors:
        doc.fact(doc.t("May delay the project", "可能造成延误"), None if factors is None else ())
        return
    doc.table(
        [
            doc.t("What", "政策因素"),
            doc.t("May delay", "可能的延误"),
            doc.t("What we do about it", "应对措施"),
        ],
        ([inline(each.what), doc.say(each.delay), doc.say(each.response)] for each in factors),
    )


def _issue(doc: Writer, asked: Asked) -> None:
    plan = asked.plan
    doc.note(doc.t("What presses most", "最迫切的问题"), plan.compelling_issue)
    if asked.whole or plan.act_by is not None:
        doc.fact(doc.t("They have to act by", "必须行动的期限"), plan.act_by)
    label = doc.t("What waiting costs them", "拖延的代价")
    doc.note(label, plan.price_of_waiting, asked=asked.whole)


def _people(doc: Writer, asked: Asked) -> None:
    if not asked.plan.people:
        doc.fact(doc.t("People who influence the decision", "影响决策的人员"), None)
        return
    doc.table(
        [
            doc.t("Person", "人员"),
            doc.t("Where they stand", "立场"),
            doc.t("What they want", "诉求"),
            doc.t("What we do", "公关策略"),
            doc.t("Who of us", "我方负责人"),
        ],
        (
            [
                doc.lines([inline(each.person), doc.say(each.buying_role, "buying_role")]),
                _standing(doc, each),
                doc.lines(
                    [
                        doc.pair(doc.t("business", "业务"), doc.say(each.business_agenda)),
                        doc.pair(doc.t("personal", "个人"), doc.say(each.personal_agenda)),
                    ]
                ),
                doc.say(each.strategy),
                doc.say(each.owner),
            ]
            for each in asked.plan.people
        ),
    )


def _standing(doc: Writer, person: PersonStrategy) -> Md:
    return doc.lines(
        [
            doc.pair(doc.t("influence", "影响力"), doc.say(person.influence, "level")),
            doc.pair(doc.t("attitude", "态度"), doc.say(person.attitude, "attitude")),
            doc.pair(doc.t("relationship", "关系"), doc.say(person.relationship, "relationship")),
        ]
    )


def _supporters(doc: Writer, asked: Asked) -> None:
    if not asked.plan.supporters:
        doc.fact(doc.t("Supporters to develop", "要发展的支持者"), None)
        return
    doc.table(
        [
            doc.t("Person", "人员"),
            doc.t("Today", "现状"),
            doc.t("Wanted", "目标"),
            doc.t("Steps", "发展步骤"),
            doc.t("Who of us", "我方负责人"),
        ],
        (
            [
                inline(each.person),
                doc.say(each.now, "attitude"),
                doc.say(each.wanted, "attitude"),
                doc.say(each.steps),
                doc.say(each.owner),
            ]
            for each in asked.plan.supporters
        ),
    )


def _competition(doc: Writer, asked: Asked) -> None:
    write_competition(doc, asked.plan.competition)


def _partners(doc: Writer, asked: Asked) -> None:
    write_partners(doc, asked.plan.partners, rules=asked.whole)


def _actions(doc: Writer, asked: Asked) -> None:
    if asked.plan.actions:
        write_actions(doc, asked.plan.actions, asked.today)
    else:
        doc.fact(doc.t("Actions", "行动"), None)
    doc.note(doc.t("Resources", "所需资源"), asked.plan.resources, asked=asked.whole)


def _responsibilities(doc: Writer, asked: Asked) -> None:
    team = asked.plan.team
    if team is None:
        doc.fact(doc.t("Team", "团队"), None)
        return
    doc.fact(doc.t("Led by", "牵头人"), team.lead)
    label = strong(doc.t("Agreed by everybody on", "全员达成一致的日期"))
    agreed = doc.not_yet if team.agreed_on is None else doc.say(team.agreed_on)
    doc.paragraph(doc.pair(label, agreed))
    _members(doc, team)


def _members(doc: Writer, team: DealTeam) -> None:
    if not team.members:
        doc.fact(doc.t("Members", "成员"), None)
    doc.table(
        [
            doc.t("Person", "人员"),
            doc.t("Roles", "角色"),
            doc.t("Responsible for", "职责"),
            doc.t("Has agreed", "已确认"),
        ],
        (
            [
                inline(each.person),
                doc.say(each.roles),
                doc.say(each.duties or None),
                doc.say(each.agreed),
            ]
            for each in team.members
        ),
    )


WRITERS: Final[Mapping[str, Callable[[Writer, Asked], None]]] = {
    "business_drivers": _drivers,
    "business_drivers_and_return": _drivers,
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

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "policy_factors": ("policy_factors",),
    "compelling_issue": ("compelling_issue", "act_by", "price_of_waiting"),
    "responsibilities": ("team",),
}
"""Sections that three pages do not ask for, and the fields that they show where one is filled."""
