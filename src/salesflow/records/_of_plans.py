"""Facts of plans: for a deal, its risks, its competitors, a relationship, a territory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow import terms
from salesflow._data import read_data
from salesflow.records._group import (
    ALL_TOGETHER,
    Declares,
    Names,
    Pile,
    RecordFact,
    RecordGroup,
    greatest,
    latest,
    newest,
    the_latest,
    together,
)
from salesflow.text import both, filled

if TYPE_CHECKING:
    from datetime import date

    from salesflow.domain import (
        Action,
        CompetitionPlan,
        Competitor,
        OpportunityPlan,
        RelationshipPlan,
        RiskRegister,
        TerritoryPlan,
    )


def _open(actions: Iterable[Action]) -> tuple[str, ...]:
    return tuple(action.what for action in actions if action.open)


def written_on(plan: OpportunityPlan) -> date | None:
    """The day when a plan was last written."""
    return plan.updated_on or plan.made_on


def _unassigned(plan: OpportunityPlan) -> Names | None:
    if not plan.actions:
        return None
    to_do = [action for action in plan.actions if action.open]
    return tuple(it.what for it in to_do if it.owner is None or it.due_on is None)


def _unfinished(plan: OpportunityPlan | TerritoryPlan) -> Names:
    sections = plan.completeness().sections
    return tuple(section.title for section in sections if not section.complete)


_plan: Final[Declares[OpportunityPlan]] = Declares("plan")
_SECTION: Final = both(
    en="whether the plan's section “{title}” is complete", zh="项目计划的“{title}”部分是否完整"
)


def _sections() -> Iterator[RecordFact[OpportunityPlan]]:
    for entry in read_data("salesflow.domain.plans", "plan_sections.toml")["sections"]:
        key: str = entry["key"]
        title = filled(_SECTION, title=both(**entry["title"]))
        yield _plan.none_of(key, title, lambda plan, key=key: _gaps(plan, key))  # type: ignore[misc]


def _gaps(plan: OpportunityPlan | TerritoryPlan, key: str) -> Names | None:
    section = plan.section(key)
    return None if section is None else section.missing


PLAN: Final = RecordGroup(
    "plan",
    both(en="opportunity plan", zh="项目计划"),
    ("OpportunityPlan",),
    the_latest("`updated_on`, or `made_on`", "`updated_on`，或 `made_on`"),
    latest("OpportunityPlan", written_on),
    (
        _plan.choice(
            "kind",
            both(en="the kind of the opportunity plan", zh="项目计划的类型"),
            terms.DEAL_PLANS,
            lambda plan: plan.kind,
        ),
        _plan.none_of(
            "complete",
            both(en="whether the opportunity plan is complete", zh="项目计划是否完整"),
            _unfinished,
        ),
        _plan.number(
            "share",
            both(
                en="the share of the opportunity plan that is complete",
                zh="项目计划已完成部分的比例",
            ),
            lambda plan: plan.completeness().share,
            low=0.0,
            high=1.0,
            unit="percent",
        ),
        *_sections(),
        _plan.day(
            "made_on",
            both(en="the day the opportunity plan was made", zh="项目计划的制定日期"),
            lambda plan: plan.made_on,
        ),
        _plan.day(
            "updated_on",
            both(en="the day the opportunity plan was last written", zh="项目计划的最近更新日期"),
            written_on,
        ),
        _plan.flag(
            "approved",
            both(en="whether the opportunity plan is approved", zh="项目计划是否已批准"),
            lambda plan: plan.approved_by is not None,
        ),
        _plan.day(
            "approved_on",
            both(en="the day the opportunity plan was approved", zh="项目计划的批准日期"),
            lambda plan: plan.approved_on,
        ),
        _plan.count(
            "actions_open",
            both(
                en="the number of open actions of the opportunity plan", zh="项目计划未完成行动数"
            ),
            lambda plan: _open(plan.actions) if plan.actions else None,
        ),
        _plan.count(
            "actions_unassigned",
            both(
                en="the number of open actions without an owner or a date",
                zh="未指定负责人或日期的行动数",
            ),
            _unassigned,
        ),
        _plan.count(
            "policy_factors_unanswered",
            both(en="the number of policy factors without a response", zh="尚无对策的政策因素数"),
            lambda plan: (
                None
                if plan.policy_factors is None
                else tuple(it.what for it in plan.policy_factors if it.response is None)
            ),
        ),
    ),
)


_risks: Final[Declares[tuple[RiskRegister, ...]]] = Declares("risks")

RISKS: Final = RecordGroup(
    "risks",
    both(en="risk register", zh="风险登记表"),
    ("RiskRegister",),
    ALL_TOGETHER,
    together("RiskRegister"),
    (
        _risks.count(
            "total",
            both(en="the number of risks in the register", zh="已登记的风险数"),
            lambda all_: tuple(it.key for one in all_ for it in one.risks),
        ),
        _risks.count(
            "open",
            both(en="the number of open risks", zh="未关闭的风险数"),
            lambda all_: tuple(it.key for one in all_ for it in one.risks if not it.closed),
        ),
        _risks.count(
            "unanswered",
            both(en="the number of open risks without an answer", zh="未应对的风险数"),
            lambda all_: tuple(it.key for one in all_ for it in one.unanswered),
        ),
        _risks.count(
            "not_assessed",
            both(en="the number of open risks that are not assessed", zh="未评估的风险数"),
            lambda all_: tuple(it.key for one in all_ for it in one.not_assessed),
        ),
        _risks.count(
            "high",
            both(en="the number of open high risks", zh="高风险数"),
            lambda all_: (
                None  # those may be the worst
                if any(one.not_assessed for one in all_)
                else tuple(it.key for one in all_ for it in one.ranked if it.level == "high")
            ),
        ),
        _risks.count(
            "without_owner",
            both(en="the number of open risks without an owner", zh="未指定负责人的风险数"),
            lambda all_: tuple(
                it.key for one in all_ for it in one.risks if not it.closed and it.owner is None
            ),
        ),
    ),
)


_relations: Final[Declares[RelationshipPlan]] = Declares("relationship_plan")

RELATIONSHIP_PLAN: Final = RecordGroup(
    "relationship_plan",
    both(en="relationship plan", zh="客户关系计划"),
    ("RelationshipPlan",),
    the_latest("`made_on`", "`made_on`"),
    latest("RelationshipPlan", lambda plan: plan.made_on),
    (
        _relations.text(
            "stage",
            both(
                en="the stage for which the relationship plan was made", zh="客户关系计划对应的阶段"
            ),
            lambda plan: plan.stage,
        ),
        _relations.day(
            "made_on",
            both(en="the day the relationship plan was made", zh="客户关系计划的制定日期"),
            lambda plan: plan.made_on,
        ),
        _relations.count(
            "people",
            both(en="the number of people in the relationship plan", zh="客户关系计划涉及的人数"),
            lambda plan: tuple(it.person for it in plan.people),
        ),
        _relations.count(
            "without_strategy",
            both(
                en="the number of people in the relationship plan without a strategy",
                zh="客户关系计划中尚无策略的人数",
            ),
            lambda plan: plan.without_strategy if plan.people else None,
        ),
    ),
)


_territory: Final[Declares[TerritoryPlan]] = Declares("territory")
_TERRITORY_SECTION: Final = both(
    en="whether the territory plan's section “{title}” is complete",
    zh="区域计划的“{title}”部分是否完整",
)
_TERRITORY_SECTIONS: Final = frozenset({"strategy", "accounts", "partners", "action_plan"})


def _territory_sections() -> Iterator[RecordFact[TerritoryPlan]]:
    for entry in read_data("salesflow.domain.plans", "territory_sections.toml")["sections"]:
        key: str = entry["key"]
        if key in _TERRITORY_SECTIONS:
            title = filled(_TERRITORY_SECTION, title=both(**entry["title"]))
            yield _territory.none_of(key, title, lambda plan, key=key: _gaps(plan, key))  # type: ignore[misc]


TERRITORY: Final = RecordGroup(
    "territory",
    both(en="territory plan", zh="区域计划"),
    ("TerritoryPlan",),
    the_latest("its last review, approval or presentation", "审查、批准或汇报日期中"),
    latest(
        "TerritoryPlan",
        lambda plan: greatest(
            (plan.starts_on, plan.presented_on, plan.approved_on, *(it.on for it in plan.reviews))
        ),
    ),
    (
        _territory.choice(
            "kind",
            both(en="the kind of the territory plan", zh="区域计划的类型"),
            terms.TERRITORY_PLANS,
            lambda plan: plan.kind,
        ),
        _territory.none_of(
            "complete",
            both(en="whether the territory plan is complete", zh="区域计划是否完整"),
            _unfinished,
        ),
        _territory.flag(
            "exceeds_target",
            both(en="whether the territory plan exceeds its target", zh="区域计划是否超过目标"),
            lambda plan: plan.exceeds_target,
        ),
        *_territory_sections(),
        _territory.day(
            "presented_on",
            both(en="the day the territory plan was presented", zh="区域计划的汇报日期"),
            lambda plan: plan.presented_on,
        ),
        _territory.flag(
            "approved",
            both(en="whether the territory plan is approved", zh="区域计划是否已批准"),
            lambda plan: plan.approved_by is not None,
        ),
        _territory.day(
            "approved_on",
            both(en="the day the territory plan was approved", zh="区域计划的批准日期"),
            lambda plan: plan.approved_on,
        ),
        _territory.day(
            "reviewed_on",
            both(
                en="the day the territory plan was last approved or reviewed",
                zh="区域计划最近批准或审查的日期",
            ),
            lambda plan: greatest((plan.approved_on, *(it.on for it in plan.reviews))),
        ),
        _territory.day(
            "next_review_on",
            both(
                en="the day of the next review of the territory plan", zh="区域计划的下次审查日期"
            ),
            lambda plan: plan.next_review_on,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Competition:
    """The competitors, None while nobody has looked, and what the plan says of them."""

    competitors: tuple[Competitor, ...] | None
    plan: CompetitionPlan | None


def _competition(pile: Pile) -> _Competition | None:
    analysis = newest(pile.all("CompetitorAnalysis"), lambda one: one.made_on)
    plan: OpportunityPlan | None = newest(pile.all("OpportunityPlan"), written_on)
    if analysis is None and plan is None:
        return None
    competitors = plan.competition.competitors if plan is not None else None
    if analysis is not None:
        competitors = analysis.competitors
    return _Competition(competitors, plan.competition if plan is not None else None)


_rivals: Final[Declares[_Competition]] = Declares("competition")

COMPETITION: Final = RecordGroup(
    "competition",
    both(en="analysis of the competitors", zh="竞争对手分析"),
    ("CompetitorAnalysis", "OpportunityPlan"),
    the_latest(
        "`made_on`; without an analysis the plan's own competitors",
        "`made_on`；没有分析时取项目计划中的竞争对手",
    ),
    _competition,
    (
        _rivals.count(
            "competitors",
            both(en="the number of competitors", zh="竞争对手数"),
            lambda it: (
                None if it.competitors is None else tuple(one.name for one in it.competitors)
            ),
        ),
        _rivals.count(
            "not_analysed",
            both(
                en="the number of competitors without strengths and weaknesses",
                zh="尚未分析优劣势的竞争对手数",
            ),
            lambda it: (
                None
                if it.competitors is None
                else tuple(
                    one.name for one in it.competitors if not one.strengths and not one.weaknesses
                )
            ),
        ),
        _rivals.count(
            "high_threats",
            both(en="the number of dangerous competitors", zh="高威胁竞争对手数"),
            lambda it: (
                None
                if it.competitors is None or any(one.threat is None for one in it.competitors)
                else tuple(one.name for one in it.competitors if one.threat == "high")
            ),
        ),
        _rivals.count(
            "moves_unanswered",
            both(en="the number of competitors' moves without an answer", zh="未应对的对手动作数"),
            lambda it: (
                None
                if it.competitors is None
                else tuple(move.what for one in it.competitors for move in one.unanswered)
            ),
        ),
        _rivals.choice(
            "strategy",
            both(en="the competitive strategy chosen", zh="选定的竞争策略"),
            terms.STRATEGIES,
            lambda it: it.plan.chosen if it.plan is not None else None,
        ),
        _rivals.choice(
            "strategy_advised",
            both(en="the competitive strategy advised", zh="建议的竞争策略"),
            terms.STRATEGIES,
            lambda it: it.plan.recommended.result if it.plan is not None else None,
        ),
    ),
)

OF_PLANS: Final = (PLAN, RISKS, COMPETITION, RELATIONSHIP_PLAN, TERRITORY)
