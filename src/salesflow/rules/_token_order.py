"""Which token of a rule may follow which, so that a mistake is told at its column.

The parser would find most of these mistakes as well, with a message about Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MAX_DEPTH: Final = 50
OPERATORS: Final = frozenset({"and", "or", "not", "in"})
_CONSTANTS: Final = frozenset({"True", "False"})
_OPERANDS: Final = frozenset({"value", "name", "string", ")"})
_NO_MINUS: Final = 'a rule does not calculate; "-" cannot stand here'

# Tells a problem: its 0-based column, the message, a hint and a code.
Tell = Callable[[int, str, str, str], None]


class Order:
    """Watches the tokens go by, and how deep they are nested.

    Attributes:
        silent: Something is wrong already; more about the same place would be noise.
        too_deep: The nesting is beyond what is read; nothing more should be seen.
    """

    def __init__(self, tell: Tell) -> None:
        self.silent = False
        self.too_deep = False
        self._tell = tell
        self._open: list[tuple[int, int]] = []  # column of a bracket, "not"s waiting before it
        self._depth = 0
        self._nots = 0
        self._last = ""  # "", "value", "name", "string", "(", ")", ",", "-", "not", "operator"
        self._last_piece = ""

    def see(self, kind: str, piece: str, at: int) -> None:
        """The next token, of the kind that the scanner gave it."""
        sort = _sort(kind, piece)
        self._nest(sort, at)
        if not self.silent:
            message, hint = self._misplaced(sort, piece)
            if message:
                self._say(at, message, hint)
        self._last, self._last_piece = sort, piece

    def end(self, length: int) -> None:
        """There are no more tokens."""
        if self.silent:
            return
        if self._last in {"", "operator", "not", "-"}:
            what = "the rule is empty" if not self._last else "the rule ends too early"
            self._say(length, what, "a fact or a value is missing here")
        elif self._open:
            self._say(self._open[-1][0], '"(" is not closed', 'add ")"')

    def _say(self, at: int, message: str, hint: str, code: str = "syntax") -> None:
        self.silent = True
        self._tell(at, message, hint, code)

    def _nest(self, sort: str, at: int) -> None:
        if sort == "not":
            self._nots += 1
        elif sort == "(":
            self._open.append((at, self._nots))
            self._depth += self._nots + 1
            self._nots = 0
        else:
            self._nots = 0
            if sort == ")" and self._open:
                self._depth -= self._open.pop()[1] + 1
            elif sort == ")" and not self.silent:
                self._say(at, '")" has no "(" before it', "leave it out")
        if self._depth + self._nots > MAX_DEPTH:
            self.too_deep = True
            message = f"the rule is nested more than {MAX_DEPTH} deep"
            self._say(at, message, "split it into several rules", "depth")

    def _misplaced(self, sort: str, piece: str) -> tuple[str, str]:
        last = self._last
        after_operand = last in _OPERANDS
        missing = f'a fact or a value is missing before "{piece}"'
        if last == "-" and sort != "value":
            return "a minus sign stands before a number only", "a rule does not calculate"
        match sort:
            case "value" | "name" | "string" if after_operand:
                return self._side_by_side(sort, piece)
            case "-" if after_operand:
                return _NO_MINUS, "days_since(…) tells an age"
            case "(" if last in _OPERANDS - {"name"}:
                return '"(" cannot stand here', "for instance and, or, == is missing before it"
            case "not" if last == "operator" and self._last_piece not in OPERATORS:
                return '"not" cannot stand here', "it stands before a whole comparison"
            case "operator" if not after_operand and (piece, last) != ("in", "not"):
                return missing, ""
            case ")" if last in {"operator", "not"}:
                return missing, ""
            case "," if not after_operand:
                return missing, ""
            case _:
                return "", ""

    def _side_by_side(self, sort: str, piece: str) -> tuple[str, str]:
        if self._last == sort == "string":
            return "two texts stand side by side", "write one text, or a comma between them"
        for word in (piece, self._last_piece):
            if word.lower() in OPERATORS:
                return f'there is no operator "{word}"', f'write "{word.lower()}"'
        return f'an operator is missing before "{piece[:40]}"', "for instance and, or, =="


def _sort(kind: str, piece: str) -> str:
    match kind:
        case "name" if piece == "not":
            return "not"
        case "name" if piece in OPERATORS:
            return "operator"
        case "name" if piece in _CONSTANTS:
            return "value"
        case "name" | "string":
            return kind
        case "number":
            return "value"
        case _:
            return piece if piece in {"(", ")", ",", "-"} else "operator"
