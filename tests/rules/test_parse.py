"""What a rejected text is told: the column, what is wrong, and what to write instead."""

from __future__ import annotations

import sys

import pytest

from salesflow.errors import RuleError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule

FACTS = STANDARD_FACTS.extended(
    [
        Fact("stage", FactKind.CHOICE, ("qualify", "close")),
        Fact("sub_stage", FactKind.CHOICE, ("close_terms",)),
        Fact("met_on", FactKind.INSTANT),
        Fact("heard_on", FactKind.INSTANT),
    ]
)

REFUSED = [
    ("amout > 5", 1, 'there is no fact "amout"', "did you mean amount?"),
    ("AMOUNT > 5", 1, '"AMOUNT" is what the fact is called in sentences', "its name is amount"),
    ("AMOUT > 5", 1, 'there is no fact "AMOUT"', "did you mean amount?"),
    ("ended and tody > closed_on", 11, 'there is no fact "tody"', "did you mean today?"),
    ("ended or\n  amout > 5", 12, 'there is no fact "amout"', "did you mean amount?"),
    ('owner == "北京" or amout > 5', 18, 'there is no fact "amout"', "did you mean amount?"),
    ("true", 1, 'there is no fact "true"', "write True"),
    ("known", 1, "known is a function", "as in known(amount)"),
    ("amount", 1, "amount is an amount of money; it does", "or write known(amount)"),
    ("today", 1, "today is a day; it does not say yes or no", "compare a fact with it"),
    ("5", 1, "5 is a value; it does not say yes or no", "compare a fact with it"),
    ('"x"', 1, '"x" is a value', "compare a fact with it"),
    ("ended, on_hold", 1, "a comma stands in a list after in", '"and" or "or"'),
    ("days_since(closed_on)", 1, "days_since(…) is a value", "> 30"),
    ('date("2026-01-31")', 1, "date(…) is a value", "created_on >= date"),
    ('amount > "5"', 1, "cannot be compared with", "write 5 without quotes"),
    ('amount > "much"', 1, "cannot be compared with", "write a number"),
    ("owner == 5", 1, "owner is a text", 'write "5" in quotes'),
    ('owner > "a"', 1, "owner is a text, which has no order", "write == or != or in"),
    ('stage >= "close"', 1, "stage is a choice, which has no order", "write == or !="),
    ('account.tier == "nmed"', 1, 'account.tier is never "nmed"', 'did you mean "named"?'),
    ('account.tier in ("named", "x")', 27, "account.tier is never", "it is one of"),
    ('reached("clsoe")', 9, "there is no stage", 'did you mean "close"?'),
    ("reached(close)", 9, "reached takes a text, in quotes", 'write reached("close")'),
    ("reached(5)", 1, "reached takes a text", 'as in reached("close")'),
    ("known(amount, owner)", 1, "known takes one fact", "as in known(amount)"),
    ("known(today)", 1, "known takes one fact", "as in known(amount)"),
    ("knwon(amount)", 1, 'there is no function "knwon"', "did you mean known(…)?"),
    ("amount(5)", 1, "amount is a fact, not a function", "leave the brackets out"),
    ("at_least(3, ended, on_hold)", 10, "at_least asks for 3 of 2", "write 1 to 2"),
    ("at_least(0, ended)", 10, "at_least asks for 0 of 1", "write 1 to 1"),
    ("at_least(ended, on_hold)", 10, "at_least begins with a whole number", "at_least(2,"),
    ("at_least()", 1, "at_least takes a number and several rules", "at_least(2,"),
    ("closed_on > 5", 1, "closed_on is a day", 'date("2026-01-31") or today'),
    ('closed_on > "2026-01-05"', 1, "closed_on is a day", 'write date("2026-01-05")'),
    ('closed_on > "soon"', 1, "closed_on is a day", 'date("2026-01-31") or today'),
    ('closed_on > date("2026-02-30")', 18, '"2026-02-30" is not a day', "write it as"),
    ('closed_on > date("20260131")', 18, '"20260131" is not a day', "write it as"),
    ("days_since(amount) > 5", 12, "amount is an amount of money, not a day", "days_since("),
    ("days_since(closed_on) > 1.5", 1, "is a whole number of days", "> 30"),
    ("days_since(closed_on) in (1,)", 1, "this is not a fact", "before in stands a fact"),
    ("amount > close_date_pushes", 1, "amount is an amount of money and", "facts of one kind"),
    ("met_on > created_on", 1, "met_on is a moment in time and", "facts of one kind"),
    ('met_on in (date("2026-01-31"),)', 12, "which a list cannot hold", "compare it"),
    ("ended > True", 1, "True and False are compared with one flag", "write the flag"),
    ("amount == True", 1, "amount is an amount of money; it does not say", "compare it"),
    ("ended == on_hold", 1, "ended is a flag", "write ended or not ended"),
    ('ended == "yes"', 1, "ended is a flag", "write ended or not ended"),
    ("known(amount) > 5", 1, "known(…) says yes or no", "write it alone"),
    ("(amount > 5) > 3", 2, "a comparison stands between values", "join rules"),
    ("5 > 3", 1, "5 > 3 says nothing about a deal", "compare a fact"),
    ("today == today", 1, "says nothing about a deal", "compare a fact"),
    ('account.tier in ("named")', 18, "a list of values", 'write ("named",) with a comma'),
    ('account.tier in ["named"]', 17, '"[" is not part', "write ("),
    ("amount in ()", 11, "the list after in is empty", "leave the comparison out"),
    ("amount in (owner, 5)", 12, "owner is not a fixed value", "a list holds"),
    ('"a" in owner', 1, '"a" is not a fact', "before in stands a fact"),
    ("amount in (1,) in (2,)", 1, "in cannot be chained", "join the two by and"),
    ("amount > (1, 2)", 10, "a list stands after in only", "write in (…)"),
    ('owner == ""', 10, "a blank text is a missing value", "write known(…)"),
    ("amount > 1234567890123456", 10, "has too many digits", "at most 15 digits"),
    ("amount > 1.000.000", 10, '"1.000.000" is not a number', "write 1_000_000"),
    ("amount > 1.00.000", 10, '"1.00.000" is not a number', "250_000"),
    ("amount > 100K", 10, '"100K" is not a number', "write 100_000"),
    ("amount > 100q", 10, 'letters follow the number in "100q"', "put a space"),
    ("amount > .5", 10, '".5" is not a number', "write 0.5"),
    ("amount = 5", 8, '"=" is not part of the rule language', "write =="),
    ("amount => 5", 8, '"=>" is not part', "write >="),
    ("ended && on_hold", 7, '"&&" is not part', 'write "and"'),
    ("!ended", 1, '"!" is not part', 'write "not"'),
    ("ended AND on_hold", 7, 'there is no operator "AND"', 'write "and"'),
    ("amount is None", 1, "a missing value is not compared", "write not known(amount)"),
    ("amount + 5 > 3", 8, 'a rule does not calculate; "+"', "declare a fact"),
    ("amount - 5 > 3", 8, 'a rule does not calculate; "-"', "tells an age"),
    ("（ended)", 1, '"（" is not part of the rule language', "write ("),
    ('account.tier in ("named"，"regular")', 25, "is not part of the rule language", "write ,"),
    ("owner == “li.wei”", 10, "the quotation marks of “li.wei”", 'write "li.wei"'),
    ("ended # really", 7, "a comment cannot stand in a rule", "put them beside it"),
    ('owner == "a" "b"', 14, "two texts stand side by side", "write one text"),
    ('owner == f"a"', 10, "stands directly before a text", "leave it out"),
    ('owner == "a', 10, "a text is not closed", 'end it with "'),
    ("ended on_hold", 7, 'an operator is missing before "on_hold"', "and, or"),
    ("ended and", 10, "the rule ends too early", "missing here"),
    ("and ended", 1, 'a fact or a value is missing before "and"', ""),
    ("(ended", 1, '"(" is not closed', 'add ")"'),
    ("ended)", 6, '")" has no "(" before it', "leave it out"),
    ("amount > not ended", 10, '"not" cannot stand here', "whole comparison"),
    ("", 1, "the rule is empty", "missing here"),
]


@pytest.mark.parametrize(("text", "column", "message", "hint"), REFUSED)
def test_a_rejected_text_is_told_where_what_and_what_instead(
    text: str, column: int, message: str, hint: str
) -> None:
    with pytest.raises(RuleError) as caught:
        Rule.parse(text, FACTS)
    (problem, *_) = caught.value.problems
    assert problem.path == f"column {column}"
    assert message in problem.message
    assert hint in problem.hint


def test_all_problems_are_told_at_once_in_the_order_of_their_columns() -> None:
    with pytest.raises(RuleError) as caught:
        Rule.parse('owner > 3 and amout > 5 and at_least(9, endd, known(stge)) or ended == "x"')
    paths = [problem.path for problem in caught.value.problems]
    assert paths == [f"column {n}" for n in (1, 15, 38, 41, 53, 63)]


def test_the_error_says_everything_in_one_text() -> None:
    with pytest.raises(RuleError) as caught:
        Rule.parse("amout > 5")
    assert str(caught.value) == (
        "This rule cannot be used: amout > 5\n"
        '  - column 1: there is no fact "amout"; did you mean amount?'
    )


def test_a_stage_is_checked_against_stages_and_sub_stages() -> None:
    assert Rule.parse('reached("close_terms")', FACTS).facts == {"reached.close_terms"}
    assert Rule.parse('reached("anything")').facts == {"reached.anything"}  # no list: any key
    assert Rule.parse('stage == "anything"').facts == {"stage"}
    with pytest.raises(RuleError, match="is not the key of a stage"):
        Rule.parse('reached("not a key")')


def test_a_canonical_text_that_would_be_too_long_to_parse_again_is_refused() -> None:
    text = " or ".join(["amount>10000"] * 249)
    assert len(text) < 4_000
    with pytest.raises(RuleError, match="written with its spaces"):
        Rule.parse(text)


def test_a_rule_parses_deep_in_the_callers_stack() -> None:
    text = "(" * 45 + "ended" + ")" * 45

    def down(levels: int) -> Rule:
        return down(levels - 1) if levels else Rule.parse(text)

    assert str(down(sys.getrecursionlimit() // 2)) == "ended"
