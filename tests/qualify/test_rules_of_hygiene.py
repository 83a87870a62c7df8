"""What hygiene asks of the deals of a playbook: which rules, of whom, and where limits are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from salesflow import Fact, FactKind, Playbook, Verdict
from salesflow.qualify._hygiene import (
    HygieneRule,
    hygiene_rules,
    rules_of_unread,
    rules_of_values,
    stay_rule,
)
from salesflow.qualify._hygiene_facts import (
    came_of,
    hygiene_facts,
    is_age,
    rested_in,
    unread_facts,
)
from salesflow.qualify._hygiene_rows import HYGIENE

TODAY = date(2026, 1, 31)
LIMITS = """
id = "limits"
version = "1"
title = "Limits"
currency = "USD"
policy = { pause_on_hold = PAUSE }
hygiene = { probability_tolerance = TOLERANCE }
tracks = [
  { key = "legal", title = "Legal", states = [
    { key = "open", title = "Open", max_days = 6 },
    { key = "idle", title = "Idle" },
    { key = "review", title = "Review", max_days = 2 } ] },
  { key = "works", title = "Works", states = [ { key = "built", title = "Built", max_days = 9 } ] },
  { key = "free", title = "Free", states = [ { key = "any", title = "Any" } ] },
]
facts = [
  { name = "budget", kind = "money", title = "budget of the year" },
  { name = "plain", kind = "money" },
  { name = "fee", kind = "money", currency = "EUR" },
  { name = "bonus", kind = "money", currency = "amount" },
  { name = "vip", kind = "flag", title = "a VIP" },
  { name = "seats", kind = "number" },
]
stages = [
  { key = "ask", title = "Ask", max_days = 4, probability = 0.1, exit = [
    { key = "asked", title = "Everything was asked", rule = "known(owner)" } ] },
  { key = "close", title = "Close", max_days = 10, probability = 0.5, sub_stages = [
    { key = "offer", title = "Offer" },
    { key = "sign", title = "Sign", max_days = 5, probability = 0.7 },
    { key = "count", title = "Count", max_days = 8 } ] },
  { key = "win", title = "Win", probability = 0.8, sub_stages = [
    { key = "order", title = "Order", max_days = 3 },
    { key = "book", title = "Book" } ] },
  { key = "pay", title = "Pay", sub_stages = [
    { key = "bill", title = "Bill", probability = 0.9 },
    { key = "cash", title = "Cash", probability = 0.9 } ] },
  { key = "care", title = "Care" },
]
"""


def limited(*, pause: bool = False, tolerance: float = 0.25) -> Playbook:
    text = LIMITS.replace("PAUSE", str(pause).lower()).replace("TOLERANCE", str(tolerance))
    return Playbook.from_toml(text)


BOOK = limited()
RESTING = limited(pause=True)
OF_ROWS = [row.name for row in HYGIENE]


def rule_of(name: str, book: Playbook = BOOK) -> HygieneRule:
    return next(it for it in hygiene_rules(book) if it.name == name)


def since(days: int | None) -> date | None:
    return None if days is None else TODAY - timedelta(days=days)


def test_a_playbook_asks_the_rows_of_the_table_and_the_limits_of_its_own_places() -> None:
    assert [it.name for it in hygiene_rules(BOOK)] == [
        *OF_ROWS,
        *("stage_age", "sub_stage_age", "probability_near_stage"),
        *("track_age_legal", "track_age_works"),
    ]
    plain = 'id = "p"\nversion = "1"\ntitle = "P"\nstages = [{ key = "a", title = "A" }]'
    assert [it.name for it in hygiene_rules(Playbook.from_toml(plain))] == OF_ROWS


def test_only_what_looks_for_days_to_come_is_asked_of_deals_of_later_days() -> None:
    rules = [*hygiene_rules(BOOK), stay_rule(BOOK, "own", {"ask": 4})]

    assert [it.name for it in rules if it.later] == [
        *("entered_not_in_future", "closed_not_in_future", "created_not_in_future"),
    ]


def test_only_of_deals_that_have_ended_an_outcome_is_asked() -> None:
    rule = rule_of("ended_has_outcome")

    assert rule.when is not None
    asked = {said: rule.when.verdict({"ended": said}) for said in (True, False, None)}
    assert asked == {True: Verdict.YES, False: Verdict.NO, None: Verdict.NO}
    assert rule_of("owner_known").when is None


@pytest.mark.parametrize(
    ("stages", "moves", "asked"),
    [
        ("a b", "", True),  # a deal is won at the end of the line
        ("a b*", "", True),
        ("a* b c", "", True),  # whoever comes to the end was won on the way
        ("a b* c", "a-b b-c a-ended", False),
        ("a b", "a-b a-ended", False),
        ("a b", "a-b b-ended", True),
        ("a* b", "a-b a-ended", True),
        ("a b* c", "a-b a-c", False),  # a way to the end passes the win by
        ("a b* c", "a-b b-c", True),
        ("a b! c", "", False),
        ("a b! c*", "", False),
        ("a b*! c*", "", True),
    ],
)
def test_an_ended_deal_lacks_an_outcome_only_where_every_end_is_a_win(
    stages: str, moves: str, asked: bool
) -> None:
    """`*` marks a stage that wins, `!` one that is final."""
    names = [it.name for it in hygiene_rules(drawn(stages, moves))]

    assert names == [it for it in OF_ROWS if asked or it != "ended_has_outcome"]


def drawn(stages: str, moves: str) -> Playbook:
    lines = ['id = "p"', 'version = "1"', 'title = "P"']
    for stage in stages.split():
        lines += ["[[stages]]", f'key = "{stage[0]}"', 'title = "S"']
        lines += ["wins = true"] * ("*" in stage) + ["final = true"] * ("!" in stage)
    for source, _, target in (move.partition("-") for move in moves.split()):
        lines += ["[[moves]]", f'from = "{source}"', f'to = "{target}"']
    return Playbook.from_toml("\n".join(lines))


CLOSE = [("close", None), ("close", "offer"), ("close", "sign"), ("close", "count")]


@pytest.mark.parametrize(
    ("name", "places", "needs"),
    [
        # The limit of a stage is for the whole stay in it, in whichever part of it a deal is.
        ("stage_age", [("ask", None), *CLOSE], "entered_stage_on"),
        (
            "sub_stage_age",
            [("close", "sign"), ("close", "count"), ("win", "order")],
            "entered_sub_stage_on",
        ),
        # A part without a probability has its stage's; where parts differ, the stage has none.
        (
            "probability_near_stage",
            [
                *[("ask", None), ("close", "offer"), ("close", "sign"), ("close", "count")],
                *[("win", None), ("win", "order"), ("win", "book")],
                *[("pay", None), ("pay", "bill"), ("pay", "cash")],
            ],
            "probability",
        ),
    ],
)
def test_the_limits_of_places_are_asked_of_the_deals_there(
    name: str, places: list[tuple[str, str | None]], needs: str
) -> None:
    rule = rule_of(name)

    assert rule.places is not None
    assert sorted(rule.places, key=str) == sorted(places, key=str)
    assert rule.needs == (needs,)
    assert (rule.group, rule.severity) == ("open", "warning")


@pytest.mark.parametrize(
    ("name", "stage", "part", "most"),
    [
        ("stage_age", "ask", None, 4),
        ("stage_age", "close", None, 10),
        ("stage_age", "close", "offer", 10),
        ("stage_age", "close", "sign", 10),
        ("sub_stage_age", "close", "sign", 5),
        ("sub_stage_age", "close", "count", 8),
        ("sub_stage_age", "win", "order", 3),
    ],
)
def test_each_place_has_its_own_limit_of_days(
    name: str, stage: str, part: str | None, most: int
) -> None:
    rule = rule_of(name).rule

    def says(days: int) -> Verdict:
        facts = {"stage": stage, "sub_stage": part, rule_of(name).needs[0]: since(days)}
        return rule.verdict(facts, TODAY)

    assert (says(most), says(most + 1)) == (Verdict.YES, Verdict.NO)


@pytest.mark.parametrize(
    ("stage", "part", "near", "far"),
    [
        ("ask", None, (0, 0.35), (0.36, 1)),
        ("close", "offer", (0.25, 0.75), (0.24, 0.76)),
        ("close", "sign", (0.45, 0.95), (0.44, 0.96)),
        ("win", None, (0.55, 1), (0, 0.54)),
        ("pay", None, (0.65, 1), (0, 0.64)),
        ("pay", "cash", (0.65, 1), (0, 0.64)),
    ],
)
def test_a_probability_is_near_that_of_the_place(
    stage: str, part: str | None, near: tuple[float, float], far: tuple[float, float]
) -> None:
    rule = rule_of("probability_near_stage").rule
    where = {"stage": stage, "sub_stage": part}

    assert {rule.verdict({**where, "probability": it}) for it in near} == {Verdict.YES}
    assert {rule.verdict({**where, "probability": it}) for it in far} == {Verdict.NO}


def test_a_limit_of_probabilities_has_six_digits_after_the_point() -> None:
    rule = rule_of("probability_near_stage", limited(tolerance=0.1234567)).rule

    assert "0.376543 <= probability <= 0.623457" in rule.text


@pytest.mark.parametrize(
    ("name", "where", "began", "age"),
    [
        ("stage_age", {"stage": "ask"}, "entered_stage_on", "stage.age"),
        (
            "sub_stage_age",
            {"stage": "win", "sub_stage": "order"},
            "entered_sub_stage_on",
            "sub_stage.age",
        ),
        (
            "track_age_legal",
            {"track.legal": "review"},
            "track.legal.entered_on",
            "track.legal.age",
        ),
    ],
)
def test_only_where_clocks_rest_an_age_may_be_less_than_the_days(
    name: str, where: Mapping[str, str], began: str, age: str
) -> None:
    deal = {**where, began: since(30), age: 2}

    resting, running = rule_of(name, RESTING), rule_of(name)

    assert resting.rule.verdict(deal, TODAY) is Verdict.YES
    assert resting.rule.verdict({**deal, age: 29}, TODAY) is Verdict.NO
    assert running.rule.verdict(deal, TODAY) is Verdict.NO
    assert age not in running.rule.facts


@pytest.mark.parametrize(
    ("track", "state", "days", "asked", "says"),
    [
        ("legal", "open", 6, True, Verdict.YES),
        ("legal", "open", 7, True, Verdict.NO),
        ("legal", "review", 2, True, Verdict.YES),
        ("legal", "review", 3, True, Verdict.NO),
        ("legal", "idle", 1, False, None),
        ("works", "built", 9, True, Verdict.YES),
        ("works", "built", 10, True, Verdict.NO),
    ],
)
def test_a_state_of_a_track_has_its_own_limit_of_days(
    track: str, state: str, days: int, asked: bool, says: Verdict | None
) -> None:
    rule = rule_of(f"track_age_{track}")
    deal: dict[str, Any] = {f"track.{track}": state, f"track.{track}.entered_on": since(days)}

    assert rule.needs == (f"track.{track}", f"track.{track}.entered_on")
    assert rule.when is not None
    assert rule.when.verdict(deal, TODAY) is (Verdict.YES if asked else Verdict.NO)
    if asked:
        assert rule.rule.verdict(deal, TODAY) is says


@pytest.mark.parametrize(
    ("limits", "places", "needs"),
    [
        ({"ask": 4}, [("ask", None)], ["entered_stage_on"]),
        ({"close": 4}, CLOSE, ["entered_stage_on"]),
        (
            {"sign": 4, "order": 2},
            [("close", "sign"), ("win", "order")],
            ["entered_sub_stage_on"],
        ),
        (
            {"close": 10, "sign": 5, "ask": 3},
            [("ask", None), *CLOSE],
            ["entered_stage_on", "entered_sub_stage_on"],
        ),
    ],
)
def test_limits_of_stays_are_asked_of_the_deals_in_one_of_those_places(
    limits: dict[str, int], places: list[tuple[str, str | None]], needs: list[str]
) -> None:
    rule = stay_rule(BOOK, "own", limits)

    assert rule.name == "own"
    assert list(rule.places or ()) == places
    assert list(rule.needs) == needs


@pytest.mark.parametrize(
    ("stage", "part", "here", "in_part", "says"),
    [
        ("ask", None, 3, None, Verdict.YES),
        ("ask", None, 4, None, Verdict.NO),
        ("close", "offer", 10, 10, Verdict.YES),
        ("close", "offer", 11, 1, Verdict.NO),
        ("close", "sign", 10, 5, Verdict.YES),
        ("close", "sign", 10, 6, Verdict.NO),
        ("close", "sign", 11, 5, Verdict.NO),
    ],
)
def test_a_stay_keeps_the_limit_of_the_stage_and_that_of_its_part(
    stage: str, part: str | None, here: int, in_part: int | None, says: Verdict
) -> None:
    rule = stay_rule(BOOK, "own", {"close": 10, "sign": 5, "ask": 3}).rule
    deal = {
        "stage": stage,
        "sub_stage": part,
        "entered_stage_on": since(here),
        "entered_sub_stage_on": since(in_part),
    }

    assert rule.verdict(deal, TODAY) is says


# ------------------------------------------------------------------------------ what values may be


def test_amounts_without_a_rate_are_called_by_their_titles_or_else_by_their_names() -> None:
    amounts = ("amount", "budget", "plain")
    flags = [Fact(f"{name}.convertible", FactKind.FLAG) for name in amounts[1:]]
    facts = hygiene_facts(BOOK).extended(flags)

    rules = list(rules_of_values(BOOK, facts, (), amounts))

    assert [(it.name, it.title.get("en")) for it in rules] == [
        ("amount_convertible", "There is a rate from the amount's currency into USD"),
        (
            "convertible.budget",
            "There is a rate from the currency of budget of the year into USD",
        ),
        ("convertible.plain", "There is a rate from the currency of plain into USD"),
    ]
    assert [it.rule.text for it in rules] == [f"{name}.convertible" for name in amounts]


def test_a_value_that_no_rule_may_have_is_one_that_is_not_allowed() -> None:
    """Any other is only none of those that are known."""
    names = ("grade", "source")
    share = Fact("grade", FactKind.NUMBER, low=0, high=1, enforced=True)
    flags = [Fact(f"listed.{name}", FactKind.FLAG) for name in names]
    facts = hygiene_facts(BOOK).extended([share, *flags])

    rules = rules_of_values(BOOK, facts, names, ())

    assert [it.name for it in rules] == ["allowed.grade", "known_values.source"]


def test_facts_are_called_by_their_titles_their_meanings_or_else_their_names() -> None:
    names = ("vip", "budget", "done.asked", "seats")
    flags = [Fact(f"listed.{name}", FactKind.FLAG) for name in names]
    facts = hygiene_facts(BOOK).extended(flags)

    titles = [it.title.get("en") for it in rules_of_values(BOOK, facts, names, ())]

    assert [title.partition(", where")[0] for title in titles] == [
        "“a VIP”",
        "Budget of the year",
        "“Everything was asked”",
        "seats",
    ]


def test_what_could_not_be_read_is_told_as_no_number_or_no_day() -> None:
    unread = ("amount", "seats", "created_on", "of_somebody_else")
    texts = [Fact(f"{name}.unread", FactKind.TEXT) for name in unread]
    facts = hygiene_facts(BOOK).extended(texts)

    rules = list(rules_of_unread(BOOK, facts))

    assert [(it.name, it.title.get("en"), it.needs) for it in rules] == [
        (
            "readable.amount",
            "The amount, where it is given, is a number",
            ("amount.unread",),
        ),
        ("readable.seats", "seats, where it is given, is a number", ("seats.unread",)),
        (
            "readable.created_on",
            "The day the deal was created, where it is given, is a day in the form of its column",
            ("created_on.unread",),
        ),
    ]
    (amount, *_) = rules
    assert amount.rule.verdict({"amount.unread": "tbc"}) is Verdict.NO
    assert amount.rule.verdict({}) is Verdict.YES


def test_columns_of_what_could_not_be_read_are_those_of_numbers_and_days() -> None:
    further = [Fact("seats.unread", FactKind.TEXT), Fact("held_at", FactKind.INSTANT)]
    names = [
        *(3, None, "amount", "amount.unread", "created_on.unread", "owner.unread", "vip.unread"),
        *("days_on_hold.unread", "held_at.unread"),
        *("seats.unread", "nobody.unread", ".unread", "nobody"),
    ]

    found = unread_facts(names, BOOK.facts.extended(further))

    read = ("amount", "created_on", "days_on_hold", "held_at")
    assert found == [Fact(f"{name}.unread", FactKind.TEXT) for name in read]


# ---------------------------------------------------------------------------- what rules read more


def test_the_rules_read_ages_and_what_an_amount_and_an_outcome_say() -> None:
    assert hygiene_facts(BOOK).keys() - BOOK.facts.keys() == {
        *("deal_age", "longest_won_cycle", "stage.age", "sub_stage.age"),
        *("track.legal.age", "track.works.age", "track.free.age"),
        *("amount.convertible", "amount.given", "outcome.agrees"),
    }


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("deal_age", True),
        ("stage.age", True),
        ("sub_stage.age", True),
        ("track.legal.age", True),
        ("track.legal", False),
        ("track.legal.entered_on", False),
        ("account.age", False),
        ("longest_won_cycle", False),
    ],
)
def test_ages_are_those_of_the_deal_its_stay_and_its_tracks(name: str, says: bool) -> None:
    assert is_age(name) is says


@pytest.mark.parametrize(
    ("age", "facts"),
    [
        ("deal_age", ("created_on", "days_on_hold")),
        ("stage.age", ("entered_stage_on", "days_on_hold_in_stage")),
        ("sub_stage.age", ("entered_sub_stage_on", "days_on_hold_in_sub_stage")),
        ("track.legal.age", ("track.legal.entered_on", "track.legal.days_on_hold")),
    ],
)
def test_an_age_comes_of_a_day_and_where_clocks_rest_of_the_days_on_hold(
    age: str, facts: tuple[str, str]
) -> None:
    assert rested_in(age) == facts
    assert came_of(age, RESTING) == facts
    assert came_of(age, BOOK) == facts[:1]


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("longest_won_cycle", ("created_on", "closed_on")),
        ("outcome.agrees", ("stage", "outcome")),
        ("amount.given", ("amount",)),
        ("listed.source", ("source",)),
        ("owner", ("owner",)),
        # Of an amount the currency has to be known, too, unless the playbook names it.
        ("amount.convertible", ("amount", "amount.currency")),
        ("plain.convertible", ("plain", "plain.currency")),
        ("bonus.convertible", ("bonus", "amount.currency")),
        ("fee.convertible", ("fee",)),
        ("of_my_own.convertible", ("of_my_own", "of_my_own.currency")),
    ],
)
def test_what_the_rules_read_comes_of_facts(name: str, facts: tuple[str, ...]) -> None:
    assert came_of(name, BOOK) == facts
