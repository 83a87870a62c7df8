"""Stages that are no stages, chances that fall, and what no way asks for."""

from __future__ import annotations

import pytest

from salesflow.errors import InvalidPlaybook
from salesflow.playbook import Playbook, lint
from tests.playbook.placeless import placeless

HEAD = 'id = "x"\nversion = "1"\ntitle = "X"\n'


def stages(*lines: str, more: str = "") -> str:
    return f"{HEAD}{more}\nstages = [{', '.join(f'{{ {line} }}' for line in lines)}]\n"


def stage(key: str, more: str = "") -> str:
    return f'key = "{key}", title = "{key.capitalize()}"' + (f", {more}" if more else "")


def doubts(text: str) -> list[tuple[str, str]]:
    assert Playbook.from_toml(text).warnings == placeless(lint(text))
    return [(problem.path, problem.code) for problem in lint(text)]


@pytest.mark.parametrize(
    "name",
    [
        'key = "closed_lost", title = "Over"',
        'key = "over", title = "8 - Closed Lost"',
        'key = "unqualified", title = "Over"',
        'key = "duplicate", title = "Over"',
        'key = "deal_lost", title = "Over"',
        'key = "closed", title = "Over"',
        'key = "over", title = "Lost to a competitor"',
        'key = "over", title = "No decision"',
        *(f'key = "over", title = {{ zh = "{name}" }}' for name in ("丢单", "失单", "已流失")),
        *(f'key = "over", title = "{name}"' for name in ("关闭（输单）", "无效商机", "8-输单")),
    ],
)
def test_a_stage_for_deals_that_are_lost_is_doubted(name: str) -> None:
    (problem,) = [item for item in lint(stages(stage("plan"), name)) if item.code == "closed"]

    assert problem.path == "stages." + name.split('"')[1]
    assert problem.hint == "leave it out, and list why deals are lost in [[reasons]]"


@pytest.mark.parametrize("name", ["closed_won", "deal_won"])
def test_a_stage_for_deals_that_are_won_is_doubted_unless_it_is_where_they_are_won(
    name: str,
) -> None:
    (problem,) = lint(stages(stage("plan"), stage(name)))

    assert (problem.path, problem.code) == (f"stages.{name}", "closed")
    assert "wins = true" in problem.hint
    assert doubts(stages(stage("plan"), stage(name, "wins = true"))) == []


@pytest.mark.parametrize("title", ["赢单", "已赢单", "赢单关闭", "已成交", "关闭-赢单"])
def test_a_chinese_stage_for_deals_that_are_won_is_doubted(title: str) -> None:
    named = f'key = "end", title = {{ zh = "{title}" }}'
    more = 'languages = ["zh"]\n'
    (problem,) = [it for it in lint(stages(stage("plan"), named, more=more)) if it.code == "closed"]
    assert "wins = true" in problem.hint
    wins = stages(stage("plan"), f"{named}, wins = true", more=more)
    assert "closed" not in {problem.code for problem in lint(wins)}


@pytest.mark.parametrize("title", ["成交", "签约", "赢单策略", "重复采购", "取消合同"])
def test_a_chinese_stage_with_something_to_do_is_not_doubted(title: str) -> None:
    text = stages(stage("plan"), f'key = "end", title = {{ zh = "{title}" }}')
    assert "closed" not in {problem.code for problem in lint(text)}


def test_a_chance_that_falls_to_nothing_is_told_where_lost_deals_belong() -> None:
    chances = (stage("plan", "probability = 0.4"), stage("over", "probability = 0"))
    (problem,) = lint(stages(*chances))
    assert problem.hint.startswith("a deal without a chance is lost, and in no stage")


@pytest.mark.parametrize(
    "name", ["close", "closing", "win", "wonder", "lost_baggage", "duplicate_check", "enclosed"]
)
def test_a_stage_whose_name_only_sounds_like_an_end_is_not_doubted(name: str) -> None:
    assert doubts(stages(stage("plan"), stage(name))) == []


def test_the_list_of_a_crm_is_no_process() -> None:
    chances = {"plan": 0.2, "closed_won": 1, "closed_lost": 0, "unqualified": 0, "duplicate": 0}
    text = stages(*(stage(key, f"probability = {chance}") for key, chance in chances.items()))

    assert doubts(text) == [
        *((f"stages.{key}", "closed") for key in list(chances)[1:]),
        ("stages.closed_lost.probability", "order"),
    ]


def test_a_chance_of_one_says_that_somebody_forgot_where_deals_are_won() -> None:
    sure = stages(stage("plan"), stage("order", "probability = 1"))

    assert doubts(sure) == [("stages.order.probability", "closed")]
    assert doubts(sure.replace("= 1 ", "= 0.99 ")) == []
    assert doubts(sure.replace('"Plan"', '"Plan", wins = true')) == []


def test_a_chance_that_falls_along_the_line_is_doubted() -> None:
    def of(*chances: float, more: str = "") -> str:
        lines = [stage(f"s{i}", f"probability = {it}") for i, it in enumerate(chances)]
        return stages(*lines, more=more)

    assert doubts(of(0.1, 0.5, 0.4, 0.9)) == [("stages.s2.probability", "order")]
    assert doubts(of(0.1, 0.5, 0.5, 0.9)) == []
    (told,) = lint(of(0.1, 0.5, 0.4), lang="zh")
    assert (told.message, told.hint) == ("随着项目推进，赢率从 0.5 降为 0.4", "应逐步上升")
    aside = """moves = [{ from = "s0", to = "s1" }, { from = "s0", to = "s2" },
        { from = "s1", to = "s2" }]"""
    assert doubts(of(0.1, 0.5, 0.4, more=aside)) == []  # no line


def test_a_forecast_category_that_falls_along_the_line_is_doubted() -> None:
    def of(*said: str | None) -> str:
        return stages(
            *(stage(f"s{i}", f'forecast = "{it}"' if it else "") for i, it in enumerate(said))
        )

    (problem,) = lint(of("commit", "pipeline"))
    assert (problem.path, problem.code) == ("stages.s1.forecast", "forecast")
    assert problem.message == (
        'the forecast category falls from "commit" to "pipeline" as the deal goes on'
    )
    (told,) = lint(of("commit", "pipeline"), lang="zh")
    assert told.message == "随着项目推进，预测类别从“commit”降为“pipeline”"
    # The one that says it is told, where the other one has the default.
    assert doubts(of("best_case", None)) == [("stages.s0.forecast", "forecast")]
    assert doubts(of("pipeline", "best_case", "omitted")) == [("stages.s2.forecast", "forecast")]
    assert doubts(of("omitted", "pipeline", "pipeline", "best_case", "commit")) == []
    assert doubts(of(None, None)) == []


def test_a_forecast_category_falls_from_part_to_part_and_where_a_stage_says_it() -> None:
    parts = (
        'sub_stages = [{ key = "a", title = "A", forecast = "commit" }, { key = "b", title = "B" }]'
    )
    text = stages(stage("plan", f'forecast = "pipeline", {parts}'))

    assert doubts(text) == [("stages.plan.forecast", "forecast")]
    assert doubts(text.replace(', { key = "b", title = "B" }', "")) == []


def test_a_forecast_category_where_no_deal_is_won_any_more_is_doubted() -> None:
    def after(said: str) -> str:
        return stages(stage("order", "wins = true"), stage("care", f'forecast = "{said}"'))

    (problem,) = lint(after("commit"))
    assert (problem.path, problem.code) == ("stages.care.forecast", "forecast")
    assert problem.hint == "leave it out"
    assert doubts(after("omitted")) == []
    ways = """moves = [{ from = "plan", to = "order" }, { from = "plan", to = "given_up" }]"""
    aside = stages(
        stage("plan"),
        stage("order", "wins = true"),
        stage("given_up", 'forecast = "pipeline"'),
        more=ways,
    )
    assert doubts(aside) == [("stages.given_up.forecast", "forecast")]


ASKED = 'exit = [{ key = "given", title = "Given", rule = "known(owner)" }]'
WAYS = """moves = [
  {{ from = "plan", to = "review" }}, {{ from = "review", to = "store" }},
  {{ from = "review", to = "details"{aside} }}, {{ from = "details", to = "review"{back} }},
]"""


def review(aside: str = "", back: str = "", policy: str = "", asked: str = ASKED) -> str:
    lines = [stage("plan"), stage("review"), stage("details", asked), stage("store")]
    return stages(*lines, more=f"{policy}\n{WAYS.format(aside=aside, back=back)}")


def errors(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_exit_criteria_that_no_way_asks_for_are_an_error() -> None:
    assert errors(review(back=", back = true")) == [("stages.details.exit", "unasked")]
    assert doubts(review()) == []
    assert doubts(review(back=", back = true", asked="")) == []
    ends = ASKED + ", final = true"
    assert doubts(review(back=", back = true", asked=ends)) == []  # the end asks for them


def test_entry_criteria_that_no_way_asks_for_are_an_error() -> None:
    entry = ASKED.replace("exit", "entry")
    assert errors(review(aside=", back = true", asked=entry)) == [
        ("stages.details.entry", "unasked")
    ]
    assert doubts(review(asked=entry)) == []
    skips = 'policy = { skip = "on" }'
    assert doubts(review(aside=", back = true", asked=entry, policy=skips)) == []


def test_what_a_way_to_a_new_deal_asks_for_is_asked_by_nobody() -> None:
    def again(more: str) -> str:
        ways = f'moves = [{{ from = "care", to = "plan", new_deal = true{more} }}]'
        return stages(stage("plan"), stage("care"), more=ways)

    assert doubts(again("")) == []
    assert doubts(again(', rule = "known(owner)"')) == [("moves[0].rule", "unasked")]
    asked = ', criteria = [{ key = "c", title = "C", rule = "known(owner)" }]'
    assert doubts(again(asked)) == [("moves[0].criteria", "unasked")]
