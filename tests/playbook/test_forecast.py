"""What the deals of a place count as in the forecast: what it says itself, or the default."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from salesflow.errors import InvalidPlaybook
from salesflow.facts import FORECAST_CATEGORIES
from salesflow.playbook import Playbook
from salesflow.playbook._forecast import certainty, may_be_won
from salesflow.playbooks import BUILT_IN
from salesflow.plugins import load_playbook
from tests.playbook.test_document_laws import documents

HEAD = 'id = "x"\nversion = "1"\ntitle = "X"\n'


def playbook(*stages: str, more: str = "") -> Playbook:
    listed = ", ".join(f'{{ title = "S", {stage} }}' for stage in stages)
    return Playbook.from_toml(f"{HEAD}{more}\nstages = [{listed}]\n")


def of(*stages: str, more: str = "") -> list[str]:
    """What each position counts as."""
    return [place.forecast for place in playbook(*stages, more=more).positions]


def numbered(key: str, *numbers: float) -> list[str]:
    return [f'key = "s{i}", {key} = {number}' for i, number in enumerate(numbers)]


def test_selling_cycle_numbers_decide_as_a_share_of_the_highest() -> None:
    ten = of(*numbered("cycle", 2, 5.9, 6, 7.9, 8, 9.5, 10))
    assert ten == ["pipeline"] * 2 + ["best_case"] * 2 + ["commit"] * 3
    assert of(*numbered("cycle", 1, 2, 3, 4, 5)) == [
        *["pipeline"] * 2,
        *["best_case", "commit", "commit"],
    ]


def test_a_place_without_a_number_counts_as_the_one_before_it() -> None:
    stages = ['key = "a"', *numbered("cycle", 6), 'key = "b"', 'key = "c", cycle = 10']
    assert of(*stages) == ["pipeline", "best_case", "best_case", "commit"]


def test_else_the_chance_of_winning_decides_where_every_open_place_has_one() -> None:
    chances = numbered("probability", 0.1, 0.49, 0.5, 0.79, 0.8, 1)
    after = 'key = "care"'
    expected = ["pipeline"] * 2 + ["best_case"] * 2 + ["commit"] * 2
    assert of(*chances) == expected
    won = [*chances[:-1], f"{chances[-1]}, wins = true", after]
    assert of(*won) == [*expected, "omitted"]
    assert of(*chances, after) == ["pipeline"] * 7


def test_numbers_go_before_chances_and_without_either_all_is_pipeline() -> None:
    assert of('key = "a", cycle = 1, probability = 0.1', 'key = "b", probability = 0.9') == [
        "commit",
        "commit",
    ]
    assert of('key = "a"', 'key = "b"') == ["pipeline", "pipeline"]
    assert of('key = "a", cycle = 0', 'key = "b", cycle = 0') == ["pipeline", "pipeline"]


def test_nothing_is_counted_where_no_deal_is_won_any_more() -> None:
    moves = """moves = [
      { from = "plan", to = "order" }, { from = "plan", to = "given_up" },
      { from = "order", to = "care" }, { from = "care", to = "plan", back = true },
    ]"""
    stages = (
        *('key = "plan", cycle = 8', 'key = "order", cycle = 10, wins = true'),
        *('key = "given_up", cycle = 9, final = true', 'key = "care", final = true'),
    )
    assert of(*stages, more=moves) == ["commit", "commit", "omitted", "omitted"]


def test_what_a_place_says_goes_before_what_its_stage_says_and_that_before_the_default() -> None:
    first = '{ key = "a", title = "A", forecast = "best_case" }'
    parts = f'sub_stages = [{first}, {{ key = "b", title = "B" }}]'
    (stage,) = playbook(f'key = "s", forecast = "commit", {parts}').stages
    assert stage.forecast == "commit"
    assert [part.forecast for part in stage.sub_stages] == ["best_case", "commit"]

    silent = playbook(f'key = "s", {parts.replace(chr(34) + "best_case", chr(34) + "commit")}')
    assert [place.forecast for place in silent.positions] == ["commit", "pipeline"]
    assert silent.stages[0].forecast == "pipeline"  # the least certain of its parts


def test_a_playbook_keeps_what_it_says_and_not_the_default() -> None:
    said = playbook('key = "a", forecast = "omitted"', 'key = "b"')
    stages: Any = said.to_dict()["stages"]

    assert [stage.get("forecast") for stage in stages] == ["omitted", None]
    assert Playbook.from_json(said.to_json()) == said
    assert said.digest != playbook('key = "a"', 'key = "b"').digest


@pytest.mark.parametrize("word", ["closed", "Commit", "upside"])
def test_there_are_four_categories_in_a_file(word: str) -> None:
    with pytest.raises(InvalidPlaybook) as caught:
        playbook(f'key = "a", forecast = "{word}"')

    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("stages.a.forecast", "choice")


@given(documents())
def test_every_place_has_a_category_and_no_end_counts_unless_it_says_so(
    document: dict[str, Any],
) -> None:
    book = Playbook.from_json(json.dumps(document))
    open_ = may_be_won(book._document)
    for stage in book.stages:
        places = [place for place in book.positions if place.stage is stage]
        said = next(it for it in document["stages"] if it["key"] == stage.key)
        if "forecast" not in said:
            least = min(places, key=lambda it: certainty(it.forecast))
            assert stage.forecast == least.forecast
        for place in places:
            assert place.forecast in FORECAST_CATEGORIES
            parts = {it["key"]: it for it in said.get("sub_stages", [])}
            part: dict[str, Any] = parts.get(place.key, {})
            stated = part.get("forecast", said.get("forecast"))
            assert stated in (None, place.forecast)
            if stated is None and place.key not in open_:
                assert place.forecast == "omitted"


OURS = (
    "What a deal counts as in the forecast is ours; the document says nothing of it",
    "项目在各阶段的预测类别由本流程确定，原文未作规定",
)
OF_CHANCES = (
    "What a stage counts as in the forecast follows from its probability, and is ours like that",
    "各阶段的预测类别由赢率得出，与赢率一样由本流程确定",
)


def parts_of_the_reading(book: Playbook) -> tuple[str, ...]:
    """What a playbook has to say of its categories, in English and Chinese; nothing of defaults."""
    stages: Any = book.to_dict()["stages"]
    places = [place for stage in stages for place in (stage, *stage.get("sub_stages", []))]
    if {place.forecast for place in book.positions} == {"omitted"}:
        return ("is no sale: no forecast counts it before it", "不是销售项目：", "之前不计入预测")
    numbers = [
        (it.cycle, it.forecast) for it in book.positions if it.cycle and it.forecast != "omitted"
    ]
    if numbers:
        best, sure = (
            min(number for number, it in numbers if it == category)
            for category in ("best_case", "commit")
        )
        assert all(number < best for number, it in numbers if it == "pipeline")
        assert all(number < sure for number, it in numbers if it == "best_case")
        english = (
            f"numbers under {best:g} are pipeline, 6 and 7 best case, and those from {sure:g} on"
        )
        return (english, f"编号{best:g}以下为管道")
    if any(stage.probability for stage in book.stages):
        return OF_CHANCES
    return OURS if any("forecast" in place for place in places) else ()


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_playbooks_say_what_of_their_categories_is_a_reading(name: str) -> None:
    book = load_playbook(name)
    about = ("in the forecast", "forecast counts")
    said = [it for it in book.readings if any(words in it.get("en") for words in about)]
    expected = parts_of_the_reading(book)

    assert len(said) == bool(expected)
    for part in expected:
        assert any(part in text.get(lang) for text in said for lang in ("en", "zh"))
