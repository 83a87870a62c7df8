"""The chart of the scores of many deals."""

from __future__ import annotations

from salesflow.plots import scores_of_deals
from tests.plots.results import playbook, scored, subtitle, texts, values


def test_deals_stand_by_their_certain_points_and_at_most_sixty() -> None:
    of = playbook()
    scores = {f"D-{n}": scored(of) for n in range(200)}
    scores["best"] = scored(of, money="+", fit="+")
    scores["second"] = scored(of, fit="+")
    chart = scores_of_deals(scores, of)

    rows = values(chart)["deals"]
    assert [row["label"] for row in rows[:3]] == ["1 best", "2 second", "3 D-0"]
    assert len(rows) == 60
    assert "60 of 202 deals are shown." in subtitle(chart)


def test_every_deal_says_its_verdict_and_what_to_ask() -> None:
    of = playbook()
    scores = {"a": scored(of, money="-"), "b": scored(of), "c": scored(of, money="+", fit="+")}
    said = texts(scores_of_deals(scores, of))

    assert "✗ No go Title" in said
    assert "Undecided · ask: Money Title" in said
    assert "Go Title" in said


def test_no_scores_give_a_sentence() -> None:
    assert "There are no scores." in texts(scores_of_deals({}, playbook()))
