"""What stands beside the numbers of texts, their currency and their unit, is lost nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

import salesflow as sf
from salesflow.cli._pipeline_proposal import draft_of_map
from salesflow.errors import FrameError
from salesflow.pipeline import (
    FrameMapping,
    PipelineReport,
    Source,
    check_pipeline,
    read_numbers,
    suggest,
)
from salesflow.pipeline._files.read import read_texts
from salesflow.pipeline.exports import zoho
from salesflow.pipeline.exports._number_shapes import unit_in_heading
from tests.cli.conftest import Run
from tests.frame_engines import values_of
from tests.pipeline.test_currencies_in_texts import SMALL
from tests.pipeline.test_how_deals_ended import AS_OF

Engine = Callable[[pl.DataFrame], Any]
BOOK = sf.Playbook.from_toml(SMALL)
RATES = sf.Rates("USD", {"EUR": 2, "CAD": 0.5})


def deals(
    amounts: Sequence[object],
    column: str = "amount",
    more: Mapping[str, Sequence[Any]] | None = None,
) -> pl.DataFrame:
    ids = [str(number) for number in range(1, len(amounts) + 1)]
    return pl.DataFrame({"id": ids, "stage": "talk", column: amounts, **(more or {})}, strict=False)


def amounts_of(frame: Any, column: str = "amount", **said: Any) -> list[float | None]:
    """What amounts of deals come to, by the checks that they pass."""
    limits = [5.0, 7.0, 10.0, 14.0, 50_000.0, 860_000.0, 1_500.0]
    checks = {f"is {it:g}": sf.Rule.parse(f"amount == {it:.0f}") for it in limits}
    columns = {} if column == "amount" else {"amount": column}
    report = check_pipeline(
        frame, BOOK, key="id", as_of=AS_OF, columns=columns, checks=checks, **said
    )
    rows = sorted(values_of(report.wide), key=lambda row: row["id"])
    return [next((it for it in limits if row[f"is {it:g}"] == "yes"), None) for row in rows]


# ------------------------------------------------------------------------------------------- units


def test_what_was_seen_of_an_amount_counts_ones_whatever_its_column_counts(every: Engine) -> None:
    frame = read_numbers(deals(["86万", "45.8", "1,250", None]), "amount")
    large = {"large": sf.Rule.parse("amount > 1_000_000_000")}

    report = check_pipeline(
        every(frame), BOOK, key="id", as_of=AS_OF, scale={"amount": 10_000}, checks=large
    )

    found = [row for row in values_of(report.findings(values=True)) if row["check"] == "large"]
    told = {row["id"]: row["value"] for row in found}
    assert {key: None if not it else float(it) for key, it in told.items()} == {
        "1": 860_000.0,
        "2": 458_000.0,
        "3": 12_500_000.0,
        "4": None,
    }
    samples = {row["id"]: row["amount"] for row in values_of(report.sample("large"))}
    assert samples == {"1": 860_000.0, "2": 458_000.0, "3": 12_500_000.0, "4": None}
    assert report.seen("large") == {"amount": {"12500000": 1, "458000": 1, "860000": 1}}


@pytest.mark.parametrize(
    ("amounts", "found", "units"),
    [
        (["86万", "5", None], [860_000, 50_000, None], [10_000, None, None]),
        (["86万", "86万"], [860_000, 860_000], [10_000, 10_000]),
        (["1.5k", "5"], [1_500, 50_000], [1_000, None]),
        (["0.086千万", "5"], [860_000, 50_000], [10_000_000, None]),
        (["5", "86"], [50_000, 860_000], None),
    ],
)
@pytest.mark.parametrize("column", ["amount", "金额"])
def test_a_text_with_its_own_unit_counts_none_of_its_column(
    amounts: list[str | None],
    found: list[float | None],
    units: list[int | None] | None,
    column: str,
    engine: Engine,
) -> None:
    read = read_numbers(engine(deals(amounts, column)), column)

    rows = sorted(values_of(read), key=lambda row: row["id"])
    beside = [row[f"{column}.unit"] for row in rows] if units else None
    assert beside == units
    assert (f"{column}.unit" in rows[0]) is (units is not None)
    assert amounts_of(read, column, scale={"amount": 10_000}) == found


def test_without_a_scale_a_unit_is_read_once(engine: Engine) -> None:
    read = read_numbers(engine(deals(["86万", "5"])), "amount")
    assert amounts_of(read) == [860_000, 5]


def test_an_export_and_a_file_keep_units_too() -> None:
    mapping = FrameMapping(key="id", columns={"amount": "金额"}, scale={"amount": 10_000})
    frame = nw.from_native(deals(["86万", "5"], "金额"))
    read = read_texts(frame, BOOK, mapping)
    assert amounts_of(Source(read, mapping), "金额") == [860_000, 50_000]

    export = deals(["86万", "5"], "金额").rename({"id": "Record Id", "stage": "阶段"})
    turned = zoho.opportunities(export)
    assert turned["amount.unit"].to_list() == [10_000, None]
    assert amounts_of(turned, scale={"amount": 10_000}) == [860_000, 50_000]


def test_a_column_that_is_in_the_way_of_units_is_told() -> None:
    frame = deals(["86万"]).with_columns(pl.lit("CNY").alias("Amount.Unit"))
    with pytest.raises(FrameError) as caught:
        read_numbers(frame, "amount")
    (problem,) = caught.value.problems
    assert problem.message == (
        "the units of its texts would go into 'Amount.Unit', and that is there already"
    )
    # Where no text names one, nothing is in the way; and words there are no units of ours.
    read = read_numbers(frame.with_columns(pl.lit("5").alias("amount")), "amount")
    assert amounts_of(read, scale={"amount": 10_000}) == [50_000]


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("金额（万元）", (4, True)),
        ("金额（单位：万元）", (4, True)),
        ("合同金额 (亿)", (8, True)),
        ("金额_百万元", (6, True)),
        ("Amount (k USD)", (3, True)),
        ("Amount (USD '000)", (3, True)),
        ("Amount (in thousands)", (3, True)),
        ("Value in millions", (6, True)),
        ("amount_k_usd", (3, True)),
        ("万科金额", (4, False)),
        ("Million dollar deals", (6, False)),
        ("金额（元）", None),
        ("Amount (1000 USD)", None),
        ("Amount (converted)", None),
        ("百度金额", None),
        ("Amount", None),
        ("", None),
    ],
)
def test_a_heading_names_a_unit_clearly_in_brackets_and_at_its_end(
    heading: str, unit: tuple[int, bool] | None
) -> None:
    assert unit_in_heading(heading) == unit


def test_the_unit_of_a_heading_is_proposed_and_told_where_it_is_left_out(engine: Engine) -> None:
    frame = engine(deals([86.0, 5.0], "Amount (万)"))
    found = suggest(frame, BOOK)
    assert found.mapping.scale == {"amount": 10_000}
    assert "Headings name a unit" in str(found)
    assert "列名含单位" in found.summary("zh")

    report = check_pipeline(Source(frame, found.mapping), BOOK, as_of=AS_OF)
    assert report.unscaled == {}
    mapping = FrameMapping(key="id", columns=found.mapping.columns)
    plain = check_pipeline(Source(frame, mapping), BOOK, as_of=AS_OF)
    assert plain.unscaled == {"amount": "Amount (万)"}
    said = "The heading Amount (万) names a unit, and no scale is said of amount"
    assert said in str(plain)
    assert "列名 Amount (万) 含单位，而 amount 没有指定 scale" in plain.summary("zh")
    assert "no scale is said of amount" in plain.to_html()
    back: PipelineReport[Any] = PipelineReport.model_validate_json(plain.to_json())
    assert back.unscaled == plain.unscaled
    # To say that a number counts one is to say it.
    one = check_pipeline(Source(frame, mapping), BOOK, as_of=AS_OF, scale={"amount": 1})
    assert one.unscaled == {}


def test_a_unit_that_may_be_a_name_is_asked_and_not_taken() -> None:
    found = suggest(deals([1.0], "金额（万科）"), BOOK)
    assert (found.mapping.columns, found.mapping.scale) == ({"amount": "金额（万科）"}, {})
    assert "the heading may name a unit: '金额（万科）'" in str(found)
    draft = draft_of_map(found, "deals.csv", BOOK, FrameMapping(), "en")
    assert "#   [scale]\n#   amount = 10000\n" in draft
    report = check_pipeline(Source(deals([1.0], "金额（万科）"), found.mapping), BOOK, as_of=AS_OF)
    assert report.unscaled == {}
    said = suggest(deals([1.0], "金额（万元）"), BOOK)
    (unit,) = said.readers
    assert (unit.scale, unit.is_clear) == (10_000, True)
    source = Source(deals([1.0], "金额（万元）"), FrameMapping(scale={"amount": 1}))
    assert suggest(source, BOOK).readers == ()


# -------------------------------------------------------------------------------------- currencies


@pytest.mark.parametrize(
    ("amounts", "currency", "said", "found"),
    [
        # One currency is that of what says none, too; without a rate an amount is unknown.
        (["€5", "7", None], ["EUR", "EUR", None], {}, [None, None, None]),
        (["€5", "7", None], ["EUR", "EUR", None], {"rates": RATES}, [10, 14, None]),
        # A sign of several is the playbook's, unless somebody says another one.
        (["$5", "7"], ["$", "$"], {}, [5, 7]),
        (["$10", "14"], ["$", "$"], {"rates": RATES, "currency": "CAD"}, [5, 7]),
        (["$10"], ["$"], {"rates": RATES, "values": {"amount.currency": {"$": "CAD"}}}, [5]),
        (["¥5"], ["¥"], {}, [None]),
        (["5", "7"], None, {}, [5, 7]),
    ],
)
@pytest.mark.parametrize("column", ["amount", "Value"])
def test_no_euros_are_taken_for_dollars(
    amounts: list[str | None],
    currency: list[str | None] | None,
    said: Mapping[str, Any],
    found: list[float | None],
    column: str,
    engine: Engine,
) -> None:
    read = read_numbers(engine(deals(amounts, column)), column)

    rows = sorted(values_of(read), key=lambda row: row["id"])
    assert (f"{column}.currency" in rows[0]) is (currency is not None)
    assert currency is None or [row[f"{column}.currency"] for row in rows] == currency
    assert amounts_of(read, column, **said) == found


def test_a_column_of_currencies_is_completed_and_never_contradicted(engine: Engine) -> None:
    own: Mapping[str, Sequence[Any]] = {"amount.currency": [None, "CAD", "USD"]}
    read = read_numbers(engine(deals(["$5", "$7", "8"], more=own)), "amount")
    rows = sorted(values_of(read), key=lambda row: row["id"])
    assert [row["amount.currency"] for row in rows] == ["$", "CAD", "USD"]

    with pytest.raises(FrameError) as caught:
        read_numbers(engine(deals(["€5", "7", "8"], more=own)), "amount")
    (problem,) = caught.value.problems
    assert (
        problem.message == "its texts name another currency than the column 'amount.currency'"
        " (2 rows)"
    )


def test_a_column_that_is_in_the_way_of_currencies_is_told() -> None:
    frame = deals(["€5"]).with_columns(pl.lit(3).alias("amount.currency"))
    with pytest.raises(FrameError, match="currencies of its texts would go into"):
        read_numbers(frame, "amount")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_command_tells_units_and_currencies_and_proposes_them(
    engine: str,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    own = '[[checks]]\nkey = "right"\ntitle = "Right"\nrule = "amount in (860_000, 50_000)"\n'
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    data = "id,stage,Amount (万),budget\n1,talk,86万,€5\n2,talk,5,JPY 7\n"
    (tmp_path / "deals.csv").write_text(data, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    asked = ("pipeline", "deals.csv", "--playbook", "small.toml", "--engine", engine)

    _, out, err = run(*asked, "--suggest", "map.toml")
    told = 'The texts of "budget" are amounts in several currencies, of which each is kept: '
    assert (err, told in out, "Headings name a unit" in out) == ("", True, True)
    proposed = Path("map.toml").read_text(encoding="utf-8")
    assert "[scale]\namount = 10000\n" in proposed
    assert '# [scale] follows from the heading "Amount (万)": check it.' in proposed
    assert f"# {told}" in proposed

    more = ("--as-of", "2026-01-31", "--checks", "own.toml", "--json", "out.json")
    run(*asked, *more, "--map", "map.toml")
    found = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert (found["counts"]["right"]["yes"], found["unscaled"]) == (2, {})

    without = proposed.replace("[scale]\namount = 10000\n", "")
    Path("map.toml").write_text(without, encoding="utf-8")
    _, out, _ = run(*asked, *more, "--map", "map.toml", "--lang", "zh")
    assert "列名 Amount (万) 含单位，而 amount 没有指定 scale：数值按原样计。" in out
