"""Where a rejected text is told exactly so much and no more: limits, ends and brackets."""

from __future__ import annotations

import pytest

from salesflow._closest import Suggestions
from salesflow.errors import RuleError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.rules import Rule
from salesflow.rules._rule import one_of_many

FACTS = STANDARD_FACTS.extended(
    [
        Fact("stage", FactKind.CHOICE, ("qualify", "close")),
        Fact("met_at", FactKind.INSTANT),
        Fact("size", FactKind.NUMBER),
    ]
)


def told(text: str, facts: Facts = FACTS) -> list[tuple[int, str, str]]:
    """The column, the message and the hint of every problem of a text."""
    with pytest.raises(RuleError) as caught:
        Rule.parse(text, facts)
    return [
        (int(it.path.removeprefix("column ")), it.message, it.hint) for it in caught.value.problems
    ]


ONE_PROBLEM: list[tuple[str, int, str, str]] = [
    # text, column, what its message holds, what its hint holds
    ("ended,", 1, "a comma stands in a list after in", '"and" or "or"'),
    ("(ended) )", 9, '")" has no "(" before it', "leave it out"),
    ("((ended) and", 13, "the rule ends too early", "missing here"),
    ("((ended)", 1, '"(" is not closed', 'add ")"'),
    ("((ended) and (on_hold", 14, '"(" is not closed', 'add ")"'),
    ("(ended) and (on_hold) and (", 27, '"(" is not closed', 'add ")"'),
    ("known(amount", 6, '"(" is not closed', 'add ")"'),
    ("known(", 6, '"(" is not closed', 'add ")"'),
    ("amount in (1,", 11, '"(" is not closed', 'add ")"'),
    ("amount in (1, 2", 11, '"(" is not closed', 'add ")"'),
    ("(ended and", 11, "the rule ends too early", "missing here"),
    ("(amount >", 10, "the rule ends too early", "missing here"),
    ("ended or", 9, "the rule ends too early", "missing here"),
    ("(ended and )", 12, 'a fact or a value is missing before ")"', ""),
    ("at_least(,)", 10, 'a fact or a value is missing before ","', ""),
    ("amount in (1,,2)", 14, 'a fact or a value is missing before ","', ""),
    ("amount > -owner", 11, "a minus sign stands before a number only", "does not calculate"),
    ("amount > -", 11, "the rule ends too early", "missing here"),
    ("known(amount)(", 14, '"(" cannot stand here', "and, or, == is missing before it"),
    ("True False", 6, 'an operator is missing before "False"', "and, or"),
    ('owner "a"', 7, 'an operator is missing before "a"', "and, or"),
    ("ended not on_hold", 7, 'an operator is missing before "not"', "and, or"),
    ("ended == True == True", 1, "True and False are compared with one flag", "write the flag"),
    ("(amount > 5) == True", 2, "True and False are compared with one flag", "write the flag"),
    ("True == True", 1, "True and False are compared with one flag", "write the flag"),
    ("amount in (True, 5)", 12, "True is not a fixed value", "a list holds"),
    ("amount in (today, 5)", 12, "is not a fixed value", "a list holds"),
    ("ended in (True,)", 11, "True is not a fixed value", "a list holds"),
    ('today in (date("2026-01-31"),)', 1, "today is not a fact", "before in stands a fact"),
    ("amount in known(owner)", 11, "after in stands a list of values", "as in account.tier in"),
    ("amount in owner", 11, "after in stands a list of values", "as in account.tier in"),
    ("amount in 5", 11, "after in stands a list of values", "write (5,) with a comma"),
    ("known(amout)", 7, 'there is no fact "amout"', "did you mean amount?"),
    ("not known(amout)", 11, 'there is no fact "amout"', "did you mean amount?"),
    ("known(amout) and ended", 7, 'there is no fact "amout"', "did you mean amount?"),
    ("amout == amount", 1, 'there is no fact "amout"', "did you mean amount?"),
    ("amount == amout", 11, 'there is no fact "amout"', "did you mean amount?"),
    ("amout in (5, 6)", 1, 'there is no fact "amout"', "did you mean amount?"),
    ("amout in ('x', 6)", 1, 'there is no fact "amout"', "did you mean amount?"),
    ("days_since(amout) in (5, 6)", 12, 'there is no fact "amout"', "did you mean amount?"),
    ("size in days_since(amout)", 20, 'there is no fact "amout"', "did you mean amount?"),
    ("at_least(1, amout == 5)", 13, 'there is no fact "amout"', "did you mean amount?"),
    ("at_least(1.5, ended)", 10, "at_least begins with a whole number", "at_least(2,"),
    ("at_least(ended, ended)", 10, "at_least begins with a whole number", "at_least(2,"),
    ("at_least(2)", 10, "at_least asks for 2 of 0", "as in at_least(2,"),
    ("at_least(2, ended)", 10, "at_least asks for 2 of 1", "write 1 to 1"),
    ('reached("needs.analysis")', 9, '"needs.analysis"', ""),
    ("days_since(met_at) > 1.5", 1, "is a whole number of days", "> 30"),
    ("size > owner", 1, "size is a number and owner is a text", "facts of one kind"),
    ("size > closed_on", 1, "size is a number and closed_on is a day", "facts of one kind"),
    ("owner == stage", 1, "owner is a text and stage is a choice", "facts of one kind"),
    ("ended == met_at", 1, "ended is a flag and met_at is a moment in time", "facts of one kind"),
    ("owner < source", 1, "has no order", "write == or !="),
    ("date('2026-01-31') > size", 1, "size is a number; it cannot be compared", "write a number"),
    ("today > owner", 1, "owner is a text; it cannot be compared", "a text in quotes"),
    ("stage == today", 1, "stage is a choice; it cannot be compared", "one of its values"),
    ("amount == today", 1, "amount is an amount of money; it cannot be", "write a number"),
    ('"x" == "y"', 1, '"x" == "y" says nothing about a deal', "compare a fact"),
    ("today == 5", 1, "says nothing about a deal", "compare a fact"),
    ("ended in (5,)", 11, "", "write ended or not ended"),
    ("ended and ended == 5", 11, "ended is a flag", "write ended or not ended"),
    ("amount > 00", 10, '"00" is not a number', "250_000"),
    ("amount > 1.", 10, '"1." is not a number', "250_000"),
    ("amount > 1__0", 10, '"1__0" is not a number', "250_000"),
    ("amount > 1e400", 10, "is beyond what can be compared", ""),
    ("amount > 1e-400", 10, "is beyond what can be compared", ""),
    ("amount > 0.1234567890123456", 10, "has too many digits", "at most 15 digits"),
    ("amount > 12345678.90123456", 10, "has too many digits", "at most 15 digits"),
    ('owner == "a\\n"', 12, "the backslash at '\\\\n' has no meaning", "for a backslash"),
    ("owner == 'a\\nb'", 12, "the backslash at '\\\\n' has no meaning", "for a backslash"),
    ("owner == r'a'", 10, "stands directly before a text", "leave it out"),
    ("owner == 'a", 10, "a text is not closed", "end it with '"),
    ('owner == "what?', 10, "a text is not closed", 'end it with "'),
    ("ended # really?", 7, "a comment cannot stand in a rule", "put them beside it"),
    ("amount > 1.2.3q", 10, '"1.2.3q" is not a number', "write it as 250000, 250_000 or 0.25"),
    ("amount > .5.5", 10, '".5.5" is not a number', "write it as 250000, 250_000 or 0.25"),
    (f"amount > 0{'9' * 39}", 10, f'"0{"9" * 39}" is not a number', "write it as 250000"),
    (f"amount > {'9' * 40}", 10, f"the number {'9' * 40} has too many digits", "at most 15 digits"),
    (f"amount > {'9' * 41}", 10, f"the number {'9' * 40}… is too long", "at most 15 digits"),
    ("account.class == 5", 1, 'the word "class" is not part', "the operators are and, or, not, in"),
    ("known(None)", 7, 'the word "None" is not part', "write known(…) or not known(…)"),
    ("known(lambda)", 7, 'the word "lambda" is not part', "a rule has no functions of its own"),
    ("account.if", 1, 'the word "if" is not part', 'write "and", "or" and "not"'),
    ("(amount := 5)", 9, '":=" is not part of the rule language', "a rule cannot set anything"),
    ("ended; on_hold", 6, '";" is not part of the rule language', 'stands "and" or "or"'),
    ("account . tier", 9, '"." is not part of the rule language', "stands inside a name only"),
    ("ended \u200bor on_hold", 7, "the invisible character U+200B cannot", "leave it out"),
    ("ended … on_hold", 7, '"…" is not part of the rule language', ""),
    ("days_since(closed_on) == owner", 1, "is a whole number of days", "compare it with a whole"),
    ('days_since(closed_on) > "5"', 1, "is a whole number of days", "compare it with a whole"),
    ("amount > --5", 10, "minus signs cannot follow each other", "write one"),
    ("ended ? on_hold", 7, '"?" is not part', ""),
]


WRITTEN_AS: list[tuple[str, str]] = [
    ('size > "5"', "write 5 without quotes"),
    ('size > "-5"', "write -5 without quotes"),
    ('size > "-50%"', "write -0.5 without quotes"),
    ('size > "5 of 7"', "write a number, as in 100_000"),
    ('size > "3 months"', "write a number, as in 100_000"),
    ('size > "2026-01-05"', "write a number, as in 100_000"),
    ('closed_on > "2026-01-05"', 'write date("2026-01-05")'),
    ('closed_on > "5"', 'write date("2026-01-31") or today'),
    ('closed_on > "soon"', 'write date("2026-01-31") or today'),
    ("closed_on > 5", 'write date("2026-01-31") or today; for an age, days_since(closed_on) > 5'),
    ("owner == 5", 'write "5" in quotes'),
    ("owner == today", 'write a text in quotes, as in "li.wei"'),
    ("stage == 5", 'write "5" in quotes'),
]


@pytest.mark.parametrize(("text", "hint"), WRITTEN_AS)
def test_a_value_of_another_kind_is_told_as_it_is_written_where_that_can_be_seen(
    text: str, hint: str
) -> None:
    assert [instead for _, _, instead in told(text)] == [hint]


@pytest.mark.parametrize(("text", "column", "message", "hint"), ONE_PROBLEM)
def test_one_mistake_is_told_once(text: str, column: int, message: str, hint: str) -> None:
    ((at, found, instead),) = told(text)
    assert at == column
    assert message in found
    assert hint in instead


ACCEPTED = [
    ("at_least(1, ended,)", "at_least(1, ended)"),
    ("amount in (5,)", "amount in (5,)"),
    ("True == ended", "ended"),
    ("True != known(amount)", "not known(amount)"),
    ("at_least(1, ended) == False", "not at_least(1, ended)"),
    ("days_since(met_at) > 5", "days_since(met_at) > 5"),
    ("met_at < today", "met_at < today"),
    ('"close" == stage', 'stage == "close"'),
    ("5 < size", "size > 5"),
    ("amount > 0.123456789012345", "amount > 0.123456789012345"),
    ("amount > 123456789012345000", "amount > 1.23456789012345e+17"),
    ("amount > 1_000_000", "amount > 1_000_000"),
    ("amount > 0.000", "amount > 0"),
    ("amount > 0e400", "amount > 0"),
    ('owner == "a\\\\b"', 'owner == "a\\\\b"'),
    ("owner == 'a\\\"b'", 'owner == "a\\"b"'),
    ('owner == "a\'b"', 'owner == "a\'b"'),
]


@pytest.mark.parametrize(("text", "canonical"), ACCEPTED)
def test_what_stands_at_an_edge_can_be_written(text: str, canonical: str) -> None:
    assert str(Rule.parse(text, FACTS)) == canonical


QUOTED = "; a text stands in quotes"
WORDS: list[tuple[str, str, str]] = [
    ("stage == clos", f'there is no fact "clos"{QUOTED}', 'write "close"'),
    ("stage == zzz", f'there is no fact "zzz"{QUOTED}', 'write "qualify"'),
    ("owner == zzz", f'there is no fact "zzz"{QUOTED}', 'write "zzz"'),
    ("owner in (zzz,)", f'there is no fact "zzz"{QUOTED}', 'write "zzz"'),
    (f"owner == {'x' * 90}", f'there is no fact "{"x" * 60}"{QUOTED}', f'write "{"x" * 60}"'),
    (
        f"reached({'x' * 90})",
        "reached takes a text, in quotes",
        f'write reached("{"x" * 60}")',
    ),
    ("owner == known", "known is a function", "as in known(amount)"),
    ("size in (foo, 1)", 'there is no fact "foo"', ""),
    ("size in (knwon(amount), 1)", 'there is no function "knwon"', "did you mean known(…)?"),
]


@pytest.mark.parametrize(("text", "message", "hint"), WORDS)
def test_a_word_without_its_quotes_is_told_with_them_where_a_text_belongs(
    text: str, message: str, hint: str
) -> None:
    assert [(found, instead) for _, found, instead in told(text)] == [(message, hint)]


def test_where_stages_have_no_list_they_still_have_keys() -> None:
    for key in ("needs.analysis", "-" * 60, "not a key", "today"):
        ((_, message, _),) = told(f'reached("{key}")', STANDARD_FACTS)
        assert message == f'"{key}" is not the key of a stage'
    ((_, message, _),) = told(f'reached("{"-" * 61}")', STANDARD_FACTS)
    assert message == f'"{"-" * 60}" is not the key of a stage'


def named(count: int) -> Facts:
    return Facts(
        [*(Fact(f"a.x{n}", FactKind.FLAG) for n in range(count)), Fact("b", FactKind.FLAG)]
    )


SIX = "there are a.x0, a.x1, a.x2, a.x3, a.x4, a.x5"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a", SIX),
        ("a.qqqq", SIX),
        ("a.x9", SIX),
        ("deal.b", "did you mean b?"),
        ("qq.a.x1", "did you mean a.x1?"),
        ("A.X1", "did you mean a.x1?"),
        ("zz.qqqq", ""),
        ("ZZZZ", ""),
    ],
)
def test_a_wrong_name_is_told_the_nearest_or_those_beside_it(text: str, hint: str) -> None:
    ((_, message, found),) = told(f"known({text})", named(6))
    assert (message, found) == (f'there is no fact "{text}"', hint)
    ((_, _, found),) = told(f"known({text})", named(7))
    assert found == (f"{hint}, …" if hint == SIX else hint)


@pytest.mark.parametrize(
    ("text", "letter", "quoted", "message"),
    [
        ("{}", "x", 60, "there is no fact"),
        ("{}(ended)", "x", 60, "there is no function"),
        ('date("{}")', "x", 40, "is not a day"),
        ('reached("{}")', "y", 60, ""),
        ('"{}"', "x", 40, "is a value"),
        ("{} in (1,)", "x", 60, "there is no fact"),
        ("size in ({}, 1)", "x", 60, ""),
        ('stage == "{}"', "x", 60, "stage is never"),
        ('size == "{}"', "x", 59, "cannot be compared"),
        ("size == {}", "9", 40, "is too long"),
        ("size == 9{}", "x", 39, "letters follow the number"),
        ("ended {}", "x", 40, "an operator is missing before"),
        ('ended "{}"', "x", 39, "an operator is missing before"),
        ("size > .{}", "5", 19, "is not a number"),
    ],
)
def test_what_is_quoted_in_a_message_is_cut(
    text: str, letter: str, quoted: int, message: str
) -> None:
    ((_, found, _),) = told(text.format(letter * 90))
    assert found.count(letter * quoted) == 1
    assert letter * (quoted + 1) not in found
    assert message in found


def test_the_long_name_of_a_fact_is_cut_where_a_list_holds_it() -> None:
    facts = Facts([Fact("x" * 90, FactKind.TEXT), Fact("size", FactKind.NUMBER)])
    ((_, message, _),) = told(f"size in ({'x' * 90}, 1)", facts)
    assert message == f"{'x' * 60} is not a fixed value"


def test_a_name_has_at_most_two_hundred_characters() -> None:
    facts = Facts([Fact("x" * 200, FactKind.FLAG)])
    assert str(Rule.parse("x" * 200, facts)) == "x" * 200
    assert told("x" * 201) == [(1, "a name has 201 characters; the most is 200", "")]


def test_the_rule_is_shown_in_one_line_of_eighty_characters() -> None:
    def shown(text: str) -> str:
        with pytest.raises(RuleError) as caught:
            Rule.parse(text)
        return str(caught.value).splitlines()[0].removeprefix("This rule cannot be used: ")

    assert shown("x" * 80) == "x" * 80
    assert shown("x" * 81) == "x" * 79 + "…"
    assert shown("ended or\n\tamout > 5") == "ended or  amout > 5"


def test_a_rule_has_at_most_four_thousand_characters_written_either_way() -> None:
    longest = f'owner == "{"x" * 3_989}"'
    assert len(longest) == 4_000
    assert str(Rule.parse(longest)) == longest
    ((column, message, _),) = told(f"{longest} ")
    assert (column, message) == (1, "the rule has 4,001 characters; the most is 4,000")
    tight = f'owner=="{"x" * 3_989}"'
    assert str(Rule.parse(tight)) == longest
    ((column, message, _),) = told(f'owner=="{"x" * 3_990}"')
    assert column == 1
    assert message.startswith("written with its spaces")


def test_brackets_and_nots_stand_at_most_fifty_deep_and_any_number_side_by_side() -> None:
    assert str(Rule.parse("(" * 50 + "ended" + ")" * 50)) == "ended"
    assert str(Rule.parse("(not (ended)) and " * 60 + "ended")).count("not ended") == 60
    for text in (
        "(" * 51 + "ended",
        "(ended) and not ended and " + "(" * 51,
        "not " * 51 + "ended",
    ):
        assert [message for _, message, _ in told(text)] == ["the rule is nested more than 50 deep"]


def test_a_rule_whose_parts_stand_too_deep_is_told_so_where_it_begins() -> None:
    def nested(levels: int) -> str:
        joined = "".join(f"ended {('or', 'and')[n % 2]} (" for n in range(levels - 2))
        return f"{joined}ended and on_hold{')' * (levels - 2)}"

    assert Rule.parse(nested(50)).facts == {"ended", "on_hold"}
    assert told(nested(51)) == [
        (1, "the rule is nested more than 50 deep", "split it into several rules")
    ]


def test_twenty_problems_are_told_at_most() -> None:
    for one in ("amout", "amount == '\\d'", "amount > 1e999"):
        assert len(told(" or ".join([one] * 19))) == 19
        assert len(told(" or ".join([one] * 25))) == 20


def test_after_twenty_problems_no_more_are_looked_for() -> None:
    wrong = told(f"at_least(99, {', '.join(['amout'] * 20)})")
    assert [column for column, _, _ in wrong] == [14 + 7 * n for n in range(20)]


def test_the_nearest_names_of_five_wrong_ones_are_looked_for() -> None:
    wrong = ["amout", "onwer", "closd_on", "on_hol", "endd", "sourc"]
    text = " and ".join(f"known({name})" for name in [*wrong, *wrong])
    found = [hint for _, _, hint in told(text)]
    assert (
        found
        == [
            "did you mean amount?",
            "did you mean owner?",
            "did you mean closed_on?",
            "did you mean on_hold?",
            "did you mean ended?",
            "",
        ]
        * 2
    )


def test_the_rules_of_a_document_share_its_suggestions() -> None:
    shared = Suggestions(1)
    hints = []
    for text in ("known(amout)", "known(onwer)"):
        with pytest.raises(RuleError) as caught:
            one_of_many(text, FACTS, shared)
        hints.append(caught.value.problems[0].hint)
    assert hints == ["did you mean amount?", ""]


def test_a_name_in_capitals_is_looked_for_in_small_letters_only_where_it_helps() -> None:
    facts = Facts([Fact("amount", FactKind.NUMBER), Fact("OWNER_ID", FactKind.TEXT)])
    assert told("known(AMOUT)", facts)[0][2] == "did you mean amount?"
    assert told("known(OWNR_ID)", facts)[0][2] == "did you mean OWNER_ID?"
    assert told("known(ZZZZZZ)", facts)[0][2] == ""


def test_of_many_choices_twelve_are_named() -> None:
    def hint(choices: int) -> str:
        facts = Facts([Fact("c", FactKind.CHOICE, tuple(f"c{n}" for n in range(choices)))])
        return told('c == "zzzz"', facts)[0][2]

    twelve = ", ".join(f'"c{n}"' for n in range(12))
    assert hint(12) == f"it is one of {twelve}"
    assert hint(13) == f"it is one of {twelve}, …"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((word, "True") for word in ("true", "TRUE")),
        *((word, "False") for word in ("false", "FALSE")),
        *((word, "not known(…)") for word in ("null", "NULL", "none", "nil")),
    ],
)
def test_words_of_other_languages_are_told_with_what_to_write(written: str, meant: str) -> None:
    ((column, _, hint),) = told(f"ended and {written}")
    assert (column, hint) == (11, f"write {meant}")
