"""Words that stand for numbers, such as High for a probability."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import salesflow as sf
from salesflow import Playbook, Rule
from salesflow.errors import ArgumentError, FrameError
from salesflow.pipeline import Counts, FrameMapping
from tests.cli.conftest import Run
from tests.pipeline.conftest import AS_OF
from tests.pipeline.test_check_pipeline import check

Engine = Callable[[pl.DataFrame], Any]
LIKELY = {"likely": Rule.parse("probability >= 0.8")}
WORDS = {"probability": {"High": 0.8, "中": Decimal("0.5"), "?": None}}


def rated(*words: object) -> pl.DataFrame:
    ids = [f"D-{number}" for number in range(len(words))]
    return pl.DataFrame({"id": ids, "stage": "sign", "probability": words}, strict=False)


def test_words_stand_for_numbers(engine: Engine, process: Playbook) -> None:
    deals = engine(rated("High", "中", "Maybe", None, " ", "?", "High"))

    report = check(deals, process, values=WORDS, checks=LIKELY)

    assert report.counts["likely"] == Counts(yes=2, no=1, unknown=4)
    assert report.counts["hygiene.known_values.probability"] == Counts(yes=6, no=1, unknown=0)
    assert report.seen("hygiene.known_values.probability") == {"probability": {"Maybe": 1}}
    assert "say what it stands for in values=" in report.message(
        "hygiene.known_values.probability", "en"
    )


def test_numbers_stand_for_others_and_the_rest_for_themselves(
    engine: Engine, process: Playbook
) -> None:
    deals = engine(rated(3, 2, 1, 0, None))

    report = check(deals, process, values={"probability": {3: 0.9, 2: 0.5}}, checks=LIKELY)

    assert report.counts["likely"] == Counts(yes=2, no=2, unknown=1)
    assert "hygiene.known_values.probability" not in report.counts


def test_figures_are_those_of_the_numbers_that_words_stand_for(process: Playbook) -> None:
    deals = rated("High", "中").with_columns(amount=pl.lit(100.0))
    numbers = deals.with_columns(probability=pl.Series([0.8, 0.5]))
    said: dict[str, Any] = {"key": "id", "as_of": AS_OF}

    read = sf.pipeline.metrics(deals, process, values=WORDS, **said)

    assert read.weighted_pipeline.value == 130.0
    assert read.weighted_pipeline == sf.pipeline.metrics(numbers, process, **said).weighted_pipeline


@pytest.mark.parametrize(
    "number", ["0.8", True, float("nan"), float("inf"), 10**400, Decimal("NaN")]
)
def test_what_is_no_number_is_none_that_a_word_stands_for(
    number: object, process: Playbook
) -> None:
    with pytest.raises(FrameError) as raised:
        check(rated("High"), process, values={"probability": {"High": number}})

    assert {"values['probability']['High']"} <= {it.path for it in raised.value.problems}


def test_a_column_of_words_says_what_could_read_it(process: Playbook) -> None:
    with pytest.raises(FrameError, match="numbers; say what words stand for in values=; read it"):
        check(rated("High"), process)
    with pytest.raises((FrameError, ArgumentError), match="none of these is in 'probability'"):
        check(rated("High"), process, values={"probability": {3: 0.5}})


def test_a_mapping_keeps_them() -> None:
    mapping = FrameMapping(values=WORDS)

    assert FrameMapping.from_toml(mapping.to_toml()) == mapping
    assert FrameMapping.from_json(mapping.to_json()) == mapping
    assert dict(mapping.values["probability"]) == {"High": 0.8, "中": 0.5, "?": None}


def test_the_command_reads_them_by_its_map(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rated("High", "中", "Maybe").write_csv("deals.csv")
    words = ("pipeline", "deals.csv", "--playbook", "optimized_sales_process", "--map", "map.toml")
    stages = 'key = "id"\n[stages]\nsign = "close"\n'
    Path("map.toml").write_text(stages, encoding="utf-8")

    err = run(*words, "--as-of", "2026-01-31").err
    assert "these are not numbers: 'High' (line 2), 'Maybe' (line 4), '中' (line 3)" in err
    assert "; or say what words stand for in the map, in [values]" in err

    known = '[values.probability]\nHigh = 0.8\n"中" = 0.5\n'
    Path("map.toml").write_text(stages + known, encoding="utf-8")
    out = run(*words, "--as-of", "2026-01-31").out
    assert "FAILED hygiene.known_values.probability: 1 finding in 3 deals" in out


def test_there_may_be_any_number_of_words(engine: Engine, process: Playbook) -> None:
    """Each for a number of its own, or many for one; engines nest only so deep."""
    words = [f"word {number}" for number in range(300)]
    deals = engine(rated(*words, "none of them"))
    each = {word: number / 300 for number, word in enumerate(words)}
    many = {word: 0.9 if number < 60 else 0.1 for number, word in enumerate(words)}

    for said in (each, many):
        report = check(deals, process, values={"probability": said}, checks=LIKELY)
        assert report.counts["likely"] == Counts(yes=60, no=240, unknown=1)


def test_any_number_of_numbers_stand_for_others(engine: Engine, process: Playbook) -> None:
    whole = {"probability": {3 * number: number / 300 for number in range(301)}}
    deals = engine(rated(*range(0, 901, 3)))
    assert check(deals, process, values=whole, checks=LIKELY).counts["likely"].yes == 61
    # Between two numbers there are others, which stand for themselves.
    near: dict[object, float | None] = dict.fromkeys(range(2, 10), 0.1)
    near |= {10.5: 0.9, 12.0: None}
    deals = engine(rated(0.5, 2.0, 2.5, 9.0, 10.5, 12.0))
    report = check(deals, process, values={"probability": near}, checks=LIKELY)
    assert report.counts["likely"] == Counts(yes=2, no=3, unknown=1)


def test_any_number_of_words_stand_for_texts(engine: Engine, process: Playbook) -> None:
    names = [f"person {number}" for number in range(300)]
    owners = {str(number): name for number, name in enumerate(names)}
    deals = rated(*[0.5] * 301).with_columns(owner=pl.Series([*owners, "Li"]))
    mine = {"mine": Rule.parse('owner in ("person 7", "person 299", "Li")')}

    report = check(engine(deals), process, values={"owner": owners}, checks=mine)

    assert report.counts["mine"] == Counts(yes=3, no=298, unknown=0)
