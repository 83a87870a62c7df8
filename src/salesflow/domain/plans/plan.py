"""The opportunity plan: three pages for a big deal, the whole TAS plan for a key account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal, get_args

from salesflow._arguments import instance, several
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.deal._people_checks import PERSON_ONCE
from salesflow.domain.deal.team import DealTeam
from salesflow.domain.plans.action import Action
from salesflow.domain.plans.competition import CompetitionPlan
from salesflow.domain.plans.partner import Partner, RulesOfEngagement
from salesflow.domain.plans.relationship_plan import PersonStrategy, SupporterPlan
from salesflow.domain.plans.section import (
    PARTNER_ONCE,
    FollowsActions,
    Missing,
    PlanCompleteness,
    PlanContext,
    SectionCompleteness,
    action_gaps,
    gaps_in,
    read_sections,
)
from salesflow.errors import UnknownName
from salesflow.text import both

PlanKind = Literal["opportunity_plan", "tas_plan"]
"""Three pages, or the whole TAS plan; the names are those of the flagship playbook's instruments,
so that its size policy says which one a deal needs."""

_KINDS: Final[tuple[PlanKind, ...]] = get_args(PlanKind)


class Advice(Record):
    """What an expert or a partner advises on the solution.

    Source: "Optimized Sales Process v2.1", step 3: the solution strategy is made with the advice
    of technical experts and of partners.

    Attributes:
        by: Name of the expert or the partner.
        said: What they advise.
        taken: Whether the strategy follows it; None: not decided.
    """

    by: Label
    said: Note
    taken: bool | None = None


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


def _people(context: PlanContext[OpportunityPlan]) -> Iterator[Missing]:
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


def _competition(context: PlanContext[OpportunityPlan]) -> Iterator[Missing]:
    plan, at = context.plan.competition, "competition."
    if plan.competitors is None:
        text = both(en="Find out who else wants this deal", zh="了解还有谁在争取本项目")
        yield Missing.of(text, f"{at}competitors")
    for number, competitor in enumerate(plan.competitors or () if context.whole else ()):
        path = f"{at}competitors[{number}]."
        if not competitor.strengths and not competitor.weaknesses:
            text = both(en="Say where {name} is strong and where weak", zh="分析{name}的优势和劣势")
            yield Missing.of(text, f"{path}strengths", name=competitor.name)
        yield from gaps_in(competitor, _ASK_COMPETITOR, path)
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


def _partners(context: PlanContext[OpportunityPlan]) -> Iterator[Missing]:
    for number, partner in enumerate(context.plan.partners or ()):
        at = f"partners[{number}]."
        yield from gaps_in(partner, _ASK_PARTNER, at)
        if partner.rules is None or partner.rules == RulesOfEngagement():
            text = both(en="Make rules of engagement with {name}", zh="与{name}约定介入规则")
            yield Missing.of(text, f"{at}rules", name=partner.name)
        elif context.whole:
            yield from gaps_in(partner.rules, _ASK_RULES, f"{at}rules.", name=partner.name)


def _responsibilities(context: PlanContext[OpportunityPlan]) -> Iterator[Missing]:
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


class OpportunityPlan(FollowsActions, CheckedRecord):
    """The plan to win one deal.

    Source: "Optimized Sales Process v2.1", step 3 and the first quick-reference table; its outline
    of the plan is lost, so the sections are those that the text names.

    For `advice`, `policy_factors` and `partners` None means that nobody has looked; an empty list
    means that somebody looked and found none. A field that its kind of plan does not ask for may be
    filled in all the same.

    Attributes:
        opportunity: Id of the deal.
        kind: Three pages, or the whole plan.
        customer: Name of the customer.
        made_by: The person who wrote it.
        made_on: The day when it was first written.
        updated_on: The day when it was last brought up to date; not before `made_on`.
        why_anything: Business drivers: why the customer does anything at all.
        why_now: Business drivers: why the customer acts now.
        return_on_investment: What the customer gets back, and how that is worked out.
        value: The value proposition: what we are worth to their business.
        solution_strategy: The solution with which we want to win.
        advice: What experts and partners advise on it.
        first_solution: The first technical solution, in outline.
        services: How much technical and project work the solution takes.
        policy_factors: Rules and policies that may delay the project.
        compelling_issue: The problem that presses the customer most.
        act_by: The day by which the customer has to act on it.
        price_of_waiting: What it costs the customer to let that day pass.
        people: A strategy for every person who influences the decision, each once.
        supporters: How inside supporters are developed, each person once.
        competition: The competitive strategy, recommended and chosen.
        partners: Who works with us, in which role, by which rules; each once.
        actions: The action plan.
        resources: The resources that winning takes, and what has to be done to have them.
        team: Who is responsible for what.
        approved_by: The manager who approved the plan; None: nobody yet.
        approved_on: The day of the approval; needs `approved_by`.

    Example:
        >>> from datetime import date
        >>> plan = OpportunityPlan(
        ...     opportunity="D-1",
        ...     why_anything="Too many errors",
        ...     actions=(Action(what="Meet the CFO", owner="li.wei", due_on="2026-03-01"),),
        ... )
        >>> state = plan.completeness()
        >>> print(*state.section("business_drivers").missing)
        Say why the customer acts now
        >>> round(state.share, 3), [action.what for action in plan.overdue(date(2026, 3, 2))]
        (0.125, ['Meet the CFO'])
    """

    opportunity: Label
    kind: PlanKind = "opportunity_plan"
    customer: Label | None = None
    made_by: Label | None = None
    made_on: Day | None = None
    updated_on: Day | None = None
    why_anything: Note | None = None
    why_now: Note | None = None
    return_on_investment: Note | None = None
    value: Note | None = None
    solution_strategy: Note | None = None
    advice: tuple[Advice, ...] | None = None
    first_solution: Note | None = None
    services: Note | None = None
    policy_factors: tuple[PolicyFactor, ...] | None = None
    compelling_issue: Note | None = None
    act_by: Day | None = None
    price_of_waiting: Note | None = None
    people: Annotated[tuple[PersonStrategy, ...], PERSON_ONCE] = ()
    supporters: Annotated[tuple[SupporterPlan, ...], PERSON_ONCE] = ()
    competition: CompetitionPlan = CompetitionPlan()
    partners: Annotated[tuple[Partner, ...] | None, PARTNER_ONCE] = None
    actions: tuple[Action, ...] = ()
    resources: Note | None = None
    team: DealTeam | None = None
    approved_by: Label | None = None
    approved_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.made_on and self.updated_on and self.updated_on < self.made_on:
            problems.add(("updated_on",), "updated_early", "it was updated before it was made")
        if self.approved_on is not None and self.approved_by is None:
            problems.add(("approved_by",), "approved_by_nobody", "say who approved it")

    def completeness(self, decision_makers: Iterable[str] = ()) -> PlanCompleteness:
        """Which sections of its kind are complete, and what the others lack.

        Args:
            decision_makers: Names of those who influence the decision; each needs a strategy.

        Raises:
            ArgumentError: `decision_makers` is not a list of names.
        """
        context = self._context(self.kind, decision_makers)
        asked_for = (section for section in PLAN_SECTIONS if section.asked_of(self.kind))
        return PlanCompleteness(sections=tuple(one.completeness(context) for one in asked_for))

    def section(
        self, key: str, *, kind: PlanKind | None = None, decision_makers: Iterable[str] = ()
    ) -> SectionCompleteness | None:
        """One section, whether this kind of plan asks for it or not; None: it does not exist.

        Args:
            key: As in the instruments of the flagship playbook, for instance `policy_factors`.
            kind: The kind of plan for which it is asked: the whole plan asks for more under the
                same key. By default the plan's own kind.
            decision_makers: Names of the contacts who influence the decision.

        Raises:
            ArgumentError: `key` is not a text, or `decision_makers` is not a list of names.
            UnknownName: There is no such kind of plan.

        Example:
            >>> plan = OpportunityPlan(opportunity="D-1", solution_strategy="Start with one line")
            >>> plan.section("solution_strategy").complete
            True
            >>> for gap in plan.section("solution_strategy", kind="tas_plan").missing:
            ...     print(gap.path, "-", gap)
            advice - Ask our experts and the partners what they advise
            >>> plan.section("weather") is None
            True
        """
        instance(key, str, "key")
        context = self._context(self.kind if kind is None else kind, decision_makers)
        found = (section for section in PLAN_SECTIONS if section.key == key)
        return next((section.completeness(context) for section in found), None)

    def _context(
        self, kind: PlanKind, decision_makers: Iterable[str]
    ) -> PlanContext[OpportunityPlan]:
        if kind not in _KINDS:
            raise UnknownName("kind of plan", kind, _KINDS)
        hint = 'write decision_makers=["Zhang"]'
        names = several(decision_makers, str, "decision_makers", hint)
        return PlanContext(self, whole=kind == "tas_plan", decision_makers=names)
