"""What to ask next says of a question what the answers to it would do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.playbook import Scorecard
from salesflow.qualify import UNDECIDED, Ask, Score, score

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
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
[[scorecards]]
key = "rough"
items = [
  { key = "a", rule = "o.n >= 5", weight = 0.1, title = "A" },
  { key = "b", rule = "o.f", weight = 0.2, title = "B" },
  { key = "c", points = "o.s", weight = -0.7 },
  { key = "d", rule = "not o.f or o.n >= 5", weight = 1.3, title = "D" },
  { key = "e", rule = 'o.c == "a"', weight = 0.3, title = "E" },
  { key = "f", points = "o.n", weight = 0.1 },
  { key = "g", rule = "o.s > 1", weight = 1e-9, title = "G" },
]
bands = [{ key = "lo", min = -4, title = "Lo" }, { key = "hi", min = 0.6, title = "Hi" }]
""")
BOTH, KNOTTY, ROUGH = (PLAYBOOK.scorecards[key] for key in ("both", "knotty", "rough"))
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


@pytest.mark.parametrize("card", [BOTH, KNOTTY, ROUGH], ids=lambda card: card.key)
@given(seen=seen_facts)
def test_ask_next_and_what_if_agree_at_both_ends(card: Scorecard, seen: dict[str, Any]) -> None:
    """To the last bit, though only what an answer changes is added again."""
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


WAYS = sf.Playbook.from_toml("""
id = "ways"
version = "1"
title = "Ways"
stages = [{ key = "only", title = "Only" }]
[[checklists]]
key = "w"
questions = [
  { key = "f", title = "F" },
  { key = "g", title = "G" },
  { key = "n", title = "N", type = "number", min = 0, max = 10 },
  { key = "least", title = "Least", type = "number", min = 0 },
  { key = "most", title = "Most", type = "number", max = 10 },
  { key = "any", title = "Any", type = "number" },
  { key = "x", title = "X", when = "w.f" },
  { key = "y", title = "Y", when = "w.n >= 5" },
]
[[scorecards]]
key = "costs"
items = [
  { key = "gain", rule = "w.f", title = "Gain" },
  { key = "cost", rule = "w.f or w.g", weight = -3, title = "Cost" },
]
bands = [{ key = "lo", min = -3, title = "Lo" }, { key = "hi", min = 0, title = "Hi" }]
[[scorecards]]
key = "odd"
items = [{ key = "odd", rule = "not w.f", weight = 0.5, title = "Not" }]
bands = [{ key = "lo", min = 0, title = "Lo" }, { key = "hi", min = 0.5, title = "Hi" }]
[[scorecards]]
key = "ends"
items = [
  { key = "n", rule = "w.n >= 5", title = "N" },
  { key = "least", rule = "w.least >= 5", title = "Least" },
  { key = "most", rule = "w.most >= 5", title = "Most" },
  { key = "any", rule = "w.any >= 5", title = "Any" },
]
bands = [{ key = "lo", min = 0, title = "Lo" }, { key = "hi", min = 1, title = "Hi" }]
[[scorecards]]
key = "open"
items = [
  { key = "settled", rule = "amount >= 10 or w.f", weight = 4, title = "Settled" },
  { key = "cheap", rule = "amount >= 100", weight = -1, title = "Cheap" },
  { key = "big", rule = "amount >= 50", weight = 2, title = "Big" },
]
bands = [
  { key = "lo", min = -1, title = "Lo" },
  { key = "mid", min = 4, title = "Mid" },
  { key = "hi", min = 6, title = "Hi" },
]
[[scorecards]]
key = "twice"
items = [
  { key = "more", points = "w.n" },
  { key = "less", points = "w.n", weight = -2 },
  { key = "f", rule = "w.f", weight = 4, title = "F" },
]
bands = [{ key = "lo", min = -20, title = "Lo" }, { key = "hi", min = 0, title = "Hi" }]
[[scorecards]]
key = "follows"
items = [
  { key = "f", rule = "w.f", title = "F" },
  { key = "x", rule = "not w.x", weight = 2, title = "X" },
  { key = "n", points = "w.n", weight = 0.1 },
  { key = "y", rule = "not w.y", weight = 4, title = "Y" },
  { key = "g", rule = "w.g", weight = 2, title = "G" },
]
bands = [{ key = "lo", min = 0, title = "Lo" }, { key = "hi", min = 8, title = "Hi" }]
[[scorecards]]
key = "order"
items = [
  { key = "n", rule = "w.n >= 5", weight = 3, title = "N" },
  { key = "g", rule = "w.g", weight = 4, title = "G" },
  { key = "f", rule = "not w.f", knock_out = true, title = "Not F" },
  { key = "any", rule = "w.any >= 5", weight = 2, knock_out = true, title = "Any" },
]
bands = [{ key = "lo", min = 0, title = "Lo" }, { key = "hi", min = 3, title = "Hi" }]
""")


def ask_of(card: str, question: str, facts: dict[str, Any]) -> Ask:
    return asked(score(WAYS, WAYS.scorecards[card], facts), question)


def test_of_a_yes_or_no_for_which_points_are_taken_away_the_better_answer_is_favourable() -> None:
    ask = ask_of("costs", "w.f", {"w.g": False})
    assert (ask.if_yes, ask.if_no, ask.swing) == ("hi", "lo", 2)


def test_of_another_yes_or_no_yes_is_favourable_whatever_it_earns() -> None:
    ask = ask_of("odd", "w.f", {})
    assert (ask.if_yes, ask.if_no, ask.swing) == ("lo", "hi", 0.5)


@pytest.mark.parametrize("question", ["w.n", "w.least", "w.most", "w.any"])
def test_a_number_without_two_ends_is_taken_to_decide_its_item_either_way(question: str) -> None:
    ask = ask_of("ends", question, {})
    assert (ask.if_yes, ask.if_no, ask.swing) == ("hi", UNDECIDED, 1)


def test_what_has_no_ends_decides_the_items_that_it_leaves_open_and_has_the_title_of_one() -> None:
    """In favour is that points are not taken away."""
    ask = ask_of("open", "amount", {"w.f": True})
    assert (ask.title.en, ask.swing) == ("Cheap", 3)
    assert (ask.if_yes, ask.if_no) == ("hi", "lo")


def test_a_number_that_counts_for_one_item_and_against_another_has_one_end_at_a_time() -> None:
    """At 10 it comes to -10, at 0 to 0; 10 for the one and 0 against the other is no answer."""
    result = score(WAYS, WAYS.scorecards["twice"], {"w.f": False})
    ask = asked(result, "w.n")
    low, high = (result.if_answered({"w.n": end}) for end in (0, 10))
    assert (ask.if_yes, ask.if_no) == (low.verdict, high.verdict) == ("hi", "lo")
    assert ask.swing == low.low - high.low == 10


def test_an_answer_counts_with_what_applies_after_it() -> None:
    """Yes makes X a question that applies, 10 makes Y one: what was answered to them counts."""
    engine = sf.StageEngine(WAYS)
    deal = engine.decide(sf.Opportunity(id="D", name="N"), sf.Start(by="li"), at=NOW).require()
    for question in ("w.x", "w.y"):
        said = sf.Answer(by="li", question=question, mark="-")
        deal = engine.decide(deal, said, at=NOW).require()
    result = engine.score(deal, "follows", at=NOW)

    for question, ends, points in (("w.f", ("-", "+"), 3), ("w.n", (0, 10), 5)):
        ask = asked(result, question)
        no, yes = (result.if_answered({question: end}) for end in ends)
        assert (ask.if_no, ask.if_yes) == (no.verdict, yes.verdict)
        assert ask.swing == swing(no, yes) == points


def test_an_answer_changes_nothing_that_does_not_follow_from_it() -> None:
    """Facts that come from elsewhere may lack the flags that questions do not apply."""
    seen = {"w.f": False, "w.x": False, "w.n": 10, "w.y": False}
    ask = ask_of("follows", "w.g", seen)
    assert (ask.if_yes, ask.if_no, ask.swing) == ("hi", "lo", 2)


def test_what_is_unknown_is_in_the_order_of_the_rule_whatever_the_names_have_in_common() -> None:
    """One begins like the other, one stands in a text, and one is written in another way."""
    rule = 'w.any_ == "w.n" or w.any > 5 or w.n > 5 or reached("only")'
    book = sf.Playbook.from_toml(f"""
    id = "names"
    version = "1"
    title = "Names"
    stages = [{{ key = "only", title = "Only" }}]
    [[checklists]]
    key = "w"
    questions = [
      {{ key = "n", title = "N", type = "number" }},
      {{ key = "any", title = "Any", type = "number" }},
      {{ key = "any_", title = "Any other", type = "text" }},
    ]
    [[scorecards]]
    key = "card"
    items = [{{ key = "item", rule = '{rule}', title = "Item" }}]
    bands = [{{ key = "lo", min = 0 }}, {{ key = "hi", min = 1 }}]
    """)
    found = score(book, book.scorecards["card"], {})
    assert found.unknown == ("w.any_", "w.any", "w.n", "reached.only")


def test_what_settles_the_card_is_asked_first_and_then_what_moves_most_points() -> None:
    result = score(WAYS, WAYS.scorecards["order"], {})
    assert [(ask.question, ask.swing, ask.if_yes, ask.if_no) for ask in result.ask_next] == [
        ("w.any", 2, UNDECIDED, "lo"),
        ("w.f", 1, "lo", UNDECIDED),
        ("w.g", 4, UNDECIDED, UNDECIDED),
        ("w.n", 3, UNDECIDED, UNDECIDED),
    ]
