"""Laws of the rule language, for any rule and any facts."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salesflow.facts import FactKind
from salesflow.rules import Blocker, Rule, Verdict, can_be_yes, possible
from salesflow.rules.ast import And, AtLeast, Flag, Node, Not, Or
from tests.rules.strategies import FACTS, LEAVES, TODAY, records, trees

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/Los_Angeles"])


@given(trees())
def test_the_canonical_text_parses_to_the_same_rule(node: Node) -> None:
    rule = Rule.of(node, FACTS)
    parsed = Rule.parse(str(rule), FACTS)
    assert parsed == rule
    assert parsed.node == rule.node
    assert str(parsed) == str(rule)
    assert (parsed.facts, parsed.uses_time) == (rule.facts, rule.uses_time)


@given(trees(), records(), zones)
def test_the_fast_verdict_is_the_explained_one(
    node: Node, facts: Mapping[str, object], tz: str
) -> None:
    rule = Rule.of(node, FACTS)
    assert rule.verdict(facts, TODAY, tz=tz) is rule.evaluate(facts, TODAY, tz=tz).verdict


@given(trees(), records())
def test_there_are_blockers_exactly_where_the_verdict_is_not_yes(
    node: Node, facts: Mapping[str, object]
) -> None:
    finding = Rule.of(node, FACTS).evaluate(facts, TODAY)
    blockers = finding.blockers()
    assert (not blockers) is (finding.verdict is YES)
    for blocker in _all(blockers):
        assert blocker.verdict is not YES
        assert blocker.title.en and blocker.title.zh and blocker.fix.en and blocker.fix.zh  # noqa: PT018
        assert blocker.code in {"no", "unknown", "any_of", "all_of"}
        if blocker.code == "any_of":
            assert 1 <= blocker.needed < len(blocker.any_of)
        else:
            assert not blocker.any_of
            assert not blocker.needed
        assert bool(blocker.because) is (blocker.code == "all_of")


def _all(blockers: tuple[Blocker, ...]) -> list[Blocker]:
    found = list(blockers)
    for blocker in blockers:
        found += _all(blocker.any_of) + _all(blocker.because)
    return found


# Every fact is read once here, so no requirement contradicts another.
once = st.permutations(["ended", "on.hold", *(f"reached.{key}" for key in ("qualify", "close"))])


@st.composite
def rules_that_read_each_flag_once(draw: st.DrawFn) -> Node:
    flags: list[Node] = [Flag(name) for name in draw(once)]
    while len(flags) > 1:
        taken = draw(st.integers(2, len(flags)))
        items, flags = tuple(flags[:taken]), flags[taken:]
        shape = draw(st.sampled_from(["and", "or", "some"]))
        node: Node = (
            And(items)
            if shape == "and"
            else Or(items)
            if shape == "or"
            else AtLeast(draw(st.integers(1, taken)), items)
        )
        flags.append(Not(node) if draw(st.booleans()) else node)
    return flags[0]


@given(rules_that_read_each_flag_once(), records())
def test_dealing_with_every_blocker_leads_to_yes_and_with_fewer_does_not(
    node: Node, facts: Mapping[str, object]
) -> None:
    rule = Rule.of(node, FACTS)
    facts = dict(facts)
    before = rule.evaluate(facts)
    todo = [leaf for blocker in before.blockers() for leaf in _chosen(blocker)]
    done = dict(facts)
    for number, leaf in enumerate(todo):
        assert rule.verdict(done) is not YES, f"{number} of {len(todo)} were enough"
        done[leaf.key] = "is yes" in f"{leaf.title}" or "is reached" in f"{leaf.title}"
    assert rule.verdict(done) is YES


def _chosen(blocker: Blocker) -> list[Blocker]:
    """The leaves of one way to deal with a blocker: the last alternatives of each choice."""
    if blocker.any_of:
        entries = blocker.any_of[-blocker.needed :]
    elif blocker.because:
        entries = blocker.because
    else:
        return [blocker]
    return [leaf for entry in entries for leaf in _chosen(entry)]


@given(trees(), records())
def test_what_is_found_is_possible(node: Node, facts: Mapping[str, object]) -> None:
    rule = Rule.of(node, FACTS)
    verdict = rule.verdict(facts, TODAY)
    assert verdict in possible(rule.core(TODAY), lambda _: True)
    if verdict is YES:
        assert can_be_yes(rule.node, FACTS) is not False


@given(trees(LEAVES, 6), records())
def test_nothing_that_can_never_be_yes_is_yes(node: Node, facts: Mapping[str, object]) -> None:
    if can_be_yes(Rule.of(node, FACTS).node, FACTS) is False:
        assert Rule.of(node, FACTS).verdict(facts, TODAY) is not YES


@given(trees(), records())
def test_not_exchanges_yes_and_no(node: Node, facts: Mapping[str, object]) -> None:
    rule, opposite = Rule.of(node, FACTS), Rule.of(Not(node), FACTS)
    assert opposite.verdict(facts, TODAY) is ~rule.verdict(facts, TODAY)


@given(trees(), records(), st.data())
def test_learning_a_missing_fact_only_ever_settles_what_was_unknown(
    node: Node, facts: Mapping[str, object], data: st.DataObject
) -> None:
    rule = Rule.of(node, FACTS)
    assume("known(" not in str(rule))
    before = rule.verdict(facts, TODAY)
    given_before = {name: value for name, value in facts.items() if value is not None}
    after = rule.verdict({**data.draw(records()), **given_before}, TODAY)
    assert after is before or before is UNKNOWN


@given(trees())
def test_rules_are_equal_hashable_and_survive_copying_and_pickling(node: Node) -> None:
    rule = Rule.of(node, FACTS)
    for other in (copy.copy(rule), copy.deepcopy(rule), pickle.loads(pickle.dumps(rule))):  # noqa: S301
        assert other == rule
        assert hash(other) == hash(rule)
        assert other.node == rule.node
    assert len({rule, Rule.of(node, FACTS)}) == 1


@given(trees(), records())
def test_findings_and_blockers_can_be_hashed_and_pickled(
    node: Node, facts: Mapping[str, object]
) -> None:
    finding = Rule.of(node, FACTS).evaluate(facts, TODAY)
    again = pickle.loads(pickle.dumps(finding))  # noqa: S301
    assert again == finding
    assert again.blockers() == finding.blockers()
    hash(finding)
    hash(finding.blockers())


@given(trees())
def test_every_rule_has_a_sentence_in_both_languages(node: Node) -> None:
    rule = Rule.of(node, FACTS)
    assert rule.sentence()
    assert rule.sentence("zh")
    assert rule.describe().en


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
@given(
    day=st.dates(date(1, 1, 1), date(9999, 12, 31)),
    days=st.one_of(st.integers(-4_000_000, 4_000_000), st.integers(-10, 10)),
)
def test_an_age_is_a_difference_of_calendar_days(operator: str, day: date, days: int) -> None:
    from salesflow.rules.core import HOLDS

    past = Rule.parse(f"days_since(opened) {operator} {days}", FACTS)
    ahead = Rule.parse(f"days_until(opened) {operator} {days}", FACTS)
    facts = {"opened": day}
    holds = HOLDS[operator]  # type: ignore[index]
    assert past.verdict(facts, TODAY) is (YES if holds((TODAY - day).days, days) else NO)
    assert ahead.verdict(facts, TODAY) is (YES if holds((day - TODAY).days, days) else NO)


@given(
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.one_of(st.integers(), st.integers(2**53 - 3, 2**53 + 9), st.floats(allow_nan=False)),
    st.sampled_from([9007199254740990.0, 1e16, 1e23, 5.0]),
)
def test_whole_numbers_of_any_size_compare_as_binary64(
    operator: str, value: float, limit: float
) -> None:
    from salesflow.rules import canonical
    from salesflow.rules.core import HOLDS

    rule = Rule.parse(f"size {operator} {limit:.15g}", FACTS)
    seen = canonical(FactKind.NUMBER, value)
    expected = YES if HOLDS[operator](seen, limit) else NO  # type: ignore[index]
    assert rule.verdict({"size": value}) is expected


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), zones)
def test_a_moment_is_compared_by_its_calendar_day_in_the_zone(moment: datetime, tz: str) -> None:
    from zoneinfo import ZoneInfo

    aware = moment.replace(tzinfo=ZoneInfo("UTC"))
    day = aware.astimezone(ZoneInfo(tz)).date()
    same = Rule.parse(f'seen == date("{day}") and opened == date("{day}")', FACTS)
    next_day = Rule.parse(f'seen < date("{day + timedelta(days=1)}")', FACTS)
    facts = {"seen": aware, "opened": aware}
    assert same.verdict(facts, tz=tz) is YES
    assert next_day.verdict(facts, tz=tz) is YES
