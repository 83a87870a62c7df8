"""Derived rules have parts in common; what is made for one of them serves them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.facts import ASK, IN_CURRENCY, STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule
from salesflow.rules._compile import compiled
from salesflow.rules._explain import part_of
from salesflow.rules.ast import And, AtLeast, Not, Or
from salesflow.rules.core import lower
from salesflow.text import Text
from tests.rules.work import steps

ROW = Rule.parse("amount > 5 or probability > 0.5 and owner == source").node
TITLES = st.builds(
    lambda titles, currency: titles | currency,
    st.dictionaries(
        st.sampled_from(["amount", "probability", "owner", "source"]),
        st.sampled_from([Text(en="Size", zh="规模"), Text(en="It", zh="它")]),
    ),
    st.dictionaries(st.just(IN_CURRENCY), st.sampled_from([Text(en="CNY"), Text(en="USD")])),
)


def test_a_part_in_canonical_shape_stays_the_same_node() -> None:
    other = Rule.parse("not on_hold").node
    for tree in (And((Not(ROW), other)), Or((Not(ROW), other)), AtLeast(1, (ROW, other)), Not(ROW)):
        assert Rule.of(tree).node is tree


def test_a_part_that_stands_twice_is_looked_at_once() -> None:
    finding = Rule.of(AtLeast(2, (ROW, Not(ROW), ROW))).evaluate({"amount": 7})
    first, second, third = finding.because
    assert first is third
    assert second.because == (first,)
    assert first is second.because[0]


@pytest.mark.parametrize(
    "name",
    [
        "amount",
        "owner",
        f"{ASK}amount",
        f"{ASK}owner",
        "owner=x",
        "owner=y",
        "source=z",
        IN_CURRENCY,
    ],
)
def test_another_title_of_anything_that_is_named_makes_other_words(name: str) -> None:
    node = Rule.parse('amount > 5 and owner in ("x", "y") and source == "z"').node
    rule, names = Rule.of(node), {name: Text(en="USD")}
    before = rule.evaluate({}).blockers()
    after = rule.evaluate({}).blockers(names)
    assert after == Rule.of(node).evaluate({}).blockers(names) != before
    assert rule.evaluate({}).blockers() == before


FIRST, LATER = date(2026, 1, 31), date(2026, 2, 28)
SEEN = STANDARD_FACTS.extended([Fact("seen_at", FactKind.INSTANT)])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("ended and amount > 5", LATER),
        ('seen_at >= date("2026-01-31") and ended', LATER),
        ("days_since(closed_on) > 5 and ended", FIRST),
    ],
)
def test_a_rule_is_made_ready_once_for_all_days_or_for_the_day_it_needs(
    text: str, day: date
) -> None:
    made: list[tuple[str, Callable[..., object], int]] = [
        ("verdict", compiled, 0),
        ("verdict", lower, 0),
        ("evaluate", part_of, 0),
        ("evaluate", lower, int("days_since" in text)),
    ]
    for asked, of, times in made:
        rule = Rule.parse(text, SEEN)
        ask = getattr(rule, asked)
        ask({}, FIRST)
        assert steps(lambda ask=ask: ask({}, day), of=of) == times  # type: ignore[misc]


def test_only_what_a_fact_cannot_have_is_kept_as_unlisted() -> None:
    rule = Rule.parse('account.tier == "named" and amount > 5')
    tier = STANDARD_FACTS["account.tier"]
    assert rule.evaluate({"account.tier": "named", "amount": 5}).context.unlisted == {}
    found = rule.evaluate({"account.tier": "gold"}).context.unlisted
    assert found == {"account.tier": ("gold", tier)}


def test_a_part_that_stands_twice_is_spoken_of_once() -> None:
    (blocker,) = Rule.of(AtLeast(2, (ROW, Not(ROW), ROW))).evaluate({}).blockers()
    first, opposite, second = blocker.any_of
    assert first is second
    assert opposite.code == "all_of"


def test_words_that_depend_on_no_value_are_made_once() -> None:
    rule = Rule.of(ROW)
    (one,), (two,) = rule.evaluate({}).blockers(), rule.evaluate({}).blockers()
    for first, second in zip(one.any_of, two.any_of, strict=True):
        assert first.code == "all_of" or (first.title is second.title and first.fix is second.fix)
    assert one.any_of[0].code == "unknown"


def test_to_be_spoken_of_does_not_change_a_finding() -> None:
    asked, other = (Rule.of(ROW).evaluate({}) for _ in range(2))
    before = repr(asked.part)
    asked.blockers()
    assert asked == other
    assert repr(asked.part) == before


def test_a_part_that_stands_twice_is_one_part_of_what_is_decided() -> None:
    core = Rule.of(AtLeast(2, (ROW, Not(ROW), ROW))).core(None)
    assert isinstance(core, AtLeast)
    first, opposite, second = core.items
    assert first is second
    assert opposite == Not(first)


def test_a_family_prepares_a_part_once() -> None:
    one, two = Rule.family([Not(ROW), AtLeast(1, (ROW, ROW))])
    assert one.evaluate({}).because[0].part is two.evaluate({}).because[0].part
    assert one == Rule.of(Not(ROW))


@given(TITLES, TITLES)
def test_words_kept_for_one_set_of_titles_are_never_used_for_another(
    first: Mapping[str, Text], second: Mapping[str, Text]
) -> None:
    rule = Rule.of(ROW)
    rule.evaluate({}).blockers(first)
    assert rule.evaluate({}).blockers(second) == Rule.of(ROW).evaluate({}).blockers(second)
