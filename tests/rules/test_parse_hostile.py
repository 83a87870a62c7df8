"""Texts made to hurt: each is refused with our own error, and takes little work."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import RuleError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule
from tests.rules.work import steps

HOSTILE = {
    "minus signs": "amount > " + "-" * 4_000 + "1",
    "3,900 minus signs": "amount > " + "-" * 3_900 + "1",
    "spaced minus signs": "amount > " + "- " * 1_900 + "1",
    "plus signs": "amount > " + "+" * 3_900 + "1",
    "tildes": "~" * 3_900 + "ended",
    "brackets": "(" * 5_000 + "ended" + ")" * 5_000,
    "brackets within the length": "(" * 1_990 + "ended" + ")" * 1_990,
    "open brackets": "(" * 3_990,
    "closed brackets": ")" * 3_990,
    "square brackets": "[" * 3_990,
    "calls of calls": "known" + "()" * 1_900,
    "calls of calls of a fact": "ended" + "(ended)" * 500,
    "nested calls": "known(" * 600 + "ended" + ")" * 600,
    "deep not": "not " * 990 + "ended",
    "not and brackets": "not (" * 60 + "ended" + ")" * 60,
    "digits": "amount > " + "1" * 20_000,
    "3,900 digits": "amount > " + "1" * 3_900,
    "digits after the dot": "amount > 0." + "1" * 3_900,
    "exponent": "amount > 1e" + "9" * 3_900,
    "a great exponent": "amount > 1e999",
    "a tiny number": "amount > 1e-999",
    "underscores": "amount > 1" + "_" * 3_900 + "1",
    "dots in a number": "amount > 1" + ".1" * 1_900,
    "hexadecimal": "amount > 0xff",
    "complex": "amount > 1j",
    "a keyword after a number": "amount > 1if ended else 2",
    "walrus": "(amount := 5)",
    "lambda": "(lambda: 0)()",
    "comprehension": "[x for x in (1, 2)]",
    "generator": "at_least(1, ended for ended in (1,))",
    "starred": "at_least(*(1, ended))",
    "keyword argument": "known(fact=amount)",
    "double star": "at_least(**ended)",
    "dunder": "amount.__class__.__bases__[0].__subclasses__()",
    "dunder name": "__import__",
    "import": '__import__("os").system("true")',
    "debug": "__debug__",
    "subscript": "amount[0]",
    "slice": "amount[::]",
    "dictionary": "{1: 2}",
    "set": "{1, 2}",
    "ellipsis": "...",
    "none": "amount == None",
    "is": "amount is 5",
    "is a number": "amount is 5 or 1 is 1",
    "conditional": "ended if on_hold else ended",
    "await": "await ended",
    "yield": "(yield)",
    "semicolon": "ended; on_hold",
    "assignment": "amount = 5",
    "decorator": "@ended",
    "nul": "ended\x00",
    "only nul": "\x00" * 4_000,
    "control": "ended\x07",
    "form feed": "ended\x0cor on_hold",
    "escape": 'owner == "\x1b[31m"',
    "backspace": "ended\b",
    "backslash": "ended \\\n and on_hold",
    "escape sequence": 'owner == "\\x41"',
    "escape that Python warns about": 'owner == "\\d"',
    "named escape": 'owner == "\\N{BULLET}"',
    "f-string": 'owner == f"{amount}"',
    "nested f-string": "owner == f\"{f'{amount}'}\"",
    "bytes": 'owner == b"a"',
    "raw": 'owner == r"a"',
    "unicode prefix": 'owner == u"a"',
    "adjacent texts": 'owner == "a" "b"',
    "touching texts": 'owner == "a""b"',
    "triple quotes": 'owner == """a"""',
    "open text": 'owner == "abc',
    "text over two lines": 'owner == "abc\ndef"',
    "comment": "ended # and more",
    "only a comment": "# ended",
    "surrogate": "ended \ud800",
    "surrogate in a text": 'owner == "\udcff"',
    "right to left": 'owner == "\u202eabc"',
    "line separator": 'owner == "a\u2028b"',
    "byte order mark": "\ufeffended",
    "full-width name": "\uff45nded",
    "other letters": "金额 > 5",
    "greek letters": "\u03b1mount > 5",
    "full-width brackets": "（ended）",
    "full-width comma": 'account.tier in ("named"，"strategic")',
    "curly quotes": "owner == “a”",
    "full-width digits": "amount > \uff15",
    "no-break space": "ended\u00a0and on_hold",
    "emoji": "ended 🎉",
    "ten megabytes": "a" * 10_000_000,
    "ten megabytes of digits": "1" * 10_000_000,
    "dotted": ".".join("a" * 1_900),
    "dots": "." * 3_900,
    "unknown names": " or ".join(f"amoun{n}" for n in range(400)),
    "one long unknown name": "a" * 3_900,
    "unknown long names": " or ".join("z" * 90 + str(n) for n in range(40)),
    "wrong kinds": " and ".join(["amount"] * 400),
    "commas": "," * 3_900,
    "quotes": '"' * 3_901,
    "apostrophes and quotes": "'\"" * 1_900,
    "backslashes in a text": 'owner == "' + "\\" * 3_901 + '"',
    "colons": ":" * 3_900,
    "comparisons of literals": "1 < " * 900 + "2",
    "ins": "amount in " * 380 + "(1,)",
    "a great list of wrong values": 'account.tier in ("' + '", "'.join(["x"] * 700) + '")',
    "empty": "",
    "spaces": " " * 3_900,
    "line breaks": "\n" * 3_900,
}

# Nothing beyond this many characters is looked at.
LONGEST: Final = 4_000


def refused(text: str, facts: Facts | None = None) -> RuleError:
    with pytest.raises(RuleError) as caught:
        Rule.parse(text, facts)
    return caught.value


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_is_refused_with_columns_and_no_warning(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = refused(text)
    assert error.problems
    shown = str(error)
    assert len(shown) < 8_000
    shown.encode()
    assert all(problem.path.startswith("column ") for problem in error.problems)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_is_refused_with_little_work(text: str) -> None:
    looked_at = min(len(text), LONGEST)
    assert steps(lambda: refused(text)) <= 4_000 + 20 * looked_at


GROWING: Final[dict[str, Callable[[int], str]]] = {
    "brackets": lambda n: "(" * n + "ended" + ")" * n,
    "open brackets": lambda n: "(" * n,
    "calls of calls": lambda n: "known" + "()" * n,
    "nots": lambda n: "not " * n + "ended",
    "comparisons": lambda n: "1 < " * n + "2",
    "ins": lambda n: "amount in " * n + "(1,)",
    "commas": lambda n: "ended, " * n,
    "alternatives": lambda n: " or ".join(["ended"] * n) + " or 5",
    "unknown names": lambda n: " or ".join(f"amoun{i}" for i in range(n)),
    "wrong values": lambda n: "account.tier in (" + ", ".join(['"x"'] * n) + ")",
    "quotes": lambda n: '"' * (2 * n + 1),
    "arithmetic": lambda n: "amount + " * n,
}


@pytest.mark.parametrize("text_of", GROWING.values(), ids=GROWING.keys())
def test_twice_the_text_takes_at_most_twice_the_work(text_of: Callable[[int], str]) -> None:
    once, twice = (steps(lambda n=n: refused(text_of(n))) for n in (150, 300))  # type: ignore[misc]
    assert len(text_of(300)) <= LONGEST
    assert twice <= 2.2 * once + 200


def test_hints_for_very_many_mistakes_are_bounded() -> None:
    choices = tuple(f"a value like many others {n}" for n in range(150))
    facts = Facts([Fact("choice", FactKind.CHOICE, choices)])

    def text_of(wrong: int) -> str:
        listed = ", ".join(f'"a value like no other {n}"' for n in range(wrong))
        return f"choice in ({listed})"

    assert len(refused(text_of(140), facts).problems) == 20
    few, many = (steps(lambda n=n: refused(text_of(n), facts)) for n in (20, 140))  # type: ignore[misc]
    assert many < 1.2 * few


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    _parses_or_refuses(text)


PIECES = [
    *"()<>,-=!.\"'+#:[]\\",
    "<=",
    "==",
    " in ",
    " and ",
    " or ",
    " not ",
    " ",
    "\n",
    "ended",
    "amount",
    "account.tier",
    "owner",
    "closed_on",
    "True",
    "today",
    "1",
    "0.5",
    "1e5",
    '"named"',
    "known(",
    "at_least(",
    "reached(",
    "date(",
    "days_since(",
    '"2026-01-01"',
    "lambda",
    "is",
    "None",
    "金",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_row_of_tokens_is_a_rule_or_refused(text: str) -> None:
    _parses_or_refuses(text)


def _parses_or_refuses(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            rule = Rule.parse(text)
        except RuleError as error:
            assert error.problems  # noqa: PT017 - either end is fine
            return
    assert Rule.parse(str(rule)) == rule
