"""What is given to a rule in the place of something else is refused; a rule is shared freely."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow.errors import FactError, RuleError, UnknownName, closest
from salesflow.facts import FACT_TITLES, STANDARD_FACTS
from salesflow.rules import Rule, Verdict
from salesflow.rules.ast import Flag

RULE = Rule.parse('amount >= 100_000 or account.tier in ("named", "strategic")')
OLD = Rule.parse("days_since(created_on) > 30")


@pytest.mark.parametrize("facts", [None, [], "x", 5])
def test_values_that_are_no_mapping_are_refused(facts: object) -> None:
    for rule in (RULE, Rule.parse("owner == source"), Rule.parse("on_hold")):
        for ask in (rule.verdict, rule.evaluate):
            with pytest.raises(FactError, match=r"by name, not as \w+\. Pass a dict"):
                ask(facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [{"amount": "money"}, 5, [], "amount"])
def test_a_catalogue_that_is_none_is_refused(facts: object) -> None:
    with pytest.raises(RuleError, match="are given as Facts, not as"):
        Rule.parse("amount > 1", facts)  # type: ignore[arg-type]
    with pytest.raises(RuleError, match="are given as Facts, not as"):
        Rule.of(RULE.node, facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["fr", None, 5, ["en"]])
def test_a_sentence_in_an_unknown_language_is_refused(lang: object) -> None:
    with pytest.raises(UnknownName, match="There is no language"):
        RULE.sentence(lang)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        (
            "2026-01-31",
            "as_of: the str '2026-01-31' is not a day. Pass a date, or a datetime with tzinfo=.",
        ),
        (5, "as_of: the int 5 is not a day. Pass a date, or a datetime with tzinfo=."),
        (
            datetime(2026, 1, 31),
            "as_of is a datetime without a time zone. Pass a date, or a datetime with tzinfo=.",
        ),
    ],
)
def test_an_as_of_that_is_no_day_is_refused_in_a_sentence(as_of: object, message: str) -> None:
    for ask in (OLD.verdict, OLD.evaluate):
        with pytest.raises(FactError) as caught:
            ask({}, as_of)  # type: ignore[arg-type]
        assert str(caught.value) == message


def test_a_moment_stands_for_its_day_in_the_zone() -> None:
    late = datetime(2026, 1, 31, 20, tzinfo=UTC)
    facts = {"created_on": date(2026, 1, 1)}
    for tz, verdict in (("UTC", Verdict.NO), ("Asia/Shanghai", Verdict.YES)):
        assert OLD.verdict(facts, late, tz=tz) is verdict
        assert OLD.evaluate(facts, late, tz=tz).verdict is verdict


def test_a_time_zone_that_does_not_exist_is_no_fault_of_the_day() -> None:
    with pytest.raises(FactError) as caught:
        OLD.verdict({}, datetime(2026, 1, 31, tzinfo=UTC), tz="Mars")
    assert str(caught.value) == "There is no time zone 'Mars'. Names read like \"Asia/Shanghai\"."


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
