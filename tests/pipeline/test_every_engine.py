"""Every engine gives the same answers, in frames of its own kind, from few queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from salesflow import Playbook, Rule
from salesflow.errors import FrameError
from salesflow.pipeline import (
    Counts,
    HistoryReport,
    PipelineReport,
    backtest,
    check_history,
    check_pipeline,
    metrics,
    snapshots,
)
from salesflow.pipeline.exports import hubspot, read_days, salesforce
from tests.frame_engines import EVERY
from tests.pipeline import deals_sample as sample
from tests.pipeline.conftest import PROCESS
from tests.pipeline.deals_sample import AS_OF, MEANING, rows_of
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
    return report, frozenset(report.findings.rows())


# ---------------------------------------------------------------------------------- check_pipeline


def test_the_sample_has_all_that_engines_could_differ_in() -> None:
    report, findings = reference()
    counts = report.counts

    assert len(counts) == 41
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
    assert type(found.findings) is type(frame)  # a lazy one stays lazy
    rows = rows_of(found.findings)
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
    wrong = {row["id"] for row in rows_of(report.findings) if row["check"] == "size.questions"}
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
def test_spark_is_asked_three_questions_and_none_for_findings_that_nobody_reads(
    engine: str,
) -> None:
    # Blank labels, unknown marks and currencies without a rate are no reason to ask again.
    frame = EVERY[engine](sample.deals(12))
    before = queries()

    report = checked(frame)
    after_the_check = queries()
    findings = report.findings

    assert after_the_check == before + 3  # the counts, distinct keys, the longest cycle
    assert queries() == after_the_check
    assert not findings.isEmpty()


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_a_lazy_frame_of_polars_is_collected_once(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[tuple[int, int]] = []
    collect = pl.LazyFrame.collect

    def watched(frame: pl.LazyFrame, *args: Any, **more: Any) -> Any:
        found = collect(frame, *args, **more)
        collected.append(found.shape)
        return found

    monkeypatch.setattr(pl.LazyFrame, "collect", watched)

    report = checked(sample.deals(rows).lazy())
    assert [height for height, _ in collected] == [1]  # one row of counts
    assert isinstance(report.findings, pl.LazyFrame)
    assert len(collected) == 1


# --------------------------------------------------------------------------------- other functions


def test_figures_are_those_of_every_other_engine(every: Engine) -> None:
    process = Playbook.from_toml(PROCESS)
    moment = datetime(2026, 1, 30, 16, tzinfo=UTC)  # the 31st in Shanghai

    found = metrics(every(sample.deals()), process, as_of=moment, **MEANING)

    assert found == metrics(sample.deals(), process, as_of=AS_OF, **MEANING)
    assert found.weighted_pipeline.rows == 38
    # 43 of the 120 were created, entered or closed after the day.
    assert (found.deals.value, found.later.value) == (77, 43)
    assert found.cycle_median.source == "snapshot"


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
    process = Playbook.from_toml(PROCESS)
    figures = metrics(sample.deals(), process, as_of=AS_OF, history=found, **MEANING)
    assert figures == metrics(sample.deals(), process, as_of=AS_OF, history=want, **MEANING)
    assert figures.stages["qualify"].conversion.source == "history"


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
        return report.counts, report.frequent, stays, figures

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


def test_dates_that_could_be_two_things_are_refused_everywhere(every: Engine) -> None:
    frame = every(pl.DataFrame({"a.`b": ["01/03/2017", "02/03/2017"]}))

    with pytest.raises(FrameError, match=re.escape("a.`b: these are days in two ways")):
        read_days(frame, "a.`b")
