"""Scores with an interval: knock-outs first, unknown is an answer of its own."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import FactError
from salesflow.qualify import UNDECIDED, interval, score

PLAYBOOK = sf.Playbook.from_toml("""
id = "cards"
version = "1.0.0"
title = { en = "Cards", zh = "评分" }
currency = "USD"

[[checklists]]
key = "q"
title = { en = "Questions", zh = "问题" }
questions = [
  { key = "a", title = { en = "Question A", zh = "问题A" } },
  { key = "b", title = { en = "Question B", zh = "问题B" } },
  { key = "c", title = { en = "Question C", zh = "问题C" } },
]

[[scorecards]]
key = "card"
title = { en = "Card", zh = "评分卡" }
items = [
  { key = "a", rule = "q.a", weight = 1, knock_out = true, title = { en = "A", zh = "甲" } },
  { key = "b", rule = "q.b", weight = 2, title = { en = "B", zh = "乙" } },
  { key = "c", rule = "not q.c", weight = 4, title = { en = "C", zh = "丙" } },
  { key = "big", rule = "amount >= 1_000", weight = 3, title = { en = "Big", zh = "大" } },
]
bands = [
  { key = "no_go", min = 0, title = { en = "No-go", zh = "放弃" } },
  { key = "look", min = 4, title = { en = "Look again", zh = "再看" } },
  { key = "go", min = 7, title = { en = "Go", zh = "继续" } },
]

[[stages]]
key = "only"
title = { en = "Only", zh = "唯一" }
exit = [{ key = "x", title = { en = "X", zh = "条件" }, by = "anyone" }]

[[roles]]
key = "anyone"
title = { en = "Anyone", zh = "任何人" }
""")
CARD = PLAYBOOK.scorecards["card"]
marks = st.sampled_from([None, True, False])
facts = st.fixed_dictionaries(
    {"q.a": marks, "q.b": marks, "q.c": marks, "amount": st.sampled_from([None, 5.0, 5_000.0])}
)


def known_worlds(seen: dict[str, object]) -> list[dict[str, object]]:
    worlds: list[dict[str, object]] = [{}]
    for name, value in seen.items():
        options = [5.0, 5_000.0] if name == "amount" else [True, False]
        worlds = [
            {**world, name: option}
            for world in worlds
            for option in (options if value is None else [value])
        ]
    return worlds


@given(facts)
def test_the_interval_holds_every_world_that_the_answers_leave_open(
    seen: dict[str, object],
) -> None:
    result = score(PLAYBOOK, CARD, seen)
    points = [score(PLAYBOOK, CARD, world).low for world in known_worlds(seen)]
    assert result.low == min(points)
    assert result.high == max(points)


@given(facts)
def test_a_verdict_is_given_exactly_when_no_answer_can_change_it(seen: dict[str, object]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    verdicts = {score(PLAYBOOK, CARD, world).verdict for world in known_worlds(seen)}
    if result.verdict == UNDECIDED:
        assert len(verdicts) > 1
    else:
        assert verdicts == {result.verdict}


@given(facts)
def test_contributions_add_up_to_the_score(seen: dict[str, object]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    assert sum(item.low for item in result.contributions) == result.low
    assert sum(item.high for item in result.contributions) == result.high
    assert result.coverage == pytest.approx(
        sum(i.weight for i in result.contributions if i.verdict is not sf.Verdict.UNKNOWN)
        / result.total
    )


@given(facts)
def test_ask_next_says_truly_what_each_answer_would_do(seen: dict[str, object]) -> None:
    result = score(PLAYBOOK, CARD, seen)
    assert bool(result.ask_next) == (result.verdict == UNDECIDED)
    settles = [(ask.if_yes != UNDECIDED) + (ask.if_no != UNDECIDED) for ask in result.ask_next]
    assert settles == sorted(settles, reverse=True)
    for ask in result.ask_next:
        assert ask.question in result.unknown
        if ask.question != "amount":
            for answer, verdict in ((True, ask.if_yes), (False, ask.if_no)):
                assert score(PLAYBOOK, CARD, {**seen, ask.question: answer}).verdict == verdict


def test_a_failed_knock_out_settles_the_verdict_whatever_the_points() -> None:
    result = score(PLAYBOOK, CARD, {"q.a": False, "q.b": True, "q.c": False, "amount": 5_000})
    assert (result.low, result.verdict, result.ask_next) == (9, "no_go", ())
    assert result.reasons[0].en == "Knock-out: A."


@pytest.mark.parametrize(
    ("title", "en", "zh"),
    [
        ('{ en = "Budget", zh = "预算" }', "Budget.", "预算。"),
        ('{ en = "Is there one?", zh = "有预算吗？" }', "Is there one?", "有预算吗？"),
        ('{ en = "Is it “real?”", zh = "“真实吗？”" }', "Is it “real?”", "“真实吗？”"),
    ],
)
def test_a_title_with_a_mark_of_its_own_gets_no_second_one(title: str, en: str, zh: str) -> None:
    book = sf.Playbook.from_toml(f"""
    id = "out"
    version = "1"
    title = "Out"
    stages = [{{ key = "talk", title = "Talk" }}]
    [[scorecards]]
    key = "card"
    items = [
      {{ key = "real", title = {title}, rule = "known(owner)", weight = 1, knock_out = true }},
    ]
    bands = [{{ key = "low", min = 0 }}, {{ key = "high", min = 1 }}]
    """)
    failed = score(book, book.scorecards["card"], {"owner": None}).reasons[0]
    assert (failed.en, failed.zh) == (f"Knock-out: {en}", f"一票否决：{zh}")


def test_an_open_knock_out_keeps_the_verdict_open() -> None:
    result = score(PLAYBOOK, CARD, {"q.b": True, "q.c": False, "amount": 5_000})
    assert result.low == 9
    assert result.verdict == UNDECIDED
    assert [ask.question for ask in result.ask_next] == ["q.a"]
    assert (result.ask_next[0].if_yes, result.ask_next[0].if_no) == ("go", "no_go")
    assert result.ask_next[0].title.zh == "问题A"


def test_with_nothing_known_everything_is_open() -> None:
    result = score(PLAYBOOK, CARD, {})
    assert (result.low, result.high, result.coverage) == (0, 10, 0)
    assert result.unknown == ("q.a", "q.b", "q.c", "amount")
    assert result.reasons[-1].en == "4 answers are not known."


def test_a_question_mark_is_not_known() -> None:
    assert score(PLAYBOOK, CARD, {"q.a": "?", "q.b": "+"}).unknown == ("q.a", "q.c", "amount")


def test_a_card_can_be_read_by_a_rule() -> None:
    text = PLAYBOOK.to_json().replace('"amount >= 1_000"', '"amount >= 2_000"')
    engine = sf.StageEngine(sf.Playbook.from_json(text))
    deal = sf.Opportunity(id="D", name="N", amount=sf.Money(5_000, "USD"))
    now = datetime(2026, 1, 5, tzinfo=UTC)
    facts = sf.facts_of(deal, engine.playbook, at=now)
    assert (facts["score.card.low"], facts["score.card.high"]) == (3, 10)
    assert engine.score(deal, "card", at=now).low == 3


@pytest.mark.parametrize("amount", [None, float("nan")])
def test_what_a_rule_cannot_see_is_asked_for(amount: object) -> None:
    seen = score(PLAYBOOK, CARD, {"q.a": "+", "q.b": "-", "q.c": "-", "amount": amount})

    assert seen.unknown == ("amount",)
    assert [ask.question for ask in seen.ask_next] == ["amount"]


def test_points_of_one_digit_and_of_two_are_an_interval() -> None:
    text = (
        PLAYBOOK.to_json().replace('"weight":4', '"weight":9').replace('"weight": 4', '"weight": 9')
    )
    playbook = sf.Playbook.from_json(text)
    card = playbook.scorecards["card"]
    found = score(playbook, card, {"q.c": False, "q.a": True})

    assert (found.low, found.high) == (10, 15)
    found = score(playbook, card, {"q.c": False})
    assert (found.low, found.high) == (9, 15)
    assert any("9–15" in reason.en for reason in found.reasons if reason.en)


def test_a_score_keeps_the_facts_that_it_was_made_from() -> None:
    given: dict[str, object] = {"q.a": True, "q.c": False}
    found = score(PLAYBOOK, CARD, given)
    given["q.c"] = True

    assert found.if_answered({"q.b": "+"}).low == found.low + 2


def test_a_section_counts_what_is_not_decided_and_not_what_is_no() -> None:
    table = json.loads(PLAYBOOK.to_json())
    table["checklists"][0]["sections"] = [{"key": "all", "title": "All"}]
    for question in table["checklists"][0]["questions"]:
        question["section"] = "all"
    playbook = sf.Playbook.from_json(json.dumps(table))
    answers = {"q.a": True, "q.b": False, "amount": 5.0}
    found = score(playbook, playbook.scorecards["card"], answers)

    assert {section.key: section.unknown for section in found.sections} == {"all": 1, None: 0}


def test_the_reasons_are_the_knock_outs_the_points_and_what_is_not_known() -> None:
    out = score(PLAYBOOK, CARD, {"q.a": False, "q.b": False, "q.c": True, "amount": 5_000})
    assert [reason.en for reason in out.reasons] == [
        "Knock-out: A.",
        "3 of 10 points; Go starts at 7.",
    ]
    open_ = score(PLAYBOOK, CARD, {"q.b": True, "q.c": False, "amount": 5})
    assert [reason.en for reason in open_.reasons] == [
        "Still open and able to knock the deal out: A.",
        "6–7 of 10 points; Go starts at 7.",
        "1 answer is not known.",
    ]


def test_what_an_item_reads_is_not_asked_for_once_the_item_is_decided() -> None:
    text = PLAYBOOK.to_json().replace('"q.b"', '"q.b or q.c"').replace('"not q.c"', '"q.b and q.a"')
    playbook = sf.Playbook.from_json(text)
    card = playbook.scorecards["card"]
    assert [item.rule.text for item in card.items[1:3]] == ["q.b or q.c", "q.b and q.a"]

    assert score(playbook, card, {"q.b": True}).unknown == ("q.a", "amount")
    assert score(playbook, card, {"q.b": False}).unknown == ("q.a", "q.c", "amount")
    assert score(playbook, card, {"q.a": True}).unknown == ("q.b", "q.c", "amount")


PAIRS: dict[str, tuple[dict[str, object], dict[str, object], bool]] = {
    "not known, and 0": ({}, {"q.b": False}, True),
    "0, and not known": ({"q.b": False}, {}, True),
    "neither known": ({}, {}, True),
    "0 and 0": ({"q.b": False}, {"q.b": False}, False),
    "2 and 0": ({"q.b": True}, {"q.b": False}, True),
}


@pytest.mark.parametrize("case", PAIRS)
def test_an_item_has_changed_unless_it_is_known_to_be_the_same(case: str) -> None:
    one, two, changed = PAIRS[case]
    gaps = score(PLAYBOOK, CARD, one).versus(score(PLAYBOOK, CARD, two)).items
    assert next(gap.changed for gap in gaps if gap.key == "b") is changed


ALL_YES = {"q.a": True, "q.b": True, "q.c": False, "amount": 5_000}


@pytest.mark.parametrize(
    ("one", "two", "ahead"),
    [
        ({}, {"q.a": False}, "first"),
        ({"q.a": False}, {}, "second"),
        ({}, {}, None),
        ({"q.a": None}, {"q.a": False}, None),
        ({"q.a": False}, {"q.a": None}, None),
        ({"q.a": None}, {"q.b": None}, None),
    ],
)
def test_who_is_ahead_is_told_where_no_answer_can_change_it(
    one: dict[str, object], two: dict[str, object], ahead: str | None
) -> None:
    """One point apart, level, or open, and then not ahead, not even where nobody can be behind."""
    first, second = (score(PLAYBOOK, CARD, {**ALL_YES, **facts}) for facts in (one, two))
    assert first.versus(second).ahead == ahead


TIMED = sf.Playbook.from_toml("""
id = "timed"
version = "1"
title = "Timed"
[[stages]]
key = "only"
title = "Only"
[[scorecards]]
key = "fresh"
items = [{ key = "new", title = "New", rule = "days_since(created_on) <= 30" }]
bands = [{ key = "old", min = 0 }, { key = "new", min = 1 }]
[[scorecards]]
key = "half"
items = [{ key = "owned", title = "Owned", rule = "known(owner)", weight = 0.5 }]
bands = [{ key = "any", min = 0 }]
""")


def test_half_a_point_is_ahead() -> None:
    more, less = (score(TIMED, TIMED.scorecards["half"], {"owner": who}) for who in ("li", None))
    assert (more.versus(less).ahead, less.versus(more).ahead) == ("first", "second")


def test_a_card_that_uses_time_is_scored_on_the_day_that_is_given() -> None:
    fresh, created = TIMED.scorecards["fresh"], {"created_on": date(2026, 1, 31)}
    assert score(TIMED, fresh, created, date(2026, 3, 2)).verdict == "new"
    assert score(TIMED, fresh, created, date(2026, 3, 3)).verdict == "old"
    assert interval(fresh, created, date(2026, 3, 2)) == (1, 1)
    late = datetime(2026, 3, 2, 20, tzinfo=UTC)
    assert score(TIMED, fresh, created, late).verdict == "new"
    assert score(TIMED, fresh, created, late, tz="Asia/Shanghai").verdict == "old"


def test_a_card_that_uses_time_asks_for_the_day_and_blames_no_fact() -> None:
    with pytest.raises(FactError) as refused:
        score(TIMED, TIMED.scorecards["fresh"], {"created_on": date(2026, 1, 31)})
    assert "as_of" in str(refused.value)
    assert "Facts of the wrong kind" not in str(refused.value)
