"""What to ask next says of a question what the answers to it would do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.playbook import Scorecard
from salesflow.qualify import UNDECIDED, Ask, Score, score

PLAYBOOK = sf.Playbook.from_toml("""
id = "asking"
version = "1"
title = "Asking"
[[stages]]
key = "only"
title = "Only"
[[checklists]]
key = "o"
questions = [
  { key = "c", title = "C", type = "choice", choices = ["a", "b", "d"] },
  { key = "n", title = "N", type = "number", min = 0, max = 10 },
  { key = "s", title = "S", type = "scale", min = 1, max = 5 },
  { key = "d", title = "D", type = "date" },
  { key = "f", title = "F" },
]
[[scorecards]]
key = "both"
items = [
  { key = "x", rule = 'o.c == "a" and o.n >= 5', title = "X" },
  { key = "y", rule = "o.n < 5", weight = 2, title = "Y" },
  { key = "z", rule = "o.n >= 5", weight = 2, title = "Z" },
  { key = "k", rule = "known(o.d)", title = "K" },
]
bands = [{ key = "lo", min = 0, title = "Lo" }, { key = "hi", min = 3, title = "Hi" }]
[[scorecards]]
key = "knotty"
items = [
  { key = "few", rule = "o.n <= 3", knock_out = true, title = "Few" },
  { key = "many", rule = "o.n >= 8", weight = 4, title = "Many" },
  { key = "said", rule = "known(o.s) and known(o.n)", weight = 2, title = "Said" },
  { key = "low", rule = 'o.s <= 2 or o.c == "b"', weight = 3, title = "Low" },
  { key = "points", points = "o.s", weight = 0.3, title = "Points" },
  { key = "apart", rule = 'o.c != "d" and (o.f or o.n > 1)', title = "Apart" },
]
bands = [
  { key = "no", min = 0, title = "No" },
  { key = "look", min = 3, title = "Look" },
  { key = "go", min = 7, title = "Go" },
]
""")
BOTH, KNOTTY = PLAYBOOK.scorecards["both"], PLAYBOOK.scorecards["knotty"]
ENDS: dict[str, tuple[Any, ...]] = {
    "o.n": (0, 10),
    "o.s": (1, 5),
    "o.f": (False, True),
}
seen_facts = st.fixed_dictionaries(
    {
        "o.c": st.sampled_from([None, "a", "b", "d"]),
        "o.n": st.sampled_from([None, 0, 2, 3, 5, 8, 10]),
        "o.s": st.sampled_from([None, 1, 2, 5]),
        "o.f": st.sampled_from([None, True, False]),
    }
)


def swing(one: Score, two: Score) -> float:
    return (abs(one.low - two.low) + abs(one.high - two.high)) / 2


def asked(result: Score, question: str) -> Ask:
    return next(ask for ask in result.ask_next if ask.question == question)


@pytest.mark.parametrize("card", [BOTH, KNOTTY], ids=lambda card: card.key)
@given(seen=seen_facts)
def test_ask_next_and_what_if_agree_at_both_ends(card: Scorecard, seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, card, seen)
    for ask in result.ask_next:
        if ask.question in ENDS:
            low, high = (result.if_answered({ask.question: end}) for end in ENDS[ask.question])
            assert sorted((ask.if_no, ask.if_yes)) == sorted((low.verdict, high.verdict))
            assert ask.swing == swing(low, high)
            if ask.question == "o.f":
                assert (ask.if_no, ask.if_yes) == (low.verdict, high.verdict)


@given(seen=seen_facts)
def test_ask_next_gives_verdicts_that_answers_to_a_choice_have(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, KNOTTY, seen)
    for ask in result.ask_next:
        if ask.question == "o.c":
            worlds = [result.if_answered({"o.c": word}) for word in ("a", "b", "d")]
            middles = [world.low + world.high for world in worlds]
            assert {ask.if_yes, ask.if_no} <= {world.verdict for world in worlds}
            assert ask.swing == pytest.approx((max(middles) - min(middles)) / 2)


def test_an_answer_is_not_promised_to_make_rules_hold_that_exclude_each_other() -> None:
    ask = asked(score(PLAYBOOK, BOTH, {}), "o.n")
    assert (ask.if_yes, ask.if_no) == (UNDECIDED, "lo")
    assert ask.swing == 0.5


def test_a_number_that_knocks_the_deal_out_is_unfavourable_whatever_its_points() -> None:
    seen = {"o.s": 1, "o.c": "a", "o.f": True}
    ask = asked(score(PLAYBOOK, KNOTTY, seen), "o.n")
    (many, few) = (score(PLAYBOOK, KNOTTY, {**seen, "o.n": end}) for end in (10, 0))
    assert many.low > few.low
    assert (ask.if_yes, ask.if_no) == (few.verdict, "no")
    assert few.verdict != "no"


def test_a_low_number_is_favourable_where_the_rule_asks_for_one() -> None:
    seen = {"o.n": 2, "o.c": "a", "o.f": True}
    ask = asked(score(PLAYBOOK, KNOTTY, seen), "o.s")
    assert ask.if_yes == score(PLAYBOOK, KNOTTY, {**seen, "o.s": 1}).verdict == "go"
    assert ask.if_no == score(PLAYBOOK, KNOTTY, {**seen, "o.s": 5}).verdict == "look"
