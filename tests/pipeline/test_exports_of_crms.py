"""Exports of many CRMs, by interface and by file, in English and Chinese: one pipeline in all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook
from salesflow.errors import FrameError, UnknownName
from salesflow.pipeline import check_history, check_pipeline, exports, metrics, suggest
from salesflow.pipeline.exports import (
    Export,
    cordyscrm,
    dynamics,
    hubspot,
    odoo,
    pipedrive,
    salesforce,
    zoho,
)
from salesflow.pipeline.exports._tables import layouts, normal_name
from tests.frame_engines import values_of
from tests.hostile import TEXTS as HOSTILE
from tests.pipeline.conftest import classic
from tests.pipeline.crm_samples import AMOUNTS, CRMS, CUSTOMERS, IDS, OWNERS, STAGES

Engine = Callable[[pl.DataFrame], Any]

BOOK = Playbook.from_toml("""
id = "m"
version = "1"
title = { en = "M", zh = "流程" }
languages = ["en", "zh"]
[[stages]]
key = "qualify"
title = { en = "Qualify", zh = "需求明确" }
max_days = 30
[[stages]]
key = "propose"
title = { en = "Propose", zh = "方案验证" }
[[stages]]
key = "sign"
title = { en = "Sign", zh = "商务采购" }
""")
FORMS = [(name, form) for name, crm in CRMS.items() for form in crm.deals]
LOGS = [(name, form) for name, crm in CRMS.items() for form in crm.history]


def frame_of(columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    return pl.DataFrame(dict(columns), strict=False)


def column(native: Any, name: str) -> list[Any]:
    return [row[name] for row in values_of(native)]


def days(native: Any, name: str) -> list[date | None]:
    return [it and date(it.year, it.month, it.day) for it in column(native, name)]


# ------------------------------------------------------------------------------------------- deals


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_the_deals_of_every_crm_have_the_same_facts(name: str, form: str, engine: Engine) -> None:
    crm = CRMS[name]
    frame = engine(frame_of(crm.deals[form]))

    turned = crm.export.opportunities(frame)

    assert type(turned) is type(frame)
    assert column(turned, "id") == IDS
    assert column(turned, "amount") == AMOUNTS
    assert column(turned, "probability") == [1.0, 0.0, 0.4]
    assert column(turned, "owner") == OWNERS
    assert column(turned, "account.name") == CUSTOMERS
    assert column(turned, "outcome")[:2] == ["won", "lost"]
    # Without a word for it, what the stages do not say to be over is not said to be open.
    assert column(turned, "outcome")[2] == (None if name in {"zoho", "cordyscrm"} else "none")
    assert days(turned, "closed_on") == [date(2026, 3, 31), date(2026, 5, 2), None]
    assert days(turned, "expected_close_on")[2] == date(2026, 9, 30)
    assert days(turned, "created_on") == [date(2026, 1, 5), date(2026, 1, 6), date(2026, 4, 1)]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_the_deals_of_every_crm_can_be_checked_and_measured(
    name: str, form: str, engine: Engine
) -> None:
    crm = CRMS[name]
    turned = crm.export.opportunities(engine(frame_of(crm.deals[form])))
    given: dict[str, Any] = {"key": "id", "as_of": date(2026, 6, 1), "stages": crm.labels}

    report = check_pipeline(turned, BOOK, **given)
    figures = metrics(turned, BOOK, **given)

    assert report.rows == 3
    assert report.counts["hygiene.closed_date_known"].no == 0
    assert report.counts["hygiene.won_probability"].no == 0
    assert (figures.win_rate.value, figures.win_rate.rows) == (0.5, 2)
    assert figures.cycle_mean.value == 85


# --------------------------------------------------------------------------------------- histories


@pytest.mark.parametrize(("name", "form"), LOGS)
@pytest.mark.parametrize("make", [lambda it: it, pl.DataFrame.lazy, classic, "duckdb"])
def test_the_history_of_every_crm_tells_how_deals_came_to_their_stages(
    name: str, form: str, make: Any
) -> None:
    crm = CRMS[name]
    if make == "duckdb":
        connection = duckdb.connect()
        make = lambda it: connection.from_arrow(it.to_arrow())  # noqa: E731
    deals = next(iter(crm.deals.values())) if form in {"changelog", "log"} else None
    deals = deals or list(crm.deals.values())[1]
    log = crm.export.history(make(frame_of(crm.history[form])), created=make(frame_of(deals)))

    previous: dict[str, Any] = {} if name == "zoho" else {"previous": "previous"}
    report = check_history(
        log, BOOK, case="id", stage="stage", at="at", stages=crm.labels, **previous
    )

    assert report.unknown_labels == {}
    assert (report.cases_total, report.unseen) == (3, 0)
    of_a = [row for row in values_of(log) if row["id"] == "A"]
    told = [(row["at"].month, row["at"].day) for row in sorted(of_a, key=lambda row: row["at"])]
    assert told[:3] == [(1, 5), (2, 1), (3, 1)]
    moves = {(row["from"], row["to"]): row["count"] for row in values_of(report.edges)}
    assert moves["qualify", "propose"] == moves["propose", "sign"] == 1
    # C began where it is, and B was long where it began.
    assert {kind for kind, count in report.counts.items() if count} <= {
        "without_predecessor",
        "too_long",
    }


def test_a_history_of_zoho_is_of_the_stages_entered_not_of_those_moved_to() -> None:
    log = zoho.history(frame_of(CRMS["zoho"].history["related list"]))

    assert [(row["id"], row["stage"], row["at"]) for row in values_of(log)][:2] == [
        ("A", "Qualify", datetime(2026, 1, 5, 8)),
        ("A", "Propose", datetime(2026, 2, 1, 9)),
    ]


def test_rows_of_an_audit_that_are_about_something_else_are_left_out(engine: Engine) -> None:
    log = dynamics.history(engine(frame_of(CRMS["dynamics"].history["audit"])))

    assert column(log, "stage") == ["2-Propose", "3-Sign"]


@pytest.mark.parametrize("name", ["pipedrive", "dynamics", "cordyscrm"])
def test_how_deals_ended_is_read_alike_on_every_engine(name: str, every: Engine) -> None:
    crm = CRMS[name]

    turned = crm.export.opportunities(every(frame_of(next(iter(crm.deals.values())))))

    assert column(turned, "outcome")[:2] == ["won", "lost"]
    assert days(turned, "closed_on") == [date(2026, 3, 31), date(2026, 5, 2), None]


WORDS = {"Closed Won": "won", "closed-lost": "lost", "Propose": None}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([True, False, None]),
            st.sampled_from([True, False, None]),
            st.sampled_from([0, 100, 40, None]),
            st.sampled_from(list(WORDS)),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sets(st.sampled_from(["IsClosed", "IsWon", "Probability"])),
)
def test_what_says_more_of_how_a_deal_ended_decides(
    deals: list[tuple[bool | None, bool | None, int | None, str]], without: set[str]
) -> None:
    frame = pl.DataFrame(
        deals,
        schema={
            "IsClosed": pl.Boolean,
            "IsWon": pl.Boolean,
            "Probability": pl.Int64,
            "StageName": pl.String,
        },
        orient="row",
    ).with_row_index("Id")

    turned = salesforce.opportunities(frame.drop(without), scale=100)

    expected = []
    for closed, won, chance, stage in deals:
        flag = None if "IsClosed" in without else closed
        if "IsWon" not in without:
            end = "won" if won else "lost" if flag and won is False else None
            word = None if "IsClosed" not in without else WORDS[stage]
            end = end or ("none" if flag is False else word)
        elif flag is False:
            end = "none"
        else:
            certain = {0: "lost", 100: "won"}.get(chance if chance is not None else -1)
            end = WORDS[stage] or (certain if flag and "Probability" not in without else None)
        expected.append(end)
    assert [row.get("outcome") for row in values_of(turned)] == expected


# ------------------------------------------------------------------------------------------ stages


STAGE_TABLES: Mapping[str, tuple[Export, pl.DataFrame, dict[str, str]]] = {
    "zoho": (
        zoho,
        pl.DataFrame(
            {
                "display_value": ["Qualification", "Signed", "Gone"],
                "actual_value": ["Qualification", "Signed", "Gone"],
                "sequence_number": [1, 2, 3],
                "forecast_type": ["Open", "Closed Won", "Closed Lost"],
            }
        ),
        {"Signed": "won", "Gone": "lost"},
    ),
    "zoho in Chinese": (
        zoho,
        pl.DataFrame(
            {
                "display_value": ["资格审查", "签约", "流失"],
                "forecast_type": ["未完成", "已成交-赢得", "已关闭-丢失"],
            }
        ),
        {"签约": "won", "流失": "lost"},
    ),
    "odoo": (
        odoo,
        pl.DataFrame(
            {"阶段名称": ["新", "赢得"], "序号": [1, 2], "是赢得阶段？": [False, True]},
        ),
        {"赢得": "won"},
    ),
    "cordyscrm": (
        cordyscrm,
        pl.DataFrame(
            {
                "id": ["CREATE", "X1", "X2"],
                "name": ["新建", "签约", "终止"],
                "type": ["AFOOT", "END", "END"],
                "rate": ["10", "100", "0"],
                "pos": [1, 6, 7],
            }
        ),
        {"签约": "won", "终止": "lost"},
    ),
}


@pytest.mark.parametrize("name", STAGE_TABLES)
def test_the_stages_of_crms_say_which_ones_are_over(name: str, engine: Engine) -> None:
    export, frame, ends = STAGE_TABLES[name]

    assert export.ends(engine(frame)) == ends


def test_the_stages_of_pipedrive_have_chances_and_places_and_no_ends() -> None:
    frame = pl.DataFrame({"id": [10, 11], "deal_probability": [20, 100], "order_nr": [1, 2]})

    turned = pipedrive.stages(frame)

    assert turned.rows() == [("10", 0.2, 1), ("11", 1.0, 2)]
    with pytest.raises(FrameError, match="nothing says which stages are over;"):
        pipedrive.ends(frame)


# ---------------------------------------------------------------------------------- merged deals

DEALS = pl.DataFrame({"dealId": [1, 2, 3], "dealstage": ["a", "b", "closedwon"]})
# 1 and 2 became 3, which became 4 with 9; the table has it with and without the step between.
MERGED = pl.DataFrame({"deal_id": [3, 3, 4, 4, 4], "merged_deal_id": [1, 2, 3, 1, 9]})


def test_merged_deals_say_what_they_became_a_part_of(engine: Engine) -> None:
    if engine(DEALS).__class__ is duckdb.DuckDBPyRelation:
        connection = duckdb.connect()  # relations of two connections cannot be joined
        engine = lambda it: connection.from_arrow(it.to_arrow())  # noqa: E731
    history = pl.DataFrame(
        {"deal_id": [1, 5], "date_entered": ["2026-01-01", "2026-01-02"], "value": ["a", "b"]}
    )

    turned = hubspot.opportunities(engine(DEALS), merged=engine(MERGED))
    log = hubspot.history(engine(history), merged=engine(MERGED))

    into = {row["id"]: row["merged_into"] for row in values_of(turned)}
    assert into == {1: 4, 2: 3, 3: 4}
    assert {row["id"]: row["merged_into"] for row in values_of(log)} == {1: 4, 5: None}


def test_a_log_with_beginnings_says_it_too() -> None:
    deals = DEALS.with_columns(createdate=pl.lit("2026-01-01"))
    history = pl.DataFrame({"deal_id": [9], "date_entered": ["2026-01-02"], "value": ["a"]})

    log = hubspot.history(history, created=deals, merged=MERGED)

    assert log.columns == ["id", "stage", "at", "merged_into"]
    assert {row["id"]: row["merged_into"] for row in values_of(log)} == {1: 4, 2: 3, 3: 4, 9: 4}


def test_what_is_wrong_with_a_table_of_merged_deals_is_said() -> None:
    said = "merged: it is a lazy frame of polars, and that of the opportunities a frame of polars"
    with pytest.raises(FrameError, match=said):
        hubspot.opportunities(DEALS, merged=MERGED.lazy())
    with pytest.raises(FrameError, match="merged: the deals are named by String there, and by Int"):
        hubspot.opportunities(DEALS, merged=MERGED.cast(pl.String))
    with pytest.raises(FrameError, match="there is a column merged_into already"):
        hubspot.opportunities(DEALS.with_columns(merged_into=1), merged=MERGED)
    with pytest.raises(FrameError, match="HubSpot's column of the merged_into is not there"):
        hubspot.opportunities(DEALS, merged=MERGED.drop("deal_id"))
    with pytest.raises(UnknownName, match="kind of export"):
        salesforce.opportunities(pl.DataFrame({"Id": ["A"], "StageName": ["x"]}), merged=MERGED)


# --------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("export", "columns", "message"),
    [
        (
            pipedrive,
            {"id": ["A"], "stage": ["x"], "status": ["Vielleicht"]},
            "status: 1 value is no outcome; correct it",
        ),
        (
            dynamics,
            {"opportunityid": ["A", "B"], "stepname": ["x", "y"], "statecode": [3, 1]},
            "statecode: 1 value is no outcome",
        ),
        (
            dynamics,
            {"opportunityid": ["A"], "stepname": ["x"], "statecode": [True]},
            "statecode: a column of type Boolean cannot be a column of outcomes; it should hold",
        ),
        (
            cordyscrm,
            {"业务编码": ["A"], "金额": [1.0]},
            "CordysCRM's column of the stage is not there; it is called one of stagename, stage",
        ),
        (
            cordyscrm,
            {"业务编码": ["A"], "商机阶段": ["x"], "商机 阶段": ["y"]},
            "'商机阶段' and '商机 阶段' have one name; keep one",
        ),
        (
            zoho,
            {"id": ["A"], "Stage": ["x"], "Created_Time": ["2026-01-05T08:00:00+05:30"]},
            "Created_Time: these are not days",
        ),
    ],
)
def test_what_a_crm_does_not_write_is_refused(
    export: Export, columns: Mapping[str, Sequence[Any]], message: str, engine: Engine
) -> None:
    with pytest.raises(FrameError, match=message):
        export.opportunities(engine(frame_of(columns)))


def test_a_deleted_deal_has_no_outcome_and_is_no_mistake(engine: Engine) -> None:
    frame = frame_of({"id": IDS, "stage": STAGES, "status": ["won", "deleted", " "]})

    assert column(pipedrive.opportunities(engine(frame)), "outcome") == ["won", None, None]


def test_texts_of_strangers_are_kept_as_they_are() -> None:
    texts = [text for text in HOSTILE if text.strip()]
    frame = frame_of({"业务编码": [f"{n}" for n in range(len(texts))], "商机阶段": texts})

    turned = cordyscrm.opportunities(frame)

    assert turned["stage"].to_list() == texts
    assert "outcome" not in turned.columns
    wide = frame_of({"业务编码": ["1"], "商机阶段": ["成功"], **{text: ["x"] for text in texts}})
    assert set(texts) <= set(cordyscrm.opportunities(wide).columns)


def test_full_width_headings_and_a_mark_at_the_beginning_of_a_file_do_not_hide_a_column() -> None:
    frame = frame_of(
        {"\ufeff业务编码": ["A"], "商机阶段 ": ["成功"], "可能性（％）": [100], "金 额": [1.0]}
    )

    assert cordyscrm.columns(frame) == {
        "id": "\ufeff业务编码",
        "stage": "商机阶段 ",
        "amount": "金 额",
        "probability": "可能性（％）",
    }


# ------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_an_unknown_frame_is_known_by_its_crm(name: str, form: str) -> None:
    crm = CRMS[name]
    found = suggest(frame_of(crm.deals[form]), BOOK)

    assert found.exports == (name,)
    placed = crm.export.columns(frame_of(crm.deals[form]))
    assert found.mapping.key == placed.pop("id")
    # What has the name of a fact needs no mapping.
    assert found.mapping.stage in {placed.pop("stage"), None}
    assert {name: found.mapping.columns.get(name, name) for name in placed} == placed


def test_the_names_in_the_layouts_are_written_as_they_are_compared() -> None:
    for crm, layout in layouts().items():
        assert hasattr(exports, crm.casefold())
        for kind, table in layout.tables.items():
            held = [*table.names.values(), *(table.ends.columns.values() if table.ends else ())]
            if table.only is not None:
                assert set(table.only.of) <= set(table.names["stage"])
                held += [table.only.of, table.only.column]
            for names in held:
                assert [normal_name(name) for name in names] == list(names), (crm, kind)
                assert len(set(names)) == len(names), (crm, kind)
            assert {*table.needed, *table.days, *table.moments} <= set(table.names), (crm, kind)
