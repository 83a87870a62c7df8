"""The chart of one score."""

from __future__ import annotations

import salesflow as sf
from salesflow.plots import score_of_deal
from salesflow.qualify import score
from tests.plots.results import playbook, scored, subtitle, values


def test_a_score_shows_its_intervals_knock_outs_and_what_to_ask_next() -> None:
    of = playbook()
    chart = score_of_deal(scored(of, money="-", term="+"), of)

    assert subtitle(chart)[0] == "No go Title: 1–3 of 6 points"
    assert values(chart)["whole"][0]["points"] == "1–3"
    assert [row["text"] for row in values(chart)["parts"]] == [
        "1 / 4 · ✗ knocks out: Money holds Title",
        "0–2 / 2",
    ]
    assert "asks" not in values(chart)  # nothing can change the verdict any more


def test_what_to_ask_next_comes_with_what_the_answers_do() -> None:
    of = playbook()
    found = scored(of, term="+")
    asks = values(score_of_deal(found, of))["asks"]

    assert [(row["fact"], row["swing"]) for row in asks] == [
        (ask.question, ask.swing) for ask in found.ask_next
    ]
    assert asks[0]["effect"] == "favourable: Go Title; if not: No go Title"
    assert (
        "? may knock out: Money holds Title" in values(score_of_deal(found, of))["parts"][0]["text"]
    )


def test_a_card_without_sections_shows_its_items() -> None:
    of = sf.Playbook.from_toml("""
        id = "flat"
        version = "1"
        title = "Flat"
        languages = ["en"]
        [[scorecards]]
        key = "card"
        title = "Card"
        items = [
          { key = "large", title = "Large", rule = "amount > 5", weight = 2 },
          { key = "near", title = "Near", rule = "probability > 0.5", weight = 1 },
        ]
        bands = [{ key = "low", title = "Low", min = 0 }, { key = "high", title = "High", min = 2 }]
        [[stages]]
        key = "a"
        title = "A"
    """)
    found = score(of, of.scorecards["card"], {"amount": 9})

    assert [(row["label"], row["text"]) for row in values(score_of_deal(found, of))["parts"]] == [
        ("1 Large", "2 / 2"),
        ("2 Near", "0–1 / 1"),
    ]
