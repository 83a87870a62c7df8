"""Facts of meetings with the customer: appointments, visits, showcases, and what was said there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow.records._group import (
    Declares,
    Names,
    Pile,
    RecordGroup,
    latest,
    newest,
    the_latest,
    together,
)
from salesflow.text import both

if TYPE_CHECKING:
    from salesflow.domain import (
        CustomerFeedback,
        CustomerVisit,
        ShowcasePlan,
        ShowcaseSummary,
        VisitPlan,
    )


def _appointment(pile: Pile) -> VisitPlan | None:
    visits: tuple[CustomerVisit, ...] = pile.all("CustomerVisit")
    plans: list[VisitPlan] = [*pile.all("VisitPlan")]
    plans += [visit.plan for visit in visits if visit.plan is not None]
    return newest(plans, lambda plan: plan.agreed_at)


_planned: Final[Declares[VisitPlan]] = Declares("appointment")

APPOINTMENT: Final = RecordGroup(
    "appointment",
    both(en="plan of a visit", zh="拜访计划"),
    ("VisitPlan", "CustomerVisit"),
    the_latest(
        "`agreed_at`; those in the summaries of visits, too",
        "`agreed_at`；包括拜访总结中的计划",
    ),
    _appointment,
    (
        _planned.instant(
            "agreed_at",
            both(en="the time agreed for the visit", zh="约定的拜访时间"),
            lambda plan: plan.agreed_at,
        ),
        _planned.flag(
            "place_agreed",
            both(en="whether the place of the visit is agreed", zh="是否已约定拜访地点"),
            lambda plan: plan.place is not None,
        ),
        _planned.count(
            "people",
            both(en="the number of people to meet", zh="计划会见的人数"),
            lambda plan: plan.people,
        ),
        _planned.count(
            "questions",
            both(en="the number of questions prepared for the visit", zh="为拜访准备的问题数"),
            lambda plan: plan.questions,
        ),
    ),
)


def _latest_visit(visits: tuple[CustomerVisit, ...]) -> CustomerVisit:
    return max(visits, key=lambda visit: visit.held_at)


_visit: Final[Declares[tuple[CustomerVisit, ...]]] = Declares("visit")

VISIT: Final = RecordGroup(
    "visit",
    both(en="summary of a visit", zh="拜访总结"),
    ("CustomerVisit",),
    both(
        en="all together; what was agreed is that of the latest by `held_at`",
        zh="合并计算；约定事项取 `held_at` 最晚的一份",
    ),
    together("CustomerVisit"),
    (
        _visit.number("total", both(en="the number of visits", zh="拜访次数"), len, low=0.0),
        _visit.number(
            "in_person",
            both(en="the number of visits in person", zh="当面拜访次数"),
            lambda all_: sum(it.way == "in_person" for it in all_),
            low=0.0,
        ),
        _visit.number(
            "in_person_agreed",
            both(
                en="the number of visits in person that agreed a next step",
                zh="约定了下一步的当面拜访次数",
            ),
            lambda all_: sum(it.way == "in_person" and it.moved_on for it in all_),
            low=0.0,
        ),
        _visit.number(
            "with_interest",
            both(
                en="the number of visits on which the customer showed interest",
                zh="客户表现出兴趣的拜访次数",
            ),
            lambda all_: sum(it.interested is True for it in all_),
            low=0.0,
        ),
        _visit.count(
            "people_met",
            both(en="the number of people met on visits", zh="拜访中会见的人数"),
            lambda all_: tuple(sorted({name for it in all_ for name in it.met})),
        ),
        _visit.instant(
            "last_at",
            both(en="the time of the latest visit", zh="最近一次拜访的时间"),
            lambda all_: _latest_visit(all_).held_at,
        ),
        _visit.flag(
            "moved_on",
            both(
                en="whether the latest visit agreed a next step", zh="最近一次拜访是否约定了下一步"
            ),
            lambda all_: _latest_visit(all_).moved_on,
        ),
        _visit.day(
            "next_step_on",
            both(
                en="the day of the next step that the latest visit agreed",
                zh="最近一次拜访约定的下一步日期",
            ),
            lambda all_: _latest_visit(all_).next_step_on,
        ),
        _visit.flag(
            "interested",
            both(
                en="whether the customer showed interest on the latest visit",
                zh="客户在最近一次拜访中是否表现出兴趣",
            ),
            lambda all_: _latest_visit(all_).interested,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Showcase:
    """How the latest showcase is prepared, and what came of the latest that was held."""

    plan: ShowcasePlan | None
    summary: ShowcaseSummary | None


def _showcase(pile: Pile) -> _Showcase | None:
    plan = newest(pile.all("ShowcasePlan"), lambda one: one.planned_on)
    summary = newest(pile.all("ShowcaseSummary"), lambda one: one.held_on)
    return None if plan is None and summary is None else _Showcase(plan, summary)


_shown: Final[Declares[_Showcase]] = Declares("showcase")

SHOWCASE: Final = RecordGroup(
    "showcase",
    both(en="plan or summary of a showcase", zh="样板展示计划或总结"),
    ("ShowcasePlan", "ShowcaseSummary"),
    the_latest("`planned_on`, and the latest by `held_on`", "`planned_on` 或 `held_on`"),
    _showcase,
    (
        _shown.day(
            "planned_on",
            both(en="the day for which the showcase is planned", zh="样板展示的计划日期"),
            lambda it: it.plan.planned_on if it.plan else None,
        ),
        _shown.count(
            "attendees",
            both(en="the number of people who are to attend the showcase", zh="计划参加展示的人数"),
            lambda it: tuple(guest.person for guest in it.plan.attendees) if it.plan else None,
        ),
        _shown.count(
            "concerns_unknown",
            both(
                en="the number of attendees whose concerns are not known",
                zh="关注点尚不明确的参加者人数",
            ),
            lambda it: it.plan.concerns_unknown if it.plan and it.plan.attendees else None,
        ),
        _shown.count(
            "departments_unknown",
            both(
                en="the number of attendees whose department is not known",
                zh="所属部门尚不明确的参加者人数",
            ),
            lambda it: (
                tuple(guest.person for guest in it.plan.attendees if guest.department is None)
                if it.plan and it.plan.attendees
                else None
            ),
        ),
        _shown.flag(
            "staffed",
            both(en="whether it is clear who does what at the showcase", zh="展示人员是否已分工"),
            lambda it: bool(it.plan.staff) if it.plan else None,
        ),
        _shown.day(
            "held_on",
            both(en="the day the showcase was held", zh="样板展示的举办日期"),
            lambda it: it.summary.held_on if it.summary else None,
        ),
        _shown.count(
            "convinced",
            both(en="the number of attendees whom the showcase convinced", zh="展示后认可的人数"),
            lambda it: it.summary.convinced if it.summary else None,
        ),
        _shown.count(
            "not_convinced",
            both(
                en="the number of attendees whom the showcase did not convince",
                zh="展示后仍未认可的人数",
            ),
            lambda it: (
                tuple(one.person for one in it.summary.attendees if one.convinced is False)
                if it.summary
                else None
            ),
        ),
        _shown.flag(
            "customers_view_known",
            both(
                en="whether it is known what the customer's people think of the showcase",
                zh="是否了解客户方对展示的看法",
            ),
            lambda it: it.summary.customers_view is not None if it.summary else None,
        ),
        _shown.flag(
            "moved_on",
            both(en="whether the showcase led to a next step", zh="展示后是否约定了下一步"),
            lambda it: it.summary.agreed is not None if it.summary else None,
        ),
    ),
)


def _of_view(feedback: CustomerFeedback, view: str) -> Names:
    return tuple(it.person for it in feedback.opinions if it.view == view)


_feedback: Final[Declares[CustomerFeedback]] = Declares("feedback")

FEEDBACK: Final = RecordGroup(
    "feedback",
    both(en="customer's feedback", zh="客户反馈"),
    ("CustomerFeedback",),
    the_latest("`collected_on`", "`collected_on`"),
    latest("CustomerFeedback", lambda feedback: feedback.collected_on),
    (
        _feedback.day(
            "collected_on",
            both(en="the day the feedback was collected", zh="客户反馈的收集日期"),
            lambda feedback: feedback.collected_on,
        ),
        _feedback.count(
            "in_favour",
            both(en="the number of opinions for the proposal", zh="赞成方案的意见数"),
            lambda feedback: _of_view(feedback, "for"),
        ),
        _feedback.count(
            "against",
            both(en="the number of opinions against the proposal", zh="反对方案的意见数"),
            lambda feedback: _of_view(feedback, "against"),
        ),
        _feedback.count(
            "undecided",
            both(en="the number of undecided opinions", zh="未定的意见数"),
            lambda feedback: _of_view(feedback, "undecided"),
        ),
        _feedback.count(
            "unanswered",
            both(en="the number of doubts without an answer", zh="未答复的疑虑数"),
            lambda feedback: tuple(it.person for it in feedback.unanswered),
        ),
    ),
)

OF_VISITS: Final = (APPOINTMENT, VISIT)
OF_SHOWCASES: Final = (SHOWCASE, FEEDBACK)
