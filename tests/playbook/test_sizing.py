"""What follows from a size policy: the same as if it were written out, and never a burden."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow.errors import InvalidPlaybook
from salesflow.facts import Fact, FactKind, Facts
from salesflow.playbook import Playbook, lint
from salesflow.playbook._sizing import Sizing
from salesflow.rules import Rule
from salesflow.rules.ast import And, Constant, Flag, Node, Not, Or
from tests.rules.work import steps

KEYS = ("i", "j", "k")
FACTS = Facts([Fact(name, FactKind.FLAG) for name in ("a", "b", *(f"done.{key}" for key in KEYS))])
WHENS = st.sampled_from(
    [
        Flag("a"),
        Flag("b"),
        Not(Flag("a")),
        Or((Flag("a"), Flag("b"))),
        And((Flag("a"), Not(Flag("b")))),
        Constant(value=True),
        Constant(value=False),
    ]
)
ROWS = st.lists(
    st.tuples(WHENS, st.lists(st.sampled_from(KEYS), unique=True)), min_size=1, max_size=6
)
Rows = list[tuple[Node, list[str]]]


def written_out(rows: Rows, applies: Mapping[str, Node]) -> tuple[Mapping[str, Node], Node]:
    """Each row with all the rows before it, for every instrument."""
    ways: dict[str, list[Node]] = {key: [] for key in KEYS}
    for i, (when, asked) in enumerate(rows):
        for key in asked:
            ways[key].append(And((*(Not(before) for before, _ in rows[:i]), when)))
    required: dict[str, Node] = {
        key: And((Or((Constant(value=False), *found)), applies.get(key, Constant(value=True))))
        for key, found in ways.items()
    }
    done: list[Node] = [Or((Not(node), Flag(f"done.{key}"))) for key, node in required.items()]
    return required, And((Constant(value=True), *done))


@settings(max_examples=60)
@given(ROWS, st.dictionaries(st.sampled_from(KEYS), WHENS))
def test_what_follows_is_what_the_first_row_that_holds_says(
    rows: Rows, applies: dict[str, Node]
) -> None:
    sizing = Sizing(KEYS, rows, applies)
    required, complete = written_out(rows, applies)
    asked, _ = written_out(rows, {})
    pairs = [
        *((sizing.required[key], required[key]) for key in KEYS),
        (sizing.complete, complete),
        (sizing.asks, Or((Constant(value=False), *asked.values()))),
    ]
    rules = [(Rule.of(short, FACTS), Rule.of(long, FACTS)) for short, long in pairs]
    for values in product((True, False, None), repeat=len(FACTS)):
        facts = dict(zip(FACTS, values, strict=True))
        for short, long in rules:
            assert short.verdict(facts) is long.verdict(facts), (str(short), facts)


def policy(rows: int, statements: int) -> str:
    """A playbook whose size policy has so many rows of so many statements, each its instrument."""

    def when(row: int) -> str:
        return " or ".join(f"amount == {row * statements + i}" for i in range(statements))

    return "\n".join(
        [
            'id = "x"\nversion = "1"\ntitle = "X"',
            '[[stages]]\nkey = "one"\ntitle = "One"',
            'exit = [{ key = "c", title = "C", instruments = true }]',
            *(f'[[size_policy]]\nwhen = "{when(i)}"\ninstruments = ["i{i}"]' for i in range(rows)),
        ]
    )


def test_a_size_policy_from_which_too_much_follows_is_refused_with_the_reason() -> None:
    text = policy(20, 130)
    assert steps(lambda: lint(text)) < 4 * steps(lambda: lint(policy(10, 130)))
    found = [problem for problem in lint(text) if problem.severity == "error"]
    assert [(problem.path, problem.code) for problem in found] == [("size_policy", "too_big")]
    assert "5,000 are allowed" in str(found[0])
    with pytest.raises(InvalidPlaybook, match="shorten their rules"):
        Playbook.from_toml(text)


def test_the_largest_size_policy_is_explained_soon() -> None:
    def explain(rows: int) -> None:
        playbook = Playbook.from_toml(policy(rows, 16))
        rule = playbook.criteria["c"].check_rule
        for facts in ({}, {"amount": 7}, {"amount": 7, "done.i0": True}):
            found = rule.evaluate(facts)
            assert found.verdict is rule.verdict(facts)
            for required in playbook.required_instruments.values():
                required.evaluate(facts).blockers(playbook.fact_titles)

    # Each row has its instrument, whose rule names all rows before it: the work is quadratic.
    assert steps(lambda: explain(20)) < 6 * steps(lambda: explain(10))


def test_instruments_that_the_same_rows_ask_for_have_one_rule() -> None:
    text = policy(2, 2).replace('["i1"]', '["i1", "i2"]')
    required = Playbook.from_toml(text).required_instruments
    assert required["i1"] is required["i2"]
    assert str(required["i0"]) == "amount == 0 or amount == 1"
    assert (
        str(required["i1"]) == "not (amount == 0 or amount == 1) and (amount == 2 or amount == 3)"
    )


def test_what_is_certain_is_left_out() -> None:
    text = policy(3, 1).replace('"amount == 1"', '"True"')
    required = Playbook.from_toml(text).required_instruments
    assert {key: str(rule) for key, rule in required.items()} == {
        "i0": "amount == 0",
        "i1": "not amount == 0",
        "i2": "False",
    }


def test_a_row_that_is_nested_too_deep_is_an_error_and_not_a_surprise() -> None:
    text = policy(2, 1).replace(
        '"amount == 0"', '"' + "at_least(1, ended, " * 45 + "ended" + ")" * 45 + '"'
    )
    (found,) = (problem for problem in lint(text) if problem.severity == "error")
    assert (found.path, found.code) == ("size_policy[0].when", "depth")
    with pytest.raises(InvalidPlaybook, match="nested at most 30 deep"):
        Playbook.from_toml(text)
