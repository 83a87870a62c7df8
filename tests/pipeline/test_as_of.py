"""Who asks how things stood on a day is told nothing of what came after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow import Playbook, Rule
from salesflow.errors import ArgumentError, ClockError, FrameError
from salesflow.pipeline import (
    Counts,
    backtest,
    check_history,
    check_pipeline,
    metrics,
    required_instruments,
    score_frame,
    snapshots,
)
from tests.pipeline.conftest import PROCESS, classic, relation

Engine = Callable[[pl.DataFrame], Any]

BOOK = Playbook.from_toml("""
id = "m"
version = "1"
title = "M"
languages = ["en"]
[policy]
back = "on"
retract = "on"
reopen = "on"
[[stages]]
key = "qualify"
title = "Qualify"
max_days = 10
[[stages]]
key = "propose"
title = "Propose"
[[stages]]
key = "sign"
title = "Sign"
""")
START = date(2026, 1, 1)
JANUARY = date(2026, 1, 31)
ENGINES: dict[str, Engine] = {
    "polars": lambda frame: frame,
    "polars lazy": pl.DataFrame.lazy,
    "pandas": classic,
    "pyarrow": pl.DataFrame.to_arrow,
    "duckdb": relation,
}

DEALS = pl.DataFrame(
    {
        "id": ["stands", "won", "won later", "created later", "moved later", "expected later"],
        "stage": ["qualify", "won", "won", "qualify", "sign", "propose"],
        "amount": [10.0, 20.0, 40.0, 80.0, 160.0, 320.0],
        "created_on": [START, START, START, date(2026, 2, 1), START, START],
        "entered_stage_on": [JANUARY, JANUARY, date(2026, 3, 5), None, date(2026, 2, 1), None],
        "closed_on": [None, JANUARY, date(2026, 3, 5), None, None, date(2026, 2, 1)],
    },
    schema_overrides={"entered_stage_on": pl.Date, "closed_on": pl.Date},
)
STANDS = ("stands", "won", "expected later")


def rows_of(native: Any) -> list[dict[str, Any]]:
    frame = nw.from_native(native).lazy().collect()
    return [{name: plain(value) for name, value in row.items()} for row in frame.rows(named=True)]


def plain(value: Any) -> Any:
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    return value.date() if isinstance(value, datetime) else value


# --------------------------------------------------------------------------------------- snapshots


@pytest.mark.parametrize("engine", ENGINES)
def test_a_win_in_march_is_no_win_in_january(engine: str) -> None:
    """Case 41: it gave a win rate of 1.0 in January for a win in March, without a word."""
    found = metrics(ENGINES[engine](DEALS), BOOK, key="id", as_of=JANUARY)

    assert (found.deals.value, found.later.value, found.later.rows) == (3, 3, 6)
    assert (found.won.value, found.open.value) == (1, 2)
    assert (found.won_value.value, found.open_value.value) == (20, 330)
    assert found.cycle_longest.value == 30
    assert "rows after the day" in found.summary()
    assert metrics(DEALS, BOOK, key="id", as_of=date(2026, 3, 31)).later.value == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_but_its_dates_is_asked_of_a_row_that_lies_after_the_day(engine: str) -> None:
    big = Rule.parse("amount > 0")
    report = check_pipeline(
        ENGINES[engine](DEALS), BOOK, key="id", as_of=JANUARY, checks={"big": big}
    )

    assert (report.rows, report.later) == (3, 3)
    assert report.counts["big"] == Counts(yes=3, no=0, unknown=0)
    assert report.counts["hygiene.created_not_in_future"] == Counts(yes=5, no=1, unknown=0)
    assert report.counts["hygiene.entered_not_in_future"] == Counts(yes=4, no=2, unknown=0)
    assert report.counts["hygiene.closed_not_in_future"] == Counts(yes=1, no=1, unknown=0)
    assert "3 deals on 2026-01-31" in report.summary()
    assert "only their dates are checked: 3." in report.summary()
    assert "仅检查其日期" in report.summary("zh")
    assert {row["id"] for row in rows_of(report.wide) if row["big"]} == set(STANDS)


def test_a_report_without_such_rows_does_not_speak_of_them() -> None:
    whole = check_pipeline(DEALS, BOOK, key="id", as_of=date(2026, 3, 31))

    assert (whole.rows, whole.later) == (6, 0)
    assert "only their dates" not in whole.summary() + whole._repr_html_()
    early = check_pipeline(DEALS, BOOK, key="id", as_of=JANUARY)
    assert "only their dates are checked: 3." in early._repr_html_()


@pytest.mark.parametrize("engine", ENGINES)
def test_scores_and_the_size_policy_leave_such_rows_out(engine: str) -> None:
    book = Playbook.from_toml(PROCESS)
    deals = ENGINES[engine](DEALS.with_columns(pl.lit("+").alias("bant.budget")))

    for found in (
        score_frame(deals, book, "fit", key="id", as_of=JANUARY),
        required_instruments(deals, book, key="id", as_of=JANUARY),
    ):
        assert (found.rows, found.later) == (3, 3)
        assert {row["id"] for row in rows_of(found.frame)} == set(STANDS)
        assert repr(found).endswith(", 3 after the day>")
    for found in (
        score_frame(deals, book, "fit", key="id"),
        required_instruments(deals, book, key="id"),
    ):
        assert (found.rows, found.later, len(rows_of(found.frame))) == (6, 0, 6)


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_of_a_whole_deal_do_not_break_scores(engine: str) -> None:
    """B1 of the data scientist: with both dates there, every engine failed."""
    book = sf.load_playbook("optimized_sales_process")
    frame = pl.DataFrame(
        {
            "id": ["a"],
            "stage": ["close"],
            "amount": [60_000.0],
            "account.tier": ["regular"],
            "created_on": [date(2026, 1, 1)],
            "closed_on": [date(2026, 2, 1)],
            "tas.access_to_funds": ["+"],
        }
    )

    scores = score_frame(ENGINES[engine](frame), book, "tas", key="id")
    needed = required_instruments(ENGINES[engine](frame), book, key="id")

    assert [row["low"] for row in rows_of(scores.frame)] == [2.0]
    assert [row["tas_20"] for row in rows_of(needed.frame)] == ["yes"]


TESTED = pl.DataFrame(
    {
        "outcome": ["won", "won", "lost", "lost", "open"],
        "closed_on": [JANUARY, date(2026, 2, 1), JANUARY, date(2026, 2, 1), None],
        "bant.budget": ["+", "+", "-", "-", "+"],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("whole", [True, False])
def test_a_backtest_does_not_know_how_deals_ended_later(engine: str, whole: bool) -> None:
    book = Playbook.from_toml(PROCESS)
    card = book if whole else book.checklists["bant"]
    frame = ENGINES[engine](TESTED)

    found = backtest(frame, card, card="bant" if whole else None, as_of=JANUARY)

    assert (found.rows, found.deals, found.won, found.left_out, found.later) == (5, 2, 1, 1, 2)
    assert "Deals that had not ended by the day: 2" in found.summary()
    assert backtest(frame, card, card="bant" if whole else None).later == 0


def test_a_backtest_of_a_day_before_everything_says_so() -> None:
    with pytest.raises(FrameError, match="4 deals had not ended by then") as caught:
        backtest(TESTED, Playbook.from_toml(PROCESS).checklists["bant"], as_of=date(2020, 1, 1))
    assert caught.value.problems[0].code == "no_outcome"


def test_a_day_before_everything_leaves_no_deal() -> None:
    found = metrics(DEALS, BOOK, key="id", as_of=date(2020, 1, 1))

    assert (found.deals.value, found.deals.reason, found.later.value) == (None, "no deal", 6)
    report = check_pipeline(DEALS, BOOK, key="id", as_of=date(2020, 1, 1))
    assert (report.rows, report.later) == (0, 6)


# ------------------------------------------------------------------------------------------- logs


def log_of(*events: tuple[str, str, date]) -> pl.DataFrame:
    return pl.DataFrame(
        list(events), schema={"deal": pl.String, "label": pl.String, "at": pl.Date}, orient="row"
    )


NAMES: dict[str, Any] = {"case": "deal", "stage": "label", "at": "at"}
LOG = log_of(
    ("a", "qualify", date(2026, 1, 1)),
    ("a", "propose", date(2026, 2, 15)),
    ("a", "won", date(2026, 3, 5)),
    ("b", "qualify", date(2026, 1, 10)),
)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stay_is_not_too_long_on_its_ninth_day(engine: str) -> None:
    """Case 41: on the tenth of January it was said to have been there for 45 days."""
    report = check_history(ENGINES[engine](LOG), BOOK, **NAMES, as_of=date(2026, 1, 10))

    assert (report.rows, report.later, report.counts["too_long"]) == (2, 2, 0)
    assert report.as_of == date(2026, 1, 10)
    assert "Events after the day: 2" in report.summary()
    assert check_history(LOG, BOOK, **NAMES).counts["too_long"] == 1


def test_a_day_before_everything_leaves_no_event() -> None:
    report = check_history(LOG, BOOK, **NAMES, as_of=date(2020, 1, 1))

    assert (report.rows, report.later, report.cases_total, report.fitness) == (0, 4, 0, None)
    assert report.deviations.is_empty()


def test_metrics_see_a_history_up_to_their_own_day() -> None:
    whole = check_history(LOG, BOOK, **NAMES)
    early = check_history(LOG, BOOK, **NAMES, as_of=date(2026, 1, 5))
    deals = pl.DataFrame({"id": ["a", "b"], "stage": ["qualify", "qualify"]})

    for report in (whole, early):
        found = metrics(deals, BOOK, key="id", as_of=JANUARY, history=report)
        assert (found.later_events.value, found.later_events.rows) == (2, 2)
        assert found.stages["qualify"].entered.value == 2
        assert found.stages["qualify"].conversion.value is None
    alone = metrics(deals, BOOK, key="id", as_of=JANUARY)
    assert (alone.later_events.value, alone.later_events.reason[:14]) == (None, "needs history=")
    assert whole.later == 0


# ------------------------------------------------------------------------------- as it stood then


@pytest.mark.parametrize("engine", ENGINES)
def test_a_log_tells_the_pipeline_of_each_month(engine: str) -> None:
    ends = [date(2026, 2, 28), date(2026, 1, 31), date(2026, 3, 31), date(2025, 12, 31)]
    make = ENGINES[engine]
    deals = pl.DataFrame({"deal": ["a", "b"], "amount": [10.0, 20.0], "stage": ["?", "?"]})
    if engine == "duckdb":  # two relations are joined on one connection
        connection = __import__("duckdb").connect()
        make = lambda frame: connection.from_arrow(frame.to_arrow())  # noqa: E731
    log = make(LOG)

    found = snapshots(log, BOOK, **NAMES, days=ends, deals=make(deals))

    assert type(found) is type(log)
    rows = sorted(tuple(row.values()) for row in rows_of(found))
    assert [row[:3] for row in rows] == [
        (date(2026, 1, 31), "a", "qualify"),
        (date(2026, 1, 31), "b", "qualify"),
        (date(2026, 2, 28), "a", "propose"),
        (date(2026, 2, 28), "b", "qualify"),
        (date(2026, 3, 31), "a", "won"),
        (date(2026, 3, 31), "b", "qualify"),
    ]
    assert rows[4][3:] == (date(2026, 1, 1), date(2026, 3, 5), date(2026, 3, 5), 10.0)
    of_month = {
        end: metrics(
            pl.DataFrame([row for row in rows_of(found) if row["day"] == end]),
            BOOK,
            key="deal",
            as_of=end,
        )
        for end in sorted(ends)[1:]
    }
    assert [each.open_value.value for each in of_month.values()] == [30.0, 30.0, 20.0]
    assert [each.later.value for each in of_month.values()] == [0, 0, 0]


def test_what_is_wrong_with_days_and_deals_is_said_at_once() -> None:
    twice = [JANUARY, START, JANUARY]
    with pytest.raises(ArgumentError, match="2026-01-31 is there 2 times"):
        snapshots(LOG, BOOK, **NAMES, days=twice)
    with pytest.raises(ArgumentError, match="there is no day"):
        snapshots(LOG, BOOK, **NAMES, days=[])
    with pytest.raises(ArgumentError) as caught:
        snapshots(LOG, BOOK, **NAMES, days=["soon", JANUARY, 3])  # type: ignore[list-item]
    assert [problem.path for problem in caught.value.problems] == ["days[0]", "days[2]"]
    with pytest.raises(ArgumentError, match="days: must be a day, not None"):
        snapshots(LOG, BOOK, **NAMES, days=None)  # type: ignore[arg-type]
    assert snapshots(LOG, BOOK, **NAMES, days=JANUARY)["deal"].sort().to_list() == ["a", "b"]
    for deals, said in (
        (pl.DataFrame({"id": ["a"]}), "there is no column 'deal'"),
        (pl.DataFrame({"deal": [1]}), "'deal' is Int64 there, and String in the log"),
        (pl.DataFrame({"deal": ["a", "a"]}), "1 row more than there are deals"),
        (classic(pl.DataFrame({"deal": ["a"]})), "pass two frames of one kind"),
    ):
        with pytest.raises(FrameError, match=said):
            snapshots(LOG, BOOK, **NAMES, days=[JANUARY], deals=deals)
    numbered = pd.DataFrame([["a", 1]]).rename(columns={0: "deal"})
    with pytest.raises(FrameError, match="deals: 1 column has no text for a name: 1"):
        snapshots(LOG.to_pandas(), BOOK, **NAMES, days=[JANUARY], deals=numbered)
    odd = pl.concat([LOG, log_of(("b", "coffee", START))])
    with pytest.raises(FrameError, match="'coffee' is not a stage"):
        snapshots(odd, BOOK, **NAMES, days=[JANUARY])
    with pytest.raises(FrameError, match="a column 'day' of its own"):
        snapshots(
            LOG.rename({"deal": "day"}), BOOK, case="day", stage="label", at="at", days=[JANUARY]
        )


def test_an_outcome_that_was_taken_back_leaves_the_deal_where_nobody_said() -> None:
    log = log_of(
        ("a", "qualify", date(2026, 1, 1)),
        ("a", "won", date(2026, 1, 2)),
        ("a", "retracted", date(2026, 1, 3)),
        ("a", "sign", date(2026, 1, 5)),
        ("a", "won", date(2026, 1, 7)),
        ("a", "ended", date(2026, 1, 9)),
    )
    days = [date(2026, 1, number) for number in (2, 3, 5, 8, 9)]

    found = snapshots(log, BOOK, **NAMES, days=days).sort("day")

    assert found["stage"].to_list() == ["won", None, "sign", "won", "won"]
    second = date(2026, 1, 7)
    assert found["closed_on"].to_list() == [date(2026, 1, 2), None, None, second, second]


# Each example asks an engine of frames many times.
FEW = settings(max_examples=max(2, settings().max_examples // 6))
LABELS = ("qualify", "propose", "sign", "won", "lost", "retracted")
events = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from(LABELS),
    st.integers(0, 60).map(lambda number: START + timedelta(days=number)),
)


def taken(events: list[tuple[str, str, date]], day: date) -> Counter[tuple[Any, ...]]:
    """The snapshot that a plain loop over the events takes on a day."""
    found: Counter[tuple[Any, ...]] = Counter()
    rank = ("retracted", "qualify", "propose", "sign", "won", "lost")
    for deal in sorted({deal for deal, _, _ in events}):
        stage = entered = created = closed = None
        course = sorted((at, rank.index(label)) for name, label, at in events if name == deal)
        for at, number in course:
            label = rank[number]
            if at > day or label == stage:
                continue
            closed = None if label not in {"won", "lost"} else closed or at
            stage, entered, created = label, at, created or at
        if stage is not None:
            found[deal, None if stage == "retracted" else stage, created, entered, closed] += 1
    return found


@FEW
@given(engine=st.sampled_from(sorted(ENGINES)), drawn=st.lists(events, max_size=14), data=st.data())
def test_a_snapshot_of_a_day_is_the_one_that_was_taken_on_it(
    engine: str, drawn: list[tuple[str, str, date]], data: st.DataObject
) -> None:
    days = data.draw(
        st.lists(
            st.integers(-2, 62).map(lambda number: START + timedelta(days=number)),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    make = ENGINES[engine]

    found = rows_of(snapshots(make(log_of(*drawn)), BOOK, **NAMES, days=days))

    for day in days:
        named = ("deal", "stage", "created_on", "entered_stage_on", "closed_on")
        here = Counter(tuple(row[name] for name in named) for row in found if row["day"] == day)
        assert here == taken(drawn, day)


@FEW
@given(engine=st.sampled_from(sorted(ENGINES)), drawn=st.lists(events, max_size=14), data=st.data())
def test_a_log_cut_at_a_day_gives_the_report_of_the_log_that_ended_there(
    engine: str, drawn: list[tuple[str, str, date]], data: st.DataObject
) -> None:
    day = START + timedelta(days=data.draw(st.integers(-2, 62)))
    ended = [event for event in drawn if event[2] <= day]
    make = ENGINES[engine]

    cut = check_history(make(log_of(*drawn)), BOOK, **NAMES, as_of=day)
    whole = check_history(make(log_of(*ended)), BOOK, **NAMES, as_of=day)

    assert cut.later == len(drawn) - len(ended)
    left = {"later"}
    assert cut.model_dump(exclude=left) == whole.model_dump(exclude=left)
    for name in ("deviations", "cases", "edges"):
        frames = (getattr(report, name) for report in (cut, whole))
        one, other = (Counter(map(repr, rows_of(frame))) for frame in frames)
        assert one == other
    deals = pl.DataFrame({"deal": [], "stage": []}, schema={"deal": pl.String, "stage": pl.String})
    first, second = (
        metrics(deals, BOOK, key="deal", as_of=day, history=report)
        for report in (check_history(make(log_of(*drawn)), BOOK, **NAMES), whole)
    )
    assert first.stages == second.stages
    assert first.later_events.value == cut.later


some_day = st.none() | st.integers(0, 60).map(lambda number: START + timedelta(days=number))
rows = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from(["qualify", "propose", "won", "lost", None]),
            "amount": st.sampled_from([None, 1.0, 250.0]),
            "created_on": some_day,
            "entered_stage_on": some_day,
            "closed_on": some_day,
            "expected_close_on": some_day,
        }
    ),
    max_size=8,
)


@FEW
@given(engine=st.sampled_from(sorted(ENGINES)), drawn=rows, number=st.integers(0, 60))
def test_a_snapshot_cut_at_a_day_gives_the_figures_of_one_without_later_rows(
    engine: str, drawn: list[dict[str, Any]], number: int
) -> None:
    day = START + timedelta(days=number)
    deals = pl.DataFrame(
        [{"id": str(count), **row} for count, row in enumerate(drawn)],
        schema={
            "id": pl.String,
            "stage": pl.String,
            "amount": pl.Float64,
            **dict.fromkeys(
                ("created_on", "entered_stage_on", "closed_on", "expected_close_on"), pl.Date
            ),
        },
    )
    then = [
        all(row[name] is None or row[name] <= day for name in ("created_on", "entered_stage_on"))
        and not (row["stage"] in {"won", "lost"} and row["closed_on"] and row["closed_on"] > day)
        for row in drawn
    ]
    stood = deals.filter(pl.Series(then, dtype=pl.Boolean))
    make = ENGINES[engine]

    cut, whole = (metrics(make(each), BOOK, key="id", as_of=day) for each in (deals, stood))
    assert cut.later.value == (len(then) - sum(then) if drawn else 0)
    assert cut.model_dump(exclude={"later"}) == whole.model_dump(exclude={"later"})

    checked, alone = (
        check_pipeline(make(each), BOOK, key="id", as_of=day) for each in (deals, stood)
    )
    assert (checked.rows, checked.later) == (sum(then), len(then) - sum(then))
    dates = {f"hygiene.{name}_not_in_future" for name in ("created", "entered", "closed")}
    assert {key: count for key, count in checked.counts.items() if key not in dates} == {
        key: count for key, count in alone.counts.items() if key not in dates
    }


# ---------------------------------------------------------------------------------------- one deal


def test_a_deal_is_not_asked_how_it_stood_before_its_last_event() -> None:
    """It answered from the present state of the deal, but for the commands that may be given."""
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    now = datetime(2026, 3, 5, 9, tzinfo=UTC)
    early = now - timedelta(seconds=1)
    deal = sf.Opportunity(id="D-1", name="Mill", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=now).require()
    asked: dict[str, Callable[[datetime], object]] = {
        "review": lambda at: engine.review(deal, at=at),
        "available": lambda at: engine.available(deal, by="li.wei", at=at),
        "due": lambda at: engine.due(deal, at=at),
        "score": lambda at: engine.score(deal, "tas", at=at),
        "facts_of": lambda at: sf.facts_of(deal, engine.playbook, at=at),
        "decide": lambda at: engine.decide(deal, sf.Advance(by="li.wei"), at=at),
    }

    for ask in asked.values():
        with pytest.raises(ClockError, match="is earlier than the deal's last event"):
            ask(early)
        ask(now)
