"""The forms of many deals as columns: a frame says what each deal says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import Contract, CustomerVisit, Lead, Record
from salesflow.errors import ArgumentError
from salesflow.pipeline import Counts
from salesflow.records import record_columns

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
BOOK = sf.Playbook.from_toml("""
id = "x"
version = "1"
title = "X"
use_records = ["contract"]
[[stages]]
key = "talk"
title = "Talk"
  [[stages.forms]]
  key = "report"
  title = "Visit report"
  record = "visit"
  columns = ["summary", "agreed"]
  when = "amount >= 1_000"
  required = true
  [[stages.forms]]
  key = "card"
  title = "Lead card"
  record = "lead"
  required = true
  [[stages.exit]]
  key = "drafted"
  title = "There is a contract"
  rule = "contract.filing == 'draft'"
[[stages]]
key = "sign"
title = "Sign"
""")


def visit(**more: Any) -> CustomerVisit:
    return CustomerVisit(customer="A", held_at=NOW, way="online", **more)


RECORDS: tuple[Record, ...] = (
    visit(),
    visit(summary="S", agreed="A"),
    Lead(customer="A", channel="download"),
    Contract(number="C", customer="A", amount=sf.Money("100", "USD")),
)
PILES = st.lists(st.sampled_from(RECORDS), max_size=3)
AMOUNTS = st.sampled_from([None, "10", "5000"])
DEALS = st.lists(st.tuples(PILES, AMOUNTS), min_size=1, max_size=5)


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame])
def test_a_frame_of_forms_says_what_each_deal_says(make: Callable[[Any], Any]) -> None:
    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(DEALS)
    def law(drawn: list[tuple[list[Record], str | None]]) -> None:
        piles = {f"D-{at}": pile for at, (pile, _) in enumerate(drawn)}
        columns: dict[str, Any] = record_columns(piles, playbook=BOOK)
        columns["stage"] = ["sign"] * len(drawn)
        columns["amount"] = [None if it is None else float(it) for _, it in drawn]
        frame = pl.DataFrame(columns, strict=False) if make is pl.DataFrame else make(columns)
        report = sf.check_pipeline(frame, BOOK, key="opportunity_id", as_of=NOW.date())
        deals = [
            sf.Opportunity(
                id=key,
                name="ERP",
                amount=None if amount is None else sf.Money(amount, "USD"),
                records=pile,
            )
            for (key, pile), (_, amount) in zip(piles.items(), drawn, strict=True)
        ]
        said = [sf.facts_of(deal, BOOK, at=NOW) for deal in deals]
        for name in ("form.report.missing", "form.card.missing"):
            assert columns[name] == [facts.get(name) for facts in said]
        for key in ("report", "card", "drafted"):
            criterion = BOOK.criteria[key]
            when = criterion.when
            verdicts = [
                criterion.check_rule.verdict(facts, NOW.date())
                for facts in said
                if when is None or when.verdict(facts, NOW.date()) is not sf.Verdict.NO
            ]
            assert report.counts[f"exit.talk.{key}"] == Counts(
                yes=verdicts.count(sf.Verdict.YES),
                no=verdicts.count(sf.Verdict.NO),
                unknown=verdicts.count(sf.Verdict.UNKNOWN),
            )

    law()


def test_the_columns_are_those_of_the_playbook() -> None:
    found = record_columns({"D-1": (visit(),)}, playbook=BOOK)
    assert set(found) == {"opportunity_id", *BOOK.record_facts}
    assert found["form.report.missing"] == [2]
    assert found["form.card.missing"] == [None]
    more = record_columns({"D-1": ()}, playbook=BOOK, groups=["risks"])
    assert {*more} > {*found}
    assert "risks.open" in more
    assert record_columns({}, playbook=sf.load_playbook("project_tracking"))["opportunity_id"] == []


def test_what_is_no_playbook_is_told() -> None:
    with pytest.raises(ArgumentError, match="playbook must be a Playbook"):
        record_columns({}, playbook="project_tracking")  # type: ignore[arg-type]  # wrong on purpose
