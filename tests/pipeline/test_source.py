"""A frame with what is said of it: the same answers as with arguments, from every function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError
from salesflow.pipeline import FrameMapping, Source
from salesflow.plots import ageing
from tests.pipeline.conftest import PROCESS

DAY = date(2026, 2, 1)
BOOK = sf.Playbook.from_toml(PROCESS)

DEALS = pl.DataFrame(
    {
        "Id": ["D-1", "D-2", "D-3", "D-4"],
        "Phase": ["Talk", "Signed", "Gone", "Talk"],
        "Value": [40.0, 90.0, 10.0, None],
        "Since": [date(2026, 1, 10), date(2026, 1, 20), date(2026, 1, 5), None],
        "Begun": [date(2026, 1, 1)] * 4,
        "Ended": [None, date(2026, 1, 20), date(2026, 1, 5), None],
        "Budget": [1, 1, 0, 0],
        "How": ["", "Won", "Lost", ""],
        "Owner": ["An", "N/A", "Li", None],
    }
)
LOG = pl.DataFrame(
    {
        "Deal": ["D-1", "D-2", "D-2", "D-3"],
        "To": ["Talk", "Talk", "Signed", "Gone"],
        "On": [datetime(2026, 1, day) for day in (2, 3, 20, 5)],
        "No": [1, 1, 2, 1],
    }
)
STAGES = {"Talk": "qualify", "Signed": "won", "Gone": "lost"}
SAID: Mapping[str, Any] = {
    "key": "Id",
    "stage": "Phase",
    "columns": {
        "amount": "Value",
        "entered_stage_on": "Since",
        "created_on": "Begun",
        "closed_on": "Ended",
        "bant.budget": "Budget",
        "owner": "Owner",
    },
    "stages": STAGES,
    "values": {"bant.budget": {1: True, 0: False}, "owner": {"N/A": None}},
    "currency": "USD",
    "scale": {"amount": 1_000},
    "tz": "Asia/Shanghai",
}
OF_LOG: Mapping[str, Any] = {
    "case": "Deal",
    "stage": "To",
    "at": "On",
    "order": "No",
    "stages": STAGES,
    "tz": "Asia/Shanghai",
}
LOG_SOURCE = FrameMapping(
    key="Deal", stage="To", columns={"at": "On", "order": "No"}, stages=STAGES, tz="Asia/Shanghai"
)
DEAL_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "check": lambda frame, **said: _told(sf.check_pipeline(frame, BOOK, as_of=DAY, **said)),
    "metrics": lambda frame, **said: sf.pipeline.metrics(frame, BOOK, as_of=DAY, **said),
    "score": lambda frame, **said: _scored(
        sf.pipeline.score_frame(frame, BOOK, "fit", as_of=DAY, **said)
    ),
    "required": lambda frame, **said: _scored(
        sf.pipeline.required_instruments(frame, BOOK, as_of=DAY, **said)
    ),
}


def _told(report: Any) -> object:
    return report.counts, report.not_checked, report.findings().sort(pl.all()).to_dicts()


def _scored(found: Any) -> object:
    frame = found.frame
    return found.rows, found.unreadable, found.lacking, frame.sort(frame.columns[0]).to_dicts()


def parted(said: Mapping[str, Any], names: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    inside = {name: value for name, value in said.items() if name in names}
    return inside, {name: value for name, value in said.items() if name not in names}


@pytest.mark.law
@pytest.mark.parametrize("function", DEAL_FUNCTIONS)
@given(names=st.sets(st.sampled_from(sorted(SAID))))
def test_a_source_gives_what_the_arguments_give(function: str, names: set[str]) -> None:
    ask = DEAL_FUNCTIONS[function]
    inside, outside = parted(SAID, names)

    assert ask(Source(DEALS, FrameMapping(**inside)), **outside) == ask(DEALS, **SAID)
    assert ask(Source(DEALS, **inside), **outside) == ask(DEALS, **SAID)


@pytest.mark.law
@given(names=st.sets(st.sampled_from(sorted(SAID))))
def test_a_backtest_reads_of_a_source_what_it_needs(names: set[str]) -> None:
    mine = {name: SAID[name] for name in ("columns", "values", "currency", "scale", "tz")}
    wanted = sf.pipeline.backtest(DEALS, BOOK, card="fit", outcome="How", as_of=DAY, **mine)
    inside, outside = parted(SAID, names)
    outside = {name: value for name, value in outside.items() if name in mine}
    of_outcome = FrameMapping(columns={"outcome": "How", "ended": "How"})
    source = Source(DEALS, FrameMapping(**inside) | of_outcome)

    assert sf.pipeline.backtest(source, BOOK, card="fit", as_of=DAY, **outside) == wanted


@pytest.mark.parametrize("card", [BOOK.scorecards["fit"], BOOK.checklists["bant"]])
def test_a_backtest_of_a_card_alone_reads_its_answers(card: Any) -> None:
    source = Source(DEALS, FrameMapping(**{**SAID, "currency": None, "scale": {}}))
    wanted = sf.pipeline.backtest(
        DEALS,
        card,
        outcome="How",
        columns={"bant.budget": "Budget", "amount": "Value"},
        values={"bant.budget": SAID["values"]["bant.budget"]},
    )

    assert sf.pipeline.backtest(source, card, outcome="How") == wanted


@pytest.mark.law
@given(names=st.sets(st.sampled_from(sorted(OF_LOG))))
def test_a_log_with_what_is_said_of_it_is_the_same_log(names: set[str]) -> None:
    inside, outside = parted(OF_LOG, names)
    own = ("at", "order")
    columns: dict[str, str] = {name: inside.pop(name) for name in own if name in inside}
    key = {"key": inside.pop("case")} if "case" in inside else {}
    source = Source(LOG, columns=columns, **key, **inside)

    def courses(log: Any, **said: Any) -> object:
        report = sf.pipeline.check_history(log, BOOK, as_of=DAY, **said)
        return report.counts, report.cases.sort(pl.all()).to_dicts(), report.fitness

    def stood(log: Any, **said: Any) -> object:
        days = [date(2026, 1, 10), DAY]
        return sf.pipeline.snapshots(log, BOOK, days=days, **said).sort(pl.all()).to_dicts()

    assert courses(source, **outside) == courses(LOG, **OF_LOG)
    assert stood(source, **outside) == stood(LOG, **OF_LOG)


def test_figures_take_the_log_as_a_source_too() -> None:
    report = sf.pipeline.check_history(LOG, BOOK, **OF_LOG)
    wanted = sf.pipeline.metrics(DEALS, BOOK, as_of=DAY, history=report, **SAID)
    deals = Source(DEALS, FrameMapping(**SAID))
    unlabelled = Source(LOG, key="Deal", stage="To", columns={"at": "On", "order": "No"})

    for log in (Source(LOG, LOG_SOURCE), unlabelled):  # which has the labels of the deals
        assert sf.pipeline.metrics(deals, BOOK, as_of=DAY, history=log) == wanted


def test_deals_beside_a_log_are_found_by_the_key_of_their_source() -> None:
    log = Source(LOG, LOG_SOURCE)
    found = sf.pipeline.snapshots(log, BOOK, days=DAY, deals=Source(DEALS, key="Id"))
    named = DEALS.rename({"Id": "Deal"})

    wanted = sf.pipeline.snapshots(log, BOOK, days=DAY, deals=named)
    assert found.sort("Deal").to_dicts() == wanted.sort("Deal").to_dicts()


def test_a_chart_of_open_deals_is_that_of_their_rows() -> None:
    columns = {"id": "Id", "entered_stage_on": "Since", "created_on": "Begun", "stage": "Phase"}
    rows = DEALS.to_dicts()
    wanted = ageing(rows, BOOK, as_of=DAY, columns=columns, stages=STAGES).to_dict()
    mapping = FrameMapping(**SAID)

    assert ageing(Source(DEALS, mapping), BOOK, as_of=DAY).to_dict() == wanted
    assert ageing(Source(DEALS.lazy(), mapping), BOOK, as_of=DAY).to_dict() == wanted


def test_what_the_call_says_wins_entry_by_entry() -> None:
    source = Source(DEALS.with_columns(Other=pl.lit(5.0)), FrameMapping(**SAID))
    said: dict[str, Any] = {
        "columns": {"amount": "Other"},
        "stages": {"Gone": "disqualified"},
        "currency": "USD",
    }
    found = sf.pipeline.metrics(source, BOOK, as_of=DAY, scale={"amount": 1}, **said)

    assert (found.open_value.value, found.disqualified.value) == (10.0, 1)
    assert found.cycle_median.rows == 1  # the other columns are still there


def test_a_source_is_read_by_every_engine(engine: Callable[[pl.DataFrame], Any]) -> None:
    wanted = sf.check_pipeline(DEALS, BOOK, as_of=DAY, **SAID).counts
    source = Source(engine(DEALS), FrameMapping(**SAID))

    assert sf.check_pipeline(source, BOOK, as_of=DAY).counts == wanted


def test_without_a_key_all_functions_ask_for_one() -> None:
    with pytest.raises(FrameError) as caught:
        sf.check_pipeline(Source(DEALS, stage="Phase", stages=STAGES), BOOK, as_of=DAY)

    assert [problem.path for problem in caught.value.problems] == ["key"]


def test_a_mapping_of_another_frame_is_told_with_all_that_is_not_there() -> None:
    mapping = FrameMapping(
        key="Deal Id",
        stage="Phse",
        columns={"amount": "Volume", "amuont": "Value"},
        stages={"Signed": "singed"},
    )
    with pytest.raises(FrameError) as caught:
        sf.check_pipeline(Source(DEALS, mapping), BOOK, as_of=DAY)

    assert sorted({problem.path for problem in caught.value.problems}) == [
        "columns['amount']",
        "columns['amuont']",
        "key",
        "stage",
        "stages['Signed']",
    ]


def test_a_source_never_changes_and_is_not_put_into_another() -> None:
    source = Source(DEALS, key="Id")

    with pytest.raises(AttributeError, match="never changes"):
        source.frame = None  # type: ignore[assignment]
    with pytest.raises(ArgumentError, match="Source already"):
        Source(source)
    with pytest.raises(ArgumentError, match="must be a FrameMapping"):
        Source(DEALS, {"key": "Id"})  # type: ignore[arg-type]
    with pytest.raises(ArgumentError) as caught:
        Source(DEALS, columns=3, tz="Mars")  # type: ignore[arg-type]
    assert len(caught.value.problems) == 2
    assert repr(source) == "<Source: DataFrame, with key said of it>"
