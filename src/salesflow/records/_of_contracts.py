"""Facts of solutions, quotations, negotiations and contracts, and of what comes after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow.errors import ScheduleError
from salesflow.records._group import (
    ALL_TOGETHER,
    Declares,
    Names,
    Pile,
    RecordGroup,
    every,
    greatest,
    latest,
    named,
    newest,
    the_latest,
    together,
)
from salesflow.text import both

if TYPE_CHECKING:
    from datetime import date

    from salesflow.domain import (
        AcceptanceReport,
        ChangeRequest,
        Contract,
        HandOver,
        NegotiationMinutes,
        NegotiationPlan,
        NegotiationTopic,
        Presentation,
        ProgressReport,
        Quotation,
        SatisfactionSurvey,
        Solution,
        WinLossReview,
    )

_LEVELS: Final = ("high", "medium", "low")
_PARTS_OF_A_SOLUTION: Final = ("advantages", "steps", "expected_result", "differences")
_PARTS_OF_A_CONTRACT: Final = (
    "payment",
    "main_terms",
    "duties",
    "liability",
    "confidentiality",
)


def _worked_on(solution: Solution) -> date | None:
    reviewed = greatest(review.on for review in solution.reviews)
    shown = greatest(talk.held_at for talk in solution.presentations)
    return newest((reviewed, shown), lambda moment: moment)


_of_solution: Final[Declares[Solution]] = Declares("solution")
_solution: Final = latest("Solution", _worked_on)
_LATEST_SOLUTION: Final = the_latest("its last review or presentation", "评审或演示日期")

SOLUTION: Final = RecordGroup(
    "solution",
    both(en="solution", zh="方案"),
    ("Solution",),
    _LATEST_SOLUTION,
    _solution,
    (
        _of_solution.count(
            "missing",
            both(
                en="the number of parts missing in the solution",
                zh="方案的缺项数",
            ),
            lambda solution: named(
                *(part for part in _PARTS_OF_A_SOLUTION if not getattr(solution, part))
            ),
        ),
        _of_solution.choice(
            "fit",
            both(en="how well the solution fits", zh="方案的契合程度"),
            _LEVELS,
            lambda solution: solution.fit,
        ),
        _of_solution.count(
            "advantages",
            both(en="the number of advantages of the solution", zh="方案的优势数"),
            lambda solution: tuple(it.claim for it in solution.advantages),
        ),
        _of_solution.count(
            "not_quantified",
            both(en="the number of advantages without a figure", zh="未量化的优势数"),
            lambda solution: (
                tuple(it.claim for it in solution.not_quantified) if solution.advantages else None
            ),
        ),
        _of_solution.count(
            "requirements_open",
            both(
                en="the number of requirements that the solution does not meet",
                zh="方案未满足的需求数",
            ),
            lambda solution: (
                solution.requirements_open
                if solution.requirements_met or solution.requirements_open
                else None
            ),
        ),
    ),
)


_review: Final[Declares[Solution]] = Declares("review")

REVIEW: Final = RecordGroup(
    "review",
    both(en="solution", zh="方案"),
    ("Solution",),
    _LATEST_SOLUTION,
    _solution,
    (
        _review.none_of(
            "approved_by_all",
            both(en="whether all reviewers agree to the solution", zh="方案是否通过全部评审"),
            lambda solution: named(*solution.missing_reviews),
        ),
        _review.count(
            "missing",
            both(en="the number of reviews of the solution still missing", zh="方案未通过的评审数"),
            lambda solution: named(*solution.missing_reviews),
        ),
        _review.flag(
            "feasible",
            both(en="whether the reviewers find the solution feasible", zh="评审是否认为方案可行"),
            lambda solution: every(review.feasible for review in solution.reviews),
            unsaid=lambda solution: named(
                *(it.reviewer for it in solution.reviews if it.feasible is None)
            ),
        ),
        _review.day(
            "last_on",
            both(en="the day of the latest review of the solution", zh="方案的最近评审日期"),
            lambda solution: greatest(review.on for review in solution.reviews),
        ),
    ),
)


def _latest_presentation(pile: Pile) -> Presentation | None:
    solutions: tuple[Solution, ...] = pile.all("Solution")
    return newest(
        (talk for solution in solutions for talk in solution.presentations),
        lambda talk: talk.held_at,
    )


_presentation: Final[Declares[Presentation]] = Declares("presentation")

PRESENTATION: Final = RecordGroup(
    "presentation",
    both(en="presentation of the solution", zh="方案演示"),
    ("Solution",),
    the_latest("`held_at`, of the presentations of all solutions", "`held_at`（所有方案的演示中）"),
    _latest_presentation,
    (
        _presentation.instant(
            "held_at",
            both(en="the time of the latest presentation", zh="最近一次演示的时间"),
            lambda talk: talk.held_at,
        ),
        _presentation.count(
            "attended",
            both(en="the number of people at the latest presentation", zh="最近一次演示的参加人数"),
            lambda talk: talk.attended,
        ),
        _presentation.number(
            "minutes_for_questions",
            both(en="the minutes kept for questions", zh="预留的答疑分钟数"),
            lambda talk: talk.minutes_for_questions,
            low=0.0,
            high=1_440.0,
        ),
        _presentation.flag(
            "feedback_written",
            both(
                en="whether the feedback to the presentation is written down", zh="是否记录演示反馈"
            ),
            lambda talk: bool(talk.feedback),
        ),
    ),
)


_quotation: Final[Declares[Quotation]] = Declares("quotation")

QUOTATION: Final = RecordGroup(
    "quotation",
    both(en="quotation", zh="报价单"),
    ("Quotation",),
    the_latest("`made_on`", "`made_on`"),
    latest("Quotation", lambda quotation: quotation.made_on),
    (
        _quotation.day(
            "made_on",
            both(en="the day the quotation was made", zh="报价日期"),
            lambda quotation: quotation.made_on,
        ),
        _quotation.day(
            "valid_until",
            both(en="the last day on which the quotation is valid", zh="报价有效期"),
            lambda quotation: quotation.valid_until,
        ),
        _quotation.number(
            "total",
            both(en="the total of the quotation, in its currency", zh="报价总额（报价币种）"),
            lambda quotation: float(quotation.total.amount),
            low=0.0,
        ),
        _quotation.text(
            "currency",
            both(en="the currency of the quotation", zh="报价币种"),
            lambda quotation: quotation.currency,
        ),
        _quotation.number(
            "discount",
            both(en="the discount on the quotation's total", zh="报价总折扣"),
            lambda quotation: float(quotation.discount) / 100,
            low=0.0,
            high=1.0,
            unit="percent",
        ),
        _quotation.flag(
            "approved",
            both(en="whether the quotation is approved", zh="报价是否已批准"),
            lambda quotation: quotation.approved_by is not None,
        ),
        _quotation.flag(
            "agreed",
            both(en="whether the customer agreed to the quotation", zh="客户是否已认可报价"),
            lambda quotation: quotation.agreed_by is not None,
        ),
    ),
)


_negotiation: Final[Declares[tuple[NegotiationPlan, ...]]] = Declares("negotiation")

NEGOTIATION: Final = RecordGroup(
    "negotiation",
    both(en="negotiation plan", zh="谈判计划"),
    ("NegotiationPlan",),
    ALL_TOGETHER,
    together("NegotiationPlan"),
    (
        _negotiation.count(
            "objections",
            both(en="the number of objections foreseen", zh="预计的异议数"),
            lambda all_: tuple(it.words for one in all_ for it in one.objections),
        ),
        _negotiation.count(
            "unprepared",
            both(en="the number of objections without an answer", zh="未准备应对的异议数"),
            lambda all_: (
                tuple(it.words for one in all_ for it in one.unprepared)
                if any(one.objections for one in all_)
                else None
            ),
        ),
        _negotiation.count(
            "decisions_undated",
            both(
                en="the number of the customer's decisions without a day",
                zh="未明确日期的客户决策数",
            ),
            lambda all_: (
                tuple(it.what for one in all_ for it in one.decisions if it.on is None)
                if any(one.decisions for one in all_)
                else None
            ),
        ),
        _negotiation.flag(
            "limits_set",
            both(en="whether target and lowest price are set", zh="是否已设定目标价和底价"),
            lambda all_: any(one.target is not None and one.floor is not None for one in all_),
        ),
    ),
)


def _agreed(minutes: NegotiationMinutes, topic: NegotiationTopic) -> bool:
    return topic not in minutes.missing


_minutes: Final[Declares[NegotiationMinutes]] = Declares("minutes")

MINUTES: Final = RecordGroup(
    "minutes",
    both(en="minutes of the negotiation", zh="谈判纪要"),
    ("NegotiationMinutes",),
    the_latest("`held_on`", "`held_on`"),
    latest("NegotiationMinutes", lambda minutes: minutes.held_on),
    (
        _minutes.day(
            "held_on",
            both(en="the day of the negotiation", zh="谈判日期"),
            lambda minutes: minutes.held_on,
        ),
        _minutes.flag(
            "confirmed_by_both",
            both(en="whether both sides confirmed the minutes", zh="双方是否已确认谈判纪要"),
            lambda minutes: minutes.confirmed,
        ),
        _minutes.count(
            "missing",
            both(en="the number of topics on which nothing is agreed", zh="尚未达成一致的议题数"),
            lambda minutes: named(*minutes.missing),
        ),
        _minutes.count(
            "open_points",
            both(en="the number of open points of the minutes", zh="谈判纪要的未决事项数"),
            lambda minutes: minutes.open_points,
        ),
        _minutes.flag(
            "price",
            both(en="whether the price is agreed", zh="价格是否已达成一致"),
            lambda minutes: _agreed(minutes, "price"),
        ),
        _minutes.flag(
            "payment",
            both(en="whether the terms of payment are agreed", zh="付款方式是否已达成一致"),
            lambda minutes: _agreed(minutes, "payment"),
        ),
        _minutes.flag(
            "delivery_standard",
            both(en="whether the standard of delivery is agreed", zh="交付标准是否已达成一致"),
            lambda minutes: _agreed(minutes, "delivery_standard"),
        ),
        _minutes.flag(
            "after_sales",
            both(en="whether the after-sales service is agreed", zh="售后服务是否已达成一致"),
            lambda minutes: _agreed(minutes, "after_sales"),
        ),
        _minutes.flag(
            "liability",
            both(en="whether the liability for breach is agreed", zh="违约责任是否已达成一致"),
            lambda minutes: _agreed(minutes, "liability"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """The contract, and the minutes that it follows."""

    contract: Contract
    minutes: NegotiationMinutes | None

    def differences(self) -> Names | None:
        """What differs from the minutes; None where there are none."""
        if self.minutes is None:
            return None
        return named(*self.contract.differs_from(self.minutes))

    def instalments_sum(self) -> float | None:
        """What its payments sum to; None where none are agreed, or their days cannot be."""
        try:
            parts = self.contract.instalments()
        except ScheduleError:
            return None
        return float(sum(part.amount.amount for part in parts)) if parts else None

    def delivery_due_on(self) -> date | None:
        """The day of delivery, as far as it can be worked out."""
        try:
            return self.contract.delivery_due_on
        except ScheduleError:
            return None

    def signed_by_both(self) -> bool | None:
        """Whether both have signed; signed by whom may not be known."""
        if self.contract.signed_on is None:
            return False
        names = (self.contract.signed_by_us, self.contract.signed_by_customer)
        return None if None in names else True


def _contract(pile: Pile) -> _Signed | None:
    contract: Contract | None = newest(
        pile.all("Contract"),
        lambda one: one.signed_on or greatest(review.on for review in one.reviews),
    )
    if contract is None:
        return None
    minutes: tuple[NegotiationMinutes, ...] = pile.all("NegotiationMinutes")
    followed = [one for one in minutes if one.number and one.number == contract.minutes]
    return _Signed(contract, newest(followed or minutes, lambda one: one.held_on))


_signed: Final[Declares[_Signed]] = Declares("contract")

CONTRACT: Final = RecordGroup(
    "contract",
    both(en="contract", zh="合同"),
    ("Contract",),
    the_latest("`signed_on`, or its last review", "`signed_on` 或评审日期"),
    _contract,
    (
        _signed.choice(
            "filing",
            both(en="the filing status of the contract", zh="合同归档状态"),
            ("draft", "in_review", "filed"),
            lambda it: it.contract.filing,
        ),
        _signed.number(
            "amount",
            both(en="the amount of the contract, in its currency", zh="合同金额（合同币种）"),
            lambda it: float(it.contract.amount.amount),
            low=0.0,
        ),
        _signed.text(
            "currency",
            both(en="the currency of the contract", zh="合同币种"),
            lambda it: it.contract.amount.currency,
        ),
        _signed.day(
            "signed_on",
            both(en="the day the contract was signed", zh="合同签订日期"),
            lambda it: it.contract.signed_on,
        ),
        _signed.flag(
            "signed_by_both",
            both(en="whether both sides signed the contract", zh="双方是否已签署合同"),
            _Signed.signed_by_both,
        ),
        _signed.none_of(
            "agrees_with_minutes",
            both(en="whether the contract agrees with the minutes", zh="合同与谈判纪要是否一致"),
            _Signed.differences,
            unsaid=lambda _: named("negotiation_minutes"),
        ),
        _signed.none_of(
            "reviewed_by_all",
            both(en="whether all reviewers agree to the contract", zh="合同是否通过全部评审"),
            lambda it: named(*it.contract.missing_reviews),
        ),
        _signed.count(
            "missing",
            both(en="the number of parts missing in the contract", zh="合同的缺项数"),
            lambda it: named(
                *(part for part in _PARTS_OF_A_CONTRACT if not getattr(it.contract, part))
            ),
        ),
        _signed.number(
            "instalments_sum",
            both(
                en="the sum of the contract's instalments, in its currency",
                zh="合同分期付款合计（合同币种）",
            ),
            _Signed.instalments_sum,
            low=0.0,
        ),
        _signed.count(
            "instalments_undated",
            both(
                en="the number of instalments with neither a day nor an event",
                zh="既无日期也无付款条件的分期数",
            ),
            lambda it: (
                tuple(
                    part.name
                    for part in it.contract.payment
                    if part.due is None and part.on is None
                )
                if it.contract.payment
                else None
            ),
        ),
        _signed.day(
            "delivery_due_on",
            both(en="the day delivery is due by the contract", zh="合同约定的交付日期"),
            _Signed.delivery_due_on,
        ),
    ),
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
            ("first", "final"),
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


_lessons: Final[Declares[WinLossReview]] = Declares("win_loss_review")

WIN_LOSS_REVIEW: Final = RecordGroup(
    "win_loss_review",
    both(en="review of the won or lost deal", zh="赢输单复盘"),
    ("WinLossReview",),
    the_latest("`reviewed_on`", "`reviewed_on`"),
    latest("WinLossReview", lambda review: review.reviewed_on),
    (
        _lessons.day(
            "done_on",
            both(en="the day the deal was reviewed", zh="复盘日期"),
            lambda review: review.reviewed_on,
        ),
        _lessons.choice(
            "outcome",
            both(en="the outcome that was reviewed", zh="复盘的结果"),
            ("won", "lost"),
            lambda review: review.outcome,
        ),
        _lessons.count(
            "missing",
            both(en="the number of parts missing in the review of the deal", zh="复盘的缺项数"),
            lambda review: named(*review.missing),
        ),
        _lessons.flag(
            "customer_asked",
            both(en="whether the customer was asked for the reasons", zh="是否向客户了解过原因"),
            lambda review: review.asked_customer is not None or review.customer_view is not None,
        ),
    ),
)

OF_CONTRACTS: Final = (
    SOLUTION,
    REVIEW,
    PRESENTATION,
    QUOTATION,
    NEGOTIATION,
    MINUTES,
    CONTRACT,
    HANDOVER,
    PROGRESS,
    CHANGES,
    ACCEPTANCE,
    SURVEY,
    WIN_LOSS_REVIEW,
)
