"""An unknown frame is proposed a mapping, for a person to read; nothing in it is guessed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError
from salesflow.facts import FactKind
from salesflow.pipeline import FrameMapping, Source, Suggestion, exports, suggest
from tests.hostile import SEVERAL_LINES, UNSEEN, VISIBLE
from tests.pipeline.conftest import PROCESS

BOOK = sf.Playbook.from_toml(PROCESS)
OPTIMIZED = sf.load_playbook("optimized_sales_process")
DAY = date(2026, 6, 30)

SALESFORCE = pl.DataFrame(
    {
        "Opportunity ID": ["006A", "006B", "006C"],
        "Opportunity Name": ["Core", "Edge", "Core"],
        "Account Name": ["Acme", "Acme", "Bolt"],
        "Stage": ["Qualify", "Closed Won", "Prospecting"],
        "Amount": [1200.0, None, 3.0],
        "Probability (%)": [10, 100, 0],
        "Close Date": ["2026-09-30", "6/1/2026", "1 June 2026"],
        "Created Date": [date(2026, 1, 5), date(2026, 1, 7), date(2026, 2, 1)],
        "Opportunity Owner": ["An", "Li", "Li"],
        "Owner Role": ["EMEA", "EMEA", "APAC"],
        "Next Step": [None, "call", ""],
        "Type": ["New", "New", "Old"],
    }
)
HUBSPOT = pl.DataFrame(
    {
        "Record ID": [1, 2, 3],
        "Deal Name": ["Core", "Edge", "Rim"],
        "Deal Stage": ["Appointment Scheduled", "Closed Won", "Offer"],
        "Amount": ["1,200", "$900.00", ""],
        "Close Date": ["2026-09-30 10:00"] * 3,
        "Create Date": ["2026-01-05 10:00"] * 3,
        "Deal owner": ["An", "Li", "Li"],
        "Deal probability": [0.2, 1.0, 0.1],
    }
)
CHINESE = pl.DataFrame(
    {
        "商机编号": ["S1", "S2", "S3"],
        "商机名称": ["甲", "乙", "丙"],
        "客户名称": ["子公司", "子公司", "母公司"],
        "销售阶段": ["资格确认", "赢单", "谈判"],
        "金额（万元）": ["12.5万", "3万", "1万"],
        "预计成交日期": ["2026年9月30日", "2026年6月1日", "2026年6月1日"],
        "负责人": ["安", "李", "李"],
        "赢率": ["65%", "100%", "0%"],
        "客户级别": ["战略客户", "普通客户", "黄金"],
        "预算？": ["是", "否", "未知"],
    }
)


def targets(found: Suggestion) -> dict[str, str]:
    return {it.column: it.target for it in found.columns if it.target is not None}


def reasons(found: Suggestion) -> dict[str, str]:
    return {it.column: it.reason for it in found.open_columns}


def readers(found: Suggestion) -> list[tuple[str, str]]:
    return [(it.reader, it.column) for it in found.readers]


def test_a_report_of_salesforce_is_placed_and_what_is_not_clear_is_left() -> None:
    found = suggest(SALESFORCE, BOOK)

    assert found.mapping == FrameMapping(
        key="Opportunity ID",
        stage="Stage",
        columns={
            "account.name": "Account Name",
            "amount": "Amount",
            "probability": "Probability (%)",
            "expected_close_on": "Close Date",
            "created_on": "Created Date",
            "owner": "Opportunity Owner",
            "next_step": "Next Step",
        },
        stages={"Qualify": "qualify", "Closed Won": "won"},
    )
    assert set(reasons(found)) == {"Opportunity Name", "Owner Role", "Type"}
    assert [(it.label, it.rows) for it in found.open_labels] == [("Prospecting", 1)]
    assert readers(found) == [("divide", "Probability (%)"), ("read_days", "Close Date")]
    assert found.exports == ("salesforce",)


def test_a_file_of_hubspot_is_placed_and_says_what_to_read_first() -> None:
    found = suggest(HUBSPOT, BOOK)

    assert (found.mapping.key, found.mapping.stage) == ("Record ID", "Deal Stage")
    assert found.mapping.stages == {"Closed Won": "won", "Offer": "offer"}
    assert found.exports == ("hubspot",)
    assert readers(found) == [
        ("read_numbers", "Amount"),
        ("read_days", "Close Date"),
        ("read_days", "Create Date"),
    ]


def test_chinese_headings_and_words_are_read() -> None:
    found = suggest(CHINESE, BOOK)

    assert found.mapping == FrameMapping(
        key="商机编号",
        stage="销售阶段",
        columns={
            "account.name": "客户名称",
            "amount": "金额（万元）",
            "expected_close_on": "预计成交日期",
            "owner": "负责人",
            "probability": "赢率",
            "account.tier": "客户级别",
            "bant.budget": "预算？",
        },
        stages={"资格确认": "qualify", "赢单": "won"},
        values={
            "account.tier": {"战略客户": "strategic", "普通客户": "regular"},
            "bant.budget": {"是": True, "否": False, "未知": "?"},
        },
        scale={"amount": 10_000},
    )
    assert {it.label for it in found.open_labels} == {"谈判", "黄金"}
    assert ("scale", "金额（万元）") in readers(found)
    assert "视为" in found.summary("zh")
    assert "taken for" in str(found)


def _column(kind: FactKind) -> pl.Series:
    match kind:
        case FactKind.DAY | FactKind.INSTANT:
            return pl.Series([date(2026, 1, 1), date(2026, 1, 2)])
        case FactKind.NUMBER | FactKind.MONEY:
            return pl.Series([0.5, 1.0])
        case FactKind.FLAG:
            return pl.Series([True, False])
        case _:
            return pl.Series(["a", "b"])


def _titled(book: sf.Playbook) -> dict[str, list[str]]:
    """By fact its titles, where none of them is also something else's."""
    from salesflow.pipeline._suggest.evidence import named

    found = {}
    for fact, title in book.facts.titles.items():
        texts = [title.get(lang) for lang in title.languages]
        read = {it.target for text in texts for it in named(book, [text])[text]}
        if read == {fact} and fact not in {"stage", "sub_stage"}:
            found[fact] = texts
    return found


TITLED = _titled(OPTIMIZED)


@pytest.mark.law
@given(st.data())
def test_a_frame_named_by_titles_or_keys_is_proposed_exactly_that(data: st.DataObject) -> None:
    assert len(TITLED) > 60
    facts = data.draw(st.lists(st.sampled_from(sorted(TITLED)), unique=True, max_size=8))
    columns: dict[str, Any] = {"id": ["D-1", "D-2"]}
    wanted = {}
    for fact in facts:
        name = data.draw(st.sampled_from([fact, *TITLED[fact]]))
        columns[name] = _column(OPTIMIZED.facts[fact].kind)
        if name != fact:
            wanted[fact] = name
    places = {stage.key: stage.title for stage in OPTIMIZED.stages}
    stages = {}
    for key in data.draw(st.lists(st.sampled_from(sorted(places)), min_size=2, max_size=2)):
        label = data.draw(st.sampled_from([key, places[key].en or key, places[key].get("zh")]))
        columns.setdefault("stage", []).append(label)
        if label != key:
            stages[label] = key

    found = suggest(pl.DataFrame(columns), OPTIMIZED)

    assert found.mapping == FrameMapping(key="id", columns=wanted, stages=stages)
    assert not found.open_labels or all(it.fact != "stage" for it in found.open_labels)


@pytest.mark.parametrize("name", ["Deal ID", "deal_id", "DEAL-ID", "Deal Id"])
def test_headings_are_read_however_they_are_written(name: str) -> None:
    assert suggest(pl.DataFrame({name: [1, 2]}), BOOK).mapping.key == name


def test_two_columns_that_are_as_good_are_both_listed_and_neither_is_taken() -> None:
    frame = pl.DataFrame({"Id": [1], "Deal value": [1.0], "Deal Amount": [2.0], "Amount ": [3.0]})
    found = suggest(frame, BOOK)
    assert targets(found) == {"Id": "key", "Amount ": "amount"}  # its key is better than headings
    assert reasons(found) == {"Deal value": "taken", "Deal Amount": "taken"}

    found = suggest(frame.drop("Amount "), BOOK)
    assert "amount" not in found.mapping.columns
    assert reasons(found) == {"Deal value": "several", "Deal Amount": "several"}
    assert str(found).count("several are as good; say which: amount") == 2


def test_a_key_is_distinct_and_never_missing() -> None:
    ids = {"Deal ID": ["a", "a", "b"], "Record ID": ["a", None, "b"], "Opportunity ID": [1, 2, 3]}

    found = suggest(pl.DataFrame(ids), BOOK)
    assert found.mapping.key == "Opportunity ID"
    assert reasons(found) == {"Deal ID": "not_distinct", "Record ID": "missing_keys"}

    found = suggest(pl.DataFrame({"CRM ID": [1, 2], "Account ID": [3, 4]}), BOOK)
    assert (found.mapping.key, found.columns[0].candidates[0].by) == ("CRM ID", "values")

    found = suggest(pl.DataFrame({"CRM ID": [1, 2], "ERP ID": [3, 4]}), BOOK)
    assert (found.mapping.key, set(reasons(found).values())) == (None, {"several"})


def test_the_column_of_the_stage_is_known_by_its_words() -> None:
    words = ["Qualify", "2. Draft", "Closed - Lost", "Other"]
    frame = pl.DataFrame({"Id": range(4), "Where it is": words, "Who": ["An", "Li", "Li", "An"]})

    found = suggest(frame, BOOK)
    assert found.mapping == FrameMapping(
        key="Id",
        stage="Where it is",
        stages={"Qualify": "qualify", "2. Draft": "draft", "Closed - Lost": "lost"},
    )
    # Ends alone are an outcome as well.
    ends = frame.with_columns(pl.Series("Where it is", ["Won", "Lost", "Won", "Lost"]))
    assert suggest(ends, BOOK).mapping.stage is None
    # Of two such columns none is taken, of two such names the one with such words.
    both = frame.with_columns(pl.col("Where it is").alias("Then"))
    assert suggest(both, BOOK).mapping.stage is None
    two = frame.rename({"Where it is": "Sales Stage"}).with_columns(Phase=pl.lit("Hot"))
    assert suggest(two, BOOK).mapping.stage == "Sales Stage"


def test_what_a_column_holds_speaks_against_its_name() -> None:
    frame = pl.DataFrame(
        {
            "Amount": ["high", "low"],
            "Close Date": ["soon", "later"],
            "Owner": [[1], [2]],
            "Probability": [date(2026, 1, 1)] * 2,
            "Next Step": [None, None],
        }
    )
    found = suggest(frame, BOOK)

    assert targets(found) == {"Next Step": "next_step"}
    assert set(reasons(found).values()) == {"kind"}


def test_a_similar_name_is_listed_and_never_taken() -> None:
    found = suggest(pl.DataFrame({"Amuont": [1.0], "stage": ["Qualifiy"]}), BOOK)

    (amount, stage), (label,) = found.columns, found.labels
    assert (amount.target, amount.reason) == (None, "similar")
    assert [it.target for it in amount.candidates] == ["amount"]
    assert (stage.target, label.target, label.reason) == ("stage", None, "similar")
    assert found.mapping == FrameMapping()


def test_a_label_that_fits_two_stages_is_listed_with_both() -> None:
    text = PROCESS.replace('title = { en = "Sign", zh = "签约" }', 'title = { en = "Offer" }')
    book = sf.Playbook.from_toml(text.replace('languages = ["en", "zh"]', 'languages = ["en"]'))
    found = suggest(pl.DataFrame({"stage": ["OFFER"]}), book)

    (label,) = found.labels
    assert (label.target, label.reason) == (None, "several")
    assert {it.target for it in label.candidates} == {"offer", "sign"}


def test_the_proposal_is_taken_by_the_functions() -> None:
    frame = SALESFORCE.with_columns(
        pl.col("Probability (%)") / 100,
        pl.lit(date(2026, 9, 30)).alias("Close Date"),
    )
    mapping = suggest(frame, BOOK).mapping
    source = Source(frame, mapping, stages={"Prospecting": "qualify"})
    found = sf.check_pipeline(source, BOOK, as_of=DAY)

    assert found.rows == 3
    assert "hygiene.amount_known" in found.counts


@pytest.mark.parametrize(
    ("frame", "stage"),
    [(HUBSPOT, {"Appointment Scheduled": "qualify"}), (CHINESE, {"谈判": "offer"})],
)
def test_what_has_to_be_read_first_is_read_by_the_readers_that_are_named(
    frame: pl.DataFrame, stage: dict[str, str]
) -> None:
    found = suggest(frame, BOOK)
    for needed in found.readers:
        if needed.reader in {"read_days", "read_numbers"}:
            frame = getattr(exports, needed.reader)(frame, needed.column)

    again = suggest(frame, BOOK)
    # What stood beside numbers that were read stands in a column of its own.
    columns = {
        fact: name for fact, name in again.mapping.columns.items() if not fact.endswith(".currency")
    }
    assert dataclasses.replace(again.mapping, columns=columns) == dataclasses.replace(
        found.mapping, currency=None
    )
    assert {it.reader for it in again.readers} <= {"scale"}
    source = Source(frame, found.mapping, stages=stage)
    assert sf.check_pipeline(source, BOOK, as_of=DAY).rows == 3


def test_a_source_is_looked_at_as_its_frame() -> None:
    assert suggest(Source(SALESFORCE, key="?"), BOOK) == suggest(SALESFORCE, BOOK)


def test_texts_that_look_as_if_they_stood_for_nothing_are_told_and_left_what_they_are(
    engine: Callable[[pl.DataFrame], Any],
) -> None:
    deals = pl.DataFrame(
        {
            "Deal ID": ["1", "2", "3", "4"],
            "Stage": ["sign"] * 4,
            "Owner": ["N/A", " 未分配", "Li", "N/A"],
            "Next Step": ["Call", "-", None, "TBD: call"],
            "Amount": ["N/A", "5", "6", "7"],
        }
    )
    found = suggest(engine(deals), BOOK)

    assert [(it.fact, it.text, it.rows) for it in found.placeholders] == [
        ("owner", "N/A", 2),
        ("owner", " 未分配", 1),
        ("next_step", "-", 1),
    ]
    assert found.mapping.values == {}
    assert '\'Owner\': values={"owner": {"N/A": None}}, rows: 2' in str(found)
    said = FrameMapping(values={"owner": {"N/A": None}}) | found.mapping
    again = suggest(Source(engine(deals), said), BOOK)
    assert [it.text for it in again.placeholders] == [" 未分配", "-"]
    numbers = deals.with_columns(Amount=pl.lit(1.0))
    report = sf.check_pipeline(Source(numbers, said), BOOK, as_of=DAY)
    assert report.counts["hygiene.owner_known"].no == 2


def test_what_a_source_says_is_taken_as_said_and_the_rest_is_proposed() -> None:
    frame = pl.DataFrame(
        {
            "Deal ID": ["1", "2"],
            "Phase": ["Talk", "Odd"],
            "Amount": [1.0, 2.0],
            "ACV": [3.0, 4.0],
            "Owner": ["a", "b"],
        }
    )
    said = FrameMapping(
        key="Deal ID", columns={"amount": "ACV", "source": "Owner"}, stages={"Odd": "sign"}
    )

    found = suggest(Source(frame, said), BOOK)

    assert targets(found) == {
        "Deal ID": "key",
        "Phase": "stage",
        "ACV": "amount",
        "Owner": "source",
    }
    assert {it.column for it in found.columns if it.candidates[0].by == "said"} == {
        *("Deal ID", "ACV", "Owner")
    }
    assert reasons(found) == {"Amount": "taken"}
    assert [it.label for it in found.labels] == ["Talk"]
    assert (found.mapping | said).stages == {"Odd": "sign"}
    # What it says of columns that are not there leaves them to be found.
    gone = FrameMapping(columns={"amount": "Gone"})
    assert targets(suggest(Source(frame, gone), BOOK))["Amount"] == "amount"


def test_every_engine_is_proposed_the_same(engine: Callable[[pl.DataFrame], Any]) -> None:
    for frame in (SALESFORCE.drop("Next Step"), HUBSPOT, CHINESE):
        found, wanted = suggest(engine(frame), BOOK), suggest(frame, BOOK)
        assert (found.mapping, readers(found)) == (wanted.mapping, readers(wanted))
        assert found.labels == wanted.labels


def test_a_wide_frame_of_strangers_is_looked_at_in_part_and_says_so() -> None:
    wide = pl.DataFrame({f"Column {number}": ["a"] for number in range(500)})
    found = suggest(wide, BOOK)
    assert (len(found.columns), len(found.not_looked_at)) == (400, 100)

    many = pl.DataFrame({"stage": [f"Label {number}" for number in range(300)]})
    found = suggest(many, BOOK)
    assert (len(found.labels), found.not_looked_at) == (200, ("stage",))
    assert "not every label" in str(found).lower()


def test_hostile_texts_are_shown_as_texts() -> None:
    names = [*dict.fromkeys(text for text in (*VISIBLE, *SEVERAL_LINES, *UNSEEN) if text.strip())]
    frame = pl.DataFrame({"stage": names, **{f"x{name}": names for name in names}})
    found = suggest(frame, BOOK)

    shown = found._repr_html_()
    assert not any(tag in shown for tag in ("<script", "<img", "<svg"))
    for text in (str(found), found.summary("zh")):
        assert not any(sign in text for sign in "\x1b\x00\x9b\u202e\u200b")
    FrameMapping.from_toml(found.mapping.to_toml())


def test_what_is_no_frame_and_no_playbook_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must be a Playbook"):
        suggest(SALESFORCE, "machines")  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        suggest([1], BOOK)


def test_nothing_at_all_is_nothing_to_place() -> None:
    empty = suggest(pl.DataFrame({"Id": [], "Stage": []}), BOOK)

    assert empty.rows == 0
    assert suggest(pl.DataFrame(), BOOK).columns == ()


def _placed(*headings: str, **more: list[Any]) -> dict[str, str]:
    days = {name: ["2026-01-05", "2026-02-05"] for name in headings}
    return targets(suggest(pl.DataFrame({"id": ["a", "b"], **days, **more}), OPTIMIZED))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ("close date (actual)", "tentative close date"),
        ("Real Close Date", "Close Date - Planned"),
        ("ActualClosing", "ForecastClosing"),
        ("真实成交日期", "预计成交日"),
        ("实际签约日期", "签约日期（预计）"),
        ("fecha de cierre real", "Fecha de cierre prevista"),
    ],
)
def test_a_word_in_a_heading_says_which_close_date_it_is(actual: str, expected: str) -> None:
    placed = _placed(actual, expected)

    assert placed == {"id": "key", actual: "closed_on", expected: "expected_close_on"}


@pytest.mark.parametrize(
    ("heading", "fact"),
    [
        ("Close Date (A)", None),
        ("Actual or expected close date", None),
        ("Close Date (UTC)", "expected_close_on"),
        ("Close Date [yyyy-mm-dd]", "expected_close_on"),
    ],
)
def test_what_stands_in_brackets_behind_a_close_date_counts(heading: str, fact: str | None) -> None:
    assert _placed(heading).get(heading) == fact


def test_fields_of_bitrix24_are_placed_and_its_opportunity_is_the_amount() -> None:
    fields = {
        "TITLE": ["x", "y"],
        "STAGE_ID": ["NEW", "WON"],
        "OPPORTUNITY": ["1500.00", "900.00"],
        "CURRENCY_ID": ["EUR", "EUR"],
        "ASSIGNED_BY_ID": ["1", "7"],
    }
    days = {name: ["2026-01-05"] * 2 for name in ("DATE_CREATE", "CLOSEDATE")}
    found = suggest(pl.DataFrame({"ID": ["1", "2"], **fields, **days}), OPTIMIZED)

    assert (found.mapping.key, found.mapping.stage) == ("ID", "STAGE_ID")
    assert found.mapping.columns == {
        "amount": "OPPORTUNITY",
        "amount.currency": "CURRENCY_ID",
        "owner": "ASSIGNED_BY_ID",
        "created_on": "DATE_CREATE",
        "expected_close_on": "CLOSEDATE",
    }
    alone = suggest(pl.DataFrame({"OPPORTUNITY": ["1500.00", "900.00"]}), OPTIMIZED)
    assert (targets(alone), alone.columns[0].candidates) == ({}, ())


def test_spanish_headings_are_placed() -> None:
    placed = _placed(
        "fecha_creacion", responsable=["An", "Li"], importe=["1", "2"], etapa=["a"] * 2
    )

    assert placed == {
        "id": "key",
        "fecha_creacion": "created_on",
        "responsable": "owner",
        "importe": "amount",
        "etapa": "stage",
    }


def test_a_distinct_name_may_be_the_key_where_nothing_else_is() -> None:
    deals = pl.DataFrame({"dealname": ["Core", "Edge"], "dealstage": ["a", "b"]})
    (name, _) = suggest(deals, OPTIMIZED).columns
    assert (name.target, name.reason) == (None, "similar")
    assert [it.target for it in name.candidates] == ["key"]

    (_, name, _) = suggest(deals.select(pl.Series("id", [1, 2]), "*"), OPTIMIZED).columns
    assert name.candidates == ()
    (name, _) = suggest(deals.with_columns(dealname=pl.lit("Core")), OPTIMIZED).columns
    assert name.candidates == ()


@pytest.mark.parametrize("playbook", ["optimized_sales_process", "ltc"])
def test_what_is_spelt_otherwise_is_no_candidate(playbook: str) -> None:
    deals = pl.DataFrame({"id": [1, 2], "dealname": ["x", "y"], "pain_score": [1, 2]})

    (_, *others) = suggest(deals, sf.load_playbook(playbook)).columns
    assert [it.candidates for it in others] == [(), ()]


def test_headings_that_anybody_has_are_no_export_of_a_crm() -> None:
    deals = {"id": [1], "stage": ["Won"], "amount": [1.0], "owner": ["An"], "probability": [1.0]}

    assert suggest(pl.DataFrame(deals), OPTIMIZED).exports == ()


def test_what_is_no_currency_is_listed_among_texts_that_may_stand_for_nothing() -> None:
    frame = pl.DataFrame(
        {
            "deal id": ["1", "2", "3", "4", "5"],
            "amount": [1, 2, 3, 4, 5],
            "currency": ["EUR", "Sin cambio", "Sin cambio", "usd", "$"],
        }
    )

    found = suggest(frame, OPTIMIZED)

    assert [(it.fact, it.text, it.rows) for it in found.placeholders] == [
        ("amount.currency", "Sin cambio", 2)
    ]


def of_columns(**columns: list[Any]) -> Suggestion:
    frame = pl.DataFrame({"Deal ID": ["1", "2", "3"], **columns})
    return suggest(frame, OPTIMIZED)


YES_NO = ["Y", "N", "Y"]
DAYS = ["2026-01-05", "2026-01-06", ""]


@pytest.mark.parametrize(
    ("column", "values", "target"),
    [
        ("Deal Status", ["Won", "Dead", "Open"], "outcome"),
        ("status", ["Won", "Open", "Open"], "outcome"),
        ("status", ["active", "paid", "Won"], None),
        ("status", ["Open", "Open", "Open"], None),
        ("CLOSED", YES_NO, "ended"),
        ("Closed", DAYS, "closed_on"),
        ("deal_created_date", DAYS, "created_on"),
        ("Opportunity Lead Source", ["Web", "Fair", "Web"], "source"),
        ("Closure Probability", ["0.2", "0.5", "1"], "probability"),
        ("Owner code", ["A", "B", "A"], "owner"),
        ("Client", ["Acme", "Bolt", "Core"], "account.name"),
        ("Id Oportunidad", ["a", "b", "c"], None),
        ("Fase de venta", ["Close", "Won", "Lost"], "stage"),
        ("Valor contrato", ["5", "6", "7"], "amount"),
        ("Asignado a", ["An", "Li", "An"], "owner"),
        ("Probabilidad de cierre de venta", ["70", "100", "0"], "probability"),
        ("Fecha de Creación", DAYS, "created_on"),
        ("FECHA DE CREACION", DAYS, "created_on"),
        ("Fecha estimada de cierre", DAYS, "expected_close_on"),
    ],
)
def test_headings_are_read_with_what_stands_below_them(
    column: str, values: list[str], target: str | None
) -> None:
    assert of_columns(**{column: values}).columns[1].target == target


def test_a_key_has_its_spanish_names() -> None:
    found = suggest(pl.DataFrame({"Id Oportunidad": ["a", "b"]}), OPTIMIZED)

    assert found.mapping.key == "Id Oportunidad"


@pytest.mark.parametrize(
    ("column", "hints"),
    [
        ("days_in_stage", ()),
        ("Close Date (A)", ("closed_on", "expected_close_on")),
        ("SOURCE_ID", ("source",)),
        ("hubspot_owner_id", ()),
        ("tax_id", ()),
        ("erp_id", ("key",)),
        ("ammount", ("amount",)),
        ("Billing Currency", ()),
    ],
)
def test_a_hint_is_what_a_column_may_well_be(column: str, hints: tuple[str, ...]) -> None:
    frame = pl.DataFrame({column: ["x", "x", None]})
    (found,) = suggest(frame, OPTIMIZED).columns

    assert tuple(it.target for it in found.candidates) == hints
    assert found.target is None


def test_what_another_column_holds_is_no_hint() -> None:
    found = of_columns(**{"Tentative Close Date": DAYS, "Close Date (A)": DAYS})

    assert found.columns[1].target == "expected_close_on"
    assert [it.target for it in found.columns[2].candidates] == ["closed_on"]
    named = of_columns(Amount=["1", "2", "3"], Ammount=["1", "2", "3"])
    assert named.columns[2].reason == "taken"


@pytest.mark.parametrize("column", ["Amount Currency", "amount_currency", "Amount (net) Currency"])
def test_the_currency_of_an_amount_is_no_amount(column: str) -> None:
    found = of_columns(**{"Amount": ["1", "2", "3"], column: ["EUR", "USD", "EUR"]})

    assert found.mapping.columns == {"amount": "Amount", "amount.currency": column}


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (["70", "100", "0"], True),
        (["70 %", "100 %", "0 %"], False),
        (["0.7", "1", "0"], False),
        (["0,7", "1,0", "0"], False),
        ([" 12.5 ", "1", ""], True),
    ],
)
def test_percents_in_texts_are_pointed_out(values: list[str], asked: bool) -> None:
    found = of_columns(**{"Probability (%)": values})

    assert ("divide" in [it.reader for it in found.readers]) is asked
