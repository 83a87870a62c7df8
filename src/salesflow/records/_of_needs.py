"""Facts of what the customer needs and decides by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from salesflow.records._group import (
    ALL_TOGETHER,
    Declares,
    Names,
    RecordGroup,
    every,
    latest,
    least,
    named,
    the_latest,
    together,
)
from salesflow.text import both

if TYPE_CHECKING:
    from datetime import datetime

    from salesflow.domain import (
        InformationKind,
        Interview,
        ProcurementProcess,
        RequirementsList,
        SurveyReport,
    )


def _may_be_out(process: ProcurementProcess) -> bool:
    """Whether it is not known of a criterion that it is required, or that we meet it."""
    return any(
        (it.required, it.met) in ((None, False), (None, None), (True, None))
        for it in process.criteria
    )


def _kinds_missing(interviews: tuple[Interview, ...]) -> Names:
    missing = [interview.missing for interview in interviews]
    return named(*(kind for kind in missing[0] if all(kind in one for one in missing)))


def _brought(interviews: tuple[Interview, ...], kind: InformationKind) -> bool:
    return any(kind not in interview.missing for interview in interviews)


def _latest_interview(interviews: tuple[Interview, ...]) -> Interview:
    return max(interviews, key=lambda one: one.held_at)


_interview: Final[Declares[tuple[Interview, ...]]] = Declares("interview")

INTERVIEW: Final = RecordGroup(
    "interview",
    both(en="interview", zh="访谈记录"),
    ("Interview",),
    ALL_TOGETHER,
    together("Interview"),
    (
        _interview.number(
            "total", both(en="the number of interviews", zh="访谈次数"), len, low=0.0
        ),
        _interview.count(
            "kinds_missing",
            both(
                en="the number of kinds of information that no interview brought",
                zh="访谈尚未获得的信息种类数",
            ),
            _kinds_missing,
        ),
        _interview.flag(
            "present_pain",
            both(
                en="whether an interview brought the present pain points",
                zh="访谈是否已了解现状痛点",
            ),
            lambda all_: _brought(all_, "present_pain"),
        ),
        _interview.flag(
            "expected_goal",
            both(en="whether an interview brought the expected goal", zh="访谈是否已了解目标期望"),
            lambda all_: _brought(all_, "expected_goal"),
        ),
        _interview.flag(
            "budget_range",
            both(
                en="whether an interview brought the range of the budget",
                zh="访谈是否已了解预算范围",
            ),
            lambda all_: _brought(all_, "budget_range"),
        ),
        _interview.flag(
            "decision_process",
            both(
                en="whether an interview brought the decision process", zh="访谈是否已了解决策流程"
            ),
            lambda all_: _brought(all_, "decision_process"),
        ),
        _interview.flag(
            "background_studied",
            both(
                en="whether the customer was studied before the latest interview",
                zh="最近一次访谈前是否已研究客户背景",
            ),
            lambda all_: _latest_interview(all_).background is not None,
        ),
        _interview.count(
            "questions",
            both(
                en="the number of questions prepared for the latest interview",
                zh="最近一次访谈准备的问题数",
            ),
            lambda all_: _latest_interview(all_).questions,
        ),
        _interview.instant(
            "last_at",
            both(en="the time of the latest interview", zh="最近一次访谈的时间"),
            lambda all_: _latest_interview(all_).held_at,
        ),
    ),
)


def _unconfirmed(lists: Iterable[RequirementsList]) -> Names:
    return tuple(need.description for one in lists for need in one.unconfirmed)


def _written(lists: Iterable[RequirementsList]) -> Iterable[datetime]:
    return [one.listed_at for one in lists if one.listed_at is not None]


_requirements: Final[Declares[tuple[RequirementsList, ...]]] = Declares("requirements")

REQUIREMENTS: Final = RecordGroup(
    "requirements",
    both(en="list of requirements", zh="需求清单"),
    ("RequirementsList",),
    ALL_TOGETHER,
    together("RequirementsList"),
    (
        _requirements.count(
            "total",
            both(en="the number of requirements", zh="需求数"),
            lambda all_: tuple(need.description for one in all_ for need in one.requirements),
        ),
        _requirements.none_of(
            "confirmed",
            both(
                en="whether the customer confirmed every requirement", zh="客户是否已确认全部需求"
            ),
            lambda all_: _unconfirmed(all_) if any(it.requirements for it in all_) else None,
        ),
        _requirements.count(
            "unconfirmed",
            both(en="the number of requirements not confirmed", zh="未经客户确认的需求数"),
            _unconfirmed,
        ),
        _requirements.count(
            "rigid",
            both(en="the number of rigid requirements", zh="刚性需求数"),
            lambda all_: tuple(need.description for one in all_ for need in one.rigid),
        ),
        _requirements.count(
            "unsorted",
            both(
                en="the number of requirements neither rigid nor flexible",
                zh="未区分刚性与弹性的需求数",
            ),
            lambda all_: tuple(need.description for one in all_ for need in one.unsorted),
        ),
        _requirements.flag(
            "within_a_day",
            both(
                en="whether the requirements were listed within 24 hours",
                zh="是否在24小时内整理出需求清单",
            ),
            lambda all_: every(one.within_a_day for one in all_),
        ),
        _requirements.instant(
            "listed_at",
            both(en="the time the requirements were last listed", zh="需求清单的最近整理时间"),
            lambda all_: max(_written(all_), default=None),
        ),
    ),
)


_survey: Final[Declares[SurveyReport]] = Declares("first_survey")

FIRST_SURVEY: Final = RecordGroup(
    "first_survey",
    both(en="report of the first survey", zh="初步调研报告"),
    ("SurveyReport",),
    the_latest("`made_on`", "`made_on`"),
    latest("SurveyReport", lambda report: report.made_on),
    (
        _survey.day(
            "made_on",
            both(en="the day of the first survey's report", zh="初步调研报告的日期"),
            lambda report: report.made_on,
        ),
        _survey.count(
            "departments",
            both(en="the number of departments surveyed", zh="调研的部门数"),
            lambda report: report.departments,
        ),
        _survey.count(
            "requirements",
            both(en="the number of requirements that the survey found", zh="调研得出的需求数"),
            lambda report: tuple(need.description for need in report.requirements),
        ),
        _survey.flag(
            "concluded",
            both(en="whether the survey's report has a conclusion", zh="调研报告是否有结论"),
            lambda report: report.conclusion is not None,
        ),
    ),
)


_procurement: Final[Declares[tuple[ProcurementProcess, ...]]] = Declares("procurement")

PROCUREMENT: Final = RecordGroup(
    "procurement",
    both(en="procurement process", zh="采购流程"),
    ("ProcurementProcess",),
    ALL_TOGETHER,
    together("ProcurementProcess"),
    (
        _procurement.day(
            "decision_on",
            both(en="the earliest day the customer decides by", zh="客户最早的决策日期"),
            lambda all_: least(it.decision_on for it in all_),
        ),
        _procurement.count(
            "steps",
            both(en="the number of steps of the procurement process", zh="采购流程的步骤数"),
            lambda all_: tuple(step.title for it in all_ for step in it.steps),
        ),
        _procurement.count(
            "criteria",
            both(en="the number of procurement criteria", zh="采购标准数"),
            lambda all_: tuple(one.title for it in all_ for one in it.criteria),
        ),
        _procurement.count(
            "knock_outs",
            both(
                en="the number of required criteria that we do not meet",
                zh="我方未满足的必备采购标准数",
            ),
            lambda all_: (
                tuple(one.title for it in all_ for one in it.knock_outs)
                if any(it.criteria for it in all_) and not any(map(_may_be_out, all_))
                else None
            ),
        ),
        _procurement.count(
            "criteria_unknown",
            both(
                en="the number of criteria of which it is not known whether we meet them",
                zh="尚不清楚我方是否满足的采购标准数",
            ),
            lambda all_: (
                tuple(one.title for it in all_ for one in it.unknown)
                if any(it.criteria for it in all_)
                else None
            ),
        ),
        _procurement.count(
            "factors_unanswered",
            both(
                en="the number of factors against us without a response",
                zh="未应对的不利因素数",
            ),
            lambda all_: (
                tuple(
                    one.what
                    for it in all_
                    for one in it.factors
                    if one.for_us is False and one.response is None
                )
                if any(it.factors for it in all_)
                else None
            ),
        ),
        _procurement.flag(
            "budget_known",
            both(en="whether something is known of the budget", zh="是否了解预算情况"),
            lambda all_: any(it.budget is not None for it in all_),
        ),
    ),
)


OF_NEEDS: Final = (INTERVIEW, REQUIREMENTS, FIRST_SURVEY, PROCUREMENT)
