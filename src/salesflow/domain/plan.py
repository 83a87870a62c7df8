"""The opportunity plan: three pages for a big deal, the whole TAS plan for a key account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import Final, Literal, Self

from pydantic import model_validator

from salesflow.domain._base import Day, Label, Note, Record
from salesflow.domain._shared import Problems, repeated
from salesflow.domain.action import Action, overdue
from salesflow.domain.completeness import PlanCompleteness, SectionCompleteness
from salesflow.domain.partner import Partner
from salesflow.domain.relationship_plan import PersonStrategy, SupporterPlan
from salesflow.domain.strategy import CompetitionPlan
from salesflow.domain.team import DealTeam
from salesflow.text import Text

__all__ = ["OpportunityPlan", "PlanKind", "PolicyFactor"]

PlanKind = Literal["opportunity_plan", "tas_plan"]
"""Three pages, or the whole TAS plan; the names are those of the flagship playbook's instruments,
so that its size policy says which one a deal needs."""


class PolicyFactor(Record):
    """A rule or a policy that may delay the project.

    Attributes:
        what: What it is.
        delay: What it may delay, and by how much.
        response: What we do about it.
    """

    what: Note
    delay: Note | None = None
    response: Note | None = None


class OpportunityPlan(Record):
    """The plan to win one deal.

    Source: "Optimized Sales Process v2.1", step 3 and the first quick-reference table; its outline
    of the plan is lost, so the sections are those that the text names.

    For `policy_factors` and `partners` None means that nobody has looked, and an empty list that
    somebody has looked and there are none.

    Attributes:
        opportunity: Id of the deal.
        kind: Three pages, or the whole plan.
        customer: Name of the customer.
        made_by: Who wrote it.
        why_anything: Business drivers: why the customer does anything at all.
        why_now: Business drivers: why now.
        return_on_investment: What the customer gets back, and how that is worked out.
        value: The value proposition: what we are worth to their business.
        solution_strategy: With what we want to win, experts and partners heard.
        policy_factors: Rules and policies that may delay it.
        compelling_issue: What presses the customer most.
        people: A strategy for every person who influences the decision, each once.
        supporters: How inside supporters are developed, each person once.
        competition: The competitive strategy, recommended and chosen.
        partners: Who works with us, in which role, by which rules.
        actions: The action plan.
        team: Who is responsible for what.
        approved_by: The manager who approved the plan; None: nobody yet.
        approved_on: The day of the approval; needs `approved_by`.

    Example:
        >>> plan = OpportunityPlan(
        ...     opportunity="D-1",
        ...     why_anything="Too many errors",
        ...     actions=(Action(what="Meet the CFO", owner="li.wei", due_on="2026-03-01"),),
        ... )
        >>> state = plan.completeness()
        >>> print(*state.section("business_drivers").missing)
        Say why the customer acts now
        >>> round(state.share, 3), [each.what for each in plan.overdue(date(2026, 3, 2))]
        (0.125, ['Meet the CFO'])
    """

    opportunity: Label
    kind: PlanKind = "opportunity_plan"
    customer: Label | None = None
    made_by: Label | None = None
    why_anything: Note | None = None
    why_now: Note | None = None
    return_on_investment: Note | None = None
    value: Note | None = None
    solution_strategy: Note | None = None
    policy_factors: tuple[PolicyFactor, ...] | None = None
    compelling_issue: Note | None = None
    people: tuple[PersonStrategy, ...] = ()
    supporters: tuple[SupporterPlan, ...] = ()
    competition: CompetitionPlan = CompetitionPlan()
    partners: tuple[Partner, ...] | None = None
    actions: tuple[Action, ...] = ()
    team: DealTeam | None = None
    approved_by: Label | None = None
    approved_on: Day | None = None

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        problems = Problems()
        for at in repeated(each.person for each in self.people):
            problems.add(("people", at, "person"), "person_twice", "this person is there already")
        for at in repeated(each.person for each in self.supporters):
            problems.add(
                ("supporters", at, "person"), "person_twice", "this person is there already"
            )
        for at in repeated(each.name for each in self.partners or ()):
            problems.add(("partners", at, "name"), "partner_twice", "they are there already")
        if self.approved_on is not None and self.approved_by is None:
            problems.add(("approved_by",), "approved_by_nobody", "say who approved it")
        problems.refuse(self)
        return self

    def completeness(self, deciding: Collection[str] = ()) -> PlanCompleteness:
        """Which sections are complete, and what the others lack.

        Args:
            deciding: Names of the contacts who influence the decision; each needs a strategy.
        """
        return PlanCompleteness(
            sections=tuple(
                SectionCompleteness(key=key, title=title, missing=tuple(check(self, deciding)))
                for key, title, check in _SECTIONS[self.kind]
            )
        )

    def overdue(self, today: date) -> tuple[Action, ...]:
        """The actions whose date has passed, the longest overdue first."""
        return overdue(self.actions, today)


_Check = Callable[[OpportunityPlan, Collection[str]], Iterator[Text]]
_Section = tuple[str, Text, _Check]


def _drivers(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.why_anything is None:
        yield Text(en="Say why the customer does anything at all", zh="说明客户为什么要做这件事")
    if plan.why_now is None:
        yield Text(en="Say why the customer acts now", zh="说明客户为什么现在做")


def _drivers_and_return(plan: OpportunityPlan, deciding: Collection[str]) -> Iterator[Text]:
    yield from _drivers(plan, deciding)
    if plan.return_on_investment is None:
        yield Text(en="Work out the return on investment", zh="测算投资回报")


def _value(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.value is None:
        yield Text(
            en="Say what we are worth to the customer's business", zh="说明我方给客户业务带来的价值"
        )


def _solution(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.solution_strategy is None:
        yield Text(en="Say with which solution we want to win", zh="说明以怎样的方案取胜")


def _policy(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.policy_factors is None:
        yield Text(
            en="Look for policies that may delay the project", zh="排查可能造成延误的政策因素"
        )
    for each in plan.policy_factors or ():
        if each.response is None:
            yield Text(
                en=f"Say what is done about: {each.what[:200]}",
                zh=f"说明如何应对：{each.what[:200]}",
            )


def _issue(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.compelling_issue is None:
        yield Text(en="Say what presses the customer most", zh="说明客户最迫切的问题")


def _people(plan: OpportunityPlan, deciding: Collection[str]) -> Iterator[Text]:
    planned = {each.person for each in plan.people if each.strategy is not None}
    wanted = dict.fromkeys((*deciding, *(each.person for each in plan.people)))
    if not wanted:
        yield Text(en="Name the people who influence the decision", zh="列出影响决策的人员")
    for name in wanted:
        if name not in planned:
            yield Text(en=f"Say how we win {name}", zh=f"说明如何争取{name}")


def _supporters(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if not plan.supporters:
        yield Text(en="Name somebody to become an inside supporter", zh="确定要发展的内部支持者")
    for each in plan.supporters:
        if each.steps is None:
            yield Text(
                en=f"Say how {each.person} becomes a supporter", zh=f"说明如何发展{each.person}"
            )


def _competition(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.competition.chosen is None:
        yield Text(en="Choose a competitive strategy", zh="选定竞争策略")
    if plan.competition.follows_advice is False and plan.competition.why is None:
        yield Text(
            en="Say why another strategy than the advised one is chosen",
            zh="说明未采用建议策略的原因",
        )
    if plan.competition.chosen is not None and plan.competition.steps is None:
        yield Text(en="Say how the competitors' influence is reduced", zh="说明如何削弱对手的影响")


def _partners(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.partners is None:
        yield Text(en="Decide whether partners take part", zh="确定是否引入合作伙伴")
    for each in plan.partners or ():
        if each.role is None:
            yield Text(en=f"Say what {each.name} does", zh=f"说明{each.name}的角色")
        if each.rules is None:
            yield Text(
                en=f"Make rules of engagement with {each.name}", zh=f"与{each.name}约定介入规则"
            )


def _actions(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if not plan.actions:
        yield Text(en="Plan at least one action", zh="至少安排一项行动")
    for each in plan.actions:
        what = each.what[:200]
        if each.open and each.owner is None:
            yield Text(en=f"Say who does it: {what}", zh=f"指定负责人：{what}")
        if each.open and each.due_on is None:
            yield Text(en=f"Say until when: {what}", zh=f"指定完成日期：{what}")


def _responsibilities(plan: OpportunityPlan, _: Collection[str]) -> Iterator[Text]:
    if plan.team is None or not plan.team.members:
        yield Text(en="Say who is responsible for what", zh="明确职责分工")
        return
    for name in plan.team.without_duties:
        yield Text(en=f"Say what {name} is responsible for", zh=f"明确{name}的职责")
    for name in plan.team.not_agreed:
        yield Text(en=f"Have {name} agree to their part", zh=f"请{name}确认分工")


_SOLUTION: Final = ("solution_strategy", Text(en="Solution strategy", zh="解决方案策略"), _solution)
_RELATIONS: Final = (
    "relationship_strategy",
    Text(en="Relationship strategy", zh="公关策略"),
    _people,
)
_SUPPORT: Final = (
    "inside_supporters",
    Text(en="Developing inside supporters", zh="发展内部支持者"),
    _supporters,
)
_RIVALS: Final = (
    "competitive_strategy",
    Text(en="Competitive strategy", zh="竞争策略"),
    _competition,
)
_ALLIES: Final = ("partner_strategy", Text(en="Partner strategy", zh="合作伙伴策略"), _partners)
_WORK: Final = ("action_plan", Text(en="Action plan", zh="行动计划"), _actions)

_SECTIONS: Final[dict[PlanKind, tuple[_Section, ...]]] = {
    "opportunity_plan": (
        ("business_drivers", Text(en="Business drivers", zh="业务驱动力"), _drivers),
        (
            "business_value",
            Text(en="Business value for the customer", zh="给客户带来的业务价值"),
            _value,
        ),
        _SOLUTION,
        _RELATIONS,
        _SUPPORT,
        _RIVALS,
        _ALLIES,
        _WORK,
    ),
    "tas_plan": (
        (
            "business_drivers_and_return",
            Text(en="Business drivers and return on investment", zh="业务驱动力与投资回报"),
            _drivers_and_return,
        ),
        _SOLUTION,
        ("policy_factors", Text(en="Policy factors", zh="政策因素"), _policy),
        ("compelling_issue", Text(en="Compelling issue", zh="最迫切的问题"), _issue),
        _RELATIONS,
        _SUPPORT,
        _RIVALS,
        _ALLIES,
        ("value_proposition", Text(en="Value proposition", zh="价值提案"), _value),
        _WORK,
        ("responsibilities", Text(en="Responsibilities", zh="职责分工"), _responsibilities),
    ),
}
