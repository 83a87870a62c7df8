"""A process with everything that a check can depend on, and a deal that is in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

from salesflow import Playbook
from tests.cli.conftest import Run, running
from tests.frame_engines import EVERY
from tests.spark_session import INTERPRETED, spark

AS_OF = date(2026, 1, 31)


def counts_only(said: object) -> str:
    """A message without the rows that engines with an order name: how many there are remains."""
    text = re.sub(r", first on row [0-9,]+\)", ")", str(said))
    return re.sub(r"\(row [0-9,]+\)", "(1 row)", text)


PROCESS = """
id = "machines"
version = "1"
title = { en = "Machines", zh = "设备" }
languages = ["en", "zh"]
currency = "USD"
owner_role = "rep"

[[roles]]
key = "rep"
title = { en = "Representative", zh = "销售" }

[[facts]]
name = "discount"
kind = "number"
unit = "percent"
title = { en = "The discount", zh = "折扣" }
[[facts]]
name = "contract"
kind = "text"
pattern = "C-##*"

[[checklists]]
key = "bant"
title = { en = "BANT", zh = "BANT" }
questions = [
  { key = "budget", title = { en = "Budget?", zh = "预算？" } },
  { key = "need", title = { en = "Need?", zh = "需求？" } },
]

[[instruments]]
key = "plan"
title = { en = "Deal plan", zh = "项目计划" }

[[instruments]]
key = "questions"
title = { en = "BANT asked", zh = "BANT 已问" }
checklist = "bant"

[[size_policy]]
when = "amount > 100_000"
instruments = ["plan"]

[[size_policy]]
when = "50_000 <= amount <= 100_000"
instruments = ["questions"]

[[scorecards]]
key = "fit"
title = { en = "Fit", zh = "匹配" }
items = [
  { key = "budget", rule = "bant.budget", weight = 2.5, title = { en = "Budget", zh = "预算" } },
  { key = "need", rule = "bant.need", weight = 0.1, title = { en = "Need", zh = "需求" } },
  { key = "size", rule = "amount >= 50_000", weight = 0.2, title = { en = "Size", zh = "规模" } },
]
bands = [
  { key = "poor", min = 0, title = { en = "Poor", zh = "差" } },
  { key = "good", min = 2.5, title = { en = "Good", zh = "好" } },
]

[[stages]]
key = "qualify"
title = { en = "Qualify", zh = "资格确认" }
probability = 0.1
max_days = 30
  [[stages.exit]]
  key = "budget_confirmed"
  title = { en = "The budget is confirmed", zh = "预算已确认" }
  rule = "bant.budget and known(amount)"
  [[stages.exit]]
  key = "sponsor_met"
  title = { en = "The sponsor was met", zh = "已拜访决策人" }
  by = "rep"
  [[stages.exit]]
  key = "met_lately"
  title = { en = "They were met this month", zh = "本月已拜访" }
  rule = "days_since(last_activity_on) <= 30"
  [[stages.exit]]
  key = "fits"
  title = { en = "The deal fits", zh = "项目匹配" }
  rule = "score.fit.low >= 2.5"
  advisory = true

[[stages]]
key = "propose"
title = { en = "Propose", zh = "方案" }
probability = 0.5
  [[stages.sub_stages]]
  key = "draft"
  title = { en = "Draft", zh = "草案" }
  max_days = 20
    [[stages.sub_stages.exit]]
    key = "draft_reviewed"
    title = { en = "The draft was reviewed", zh = "草案已评审" }
    by = "rep"
  [[stages.sub_stages]]
  key = "offer"
  title = { en = "Offer", zh = "报价" }
  [[stages.exit]]
  key = "offer_accepted"
  title = { en = "The offer was accepted", zh = "报价已接受" }
  by = "rep"

[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
probability = 0.9
wins = true

[[stages]]
key = "deliver"
title = { en = "Deliver", zh = "交付" }
"""

DEAL: Mapping[str, Any] = {
    "id": "D-1",
    "stage": "qualify",
    "amount": 40_000.0,
    "owner": "li.wei",
    "next_step": "call",
    "next_step_on": date(2026, 2, 3),
    "probability": 0.1,
    "created_on": date(2025, 12, 1),
    "entered_stage_on": date(2026, 1, 10),
    "entered_sub_stage_on": date(2026, 1, 11),
    "expected_close_on": date(2026, 6, 30),
    "closed_on": None,
    "last_activity_on": date(2026, 1, 30),
    "close_date_pushes": 0,
    "contacts.total": 3,
    "bant.budget": "+",
    "bant.need": "-",
    "done.sponsor_met": True,
    "done.draft_reviewed": True,
    "done.offer_accepted": True,
    "done.plan": None,
    "waived.sponsor_met": None,
}

TYPES: Mapping[str, Any] = {
    "id": pl.String,
    "stage": pl.String,
    "amount": pl.Float64,
    "owner": pl.String,
    "next_step": pl.String,
    "next_step_on": pl.Date,
    "probability": pl.Float64,
    "created_on": pl.Date,
    "entered_stage_on": pl.Date,
    "entered_sub_stage_on": pl.Date,
    "expected_close_on": pl.Date,
    "closed_on": pl.Date,
    "last_activity_on": pl.Date,
    "close_date_pushes": pl.Int64,
    "contacts.total": pl.Int64,
    "bant.budget": pl.String,
    "bant.need": pl.String,
    "done.sponsor_met": pl.Boolean,
    "done.draft_reviewed": pl.Boolean,
    "done.offer_accepted": pl.Boolean,
    "done.plan": pl.Boolean,
    "waived.sponsor_met": pl.Boolean,
}

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]


@pytest.fixture(scope="session")
def process() -> Playbook:
    return Playbook.from_toml(PROCESS)


@pytest.fixture(scope="session")
def deals() -> Deals:
    """Deals that differ from the one in order only in what is said of them."""

    def make(*changes: Mapping[str, Any], without: Sequence[str] = ()) -> pl.DataFrame:
        rows: list[dict[str, Any]]
        rows = [{**DEAL, "id": f"D-{n}", **change} for n, change in enumerate(changes, start=1)]
        names = {
            name: None for row in (rows or [dict(DEAL)]) for name in row if name not in without
        }
        return pl.DataFrame(
            {
                name: pl.Series([row.get(name) for row in rows], dtype=TYPES.get(name))
                for name in names
            }
        )

    return make


def lies_after(row: Mapping[str, Any], day: date) -> bool:
    """What a row says was not so on a day yet, so that nothing is asked of it."""
    ended = row["stage"] in {"won", "deliver", "lost"}
    dates = [row["created_on"], row["entered_stage_on"], row["closed_on"] if ended else None]
    return any(value is not None and value > day for value in dates)


def classic(frame: pl.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            name: pd.Series(frame[name].to_list(), dtype="object").infer_objects()
            for name in frame.columns
        }
    )
    found.index = pd.Index([3] * len(found))  # row labels mean nothing, and may repeat
    return found


def relation(frame: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_arrow(frame.to_arrow())


ENGINES: Mapping[str, Engine] = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": classic,
    "pandas nullable": lambda frame: classic(frame).convert_dtypes(),
    "pandas pyarrow": lambda frame: frame.to_arrow().to_pandas(types_mapper=pd.ArrowDtype),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": relation,
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with these words, in English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return running(capsys, monkeypatch)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


# One kind of Dask is enough here: its plans take seconds, whatever is in them.
EVERY_ONE: Mapping[str, Engine] = {name: make for name, make in EVERY.items() if name != "dask"}


@pytest.fixture(scope="module", params=EVERY_ONE)
def every(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Every engine, those that take long to start among them."""
    name: str = request.param
    if name == "pyspark":
        for key, value in INTERPRETED.items():
            spark().conf.set(key, value)
    yield EVERY_ONE[name]
    if name == "pyspark":
        for key in INTERPRETED:
            spark().conf.unset(key)
