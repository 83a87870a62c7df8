"""Laws: a frame may have any of the known columns, and those that nobody reads change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow import Playbook, Rule, plots
from salesflow.errors import SalesflowError
from salesflow.pipeline import Source
from tests.frame_engines import EVERY
from tests.pipeline.conftest import AS_OF, PROCESS
from tests.pipeline.deals_sample import rows_of

Rows = Sequence[Mapping[str, Any]]
Answer = Callable[[Any], object]

BOOK: Final = Playbook.from_toml(PROCESS)
OWN: Final = {
    text: Rule.parse(text, BOOK.facts)
    for text in (
        "known(owner) or known(next_step) or contacts.total >= 1",
        "done.plan and not waived.sponsor_met or probability > 0.4",
        "at_least(2, bant.need, known(amount), discount < 0.3, closed_on > created_on)",
    )
}

DAYS: Final = [None, *(AS_OF + timedelta(days=n) for n in (-400, -60, -31, -1, 0, 1, 40))]
FLAG: Final = (pl.Boolean, [True, False, None])
DATE: Final = (pl.Date, DAYS)
KNOWN: Final[Mapping[str, tuple[Any, list[Any]]]] = {
    "amount": (pl.Float64, [None, 49_999.99, 50_000.0, 100_000.01]),
    "amount.currency": (pl.String, ["USD", None]),
    "owner": (pl.String, ["li.wei", " ", None]),
    "next_step": (pl.String, ["call", None]),
    "probability": (pl.Float64, [None, 0.0, 0.1, 0.5, 1.0]),
    "outcome": (pl.String, ["won", "lost", "disqualified", "none", None]),
    "sub_stage": (pl.String, ["draft", "offer", None]),
    "ended": FLAG,
    **{f"reached.{it}": FLAG for it in ("qualify", "draft", "sign")},
    **dict.fromkeys(("created_on", "entered_stage_on", "closed_on"), DATE),
    **dict.fromkeys(("entered_sub_stage_on", "expected_close_on", "next_step_on"), DATE),
    "last_activity_on": DATE,
    "close_date_pushes": (pl.Int64, [None, 0, 3]),
    "contacts.total": (pl.Int64, [None, 0, 1, 2]),
    "discount": (pl.Float64, [None, 0.1, 0.5]),
    "contract": (pl.String, ["C-12", None]),
    "bant.budget": (pl.String, ["+", "-", "?", None]),
    "bant.need": (pl.String, ["YES", "否", "?", None]),
    **{f"done.{it}": FLAG for it in ("sponsor_met", "offer_accepted", "plan", "questions")},
    "waived.sponsor_met": FLAG,
    "remarks": (pl.String, ["=1+1", None]),
}
"""The columns that are drawn, with their types and what may stand there."""

STANDS: Final = {"id", "stage", "outcome", "sub_stage", "ended"}
DATED: Final = {"created_on", "entered_stage_on", "closed_on"}
MONEY: Final = {"amount", "amount.currency"}
ANSWERS: Final = {"bant.budget", "bant.need"}

place = st.sampled_from(["qualify", "propose", "draft", "sign", "deliver", "won", "Closed Lost"])
row = st.fixed_dictionaries(
    {"stage": place, **{name: st.sampled_from(values) for name, (_, values) in KNOWN.items()}}
)
some = st.sets(st.sampled_from(sorted(KNOWN)))


def frame_of(rows: Rows, names: set[str]) -> pl.DataFrame:
    columns = {"id": pl.Series([f"D-{n}" for n in range(len(rows))], dtype=pl.String)}
    columns["stage"] = pl.Series([row["stage"] for row in rows], dtype=pl.String)
    for name, (dtype, _) in KNOWN.items():
        if name in names:
            columns[name] = pl.Series([row[name] for row in rows], dtype=dtype)
    return pl.DataFrame(columns)


def told(frame: Any) -> list[str]:
    """The rows of a frame, in no order."""
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows_of(frame))


def checked(frame: Any) -> sf.pipeline.PipelineReport[Any]:
    return sf.check_pipeline(frame, BOOK, key="id", as_of=AS_OF, checks=OWN)


def all_of_a_report(frame: Any) -> None:
    """Everything that a report can be asked holds together."""
    report = checked(frame)
    found = rows_of(report.findings())
    assert len(found) == sum(count.findings for count in report.counts.values())
    seen = rows_of(report.findings(values=True))
    assert {(it["id"], it["check"]) for it in seen} == {(it["id"], it["check"]) for it in found}
    wide = rows_of(report.wide)
    groups = rows_of(report.by("stage"))
    for check, count in report.counts.items():
        words = [row[check] for row in wide]
        sums = [sum(it[end] for it in groups if it["check"] == check) for end in VERDICTS]
        assert (
            [words.count(end) for end in VERDICTS] == sums == [count.yes, count.no, count.unknown]
        )
        # What is not decided for want of a column is told, and is no finding.
        assert bool(count.unchecked) <= (check in report.partly_checked)
        assert report.message(check)
        assert count.rows == count.unchecked + sum(sums)
    for check in [*report.counts][:3]:
        assert len(rows_of(report.sample(check, 2))) == min(2, report.counts[check].findings)
    assert report.summary("zh")
    assert report.to_html()
    assert report.to_junit()
    assert not report.not_checked.keys() & report.counts.keys()
    assert report.partly_checked.keys() <= report.counts.keys()


VERDICTS: Final = ("yes", "no", "unknown")


def log_of(frame: Any) -> object:
    report = sf.pipeline.check_history(
        frame, BOOK, case="id", stage="stage", at="since", as_of=AS_OF
    )
    return report.counts, report.moves, report.cases_total, told(report.cases)


def scored(frame: Any) -> object:
    found = sf.pipeline.score_frame(frame, BOOK, "fit", key="id", as_of=AS_OF, items=True)
    return told(found.frame), found.rows, found.later, found.unreadable, found.lacking


def sized(frame: Any) -> object:
    found = sf.pipeline.required_instruments(frame, BOOK, key="id", as_of=AS_OF)
    return told(found.frame), found.rows, found.later, found.unreadable, found.lacking


def compared(frame: Any) -> object:
    found = sf.pipeline.compare(frame, frame, BOOK, key="id", as_of=AS_OF)
    return found.counts, found.moves, found.movement, told(found.changes)


FUNCTIONS: Final[Mapping[str, tuple[Answer, set[str]]]] = {
    "metrics": (
        lambda frame: sf.pipeline.metrics(frame, BOOK, key="id", as_of=AS_OF),
        {*STANDS, *DATED, *MONEY, "probability", "expected_close_on"},
    ),
    "score_frame": (scored, {"id", *DATED, *STANDS, *MONEY, *ANSWERS}),
    "required_instruments": (sized, {"id", *DATED, *STANDS, *MONEY}),
    "compare": (compared, {*STANDS, *DATED, *MONEY, "expected_close_on"}),
    "backtest": (
        lambda frame: sf.pipeline.backtest(frame, BOOK, card="fit", as_of=AS_OF).to_dict(),
        {"id", "outcome", "closed_on", *MONEY, *ANSWERS},
    ),
    # What is called like its fact is not looked for elsewhere, whatever else is there.
    "suggest": (
        lambda frame: sf.pipeline.suggest(frame, BOOK).mapping.columns,
        {"id", "stage"},
    ),
    "ageing": (
        lambda frame: plots.ageing(Source(frame, key="id"), BOOK, as_of=AS_OF).to_dict(),
        {"id", *STANDS, *DATED, "entered_sub_stage_on"},
    ),
}
"""By function what it answers, and the columns that it may read."""

ENGINES: Final = ("polars", "polars lazy", "pandas")
SOME: Final = settings(max_examples=max(5, settings().max_examples // 4))
FEW: Final = settings(max_examples=max(2, settings().max_examples // 25))


def answer(function: Answer, frame: Any) -> object:
    """What a function says; that of a refusal is that it is one, which lists its problems."""
    try:
        return function(frame)
    except SalesflowError as error:
        return "refused" if error.problems else error


@SOME
@given(engine=st.sampled_from(ENGINES), data=st.lists(row, max_size=4), names=some)
def test_every_frame_is_checked_whichever_columns_it_has(
    engine: str, data: Rows, names: set[str]
) -> None:
    all_of_a_report(EVERY[engine](frame_of(data, names)))


@pytest.mark.parametrize("name", FUNCTIONS)
@SOME
@given(engine=st.sampled_from(ENGINES), data=st.lists(row, max_size=4), names=some)
def test_what_nobody_reads_changes_nothing(
    name: str, engine: str, data: Rows, names: set[str]
) -> None:
    function, reads = FUNCTIONS[name]
    make = EVERY[engine]

    assert answer(function, make(frame_of(data, names))) == answer(
        function, make(frame_of(data, names & reads))
    )


@SOME
@given(engine=st.sampled_from(ENGINES), data=st.lists(row, min_size=1, max_size=4), names=some)
def test_nor_do_further_columns_of_a_log_or_what_is_joined_to_its_snapshots(
    engine: str, data: Rows, names: set[str]
) -> None:
    since = pl.Series([AS_OF - timedelta(days=n) for n in range(len(data))], dtype=pl.Date)
    more = frame_of(data, names)
    make = EVERY[engine]
    log = make(more.select("id", "stage").with_columns(since=since))

    assert log_of(make(more.with_columns(since=since))) == log_of(log)
    joined = sf.pipeline.snapshots(
        log, BOOK, days=AS_OF, case="id", stage="stage", at="since", deals=make(more.drop("stage"))
    )
    all_of_a_report(joined)


OPTIONAL: Final = {*STANDS, *DATED, *MONEY, *ANSWERS, "done.questions"}
"""Columns without which checks may say something else, and not that they lack a column."""


@SOME
@given(engine=st.sampled_from(ENGINES), data=st.lists(row, max_size=4), names=some, leave=st.data())
def test_a_column_that_is_left_out_changes_only_checks_that_say_that_they_lack_it(
    engine: str, data: Rows, names: set[str], leave: st.DataObject
) -> None:
    plain_names = {it for it in names - OPTIONAL if not it.startswith(("waived.", "reached."))}
    out = leave.draw(st.sampled_from(sorted(plain_names or {"remarks"})))
    make = EVERY[engine]

    whole, less = (checked(make(frame_of(data, it))) for it in (names, names - {out}))

    lacking = {**less.not_checked, **less.partly_checked}
    for check, count in whole.counts.items():
        if out in lacking.get(check, ()) or check.endswith(f".{out}"):
            continue
        assert less.counts[check] == count, check
        words = [
            sorted(str(it) for it in told(report.findings()) if f'"{check}"' in it)
            for report in (whole, less)
        ]
        assert words[0] == words[1], check


@pytest.mark.parametrize("engine", ["duckdb"])
@FEW
@given(data=st.lists(row, min_size=1, max_size=20), names=some)
def test_databases_answer_what_polars_answers(engine: str, data: Rows, names: set[str]) -> None:
    frame = frame_of(data, names)
    native = EVERY[engine](frame)

    all_of_a_report(native)
    for function, _ in FUNCTIONS.values():
        if function is not compared:  # two relations are joined on one connection
            assert answer(function, native) == answer(function, frame)
