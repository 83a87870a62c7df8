"""From a rule's text to its tree, with every problem of syntax, name and kind at once.

A parser by precedence with one token in hand: it never goes back, and never deeper than MAX_DEPTH.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from salesflow._closest import Suggestions
from salesflow.errors import Problem, RuleError
from salesflow.facts import Facts
from salesflow.rules._canonical import MAX_DEPTH, depth_of, normal
from salesflow.rules._resolve import (
    COMPARISONS,
    Bare,
    Enough,
    Listed,
    Rejected,
    Resolver,
    SourcePart,
)
from salesflow.rules._slips import Mended, mended
from salesflow.rules._tokenizer import (
    MAX_LENGTH,
    MAX_PROBLEMS,
    Token,
    problem_at,
    tokens_of,
)
from salesflow.rules._unparse import write
from salesflow.rules.ast import And, Constant, Node, Number, Or, Words

_OR, _AND, _COMPARISON = range(3)  # from loose to tight; "not" stands before a comparison
_JOINED: Final[Sequence[tuple[str, type[And[Node] | Or[Node]], int]]] = (
    ("and", And, _AND),
    ("or", Or, _OR),
)
_LONGEST_SHOWN: Final = 80
# No text this short becomes too long when it is written with spaces and all zeros (1e14).
_SHORT: Final = MAX_LENGTH // 8

_TOO_DEEP: Final = (
    f"the rule is nested more than {MAX_DEPTH} deep",
    "split it into several rules",
    "depth",
)
_NO_MINUS: Final = 'a rule does not calculate; "-" cannot stand here', "days_since(…) tells an age"
_PARTS_OF_TEXTS: Final = frozenset({"contains", "like", "starts", "ends", "matches", "startswith"})
_BETWEEN: Final = "for instance and, or, =="


def parse(text: str, facts: Facts, suggestions: Suggestions | None = None) -> Node:
    """The canonical tree of a rule; `suggestions` are those of the document around it.

    Raises:
        RuleError: The text cannot be read as a rule; its `problems` are all that is wrong with it.
    """
    suggestions = suggestions or Suggestions()
    try:
        return _read(text, facts, suggestions)
    except RuleError:
        slips = mended(text, facts)
        if not slips.problems:
            raise
        problems = slips.problems + _beside(slips, facts, suggestions)
        raise _error(text, problems) from None


def _beside(slips: Mended, facts: Facts, suggestions: Suggestions) -> list[Problem]:
    """What else is wrong with a text that had slips."""
    if len(slips.text) > MAX_LENGTH:
        return []
    try:
        _read(slips.text, facts, suggestions)
    except RuleError as error:
        return [
            problem_at(slips.at(_column(it)), it.message, it.hint, it.code) for it in error.problems
        ]
    return []


def _column(problem: Problem) -> int:
    """The 0-based column of a problem."""
    return int(problem.path.removeprefix("column ")) - 1


def _read(text: str, facts: Facts, suggestions: Suggestions) -> Node:
    """The canonical tree of a rule, as it is written; raises RuleError."""
    tokens, problems = tokens_of(text)
    resolver = Resolver(facts, suggestions)
    node = None
    try:
        if tokens:
            node = resolver.statement(_Parser(tokens, resolver).rule())
    except _Misread as error:
        problems += error.problems
    except (Rejected, Enough):
        pass
    # What a text means is told once it can be read.
    problems = problems or resolver.problems
    if node is None:
        raise _error(text, problems)
    assert not problems, problems  # noqa: S101 - whoever notes one gives up
    node = normal(node)
    if depth_of(node) > MAX_DEPTH:
        raise _error(text, [problem_at(0, *_TOO_DEEP)])
    if len(text) > _SHORT and len(write(node)) > MAX_LENGTH:
        message = f"written with its spaces the rule has more than {MAX_LENGTH:,} characters"
        raise _error(text, [problem_at(0, message, "split it into several rules", "length")])
    return node


def _error(text: str, problems: list[Problem]) -> RuleError:
    shown = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    # A lone surrogate or a NUL in a message would break whoever prints it.
    shown = "".join(char if char.isprintable() else " " for char in shown)
    order = sorted(problems, key=_column)[:MAX_PROBLEMS]
    return RuleError(f"This rule cannot be used: {shown}", problems=order)


class _Misread(Exception):
    """The tokens do not form a rule.

    Attributes:
        problems: Why; nothing where a token is wrong in itself, which was noted before.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


class _Parser:
    """Reads the tokens once, and has the resolver turn them into nodes."""

    def __init__(self, tokens: list[Token], resolver: Resolver) -> None:
        self._tokens = iter(tokens)
        self._resolver = resolver
        self._last = Token("end", "", 0)
        self._token = next(self._tokens)
        self._open: list[int] = []  # the columns of the brackets that are open
        self._depth = 0

    def rule(self) -> SourcePart:
        """The whole text."""
        at = self._token.at
        parts, has_comma = self._list()
        if self._token.kind != "end":
            raise self._misread()
        return SourcePart(at, Listed(parts)) if has_comma else parts[0]

    def _list(self) -> tuple[tuple[SourcePart, ...], bool]:
        """The parts between commas, and whether there are commas."""
        parts, has_comma = [self._expression(_OR)], False
        while self._take(","):
            has_comma = True
            if self._token.text not in {")", ""}:
                parts.append(self._expression(_OR))
        return tuple(parts), has_comma

    def _bracketed(self) -> tuple[tuple[SourcePart, ...], bool]:
        """A list in brackets, which may be empty."""
        self._nest()
        self._open.append(self._token.at)
        self._advance()
        parts, has_comma = ((), True) if self._token.text == ")" else self._list()
        if not self._take(")"):
            raise self._misread()
        self._open.pop()
        self._depth -= 1
        return parts, has_comma

    def _expression(self, binding: int) -> SourcePart:
        """What binds at least as tightly as `binding`."""
        at, negations = self._token.at, 0
        while self._token.text == "not":
            self._nest()
            self._advance()
            negations += 1
        if negations:
            inner = self._expression(_COMPARISON)
            part = self._resolver.part(at, self._resolver.negated, inner, negations)
            self._depth -= negations
        else:
            part = self._comparison(self._operand())
        for word, shape, level in _JOINED:
            if level >= binding and self._token.text == word:
                parts = [part]
                while self._take(word):
                    parts.append(self._expression(level + 1))
                part = self._resolver.part(part.at, self._resolver.joined, shape, parts)
        return part

    def _comparison(self, first: SourcePart) -> SourcePart:
        """One operand, or several with operators between them."""
        parts, operators = [first], []
        while operator := self._operator():
            operators.append(operator)
            parts.append(self._operand())
        if not operators:
            return first
        return self._resolver.part(first.at, self._resolver.comparison, parts, operators)

    def _operator(self) -> str:
        text = self._token.text
        if text in COMPARISONS or text in {"in", "not"}:
            self._advance()
            if text != "not":
                return text
            if self._take("in"):
                return "not in"
            message = 'an operator is missing before "not"'
            raise _Misread(problem_at(self._last.at, message, _BETWEEN))
        return ""

    def _operand(self) -> SourcePart:
        token = self._token
        if token.text == "(":
            parts, has_comma = self._bracketed()
            return SourcePart(token.at, Listed(parts)) if has_comma else parts[0]
        if not token.is_operand and token.text != "-":
            raise self._misread()
        self._advance()
        match token.kind:
            case "number":
                return SourcePart(token.at, Number(token.number))
            case "string":
                return SourcePart(token.at, Words(token.words))
            case "constant":
                return SourcePart(token.at, Constant(token.text == "True"))
            case "name" if self._token.text == "(":
                arguments, _ = self._bracketed()
                call = self._resolver.call
                return self._resolver.part(token.at, call, token.text, token.at, arguments)
            case "name":
                return SourcePart(token.at, Bare(token.text))
            case _:
                number = self._token.number
                if self._token.kind != "number":
                    raise self._misread()
                self._advance()
                return SourcePart(token.at, Number(-number or 0.0))

    def _advance(self) -> None:
        self._last, self._token = self._token, next(self._tokens, self._token)

    def _take(self, text: str) -> bool:
        """Whether the token is this operator; if so, go on to the next."""
        if self._token.text != text:
            return False
        self._advance()
        return True

    def _nest(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Misread(problem_at(self._token.at, *_TOO_DEEP))

    def _misread(self) -> _Misread:
        """The problem of a token that cannot stand where it does."""
        token, last = self._token, self._last
        after_operand = last.is_operand or last.text == ")"
        if token.kind == "wrong":
            return _Misread()
        if token.kind == "end":
            if after_operand or last.text in {"(", ","}:  # else the rule would be over
                return _Misread(problem_at(self._open[-1], '"(" is not closed', 'add ")"'))
            what = "the rule ends too early" if last.text else "the rule is empty"
            return _Misread(problem_at(token.at, what, "a fact or a value is missing here"))
        if token.text == ")" and not self._open:
            words = '")" has no "(" before it', "leave it out"
        elif last.text == "-":
            words = "a minus sign stands before a number only", "a rule does not calculate"
        elif token.text == "(":
            words = '"(" cannot stand here', "for instance and, or, == is missing before it"
        elif token.text == "-":
            words = _NO_MINUS
        elif token.text == "not":
            words = '"not" cannot stand here', "it stands before a whole comparison"
        elif token.is_operand:
            words = _side_by_side(last, token)
        else:
            words = f'a fact or a value is missing before "{token.text}"', ""
        return _Misread(problem_at(token.at, *words))


def _side_by_side(last: Token, token: Token) -> tuple[str, str]:
    if last.kind == token.kind == "string":
        return "two texts stand side by side", "write one text, or a comma between them"
    if token.text.lower() in _PARTS_OF_TEXTS:
        return "a rule compares whole texts only", "write == or in (…), or declare a flag"
    shown = token.text[:40] if token.kind == "string" else f'"{token.text[:40]}"'
    return f"an operator is missing before {shown}", _BETWEEN
