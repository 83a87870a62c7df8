"""Currencies that stand beside amounts are kept: no yen are compared as dollars."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

import salesflow as sf
from salesflow.errors import FrameError
from salesflow.pipeline import FrameMapping, Source, check_pipeline, exports, suggest
from salesflow.pipeline._files.read import read_texts
from tests.cli.conftest import Run
from tests.pipeline.test_how_deals_ended import AS_OF

SMALL = """
id = "small"
version = "1"
title = { en = "A small process", zh = "小流程" }
languages = ["en", "zh"]
currency = "USD"

[[facts]]
name = "budget"
kind = "money"
title = { en = "The budget", zh = "预算" }

[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
"""
BOOK = sf.Playbook.from_toml(SMALL)


def deals(*amounts: str | None, **more: list[str | None]) -> pl.DataFrame:
    ids = [str(number) for number in range(1, len(amounts) + 1)]
    columns = {"id": ids, "stage": ["talk"] * len(ids), "amount": list(amounts), **more}
    return pl.DataFrame(columns, schema_overrides=dict.fromkeys(("amount", *more), pl.String))


def read(frame: pl.DataFrame, **said: Any) -> pl.DataFrame:
    found = read_texts(nw.from_native(frame), BOOK, FrameMapping(key="id", **said))
    assert isinstance(found, pl.DataFrame)
    return found


@pytest.mark.parametrize(
    ("amounts", "said", "currencies"),
    [
        (["JPY 90000", "JPY 5"], {}, ["JPY", "JPY"]),
        # One currency is that of what says none, too; of several nobody knows.
        (["JPY 90000", "5", None], {}, ["JPY", "JPY", None]),
        (["JPY 90000", "€5", "7"], {}, ["JPY", "EUR", None]),
        (["$5", "€5"], {}, ["USD", "EUR"]),
        (["$5", "€5"], {"currency": "CAD"}, ["CAD", "EUR"]),
        (["$5", "$7"], {"currency": "EUR"}, ["USD", "USD"]),
        (["$5", "€5"], {"values": {"amount.currency": {"$": "CAD"}}}, ["$", "EUR"]),
        # A sign that is not the playbook's stays a sign, for which there is no rate.
        (["¥5", "5"], {}, ["¥", "¥"]),
        # What counts so in any case needs no column.
        (["$5", "USD 7", "9"], {}, None),
        (["€5", "9"], {"currency": "EUR"}, None),
        (["5", "9"], {}, None),
    ],
)
def test_what_stands_beside_amounts_comes_into_a_column(
    amounts: list[str | None], said: dict[str, Any], currencies: list[str | None] | None
) -> None:
    found = read(deals(*amounts), **said)

    assert found["amount"].dtype == pl.Float64
    named = found["amount.currency"].to_list() if "amount.currency" in found else None
    assert named == currencies
    assert set(found.columns) <= {"id", "stage", "amount", "amount.currency"}


def test_each_amount_has_its_own() -> None:
    found = read(deals("$5", "$7", budget=["€1", "2"]))

    assert found["budget.currency"].to_list() == ["EUR", "EUR"]
    assert found["amount.currency"].to_list() == ["USD", "USD"]
    report = check_pipeline(found, BOOK, key="id", as_of=AS_OF)
    assert report.counts["hygiene.convertible.budget"].no == 2
    assert report.counts["hygiene.amount_convertible"].yes == 2


def test_a_column_of_currencies_is_completed_and_never_contradicted() -> None:
    columns = {"amount.currency": "Cur"}
    found = read(deals("JPY 5", "€5", "7", Cur=[None, "EUR", "GBP"]), columns=columns)

    assert found.columns == ["id", "stage", "amount", "Cur"]
    assert found["Cur"].to_list() == ["JPY", "EUR", "GBP"]

    with pytest.raises(FrameError) as caught:
        read(deals("JPY 5", "€5", Cur=["USD", "EUR"]), columns=columns)
    (problem,) = caught.value.problems
    assert problem.message == "its texts name another currency than the column 'Cur' (1 row)"


def test_the_one_currency_is_proposed(engine: Callable[[pl.DataFrame], Any]) -> None:
    found = suggest(engine(deals("JPY 90000", "JPY 5")), BOOK)

    assert found.mapping.currency == "JPY"
    assert "read_numbers: 'amount', as the number amount; its texts are in JPY" in str(found)
    numbers = exports.read_numbers(engine(deals("JPY 90000", "JPY 5")), "amount")
    report = check_pipeline(Source(numbers, found.mapping), BOOK, as_of=AS_OF)
    assert report.counts["hygiene.amount_convertible"].no == 2


@pytest.mark.parametrize(
    ("amounts", "more", "currencies"),
    [
        (("€5", "JPY 5"), {}, {"EUR", "JPY"}),
        (("$5", "USD 5", "7"), {}, set()),
        (("¥5", "7"), {}, {"¥"}),
        (("JPY 5",), {"Currency": ["JPY"]}, {"JPY"}),
    ],
)
def test_what_is_not_one_currency_is_told_and_not_proposed(
    amounts: tuple[str, ...], more: dict[str, list[str | None]], currencies: set[str]
) -> None:
    found = suggest(deals(*amounts, **more), BOOK)

    assert found.mapping.currency is None
    (needed,) = found.readers
    assert set(needed.currencies) == currencies
    assert ("several currencies" in str(found)) is (len(currencies) > 1)
    assert ("含多个币种" in found.summary("zh")) is (len(currencies) > 1)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_command_compares_no_yen_as_dollars(
    engine: str,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    own = '[[checks]]\nkey = "small"\ntitle = "It is small"\nrule = "amount < 100"\n'
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    data = "id,stage,amount\n1,talk,JPY 90000\n2,talk,€5\n3,talk,$7\n4,talk,8\n"
    (tmp_path / "deals.csv").write_text(data, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    asked = ("deals.csv", "--playbook", "small.toml", "--as-of", "2026-01-31")
    told = ("--checks", "own.toml", "--json", "out.json", "--engine", engine)
    _, _, err = run("pipeline", *asked, *told)

    assert err == ""
    counts = json.loads(Path("out.json").read_text(encoding="utf-8"))["counts"]
    assert {name: counts["small"][name] for name in ("yes", "no", "unknown")} == {
        "yes": 1,
        "no": 0,
        "unknown": 3,
    }
    rated = counts["hygiene.amount_convertible"]
    assert [rated[name] for name in ("yes", "no", "unknown")] == [1, 2, 1]
