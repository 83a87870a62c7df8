"""Calendars of callers that fail, answer nonsense, or never have a workday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import TerritoryPlan
from salesflow.errors import ArgumentError, ScheduleError
from salesflow.schedule import CalendarEnds, WorkCalendar, duties, on_workday
from salesflow.text import Text

NOW = datetime(2026, 1, 30, 9, 0, tzinfo=UTC)
PLAYBOOK = sf.load_playbook("optimized_sales_process")
# To be reviewed again by the first of May.
PLAN = TerritoryPlan(
    kind="territory", name="East", approved_by="wang.fang", approved_on=date(2026, 2, 1)
)
FACTS = {
    "territory.next_review_on": PLAN.next_review_on,
    "reached.territory_account_plan": True,
}


class Answers:
    """A calendar that says what it is told to say."""

    def __init__(self, answer: Callable[[date], object]) -> None:
        self._answer = answer

    def is_workday(self, day: date) -> bool:
        return self._answer(day)  # type: ignore[return-value]


def breaks(day: date) -> object:
    raise ZeroDivisionError(f"no {day}")


def started() -> sf.Opportunity:
    deal = sf.Opportunity(id="D-1", name="Deal", records=(PLAN,))
    return sf.StageEngine(PLAYBOOK).decide(deal, sf.Start(by="li"), at=NOW).require()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _day: None, "answered for 2026-04-30 with NoneType, not True"),
        (lambda _day: 1, "answered for 2026-04-30 with int, not True"),
        (lambda _day: "yes", "answered for 2026-04-30 with str, not True"),
        (breaks, "failed on 2026-04-30: ZeroDivisionError: no 2026-04-30"),
        (lambda _day: False, "no workday within 60 days of 2026-04-30"),
        (lambda day: {}[day], "does not reach 2026-04-30"),
    ],
)
def test_a_calendar_that_lies_is_told_with_the_duty_and_the_day(
    answer: Callable[[date], object], said: str
) -> None:
    engine = sf.StageEngine(PLAYBOOK, calendar=Answers(answer))
    deal = started()

    for ask in (engine.due, engine.review):
        with pytest.raises(ScheduleError) as caught:
            ask(deal, at=NOW)
        problems = caught.value.problems
        assert [item.path for item in problems] == [
            "quarterly_plan_update",
            "quarterly_plan_review",
        ]
        assert all(said in item.message for item in problems)


def test_what_a_calendar_raised_is_kept_as_the_cause() -> None:
    with pytest.raises(ScheduleError) as caught:
        on_workday(date(2026, 1, 1), Answers(breaks))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_calendar_that_ends_while_a_workday_is_looked_for_ends() -> None:
    def until_february(day: date) -> bool:
        if day > date(2026, 1, 31):
            raise LookupError(day)
        return False

    with pytest.raises(CalendarEnds, match=r"does not reach 2026-02-01.*covers 2026"):
        on_workday(date(2026, 1, 20), Answers(until_february))


@pytest.mark.parametrize("name", ["Spring Festival", 5, b""])
def test_a_name_of_a_day_that_is_no_text_is_refused(name: object) -> None:
    class Named(Answers):
        def name_of(self, day: date) -> object:
            return name

    calendar = Named(lambda day: day.day == 2)

    with pytest.raises(ScheduleError, match=r"quarterly_plan_review: .* not a Text"):
        duties(PLAYBOOK, started().progress, FACTS, NOW, calendar=calendar)


def test_a_name_that_cannot_be_had_is_told_and_a_company_may_name_its_days() -> None:
    class Broken(Answers):
        def name_of(self, day: date) -> Text:
            raise OSError("no file")

    class Company(Answers):
        def name_of(self, day: date) -> Text | None:
            return Text(en="Foundation day", zh="司庆日") if day == date(2026, 4, 30) else None

    with pytest.raises(ScheduleError, match="failed on 2026-04-30: OSError: no file"):
        duties(PLAYBOOK, started().progress, FACTS, NOW, calendar=Broken(lambda day: day.day == 2))
    company = Company(lambda day: day != date(2026, 4, 30))
    update, review = duties(PLAYBOOK, started().progress, FACTS, NOW, calendar=company)
    assert update.moved_by == review.moved_by == Text(en="Foundation day", zh="司庆日")


@pytest.mark.parametrize("calendar", [object(), 5, "CN", {"is_workday": True}])
def test_what_is_no_calendar_is_refused(calendar: WorkCalendar) -> None:
    with pytest.raises(ArgumentError, match=r"must be an object with is_workday\(day\), not"):
        sf.StageEngine(PLAYBOOK, calendar=calendar)
    with pytest.raises(ArgumentError, match=r"must be an object with is_workday\(day\), not"):
        duties(PLAYBOOK, started().progress, FACTS, NOW, calendar=calendar)
    with pytest.raises(ArgumentError, match=r"must be an object with is_workday\(day\), not"):
        on_workday(date(2026, 1, 1), calendar)


NO_DAYS = [
    datetime(2026, 1, 1, 9, 0, tzinfo=UTC),
    datetime(2026, 1, 1),
    "2026-01-01",
    None,
    20260101,
]


@pytest.mark.parametrize("day", NO_DAYS, ids=repr)
@pytest.mark.parametrize("calendar", [None, Answers(lambda _day: True)], ids=["none", "own"])
def test_a_workday_is_looked_for_from_a_day_and_from_nothing_else(
    day: date, calendar: WorkCalendar | None
) -> None:
    with pytest.raises(ArgumentError, match=r"day must be a date, not .* in your zone"):
        on_workday(day, calendar)


def test_without_a_calendar_every_day_is_a_workday() -> None:
    saturday = date(2026, 1, 31)
    assert on_workday(saturday, None) == saturday


def test_a_workday_is_looked_for_after_a_day_unless_it_is_said() -> None:
    mondays = Answers(lambda day: day.weekday() == 0)
    assert on_workday(date(2026, 1, 31), mondays) == date(2026, 2, 2)
    assert on_workday(date(2026, 1, 31), mondays, forward=False) == date(2026, 1, 26)


def test_a_search_at_the_ends_of_the_calendar_stops_there() -> None:
    never = Answers(lambda _day: False)
    for day, forward in ((date.max, True), (date.min, False)):
        with pytest.raises(ScheduleError, match="no workday"):
            on_workday(day, never, forward=forward)


@pytest.mark.law
@given(st.sets(st.integers(0, 6), max_size=6), st.dates(date(2000, 1, 1), date(2050, 1, 1)))
def test_whatever_week_a_company_works_a_workday_is_found_within_it(
    free: set[int], day: date
) -> None:
    calendar = Answers(lambda day: day.weekday() not in free)

    for forward in (True, False):
        found = on_workday(day, calendar, forward=forward)
        assert found.weekday() not in free
        assert abs((found - day).days) < 7


@pytest.mark.law
@given(st.integers(0, 100), st.dates(date(2000, 1, 1), date(2050, 1, 1)))
@example(59, date(2026, 1, 1))
@example(60, date(2026, 1, 1))
def test_the_search_for_a_workday_is_bounded(rest: int, day: date) -> None:
    asked: list[date] = []

    def later(candidate: date) -> bool:
        asked.append(candidate)
        return (candidate - day).days >= rest

    if rest < 60:
        assert (on_workday(day, Answers(later)) - day).days == rest
    else:
        with pytest.raises(ScheduleError, match="within 60 days"):
            on_workday(day, Answers(later))
    assert len(asked) <= 60
