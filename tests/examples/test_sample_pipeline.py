"""The sample pipeline of the demo: made by its generator, and broken in every way it says."""

from __future__ import annotations

import csv
import runpy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def generator() -> Mapping[str, Any]:
    return runpy.run_path(str(EXAMPLES / "make_sample.py"))


@pytest.fixture(scope="module")
def deals() -> list[dict[str, str]]:
    with (EXAMPLES / "data" / "pipeline.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_generator_makes_the_files_byte_for_byte(generator: Mapping[str, Any]) -> None:
    made = generator["files"]()
    assert set(made) == {"pipeline.csv", "stages.csv"}
    for name, text in made.items():
        assert text.encode() == (EXAMPLES / "data" / name).read_bytes()


def test_the_log_ends_where_the_deals_are(deals: list[dict[str, str]]) -> None:
    with (EXAMPLES / "data" / "stages.csv").open(encoding="utf-8", newline="") as file:
        log = list(csv.DictReader(file))
    last = {row["deal_id"]: (row["stage"], row["entered_on"]) for row in log}
    here = {deal["deal_id"]: (deal["stage"], deal["entered_stage_on"]) for deal in deals}

    assert len(last) > 180
    assert last.items() <= here.items()
    assert log == sorted(log, key=lambda row: (row["deal_id"], row["entered_on"]))


def test_it_is_a_pipeline_of_a_realistic_size(deals: list[dict[str, str]]) -> None:
    assert len(deals) >= 180
    assert len({deal["deal_id"] for deal in deals}) == len(deals)
    amounts = [int(deal["amount"]) for deal in deals if deal["amount"]]
    assert sum(size < 50_000 for size in amounts) >= 20
    assert sum(50_000 <= size <= 100_000 for size in amounts) >= 20
    assert sum(size > 100_000 for size in amounts) >= 20


def test_every_flaw_is_in_some_deal(
    generator: Mapping[str, Any], deals: list[dict[str, str]]
) -> None:
    flaws: Sequence[tuple[str, int, Callable[..., bool], Mapping[str, str]]] = generator["FLAWS"]
    for name, count, _, record in flaws:
        broken = [deal for deal in deals if record.items() <= deal.items()]
        assert len(broken) >= count, name


def test_the_deal_of_the_demo_is_in_it(deals: list[dict[str, str]]) -> None:
    story = runpy.run_path(str(EXAMPLES / "one_deal.py"))
    deal = story["DEAL"]
    marks = {
        **dict.fromkeys(story["FAVOURABLE"], "+"),
        **dict.fromkeys(story["UNFAVOURABLE"], "-"),
        **dict.fromkeys(story["NOT_KNOWN"], "?"),
    }
    (row,) = [row for row in deals if row["deal_id"] == deal.id]
    assert (row["stage"], row["owner"], row["customer"]) == (
        "Demand",
        deal.owner,
        deal.account.name,
    )
    assert (int(row["amount"]), row["account.tier"]) == (deal.amount.amount, deal.account.tier)
    assert {key: row[f"tas.{key}"] for key in marks} == marks
    assert sum(mark == "" for name, mark in row.items() if name.startswith("tas.")) == 4
