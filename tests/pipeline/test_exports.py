"""Exports of CRMs become frames with the names and scales of our facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import duckdb
import ibis
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from salesflow import load_playbook
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import check_pipeline, exports
from salesflow.pipeline.exports import Export, hubspot, salesforce
from tests.frame_engines import values_of
from tests.pipeline.conftest import relation
from tests.pipeline.crm_samples import CRMS
from tests.pipeline.test_log_of_changes import AUDITS
from tests.spark_session import spark

Engine = Callable[[pl.DataFrame], Any]

EXPORTS = Path(__file__).parents[3] / "shared/data/crm_exports"
real = pytest.mark.skipif(not EXPORTS.exists(), reason="the CRM exports are not there")


def _ibis(path: Any) -> Any:
    return ibis.memtable(pl.read_csv(path).to_arrow())


def _dask(path: Any) -> Any:
    return dd.from_pandas(pd.read_csv(path), npartitions=2)


def _pyspark(path: Any) -> Any:
    return spark().createDataFrame(pl.read_csv(path).to_arrow())


readers = pytest.mark.parametrize(
    "read",
    [pl.read_csv, pl.scan_csv, pd.read_csv, duckdb.read_csv, _ibis, _dask, _pyspark],
    ids=lambda f: f.__qualname__,
)

OPPORTUNITIES = pl.DataFrame(
    {
        "Id": ["006A", "006B", "006C"],
        "StageName": ["Proposal", "Closed Won", "Closed Lost"],
        "Amount": [100.0, 200.0, None],
        "Probability": [65.0, 100.0, 0.0],
        "CloseDate": ["2026-09-30", "2026-06-01", "2026-05-02"],
        "CreatedDate": ["2026-01-01T10:00:00.000Z"] * 3,
        "IsClosed": [False, True, True],
        "IsWon": [False, True, False],
        "OwnerId": ["005A", "005B", "005C"],
        "Region__c": ["North", "South", None],
    }
)


def column(frame: Any, name: str) -> list[Any]:
    return [row[name] for row in values_of(frame)]


def day(value: Any) -> date | None:
    return None if value is None else date(value.year, value.month, value.day)


# ------------------------------------------------------------------------------------- real data


@real
@readers
def test_a_real_export_of_salesforce_has_our_facts(read: Callable[..., Any]) -> None:
    frame = read(str(EXPORTS / "sf_opportunity_data.csv"))

    turned = salesforce.opportunities(frame)

    assert type(turned) is type(frame)
    # One of them says 1000 %, and stays as wrong as it is.
    assert sorted(column(turned, "probability")) == [0, 0, 0, 0, 0.65, 1, 1, 1, 1, 10]
    assert max(filter(None, column(turned, "amount"))) == 24_120_000
    found = values_of(turned)
    assert {row["outcome"] for row in found} == {"won", "lost", "none"}
    assert sum(row["outcome"] == "won" for row in found) == 5
    assert [day(row["closed_on"]) for row in found if row["outcome"] == "none"] == [None]
    first = next(row for row in found if row["id"] == "006q000000HddohAAB")
    assert day(first["closed_on"]) == date(2018, 12, 19)
    assert day(first["expected_close_on"]) is None  # it is over
    assert day(first["created_on"]) == date(2018, 12, 19)
    assert first["owner"] == "rQhle3uwQbFgFmLTF1WByg=="
    assert first["source"] == "TDK+SgtPSM3Vk67zX9aeRA=="
    assert first["name"] == "$1m deal"  # what is no fact stays


@real
@pytest.mark.parametrize("read", [pl.read_csv, pl.scan_csv, pd.read_csv, _ibis, _pyspark])
def test_a_real_export_of_salesforce_can_be_checked(read: Callable[..., Any]) -> None:
    turned = salesforce.opportunities(read(EXPORTS / "sf_opportunity_data.csv"))
    stages = {
        "GavUFuuf4DrnQAoiRGlWpQ==": "won",
        "tXi3M8u3iPxq0ggxTSxMKw==": "lost",
        "9RN9J3tlxr89gDctReax5w==": "opportunity_plan",
    }

    report = check_pipeline(
        turned,
        load_playbook("optimized_sales_process"),
        key="id",
        as_of=date(2019, 1, 1),
        stages=stages,
    )

    assert report.rows == 10
    assert report.counts["hygiene.won_probability"].rows == 5
    assert report.counts["hygiene.closed_date_known"].no == 0


@real
@readers
def test_a_real_history_of_salesforce_is_one_of_stages(read: Callable[..., Any]) -> None:
    turned = salesforce.history(read(str(EXPORTS / "sf_opportunity_history_data.csv")))

    found = values_of(turned)
    assert len(found) == 10
    moments = {row["id"]: row["at"] for row in found}
    assert moments["006q000000HddohAAB"] == datetime(2019, 10, 17, 21, 10, 19)
    assert {row["stage"][:3] for row in found} == {"Gav", "tXi", "9RN"}


@real
@readers
def test_real_exports_of_hubspot_have_our_facts(read: Callable[..., Any]) -> None:
    deals = values_of(hubspot.opportunities(read(str(EXPORTS / "hs_deal_data.csv"))))
    history = values_of(hubspot.history(read(str(EXPORTS / "hs_deal_stage_data.csv"))))
    stages = values_of(hubspot.stages(read(str(EXPORTS / "hs_deal_pipeline_stage_data.csv"))))

    assert len(deals) == 44
    assert day({row["id"]: row for row in deals}[1244495215]["created_on"]) == date(2019, 12, 4)
    assert sum(row["owner"] is None for row in deals) == 22
    assert len(history) == 14
    # An hour of one digit.
    assert {row["id"]: row["at"] for row in history}[3954699413] == datetime(2021, 1, 7, 6, 49, 18)
    assert len(stages) == 71
    assert max(row["probability"] for row in stages) == 1.0
    assert sum(row["outcome"] == "won" for row in stages) == 5


@real
@pytest.mark.parametrize("read", [pl.read_csv, pl.scan_csv, pd.read_csv])
def test_real_deals_of_hubspot_that_were_merged_say_into_what(read: Callable[..., Any]) -> None:
    merged = read(EXPORTS / "hs_merged_deal_data.csv")
    parts = nw.from_native(merged).lazy().collect().rows(named=True)
    deals = pl.DataFrame(
        {"deal_id": [row["merged_deal_id"] for row in parts] + [1], "dealstage": "x"}
    )
    deals = deals.unique().sort("deal_id")
    frame: Any = deals.lazy() if read is pl.scan_csv else deals
    frame = deals.to_pandas() if read is pd.read_csv else frame

    found = values_of(hubspot.opportunities(frame, merged=merged))

    assert parts
    assert [row["id"] for row in found if row["merged_into"] is None] == [1]
    assert {row["merged_into"] for row in found} - {None} <= {row["deal_id"] for row in parts}


@real
def test_real_stages_say_which_ones_are_over() -> None:
    ends = hubspot.ends(pl.read_csv(EXPORTS / "hs_deal_pipeline_stage_data.csv"))

    assert len(ends) == 5
    assert ends["/n0+plNHbWErNq8Ek+NM3g=="] == "won"


# --------------------------------------------------------------------------------- what it means


def test_every_engine_gives_the_same_facts(engine: Engine) -> None:
    frame = engine(OPPORTUNITIES)

    turned = salesforce.opportunities(frame)

    assert type(turned) is type(frame)
    found = values_of(turned)
    assert [row["id"] for row in found] == ["006A", "006B", "006C"]
    assert [row["probability"] for row in found] == [0.65, 1.0, 0.0]
    assert [row["outcome"] for row in found] == ["none", "won", "lost"]
    assert [day(row["closed_on"]) for row in found] == [
        None,
        date(2026, 6, 1),
        date(2026, 5, 2),
    ]
    assert {day(row["created_on"]) for row in found} == {date(2026, 1, 1)}
    assert [row["Region__c"] for row in found] == ["North", "South", None]
    assert "StageName" not in found[0]


def test_names_are_those_of_interfaces_reports_and_warehouses() -> None:
    report = {
        "Opportunity ID": ["006A"],
        "Opportunity Owner": ["li.wei"],
        "Stage": ["Proposal"],
        "Probability (%)": [50],
        "Close Date": ["30/9/2026"],
        "Account Name": ["Acme"],
        "Lead Source": ["Web"],
    }
    file = {
        "Record ID": [7],
        "Deal Stage": ["Contract sent"],
        "Deal owner": ["li.wei"],
        "Close Date": ["2026-09-30 10:00"],
        "Deal probability": [0.9],
    }

    deal = salesforce.opportunities(pl.DataFrame(report)).row(0, named=True)
    assert deal["expected_close_on"] == date(2026, 9, 30)
    assert (deal["owner"], deal["account.name"]) == ("li.wei", "Acme")
    assert deal["probability"] == 0.5
    assert hubspot.columns(pl.DataFrame(file)) == {
        "id": "Record ID",
        "stage": "Deal Stage",
        "probability": "Deal probability",
        "expected_close_on": "Close Date",
        "owner": "Deal owner",
    }
    assert hubspot.columns(pl.DataFrame({"property_hs_next_step": ["x"]})) == {
        "next_step": "property_hs_next_step"
    }


def test_a_column_that_has_the_name_of_a_fact_and_is_another_is_kept() -> None:
    frame = OPPORTUNITIES.with_columns(stage=pl.lit("theirs"), outcome=pl.lit("good"))

    turned = salesforce.opportunities(frame)

    assert turned["stage"].to_list() == ["Proposal", "Closed Won", "Closed Lost"]
    assert set(turned["stage_original"]) == {"theirs"}
    assert set(turned["outcome_original"]) == {"good"}
    assert turned["outcome"].to_list() == ["none", "won", "lost"]


@pytest.mark.parametrize("make", [lambda frame: frame, pl.DataFrame.lazy, relation])
def test_two_columns_that_would_have_one_name_are_refused(make: Engine) -> None:
    frame = OPPORTUNITIES.with_columns(stage=pl.lit("a"), Stage_original=pl.lit("b"))

    with pytest.raises(FrameError) as raised:
        salesforce.opportunities(make(frame))

    (problem,) = raised.value.problems
    assert (problem.path, problem.hint) == ("stage", "rename one of the two")
    assert "there is a column Stage_original too" in problem.message


def test_a_column_that_differs_from_a_fact_in_capitals_alone_is_kept_under_another_name() -> None:
    frame = relation(OPPORTUNITIES.with_columns(Stage=pl.lit("theirs")))

    turned = salesforce.opportunities(frame)

    assert set(column(turned, "Stage_original")) == {"theirs"}
    assert column(turned, "stage") == ["Proposal", "Closed Won", "Closed Lost"]
    assert not {"Stage", "Stage_1", "stage_1"} & set(turned.columns)


@pytest.mark.parametrize("make", [lambda frame: frame, relation])
def test_times_of_another_zone_are_refused_in_deals_and_histories_alike(make: Engine) -> None:
    offset = "2017-01-03T23:00:00-05:00"
    deals = OPPORTUNITIES.with_columns(CreatedDate=pl.lit(offset))
    history = pl.DataFrame({"OpportunityId": ["A"], "StageName": ["x"], "CreatedDate": [offset]})

    for read, frame in ((salesforce.opportunities, deals), (salesforce.history, history)):
        with pytest.raises(FrameError, match=r"CreatedDate: these are not days.*time.*of UTC"):
            read(make(frame))

    of_utc = OPPORTUNITIES.with_columns(CreatedDate=pl.lit("2017-01-03T23:00:00.000+0000"))
    assert set(map(day, column(salesforce.opportunities(make(of_utc)), "created_on"))) == {
        date(2017, 1, 3)
    }


def test_a_history_keeps_dates_and_moments_with_a_zone_as_they_are() -> None:
    zoned = datetime(2017, 1, 3, 23, tzinfo=UTC)
    frame = pl.DataFrame({"OpportunityId": ["A"], "StageName": ["x"], "CreatedDate": [zoned]})

    assert salesforce.history(frame)["at"].to_list() == [zoned]
    dated = frame.with_columns(pl.col("CreatedDate").dt.date())
    assert salesforce.history(dated)["at"].to_list() == [date(2017, 1, 3)]


@pytest.mark.parametrize("kind", ["zzz", [], None])
def test_a_kind_of_export_that_there_is_not_is_refused(kind: Any) -> None:
    with pytest.raises(UnknownName, match="kind of export"):
        salesforce.columns(OPPORTUNITIES, kind=kind)


def test_a_scale_without_a_hash_is_no_scale() -> None:
    scale: Any = [100]
    with pytest.raises(ArgumentError, match=r"scale: must be 1 or 100, not \[100\]"):
        salesforce.opportunities(OPPORTUNITIES, scale=scale)


def test_where_nothing_says_how_deals_ended_nothing_is_said_of_it(engine: Engine) -> None:
    plain = OPPORTUNITIES.drop("IsWon", "IsClosed").with_columns(StageName=pl.lit("Done"))

    assert not {"outcome", "closed_on"} & set(values_of(salesforce.opportunities(engine(plain)))[0])


@pytest.mark.parametrize("stage", ["Closed Won", "7. closed-won", "赢单"])
def test_without_flags_the_words_of_stages_say_how_deals_ended(stage: str, engine: Engine) -> None:
    """Case m10: "Closed Won" says it, and there was no outcome."""
    plain = OPPORTUNITIES.drop("IsWon", "IsClosed").with_columns(
        StageName=pl.Series(["Proposal", stage, "Closed Lost"])
    )

    turned = salesforce.opportunities(engine(plain))

    # What no word says to be over may be so all the same, in a stage of somebody's own.
    assert column(turned, "outcome") == [None, "won", "lost"]
    assert list(map(day, column(turned, "closed_on"))) == [
        None,
        date(2026, 6, 1),
        date(2026, 5, 2),
    ]


def test_what_is_closed_was_won_or_lost_as_its_stage_or_its_certain_probability_says(
    engine: Engine,
) -> None:
    frame = pl.DataFrame(
        {
            "Id": list("ABCDEF"),
            "StageName": ["Open", "Done", "Gone", "Closed Won", "Done", "Closed Lost"],
            "IsClosed": [False, True, True, True, True, False],
            "Probability": [100, 100, 0, 40, 40, 0],
        }
    )

    turned = salesforce.opportunities(engine(frame))

    # The flag of what is open counts more than both.
    assert column(turned, "outcome") == ["none", "won", "lost", "won", None, "none"]


def test_a_deal_that_is_closed_and_of_which_no_flag_says_more_has_no_outcome() -> None:
    frame = OPPORTUNITIES.with_columns(IsWon=pl.Series([None, None, False]))

    assert salesforce.opportunities(frame)["outcome"].to_list() == ["none", None, "lost"]


@pytest.mark.parametrize(
    "flags",
    [
        (["true", "FALSE", " "], ["false", "False", ""]),
        ([1, 0, None], [0, 0, None]),
        ([1.0, 0.0, None], [0.0, 0.0, None]),
        ([True, False, None], [False, False, None]),
    ],
)
def test_flags_are_booleans_texts_or_numbers(flags: tuple[Any, Any], engine: Engine) -> None:
    closed, won = flags
    frame = OPPORTUNITIES.with_columns(
        IsClosed=pl.Series(closed, strict=False), IsWon=pl.Series(won, strict=False)
    )

    if closed[-1] == " ":
        with pytest.raises(FrameError, match="IsClosed"):
            salesforce.opportunities(engine(frame.with_columns(IsClosed=pl.lit("maybe"))))
    turned = salesforce.opportunities(engine(frame))

    assert column(turned, "outcome") == ["lost", "none", None]


def test_a_history_of_all_fields_is_reduced_to_the_stage(engine: Engine) -> None:
    fields = engine(
        pl.DataFrame(
            {
                "OpportunityId": ["006A", "006A", "006A"],
                "Field": ["StageName", "Amount", "StageName"],
                "OldValue": [None, "1", "Qualify"],
                "NewValue": ["Qualify", "2", "Propose"],
                "CreatedDate": ["1/2/2026 7:05", "1/3/2026 8:00", "1/13/2026 9:00:01.25"],
            }
        )
    )

    turned = salesforce.history(fields)

    assert [(row["stage"], row["at"]) for row in values_of(turned)] == [
        ("Qualify", datetime(2026, 1, 2, 7, 5)),
        ("Propose", datetime(2026, 1, 13, 9, 0, 1, 250_000)),
    ]


def test_a_history_of_moments_stays_one(engine: Engine) -> None:
    at = [datetime(2026, 1, 2, 7, 5), datetime(2026, 1, 3)]
    frame = engine(pl.DataFrame({"deal_id": [1, 1], "value": ["a", "b"], "date_entered": at}))

    assert column(hubspot.history(frame), "at") == at


def test_stages_of_salesforce_have_our_scale() -> None:
    frame = pl.DataFrame(
        {
            "MasterLabel": ["Proposal", "Closed Won", "Closed Lost"],
            "DefaultProbability": [65, 100, 0],
            "SortOrder": [1, 2, 3],
            "IsClosed": [False, True, True],
            "IsWon": [False, True, False],
        }
    )

    assert salesforce.stages(frame)["probability"].to_list() == [0.65, 1.0, 0.0]
    ends = {"Closed Won": "won", "Closed Lost": "lost"}
    assert salesforce.ends(frame) == ends
    for flags in (["IsWon"], ["IsWon", "IsClosed"]):
        assert salesforce.ends(frame.drop(flags)) == ends
    plain = frame.drop("IsWon", "IsClosed").with_columns(MasterLabel=pl.Series(["a", "b", "c"]))
    with pytest.raises(
        FrameError, match="nothing says which stages are over: isclosed, closed, is"
    ):
        salesforce.ends(plain)


@pytest.mark.parametrize("closed", [["false", "true", "true"], [False, True, True]])
@pytest.mark.parametrize("prefix", ["", "metadata."])
def test_stages_of_hubspot_are_over_where_they_are_closed_and_their_probability_is_certain(
    closed: list[Any], prefix: str, engine: Engine
) -> None:
    """Case 54: `isClosed` with probability was refused, with that very column there."""
    frame = pl.DataFrame(
        {
            "id": ["appointmentscheduled", "9102", "9103"],
            "label": ["Appointment", "Signed", "Gone"],
            f"{prefix}isClosed": closed,
            f"{prefix}probability": ["0.2", "1.0", "0.0"],
        }
    )

    assert hubspot.ends(engine(frame)) == {"9102": "won", "9103": "lost"}


def test_an_export_says_its_scale() -> None:
    assert (salesforce.scale, hubspot.scale) == (100, 1)
    assert repr(hubspot) == "<Export of HubSpot>"
    assert isinstance(salesforce, Export)


# --------------------------------------------------------------------------- numbers that are texts


def test_numbers_and_dates_that_are_texts_are_read(engine: Engine) -> None:
    frame = OPPORTUNITIES.with_columns(
        Amount=pl.Series(["$1,234.00", "($50.00)", "N/A"]),
        Probability=pl.Series(["65%", "100%", "-"]),
        PushCount=pl.Series(["3", "", "1"]),
        CloseDate=pl.Series(["30-Sep-2026", "1-Jun-2026", "N/A"]),
        CurrencyIsoCode=pl.lit("USD"),
    )

    turned = salesforce.opportunities(engine(frame), missing=["N/A", "-"])

    assert column(turned, "amount") == [1234, -50, None]
    assert column(turned, "probability") == [0.65, 1, None]
    assert column(turned, "close_date_pushes") == [3, None, 1]
    assert column(turned, "amount.currency") == ["USD"] * 3
    assert list(map(day, column(turned, "expected_close_on"))) == [
        date(2026, 9, 30),
        None,
        None,
    ]
    assert list(map(day, column(turned, "closed_on"))) == [None, date(2026, 6, 1), None]


@pytest.mark.parametrize(
    ("amounts", "currencies"),
    [
        (["EUR 1,200.50", "USD 7", None], ["EUR", "USD", None]),
        (["$1,200.50", "$7", None], ["$", "$", None]),
        (["1,200.50", "7", None], None),
    ],
)
def test_a_currency_that_only_the_texts_of_amounts_say_is_kept(
    amounts: list[str | None], currencies: list[str | None] | None, engine: Engine
) -> None:
    turned = salesforce.opportunities(engine(OPPORTUNITIES.with_columns(Amount=pl.Series(amounts))))

    assert column(turned, "amount") == [1200.5, 7, None]
    if currencies is None:
        assert "amount.currency" not in values_of(turned)[0]
    else:
        assert column(turned, "amount.currency") == currencies


def test_a_percentage_is_one_whatever_the_scale_of_its_crm() -> None:
    frame = pl.DataFrame({"id": ["a"], "dealstage": ["x"], "stage_name": ["x"]})
    frame = frame.with_columns(probability=pl.lit("65%"))

    for export in (salesforce, hubspot):
        assert column(export.opportunities(frame), "probability") == [0.65]
        assert column(export.opportunities(frame, scale=100), "probability") == [0.65]
    assert salesforce.stages(frame)["probability"].to_list() == [0.65]
    plain = frame.with_columns(probability=pl.lit("65"))
    assert column(salesforce.opportunities(plain), "probability") == [0.65]


def test_amounts_that_could_be_two_things_are_refused_until_it_is_said(engine: Engine) -> None:
    frame = engine(OPPORTUNITIES.with_columns(Amount=pl.lit("1,200")))

    with pytest.raises(FrameError, match=re.escape('decimal={"Amount": "."} or decimal={')):
        salesforce.opportunities(frame)
    assert column(salesforce.opportunities(frame, decimal="."), "amount") == [1200] * 3
    said = salesforce.opportunities(frame, decimal={"Amount": ","})
    assert column(said, "amount") == [1.2] * 3
    with pytest.raises(ArgumentError, match=re.escape("decimal['CloseDate']: this column is not")):
        salesforce.opportunities(frame, decimal={"CloseDate": "."})


def test_the_times_of_a_history_may_be_told_on_twelve_hours(engine: Engine) -> None:
    times = ["1/26/2015, 11:59:00 PM", "1/27/2015, 12:05 AM", "1/27/2015, 12:30 p.m.", "2/1/2015"]
    frame = pl.DataFrame({"deal_id": [1, 2, 3, 4], "value": "a", "date_entered": times})

    turned = hubspot.history(engine(frame))

    assert column(turned, "at") == [
        datetime(2015, 1, 26, 23, 59),
        datetime(2015, 1, 27, 0, 5),
        datetime(2015, 1, 27, 12, 30),
        datetime(2015, 2, 1),
    ]


@pytest.mark.parametrize(
    "times",
    [
        ["26 Jan 2015 11:59 PM", "27 January 2015", None],
        ["2015年1月26日 23:59", "2015年1月27日", None],
        ["20150126 23:59", "20150127T00:00:00Z", None],
        ["26.01.15 23:59", "27.1.15", None],
    ],
)
def test_the_days_of_a_history_may_be_written_in_any_form(
    times: list[str | None], engine: Engine
) -> None:
    frame = pl.DataFrame({"deal_id": [1, 2, 3], "value": "a", "date_entered": times})
    form = "DD.MM.YY" if "26.01.15" in str(times) else None

    turned = hubspot.history(engine(frame), format=form)

    assert column(turned, "at") == [datetime(2015, 1, 26, 23, 59), datetime(2015, 1, 27), None]


def test_a_day_with_a_fraction_is_not_taken_for_a_moment_without_one(engine: Engine) -> None:
    whole = pl.DataFrame({"deal_id": [1], "value": ["a"], "date_entered": [42370.0]})
    broken = whole.with_columns(date_entered=42370.5)

    assert column(hubspot.history(engine(whole), format="excel"), "at") == [datetime(2016, 1, 1)]
    with pytest.raises(FrameError, match=r"not days as excel: '42370.…' \((1 row|row 1)\)"):
        hubspot.history(engine(broken), format="excel")


# ------------------------------------------------------------------------------------- bad input


def test_what_cannot_be_read_of_an_export_can_be_put_aside(engine: Engine) -> None:
    deals = pl.DataFrame(
        {
            "Id": ["006A", "006B"],
            "StageName": ["Proposal", "Closed Won"],
            "Amount": ["$5", "ask Li"],
            "CloseDate": ["soon", "2026-06-01"],
        }
    )
    with pytest.raises(FrameError) as raised:
        salesforce.opportunities(engine(deals))
    assert [str(it).partition("or read the others: ")[2] for it in raised.value.problems] == [
        'unread_column={"CloseDate": "CloseDate.unread"}; a time, if any, is one of UTC',
        'unread_column={"Amount": "Amount.unread"}',
    ]

    aside = {"Amount": "what", "CloseDate": "day.unread"}
    turned = salesforce.opportunities(engine(deals), unread_column=aside)

    assert column(turned, "amount") == [5.0, None]
    assert column(turned, "what") == [None, "ask Li"]
    assert list(map(day, column(turned, "closed_on"))) == [None, date(2026, 6, 1)]
    assert column(turned, "day.unread") == ["soon", None]


def test_what_is_put_aside_as_the_hint_says_goes_by_the_name_of_the_fact(engine: Engine) -> None:
    deals = pl.DataFrame(
        {
            "Id": ["006A", "006B", "006C"],
            "StageName": ["Proposal", "Closed Won", "Closed Won"],
            "Amount": ["$5", "ask Li", "$7"],
            "CloseDate": ["soon", "2026-06-01", "late"],
        }
    )
    aside = {"Amount": "Amount.unread", "CloseDate": "CloseDate.unread"}
    turned = salesforce.opportunities(engine(deals), unread_column=aside)

    assert column(turned, "amount.unread") == [None, "ask Li", None]
    # The one close date of a CRM is two, and so is what cannot be read of it.
    assert column(turned, "expected_close_on.unread") == ["soon", None, None]
    assert column(turned, "closed_on.unread") == [None, None, "late"]
    assert not {"Amount.unread", "CloseDate.unread"} & set(nw.from_native(turned).columns)

    book = load_playbook("optimized_sales_process")
    stages = {"Proposal": "demand_generation", "Closed Won": "won"}
    report = check_pipeline(turned, book, key="id", as_of=date(2026, 6, 30), stages=stages)
    found = {name: count.no for name, count in report.counts.items() if ".readable." in name}
    assert found == {
        "hygiene.readable.amount": 1,
        "hygiene.readable.expected_close_on": 1,
        "hygiene.readable.closed_on": 1,
    }


@pytest.mark.parametrize(
    ("export", "values", "message"),
    [
        (salesforce, [0.1, 0.65, 1.0], "no probability is above 1, and those of Salesforce"),
        (salesforce, [0.0, 0.0, 1.0], "say scale=1, or scale=100 if they are so"),
        (hubspot, [10.0, 65.0, None], "2 probabilities are above 1, and those of HubSpot are not"),
        (hubspot, ["65%", "1", ""], "others are percentages, and these are not: '1'"),
        (hubspot, ["65", "10", ""], "2 probabilities are above 1, and those of HubSpot are not"),
        (salesforce, ["0.65", "likely", ""], "others are numbers with a decimal point, and these"),
    ],
)
def test_probabilities_of_the_other_scale_are_refused(
    export: Export, values: list[Any], message: str, engine: Engine
) -> None:
    frame = pl.DataFrame({"id": ["a", "b", "c"], "dealstage": "x", "stage_name": "x"})
    frame = frame.with_columns(probability=pl.Series(values, strict=False))

    with pytest.raises(FrameError, match=message):
        export.opportunities(engine(frame))


def test_a_scale_that_is_said_decides(engine: Engine) -> None:
    frame = engine(pl.DataFrame({"id": ["a"], "stage_name": ["x"], "probability": [0.5]}))

    assert column(salesforce.opportunities(frame, scale=1), "probability") == [0.5]
    assert column(salesforce.opportunities(frame, scale=100), "probability") == [0.005]
    with pytest.raises(ArgumentError, match="scale: must be 1 or 100, not 10"):
        salesforce.opportunities(frame, scale=10)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [[0, 0, 0], [None, None, None], ["", None, ""]])
def test_probabilities_that_say_nothing_have_no_scale(values: list[Any], engine: Engine) -> None:
    frame = OPPORTUNITIES.with_columns(Probability=pl.Series(values, strict=False))

    found = column(salesforce.opportunities(engine(frame)), "probability")

    assert [each or 0 for each in found] == [0, 0, 0]


def test_everything_that_is_wrong_is_said_at_once(engine: Engine) -> None:
    frame = OPPORTUNITIES.with_columns(
        StageNam=pl.col("StageName"),
        CloseDate=pl.lit("01/02/2026"),
        Probability=pl.lit(0.5),
        IsWon=pl.lit("won"),
    ).drop("StageName")

    with pytest.raises(FrameError) as raised:
        salesforce.opportunities(engine(frame))

    assert sorted((problem.path, problem.code) for problem in raised.value.problems) == [
        ("CloseDate", "ambiguous_date"),
        ("IsWon", "flag"),
        ("Probability", "scale"),
        ("columns", "no_column"),
    ]
    assert "did you mean 'StageNam'?" in str(raised.value)


def test_a_form_of_dates_can_be_said() -> None:
    frame = OPPORTUNITIES.with_columns(CloseDate=pl.lit("01/02/2026"))

    turned = salesforce.opportunities(frame, format={"CloseDate": "D/M/YYYY"})

    for name in ("expected_close_on", "closed_on"):
        assert set(turned[name].drop_nulls()) == {date(2026, 2, 1)}


def test_two_columns_of_one_name_are_refused() -> None:
    frame = OPPORTUNITIES.with_columns(pl.col("StageName").alias("Stage Name"))

    with pytest.raises(FrameError, match="'StageName' and 'Stage Name' have one name; keep one"):
        salesforce.opportunities(frame)
    with pytest.raises(FrameError, match="have one name"):
        salesforce.columns(frame)


def test_flags_of_another_type_are_refused() -> None:
    frame = OPPORTUNITIES.with_columns(IsWon=pl.lit(date(2026, 1, 1)))

    with pytest.raises(FrameError, match="IsWon: a column of type Date cannot be a flag"):
        salesforce.opportunities(frame)


def test_an_export_without_rows_is_one(engine: Engine) -> None:
    assert values_of(salesforce.opportunities(engine(OPPORTUNITIES.clear()))) == []


def test_a_frame_that_its_engine_cannot_compute_is_refused() -> None:
    broken = OPPORTUNITIES.lazy().with_columns(pl.col("CloseDate").str.to_integer().cast(pl.String))

    with pytest.raises(
        FrameError, match=r"The engine of the frame \(polars\) could not work this out"
    ):
        salesforce.opportunities(broken)


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        hubspot.opportunities({"id": [1]})


def test_columns_without_a_text_for_a_name_are_told_and_hold_no_fact() -> None:
    frame = OPPORTUNITIES.to_pandas()
    frame[3], frame["a", "b"] = "x", "y"

    assert "id" in salesforce.columns(frame)
    assert salesforce.columns(pd.DataFrame([["006A", "Proposal"]])) == {}
    with pytest.raises(FrameError) as caught:
        salesforce.opportunities(frame)
    (problem,) = caught.value.problems
    assert problem.message == "2 columns have no text for a name: 3, ('a', 'b')"


def test_the_frame_is_not_changed() -> None:
    frame = OPPORTUNITIES.to_pandas()
    before = frame.copy(deep=True)

    salesforce.opportunities(frame)

    pd.testing.assert_frame_equal(frame, before)


def test_every_export_that_is_offered_is_tried_with_files() -> None:
    offered = {name for name in exports.__all__ if isinstance(getattr(exports, name), Export)}
    # Of some CRMs there is no real file here: tables like those of their public sources stand in.
    offered -= {crm.casefold() for crm in AUDITS} | set(CRMS)
    assert offered == {"salesforce", "hubspot"}

    tried = [name for name in globals() if name.startswith("test_") and "_real_" in name]
    assert [name for name in offered if not any(f"_of_{name}_" in test for test in tried)] == []
