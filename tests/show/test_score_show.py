"""A score as a notebook shows it."""

from __future__ import annotations

import salesflow as sf
from tests.show.reading import AT, playbook, shown, text_of


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
