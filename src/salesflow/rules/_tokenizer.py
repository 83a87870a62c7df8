"""A rule's text, cut into tokens and bounded, before any parser sees it.

`ast.parse` recurses, warns and accepts far more than rules need. What leaves this module is plain
ASCII on one line, made of a few sorts of tokens, and not deeply nested. Names, texts and numbers
are looked up by their column afterwards, so columns are those of the text as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from keyword import kwlist
from string import ascii_letters
from typing import Final, Literal, TypeAlias, get_args

from salesflow.errors import Problem
from salesflow.rules._token_order import OPERATORS, Order

MAX_LENGTH: Final = 4_000
_MAX_NAME: Final = 200
_MAX_NUMBER: Final = 40
_MAX_DIGITS: Final = 15
MAX_PROBLEMS: Final = 20

Function: TypeAlias = Literal["known", "at_least", "reached", "days_since", "days_until", "date"]
FUNCTIONS: Final[tuple[Function, ...]] = get_args(Function)
_CONSTANTS: Final = frozenset({"True", "False"})

RESERVED_WORDS: Final = frozenset({*kwlist, *FUNCTIONS, "today"})
"""Words that cannot be the name of a fact, or a part of one."""

_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<number>[0-9](?:[0-9A-Za-z_.]|(?<=[eE])[+-])*)
    | (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
    | (?P<wrong>:=|&&|\|\||=>|=<|<>|\*\*|//|<<|>>|===|-(?:[ \t]*-)+|\.[0-9][0-9.]*)
    | (?P<op>==|!=|<=|>=|<|>|\(|\)|,|-)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(
    r"(?P<whole>0|[1-9](?:_?[0-9])*)(?:\.(?P<part>[0-9](?:_?[0-9])*))?(?:[eE][+-]?[0-9]{1,3})?"
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
# Control characters, lone surrogates, line separators and what turns the reading direction.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_ASCII_FOR: Final = {
    **dict.fromkeys("，、", ","),
    **dict.fromkeys("“”„‟＂「」『』", '"'),
    **dict.fromkeys("‘’＇", "'"),
    **dict.fromkeys("\u3000\u00a0\u2003\u2009", " "),
    **dict.fromkeys("－−–—", "-"),
    "（": "(",
    "）": ")",
    "＝": "==",
    "＞": ">",
    "＜": "<",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "。": ".",
    "．": ".",
    "＿": "_",
}
_ARITHMETIC: Final = frozenset({"+", "*", "/", "%", "**", "//", "@", "<<", ">>", "^", "~"})
_INSTEAD: Final = {
    "=": "write == to compare",
    "===": "write ==",
    "=>": "write >=",
    "=<": "write <=",
    "<>": "write !=",
    "!": 'write "not"',
    "&": 'write "and"',
    "&&": 'write "and"',
    "|": 'write "or"',
    "||": 'write "or"',
    ":=": "a rule cannot set anything",
    "#": "a rule has no comments; put them beside it",
    "[": "write ( and )",
    "]": "write ( and )",
    "{": "write ( and )",
    "}": "write ( and )",
    ".": 'a dot stands inside a name only, as in "account.tier"',
}
_KEYWORD_HINTS: Final = {
    "is": "write == or known(…)",
    "None": "write known(…) or not known(…)",
    "if": 'write "and", "or" and "not"',
    "else": 'write "and", "or" and "not"',
    "lambda": "a rule has no functions of its own",
}


@dataclass(slots=True)
class Scanned:
    """A text fit for the parser, and what stands where.

    Attributes:
        code: ASCII, one line, as long as the text; starts at `offset` of it.
        names: Dotted names by column, as written; also function names.
        strings: Contents of quoted texts by column.
        numbers: Values by column.
    """

    code: str = ""
    offset: int = 0
    names: dict[int, str] = field(default_factory=dict)
    strings: dict[int, str] = field(default_factory=dict)
    numbers: dict[int, float] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, column: int, message: str, hint: str = "", code: str = "syntax") -> None:
        """Note a problem at the 0-based `column`."""
        self.problems.append(Problem(f"column {column + 1}", message, hint, code))


def quotable(words: str) -> Problem | None:
    """What keeps a text from standing in quotes in a rule, or None."""
    found = _UNSEEN.search(words)
    if found:
        message = f"a text has the invisible character U+{ord(found[0]):04X}"
        return Problem("", message, "leave it out", "text")
    if not words.strip(" "):
        hint = "write known(…) or not known(…)"
        return Problem("", "a blank text is a missing value", hint, "text")
    return None


def scan(text: str) -> Scanned:
    """Cut a text into tokens; what is wrong with them is in the result's `problems`."""
    out = Scanned()
    if len(text) > MAX_LENGTH:
        message = f"the rule has {len(text):,} characters; the most is {MAX_LENGTH:,}"
        out.problem(0, message, "split it into several rules", "length")
        return out
    pieces: list[str] = []
    order = Order(out.problem)
    for match in _TOKEN.finditer(text):
        kind, token, at = match.lastgroup, match[0], match.start()
        # What the parser gets in place of this token always has the same length.
        piece = token
        if kind == "space":
            piece = " " * len(token)
        elif kind == "name":
            piece = _name(out, token, at)
            if text[match.end() : match.end() + 1] in {'"', "'"} and piece not in OPERATORS:
                out.problem(at, f"{token!r} stands directly before a text", "leave it out")
        elif kind == "number":
            _number(out, token, at)
            piece = "1" * len(token)
        elif kind == "string":
            _string(out, token, at)
            piece = '"' + "x" * (len(token) - 2) + '"'
        elif kind != "op" and _wrong(out, token, at):
            break
        if out.problems:
            order.silent = True  # told already; more about the same place would be noise
        if kind != "space":
            order.see(kind or "", piece, at)
        pieces.append(piece)
        if len(out.problems) >= MAX_PROBLEMS or order.too_deep:
            break
    else:
        order.end(len(text))
    line = "".join(pieces)
    out.code = line.strip(" ")
    out.offset = len(line) - len(line.lstrip(" "))
    return out


def _name(out: Scanned, token: str, at: int) -> str:
    if token in OPERATORS or token in _CONSTANTS:
        return token
    for part in token.split("."):
        if part in kwlist:
            hint = _KEYWORD_HINTS.get(part, "the operators are and, or, not, in")
            out.problem(at, f'the word "{part}" is not part of the rule language', hint)
            break
    if len(token) > _MAX_NAME:
        out.problem(at, f"a name has {len(token)} characters; the most is {_MAX_NAME}")
    out.names[at] = token
    # No attribute reaches the parser: a chain of thousands of dots would nest as deep.
    return token.replace(".", "_")


def _number(out: Scanned, token: str, at: int) -> None:
    shown = token if len(token) <= _MAX_NUMBER else token[:_MAX_NUMBER] + "…"
    match = _NUMBER.fullmatch(token) if len(token) <= _MAX_NUMBER else None
    if match is None:
        if token.replace("_", "").isdigit() and len(token) > _MAX_NUMBER:
            out.problem(at, f"the number {shown} is too long", _DIGITS_HINT, "number")
        elif token[-1].isalpha() and token.rstrip(ascii_letters).isdigit():
            digits = token.rstrip(ascii_letters)
            hint = f'put a space between them, or write "{digits}" alone'
            out.problem(at, f'letters follow the number in "{shown}"', hint, "number")
        else:
            hint = "write it as 250000, 250_000 or 0.25"
            out.problem(at, f'"{shown}" is not a number', hint, "number")
        return
    digits = (match["whole"] + (match["part"] or "")).replace("_", "").lstrip("0")
    if len(digits.rstrip("0")) > _MAX_DIGITS:
        out.problem(at, f"the number {shown} has too many digits", _DIGITS_HINT, "number")
    value = float(token)
    if value in {float("inf"), 0.0} and digits:
        out.problem(at, f"the number {shown} is beyond what can be compared", "", "number")
    out.numbers[at] = value


_DIGITS_HINT: Final = f"at most {_MAX_DIGITS} digits are compared exactly"


def _string(out: Scanned, token: str, at: int) -> None:
    words = token[1:-1]
    for match in _ESCAPE.finditer(words):
        if match[1] not in {"\\", '"', "'"}:
            message = f"the backslash at {match[0][:2]!r} has no meaning here"
            out.problem(at + 1 + match.start(), message, r"write \\ for a backslash")
    words = _ESCAPE.sub(r"\1", words)
    problem = quotable(words)
    # An empty text beside another one is the opening of a triple quote, which is told elsewhere.
    if problem:
        out.problem(at, problem.message, problem.hint, problem.code)
    out.strings[at] = words


def _wrong(out: Scanned, token: str, at: int) -> bool:
    """Say what is wrong with a token; whether nothing after it can be made sense of."""
    if token in {'"', "'"}:
        out.problem(at, "a text is not closed", f"end it with {token} on the same line")
        return True
    if token == "#":
        out.problem(at, "a comment cannot stand in a rule", _INSTEAD["#"])
        return True
    if token in _ARITHMETIC:
        message = f'a rule does not calculate; "{token}" cannot stand here'
        out.problem(at, message, "declare a fact that holds the result", "arithmetic")
    elif token in _INSTEAD:
        out.problem(at, f'"{token}" is not part of the rule language', _INSTEAD[token])
    elif token in _ASCII_FOR:
        hint = f"write the ASCII character {_ASCII_FOR[token]!r}"
        out.problem(at, f'"{token}" is not an ASCII character', hint)
    elif token.startswith("-"):
        out.problem(at, "minus signs cannot follow each other", "write one, before a number")
    elif token.startswith("."):
        out.problem(at, f'"{token[:20]}" is not a number', f"write 0{token[:20]}", "number")
    elif _UNSEEN.match(token):
        hint = "leave it out"
        out.problem(at, f"the invisible character U+{ord(token):04X} cannot stand here", hint)
    elif not token.isascii() and token.isalnum():
        hint = 'names are written in ASCII; a text stands in quotes, as in "北京"'
        out.problem(at, f'"{token}" cannot stand here', hint)
    else:
        out.problem(at, f'"{token}" is not part of the rule language')
    return False
