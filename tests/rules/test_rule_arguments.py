"""What is given to a rule in the place of something else is refused; a rule is shared freely."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from salesflow.errors import ArgumentError, ClockError, UnknownName, closest
from salesflow.facts import FACT_TITLES, STANDARD_FACTS
from salesflow.rules import Rule, Verdict
from salesflow.rules.ast import Flag

RULE = Rule.parse('amount >= 100_000 or account.tier in ("named", "strategic")')
OLD = Rule.parse("days_since(created_on) > 30")


@pytest.mark.parametrize("facts", [None, [], "x", 5, SimpleNamespace(get=5)])
def test_values_that_are_not_a_mapping_are_refused(facts: object) -> None:
    for rule in (RULE, Rule.parse("owner == source"), Rule.parse("on_hold")):
        for ask in (rule.verdict, rule.evaluate):
            with pytest.raises(ArgumentError, match=r"facts must be a mapping, not .*Pass a dict"):
                ask(facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [{"amount": "money"}, 5, [], "amount"])
def test_a_catalogue_of_another_class_is_refused(facts: object) -> None:
    with pytest.raises(ArgumentError, match="facts must be a Facts, not a"):
        Rule.parse("amount > 1", facts)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="facts must be a Facts, not a"):
        Rule.of(RULE.node, facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["french", None, 5, ["en"]])
def test_a_sentence_in_an_unknown_language_is_refused(lang: object) -> None:
    with pytest.raises(UnknownName, match="There is no language"):
        RULE.sentence(lang)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_of", "error", "message"),
    [
        ("2026-01-31", ArgumentError, "as_of must be a day, not a str."),
        (5, ArgumentError, "as_of must be a day, not an int."),
        (datetime(2026, 1, 31), ClockError, "as_of must have a zone where it is a datetime."),
    ],
)
def test_an_as_of_that_is_not_a_day_is_refused(
    as_of: object, error: type[Exception], message: str
) -> None:
    for ask in (OLD.verdict, OLD.evaluate):
        with pytest.raises(error) as caught:
            ask({}, as_of)  # type: ignore[arg-type]
        assert str(caught.value) == f"{message} Pass a date, or a datetime with tzinfo=."


def test_a_moment_stands_for_its_day_in_the_zone() -> None:
    late = datetime(2026, 1, 31, 20, tzinfo=UTC)
    facts = {"created_on": date(2026, 1, 1)}
    for tz, verdict in (("UTC", Verdict.NO), ("Asia/Shanghai", Verdict.YES)):
        assert OLD.verdict(facts, late, tz=tz) is verdict
        assert OLD.evaluate(facts, late, tz=tz).verdict is verdict


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    for ask in (OLD.verdict, OLD.evaluate):
        with pytest.raises(ArgumentError) as caught:
            ask({}, datetime(2026, 1, 31, tzinfo=UTC), tz="Mars")
        assert str(caught.value).startswith("tz must name a time zone, not 'Mars'.")


@pytest.mark.parametrize("wrong", [None, 5, b"ended", ["ended"], RULE])
def test_a_rule_is_parsed_from_a_str(wrong: object) -> None:
    with pytest.raises(ArgumentError, match=r"text must be a str, not .* Write it in quotes"):
        Rule.parse(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [None, 5, [], {}, object(), b"amount"])
def test_a_name_that_is_no_text_is_an_unknown_name(name: object) -> None:
    assert closest(name, ["amount"]) is None
    with pytest.raises(UnknownName) as caught:
        STANDARD_FACTS.require(name)  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"There is no fact of type {type(name).__name__}. Known: ")
    assert caught.value.name is name


def test_names_that_are_no_text_are_never_the_nearest() -> None:
    assert closest("amout", [5, None, "amount"]) == "amount"


def test_every_standard_fact_has_a_title_that_makes_a_sentence() -> None:
    assert set(FACT_TITLES) == set(STANDARD_FACTS)
    assert all(title.en and title.zh for title in FACT_TITLES.values())
    tier = Rule.parse('account.tier == "named"')
    (blocker,) = tier.evaluate({}).blockers(FACT_TITLES)
    assert blocker.fix.en == "the account's tier is not known"
    assert blocker.fix.zh == "客户级别未知"
    assert tier.sentence() == 'account.tier is "named"'


def test_a_rule_cannot_be_changed_or_made_by_hand() -> None:
    rule = Rule.parse("ended")
    with pytest.raises(AttributeError, match="cannot be changed"):
        rule.node = Flag("on_hold")
    with pytest.raises(AttributeError, match="cannot be changed"):
        del rule.node
    with pytest.raises(TypeError, match=r"Rule\.parse"):
        Rule()
    assert rule != "ended"
    assert repr(rule) == "<Rule: ended>"


def test_threads_share_a_rule() -> None:
    rule = Rule.parse("days_since(last_activity_on) <= 30 and amount > 5")
    start = date(2026, 1, 1)
    wrong: list[str] = []

    def ask(offset: int) -> None:
        for n in range(300):
            today = start + timedelta(days=(n * offset) % 90)
            facts = {"last_activity_on": start, "amount": 6}
            expected = "yes" if (today - start).days <= 30 else "no"
            if rule.verdict(facts, today).value != expected:
                wrong.append(f"{today}")
            if rule.evaluate(facts, today).verdict.value != expected:
                wrong.append(f"{today}")

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in (1, 7, 11, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
