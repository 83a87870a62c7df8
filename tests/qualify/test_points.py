"""Cards with numbers that count as points: intervals, sections, what if, and two scores at once."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import FactError, UnknownName
from salesflow.qualify import UNDECIDED, AnswerSheet, interval, score, score_sheet

PLAYBOOK = sf.Playbook.from_toml("""
id = "points"
version = "1"
title = "Points"
use_scorecards = ["bid", "meddpicc"]
[[facts]]
name = "references"
kind = "number"
[[stages]]
key = "only"
title = "Only"
[[checklists]]
key = "q"
sections = [{ key = "one", title = "One" }, { key = "two", title = "Two" }]
questions = [
  { key = "fit", title = "Fit", section = "one", type = "scale", min = 1, max = 3 },
  { key = "risk", title = "Risk", section = "two", type = "scale", min = 0, max = 2 },
  { key = "real", title = "Real?", section = "two" },
  { key = "way", title = "Way", type = "choice", choices = ["road", "rail"] },
  { key = "since", title = "Since", type = "date" },
  { key = "heat", title = "Heat", section = "one", type = "scale", min = -2, max = 1 },
]
[[scorecards]]
key = "card"
items = [
  { key = "fit", points = "q.fit", weight = 0.7 },
  { key = "risk", points = "q.risk", weight = 2, knock_out = true },
  { key = "real", rule = "q.real", weight = 0.1 },
  { key = "rail", rule = 'q.way == "rail" or q.real', weight = 3 },
  { key = "references", points = "references", max = 2 },
]
bands = [{ key = "no", min = 0 }, { key = "look", min = 4 }, { key = "go", min = 8 }]
[[scorecards]]
key = "costly"
items = [
  { key = "fit", points = "q.fit", weight = -0.7 },
  { key = "heat", points = "q.heat", weight = 1.1 },
  { key = "risk", points = "q.risk", weight = 2, knock_out = true },
  { key = "real", rule = "not q.real", weight = -1.3 },
  { key = "rail", rule = 'q.way == "rail" or q.real', weight = 3 },
]
bands = [{ key = "no", min = -2 }, { key = "look", min = 0.5 }, { key = "go", min = 3 }]
[[checklists]]
key = "s"
questions = [
  { key = "fit", title = "Fit", type = "scale", min = 1, max = 3, may_not_apply = true },
  { key = "real", title = "Real?", may_not_apply = true },
  { key = "way", title = "Way", type = "choice", choices = ["road", "rail"] },
]
[[scorecards]]
key = "skips"
items = [
  { key = "fit", points = "s.fit", weight = 2 },
  { key = "real", rule = "s.real", weight = 1.5, knock_out = true },
  { key = "unreal", rule = "not s.real", weight = -0.5 },
  { key = "either", rule = 's.real or s.way == "rail"', weight = 3 },
]
bands = [{ key = "no", min = 0 }, { key = "look", min = 3 }, { key = "go", min = 6 }]
[[scorecards]]
key = "outer"
items = [
  { key = "card", points = "score.card.low", max = 12.2 },
  { key = "asked", rule = "q.asked >= 2" },
  { key = "clear", rule = "q.unknown <= 3" },
  { key = "sure", rule = "q.share == 1 and q.no == 0", weight = 0.5 },
]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 5 }]
""")
CARD, OUTER, BID = (PLAYBOOK.scorecards[key] for key in ("card", "outer", "bid"))
COSTLY, SKIPS = PLAYBOOK.scorecards["costly"], PLAYBOOK.scorecards["skips"]

WORLD: dict[str, list[Any]] = {
    "q.fit": [1, 2, 3],
    "q.risk": [0, 1, 2],
    "q.real": [True, False],
    "q.way": ["road", "rail"],
    "references": [0, 1, 2],
    "q.heat": [-2, -1, 0, 1],
}
seen_facts = st.fixed_dictionaries(
    {name: st.sampled_from([None, *values]) for name, values in WORLD.items()}
)
ratings = st.one_of(st.none(), st.integers(0, 10))


def completions(seen: dict[str, Any]) -> list[dict[str, Any]]:
    options = [WORLD[name] if value is None else [value] for name, value in seen.items()]
    return [dict(zip(seen, world, strict=True)) for world in product(*options)]


@given(seen_facts)
def test_the_interval_holds_every_completion_and_touches_its_ends(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    points = [score(PLAYBOOK, CARD, world).low for world in completions(seen)]
    assert (result.low, result.high) == (min(points), max(points))


@pytest.mark.law
@settings(max_examples=25)
@given(seen_facts)
def test_points_that_are_taken_away_keep_every_law_of_a_card(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, COSTLY, seen)
    worlds = [score(PLAYBOOK, COSTLY, world) for world in completions(seen)]
    points = [world.low for world in worlds]

    # Each item is at its end somewhere; two items may read one fact and never be so together.
    assert result.low <= min(points) <= max(points) <= result.high <= result.total
    assert {world.verdict for world in worlds} <= {band.key for band in result.possible}
    if result.verdict != UNDECIDED:
        assert {world.verdict for world in worlds} == {result.verdict}
    if all(value is not None for value in seen.values()):
        assert result.low == result.high
        assert result.coverage == 1
    assert sum(section.total for section in result.sections) == pytest.approx(COSTLY.total)
    for ask in result.ask_next:
        answers = WORLD[ask.question]
        ends = [result.if_answered({ask.question: answer}) for answer in answers]
        middles = [end.low + end.high for end in ends]
        best, worst = (ends[middles.index(most(middles))] for most in (max, min))
        assert ask.swing == pytest.approx(
            (abs(best.low - worst.low) + abs(best.high - worst.high)) / 2
        )


ANSWERS: dict[str, list[Any]] = {
    "s.fit": [1, 2, 3, "n/a"],
    "s.real": [True, False, "n/a"],
    "s.way": ["road", "rail"],
}
answered = st.fixed_dictionaries(
    {name: st.sampled_from([None, *values]) for name, values in ANSWERS.items()}
)


def known(seen: dict[str, Any]) -> dict[str, Any]:
    """The facts of these answers."""
    facts = {name: None if value == "n/a" else value for name, value in seen.items()}
    return {**facts, **{f"not_applicable.{name}": seen[name] == "n/a" for name in seen}}


def by_hand(seen: dict[str, Any]) -> tuple[float, float]:
    """Points and total of a deal of which everything is answered."""
    fit, real, way = (seen[name] for name in ("s.fit", "s.real", "s.way"))
    points, total = (0.0, 0.0) if fit == "n/a" else (2.0 * fit, 6.0)
    if real != "n/a":
        points, total = points + (1.5 if real else -0.5), total + 1.5
    decided = way == "rail" or (real is not None and real != "n/a")
    if decided:
        return points + 3.0 * (way == "rail" or real is True), total + 3.0
    return points, total


@pytest.mark.law
@given(answered)
def test_what_does_not_apply_is_left_out_of_points_and_total(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, SKIPS, known(seen))
    options = [ANSWERS[name] if value is None else [value] for name, value in seen.items()]
    worlds = [dict(zip(seen, world, strict=True)) for world in product(*options)]
    scores = [score(PLAYBOOK, SKIPS, known(world)) for world in worlds]

    assert result.low <= min(end.low for end in scores)
    assert result.high >= max(end.high for end in scores)
    if result.verdict != UNDECIDED:
        assert {end.verdict for end in scores} == {result.verdict}
    for world, end in zip(worlds, scores, strict=True):
        # The item of two questions waits for the other one, or is decided by it.
        assert end.low == end.high == by_hand(world)[0]
        assert end.total == pytest.approx(by_hand(world)[1])
        assert (end.unknown, end.coverage) == ((), 1)
    assert not {f"not_applicable.{name}" for name in seen} & {*result.unknown}
    for ask in result.ask_next:
        assert seen[ask.question] is None
    if None not in seen.values():
        assert score(PLAYBOOK, SKIPS, {}).if_answered(seen).low == result.low


def test_points_that_are_taken_away_are_told_at_both_ends() -> None:
    result = score(PLAYBOOK, COSTLY, {"q.fit": 1, "q.risk": 2, "q.way": "rail", "q.heat": 0})

    real = next(item for item in result.contributions if item.key == "real")
    assert (real.low, real.high, real.weight, real.most) == (-1.3, 0, -1.3, 0)
    assert (result.low, result.high) == pytest.approx((-0.7 + 4 - 1.3 + 3, -0.7 + 4 + 3))
    assert (result.verdict, result.ask_next) == ("go", ())


@given(seen_facts)
def test_a_verdict_that_is_given_holds_in_every_completion(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    if result.verdict != UNDECIDED:
        worlds = completions(seen)
        assert {score(PLAYBOOK, CARD, world).verdict for world in worlds} == {result.verdict}


@given(seen_facts)
def test_contributions_and_sections_sum_to_the_score(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    low = high = 0.0
    for item in result.contributions:
        low, high = low + item.low, high + item.high
    assert (low, high) == (result.low, result.high) == interval(CARD, seen)
    assert [section.key for section in result.sections] == ["one", "two", None]
    for name in ("low", "high", "total"):
        total = sum(getattr(section, name) for section in result.sections)
        assert total == pytest.approx(getattr(result, name))


@given(st.fixed_dictionaries({f"bid.{item.key}": ratings for item in BID.items}))
def test_the_bid_matrix_is_the_sum_of_its_ratings(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, BID, seen)
    known = [value for value in seen.values() if value is not None]
    assert result.low == sum(known)
    assert result.high == sum(known) + 10 * (12 - len(known))
    if len(known) == 12:
        expected = "bid" if result.low >= 84 else "conditional" if result.low >= 60 else "no_bid"
        assert result.verdict == expected


@given(seen_facts, seen_facts)
def test_what_if_is_the_score_of_a_deal_with_those_answers(
    seen: dict[str, Any], more: dict[str, Any]
) -> None:
    supposed = score(PLAYBOOK, CARD, seen).if_answered(more)
    assert supposed == score(PLAYBOOK, CARD, {**seen, **more})


@given(seen_facts)
def test_ask_next_says_what_the_best_and_the_worst_answer_would_do(seen: dict[str, Any]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    for ask in result.ask_next:
        if ask.question not in ("q.way", "q.real"):
            values = WORLD[ask.question]
            best = result.if_answered({ask.question: max(values)})
            worst = result.if_answered({ask.question: min(values)})
            assert (ask.if_yes, ask.if_no) == (best.verdict, worst.verdict)
            swing = (best.low - worst.low + best.high - worst.high) / 2
            assert ask.swing == pytest.approx(swing)


@given(seen_facts, seen_facts)
def test_a_gap_holds_every_gap_that_is_possible(one: dict[str, Any], two: dict[str, Any]) -> None:
    ours, theirs = score(PLAYBOOK, CARD, one), score(PLAYBOOK, CARD, two)
    versus = ours.versus(theirs)
    assert versus.low == ours.low - theirs.high
    assert versus.high == ours.high - theirs.low
    assert theirs.versus(ours).low == -versus.high
    assert sum(item.low for item in versus.items) == pytest.approx(versus.low)
    if versus.ahead is not None:
        assert (versus.low > 0) == (versus.ahead == "first")


def test_numbers_count_within_their_bounds_and_times_their_weight() -> None:
    points = {
        value: score(PLAYBOOK, CARD, {"q.fit": value}).contributions[0] for value in (0, 2, 99)
    }
    assert [item.low for item in points.values()] == [0.7, 1.4, 3 * 0.7]
    assert [item.verdict for item in points.values()] == [
        sf.Verdict.NO,
        sf.Verdict.YES,
        sf.Verdict.YES,
    ]


def test_a_number_at_its_lowest_knocks_the_deal_out() -> None:
    result = score(PLAYBOOK, CARD, {"q.risk": 0, "q.fit": 3, "q.real": True, "references": 2})
    assert (result.verdict, result.ask_next) == ("no", ())
    assert result.reasons[0].en == "Knock-out: Risk."


def test_what_if_takes_marks_numbers_choices_and_dates() -> None:
    bare = score(PLAYBOOK, CARD, {})
    full = bare.if_answered(
        {"q.fit": 3, "q.risk": 2, "q.real": "+", "q.way": "rail", "references": 2}
    )
    assert (full.low, full.verdict, full.coverage) == (full.total, "go", 1)
    assert bare.unknown == ("q.fit", "q.risk", "q.real", "q.way", "references")
    assert full.if_answered({"q.fit": "?", "q.real": None}).unknown == ("q.fit", "q.real")
    assert full.if_answered({"q.since": date(2026, 1, 1)}) == full


def test_what_if_refuses_unknown_names_and_lists_every_wrong_answer() -> None:
    bare = score(PLAYBOOK, CARD, {})
    with pytest.raises(UnknownName) as unknown:
        bare.if_answered({"q.fitt": 3})
    assert unknown.value.suggestion == "q.fit"
    with pytest.raises(FactError) as wrong:
        bare.if_answered(
            {"q.fit": 4, "q.real": 7, "q.way": "sea", "references": "many", "q.risk": 1}
        )
    assert [problem.path for problem in wrong.value.problems] == [
        "q.fit",
        "q.real",
        "q.way",
        "references",
    ]
    assert wrong.value.problems[0].hint == "give a whole number from 1 to 3"


def test_what_if_reaches_the_cards_and_counts_that_a_card_reads() -> None:
    before = {"q.asked": 0, "q.unknown": 5, "score.card.low": 0.7}
    result = score(PLAYBOOK, OUTER, before)
    assert (result.low, result.verdict) == (0.7, "no")
    after = result.if_answered({"q.fit": 3, "q.risk": 2, "q.real": "+"})
    inner = score(PLAYBOOK, CARD, {"q.fit": 3, "q.risk": 2, "q.real": True})
    assert after.contributions[0].low == inner.low
    assert [item.verdict for item in after.contributions[1:]] == [sf.Verdict.YES] * 3
    assert after.verdict == "yes"


def test_every_fact_of_the_wrong_kind_is_reported_at_once() -> None:
    with pytest.raises(FactError) as wrong:
        score(PLAYBOOK, CARD, {"q.fit": "three", "q.real": 1, "references": True})
    assert {problem.path for problem in wrong.value.problems} == {"q.fit", "q.real", "references"}


def test_scores_on_two_cards_are_not_compared() -> None:
    with pytest.raises(FactError, match="'card' and 'bid'"):
        score(PLAYBOOK, CARD, {}).versus(score(PLAYBOOK, BID, {}))


def test_a_comparison_names_the_items_that_differ() -> None:
    seen = {"q.fit": 3, "q.risk": 2, "q.real": True, "q.way": "rail", "references": 0}
    then, now = score(PLAYBOOK, CARD, seen), score(PLAYBOOK, CARD, {**seen, "references": 2})
    versus = now.versus(then)
    assert [item.key for item in versus.changed] == ["references"]
    assert (versus.low, versus.high, versus.ahead) == (2, 2, "first")


def test_a_card_without_sections_has_no_section_scores() -> None:
    assert score(PLAYBOOK, OUTER, {"q.asked": 0, "q.unknown": 0}).sections == ()


def test_sections_of_a_shared_card_carry_their_titles() -> None:
    result = score(PLAYBOOK, PLAYBOOK.scorecards["meddpicc"], {"meddpicc.metrics": 3})
    value = result.sections[0]
    assert (value.key, value.low, value.high, value.total, value.unknown) == ("value", 9, 18, 18, 1)
    assert value.title.zh == "价值"


def test_a_score_is_a_value() -> None:
    result = score(PLAYBOOK, CARD, {"q.fit": 3})
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 - our own
    assert copy.deepcopy(result) == result
    assert "_basis" not in repr(result)
    assert hash(result) == hash(score(PLAYBOOK, CARD, {"q.fit": 3}))
    with pytest.raises(AttributeError):
        result.low = 3  # type: ignore[misc]


@given(seen_facts)
def test_the_bands_that_are_possible_hold_the_verdict_of_every_completion(
    seen: dict[str, Any],
) -> None:
    result = score(PLAYBOOK, CARD, seen)
    possible = [band.key for band in result.possible]
    verdicts = {score(PLAYBOOK, CARD, world).verdict for world in completions(seen)}
    assert verdicts <= {*possible}
    assert possible == [band.key for band in CARD.bands if band.key in possible]
    assert (result.verdict != UNDECIDED) == (len(possible) == 1)
    if len(possible) == 1:
        assert possible == [result.verdict]


def test_what_does_not_apply_keeps_nothing_open() -> None:
    """Not even a knock-out: it is in no reason, in no section, and earns nothing at most."""
    known = {"s.fit": 3, "s.way": "rail", "not_applicable.s.real": True}
    result = score(PLAYBOOK, SKIPS, known)

    assert (result.low, result.high, result.total) == (9, 9, 9)
    assert (result.verdict, result.coverage, result.ask_next) == ("go", 1, ())
    assert [reason.en for reason in result.reasons] == ["9 of 9 points; Go starts at 6."]
    left_out = {item.key: item.most for item in result.contributions if not item.applies}
    assert left_out == {"real": 0, "unreal": 0}


def test_what_does_not_apply_is_not_taken_for_known() -> None:
    result = score(PLAYBOOK, SKIPS, {"not_applicable.s.fit": True})
    assert (result.total, result.coverage) == (4.5, 0)
    assert result.unknown == ("s.real", "s.way")


def test_what_does_not_apply_to_us_may_apply_to_a_competitor() -> None:
    ours = {"s.fit": 3, "not_applicable.s.real": True}
    rival = score_sheet(PLAYBOOK, SKIPS, AnswerSheet(about="Rival"), ours)
    assert rival.unknown == ("s.fit", "s.real", "s.way")
    assert all(item.applies for item in rival.contributions)


def test_a_section_counts_no_item_that_does_not_apply() -> None:
    book = sf.Playbook.from_toml("""
    id = "parts"
    version = "1"
    title = "Parts"
    stages = [{ key = "only", title = "Only" }]
    [[checklists]]
    key = "p"
    sections = [{ key = "all", title = "All" }]
    questions = [
      { key = "a", title = "A", section = "all", may_not_apply = true },
      { key = "b", title = "B", section = "all" },
    ]
    [[scorecards]]
    key = "card"
    items = [{ key = "a", rule = "p.a", weight = 2 }, { key = "b", rule = "p.b" }]
    bands = [{ key = "any", min = 0 }]
    """)
    found = score(book, book.scorecards["card"], {"not_applicable.p.a": True})
    assert [(it.unknown, it.total) for it in found.sections] == [(1, 1)]
    assert found.total == 1


def test_the_bands_that_are_possible_are_told_once_each() -> None:
    """Whoever may be knocked out may also end in the lowest band by the points."""
    for seen, possible in (
        ({}, ["no", "look", "go"]),
        ({"q.fit": 3, "q.real": True, "references": 2}, ["no", "look", "go"]),
        ({"q.risk": 1, "q.fit": 3, "q.real": True}, ["look", "go"]),
        ({"q.risk": 0}, ["no"]),
    ):
        assert [band.key for band in score(PLAYBOOK, CARD, seen).possible] == possible


def test_what_if_counts_what_was_asked_on_top_of_what_the_facts_say() -> None:
    bare = score(PLAYBOOK, OUTER, {})
    one = bare.if_answered({"q.fit": 3})
    for result, answers, verdict in (
        (bare, {}, sf.Verdict.NO),
        (bare, {"q.fit": 3}, sf.Verdict.NO),
        (bare, {"q.fit": 3, "q.real": "-"}, sf.Verdict.YES),
        (one, {"q.fit": 1}, sf.Verdict.NO),
        (one, {"q.real": "?"}, sf.Verdict.YES),
    ):
        found = result.if_answered(answers)
        assert next(it.verdict for it in found.contributions if it.key == "asked") is verdict


def test_what_if_looks_at_nothing_that_the_card_does_not_read() -> None:
    """An answer of the wrong kind to another checklist is not in the way."""
    result = score(PLAYBOOK, CARD, {"s.real": "perhaps", "s.fit": "much"})
    assert result.if_answered({"q.fit": 3}).low == pytest.approx(0.7 * 3)


def test_what_pandas_has_for_a_missing_value_is_no_mark() -> None:
    """Where a value answers the question it is refused; of a flag or a fact it says nothing."""
    missing = pytest.importorskip("pandas").NA
    for card, names in ((CARD, ("q.real", "references")), (SKIPS, ("s.real",))):
        result = score(PLAYBOOK, card, {"q.real": True, "s.real": True, "references": 1})
        for name in names:
            assert result.if_answered({name: missing}) == result.if_answered({name: None})
    with pytest.raises(FactError) as refused:
        score(PLAYBOOK, SKIPS, {}).if_answered({"q.fit": missing, "s.fit": missing})
    assert [problem.message for problem in refused.value.problems] == [
        "this does not answer the question"
    ] * 2


def test_what_if_lets_not_apply_only_what_may_not() -> None:
    bare = score(PLAYBOOK, SKIPS, {})
    assert bare.if_answered({"s.fit": "n/a", "s.real": "n/a"}).unknown == ("s.way",)
    for question in ("q.fit", "q.real", "s.way"):
        with pytest.raises(FactError):
            bare.if_answered({question: "n/a"})


FORMS = sf.Playbook.from_toml("""
id = "forms"
version = "1"
title = "Forms"
stages = [{ key = "only", title = "Only" }]
instruments = [
  { key = "plan", title = "Plan" },
  { key = "map", title = "Map", rule = "q.real" },
]
[[facts]]
name = "contract"
kind = "text"
pattern = "C-####"
[[facts]]
name = "discount"
kind = "number"
min = 0
max = 1
unit = "percent"
[[checklists]]
key = "q"
questions = [{ key = "real", title = "Real?" }]
[[scorecards]]
key = "card"
items = [
  { key = "signed", title = "Signed", rule = "known(contract)" },
  { key = "low", title = "Low", rule = "discount <= 0.2", weight = 2 },
  { key = "pushed", title = "Pushed", rule = "close_date_pushes < 1", weight = 4 },
  { key = "planned", title = "Planned", rule = "done.plan", weight = 8 },
  { key = "mapped", title = "Mapped", rule = "done.map", weight = 16 },
]
bands = [{ key = "any", min = 0 }]
""")


def test_what_if_refuses_values_that_a_fact_cannot_have_with_what_to_enter() -> None:
    bare = score(FORMS, FORMS.scorecards["card"], {})
    with pytest.raises(FactError) as refused:
        bare.if_answered({"contract": "x", "discount": 20, "done.map": True})
    assert [(it.path, it.message, it.hint) for it in refused.value.problems] == [
        (
            "contract",
            "the fact cannot have this value",
            "enter a text like C-#### (# a digit, @ a letter, ? any character, * any text)",
        ),
        ("discount", "the fact cannot have this value", "enter 0.2, not 20"),
        ("done.map", "this follows from the answers", "give the answers themselves"),
    ]


def test_what_if_takes_what_a_fact_can_have_and_what_somebody_does() -> None:
    """A limit that is only known to hold is not enforced, and a blank text is no text."""
    bare = score(FORMS, FORMS.scorecards["card"], {})
    for answers, low in (
        ({"contract": "C-1234", "discount": 0.2}, 3),
        ({"contract": " "}, 0),
        ({"close_date_pushes": -1}, 4),
        ({"done.plan": True}, 8),
        ({"q.real": "+"}, 16),
    ):
        assert bare.if_answered(answers).low == low


def test_a_name_that_there_is_not_is_told_with_the_nearest_or_with_questions_first() -> None:
    bare = score(FORMS, FORMS.scorecards["card"], {})
    for name, hint in (
        ("discuont", 'Did you mean "discount"?'),
        ("zzz", "Known: q.real, stage, "),
    ):
        with pytest.raises(UnknownName) as refused:
            bare.if_answered({name: 1})
        assert refused.value.hint.startswith(hint)


def test_cards_that_read_both_ends_of_one_another_are_counted_once_each() -> None:
    """Counted again for each end, the last of thirty would take the first a billion times."""
    cards = [
        """
        [[scorecards]]
        key = "c0"
        items = [{ key = "x", title = "X", rule = "known(owner)" }]
        bands = [{ key = "any", min = 0 }]
        """
    ]
    cards += [
        f"""
        [[scorecards]]
        key = "c{n}"
        items = [
          {{ key = "x", title = "X", rule = "{of}.low >= 1 and {of}.high >= 1" }},
        ]
        bands = [{{ key = "any", min = 0 }}]
        """
        for n, of in ((n, f"score.c{n - 1}") for n in range(1, 30))
    ]
    head = 'id = "chain"\nversion = "1"\ntitle = "Chain"\nstages = [{ key = "a", title = "A" }]'
    book = sf.Playbook.from_toml("\n".join([head, *cards]))
    bare = score(book, book.scorecards["c29"], {})
    assert bare.if_answered({"owner": "li"}).low == 1
