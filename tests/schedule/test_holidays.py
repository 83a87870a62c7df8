"""Calendars of countries, against what the governments published."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, ScheduleError, UnknownName
from salesflow.schedule import CalendarEnds, CountryCalendar, country_calendar, on_workday

CHINA = country_calendar("CN", years=[2024, 2025, 2026])
AMERICA = country_calendar("US", years=[2024, 2025, 2026])


def days(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=number) for number in range((end - start).days + 1)}


# The notices of the General Office of the State Council: holidays, and the days of weekends that
# are worked for them.
NOTICES: dict[int, tuple[set[date], list[str]]] = {
    2024: (
        days("2024-01-01", "2024-01-01")
        | days("2024-02-10", "2024-02-17")
        | days("2024-04-04", "2024-04-06")
        | days("2024-05-01", "2024-05-05")
        | days("2024-06-10", "2024-06-10")
        | days("2024-09-15", "2024-09-17")
        | days("2024-10-01", "2024-10-07"),
        [
            "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28",
            "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
        ],
    ),
    2025: (
        days("2025-01-01", "2025-01-01")
        | days("2025-01-28", "2025-02-04")
        | days("2025-04-04", "2025-04-06")
        | days("2025-05-01", "2025-05-05")
        | days("2025-05-31", "2025-06-02")
        | days("2025-10-01", "2025-10-08"),
        ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
    ),
    2026: (
        days("2026-01-01", "2026-01-03")
        | days("2026-02-15", "2026-02-23")
        | days("2026-04-04", "2026-04-06")
        | days("2026-05-01", "2026-05-05")
        | days("2026-06-19", "2026-06-21")
        | days("2026-09-25", "2026-09-27")
        | days("2026-10-01", "2026-10-07"),
        ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
    ),
}  # fmt: skip

# The federal holidays of the Office of Personnel Management, on the days when offices are closed.
FEDERAL = {
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
}


@pytest.mark.parametrize("year", sorted(NOTICES))
def test_every_day_of_a_year_in_china_is_as_the_state_council_published_it(year: int) -> None:
    holidays, made_up = NOTICES[year]
    worked = {date.fromisoformat(day) for day in made_up}

    for day in days(f"{year}-01-01", f"{year}-12-31"):
        expected = day in worked or (day.weekday() < 5 and day not in holidays)
        assert CHINA.is_workday(day) is expected, day


@pytest.mark.parametrize("year", sorted(FEDERAL))
def test_every_day_of_a_year_in_the_united_states_is_as_published(year: int) -> None:
    closed = {date.fromisoformat(f"{year}-{day}") for day in FEDERAL[year].split()}

    for day in days(f"{year}-01-01", f"{year}-12-31"):
        assert AMERICA.is_workday(day) is (day.weekday() < 5 and day not in closed), day


def test_a_holiday_that_is_observed_in_the_year_before_counts_there() -> None:
    alone = country_calendar("US", years=2021)

    assert not alone.is_workday(date(2021, 12, 31))  # New Year's Day 2022 was a Saturday


def test_holidays_have_their_names_in_the_languages_that_there_are() -> None:
    spring = CHINA.name_of(date(2026, 2, 17))
    assert spring is not None
    assert (spring.en, spring.zh) == ("Chinese New Year (Spring Festival)", "春节")
    independence = AMERICA.name_of(date(2026, 7, 3))
    assert independence is not None
    assert independence.en == "Independence Day (observed)"
    assert CHINA.name_of(date(2026, 2, 14)) is None  # a Saturday that is worked


def test_a_name_in_a_language_that_the_package_does_not_speak_is_not_made_up() -> None:
    labour_day = country_calendar("DE", years=2026).name_of(date(2026, 5, 1))
    assert labour_day is not None
    assert (labour_day.en, labour_day.zh) == ("Labor Day", None)


def test_a_leap_year_has_a_last_day() -> None:
    leap = country_calendar("US", years=2028)
    found = [leap.is_workday(day) for day in sorted(days("2028-12-29", "2028-12-31"))]
    assert found == [True, False, False]  # from a Friday on


def test_a_state_has_holidays_of_its_own() -> None:
    chavez = date(2026, 3, 31)

    assert AMERICA.is_workday(chavez)
    assert not country_calendar("US", years=2026, subdivision="CA").is_workday(chavez)
    california = country_calendar("USA", years=2026, subdivision="California")
    assert not california.is_workday(chavez)


def test_a_year_that_the_calendar_was_not_made_for_is_named_and_never_guessed() -> None:
    for ask in (CHINA.is_workday, CHINA.name_of):
        with pytest.raises(CalendarEnds, match=r"CN does not cover 2027.*2024, 2025, 2026"):
            ask(date(2027, 1, 4))
    with pytest.raises(LookupError):
        AMERICA.is_workday(date(2023, 12, 29))
    with pytest.raises(ScheduleError, match=r"does not reach 2027-01-01.*covers 2027"):
        on_workday(date(2026, 12, 26) + timedelta(days=6), AMERICA)


@pytest.mark.parametrize(
    "day",
    [
        datetime(2026, 1, 1, 9, 0, tzinfo=UTC),
        datetime(2026, 1, 2),
        "2026-01-01",
        None,
        2026,
    ],
    ids=repr,
)
def test_a_calendar_is_asked_about_days_and_about_nothing_else(day: date) -> None:
    for ask in (CHINA.is_workday, CHINA.name_of):
        with pytest.raises(ArgumentError, match="day must be a date, not"):
            ask(day)


def test_a_review_names_every_duty_that_the_calendar_does_not_reach_and_the_year() -> None:
    engine = sf.StageEngine(
        sf.load_playbook("closed_loop_sales"),
        tz="Asia/Shanghai",
        calendar=country_calendar("CN", years=2026),
    )
    now = datetime(2026, 12, 31, 9, 0, tzinfo=UTC)
    deal = sf.Opportunity(id="D-1", name="ERP")
    adopted = sf.Adopt(by="li", stage="long_term_care", entered_on=now.date(), outcome="won")
    deal = engine.decide(deal, adopted, at=now).require()

    with pytest.raises(CalendarEnds) as caught:
        engine.review(deal, at=now)

    assert [problem.path for problem in caught.value.problems] == [
        "tables_up_to_date",
        "monthly_contact",
        "quarterly_contact",
    ]
    assert all("2027" in str(problem) for problem in caught.value.problems)


def test_a_year_whose_order_is_not_published_is_refused_unless_a_guess_will_do() -> None:
    with pytest.raises(ScheduleError, match="CN for 1999, 2099") as caught:
        country_calendar("CN", years=[2026, 2099, 1999])
    assert "known for 2001 to 20" in str(caught.value)
    assert "estimated=True" in str(caught.value)

    assert country_calendar("CN", years=2001).estimated == ()  # the first year with an order
    guess = country_calendar("CN", years=[2001, 2026, 2099], estimated=True)
    assert guess.estimated == (2099,)
    assert not guess.is_workday(date(2099, 10, 1))
    assert guess.is_workday(date(2026, 2, 14))  # what is known stays exact
    # The rules of the United States are laws, which need no order of each year.
    assert not country_calendar("US", years=2099).is_workday(date(2099, 7, 3))


def test_every_year_without_a_calendar_is_listed() -> None:
    with pytest.raises(ScheduleError) as caught:
        country_calendar("US", years=[3000, 2026, 1], estimated=True)

    assert [problem.path for problem in caught.value.problems] == ["1", "3000"]
    with pytest.raises(
        ScheduleError, match="There is no calendar of US for 3000, 3001, "
    ) as caught:
        country_calendar("US", years=range(3000, 3200))
    assert len(caught.value.problems) == 200


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ([], "years must hold at least one year"),
        ("2026", "years must be a year or a list of years, not a str"),
        (None, "years must be a year or a list of years, not None"),
        (True, "years must be a year or a list of years, not a bool"),
        ([2026, "2027"], r"years\[1\] must be a whole number, not a str"),
        (range(10**9), "at most 200 years"),
    ],
)
def test_years_that_are_none_are_refused(years: object, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        country_calendar("CN", years=years)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("country", "known"),
    [("China", ("CN",)), ("united states", ("US",)), ("Untied States", ("US",))],
)
def test_the_name_of_a_country_is_answered_with_its_code(
    country: str, known: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownName, match="no country") as caught:
        country_calendar(country, years=2026)
    assert caught.value.known == known


def test_an_unknown_country_or_subdivision_is_refused_with_what_there_is() -> None:
    for country in ("QQ", "", 86, None):
        with pytest.raises(UnknownName) as caught:
            country_calendar(country, years=2026)  # type: ignore[arg-type]
        assert {"CN", "US"} <= set(caught.value.known)
    with pytest.raises(UnknownName, match=r'subdivision of US.*Did you mean "California"'):
        country_calendar("us", years=2026, subdivision="Califronia")
    with pytest.raises(UnknownName, match="subdivision of US"):
        country_calendar("us", years=2026, subdivision=ANY)  # equal to whatever there is
    with pytest.raises(UnknownName, match="subdivision of CN"):
        country_calendar("cn", years=2026, subdivision="GD")


def test_without_the_extra_the_error_says_what_to_install_and_nothing_else_needs_it() -> None:
    code = (
        "import sys; sys.modules['holidays'] = None\n"
        "import salesflow as sf\n"
        "from salesflow.errors import ScheduleError\n"
        "sf.StageEngine(sf.load_playbook('closed_loop_sales'))\n"
        "try:\n"
        "    sf.schedule.country_calendar('CN', years=2026)\n"
        "except ImportError as error:\n"
        "    print(isinstance(error, ScheduleError), error)\n"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.startswith("True")
    assert 'pip install "salesflow[holidays]"' in found.stdout


def test_who_makes_a_calendar_without_the_extra_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)  # as if it were not installed
    with pytest.raises(ScheduleError, match=r'Run: pip install "salesflow\[holidays\]"'):
        country_calendar("CN", years=2026)


def test_the_package_is_imported_only_when_a_calendar_is_made() -> None:
    code = (
        "import sys, salesflow as sf\n"
        "from salesflow.schedule import country_calendar\n"
        "sf.StageEngine(sf.load_playbook('closed_loop_sales'))\n"
        "print('holidays' in sys.modules)\n"
        "country_calendar('CN', years=2026)\n"
        "print('holidays' in sys.modules)\n"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["False", "True"]


@pytest.mark.law
@given(
    st.sampled_from([CHINA, AMERICA]),
    st.dates(date(2024, 1, 15), date(2026, 12, 15)),
    st.booleans(),
)
def test_a_due_day_moves_to_the_nearest_workday_on_its_side(
    calendar: CountryCalendar, day: date, forward: bool
) -> None:
    found = on_workday(day, calendar, forward=forward)

    assert calendar.is_workday(found)
    assert (found >= day) if forward else (found <= day)
    between = days(*map(str, sorted([day, found]))) - {found}
    assert not any(calendar.is_workday(free) for free in between)


def test_a_calendar_can_be_copied_and_compared() -> None:
    assert country_calendar("CN", years=[2024, 2025, 2026]) == CHINA
    assert country_calendar("cn", years=range(2024, 2027)) == CHINA
    assert CHINA != AMERICA
    assert repr(CHINA) == (
        "CountryCalendar(country='CN', subdivision=None, years=(2024, 2025, 2026), estimated=(), "
        "opening=())"
    )
    assert len({CHINA, AMERICA, country_calendar("CN", years=[2024, 2025, 2026])}) == 2
