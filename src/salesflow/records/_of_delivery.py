"""Facts of the delivery: hand-over, progress, changes, acceptance, survey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow import terms
from salesflow.records._group import (
    ALL_TOGETHER,
    Declares,
    RecordGroup,
    greatest,
    latest,
    named,
    the_latest,
    together,
)
from salesflow.text import both

if TYPE_CHECKING:
    from datetime import date

    from salesflow.domain import (
        AcceptanceReport,
        ChangeRequest,
        HandOver,
        ProgressReport,
        SatisfactionSurvey,
    )


_handover: Final[Declares[HandOver]] = Declares("handover")

HANDOVER: Final = RecordGroup(
    "handover",
    both(en="hand-over", zh="交接记录"),
    ("HandOver",),
    the_latest("`accepted_on`, or `kickoff_on`", "`accepted_on`，或 `kickoff_on`"),
    latest("HandOver", lambda one: one.accepted_on or one.kickoff_on),
    (
        _handover.count(
            "missing",
            both(en="the number of sections missing in the hand-over", zh="交接内容的缺项数"),
            lambda one: named(*one.missing),
        ),
        _handover.flag(
            "contact_named",
            both(
                en="whether the hand-over names the customer's contact", zh="是否已明确客户对接人"
            ),
            lambda one: one.customer_contact is not None,
        ),
        _handover.flag(
            "team_named",
            both(en="whether the hand-over names the delivery team", zh="是否已明确交付团队"),
            lambda one: bool(one.delivery_team),
        ),
        _handover.flag(
            "milestones_set",
            both(en="whether the hand-over names the milestones", zh="是否已明确项目时间节点"),
            lambda one: bool(one.milestones),
        ),
        _handover.day(
            "kickoff_on",
            both(en="the day of the kick-off", zh="启动会日期"),
            lambda one: one.kickoff_on,
        ),
        _handover.flag(
            "accepted",
            both(en="whether delivery accepted the hand-over", zh="交付方是否已接收"),
            lambda one: one.accepted_by is not None,
        ),
        _handover.day(
            "accepted_on",
            both(en="the day delivery accepted the hand-over", zh="交付方接收日期"),
            lambda one: one.accepted_on,
        ),
    ),
)


def _to_customer(reports: tuple[ProgressReport, ...]) -> date | None:
    return greatest(it.until_on for it in reports if it.audience == "customer")


def _latest_report(reports: tuple[ProgressReport, ...]) -> ProgressReport:
    return max(reports, key=lambda report: report.until_on)


_progress: Final[Declares[tuple[ProgressReport, ...]]] = Declares("progress")

PROGRESS: Final = RecordGroup(
    "progress",
    both(en="progress report", zh="进度报告"),
    ("ProgressReport",),
    the_latest("`until_on`", "`until_on`"),
    together("ProgressReport"),
    (
        _progress.day(
            "told_until",
            both(
                en="the day until which the customer was told of progress", zh="已向客户通报进度至"
            ),
            _to_customer,
        ),
        _progress.flag(
            "on_time",
            both(en="whether the latest report says that dates are kept", zh="最近报告是否按期"),
            lambda all_: _latest_report(all_).on_time,
        ),
        _progress.count(
            "problems",
            both(en="the number of problems in the latest report", zh="最近报告中的问题数"),
            lambda all_: _latest_report(all_).problems,
        ),
        _progress.count(
            "missing",
            both(en="the number of parts missing in the latest report", zh="最近报告的缺项数"),
            lambda all_: named(*_latest_report(all_).missing),
        ),
    ),
)


_changes: Final[Declares[tuple[ChangeRequest, ...]]] = Declares("changes")

CHANGES: Final = RecordGroup(
    "changes",
    both(en="change request", zh="变更申请"),
    ("ChangeRequest",),
    ALL_TOGETHER,
    together("ChangeRequest"),
    (
        _changes.count(
            "total",
            both(en="the number of change requests", zh="变更申请数"),
            lambda all_: tuple(it.what for it in all_),
        ),
        _changes.count(
            "undecided",
            both(en="the number of change requests without a decision", zh="未决定的变更申请数"),
            lambda all_: tuple(it.what for it in all_ if it.decision is None),
        ),
        _changes.count(
            "not_assessed",
            both(en="the number of change requests not assessed", zh="未评估的变更申请数"),
            lambda all_: tuple(it.what for it in all_ if not it.assessed),
        ),
    ),
)


_acceptance: Final[Declares[AcceptanceReport]] = Declares("acceptance")

ACCEPTANCE: Final = RecordGroup(
    "acceptance",
    both(en="acceptance report", zh="验收报告"),
    ("AcceptanceReport",),
    the_latest("`accepted_on`, or `held_on`", "`accepted_on`，或 `held_on`"),
    latest("AcceptanceReport", lambda report: report.accepted_on or report.held_on),
    (
        _acceptance.choice(
            "kind",
            both(en="the kind of acceptance", zh="验收类型"),
            terms.ACCEPTANCES,
            lambda report: report.kind,
        ),
        _acceptance.day(
            "held_on",
            both(en="the day of the acceptance meeting", zh="验收会议日期"),
            lambda report: report.held_on,
        ),
        _acceptance.flag(
            "accepted",
            both(en="whether the customer accepted", zh="客户是否已验收"),
            lambda report: report.accepted_by is not None,
        ),
        _acceptance.day(
            "accepted_on",
            both(en="the day the customer accepted", zh="客户验收日期"),
            lambda report: report.accepted_on,
        ),
        _acceptance.count(
            "not_met",
            both(en="the number of goals that are not met", zh="未达成的目标数"),
            lambda report: tuple(it.title for it in report.not_met) if report.items else None,
        ),
        _acceptance.count(
            "not_looked_at",
            both(en="the number of goals that nobody has looked at", zh="未检查的目标数"),
            lambda report: tuple(it.title for it in report.not_looked_at) if report.items else None,
        ),
        _acceptance.count(
            "open_points",
            both(en="the number of open points of the acceptance", zh="验收遗留事项数"),
            lambda report: report.open_points,
        ),
    ),
)


def _average(survey: SatisfactionSurvey) -> float | None:
    return None if survey.average is None else float(survey.average)


_survey: Final[Declares[SatisfactionSurvey]] = Declares("survey")

SURVEY: Final = RecordGroup(
    "survey",
    both(en="satisfaction survey", zh="满意度调查"),
    ("SatisfactionSurvey",),
    the_latest("`held_on`", "`held_on`"),
    latest("SatisfactionSurvey", lambda survey: survey.held_on),
    (
        _survey.day(
            "done_on",
            both(en="the day of the satisfaction survey", zh="满意度调查日期"),
            lambda survey: survey.held_on,
        ),
        _survey.day(
            "delivered_on",
            both(en="the day of delivery by the survey", zh="满意度调查所记的交付日期"),
            lambda survey: survey.delivered_on,
        ),
        _survey.flag(
            "in_time",
            both(
                en="whether the survey was held within a week after delivery",
                zh="是否在交付后一周内完成满意度调查",
            ),
            lambda survey: survey.in_time,
        ),
        _survey.number(
            "average",
            both(en="the average score of the survey", zh="满意度平均分"),
            _average,
            low=1.0,
            high=5.0,
        ),
        _survey.count(
            "missing",
            both(en="the number of dimensions without a score", zh="未评分的调查维度数"),
            lambda survey: named(*survey.missing),
        ),
        _survey.count(
            "suggestions",
            both(en="the number of the customer's suggestions", zh="客户建议数"),
            lambda survey: survey.suggestions,
        ),
        _survey.count(
            "actions",
            both(en="the number of measures after the survey", zh="调查后的改进措施数"),
            lambda survey: survey.actions,
        ),
    ),
)

OF_DELIVERY: Final = (HANDOVER, PROGRESS, CHANGES, ACCEPTANCE, SURVEY)
