"""A rule's text, cut into tokens and bounded, before the parser sees it."""

from __future__ import annotations

import re
from keyword import kwlist
from math import nan
from string import ascii_letters
from typing import Final, Literal, NamedTuple

from salesflow._unseen import UNSEEN
from salesflow.errors import Problem
from salesflow.rules._functions import FUNCTIONS

MAX_LENGTH: Final = 4_000
MAX_PROBLEMS: Final = 20
_MAX_NAME: Final = 200
_MAX_NUMBER: Final = 40
_MAX_DIGITS: Final = 15

OPERATORS: Final = frozenset({"and", "or", "not", "in"})
_CONSTANTS: Final = frozenset({"True", "False"})

KEYWORDS: Final = frozenset(kwlist)
"""Words that cannot be a part of the name of a fact."""

RESERVED_WORDS: Final = frozenset({*KEYWORDS, *FUNCTIONS, "today"})
"""Words that cannot be the name of a fact."""

_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<number>[0-9](?:[0-9A-Za-z_.]|(?<=[eE])[+-])*)
    | (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
    | (?P<wrong>:=|&&|\|\||=>|=<|<>|\*\*|//|<<|>>|===|-(?:[ \t]*-)+|\.[0-9][0-9.]*)
    | (?P<operator>==|!=|<=|>=|<|>|\(|\)|,|-)
    | (?P<foreign>[^\W\x00-\x7f]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(
    r"(?P<whole>0|[1-9](?:_?[0-9])*)(?:\.(?P<part>[0-9](?:_?[0-9])*))?(?:[eE][+-]?[0-9]{1,3})?"
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)

_ARITHMETIC: Final = frozenset("+ * / % ** // @ << >> ^ ~ ＋ ＊ × ／ ÷ ％ ＾".split())  # noqa: SIM905 - signs
_INSTEAD: Final = {
    ":=": "a rule cannot set anything",
    "#": "a rule has no comments; put them beside it",
    ".": 'a dot stands inside a name only, as in "account.tier"',
    **dict.fromkeys(";；", 'between rules stands "and" or "or"'),
}
_KEYWORD_HINTS: Final = {
    "is": "write == or known(…)",
    "None": "write known(…) or not known(…)",
    **dict.fromkeys(("if", "else"), 'write "and", "or" and "not"'),
    "lambda": "a rule has no functions of its own",
}
_NUMBER_HINT: Final = "write it as 250000, 250_000 or 0.25"
_DIGITS_HINT: Final = f"at most {_MAX_DIGITS} digits are compared exactly"


class Token(NamedTuple):
    """A piece of a rule's text.

    Attributes:
        kind: Of an `operator` the text tells which it is; after a `wrong` one nothing is read.
        text: The piece as it was written; "" at the end.
        at: Its 0-based column.
        number: The value of a number.
        words: The contents of a string.
    """

    kind: Literal["name", "number", "string", "constant", "operator", "end", "wrong"]
    text: str
    at: int
    number: float = 0.0
    words: str = ""

    @property
    def is_operand(self) -> bool:
        """Whether it is a value or a name."""
        return self.kind in {"name", "number", "string", "constant"}


def quotable(words: str) -> Problem | None:
    """Why a text cannot stand in quotes in a rule, or None."""
    found = UNSEEN.search(words)
    if found:
        message = f"a text has the invisible character U+{ord(found[0]):04X}"
        return Problem("", message, "leave it out", "text")
    if not words.strip(" "):
        hint = "write known(…) or not known(…)"
        return Problem("", "a blank text is a missing value", hint, "text")
    return None


def problem_at(column: int, message: str, hint: str = "", code: str = "syntax") -> Problem:
    """A problem at the 0-based `column`."""
    return Problem(f"column {column + 1}", message, hint, code, column=column + 1)


def tokens_of(text: str) -> tuple[list[Token], list[Problem]]:
    """The tokens of a text, and the problems of all of them.

    The last one is the `end`; from the first one with a problem on, all others are `wrong`.
    """
    if len(text) > MAX_LENGTH:
        message = f"the rule has {len(text):,} characters; the most is {MAX_LENGTH:,}"
        return [], [problem_at(0, message, "split it into several rules", "length")]
    scanner = _Scanner(text)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "space":
            continue
        token = scanner.token(match)
        tokens.append(token._replace(kind="wrong") if scanner.problems else token)
        if scanner.is_lost or len(scanner.problems) >= MAX_PROBLEMS:
            break
    tokens.append(Token("end", "", len(text)))
    return tokens, scanner.problems


class _Scanner:
    """Reads tokens and notes their problems.

    Attributes:
        problems: What is wrong.
        is_lost: Nothing after the last token can be made sense of.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.is_lost = False
        self._text = text

    def token(self, match: re.Match[str]) -> Token:
        """The token of a match; its problems are noted."""
        text, at = match[0], match.start()
        match match.lastgroup:
            case "name":
                return self._name(text, at)
            case "number":
                return Token("number", text, at, number=self._number(text, at))
            case "string":
                return Token("string", text, at, words=self._string(text, at))
            case "operator":
                return Token("operator", text, at)
            case _:
                self._wrong(text, at)
                return Token("wrong", text, at)

    def _problem(self, at: int, message: str, hint: str = "", code: str = "syntax") -> None:
        self.problems.append(problem_at(at, message, hint, code))

    def _name(self, text: str, at: int) -> Token:
        if text in OPERATORS:
            return Token("operator", text, at)
        keyword = next((part for part in text.split(".") if part in kwlist), "")
        if keyword and text not in _CONSTANTS:
            hint = _KEYWORD_HINTS.get(keyword, "the operators are and, or, not, in")
            self._problem(at, f'the word "{keyword}" is not part of the rule language', hint)
        if len(text) > _MAX_NAME:
            self._problem(at, f"a name has {len(text)} characters; the most is {_MAX_NAME}")
        if self._text.startswith(('"', "'"), at + len(text)):
            self._problem(at, f"{text!r} stands directly before a text", "leave it out")
        return Token("constant" if text in _CONSTANTS else "name", text, at)

    def _number(self, text: str, at: int) -> float:
        shown = text if len(text) <= _MAX_NUMBER else text[:_MAX_NUMBER] + "…"
        match = _NUMBER.fullmatch(text) if len(text) <= _MAX_NUMBER else None
        if match is None:
            digits = text.rstrip(ascii_letters)
            if text.replace("_", "").isdigit() and len(text) > _MAX_NUMBER:
                self._problem(at, f"the number {shown} is too long", _DIGITS_HINT, "number")
            elif digits != text and digits.isdigit():
                hint = f'put a space between them, or write "{digits}" alone'
                self._problem(at, f'letters follow the number in "{shown}"', hint, "number")
            else:
                self._problem(at, f'"{shown}" is not a number', _NUMBER_HINT, "number")
            return nan
        digits = (match["whole"] + (match["part"] or "")).replace("_", "").lstrip("0")
        if len(digits.rstrip("0")) > _MAX_DIGITS:
            self._problem(at, f"the number {shown} has too many digits", _DIGITS_HINT, "number")
        value = float(text)
        if value in {float("inf"), 0.0} and digits:
            self._problem(at, f"the number {shown} is beyond what can be compared", "", "number")
        return value

    def _string(self, text: str, at: int) -> str:
        words = text[1:-1]
        for match in _ESCAPE.finditer(words):
            if match[1] not in {"\\", '"', "'"}:
                message = f"the backslash at {match[0]!r} has no meaning here"
                self._problem(at + 1 + match.start(), message, r"write \\ for a backslash")
        words = _ESCAPE.sub(r"\1", words)
        problem = quotable(words)
        if problem:
            self._problem(at, problem.message, problem.hint, problem.code)
        return words

    def _wrong(self, text: str, at: int) -> None:
        if text in {'"', "'"}:
            self.is_lost = True
            self._problem(at, "a text is not closed", f"end it with {text} on the same line")
        elif text == "#":
            self.is_lost = True
            self._problem(at, "a comment cannot stand in a rule", _INSTEAD["#"])
        elif text in _ARITHMETIC:
            message = f'a rule does not calculate; "{text}" cannot stand here'
            self._problem(at, message, "declare a fact that holds the result", "arithmetic")
        elif text in _INSTEAD:
            self._problem(at, f'"{text}" is not part of the rule language', _INSTEAD[text])
        elif text.startswith("-"):
            hint = "write one, before a number"
            self._problem(at, "minus signs cannot follow each other", hint)
        elif text.startswith("."):
            self._problem(at, f'"{text[:20]}" is not a number', _NUMBER_HINT, "number")
        elif UNSEEN.match(text):
            message = f"the invisible character U+{ord(text):04X} cannot stand here"
            self._problem(at, message, "leave it out")
        elif text.isalnum():
            hint = 'names are written in ASCII; a text stands in quotes, as in "北京"'
            self._problem(at, f'"{text[:_MAX_NUMBER]}" cannot stand here', hint)
        else:
            self._problem(at, f'"{text}" is not part of the rule language')
