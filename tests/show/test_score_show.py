"""A score as a notebook shows it."""

from __future__ import annotations

import re

import pytest

import salesflow as sf
from salesflow.qualify import Score, score
from tests.show.reading import AT, playbook, shown, text_of

BOOK = sf.Playbook.from_toml("""
id = "look"
version = "1"
title = "Look"
[[stages]]
key = "only"
title = "Only"
[[checklists]]
key = "ask"
sections = [{ key = "use", title = "Use" }, { key = "case", title = "Case" }]
questions = [
  { key = "need", title = "Is it needed?", section = "use" },
  { key = "money", title = "Is there money?", section = "use" },
  { key = "time", title = "Is there time?", section = "case" },
  { key = "people", title = "Are there people?", section = "case" },
  { key = "terms", title = "Are the terms ours?", section = "case" },
  { key = "law", title = "Is it legal?", section = "case" },
]
[[scorecards]]
key = "card"
title = "Worth a bid"
items = [
  { key = "need", rule = "ask.need", weight = 4 },
  { key = "money", rule = "ask.money", weight = 2 },
  { key = "time", rule = "ask.time" },
  { key = "people", rule = "ask.people" },
  { key = "terms", rule = "ask.terms" },
  { key = "law", rule = "ask.law" },
  { key = "size", title = "Size", rule = "amount >= 100", weight = 3 },
]
bands = [
  { key = "no", title = "Drop", min = 0 },
  { key = "look", title = "Look again", min = 4 },
  { key = "go", title = "Go", min = 8 },
]
[[scorecards]]
key = "flat"
title = "All alike"
items = [{ key = "owned", title = "Owned", rule = "known(owner)" }]
bands = [{ key = "all", title = "All", min = 0 }]
""")
CARD = BOOK.scorecards["card"]
CASE = {f"ask.{key}": "-" for key in ("time", "people", "terms", "law")}


def test_a_score_says_the_interval_and_what_to_ask_next() -> None:
    said = text_of(shown()["score"])

    assert "**Title** [? undecided]" in said
    assert "0–5 of 5 points (0% of them decided)" in said
    assert "| Title | `ask.money` | 2 | still open | still open |" in said


def test_a_settled_score_shows_its_band() -> None:
    found = playbook()
    engine = sf.StageEngine(found)
    score = engine.score(sf.Opportunity(id="D-1", name="Deal"), "card", at=AT)

    assert "[✗ Title]" in text_of(score.if_answered({"ask.real": "-"}))
    assert "[✓ Title]" in text_of(score.if_answered({"ask.real": "+"}))


def test_a_score_shows_its_sections_and_what_each_answer_would_do() -> None:
    shown = score(BOOK, CARD, {"ask.need": "+", **CASE})
    said = text_of(shown)

    assert said == (
        "**Worth a bid** [? undecided]\n\n"
        "████████▒▒▒▒▒▒▒▒▒░░░░░░░░ 4–9 of 13 points (62% of them decided)\n\n"
        "4–9 of 13 points; Go starts at 8.\n\n"
        "2 answers are not known.\n\n"
        "| section |  | points | of | unknown |\n"
        "| Use | ███████▒▒▒ | 4–6 | 6 | 1 |\n"
        "| Case | ░░░░░░░░░░ | 0 | 4 | 0 |\n"
        "| Other | ▒▒▒▒▒▒▒▒▒▒ | 0–3 | 3 | 1 |\n\n"
        "| ask next |  | worth | if favourable | if not |\n"
        "| Size | `amount` | 3 | still open | Look again |\n"
        "| Is there money? | `ask.money` | 2 | still open | Look again |"
    )


def test_the_figures_of_a_score_stand_at_the_right() -> None:
    html = score(BOOK, CARD, {"ask.need": "+", **CASE})._repr_html_()
    heads = [
        re.findall(r'<th style="text-align:(\w+)"', head)
        for head in re.findall(r"<thead>.*?</thead>", html)
    ]

    assert heads == [
        ["left", "left", "right", "right", "right"],
        ["left", "left", "right", "left", "left"],
    ]


def test_of_many_questions_the_first_five_are_shown_and_the_others_counted() -> None:
    said = text_of(score(BOOK, CARD, {}))

    assert said.count("| still open | still open |") == 5
    assert "| … and 2 more" in said


def test_a_score_without_sections_that_is_settled_has_no_tables() -> None:
    said = text_of(score(BOOK, BOOK.scorecards["flat"], {}))

    assert said.startswith("**All alike** [All]")
    assert "|" not in said


@pytest.mark.parametrize(
    ("answers", "badge"),
    [
        ({"ask.need": "-", "ask.money": "-"}, "[✗ Drop]"),
        ({"ask.need": "+", "ask.money": "-"}, "[Look again]"),
        ({"ask.need": "+", "ask.money": "+"}, "[✓ Go]"),
    ],
)
def test_only_the_highest_band_is_good_and_only_the_lowest_is_bad(
    answers: dict[str, str], badge: str
) -> None:
    settled = score(BOOK, CARD, {**CASE, **answers, "amount": 200 if "[✓" in badge else 0})

    assert text_of(settled).startswith(f"**Worth a bid** {badge}")


def test_a_score_that_was_read_back_shows_the_keys_of_card_and_band() -> None:
    settled = score(BOOK, CARD, dict.fromkeys(BOOK.questions, "+"))
    again = Score.model_validate_json(settled.model_dump_json())

    assert text_of(again).startswith("**card** [go]")
