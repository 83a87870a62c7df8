"""The records of many deals as columns: a frame says what each deal says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import salesflow as sf
from salesflow.domain import Contract, Interview, OpportunityPlan, Record, Risk, RiskRegister
from salesflow.errors import ArgumentError, UnknownName
from salesflow.pipeline import Counts
from salesflow.records import record_columns

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
BOOK = sf.Playbook.from_toml("""
id = "x"
version = "1"
title = "X"
use_records = ["plan", "risks", "contract", "interview"]
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "answered"
  title = "Risks are answered"
  rule = "risks.unanswered == 0"
  [[stages.exit]]
  key = "approved"
  title = "The plan is approved"
  rule = "plan.approved and plan.updated_on >= date('2026-03-01')"
  [[stages.exit]]
  key = "filed"
  title = "The contract is filed"
  rule = "contract.filing in ('in_review', 'filed') and contract.currency == 'USD'"
  [[stages.exit]]
  key = "asked"
  title = "There was an interview"
  rule = "known(interview.last_at) and interview.kinds_missing <= 4"
[[stages]]
key = "sign"
title = "Sign"
""")
LATE = Risk(key="late", description="Late")


def contract(**more: Any) -> Contract:
    return Contract(number="C", customer="A", amount=sf.Money("100", "USD"), **more)


DEALS: dict[str, tuple[Record, ...]] = {
    "D-1": (),
    "D-2": (RiskRegister(opportunity="D-2"), contract(filing="in_review")),
    "D-3": (
        RiskRegister(opportunity="D-3", risks=(LATE,)),
        OpportunityPlan(opportunity="D-3", made_on=date(2026, 2, 1), approved_by="wang"),
        contract(),
    ),
    "D-4": (
        OpportunityPlan(opportunity="D-4", updated_on=date(2026, 3, 1), approved_by="wang"),
        Interview(customer="A", held_at=NOW, by="li"),
    ),
    "D-5": (OpportunityPlan(opportunity="D-5"),),
}


def _duckdb(columns: dict[str, list[Any]]) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.from_arrow(pl.DataFrame(columns).to_arrow())


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, _duckdb])
def test_a_frame_of_records_says_what_each_deal_says(make: Callable[[Any], Any]) -> None:
    columns = record_columns(DEALS, groups=BOOK.use_records)
    frame = make({**columns, "stage": ["sign"] * len(DEALS)})
    report = sf.check_pipeline(frame, BOOK, key="opportunity_id", as_of=NOW.date())
    deals = [sf.Opportunity(id=key, name="ERP", records=some) for key, some in DEALS.items()]
    for key, criterion in BOOK.criteria.items():
        assert criterion.rule is not None
        verdicts = [
            criterion.rule.verdict(sf.facts_of(deal, BOOK, at=NOW), NOW.date()) for deal in deals
        ]
        counts = Counts(
            yes=verdicts.count(sf.Verdict.YES),
            no=verdicts.count(sf.Verdict.NO),
            unknown=verdicts.count(sf.Verdict.UNKNOWN),
        )
        assert report.counts[f"exit.plan.{key}"] == counts


def test_the_columns_are_those_of_the_groups_that_are_asked_for() -> None:
    found = record_columns(DEALS, key="id")
    assert {name.partition(".")[0] for name in found} >= {"id", "plan", "risks", "contract"}
    assert "lead.grade" not in found
    asked = record_columns({"D-1": ()}, groups=["lead", "risks"])
    assert asked["lead.grade"] == asked["risks.open"] == [None]
    assert record_columns({}) == {"opportunity_id": []}


def test_what_is_wrong_with_the_records_is_told_with_the_deal() -> None:
    wrong: Any = {"D-1": (sf.Contact(name="Zhang"),)}
    with pytest.raises(ArgumentError, match=r"deals\['D-1'\]\[0\]: a Contact says no facts"):
        record_columns(wrong)
    with pytest.raises(ArgumentError, match=r"deals\['D-1'\] must be a list of records"):
        record_columns({"D-1": LATE})  # type: ignore[dict-item]  # wrong on purpose
    with pytest.raises(ArgumentError, match="deals must be a mapping"):
        record_columns([()])  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(UnknownName, match='Did you mean "risks"'):
        record_columns({}, groups=["rissks"])
    with pytest.raises(ArgumentError, match="These can: AcceptanceReport"):
        sf.record_facts([sf.Contact(name="Zhang")])
