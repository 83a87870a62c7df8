"""The four tables of the closed loop: the sample rows, read and written by their headings."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import (
    Contract,
    ContractRow,
    CustomerTrackingRow,
    PaymentTerm,
    Requirement,
    RequirementRow,
    StageProgressRow,
)
from salesflow.domain._base.record import replaced
from salesflow.domain._base.table import TableRow
from salesflow.errors import ArgumentError, UnknownName
from salesflow.money import Money
from salesflow.text import LANGUAGES
from tests.domain.record_strategies import records, whole_payments

SAMPLES = json.loads(
    (Path(__file__).parent / "fixtures" / "closed_loop_samples.json").read_text(encoding="utf-8")
)
TABLES: dict[str, tuple[type[TableRow], int]] = {
    "customer_tracking": (CustomerTrackingRow, 12),
    "stage_progress": (StageProgressRow, 8),
    "requirement": (RequirementRow, 8),
    "contract": (ContractRow, 9),
}
ROWS = [(table, number) for table in TABLES for number in (0, 1)]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_exactly_its_columns(table: str) -> None:
    row, columns = TABLES[table]
    assert len(row.model_fields) == columns
    assert list(row.headings) == list(row.model_fields)
    assert [title.zh for title in row.headings.values()] == list(SAMPLES[table][0])


@pytest.mark.parametrize(("table", "number"), ROWS)
def test_a_sample_row_comes_back_exactly(table: str, number: int) -> None:
    kind, _ = TABLES[table]
    cells = SAMPLES[table][number]
    row = kind.from_cells(cells)
    assert row.cells("zh") == cells
    assert kind.model_validate_json(row.model_dump_json()) == row
    assert kind.from_cells(row.cells("en")) == row


@given(st.data(), st.sampled_from(["customer_tracking", "stage_progress", "requirement"]))
def test_any_row_comes_back_from_its_cells_in_both_languages(
    data: st.DataObject, table: str
) -> None:
    kind, _ = TABLES[table]
    row = data.draw(records(kind))
    for lang in LANGUAGES:
        assert kind.from_cells(row.cells(lang)) == row


def test_the_first_contract_is_85_times_10_000_yuan_signed_and_filed() -> None:
    row = ContractRow.from_cells(SAMPLES["contract"][0])
    assert row.amount == Money("850000", "CNY")
    assert [term.percent for term in row.payment] == [Decimal(30), Decimal(70)]
    assert [term.due for term in row.payment] == ["signing", "acceptance"]
    assert row.delivery_days == 60
    assert row.filing == "filed"
    assert Contract.from_row(row).instalments()[0].amount == Money("255000", "CNY")


def test_the_second_contract_is_120_times_10_000_yuan_unsigned_and_in_review() -> None:
    row = ContractRow.from_cells(SAMPLES["contract"][1])
    assert row.amount == Money("1200000", "CNY")
    assert row.signed_on is None
    assert row.filing == "in_review"
    payments = Contract.from_row(row).instalments()
    # Neither the day of signing nor the number of instalments is agreed: nothing is made up.
    assert [each.amount.amount for each in payments] == [Decimal(480_000), Decimal(720_000)]
    assert [each.waits_for for each in payments] == ["signing", None]
    assert [each.due_on for each in payments] == [None, None]


def test_two_tables_may_say_different_things_of_one_customer() -> None:
    tracking = CustomerTrackingRow.from_cells(SAMPLES["customer_tracking"][1])
    contract = ContractRow.from_cells(SAMPLES["contract"][1])
    assert (tracking.owner, contract.owner) == ("*专员", "*经理")
    assert tracking.stage == "需求挖掘阶段"


def test_a_heading_is_known_in_both_languages_and_however_it_is_typed() -> None:
    cells = {"contract number": "C-1", "Customer ": "Acme", "合同金额(万元)": "12.5", "owner": "Li"}
    row = ContractRow.from_cells(cells)
    assert row.amount == Money("125000", "CNY")
    assert (row.number, row.customer, row.owner) == ("C-1", "Acme", "Li")
    assert row.cells("zh")["合同金额（万元）"] == "12.5"


def test_cells_come_as_spreadsheet_readers_give_them() -> None:
    row = ContractRow.from_cells(
        {
            "合同编号": 20240401,
            "客户名称": " Acme ",
            "合同金额（万元）": 85.0,
            "签订日期": datetime(2024, 5, 20),
            "付款方式": "30%预付款；70%验收款；",
            "交付周期": "60 天",
            "主要条款（如服务范围）": float("nan"),
            "负责人": pd.NA,
            "归档状态": None,
        }
    )
    assert row.number == "20240401"
    assert row.amount == Money("850000", "CNY")
    assert row.signed_on == date(2024, 5, 20)
    assert [term.name for term in row.payment] == ["预付款", "验收款"]
    assert (row.main_terms, row.owner, row.filing) == (None, None, None)


def test_a_day_with_a_time_of_day_is_no_day() -> None:
    cells = {"客户名称": "A", "首次接触时间": datetime(2024, 5, 20, 9, 30)}
    with pytest.raises(ValidationError, match="first_contact_on"):
        CustomerTrackingRow.from_cells(cells)
    assert CustomerTrackingRow.from_cells(
        {"customer": "A", "first_contact_on": date(2024, 5, 20)}
    ).first_contact_on == date(2024, 5, 20)


def test_an_amount_may_have_its_thousands_apart() -> None:
    row = ContractRow.from_cells({"number": "C", "customer": "A", "amount": "1,200"})
    assert row.amount == Money("12000000", "CNY")


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    cells = {
        "合同编号": "C-1",
        "客户名称": "Acme",
        "客户": "who?",
        "合同金额（万元）": "plenty",
        "签订日期": "20240520",
        "付款方式": "30%预付款，69%验收款",
        "交付周期": "soon",
        "归档状态": "lost",
    }
    with pytest.raises(ValidationError) as caught:
        ContractRow.from_cells(cells)
    found = {str(each["loc"][0]): each["msg"] for each in caught.value.errors()}
    assert set(found) == {"客户", "amount", "signed_on", "payment", "delivery_days", "filing"}
    assert found["客户"] == 'there is no such field; did you mean "客户名称"?'
    assert found["payment"] == "the parts sum to 99 %, 1 % too little; they must sum to 100 %"


@pytest.mark.parametrize(("first", "second"), [("A", "B"), ("A", ""), ("", "B"), (None, None)])
def test_a_column_that_stands_twice_is_refused_with_everything_else(
    first: object, second: object
) -> None:
    twice = {"客户名称": "A", "当前阶段": first, "weather": "fair", "stage": second}
    with pytest.raises(ValidationError) as caught:
        StageProgressRow.from_cells(twice)
    found = {each["loc"]: (each["type"], each["msg"]) for each in caught.value.errors()}
    assert found["weather",][0] == "unknown_key"
    assert found["stage",] == (
        "column_twice",
        "another column has this meaning already; keep one of them",
    )
    with pytest.raises(ValidationError, match="keep one of them"):
        StageProgressRow.from_cells({"客户名称": "A", "Customer": "B", "当前阶段": "谈判"})


def test_cells_are_given_by_heading_and_written_in_a_known_language() -> None:
    with pytest.raises(ArgumentError, match="cells must be a mapping, not a list"):
        ContractRow.from_cells([])  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="row must be a ContractRow, not a str"):
        Contract.from_row("C-1")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="no language 'xx'"):
        ContractRow(number="C", customer="A").cells("xx")


names = st.text(st.sampled_from("ab5 %％,，、;；\"'"), min_size=1, max_size=8).filter(str.strip)
foreign = st.builds(
    Money, st.decimals(0, 10**12, places=2).map(abs), st.sampled_from(["CNY", "USD", "KWD"])
)


@given(records(ContractRow), foreign, whole_payments(), st.lists(names, min_size=5, max_size=5))
def test_any_contract_comes_back_from_its_cells_in_both_languages(
    row: ContractRow, amount: Money, payment: tuple[PaymentTerm, ...], called: list[str]
) -> None:
    terms = [{**dict(term), "name": name} for term, name in zip(payment, called, strict=False)]
    full = ContractRow.model_validate({**dict(row), "amount": amount, "payment": terms})
    for lang in LANGUAGES:
        back = ContractRow.from_cells(full.cells(lang))
        assert replaced(back, payment=()) == replaced(full, payment=())
        # A cell has the name and the share of a term alone.
        assert [(each.name, each.percent) for each in back.payment] == [
            (each.name, each.percent) for each in full.payment
        ]


def test_a_term_whose_name_has_a_comma_is_written_in_quotation_marks() -> None:
    cell = '40%"Licences, first part"，60%5" pipes'
    row = ContractRow.from_cells({"number": "C", "customer": "A", "付款方式": cell})
    assert [term.name for term in row.payment] == ["Licences, first part", '5" pipes']
    assert row.cells("zh")["付款方式"] == '40%"Licences, first part"，60%"5"" pipes"'


def test_an_amount_with_the_currency_of_the_column_could_mean_two_things_and_is_refused() -> None:
    cells = {"number": "C", "customer": "A", "amount": "85 CNY"}
    with pytest.raises(ValidationError, match="is not a number"):
        ContractRow.from_cells(cells)
    dollars = ContractRow.from_cells({**cells, "amount": "1,200.50 USD"})
    assert dollars.amount == Money("1200.50", "USD")


def test_terms_of_payment_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        ContractRow.from_cells({"合同编号": "C", "客户名称": "A", "付款方式": "to be discussed"})
    assert caught.value.errors()[0]["loc"] == ("payment", 0, "percent")


def test_an_amount_of_another_currency_is_written_with_it() -> None:
    row = ContractRow(number="C", customer="A", amount=Money("5", "USD"), delivery_days=1)
    assert row.cells("en")["Amount (10,000 CNY)"] == "5 USD"
    assert row.cells("en")["Delivery period"] == "1 days"


def test_a_requirement_becomes_a_row_of_the_table() -> None:
    need = Requirement(description="Encrypt", necessity="rigid", priority="high")
    assert need.row("Acme").cells("en")["Priority"] == "high"


def test_a_row_without_an_amount_is_no_contract() -> None:
    with pytest.raises(ValidationError, match="amount"):
        Contract.from_row(ContractRow(number="C", customer="A"))
