"""Which ways to YES blockers leave: what is needed, what is one of several, and what is neither."""

from __future__ import annotations

import pytest

from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Blocker, Rule, Verdict
from salesflow.text import Text

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
FACTS = STANDARD_FACTS.extended([Fact(name, FactKind.FLAG) for name in "abcde"])


def outline(blocker: Blocker) -> str:
    """The tree of a blocker in a line: `2 of (a, b, [c, d])`."""
    if blocker.any_of:
        return f"{blocker.needed} of ({', '.join(map(outline, blocker.any_of))})"
    if blocker.because:
        return f"[{', '.join(map(outline, blocker.because))}]"
    return blocker.key or blocker.title.get("en")


CHOICES: list[tuple[str, str, list[str]]] = [
    # rule, the flags that are set (with a minus: to no), what is in the way
    ("a or b and c", "", ["1 of (a, [b, c])"]),
    ("a or at_least(1, b, c)", "", ["1 of (a, b, c)"]),
    ("a or at_least(2, b, c, d)", "", ["1 of (a, 2 of (b, c, d))"]),
    ("at_least(2, a, b or c, d)", "", ["2 of (a, 1 of (b, c), d)"]),
    ("at_least(2, a, a, b)", "", ["2 of (a, a, b)"]),
    ("at_least(2, a and b, c, d and e)", "", ["2 of ([a, b], c, [d, e])"]),
    ("at_least(2, a and b, c)", "", ["a", "b", "c"]),
    ("at_least(1, a and b, a and b)", "", ["a", "b"]),
    ("at_least(1, a, a and b)", "", ["a"]),
    ("not (a or b) and c", "a", ["a", "b", "c"]),
    ("not at_least(2, a, b, c)", "a b", ["2 of (a, b, c)"]),
    ("not at_least(2, a, b, c)", "a b -c", ["1 of (a, b)"]),
    # What can never hold is offered only where nothing else is left.
    ("False or a", "", ["a"]),
    ("False and a or b and c", "", ["b", "c"]),
    ("at_least(1, False, False) or a", "", ["a"]),
    ("at_least(2, False, False, a) or b", "", ["b"]),
    ("at_least(2, False, a, b, c) or d", "", ["1 of (2 of (a, b, c), d)"]),
    ("at_least(2, False, a, b) or d", "", ["1 of ([a, b], d)"]),
    ("at_least(2, False, False, a)", "", ["2 of (this can never hold, this can never hold, a)"]),
    # What is needed in any case settles the choices that it is among.
    ("(a or b) and a", "", ["a"]),
    ("(a and b or c) and a and b", "", ["a", "b"]),
    ("(a and b or c) and a", "", ["1 of ([a, b], c)", "a"]),
    ("at_least(2, a, b, c) and a", "", ["2 of (a, b, c)", "a"]),
    ("at_least(2, a, b, c) and a and c", "", ["a", "c"]),
    (
        "at_least(2, a, b or c, d or e) and (b or c) and (d or e)",
        "",
        ["1 of (b, c)", "1 of (d, e)"],
    ),
]


@pytest.mark.parametrize(("text", "known", "expected"), CHOICES)
def test_the_fewest_things_are_asked_for(text: str, known: str, expected: list[str]) -> None:
    facts = {word.lstrip("-"): not word.startswith("-") for word in known.split()}
    blockers = Rule.parse(text, FACTS).evaluate(facts).blockers()
    assert [outline(blocker) for blocker in blockers] == expected


@pytest.mark.parametrize(
    ("text", "known", "verdict", "title", "fix"),
    [
        (
            "a or b and c",
            {"b": False},
            UNKNOWN,
            "a is yes or (b is yes and c is yes)",
            "one of these: a is not known; or (b is no; it must be yes; and c is not known)",
        ),
        (
            "not at_least(2, a, b or c, d)",
            {"a": True, "b": True},
            NO,
            "at least 2 of (a is no; (b is no and c is no); d is no)",
            (
                "2 of these: a is yes; it must be no;"
                " or (b is yes; it must be no; and c is not known); or d is not known"
            ),
        ),
        (
            "a or at_least(2, b, c, d)",
            {},
            UNKNOWN,
            "a is yes or (at least 2 of (b is yes; c is yes; d is yes))",
            (
                "one of these: a is not known;"
                " or (2 of these: b is not known; or c is not known; or d is not known)"
            ),
        ),
    ],
)
def test_a_choice_says_what_was_found_and_what_would_do(
    text: str, known: dict[str, bool], verdict: Verdict, title: str, fix: str
) -> None:
    (blocker,) = Rule.parse(text, FACTS).evaluate(known).blockers()
    assert (blocker.verdict, blocker.title.en, blocker.fix.en) == (verdict, title, fix)


SAID_ONCE: list[tuple[str, dict[str, object], str]] = [
    (
        "amount > 5 and a or amount > 7 and b",
        {},
        "amount is not known; and one of these: a is not known; or b is not known",
    ),
    ("amount > 5 or amount < 3", {}, "amount is not known"),
    ("amount > 5 and a or amount < 3", {}, "amount is not known"),
    (
        "amount > 5 and a or amount < 3 and b or c",
        {},
        (
            "one of these: (amount is not known; and a is not known);"
            " or (amount is not known; and b is not known); or c is not known"
        ),
    ),
    (
        "amount > 5 and a or amount > 7 and b",
        {"a": False},
        "amount is not known; and one of these: a is no; it must be yes; or b is not known",
    ),
    (
        "amount > 5 and a or amount > 7 and b",
        {"amount": 1},
        (
            "one of these: (amount is 1; it must be more than 5; and a is not known);"
            " or (amount is 1; it must be more than 7; and b is not known)"
        ),
    ),
    (
        "at_least(1, a and amount > 5, b and amount > 5, a and b)",
        {"b": False},
        (
            "one of these: (a is not known; and amount is not known);"
            " or (b is no; it must be yes; and amount is not known);"
            " or (a is not known; and b is no; it must be yes)"
        ),
    ),
    (
        "a and amount > 5 or a and amount < 3",
        {"a": False},
        "a is no; it must be yes; and amount is not known",
    ),
    (
        "amount > win_probability or amount > 5",
        {},
        (
            "one of these: amount is not known and win_probability is not known;"
            " or amount is not known"
        ),
    ),
    (
        "at_least(2, amount > 5, amount < 3, amount == 4)",
        {},
        "2 of these: amount is not known; or amount is not known; or amount is not known",
    ),
]


@pytest.mark.parametrize(("text", "known", "fix"), SAID_ONCE)
def test_what_every_alternative_needs_is_said_once(
    text: str, known: dict[str, object], fix: str
) -> None:
    facts = FACTS.extended([Fact("win_probability", FactKind.MONEY)])
    (blocker,) = Rule.parse(text, facts).evaluate(known).blockers()
    assert blocker.fix.en == fix


def test_what_one_alternative_takes_is_no_where_a_part_of_it_is() -> None:
    (blocker,) = Rule.parse("a or b and c", FACTS).evaluate({"b": False}).blockers()
    assert [entry.verdict for entry in blocker.any_of] == [UNKNOWN, NO]


def test_of_many_alternatives_eight_are_named_and_the_others_counted() -> None:
    def said(alternatives: int) -> Text:
        rule = Rule.parse(" or ".join(f"amount > {n}" for n in range(alternatives)))
        (blocker,) = rule.evaluate({"amount": -1}).blockers()
        return blocker.title

    assert said(8).get("en").endswith("amount is more than 6 or amount is more than 7")
    assert said(11).get("en").endswith("amount is more than 7 or 3 more")
    assert said(11).get("zh").endswith("，或另有 3 项")
