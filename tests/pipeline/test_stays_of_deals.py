"""The frame of stays: the same days as in the engine, in `check_history` and in the figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import Source, check_history, metrics, snapshots, stays
from tests.frame_engines import rows_of
from tests.pipeline.conftest import Engine
from tests.pipeline.stays import LOG, Deal
from tests.pipeline.test_check_history_laws import DAY, logs, processes
from tests.pipeline.test_stays import (
    COURSES,
    CRM_LOG,
    MONDAY,
    PLAIN,
    RESTING,
    ZONES,
    Oracle,
)

NAMES: dict[str, Any] = {"case": "deal", "stage": "phase", "at": "at"}
ON_HOLD = {"On Hold": "held"}
EVENTS = pl.DataFrame(
    {
        "deal": ["D-1"] * 6 + ["D-2"],
        "phase": ["ask", "offer", "sign", "ask", "offer", "lost", "ask"],
        "at": [date(2026, 3, day) for day in (1, 3, 6, 10, 11, 14, 20)],
    }
)


def clean(value: Any) -> Any:
    """What every engine means by the same: missing is None, and a day a date."""
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
        return None
    return value.date() if isinstance(value, datetime) else value


def table(frame: Any, case: str = "deal") -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """By case, stage and sub-stage, what the frame says beside them."""
    rows = [[clean(value) for value in row.values()] for row in rows_of(frame, case)]
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


def test_each_deal_has_a_row_for_each_place_with_all_of_its_stays(engine: Engine) -> None:
    found = table(stays(engine(EVENTS), PLAIN, as_of=date(2026, 3, 31), **NAMES))

    days = [date(2026, 3, day) for day in range(32) if day]
    assert found == {
        # Two days, and one more after the deal had come back.
        ("D-1", "ask", None): (days[0], days[9], 3.0, 0.0, 2, False),
        # Seven days in both sub-stages, and three in the second visit.
        ("D-1", "close", None): (days[2], days[10], 10.0, 0.0, 2, False),
        ("D-1", "close", "offer"): (days[2], days[10], 6.0, 0.0, 2, False),
        ("D-1", "close", "sign"): (days[5], days[5], 4.0, 0.0, 1, False),
        ("D-2", "ask", None): (days[19], days[19], 11.0, 0.0, 1, True),
    }


def test_without_a_day_nobody_knows_how_long_a_stay_is_that_goes_on(engine: Engine) -> None:
    found = table(stays(engine(EVENTS), PLAIN, **NAMES))

    day = date(2026, 3, 20)
    assert found["D-2", "ask", None] == (day, day, None, None, 1, True)
    assert found["D-1", "ask", None][2] == 3.0


@pytest.mark.parametrize(("book", "days"), [(PLAIN, 24.0), (RESTING, 4.0)])
def test_days_on_hold_are_told_whether_clocks_rest_or_not(
    engine: Engine, book: sf.Playbook, days: float
) -> None:
    found = table(stays(engine(CRM_LOG), book, stages=ON_HOLD, **NAMES))

    assert found["D-1", "close", None][2:4] == (days, 20.0)
    assert found["D-1", "close", "offer"][2:] == (days, 20.0, 1, False)
    assert found["D-2", "close", None][2:4] == (18.0, 0.0)


def test_a_stage_and_its_sub_stages_are_one_stay_in_whatever_order_the_log_names_them() -> None:
    log = pl.DataFrame(
        {
            "deal": ["D-1"] * 4,
            "phase": ["close", "offer", "close", "order"],
            "at": [date(2026, 3, day) for day in (1, 2, 5, 9)],
        }
    )
    found = table(stays(log, PLAIN, **NAMES))

    first = date(2026, 3, 1)
    assert found["D-1", "close", None] == (first, first, 8.0, 0.0, 1, False)
    assert found["D-1", "close", "offer"][2] == 3.0


def test_in_a_log_of_changes_nobody_knows_how_long_a_deal_was_where_nobody_saw_it_come(
    engine: Engine,
) -> None:
    changes = pl.DataFrame(
        {
            "deal": ["D-1"] * 3,
            "old": ["ask", "offer", "ask"],
            "phase": ["offer", "ask", "offer"],
            "at": [date(2026, 3, day) for day in (3, 5, 9)],
        }
    )
    found = table(stays(engine(changes), PLAIN, previous="old", **NAMES))

    assert found["D-1", "ask", None] == (None, date(2026, 3, 5), None, None, 2, False)
    assert found["D-1", "close", "offer"][:2] == (date(2026, 3, 3), date(2026, 3, 9))


def test_snapshots_in_one_frame_are_a_log_too(engine: Engine) -> None:
    days = [date(2026, 3, 1) + timedelta(days=number) for number in range(31)]
    stood = snapshots(EVENTS, PLAIN, days=days, **NAMES)
    columns = ["deal", "stage", "entered_stage_on"]

    found = stays(
        engine(stood.select(columns)),
        PLAIN,
        case="deal",
        stage="stage",
        at="entered_stage_on",
        as_of=days[-1],
    )
    assert table(found) == table(stays(EVENTS, PLAIN, as_of=days[-1], **NAMES))
    daily = stays(stood.select("deal", "stage", "day"), PLAIN, case="deal", stage="stage", at="day")
    assert table(daily)["D-1", "close", "sign"][2] == 4.0


def test_a_lazy_log_has_lazy_stays_and_no_log_is_changed() -> None:
    lazy = EVENTS.lazy()

    assert isinstance(stays(lazy, PLAIN, **NAMES), pl.LazyFrame)
    assert isinstance(stays(EVENTS, PLAIN, **NAMES), pl.DataFrame)
    assert stays(EVENTS.clear(), PLAIN, **NAMES).is_empty()


def test_a_source_says_its_columns_and_labels_are_read(engine: Engine) -> None:
    log = EVENTS.with_columns(
        phase=pl.col("phase").replace({"offer": "2 - OFFER", "lost": "Closed Lost"})
    )
    source = Source(engine(log), key="deal", stage="phase", columns={"at": "at"})
    day = date(2026, 3, 31)

    assert table(stays(source, PLAIN, as_of=day)) == table(stays(EVENTS, PLAIN, as_of=day, **NAMES))


def test_a_track_has_stays_in_its_states() -> None:
    log = pl.DataFrame(
        {
            "deal": ["D-1"] * 2,
            "phase": ["open", "review"],
            "at": [date(2026, 3, 1), date(2026, 3, 9)],
        }
    )
    found = table(stays(log, PLAIN, track="legal", as_of=date(2026, 3, 12), **NAMES))

    assert found["D-1", "open", None][2:] == (8.0, 0.0, 1, False)
    assert found["D-1", "review", None][2:] == (3.0, 0.0, 1, True)
    with pytest.raises(UnknownName, match="track"):
        stays(log, PLAIN, track="tax", **NAMES)


def test_what_would_make_the_stays_wrong_is_refused_all_at_once() -> None:
    log = EVENTS.with_columns(phase=pl.col("phase").replace({"sign": "Signing", "lost": "Gone"}))
    with pytest.raises(FrameError) as caught:
        stays(log, PLAIN, **NAMES)
    assert {problem.message for problem in caught.value.problems} == {
        "'Signing' is not a stage (1 event)",
        "'Gone' is not a stage (1 event)",
    }
    assert len(stays(log, PLAIN, ignore=["Signing", "Gone"], **NAMES)) == 4
    with pytest.raises(FrameError, match="the result has a column 'days' of its own"):
        stays(EVENTS.rename({"deal": "days"}), PLAIN, **{**NAMES, "case": "days"})
    with pytest.raises(ArgumentError, match="tz"):
        stays(EVENTS, PLAIN, tz="Mars", **NAMES)
    for wrong in ({"at": "nope"}, {"case": 3}):
        with pytest.raises(FrameError, match=r"The stays cannot be told like this\."):
            stays(EVENTS, PLAIN, **{**NAMES, **wrong})
    timeless = EVENTS.with_columns(pl.lit(None).cast(pl.Date).alias(NAMES["at"]))
    with pytest.raises(FrameError, match=r"The stays cannot be told like this\."):
        stays(timeless, PLAIN, **NAMES)


@given(course=COURSES, pause=st.booleans(), tz=ZONES, hours=st.integers(0, 200))
def test_the_stays_of_a_deal_are_those_that_the_engine_and_its_history_tell(
    course: list[tuple[int, sf.Command]], pause: bool, tz: str, hours: int
) -> None:
    book, now, zone = RESTING if pause else PLAIN, MONDAY, ZoneInfo(tz)
    deal = Deal(book, tz=tz)
    deal.do(sf.Start(by="li"), now)
    for after, command in course:
        now += timedelta(hours=after)
        deal.do(command, now)
    now += timedelta(hours=hours)
    note(f"{[(e.payload.kind, str(e.occurred_at)) for e in deal.events]} now {now}")
    frame = stays(deal.log().drop("by"), book, at="at", as_of=deal.day(now), tz=tz, **LOG)

    found: dict[str, tuple[date, date, float, int]] = {}
    held: dict[str, float] = {}
    there: set[str] = set()
    for row in frame.rows(named=True):
        key = row["sub_stage"] or row["stage"]
        first, latest = (deal.day(row[name]) for name in ("first_entry", "latest_entry"))
        found[key] = first, latest, row["days"], row["visits"]
        held[key] = row["days_on_hold"]
        if row["is_there"]:
            there.add(key)

    every, resting = (Oracle(deal.events, zone, now, rests=rests) for rests in (False, True))
    counted = resting if pause else every
    expected: dict[str, tuple[date, date, float, int]] = {}
    for key, since, days in counted.stays:
        first, _, before, visits = expected.get(key, (deal.day(since), None, 0.0, 0))
        expected[key] = first, deal.day(since), before + days, visits + 1
    assert found == expected
    on_hold: dict[str, float] = {}
    for (key, _, days), (_, _, rested) in zip(every.stays, resting.stays, strict=True):
        on_hold[key] = on_hold.get(key, 0.0) + days - rested
    assert held == on_hold

    progress, review = deal.deal.progress, deal.engine.review(deal.deal, at=now)
    ages = {progress.stage: review.stage_age, progress.sub_stage: review.sub_stage_age}
    assert there == {key for key in ages if key is not None and not progress.ended}
    for key, age in ages.items():
        if key is not None and age is not None and key in there and found[key][3] == 1:
            assert (found[key][2], held[key]) == (age.days, age.days_on_hold)
    late = {(key, days) for key, _, days, _ in deal.too_long(now)}
    assert all(days <= found[key][2] for key, days in late)


@given(data=st.data())
def test_the_days_in_each_stage_are_those_of_the_figures(data: st.DataObject) -> None:
    process = data.draw(processes())
    book = sf.Playbook.from_toml(process.toml())
    events = [event for event in data.draw(logs(process)) if event[1] != "coffee"]
    log = pl.DataFrame(
        events, schema={"who": pl.String, "what": pl.String, "at": pl.Date}, orient="row"
    )
    day = DAY + timedelta(days=30)
    names: dict[str, Any] = {"case": "who", "stage": "what", "at": "at", "as_of": day}
    frame = stays(log, book, **names)
    history = check_history(log, book, **names)
    deals = pl.DataFrame({"id": ["x"], "stage": [process.stages[0]]})
    figures = metrics(deals, book, key="id", as_of=day, history=history)

    for key, told in figures.stages.items():
        rows = frame.filter(stage=key)
        left = rows.filter(~pl.col("is_there"))["days"].to_list()
        assert told.days_median.rows == len(left)
        assert told.days_median.value == (median(left) if left else None)
