"""Facts of solutions, quotations and negotiations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow import terms
from salesflow.records._group import (
    ALL_TOGETHER,
    Declares,
    Pile,
    RecordGroup,
    every,
    greatest,
    latest,
    least,
    named,
    newest,
    the_latest,
    together,
)
from salesflow.text import both

if TYPE_CHECKING:
    from datetime import date

    from salesflow.domain import (
        NegotiationMinutes,
        NegotiationPlan,
        NegotiationTopic,
        Presentation,
        Quotation,
        Solution,
    )

_PARTS_OF_A_SOLUTION: Final = ("advantages", "steps", "expected_result", "differences")


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
        _of_solution.flag(
            "described",
            both(en="whether the solution is described", zh="方案是否已有说明"),
            lambda solution: solution.description is not None,
        ),
        _of_solution.choice(
            "fit",
            both(en="how well the solution fits", zh="方案的契合程度"),
            terms.LEVELS,
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
            "first_on",
            both(en="the day of the earliest review of the solution", zh="方案的最早评审日期"),
            lambda solution: least(review.on for review in solution.reviews),
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
                en="whether the feedback to the presentation is written down",
                zh="是否已记录演示反馈",
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
        _quotation.money(
            "total",
            both(en="the total of the quotation", zh="报价总额"),
            lambda quotation: quotation.total,
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

OF_OFFERS: Final = (SOLUTION, REVIEW, PRESENTATION, QUOTATION, NEGOTIATION, MINUTES)
