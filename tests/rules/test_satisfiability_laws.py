"""Whether a rule can hold at all is what trying out every value finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import product
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule, Verdict, can_be_yes, implies, possible

FACTS: Final = Facts(
    [
        *(Fact(name, FactKind.NUMBER) for name in "abc"),
        Fact("bounded", FactKind.NUMBER, low=1, high=2, enforced=True),
        Fact("positive", FactKind.NUMBER, low=1, enforced=True),
        *(Fact(name, FactKind.FLAG) for name in "fgh"),
        Fact("tier", FactKind.CHOICE, ("x", "y")),
        *(Fact(name, FactKind.CHOICE) for name in ("free", "other")),
        *(Fact(name, FactKind.TEXT) for name in ("owner", "seller")),
        Fact("form", FactKind.TEXT, pattern="#", enforced=True),
        *(Fact(name, FactKind.DAY) for name in ("opened", "closed", "won")),
        *(Fact(name, FactKind.INSTANT) for name in ("seen", "heard")),
    ]
)
FIFTH, SEVENTH = 'date("2026-01-05")', 'date("2026-01-07")'

# For each subject what rules may say of it, and values between and around those that they name:
# three between two of them, so that three facts may have any order there.
SUBJECTS: Final[dict[str, tuple[Sequence[str], Sequence[object]]]] = {
    "numbers": (
        [
            *(
                f"{name} {op} {limit}"
                for name in "ab"
                for op in ("<", "<=", "==")
                for limit in "12"
            ),
            *(f"{low} {op} {high}" for low, high in ("ab", "bc", "ca") for op in ("<", "<=", "!=")),
            *("bounded > 2", "bounded >= 2", "bounded < 1", "bounded <= 1", "bounded == a"),
            *("bounded < 3", "bounded < 2", "bounded > 1", "positive < 2", "positive < b"),
            *("a < bounded", "a in (1, 2)", "known(a)", "known(bounded)"),
        ],
        [0.0, 0.25, 0.5, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 2.75, 3.0],
    ),
    "flags": ([*"fgh", "known(f)", "known(g)", "True", "False"], [True, False]),
    "words": (
        [
            *(f'{name} == "{word}"' for name in ("tier", "free", "owner") for word in "xy"),
            *('free in ("x", "y")', "free == other", "owner == seller", 'seller in ("x", "z")'),
            *("tier == free", "known(tier)", "known(owner)", 'form == "1"', 'form != "1"'),
        ],
        ["x", "y", "z", "1", "2", "3"],
    ),
    "days": (
        [
            *(f"opened {op} {day}" for op in ("<", "<=", "==") for day in (FIFTH, SEVENTH)),
            *("opened < closed", "closed < won", "won <= opened", "won == closed"),
            *(f"closed > {FIFTH}", f"closed in ({SEVENTH},)", "known(opened)"),
        ],
        [date(2026, 1, day) for day in range(2, 11)],
    ),
    "moments": (
        [
            *(f"seen {op} {day}" for op in ("<", "<=", "==") for day in (FIFTH, SEVENTH)),
            *("seen < heard", "heard <= seen", f"heard < {SEVENTH}", f"heard > {FIFTH}"),
            "known(seen)",
        ],
        [
            datetime(2026, 1, day, hour, tzinfo=UTC)
            for day in (3, 4, 5, 6, 7, 8, 9)
            for hour in (1, 2)
        ],
    ),
}


def _joined(rules: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(rules.map("({})".format), min_size=2, max_size=4)
    return st.one_of(
        several.map(" and ".join),
        several.map(" or ".join),
        rules.map("not ({})".format),
        several.map(lambda items: f"at_least(2, {', '.join(items)})"),
    )


def cases(rule: Rule, values: Sequence[object]) -> list[Mapping[str, object]]:
    names = sorted(rule.facts)
    return [
        dict(zip(names, case, strict=True)) for case in product([*values, None], repeat=len(names))
    ]


@pytest.mark.law
@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
def test_what_can_hold_is_what_holds_for_some_values(subject: str, data: st.DataObject) -> None:
    said, values = SUBJECTS[subject]
    text = data.draw(st.recursive(st.sampled_from(said), _joined, max_leaves=6))
    rule = Rule.parse(text, FACTS)
    assume(len(rule.facts) <= 3)

    found = {rule.verdict(case) for case in cases(rule, values)}

    assert can_be_yes(rule.node, FACTS) is (Verdict.YES in found)
    assert found <= possible(rule.core(None), lambda _: True)


@pytest.mark.law
@pytest.mark.parametrize("subject", SUBJECTS)
@given(data=st.data())
def test_one_rule_implies_another_where_no_values_make_it_alone_hold(
    subject: str, data: st.DataObject
) -> None:
    said, values = SUBJECTS[subject]
    texts = st.recursive(st.sampled_from(said), _joined, max_leaves=3)
    one, other = (Rule.parse(data.draw(texts), FACTS) for _ in range(2))
    both = Rule.parse(f"({one}) and ({other})", FACTS)
    assume(len(both.facts) <= 3)

    found = all(
        other.verdict(case) is Verdict.YES
        for case in cases(both, values)
        if one.verdict(case) is Verdict.YES
    )

    assert implies(one.node, other.node, FACTS) is found


@pytest.mark.law
@given(data=st.data())
def test_what_is_possible_of_parts_that_share_no_fact_is_what_is_found(data: st.DataObject) -> None:
    names = data.draw(st.permutations("fgh"))
    leaves = [data.draw(st.sampled_from([name, f"known({name})"])) for name in names]
    shape = data.draw(
        st.sampled_from(
            [
                "{} and {} and {}",
                "{} or {} or {}",
                "not {} and ({} or {})",
                "at_least(2, {}, {}, {})",
                "not at_least(2, {}, {}, {})",
                "at_least(3, {}, {}, {})",
                "at_least(2, {}, True, {}, False, {})",
            ]
        )
    )
    rule = Rule.parse(shape.format(*leaves), FACTS)
    there = data.draw(st.sets(st.sampled_from("fgh")))
    unknown = {f"known({name})" for name in "fgh" if name not in there}
    assume(unknown.isdisjoint(leaves))  # of what is absent, known(…) is unknown here

    found = {
        rule.verdict({name: value for name, value in case.items() if name in there})
        for case in cases(rule, [True, False])
    }

    assert possible(rule.core(None), there.__contains__) == found
