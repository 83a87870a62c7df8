"""The funnel: the numbers of the figures, in the order of the process."""

from __future__ import annotations

import salesflow as sf
from salesflow.plots import funnel
from tests.plots.results import AS_OF, DEALS, figures, playbook, spec, subtitle, texts, values


def test_the_funnel_says_who_entered_each_stage_and_what_became_of_them() -> None:
    of = playbook()
    chart = funnel(figures(of), of)

    found = {(row["stage"], row["part"]): row["number"] for row in values(chart)["stages"]}
    assert found == {
        ("1 Talk Title", "went on"): 2,
        ("1 Talk Title", "ended here"): 1,
        ("1 Talk Title", "still here"): 1,
        ("2 Offer Title", "went on"): 1,
        ("2 Offer Title", "still here"): 1,
        ("3 Sign Title", "went on"): 1,
    }
    assert "4 · 67% went on" in texts(chart)
    assert "Win rate 50.0%: 1 won, 1 lost." in subtitle(chart)


def test_the_parts_of_a_bar_sum_to_those_who_entered() -> None:
    of = playbook()
    of_stage = figures(of).stages
    sums = dict[str, int]()
    for row in values(funnel(figures(of), of, sub_stages=True))["stages"]:
        sums[row["stage"]] = sums.get(row["stage"], 0) + row["number"]

    assert sums == {
        "1 Talk Title": of_stage["talk"].entered.value,
        "2 Offer Title": of_stage["offer"].entered.value,
        "2.1 Draft Title": of_stage["draft"].entered.value,
        "3 Sign Title": of_stage["sign"].entered.value,
    }


def test_stages_stand_in_the_order_of_the_process() -> None:
    of = playbook()
    domain = spec(funnel(figures(of), of))["layer"][0]["encoding"]["y"]["sort"]

    assert domain == ["1 Talk Title", "2 Offer Title", "3 Sign Title"]


def test_without_a_history_the_funnel_says_how_deals_ended_and_what_it_lacks() -> None:
    of = playbook()
    chart = funnel(figures(of, history=False), of)

    found = {row["outcome"]: row["deals"] for row in values(chart)["outcomes"]}
    assert found == {"Open": 3, "Won": 1, "Lost": 1, "Disqualified": 0}
    assert "needs a history" in subtitle(chart)[-1]


def test_no_deals_give_a_sentence() -> None:
    of = playbook()
    empty = sf.pipeline.metrics(DEALS.clear(), of, key="id", as_of=AS_OF)

    assert "There are no deals." in texts(funnel(empty, of))
    assert "没有项目。" in texts(funnel(empty, of, lang="zh"))
