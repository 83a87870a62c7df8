"""The figures of a pipeline by group: those of the deals of each group alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import (
    GroupedMetrics,
    Metric,
    Metrics,
    Source,
    check_history,
    check_pipeline,
    metrics,
)
from salesflow.pipeline._intervals import wilson
from tests.frame_engines import EVERY, values_of
from tests.hostile import TEXTS
from tests.pipeline.conftest import Engine, classic, relation
from tests.pipeline.test_metrics import AS_OF, BOOK, DEALS, LOG

OWNED = DEALS.with_columns(
    owner=pl.Series(["li", "li", "wang", None, " ", "li", "wang"]),
    vip=pl.Series([True, False, None, True, True, False, True]),
    region=pl.Series([1, 2, None, 1, 1, 2, 3]),
    quota=pl.Series([0.5, 1.0, float("nan"), None, 0.5, 0.5, 1.0]),
    quarter=pl.Series([date(2026, 1, 1)] * 6 + [None]),
)


def grouped(frame: Any = OWNED, by: Any = "owner", **more: Any) -> GroupedMetrics:
    found: GroupedMetrics = metrics(frame, BOOK, key="id", as_of=AS_OF, by=by, **more)
    return found


def by_values(found: GroupedMetrics) -> dict[Any, Metrics]:
    return {group.values: group.figures for group in found.groups}


def test_each_group_has_its_own_figures_and_a_missing_value_is_a_group(engine: Engine) -> None:
    found = grouped(engine(OWNED))
    of = by_values(found)

    # Of two groups of one size the first in order comes first; a blank owner is a missing one.
    assert list(of) == [("li",), ("wang",), (None,)]
    li, wang, nobody = of.values()
    assert [li.deals.value, wang.deals.value, nobody.deals.value] == [3, 2, 2]
    assert (li.won.value, li.win_rate.value, li.win_rate.rows) == (2, 1.0, 2)
    assert (li.won_value.value, li.open_value.value) == (400.0, 400.0)
    assert (li.cycle_median.value, li.cycle_longest.value) == (20.0, 30.0)
    assert (wang.win_rate.value, wang.lost.value) == (0.0, 1)
    assert wang.cycle_median.reason == "no won deal has both dates"
    assert (nobody.open_value.value, nobody.win_rate.value) == (1_000.0, None)
    assert (found.others, found.others_total) == (None, 0)


def test_all_deals_together_have_the_figures_that_they_have_without_groups(engine: Engine) -> None:
    assert grouped(engine(OWNED)).all == metrics(engine(OWNED), BOOK, key="id", as_of=AS_OF)


@pytest.mark.parametrize(
    ("by", "values"),
    [
        (["owner", "vip"], [("li", False), (None, True), ("li", True)]),
        (["region", "quota"], [(1, 0.5), (1, None), (2, 0.5)]),
        ("quarter", [("2026-01-01",), (None,)]),
        (["stage", "owner"], [("won", "li"), ("disqualified", None), ("draft", "li")]),
        ("vip", [(True,), (False,), (None,)]),
    ],
)
def test_any_columns_can_be_grouped_by_also_several_and_the_stage(
    engine: Engine, by: Any, values: list[tuple[Any, ...]]
) -> None:
    found = grouped(engine(OWNED), by=by, top=3)

    assert [group.values for group in found.groups] == values
    assert found.by == ((by,) if isinstance(by, str) else tuple(by))


def test_a_fact_is_found_in_the_column_that_holds_it() -> None:
    found = grouped(OWNED.rename({"owner": "Rep"}), columns={"owner": "Rep"})

    assert list(by_values(found)) == [("li",), ("wang",), (None,)]
    assert found.by == ("owner",)


def test_of_many_groups_the_largest_are_shown_and_the_rest_is_told(engine: Engine) -> None:
    found = grouped(engine(OWNED), by="id", top=2)

    assert [group.values for group in found.groups] == [("a",), ("b",)]
    assert found.others_total == 5
    assert found.others is not None
    assert (found.others.deals.value, found.others.open_value.value) == (5, 1_400.0)
    assert repr(found) == "<GroupedMetrics: 2 groups by id … and 5 more>"
    assert "other groups: 5" in found.summary()
    exact = grouped(engine(OWNED), by="owner", top=3)
    assert (exact.others, exact.others_total) == (None, 0)


def test_rates_have_wilsons_interval() -> None:
    """Two of two won: (2 + z²/2 ± z/2 √(z²)) / (2 + z²) with z = 1.96 begins at 0.342."""
    rate = by_values(grouped())["li",].win_rate

    assert rate.low == pytest.approx(0.342, abs=0.0005)
    assert rate.high == 1.0
    narrow = by_values(grouped(confidence=0.5))["li",].win_rate
    assert (narrow.low, narrow.high) == wilson(2, 2, 0.5)
    assert grouped(confidence=0.5).all.confidence == 0.5
    figures = grouped().all
    assert (figures.overdue.low, figures.overdue.high) == wilson(2, 1, 0.95)
    assert (figures.won.low, figures.cycle_mean.high) == (None, None)


def test_a_history_says_of_each_group_how_its_deals_went_on(engine: Engine) -> None:
    frames = engine(OWNED), engine(LOG)
    if engine is relation:  # which joins only what one connection holds
        connection = duckdb.connect()
        frames = connection.from_arrow(OWNED.to_arrow()), connection.from_arrow(LOG.to_arrow())
    found = grouped(frames[0], history=frames[1])
    of = by_values(found)

    # a, b and f are li's: all of them were in draft; c is wang's and was lost.
    li, wang = of["li",], of["wang",]
    assert (li.stages["qualify"].entered.value, li.stages["qualify"].conversion.value) == (3, 1.0)
    assert li.stages["qualify"].days_median.value == 6.0  # 3, 10 and 1 + 5
    assert (wang.stages["qualify"].conversion.value, wang.stages["sign"].entered.value) == (0, 0)
    assert of[None,].stages["draft"].conversion.reason == (
        "no deal that was here has gone on or ended"
    )
    assert li.later_events.reason == "told of all deals together"
    assert found.all.stages["qualify"].entered.value == 5


def test_groups_of_a_history_are_those_of_every_other_engine(
    every: Engine, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["every"] in {"dask pyarrow", "duckdb"}:
        pytest.skip("the one has no histories, of the other two connections cannot be joined")
    found = grouped(every(OWNED), history=every(LOG))

    assert found == grouped(history=LOG)
    assert found.groups[0].figures.stages["qualify"].conversion.rows == 3


def test_two_connections_of_a_database_are_told_apart() -> None:
    with pytest.raises(FrameError, match="different connections"):
        grouped(relation(OWNED), history=relation(LOG))


def test_a_log_that_is_no_frame_of_the_same_kind_is_told_of_all_deals_alone() -> None:
    found = grouped(history=check_history(classic(LOG), BOOK))

    assert found.all.stages["qualify"].entered.value == 5
    reason = "needs the log in a frame of the same kind as that of the deals"
    assert found.groups[0].figures.stages["qualify"].entered.reason == reason
    numbered = OWNED.with_columns(id=pl.int_range(7))
    by_number = grouped(numbered, history=LOG)
    assert by_number.groups[0].figures.stages["qualify"].entered.reason == (
        "needs the key in one type: Int64 here, String in the log"
    )


def test_records_are_rows_for_any_frame() -> None:
    found = grouped(by=["owner", "vip"], top=1, history=LOG)
    frame = pl.DataFrame(found.records())

    assert frame["part"].to_list() == ["group", "others", "all"]
    assert frame.columns[:4] == ["part", "owner", "vip", "deals"]
    assert frame["deals"].to_list() == [2, 5, 7]
    assert {"win_rate", "win_rate_low", "win_rate_high"} <= {*frame.columns}
    stages = pl.DataFrame(found.records("stages"))
    assert stages.filter(part="all", place="qualify")["entered"].to_list() == [5]
    assert {"conversion_low", "days_p90"} <= {*stages.columns}
    with pytest.raises(UnknownName, match="table"):
        found.records("tables")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EVERY)
def test_the_rows_are_a_frame_of_the_kind_that_is_asked_for(kind: str) -> None:
    found = grouped(by=["owner", "vip", "region", "quota"], history=LOG, top=3)
    like = EVERY[kind](DEALS.select("id"))

    for table in ("figures", "stages"):
        frame = found.to_frame(like, table)
        assert type(frame) is type(like)
        wanted = [
            {name: str(it) if isinstance(it, bool) else it for name, it in row.items()}
            for row in found.records(table)
        ]
        assert sorted(values_of(frame), key=place) == sorted(wanted, key=place)
    schema = found.to_frame(DEALS).schema
    kinds = [schema[name] for name in ("owner", "vip", "region", "quota", "deals", "win_rate_low")]
    assert kinds == [pl.String, pl.String, *[pl.Float64] * 4]


def place(row: Mapping[str, Any]) -> list[str]:
    return [str(row.get(name)) for name in ("part", "owner", "vip", "quota", "place")]


def test_the_page_has_all_groups_and_then_all_deals_and_each_share_has_its_interval() -> None:
    found = grouped(by=["owner", "vip"], history=LOG, top=2)
    page = found.to_html(lang="en")

    assert "<td" in page
    for said in ("owner, vip", "(missing)", "other groups: 3", "100.00% (21%–100%)"):
        assert said in page
    stages = page.partition("By stage, from the history")[2]
    assert ">Qualify</td>" in stages
    assert found._repr_html_().count("<tr>") == len(found.records()) + 1


def test_a_source_can_be_grouped_and_so_can_labels_that_are_read() -> None:
    spoken = OWNED.with_columns(stage=pl.col("stage").replace({"won": "Closed - Won"}))
    source = Source(
        spoken.rename({"id": "Deal", "owner": "Rep"}), key="Deal", columns={"owner": "Rep"}
    )
    found = metrics(source, BOOK, as_of=AS_OF, by=["owner", "stage"])
    plainly = grouped(by=["owner", "stage"])

    assert found.all.labels == {"stage": {"Closed - Won": "won"}}
    assert [group.values for group in found.groups] == [group.values for group in plainly.groups]
    for group, other in zip(found.groups, plainly.groups, strict=True):
        assert group.figures.model_copy(update={"labels": {}}) == other.figures


def test_the_summary_is_a_table_in_both_languages() -> None:
    lines = [" ".join(line.split()) for line in grouped().summary().splitlines()]

    assert lines[0].startswith("owner deals open won lost win rate")
    assert lines[1] == "li 3 1 2 0 100.00% (34%–100%) 400 200 400 20"
    assert lines[3].startswith("(missing) 2")
    assert lines[-1].startswith("all 7 3 2 1 66.67% (21%–94%)")
    assert "（缺失）" in grouped().summary("zh")
    assert "全部" in grouped().summary("zh")


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_value_stays_in_its_cell(text: str) -> None:
    owners = [text] * 7
    try:
        frame = OWNED.with_columns(owner=pl.Series(owners))
    except (UnicodeEncodeError, pl.exceptions.PolarsError):
        pytest.skip("no frame holds this")
    found = grouped(frame)

    assert len(found.summary().splitlines()) == 3
    assert found.groups[0].figures.deals.value == 7


def test_all_that_is_wrong_with_groups_is_told_at_once() -> None:
    frame = OWNED.with_columns(win_rate=pl.lit("x"), tags=pl.lit(["a"]))
    with pytest.raises(ArgumentError) as caught:
        metrics(
            frame,
            BOOK,
            key="id",
            as_of=AS_OF,
            by=["ownr", "win_rate", "tags", "owner", "owner", 3],  # type: ignore[list-item]
            top=0,
            confidence=95,
        )
    told = {(problem.path, problem.message) for problem in caught.value.problems}
    assert told == {
        ("top", "must be between 1 and 200, not 0"),
        ("confidence", "95 is not a confidence level"),
        ("by", "no column is 'ownr', nor holds such a fact"),
        ("by", "the figures have a column 'win_rate' of their own"),
        ("by", "'tags' holds no single values"),
        ("by", "'owner' is there twice"),
        ("by", "an int names no column"),
    }
    with pytest.raises(FrameError, match="there is no name"):
        grouped(by=())


@st.composite
def pipelines(draw: st.DrawFn) -> pl.DataFrame:
    size = draw(st.integers(0, 12))
    days = st.dates(date(2026, 1, 1), date(2026, 4, 30))

    def column(strategy: st.SearchStrategy[Any], dtype: Any) -> pl.Series:
        return pl.Series(
            draw(st.lists(strategy | st.none(), min_size=size, max_size=size)), dtype=dtype
        )

    return pl.DataFrame(
        {
            "id": pl.Series([f"D-{n}" for n in range(size)], dtype=pl.String),
            "stage": column(
                st.sampled_from(["won", "lost", "disqualified", "qualify", "draft", "sign"]),
                pl.String,
            ),
            "owner": column(st.sampled_from(["li", "wang", "", " ", "Li"]), pl.String),
            "tier": column(st.integers(0, 1), pl.Int64),
            "amount": column(st.sampled_from([0.0, 1.5, 1e6, 3.25, float("inf")]), pl.Float64),
            "created_on": column(days, pl.Date),
            "closed_on": column(days, pl.Date),
            "expected_close_on": column(days, pl.Date),
        }
    )


@given(frame=pipelines(), top=st.integers(1, 4), lazy=st.booleans(), data=st.data())
def test_a_group_has_the_figures_of_a_frame_of_its_deals_alone(
    frame: pl.DataFrame, top: int, lazy: bool, data: st.DataObject
) -> None:
    by = data.draw(st.sampled_from([["owner"], ["owner", "tier"], ["tier"]]))
    plain = frame.with_columns(
        pl.when(pl.col("owner").str.strip_chars() != "").then(pl.col("owner")).alias("owner")
    )
    found = grouped(frame.lazy() if lazy else frame, by=by, top=top)

    assert found.all == metrics(frame, BOOK, key="id", as_of=AS_OF)
    left = plain
    for group in found.groups:
        same = pl.all_horizontal(
            *(pl.col(name).eq_missing(value) for name, value in zip(by, group.values, strict=True))
        )
        alone = metrics(plain.filter(same), BOOK, key="id", as_of=AS_OF)
        assert group.figures == alone
        left = left.filter(~same)
    assert found.others_total == left.select(by).n_unique()
    expected = metrics(left, BOOK, key="id", as_of=AS_OF) if len(left) else None
    assert found.others == expected
    counts = [row["deals"] for row in found.records() if row["part"] == "group"]
    assert counts == sorted(counts, key=lambda count: -int(count or 0))


def test_classic_pandas_groups_objects_too() -> None:
    frame = classic(OWNED)
    frame["flag"] = pd.Series([True, None, False, True, True, None, None], dtype=object).to_numpy()
    found = grouped(frame, by="flag")

    assert {group.values: group.figures.deals.value for group in found.groups} == {
        (True,): 3,
        (None,): 3,
        (False,): 1,
    }


def test_a_figure_travels_with_its_interval() -> None:
    rate = grouped().all.win_rate

    assert Metric.model_validate_json(rate.model_dump_json()) == rate


# --- Groups of facts are those of what checks read. ---

READ: Any = {
    "columns": {"account.tier": "tier"},
    "values": {"owner": {"N/A": None, "李伟": "Li Wei"}, "account.tier": {"A": "strategic"}},
}
OF_FACTS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f"],
        "stage": "qualify",
        "owner": ["N/A", "李伟", "Li Wei", None, "Wang", " "],
        "tier": ["A", "STRATEGIC", "strategic ", "named", "cat", None],
        "on_hold": ["yes", "+", "否", "-", "?", ""],
    }
)
# By what it is grouped, the number of deals of each group.
AS_READ: Mapping[str, Mapping[Any, int]] = {
    "owner": {"Li Wei": 2, "Wang": 1, None: 3},
    "account.tier": {"strategic": 3, "named": 1, "cat": 1, None: 1},
    "on_hold": {"yes": 2, "no": 2, "unknown": 1, None: 1},
    "tier": {"A": 1, "STRATEGIC": 1, "strategic ": 1, "named": 1, "cat": 1, None: 1},
}


@pytest.mark.parametrize("by", AS_READ)
def test_facts_are_grouped_by_what_checks_read_and_columns_as_they_are(
    every: Engine, by: str
) -> None:
    """Hygiene told two owners and three deals without one; groups told four."""
    found = grouped(every(OF_FACTS), by=by, **READ)

    assert {group.values[0]: group.figures.deals.value for group in found.groups} == AS_READ[by]


@pytest.mark.parametrize("by", AS_READ)
def test_the_counts_of_checks_are_grouped_alike(every: Engine, by: str) -> None:
    report = check_pipeline(every(OF_FACTS), BOOK, key="id", as_of=AS_OF, **READ)

    rows = [it for it in values_of(report.by(by)) if it["check"] == "hygiene.owner_known"]
    told = {row[by]: row["yes"] + row["no"] for row in rows}
    assert told == AS_READ[by]
    if by == "owner":
        assert {row[by]: row["no"] for row in rows} == {"Li Wei": 0, "Wang": 0, None: 3}


def test_what_labels_of_groups_were_read_as_is_told() -> None:
    found = grouped(OF_FACTS, by="account.tier", **READ)

    told = {"STRATEGIC": "strategic", "strategic ": "strategic"}
    assert found.all.labels == {"account.tier": told}


@pytest.mark.parametrize("kind", ["numbers", "words"])
def test_numbers_may_stand_for_words_and_words_for_numbers(engine: Engine, kind: str) -> None:
    frame = OF_FACTS.with_columns(
        tier=pl.Series([1, 2, 1, 3, None, None]), probability=pl.Series([*"HMHLL", None])
    )
    values: Any = {"account.tier": {1: "strategic", 2: None}}
    chances: Any = {"probability": {"H": 0.8, "M": 0.5, "L": 0.1}}
    more = {"columns": READ["columns"], "values": {**values, **chances}}
    by = "account.tier" if kind == "numbers" else "probability"

    found = grouped(engine(frame), by=by, **more)

    told = {group.values[0]: group.figures.deals.value for group in found.groups}
    wanted = {"strategic": 2, 3: 1, None: 3} if kind == "numbers" else {0.8: 2, 0.1: 2, 0.5: 1}
    assert {it: told[it] for it in wanted} == wanted


def test_categories_are_grouped_by_what_they_stand_for() -> None:
    frame = OF_FACTS.with_columns(pl.col("owner", "tier").cast(pl.Categorical))

    found = grouped(frame, by=["owner", "account.tier"], **READ)

    assert [group.values for group in found.groups][:1] == [("Li Wei", "strategic")]
    forecast = sf.pipeline.forecast(frame, BOOK, key="id", as_of=AS_OF, count=1, by="owner", **READ)
    assert {group.values[0] for group in forecast.groups} == {"Li Wei", "Wang", None}
