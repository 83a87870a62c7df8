"""Open deals, read from deals of the engine and from rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, cast

import polars as pl
import pytest

import salesflow as sf
from salesflow.domain import HostDeal
from salesflow.errors import ArgumentError
from salesflow.plots import PlotError, ageing
from tests.plots.results import AS_OF, DEALS, long_process, playbook, values

FRAMES = (pl.DataFrame.lazy, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow)


def test_ageing_of_deals_of_the_engine() -> None:
    of = playbook()
    engine = sf.StageEngine(of)
    at = datetime(2026, 6, 1, 20, tzinfo=UTC)
    own: sf.Opportunity = sf.Opportunity(
        id="D-1", name="Own", owner="li.wei", created_on=date(2026, 5, 1)
    )
    own = engine.decide(own, sf.Start(by="li.wei"), at=at).require()
    host = HostDeal(id="D-2", owner="li.wei", facts={"created_on": "2026-05-01"})
    host = engine.decide(host, sf.Start(by="li.wei"), at=at).require()
    idle = sf.Opportunity(id="D-3", name="Not started")
    lost = engine.decide(own, sf.Lose(by="li.wei", reason="price"), at=at).opportunity
    chart = ageing([own, host, idle, lost], of, as_of=AS_OF, tz="Asia/Shanghai")

    rows = {row["deal"]: (row["days"], row["age"]) for row in values(chart)["deals"]}
    assert rows == {"D-1 Own": (28, 60), "D-2": (28, 60)}


def test_labels_and_columns_of_an_export_are_named_as_for_the_checks() -> None:
    rows: list[dict[str, object]] = [
        {"deal": 1, "phase": "Talking", "since": date(2026, 6, 1), "born": float("nan")}
    ]
    columns = {
        "id": "deal",
        "stage": "phase",
        "entered_stage_on": "since",
        "created_on": "born",
    }
    chart = ageing(rows, playbook(), as_of=AS_OF, columns=columns, stages={"Talking": "talk"})

    assert [(row["deal"], row["days"], row["age"]) for row in values(chart)["deals"]] == [
        ("1", 29, None)
    ]


def test_rows_that_cannot_be_read_are_listed_with_their_place() -> None:
    rows: list[Any] = [
        {"id": 1, "stage": "tallk", "entered_stage_on": AS_OF},
        {"id": 2, "stage": "talk", "entered_stage_on": "yesterday"},
        {"id": 3, "stage": "talk"},
        {"id": 4},
        "D-5",
        {"id": 6, "stage": 6, "entered_stage_on": AS_OF},
    ]
    with pytest.raises(PlotError) as caught:
        ageing(
            rows,
            playbook(),
            as_of=AS_OF,
            stages={"x": "sing"},
            columns={"amuont": "value", "amount": "v"},
        )

    hint = 'name its column in columns={"entered_stage_on": …}'
    what = "pass deals; or rows, as frame.to_dicts() of polars gives them"
    assert [str(problem) for problem in caught.value.problems] == [
        "columns['amuont']: there is no such fact; did you mean \"amount\"?",
        "stages['x']: there is no stage 'sing'; did you mean \"sign\"?",
        "deals[0]['stage']: there is no stage 'tallk'; did you mean \"talk\"?",
        "deals[1]['entered_stage_on']: must be a day, not a str; turn the column into dates first",
        f"deals[2]: there is no column 'entered_stage_on'; {hint}",
        "deals[3]: there is no column 'stage'; name its column in columns={\"stage\": …}",
        f"deals[4]: must be a deal or a row, not a str; {what}",
        "deals[5]['stage']: there is no stage 6; say what it stands for in stages=",
    ]


def test_a_column_that_no_row_has_is_told_once() -> None:
    with pytest.raises(PlotError) as caught:
        ageing([{"id": it, "stage": "talk"} for it in range(9)], playbook(), as_of=AS_OF)

    (problem,) = caught.value.problems
    assert (problem.path, problem.message) == ("deals[0]", "there is no column 'entered_stage_on'")


def test_deals_of_another_process_and_what_is_no_list_are_refused() -> None:
    other = long_process(1)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    at = datetime(2026, 6, 1, tzinfo=UTC)
    deal = sf.StageEngine(other).decide(deal, sf.Start(by="li.wei"), at=at).require()

    with pytest.raises(PlotError, match="there is no stage 's0'; pass the playbook that the deal"):
        ageing([deal], playbook(), as_of=AS_OF)
    with pytest.raises(ArgumentError, match="deals: must be a list of deals or rows, not an int"):
        ageing(cast("Any", 7), playbook(), as_of=AS_OF)


def test_no_more_than_a_hundred_problems_are_collected() -> None:
    rows: list[dict[str, object]] = [{"stage": "nowhere"} for _ in range(5_000)]
    with pytest.raises(PlotError) as caught:
        ageing(rows, playbook(), as_of=AS_OF)

    assert len(caught.value.problems) == 100


@pytest.mark.parametrize("make", FRAMES)
def test_a_frame_is_read_as_its_rows_are(make: Callable[[pl.DataFrame], Any]) -> None:
    wanted = ageing(DEALS.to_dicts(), playbook(), as_of=AS_OF).to_dict()

    assert ageing(DEALS, playbook(), as_of=AS_OF).to_dict() == wanted
    assert ageing(make(DEALS), playbook(), as_of=AS_OF).to_dict() == wanted


def test_what_is_said_for_the_checks_of_a_frame_may_be_said_of_its_chart() -> None:
    """m6 of the data scientist: the columns of facts that no chart reads were refused."""
    columns = {"owner": "rep", "amount": "value", "entered_stage_on": "since"}
    rows = [{"id": 1, "stage": "talk", "since": AS_OF, "rep": "li", "value": 1}]

    assert [
        row["deal"]
        for row in values(ageing(rows, playbook(), as_of=AS_OF, columns=columns))["deals"]
    ] == ["1"]


ENDED: Any = {
    "id": ["a", "b", "c", "d", "e"],
    "stage": "talk",
    "outcome": [None, "open", "Closed - Won", "n/a", "offen"],
    "ended": ["是", "no", None, None, "?"],
    "entered_stage_on": AS_OF,
}
OWN: Any = {"outcome": {"n/a": None, "offen": "none"}}


@pytest.mark.parametrize(
    "make",
    [pl.DataFrame.to_dicts, pl.DataFrame.lazy, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow],
)
def test_a_deal_that_has_ended_is_not_open_whatever_its_stage(
    make: Callable[[pl.DataFrame], Any],
) -> None:
    """Neither the outcome nor `ended` was asked, and all of them were drawn."""
    frame = pl.DataFrame(ENDED)
    chart = ageing(make(frame), playbook(), as_of=AS_OF, values=OWN)

    told = {row["deal"] for row in values(chart)["deals"]}
    assert told == {"b", "d", "e"}
    figures = sf.pipeline.metrics(frame, playbook(), key="id", as_of=AS_OF, values=OWN)
    assert figures.open.value == len(told)


def test_an_end_may_be_said_in_booleans_and_what_is_no_outcome_is_told() -> None:
    row = {"id": 1, "stage": "talk", "entered_stage_on": AS_OF}
    rows: list[Any] = [{**row, "ended": said} for said in (True, False, None, "+", "-")]

    assert len(values(ageing(rows, playbook(), as_of=AS_OF))["deals"]) == 3
    with pytest.raises(PlotError) as caught:
        ageing([{**row, "outcome": "wonn"}], playbook(), as_of=AS_OF)
    said, hint = "there is no outcome 'wonn'", 'values={"outcome": {…: "won"}}'
    assert [str(problem) for problem in caught.value.problems] == [
        f"deals[0]['outcome']: {said}; say what it stands for: {hint}"
    ]


def test_labels_are_read_as_in_a_check_and_no_hint_says_the_opposite() -> None:
    """M1 of the data scientist, in charts."""
    labels = ["1 - TALK", "talk ", "Closed - Won", "closed lost", "Call them"]
    rows: list[Any] = [
        {"id": at, "stage": label, "entered_stage_on": AS_OF} for at, label in enumerate(labels)
    ]
    chart = ageing(rows, playbook(), as_of=AS_OF, stages={"call_them": "talk"})

    assert {row["deal"] for row in values(chart)["deals"]} == {"0", "1", "4"}
    denied = ["Qualified", "Won?", "✗ call them"]
    rows = [{"id": label, "stage": label, "entered_stage_on": AS_OF} for label in denied]
    with pytest.raises(PlotError) as caught:
        ageing(rows, playbook(), as_of=AS_OF, stages={"call_them": "talk"})
    assert [str(problem) for problem in caught.value.problems] == [
        f"deals[{at}]['stage']: there is no stage {label!r}; say what it stands for in stages="
        for at, label in enumerate(denied)
    ]
