"""Every engine gives the same answers, in frames of its own kind, from few queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from salesflow import Playbook, Rule, pipeline
from salesflow.errors import FrameError
from salesflow.pipeline import (
    Counts,
    Forecast,
    ForecastBacktest,
    HistoryReport,
    PipelineReport,
    Slippage,
    WinChances,
    backtest,
    check_history,
    check_pipeline,
    close_slippage,
    forecast,
    forecast_backtest,
    metrics,
    required_instruments,
    score_frame,
    snapshots,
    win_chances,
)
from salesflow.pipeline.exports import hubspot, read_days, read_numbers, salesforce
from tests.frame_engines import EVERY, values_of
from tests.pipeline import deals_sample as sample
from tests.pipeline.conftest import PROCESS
from tests.pipeline.deals_sample import AS_OF, MEANING, rows_of
from tests.pipeline.forecasts import BOOK as FORECAST
from tests.pipeline.forecasts import frame_of as forecast_frame
from tests.pipeline.stays import process as stays_process
from tests.pipeline.test_backtest import PROCESS as ANSWERS
from tests.pipeline.test_check_history import ANY_ORDER, playbook
from tests.spark_session import spark

Engine = Callable[[pl.DataFrame], Any]

OWN = {
    "own.score": "score.fit.low >= 2.5 and score.fit.high <= 2.8",
    "own.days": "closed_on > created_on or not known(bant.need)",
    "own.age": 'outcome in ("won", "lost") or days_since(last_activity_on) > 1',
    "自己的": 'at_least(2, bant.budget, bant.need, known(amount), amount.currency == "EUR")',
}


def rules(process: Playbook) -> dict[str, Rule]:
    return {name: Rule.parse(text, process.facts) for name, text in OWN.items()}


def checked(frame: Any, **more: Any) -> PipelineReport[Any]:
    process = Playbook.from_toml(PROCESS)
    return check_pipeline(frame, process, as_of=AS_OF, checks=rules(process), **MEANING, **more)


@cache
def reference() -> tuple[PipelineReport[Any], frozenset[tuple[Any, ...]]]:
    report = checked(sample.deals())
    return report, frozenset(report.findings().rows())


# ---------------------------------------------------------------------------------- check_pipeline


def test_the_sample_has_all_that_engines_could_differ_in() -> None:
    report, findings = reference()
    counts = report.counts

    assert len(counts) == 47
    assert not report.not_checked
    assert sum(bool(each.yes and each.no and each.unknown) for each in counts.values()) >= 20
    assert {row[1] for row in findings} == {
        *("qualify", "propose", "draft", "offer", "sign", "deliver"),
        *("won", "lost", "disqualified", None),
    }


def test_checks_and_findings_are_those_of_every_other_engine(every: Engine) -> None:
    report, findings = reference()
    # The order of rows means nothing.
    frame = every(sample.deals().sample(fraction=1, shuffle=True, seed=7))
    before = rows_of(frame)

    found = checked(frame)

    assert found.counts == report.counts
    assert (found.not_checked, found.rows) == (report.not_checked, report.rows)
    assert type(found.findings()) is type(frame)  # a lazy one stays lazy
    rows = rows_of(found.findings())
    assert len(rows) == len(findings)
    assert {tuple(row.values()) for row in rows} == findings
    assert list(rows[0]) == ["编号", "stage", "check", "severity", "verdict"]
    assert rows_of(frame) == before


def test_an_amount_is_on_the_side_of_a_threshold_that_its_cents_say(every: Engine) -> None:
    process = Playbook.from_toml(PROCESS)
    amounts = ["45454.54", "45454.55", "357142.85", "357142.86", "50000.00", "49999.99", "1e300"]
    frame = pl.DataFrame(
        {
            "id": list("abcdefg"),
            "stage": ["qualify"] * 7,
            "amount": [float(amount) for amount in amounts],
            "amount.currency": ["EUR", "EUR", "CNY", "CNY", "USD", "USD", "EUR"],
            "done.questions": [False] * 7,
        }
    )
    rule = Rule.parse("50_000 <= amount <= 100_000", process.facts)

    report = check_pipeline(
        every(frame), process, key="id", as_of=AS_OF, rates=sample.RATES, checks={"mid": rule}
    )

    # 45,454.54 EUR are 49,999.99 USD, and 357,142.85 CNY are 49,999.999, which rounds up.
    wrong = {row["id"] for row in rows_of(report.findings()) if row["check"] == "size.questions"}
    assert wrong == {"b", "c", "d", "e"}
    assert report.counts["mid"].yes == 4


# ----------------------------------------------------------------------------------- few questions


def queries() -> int:
    """How many queries Spark has run."""
    session = spark()
    session.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    count: int = session._jsparkSession.sharedState().statusStore().executionsCount()
    return count


@pytest.mark.parametrize("engine", ["pyspark"])  # so that it is asked where Spark is chosen
def test_spark_is_asked_four_questions_and_none_for_findings_that_nobody_reads(
    engine: str,
) -> None:
    # Blank labels and currencies without a rate are no reason to ask again.
    frame = EVERY[engine](sample.deals(12))
    before = queries()

    report = checked(frame)
    after_the_check = queries()
    findings = report.findings()

    # The counts, distinct keys, the longest cycle, and which marks they are that nobody knows.
    assert after_the_check == before + 4
    assert queries() == after_the_check
    assert not findings.isEmpty()


@pytest.mark.parametrize(("rows", "unread"), [(0, 0), (1, 0), (40, 2)])
def test_a_lazy_frame_of_polars_is_collected_for_its_counts_and_for_marks_that_nobody_knows(
    rows: int, unread: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[tuple[int, int]] = []
    collect = pl.LazyFrame.collect

    def watched(frame: pl.LazyFrame, *args: Any, **more: Any) -> Any:
        found = collect(frame, *args, **more)
        collected.append(found.shape)
        return found

    monkeypatch.setattr(pl.LazyFrame, "collect", watched)

    report = checked(sample.deals(rows).lazy())
    # A row for the counts, distinct keys and the longest cycle; where a column has such marks, each
    # of them once.
    assert [height for height, _ in collected] == [1] * (3 + unread)
    assert isinstance(report.findings(), pl.LazyFrame)
    assert len(collected) == 3 + unread


# --------------------------------------------------------------------------------- other functions


def test_a_whole_deal_is_scored_and_sized_by_every_engine(every: Engine) -> None:
    """B1 of the data scientist: with the days of creation and of the end, every engine failed."""
    process = Playbook.from_toml(PROCESS)
    asked = {"stages", "columns", "values", "stage", "key", "rates", "tz"}
    said = {name: it for name, it in MEANING.items() if name in asked} | {"as_of": AS_OF}

    def told(frame: Any) -> list[object]:
        scores = score_frame(frame, process, "fit", **said)
        needed = required_instruments(frame, process, **said)
        return [
            found
            for it in (scores, needed)
            for found in (sorted(map(str, rounded(it.frame))), it.rows, it.later, it.unreadable)
        ]

    def rounded(frame: Any) -> list[dict[str, Any]]:
        # Engines add up the points in orders of their own.
        return [
            {key: round(it, 9) if isinstance(it, float) else it for key, it in row.items()}
            for row in rows_of(frame)
        ]

    deals = sample.deals(30)
    wanted = told(deals)
    assert told(every(deals)) == wanted
    # Nobody reads how long others took.
    unread = deals.drop("owner", "probability", "expected_close_on", "last seen")
    said["columns"] = {k: v for k, v in MEANING["columns"].items() if v != "last seen"}
    assert told(unread) == wanted


def test_figures_are_those_of_every_other_engine(every: Engine) -> None:
    process = Playbook.from_toml(PROCESS)
    moment = datetime(2026, 1, 30, 16, tzinfo=UTC)  # the 31st in Shanghai

    found = metrics(every(sample.deals()), process, as_of=moment, **MEANING)

    assert found == metrics(sample.deals(), process, as_of=AS_OF, **MEANING)
    assert found.weighted_pipeline.rows == 38
    # 43 of the 120 were created, entered or closed after the day.
    assert (found.deals.value, found.later.value) == (77, 43)
    assert found.cycle_median.source == "snapshot"


def test_figures_by_group_are_those_of_every_other_engine(every: Engine) -> None:
    process = Playbook.from_toml(PROCESS)
    options: dict[str, Any] = {**MEANING, "as_of": AS_OF, "by": ["stage", "owner"], "top": 5}

    found = metrics(every(sample.deals()), process, **options)

    assert found == metrics(sample.deals(), process, **options)
    assert (len(found.groups), found.others_total > 0) == (5, True)
    assert found.all == metrics(sample.deals(), process, as_of=AS_OF, **MEANING)


HISTORY = pl.DataFrame(
    [
        *(("a", "qualify", 1), ("a", "draft", 4), ("a", "offer", 6), ("a", "sign", 10)),
        *(("a", "won", 11), ("b", "qualify", 1), ("b", "draft", 11), ("b", "draft", 12)),
        *(("b", "won", 30), ("c", "qualify", 5), ("c", "lost", 8), ("c", "propose", 9)),
        *(("d", "sign", 2), ("d", "qualify", 2), ("e", "？", 3), ("e", None, 4)),
        *(("f", "qualify", 12), ("f", "draft", 13), ("f", "qualify", 15), ("f", "draft", 20)),
    ],
    schema={"de.al": pl.String, "`stage`": pl.String, "day": pl.Int64},
    orient="row",
).select(
    "de.al",
    "`stage`",
    (pl.datetime(2026, 1, "day") + pl.duration(hours=pl.int_range(pl.len()) % 5)).alias("时间"),
)


def history(frame: Any) -> Any:
    process = Playbook.from_toml(PROCESS)
    return check_history(
        frame, process, case="de.al", stage="`stage`", at="时间", as_of=date(2026, 3, 1)
    )


def test_histories_are_those_of_every_other_engine(
    every: Engine, request: pytest.FixtureRequest
) -> None:
    frame = every(HISTORY.sample(fraction=1, shuffle=True, seed=1))
    if "dask" in request.node.callspec.id:
        with pytest.raises(FrameError, match="Dask cannot put the events of a case in order"):
            history(frame)
        return
    want = history(HISTORY)

    found = history(frame)

    assert (found.counts, found.frequent, found.fitness) == (
        want.counts,
        want.frequent,
        want.fitness,
    )
    assert (found.rows, found.cases_total, found.conforming) == (20, 6, want.conforming)
    assert found.unknown_labels == {"": 1, "？": 1}
    assert sum(count > 0 for count in found.counts.values()) >= 6
    for name in ("deviations", "cases", "edges"):
        made, wanted = getattr(found, name), getattr(want, name)
        assert type(made) is type(frame)
        assert sorted(map(str, rows_of(made))) == sorted(map(str, rows_of(wanted))), name
    assert found.variants(top=2) == want.variants(top=2)
    process = Playbook.from_toml(PROCESS)
    figures = metrics(sample.deals(), process, as_of=AS_OF, history=found, **MEANING)
    assert figures == metrics(sample.deals(), process, as_of=AS_OF, history=want, **MEANING)
    assert figures.stages["qualify"].conversion.source == "history"


def test_chances_and_slippage_are_those_of_every_other_engine(
    every: Engine, request: pytest.FixtureRequest
) -> None:
    make = every
    if "duckdb" in request.node.callspec.id:  # two relations are joined on one connection
        connection = duckdb.connect()
        make = lambda frame: connection.from_arrow(frame.to_arrow())  # noqa: E731
    process = Playbook.from_toml(PROCESS)
    frame = sample.deals(480)

    def slippage(frame: Any) -> Slippage:
        meaning = {name: it for name, it in MEANING.items() if name not in {"rates", "currency"}}
        return close_slippage(frame, process, as_of=AS_OF, **meaning)

    late = slippage(make(frame))
    assert late == slippage(frame)
    assert late.won.median.value is not None
    if "dask" in request.node.callspec.id:
        return  # it has no order, and says so above
    deals = pl.DataFrame(
        {"de.al": ["a", "b", "c", "d"], "re.gion": ["north", "north", " ", "south"]}
    )

    def chances(log: pl.DataFrame, made: Callable[[pl.DataFrame], Any]) -> WinChances:
        return win_chances(
            made(log),
            process,
            as_of=date(2026, 1, 31),
            by="re.gion",
            deals=made(deals),
            case="de.al",
            stage="`stage`",
            at="时间",
            ignore=["？", ""],
        )

    found = chances(HISTORY.sample(fraction=1, shuffle=True, seed=1), make)
    assert found == chances(HISTORY, lambda frame: frame)
    like = make(deals)
    assert values_of(found.to_frame(like)) == values_of(found.to_frame(deals))
    assert (found.deals, found.unplaced) == (5, 1)
    assert sum(place.entered for place in found.places.values()) > 10


def test_past_forecasts_are_those_of_every_other_engine(
    every: Engine, request: pytest.FixtureRequest
) -> None:
    make = every
    if "duckdb" in request.node.callspec.id:
        connection = duckdb.connect()
        make = lambda frame: connection.from_arrow(frame.to_arrow())  # noqa: E731
    courses = (("qualify", 0), ("propose", 9), ("won", 30)), (("qualify", 0), ("lost", 12))
    log = pl.DataFrame(
        [
            (f"D-{n}", label, date(2025, 1, 1) + timedelta(days=5 * n + days))
            for n in range(80)
            for label, days in courses[n % 3 % 2]
        ],
        schema=["de.al", "`stage`", "时间"],
        orient="row",
    )
    deals = pl.DataFrame(
        {
            "de.al": [f"D-{n}" for n in range(80)],
            "wor.th": [None if n == 40 else 100.25 + n for n in range(80)],
            "call": [("commit", "pipeline", None)[n % 3] for n in range(80)],
        }
    )

    def looked_back(made: Callable[[pl.DataFrame], Any], log: pl.DataFrame) -> ForecastBacktest:
        return forecast_backtest(
            made(log),
            Playbook.from_toml(PROCESS),
            days=[date(2025, 10, 1), date(2025, 12, 20)],
            deals=made(deals.sample(fraction=1, shuffle=True, seed=1)),
            as_of=date(2026, 2, 28),
            periods="month",
            case="de.al",
            stage="`stage`",
            at="时间",
            columns={"amount": "wor.th", "forecast.owner_call": "call"},
        )

    if "dask" in request.node.callspec.id:
        with pytest.raises(FrameError, match="Dask cannot put the events of a case in order"):
            looked_back(make, log)
        return
    found = looked_back(make, log.sample(fraction=1, shuffle=True, seed=1))
    assert found == looked_back(lambda frame: frame, log)
    assert found.days[0].learned is not None
    assert found.methods["owner_call"].bias.rows == 2
    # More deals than are told apart, the squares of whose amounts are beyond 64 bits.
    more = [(f"E-{n}", "qualify", date(2025, 9, 1)) for n in range(230)]
    log = pl.concat([log, pl.DataFrame(more, schema=log.schema, orient="row")])
    large = {"de.al": [it[0] for it in more], "wor.th": [2.0**48 + n * 2.0**40 for n in range(230)]}
    deals = pl.concat([deals, pl.DataFrame(large)], how="diagonal")
    found = looked_back(make, log)
    assert found == looked_back(lambda frame: frame, log)
    assert found.days[0].learned is not None


def test_forecasts_are_those_of_every_other_engine(every: Engine) -> None:
    day, days = date(2026, 8, 1), [date(2026, month, 9) for month in range(5, 13)]
    rows = [
        {
            "id": f"D-{n:03}",
            "stage": ("qualify", "offer", "sign", "won")[n % 4],
            "amount": None if n % 9 == 8 else 100.0 / 3 * n,
            "probability": (None, 0.3, 0.5)[n % 3],
            "owner": ("li", "wang", None)[n % 3],
            "closed_on": days[n % 3],
            "expected_close_on": None if n % 11 == 10 else days[n % 8],
            "forecast.owner_call": (None, "Best Case")[n % 2],
            "forecast.manager_call": (None, None, "commit")[n % 3],
        }
        for n in range(40)
    ]
    past = pl.DataFrame({"closed_on": [day + timedelta(days=9 * n) for n in range(20)]})
    past = past.with_row_index("id").with_columns(stage=pl.lit("won"), expected_close_on=day)
    late = close_slippage(past, FORECAST, key="id", as_of=date(2027, 8, 1))

    def made(frame: Any, **more: Any) -> Forecast[Any]:
        return forecast(frame, FORECAST, key="id", as_of=day, by="owner", call="manager", **more)

    def frames(amount: float) -> tuple[Any, pl.DataFrame]:
        deals = forecast_frame([*rows, {**rows[2], "id": "D-x", "amount": amount}])
        return every(deals.sample(fraction=1, shuffle=True, seed=1)), deals

    mixed, deals = frames(float("inf"))
    assert made(mixed) == made(deals)
    mixed, deals = frames(2.0**48)
    found = made(mixed, slippage=late)
    assert found == made(deals, slippage=late)
    assert values_of(found.to_frame(mixed)) == values_of(found.to_frame(deals))
    odds = [sorted(map(str, values_of(it.at_odds()))) for it in (found, made(deals))]
    assert odds[0] == odds[1] != []


def test_a_log_of_changes_is_read_and_stood_somewhere_on_every_day(
    every: Engine, request: pytest.FixtureRequest
) -> None:
    make = every
    if "duckdb" in request.node.callspec.id:  # two relations are joined on one connection
        connection = duckdb.connect()
        make = lambda frame: connection.from_arrow(frame.to_arrow())  # noqa: E731
    audit = pl.DataFrame(
        {
            "OpportunityId": ["a", "a", "c"],
            "Field": "StageName",
            "OldValue": ["qualify", "draft", "qualify"],
            "NewValue": ["draft", "offer", "lost"],
            "CreatedDate": ["2026-01-05T09:00:00Z", "2026-02-05T09:00:00Z", "2026-01-09T09:00:00Z"],
        }
    )
    deals = pl.DataFrame(
        {"Id": ["a", "b"], "StageName": ["offer", "qualify"], "CreatedDate": "2026-01-02"}
    )

    log = salesforce.history(make(audit), created=make(deals))

    assert type(log) is type(make(audit))
    assert sorted((row["id"], row["stage"], str(row["at"])[:10]) for row in rows_of(log)) == [
        ("a", "draft", "2026-01-05"),
        ("a", "offer", "2026-02-05"),
        ("a", "qualify", "2026-01-02"),
        ("b", "qualify", "2026-01-02"),
        ("c", "lost", "2026-01-09"),
    ]
    if "dask" in request.node.callspec.id:
        return  # it has no order, and says so above
    names: dict[str, Any] = {"case": "id", "stage": "stage", "at": "at", "previous": "previous"}
    report = check_history(log, playbook(), **names, as_of=date(2026, 1, 31))
    assert (report.rows, report.later, report.unseen, report.moves) == (4, 1, 1, 2)
    days = [date(2026, 1, 31), date(2026, 1, 3), date(2026, 2, 28)]
    worth = make(deals.select(id="Id", amount=pl.Series([1.0, 2.0])))
    stood = rows_of(snapshots(log, playbook(), days=days, deals=worth, **names))
    assert sorted((str(row["day"])[:10], row["id"], row["stage"]) for row in stood) == [
        ("2026-01-03", "a", "qualify"),
        ("2026-01-03", "b", "qualify"),
        ("2026-01-31", "a", "draft"),
        ("2026-01-31", "b", "qualify"),
        ("2026-01-31", "c", "lost"),
        ("2026-02-28", "a", "offer"),
        ("2026-02-28", "b", "qualify"),
        ("2026-02-28", "c", "lost"),
    ]
    assert {row["amount"] for row in stood if row["id"] == "b"} == {2.0}


ENDED = pl.DataFrame(
    {
        "out.come": ["won", "lost", "Won", "lost", "open", None, " ", "won"],
        "deal.budget": ["+", "-", "?", None, "+", "-", "+", "-"],
        "deal.rivals": ["-", "-", "+", "?", None, "-", "+", "-"],
        "amount": [100.0, None, 99.0, float("nan"), 4.0, 100.0, 1.0, 500.0],
        "seg.ment`": ["old", "new", None, "", "new", "new", "x", "new"],
        "deal.growing": [True, None, False, True, None, False, True, False],
    }
)


RESTING = stays_process(pause=True)
RESTS = pl.DataFrame(
    [
        (case, label, date(2026, 3, day))
        for case, course in {
            "D-1": "1 ask, 3 offer, 5 On Hold, 12 offer, 14 sign, 16 held, 19 resumed, 21 order",
            "D-2": "1 ask, 2 offer, 9 sign, 20 order, 22 won",
            "D-3": "1 ask, 2 On Hold, 20 lost, 21 offer",
            "D-4": "1 ask, 4 offer, 6 held",
        }.items()
        for day, label in ((int(it.split()[0]), it.partition(" ")[2]) for it in course.split(", "))
    ],
    schema=["deal", "phase", "at"],
    orient="row",
)


def test_days_on_hold_and_parts_of_a_stage_count_alike_on_every_engine(
    every: Engine, request: pytest.FixtureRequest
) -> None:
    rows = pl.DataFrame(
        {
            "id": ["D-1", "D-2", "D-3", "D-4", "D-5"],
            "stage": ["ask", "sign", "close", "won", "sign"],
            "entered_stage_on": [date(2026, 3, day) for day in (1, 2, 3, 4, 5)],
            "entered_sub_stage_on": [None, *(date(2026, 3, day) for day in (9, 3, 4, 5))],
            "days_on_hold_in_stage": [20.0, None, 15.0, 0.0, 16.0],
            "days_on_hold_in_sub_stage": [None, None, 3.0, 0.0, 16.0],
            "days_on_hold": [20.0, -3.0, 15.0, 2.0, None],
            "created_on": [date(2026, 3, 1)] * 5,
            "closed_on": [None, None, None, date(2026, 3, 20), None],
        }
    )
    options: dict[str, Any] = {"key": "id", "as_of": date(2026, 3, 26)}
    want = check_pipeline(rows, RESTING, **options)
    found = check_pipeline(every(rows), RESTING, **options)
    ages = ("stage_age", "sub_stage_age", "deal_age", "allowed.days_on_hold")
    assert found.counts == want.counts
    assert [want.counts[f"hygiene.{name}"] for name in ages] == [
        Counts(yes=2, no=1, unknown=1),
        Counts(yes=1, no=0, unknown=1),
        Counts(yes=2, no=0, unknown=2),
        Counts(yes=4, no=1, unknown=0),
    ]
    assert metrics(every(rows), RESTING, **options) == metrics(rows, RESTING, **options)
    if "dask" in request.node.callspec.id:
        return  # it cannot put events in order

    def told(frame: Any) -> tuple[object, ...]:
        report = check_history(
            frame,
            RESTING,
            case="deal",
            stage="phase",
            at="at",
            stages={"On Hold": "held"},
            as_of=date(2026, 3, 26),
        )
        late = [row for row in rows_of(report.deviations) if row["kind"] == "too_long"]
        stays = {(row["deal"], row["from"], row["to"], row["days"]) for row in late}
        figures = metrics(rows, RESTING, history=report, **options)
        return report.counts, report.frequent, stays, figures, report.variants(), spent(frame)

    def spent(frame: Any) -> list[str]:
        made = pipeline.stays(
            frame,
            RESTING,
            case="deal",
            stage="phase",
            at="at",
            stages={"On Hold": "held"},
            as_of=date(2026, 3, 26),
        )
        assert type(made) is type(frame)
        times = ("first_entry", "latest_entry")
        rows = [{**row, **{name: str(row[name])[:10] for name in times}} for row in rows_of(made)]
        return sorted(map(str, rows))

    assert told(every(RESTS)) == told(RESTS)
    assert told(RESTS)[2] == {
        ("D-1", "order", None, 5.0),
        ("D-2", "close", "order", 18.0),
        ("D-2", "sign", "order", 11.0),
    }


def test_backtests_are_those_of_every_other_engine(every: Engine) -> None:
    process = Playbook.from_toml(ANSWERS)

    def tested(frame: Any) -> list[object]:
        found = backtest(
            frame, process, card="fit", outcome="out.come", columns={"segment": "seg.ment`"}
        )
        tables = [found.by_band, found.by_unknown, found.calibration, found.questions]
        return [*tables, found.auc, found.rows, found.deals, found.won, found.left_out]

    assert tested(every(ENDED)) == tested(ENDED)
    assert tested(ENDED)[-4:] == [8, 5, 3, 3]


def test_a_process_that_is_no_line_conforms(every: Engine, request: pytest.FixtureRequest) -> None:
    if "dask" in request.node.callspec.id:
        return  # it has no order, and says so above
    # Any order at the end, a loop between the two, and one that is no way of the process.
    ways = {
        "a": ("qualify", "legal", "security", "won"),
        "b": ("qualify", "security", "legal", "won"),
        "c": ("qualify", "security", "legal", "security", "lost"),
        "d": ("security", "qualify"),
    }
    rows = [
        (case, stage, date(2026, 1, day))
        for case, way in ways.items()
        for day, stage in enumerate(way, start=1)
    ]
    names = ["case:concept:name", "concept:name", "time:timestamp"]
    frame = every(pl.DataFrame(rows, schema=names, orient="row"))

    report: HistoryReport[Any] = check_history(frame, playbook(ANY_ORDER))

    assert (report.cases_total, report.conforming, report.moves) == (4, 3, 11)
    assert [(each.kind, each.source, each.target) for each in report.frequent] == [
        ("without_predecessor", None, "security"),
        ("moved_back", "security", "qualify"),
    ]


EXPORT = pl.DataFrame(
    {
        "Id": ["006A", "006B", "006C"],
        "StageName": ["Proposal", "Closed Won", "Closed Lost"],
        "Amount": [100.0, 200.0, None],
        "Probability": [65.0, 100.0, 0.0],
        "Close.Date": ["30.9.2026", "01.06.2026", None],
        "CreatedDate": ["2026-01-01T10:00:00.000Z"] * 3,
        "IsClosed": ["false", "True", "TRUE"],
        "IsWon": ["0", "1", " "],
        "owner": ["a", None, " "],
        'Region."区`': ["North", "South", None],
    }
)
EVENTS = pl.DataFrame(
    {
        "Deal ID": ["1", "1", "2", "2"],
        "Property.Name": ["dealstage", "amount", "dealstage", "Deal Stage"],
        "Value": ["x", "5", "y", "z"],
        "Date Entered": ["2026-01-02 9:05", "2026-01-02", "2026-01-02", "2026-03-04T10:11:12Z"],
    }
)


def test_exports_are_read_as_by_every_other_engine(every: Engine) -> None:
    deals, events = every(EXPORT), every(EVENTS)
    days = every(pl.DataFrame({"a.`b": ["1-3-2017", "31-12-2017", None, " "]}))

    for turned, want in (
        (salesforce.opportunities(deals), salesforce.opportunities(EXPORT)),
        (hubspot.history(events), hubspot.history(EVENTS)),
        (read_days(days, "a.`b"), pl.DataFrame({"a.`b": [date(2017, 3, 1), date(2017, 12, 31)]})),
    ):
        assert type(turned) is type(deals)
        rows = [row for row in rows_of(turned) if set(row.values()) != {None}]
        assert sorted(map(str, rows)) == sorted(map(str, rows_of(want)))
    assert_frame_equal(EXPORT, EXPORT.clone())


def test_numbers_and_days_of_every_sort_are_read_everywhere(every: Engine) -> None:
    """What the laws ask of the other engines is asked once of Spark."""
    written = pl.DataFrame(
        {
            "n": [0, 1, 2, 3, 4, 5],
            "a.`b": ["($1,234.50)", "Rs. 5", "1.2E+06", "１２万", " ", "NA"],
            "share": ["65%", "7.5 %", "-3%", None, "(1%)", "NA"],
            "comma": ["1.234,5", "1\u202f234", ",5", "7-", "3,5 Mio. €", "NA"],
            "day.s": ["26-Jan-15", "1 Feb 16", "NA", None, "31DEC68", "01.jan.69"],
            "serial": [42370.75, 61.0, 1.0, None, 2_958_465.0, 59.0],
            "eight": [20150126, 20160229, None, 20001231, 19991231, 20260101],
            "han": [
                "2026年1月5日",
                "2026年12月31日 下午2:30",
                None,
                "NA",
                " ",
                "1999 年 9 月 9 号",
            ],
        }
    )
    columns, days = ["a.`b", "share", "comma"], ["day.s", "serial", "eight", "han"]

    def read(frame: Any) -> list[dict[str, Any]]:
        numbers = read_numbers(
            frame, columns, missing=["NA"], currency_column={"a.`b": "c.`d", "comma": "e"}
        )
        turned = read_days(numbers, days, format={"serial": "excel"}, missing=["NA"])
        assert type(turned) is type(frame)
        return [
            {
                name: str(value)[:10] if name in days else value
                for name, value in row.items()
                if value is not None
            }
            for row in sorted(rows_of(turned), key=lambda row: row["n"])
        ]

    found = read(every(written))
    assert found == read(written)
    assert [row.get("a.`b") for row in found] == [-1234.5, 5, 1_200_000, 120_000, None, None]
    assert [row.get("c.`d") for row in found] == ["$", "Rs", None, None, None, None]
    assert [row.get("day.s") for row in found][-2:] == ["2068-12-31", "1969-01-01"]


def test_dates_that_could_be_two_things_are_refused_everywhere(every: Engine) -> None:
    frame = every(pl.DataFrame({"a.`b": ["01/03/2017", "02/03/2017"]}))

    with pytest.raises(FrameError, match=re.escape("a.`b: these are days in two ways")):
        read_days(frame, "a.`b")
