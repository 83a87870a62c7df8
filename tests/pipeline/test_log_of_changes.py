"""Logs of changes, from and to: how deals began, and what such a log does not tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Playbook
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import HistoryReport, check_history, metrics, snapshots
from salesflow.pipeline.exports import Export, espocrm, hubspot, jira, odoo, salesforce, suitecrm
from tests.frame_engines import values_of
from tests.pipeline.conftest import classic

BOOK = Playbook.from_toml("""
id = "m"
version = "1"
title = "M"
languages = ["en"]
[[stages]]
key = "qualify"
title = "Qualify"
max_days = 30
[[stages]]
key = "propose"
title = "Propose"
[[stages]]
key = "sign"
title = "Sign"
""")
STAGES = {"Prospecting": "qualify", "Proposal": "propose", "Negotiation": "sign"}
STAGES |= {"Closed Won": "won", "Closed Lost": "lost"}
Engine = Callable[[pl.DataFrame], Any]


def _duckdb() -> Engine:
    connection = duckdb.connect()  # relations of two connections cannot be joined
    return lambda frame: connection.from_arrow(frame.to_arrow())


ENGINES: dict[str, Callable[[], Engine]] = {
    "polars": lambda: lambda frame: frame,
    "polars lazy": lambda: pl.DataFrame.lazy,
    "pandas": lambda: classic,
    "pyarrow": lambda: pl.DataFrame.to_arrow,
    "duckdb": _duckdb,
}


def changes(*rows: tuple[str, str | None, str, int]) -> pl.DataFrame:
    """Deal, from, to, and day of January and later."""
    return pl.DataFrame(
        [
            (deal, old, new, date(2026, 1, 1) + timedelta(days=day - 1))
            for deal, old, new, day in rows
        ],
        schema={"deal": pl.String, "old": pl.String, "new": pl.String, "at": pl.Date},
        orient="row",
    )


def check(frame: Any, **more: Any) -> HistoryReport[Any]:
    options: dict[str, Any] = {"case": "deal", "stage": "new", "at": "at", "previous": "old"} | more
    return check_history(frame, BOOK, **options)


# ------------------------------------------------------------------------------- case 40, and kind

FIELD_HISTORY = pl.DataFrame(
    {
        "OpportunityId": ["006A"] * 4,
        "Field": ["StageName", "StageName", "Amount", "StageName"],
        "OldValue": ["Prospecting", "Proposal", "1", "Negotiation"],
        "NewValue": ["Proposal", "Negotiation", "2", "Closed Won"],
        "CreatedDate": [f"2026-0{month}-03T09:00:00.000Z" for month in (2, 3, 3, 4)],
    }
)
OPPORTUNITIES = pl.DataFrame(
    {
        "Id": ["006A", "006B"],
        "StageName": ["Closed Won", "Prospecting"],
        "CreatedDate": ["2026-01-05T09:00:00.000Z", "2026-01-07T10:00:00.000Z"],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_stage_of_a_deal_is_in_its_first_old_value(engine: str) -> None:
    """Case 40: every case was `without_predecessor`, and the first stage was entered by none."""
    log = salesforce.history(ENGINES[engine]()(FIELD_HISTORY))

    report = check_history(
        log, BOOK, case="id", stage="stage", at="at", previous="previous", stages=STAGES
    )

    assert {kind: count for kind, count in report.counts.items() if count} == {}
    assert (report.unseen, report.cases_total, report.moves, report.rows) == (1, 1, 3, 3)
    assert "Cases that begin unseen: 1" in report.summary()
    assert "起始阶段未被记录的项目：1 个" in report.summary("zh")
    assert values_of(report.cases)[0]["events"] == 3
    deals = pl.DataFrame({"id": ["006A"], "stage": ["won"]})
    found = metrics(deals, BOOK, key="id", as_of=date(2026, 6, 1), history=report)
    first = found.stages["qualify"]
    assert (first.entered.value, first.conversion.value) == (1, 1.0)
    # Since when it was there nobody knows, nor how long it took to win.
    assert (first.days_median.value, found.stages["propose"].days_median.value) == (None, 28)
    assert found.cycle_mean.value is None
    assert found.cycle_mean.reason == "1 won deal begins unseen"


@pytest.mark.parametrize("engine", ENGINES)
def test_deals_without_a_change_come_from_the_snapshot(engine: str) -> None:
    make = ENGINES[engine]()
    for deals in (OPPORTUNITIES, salesforce.opportunities(OPPORTUNITIES)):
        log = salesforce.history(make(FIELD_HISTORY), created=make(deals))

        report = check_history(
            log, BOOK, case="id", stage="stage", at="at", previous="previous", stages=STAGES
        )

        assert type(log) is type(make(deals))
        assert (report.unseen, report.cases_total, report.moves, report.rows) == (0, 2, 3, 5)
        assert sum(report.counts.values()) == 0
        told = metrics(
            pl.DataFrame({"id": ["006A", "006B"], "stage": ["won", "qualify"]}),
            BOOK,
            key="id",
            as_of=date(2026, 6, 1),
            history=report,
        )
        assert told.stages["qualify"].entered.value == 2
        assert told.stages["qualify"].days_median.value == 29
        assert (told.cycle_mean.value, told.cycle_mean.rows) == (88, 1)


def test_a_log_of_entries_needs_the_snapshot_only_for_deals_without_any() -> None:
    entries = pl.DataFrame(
        {"dealId": ["1"], "timestamp": ["2026-02-01 10:00:00"], "dealstage": ["appointment"]}
    )
    deals = pl.DataFrame(
        {
            "Record ID": ["1", "2"],
            "Deal Stage": ["contract", "appointment"],
            "Create Date": ["2026-01-01", "2026-01-02"],
        }
    )
    log = hubspot.history(
        entries, created=deals.rename({"Deal Stage": "dealstage", "Create Date": "createdate"})
    )

    assert log.columns == ["id", "stage", "at"]
    assert log.sort("id").rows() == [
        ("1", "appointment", datetime(2026, 2, 1, 10)),
        ("2", "appointment", datetime(2026, 1, 2)),
    ]


def test_of_changes_at_one_moment_the_first_is_the_one_that_follows_none() -> None:
    frame = pl.DataFrame(
        {
            "OpportunityId": ["A", "A", "B", "B"],
            "Field": "StageName",
            "OldValue": ["Proposal", "Prospecting", "Proposal", "Negotiation"],
            "NewValue": ["Negotiation", "Proposal", "Negotiation", "Proposal"],
            "CreatedDate": "2026-02-03T09:00:00Z",
        }
    )
    deals = pl.DataFrame({"Id": ["A", "B"], "StageName": "x", "CreatedDate": "2026-01-01"})

    log = salesforce.history(frame, created=deals)

    # Of B nobody can say which came first, so that it begins unseen.
    assert log.filter(pl.col("previous").is_null()).rows() == [
        ("A", "Prospecting", datetime(2026, 1, 1), None)
    ]


def test_what_is_wrong_with_the_snapshot_is_said_at_once() -> None:
    odd = pl.DataFrame({"Id": [1, 1], "StageName": "x", "CreatedDate": ["2026-01-01", None]})
    with pytest.raises(FrameError) as caught:
        salesforce.history(FIELD_HISTORY, created=odd)
    assert [problem.code for problem in caught.value.problems] == [
        "kind",
        "no_time",
        "duplicate_key",
    ]
    aware = OPPORTUNITIES.with_columns(
        pl.lit(datetime(2026, 1, 1, tzinfo=UTC)).alias("CreatedDate")
    )
    with pytest.raises(FrameError, match="times of the day of creation have a zone"):
        salesforce.history(FIELD_HISTORY, created=aware)
    with pytest.raises(FrameError, match="pass two frames of one kind"):
        salesforce.history(FIELD_HISTORY, created=OPPORTUNITIES.lazy())
    with pytest.raises(FrameError, match="Salesforce's column of the created_on is not there"):
        salesforce.history(FIELD_HISTORY, created=OPPORTUNITIES.drop("CreatedDate"))


def test_forms_of_dates_are_said_by_the_names_of_either_export() -> None:
    ours = FIELD_HISTORY.with_columns(CreatedDate=pl.lit("03/02/2026")).rename(
        {"CreatedDate": "Edit Date"}
    )
    theirs = OPPORTUNITIES.with_columns(CreatedDate=pl.lit("02/01/2026"))
    forms = {"Edit Date": "D/M/YYYY", "CreatedDate": "D/M/YYYY"}

    log = salesforce.history(ours, created=theirs, format=forms)

    assert log["at"].min() == datetime(2026, 1, 2)
    with pytest.raises(ArgumentError, match="this column is not read"):
        salesforce.history(ours, created=theirs, format=forms | {"Due": "ISO"})


# -------------------------------------------------------------------------------------- other CRMs

AUDITS: dict[str, tuple[Export, pl.DataFrame, pl.DataFrame]] = {
    "SuiteCRM": (
        suitecrm,
        pl.DataFrame(
            {
                "id": ["x", "y"],
                "parent_id": ["1", "1"],
                "date_created": ["2026-02-03 09:00:00", "2026-02-04 09:00:00"],
                "field_name": ["sales_stage", "probability"],
                "data_type": ["enum", "int"],
                "before_value_string": ["Prospecting", "10"],
                "after_value_string": ["Proposal", "20"],
            }
        ),
        pl.DataFrame(
            {"id": ["1", "2"], "sales_stage": ["Proposal", "Prospecting"], "amount": [1.0, 2.0]}
            | {"date_entered": ["2026-01-05 08:00:00", "2026-01-06 08:00:00"]}
        ),
    ),
    "EspoCRM": (
        espocrm,
        pl.DataFrame(
            {
                "id": ["x", "y"],
                "type": ["Update", "Post"],
                "parentId": ["1", "1"],
                "createdAt": ["2026-02-03 09:00:00", "2026-02-04 09:00:00"],
                "data.attributes.was.stage": ["Prospecting", None],
                "data.attributes.became.stage": ["Proposal", None],
            }
        ),
        pl.DataFrame(
            {"id": ["1", "2"], "stage": ["Proposal", "Prospecting"], "amount": [1.0, 2.0]}
            | {"createdAt": ["2026-01-05 08:00:00", "2026-01-06 08:00:00"]}
        ),
    ),
    "Odoo": (
        odoo,
        pl.DataFrame(
            {
                "id": [7, 8],
                "field": ["stage_id", "user_id"],
                "field_desc": ["Stage", "Salesperson"],
                "old_value_char": ["Prospecting", "Li"],
                "new_value_char": ["Proposal", "Wang"],
                "res_id": ["1", "1"],
                "date": ["2026-02-03 09:00:00", "2026-02-04 09:00:00"],
            }
        ),
        pl.DataFrame(
            {"id": ["1", "2"], "stage": ["Proposal", "Prospecting"], "expected_revenue": [1.0, 2.0]}
            | {"create_date": ["2026-01-05 08:00:00", "2026-01-06 08:00:00"]}
        ),
    ),
    "Jira": (
        jira,
        pl.DataFrame(
            {
                "issue_key": ["1", "1"],
                "created": ["2026-02-03T09:00:00.000+0000", "2026-02-04T09:00:00.000+0000"],
                "field": ["status", "assignee"],
                "from": ["10", "li"],
                "fromString": ["Prospecting", "Li"],
                "to": ["11", "wang"],
                "toString": ["Proposal", "Wang"],
            }
        ),
        pl.DataFrame(
            {"Issue key": ["1", "2"], "Status": ["Proposal", "Prospecting"]}
            | {"Created": ["2026-01-05 08:00:00", "2026-01-06 08:00:00"]}
        ),
    ),
}


@pytest.mark.parametrize("crm", AUDITS)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_audits_of_other_crms_are_logs_of_changes(crm: str, engine: str) -> None:
    export, audit, deals = AUDITS[crm]
    make = ENGINES[engine]()

    alone = values_of(export.history(make(audit)))
    log = export.history(make(audit), created=make(deals))

    assert [(row["id"], row["previous"], row["stage"]) for row in alone] == [
        ("1", "Prospecting", "Proposal")
    ]
    assert sorted((row["id"], row["at"].day, row["stage"]) for row in values_of(log)) == [
        ("1", 3, "Proposal"),
        ("1", 5, "Prospecting"),
        ("2", 6, "Prospecting"),
    ]
    report = check_history(
        log, BOOK, case="id", stage="stage", at="at", previous="previous", stages=STAGES
    )
    assert (report.unseen, report.conforming, report.moves) == (0, 2, 1)


@pytest.mark.parametrize("crm", AUDITS)
def test_the_deals_of_other_crms_have_our_facts(crm: str) -> None:
    export, _, deals = AUDITS[crm]

    turned = export.opportunities(deals)

    assert turned["stage"].to_list() == ["Proposal", "Prospecting"]
    assert turned["created_on"].to_list() == [date(2026, 1, 5), date(2026, 1, 6)]
    if crm != "Jira":
        assert turned["amount"].to_list() == [1.0, 2.0]
    if crm != "Odoo":
        with pytest.raises(UnknownName, match="kind of export"):
            export.stages(deals)


# --------------------------------------------------------------------------- what a log may be like


def test_an_old_value_that_is_not_the_new_one_before_is_a_gap() -> None:
    log = changes(
        ("a", None, "qualify", 1), ("a", "qualify", "propose", 5), ("a", "sign", "won", 20)
    )

    report = check(log)

    assert {kind: count for kind, count in report.counts.items() if count} == {"gap": 1}
    assert report.deviations.rows() == [("a", "gap", "propose", "sign", date(2026, 1, 20), None)]
    # How it came to be signed nobody saw, so that nobody judges it; that it was won from there is.
    assert (report.unseen, report.moves, report.fitness, report.conforming) == (0, 2, 1.0, 0)
    assert report.edges.sort("from")["from"].to_list() == ["qualify", "sign"]
    assert "a change is missing       1  propose → sign" in report.summary()
    figures = metrics(
        pl.DataFrame({"deal": ["a"], "stage": ["won"]}),
        BOOK,
        key="deal",
        as_of=date(2026, 6, 1),
        history=report,
    )
    assert figures.stages["sign"].entered.value == 1
    # It left for somewhere, on a day that nobody knows.
    assert figures.stages["propose"].days_median.value is None
    assert figures.cycle_mean.value == 19


def test_a_change_from_a_stage_to_itself_after_a_gap_is_a_gap_and_no_more() -> None:
    report = check(changes(("a", None, "qualify", 1), ("a", "propose", "propose", 5)))

    assert report.deviations.rows() == [("a", "gap", "qualify", "propose", date(2026, 1, 5), None)]


def test_both_forms_may_be_mixed_and_each_row_says_which_it_is() -> None:
    log = changes(("a", None, "qualify", 1), ("a", "qualify", "propose", 2), ("a", " ", "sign", 3))

    report = check(log)

    assert (report.unseen, report.moves, report.conforming) == (0, 2, 1)


def test_an_old_value_that_nobody_knows_is_told() -> None:
    report = check(changes(("a", "Lead", "propose", 1), ("b", "Lead", "cof", 2)), ignore=["cof"])

    assert report.unknown_labels == {"Lead": 1}
    assert (report.ignored, report.unseen) == ({"cof": 1}, 0)
    assert {kind: count for kind, count in report.counts.items() if count} == {
        "without_predecessor": 1
    }
    assert check(changes(("a", "Lead", "propose", 1)), stages={"Lead": "qualify"}).conforming == 1


def test_a_column_of_old_values_that_is_not_there_is_named() -> None:
    with pytest.raises(FrameError, match="there is no column 'was'") as caught:
        check(changes(("a", None, "qualify", 1)), previous="was")
    assert caught.value.problems[0].path == "previous"
    with pytest.raises(FrameError, match="holds no labels"):
        check(changes(("a", None, "qualify", 1)), previous="at")


def test_the_pipeline_of_a_day_has_deals_that_began_unseen_from_their_first_change_on() -> None:
    log = changes(("a", "qualify", "propose", 5), ("a", "propose", "sign", 9))
    days = [date(2026, 1, number) for number in (4, 5, 9)]

    found = snapshots(log, BOOK, case="deal", stage="new", at="at", previous="old", days=days).sort(
        "day"
    )

    assert found.select("stage", "created_on").rows() == [("propose", None), ("sign", None)]


# --------------------------------------------------------------------- labels that do not matter


@pytest.mark.parametrize("engine", ENGINES)
def test_labels_that_do_not_matter_count_nowhere_but_where_they_are_told(engine: str) -> None:
    """m11: 201,351 events of a public log were unknown labels, and conforming was a third."""
    log = pl.DataFrame(
        {
            "deal": ["a", "a", "a", "b", "b"],
            "new": ["qualify", "W_Call", "propose", None, "qualify"],
            "at": [date(2026, 1, day) for day in (1, 2, 3, 4, 5)],
        }
    )
    make = ENGINES[engine]()

    found = check(make(log), previous=None, ignore=["W_Call", ""])

    assert found.ignored == {"": 1, "W_Call": 1}
    assert (found.rows, found.conforming, found.unknown_labels) == (3, 2, {})
    assert "Events that do not matter: 2" in found.summary()
    assert check(make(log), previous=None).counts["unknown_label"] == 2
    assert check(make(log), previous=None, ignore="W_Call").unknown_labels == {"": 1}


def test_a_label_is_a_stage_or_does_not_matter() -> None:
    log = changes(("a", None, "qualify", 1))
    with pytest.raises(FrameError, match="'Plan' is a stage in stages="):
        check(log, stages={"Plan": "qualify"}, ignore=["Plan"])
    with pytest.raises(ArgumentError, match="ignore: must be labels") as caught:
        check(log, ignore=[1], tz="Mars")
    assert {problem.path for problem in caught.value.problems} == {"ignore", "tz"}


# -------------------------------------------------------------------------------- numbered events


@pytest.mark.parametrize("engine", ENGINES)
def test_time_that_goes_back_is_seen_where_the_stage_repeats(engine: str) -> None:
    """M3 of the data scientist, as it stands there: it was said to conform."""
    log = pl.DataFrame(
        {
            "case": ["A", "A"],
            "stage": ["qualify", "qualify"],
            "at": [date(2025, 9, 15), date(2024, 3, 9)],
            "n": [1, 2],
        }
    )

    report = check_history(
        ENGINES[engine]()(log), BOOK, case="case", stage="stage", at="at", order="n"
    )

    assert (report.counts["out_of_order"], report.moves, report.conforming) == (1, 0, 0)
    (row,) = values_of(report.deviations)
    assert (row["kind"], row["from"], row["to"]) == ("out_of_order", "qualify", "qualify")


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_that_are_there_twice_in_a_case_are_told(engine: str) -> None:
    """M3 (b): two deals under one id, numbered 1, 1, 2, 2, conformed."""
    log = pl.DataFrame(
        {
            "case": ["A", "A", "A", "A", "B"],
            "stage": ["qualify", "qualify", "propose", "propose", "qualify"],
            "at": [
                date(2024, 3, 9),
                date(2025, 9, 15),
                date(2024, 4, 1),
                date(2025, 10, 1),
                date(2025, 1, 1),
            ],
            "n": [1, 1, 2, 2, 1],
        }
    )

    report = check_history(
        ENGINES[engine]()(log), BOOK, case="case", stage="stage", at="at", order="n"
    )

    assert (report.counts["tied"], report.counts["out_of_order"]) == (2, 1)
    assert (report.conforming, report.cases_total) == (1, 2)


# --------------------------------------------------------------------------------------------- law

# Each example asks an engine of frames many times.
FEW = settings(max_examples=max(2, settings().max_examples // 6))
KEYS = ("qualify", "propose", "sign", "won", "lost")
courses = st.dictionaries(
    st.sampled_from("abcd"),
    st.lists(st.tuples(st.sampled_from(KEYS), st.integers(1, 40)), min_size=1, max_size=6),
    max_size=4,
)


@FEW
@given(engine=st.sampled_from(sorted(ENGINES)), drawn=courses)
def test_a_log_of_changes_with_how_deals_began_is_the_log_of_entries(
    engine: str, drawn: dict[str, list[tuple[str, int]]]
) -> None:
    make = ENGINES[engine]()
    entries: list[tuple[str, str | None, str, int]] = []
    moves: list[tuple[str, str | None, str, int]] = []
    deals = []
    for deal, course in drawn.items():
        day = 0
        steps: list[tuple[str, int]] = []
        for stage, days in course:
            if not steps or steps[-1][0] != stage:
                day += days
                steps.append((stage, day))
        entries += [(deal, None, stage, at) for stage, at in steps]
        moves += [(deal, a, b, at) for (a, _), (b, at) in pairwise(steps)]
        deals.append((deal, steps[-1][0], date(2026, 1, 1) + timedelta(days=steps[0][1] - 1)))
    audit = changes(*moves).select(
        pl.col("deal").alias("OpportunityId"),
        pl.lit("StageName").alias("Field"),
        pl.col("old").alias("OldValue"),
        pl.col("new").alias("NewValue"),
        pl.col("at").cast(pl.Datetime("us")).alias("CreatedDate"),
    )
    created = pl.DataFrame(
        deals,
        schema={"Id": pl.String, "StageName": pl.String, "CreatedDate": pl.Date},
        orient="row",
    ).cast({"CreatedDate": pl.Datetime("us")})
    plain = changes(*entries).cast({"at": pl.Datetime("us")})

    log = salesforce.history(make(audit), created=make(created))
    found = check(log, case="id", stage="stage", previous="previous")
    wanted = check(make(plain.rename({"deal": "id"})), case="id", previous=None)

    assert found.model_dump() == wanted.model_dump()
    for name in ("deviations", "cases", "edges"):
        frames = (getattr(report, name) for report in (found, wanted))
        one, other = (Counter(map(repr, values_of(frame))) for frame in frames)
        assert one == other

    # Without how they began, the moves are the same, and each deal that moved begins unseen.
    alone = check(make(changes(*moves)))
    assert (alone.moves, alone.fitness) == (wanted.moves, wanted.fitness)
    assert alone.unseen == len({deal for deal, *_ in moves})
    begun_unseen = {"without_predecessor", "too_long"}
    for kind in {*alone.counts} - begun_unseen:
        assert alone.counts[kind] == wanted.counts[kind], kind
