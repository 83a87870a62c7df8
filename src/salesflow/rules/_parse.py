"""From a rule's text to its tree, with every problem of syntax, name and kind at once."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from typing import Final

from salesflow.errors import Problem, RuleError
from salesflow.facts import Fact, FactKind
from salesflow.rules._canonical import depth_of, is_name, normal
from salesflow.rules._source import USAGE, Rejected, Source
from salesflow.rules._token_order import MAX_DEPTH
from salesflow.rules._tokenizer import MAX_LENGTH, scan
from salesflow.rules._typecheck import check_member, check_pair, kind_words, unknown_choice
from salesflow.rules._unparse import write
from salesflow.rules.ast import (
    Age,
    And,
    AtLeast,
    Compare,
    Constant,
    Day,
    Flag,
    Known,
    Literal_,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Operand,
    Operator,
    Or,
    Reached,
    Today,
    Words,
)

_OPS: Final[dict[type[ast.cmpop], Operator]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_TIMES: Final = frozenset({FactKind.DAY, FactKind.INSTANT})
_COMPARED: Final = {**USAGE, "date": 'created_on >= date("2026-01-31")'}
_LONGEST_SHOWN: Final = 80
# No text this short becomes too long when it is written with spaces and all zeros (1e14).
_SHORT: Final = MAX_LENGTH // 8


def parse(text: str, facts: Mapping[str, Fact]) -> Node:
    """The canonical tree of a rule.

    Raises:
        RuleError: The text is no rule; its `problems` are all that is wrong with it.
    """
    if not isinstance(text, str):
        raise RuleError(
            f"A rule is a text, not {type(text).__name__}.",
            hint='Write it in quotes: "amount >= 100_000".',
            problems=[Problem("", "it is not a text", "", "syntax")],
        )
    scanned = scan(text)
    if scanned.problems:
        raise _error(text, scanned.problems)
    try:
        tree = ast.parse(scanned.code, mode="eval").body
    except SyntaxError as error:
        column = scanned.offset + max((error.offset or 1) - 1, 0)
        scanned.problem(min(column, len(text)), "the rule cannot be read from here on")
        raise _error(text, scanned.problems) from None
    except (RecursionError, MemoryError, ValueError):
        scanned.problem(0, "the rule is too complicated", "split it into several rules", "depth")
        raise _error(text, scanned.problems) from None
    try:
        node = normal(_Reader(scanned, facts).statement(tree))
    except Rejected:
        raise _error(text, scanned.problems) from None
    if depth_of(node) > MAX_DEPTH:
        message = f"the rule is nested more than {MAX_DEPTH} deep"
        scanned.problem(0, message, "split it into several rules", "depth")
    elif len(text) > _SHORT and len(write(node)) > MAX_LENGTH:
        message = f"written with its spaces the rule has more than {MAX_LENGTH:,} characters"
        scanned.problem(0, message, "split it into several rules", "length")
    if scanned.problems:
        raise _error(text, scanned.problems)
    return node


def _error(text: str, problems: list[Problem]) -> RuleError:
    shown = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    # A lone surrogate or a NUL in a message would break whoever prints it.
    shown = "".join(char if char.isprintable() else " " for char in shown)
    order = sorted(problems, key=lambda problem: int(problem.path.removeprefix("column ")))
    return RuleError(f"This rule cannot be used: {shown}", problems=order)


class _Reader(Source):
    """Turns the parser's tree into ours, once what it says is seen to have a meaning."""

    # -- statements: what has a verdict -------------------------------------------------------

    def statement(self, tree: ast.expr) -> Node:
        match tree:
            case ast.BoolOp(ast.And(), values):
                return And(self.each(self.statement, values))
            case ast.BoolOp(_, values):
                return Or(self.each(self.statement, values))
            case ast.UnaryOp(ast.Not(), operand):
                return Not(self.statement(operand))
            case ast.Compare():
                return self._comparison(tree)
            case ast.Call():
                return self._call(tree)
            case ast.Name():
                return self._bare(tree)
            case ast.Constant(bool() as value):
                return Constant(value)
            case ast.Tuple():
                message = "a comma stands in a list after in, or in a function, only"
                raise self.wrong(tree, message, 'between rules stands "and" or "or"')
            case _:
                message = f"{self.shown(tree)} is a value; it does not say yes or no"
                raise self.wrong(tree, message, "compare a fact with it", "kind")

    def _bare(self, tree: ast.Name) -> Node:
        if self.written(tree) == "today":
            message = "today is a day; it does not say yes or no"
            raise self.wrong(tree, message, "compare a fact with it", "kind")
        name = self.fact(tree)
        if name.kind is FactKind.FLAG:
            return Flag(name.fact)
        message = f"{name.fact} is {kind_words(name.kind)}; it does not say yes or no"
        raise self.wrong(tree, message, f"compare it, or write known({name.fact})", "kind")

    def _call(self, tree: ast.Call) -> Node:
        function = self.function(tree)
        match function:
            case "known":
                return Known(self.fact_argument(tree))
            case "reached":
                return self._reached(tree)
            case "at_least":
                return self._at_least(tree)
            case _:
                message = f"{function}(…) is a value; it does not say yes or no"
                raise self.wrong(tree, message, f"compare it, as in {_COMPARED[function]}", "kind")

    def _reached(self, tree: ast.Call) -> Reached:
        stage = self.text_argument(tree)
        choices = tuple(
            choice
            for name in ("stage", "sub_stage")
            if name in self.facts
            for choice in self.facts[name].choices
        )
        if choices and stage not in choices:
            problem = unknown_choice("there is no stage", stage, choices)
            raise self.wrong(tree.args[0], problem.message, problem.hint, problem.code)
        if not is_name(stage) or "." in stage:
            message = f'"{stage[:60]}" is not the key of a stage'
            raise self.wrong(tree.args[0], message, 'keys read like "needs_analysis"', "name")
        return Reached(stage)

    def _at_least(self, tree: ast.Call) -> AtLeast[Node]:
        if not tree.args:
            raise self.usage(tree, "a number and several rules")
        first, *rest = tree.args
        items = self.attempt(lambda _: self.each(self.statement, rest), first)
        counted = self._operand(first) if isinstance(first, ast.Constant) else None
        if not isinstance(counted, Number) or not counted.value.is_integer():
            message = "at_least begins with a whole number"
            raise self.wrong(first, message, f"as in {USAGE['at_least']}", "arity")
        n = int(counted.value)
        if not 1 <= n <= len(rest):
            hint = f"write 1 to {len(rest)}" if rest else f"as in {USAGE['at_least']}"
            raise self.wrong(first, f"at_least asks for {n} of {len(rest)}", hint, "arity")
        if items is None:
            raise Rejected
        return AtLeast(n, items)

    # -- comparisons --------------------------------------------------------------------------

    def _comparison(self, tree: ast.Compare) -> Node:
        trees = [tree.left, *tree.comparators]
        if any(isinstance(op, ast.In | ast.NotIn) for op in tree.ops):
            return self._membership(tree)
        if any(isinstance(item, ast.Constant) and isinstance(item.value, bool) for item in trees):
            return self._with_constant(tree)
        ops = tuple(_OPS[type(op)] for op in tree.ops)
        found = [self.attempt(self._operand, item) for item in trees]
        rejected = None in found
        for left, op, right, where in zip(found, ops, found[1:], trees, strict=False):
            if left is None or right is None:
                continue
            problem = check_pair(left, op, right, self.facts)
            if problem:
                self.note(where, problem.message, problem.hint, problem.code)
                rejected = True
        if rejected:
            raise Rejected
        return Compare(tuple(operand for operand in found if operand is not None), ops)

    def _with_constant(self, tree: ast.Compare) -> Node:
        # `x == True` is x; for anything but what says yes or no it is a mistake.
        match [tree.left, *tree.comparators], tree.ops:
            case ([ast.Constant(bool() as value), ast.Name() | ast.Call() as other], [op]) | (
                [ast.Name() | ast.Call() as other, ast.Constant(bool() as value)],
                [op],
            ) if isinstance(op, ast.Eq | ast.NotEq):
                item = self.statement(other)
                return item if value is isinstance(op, ast.Eq) else Not(item)
            case _:
                message = "True and False are compared with one flag, by == or !="
                raise self.wrong(tree, message, "write the flag, or not and the flag", "kind")

    def _membership(self, tree: ast.Compare) -> Node:
        if len(tree.ops) > 1:
            message = "in cannot be chained with another comparison"
            raise self.wrong(tree, message, "join the two by and")
        listed = tree.comparators[0]
        if not isinstance(tree.left, ast.Name) or self.written(tree.left) == "today":
            message = f"{self.shown(tree.left)} is not a fact"
            raise self.wrong(tree.left, message, "before in stands a fact", "kind")
        name = self.attempt(self.fact, tree.left)
        if not isinstance(listed, ast.Tuple):
            shown = self.shown(listed)
            hint = 'as in account.tier in ("named", "strategic")'
            if isinstance(listed, ast.Constant):
                hint = f"write ({shown},) with a comma, or use =="
            raise self.wrong(listed, "after in stands a list of values", hint)
        if not listed.elts:
            raise self.wrong(listed, "the list after in is empty", "leave the comparison out")
        values = self.each(lambda item: self._member(item, name), listed.elts)
        if name is None:
            raise Rejected
        item = OneOf(name, values)
        return item if isinstance(tree.ops[0], ast.In) else Not(item)

    def _member(self, tree: ast.expr, name: Name | None) -> Literal_:
        value = self._operand(tree)
        if not isinstance(value, Number | Words | Day):
            message = f"{self.shown(tree)} is not a fixed value"
            raise self.wrong(tree, message, "a list holds numbers, texts or date(…)", "kind")
        problem = check_member(name, value, self.facts) if name else None
        if problem:
            raise self.wrong(tree, problem.message, problem.hint, problem.code)
        return value

    # -- operands: what has a value -----------------------------------------------------------

    def _operand(self, tree: ast.expr) -> Operand:
        match tree:
            case ast.Name():
                return Today() if self.written(tree) == "today" else self.fact(tree)
            case ast.Constant(str()):
                return Words(self.words(tree))
            case ast.Constant(int() | float() as value) if not isinstance(value, bool):
                return Number(self.number(tree))
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value) as operand) if (
                not isinstance(value, bool)
            ):
                return Number(-self.number(operand) or 0.0)
            case ast.Call():
                return self._computed(tree)
            case ast.Tuple():
                raise self.wrong(tree, "a list stands after in only", "write in (…)")
            case _:
                raise self.wrong(
                    tree, "a comparison stands between values", "join rules by and, or"
                )

    def _computed(self, tree: ast.Call) -> Operand:
        function = self.function(tree)
        match function:
            case "date":
                return self._day(tree)
            case "days_since" | "days_until":
                name = self.fact_argument(tree)
                if name.kind not in _TIMES:
                    message = f"{name.fact} is {kind_words(name.kind)}, not a day"
                    raise self.wrong(tree.args[0], message, f"as in {USAGE[function]}", "kind")
                return Age(name, ahead=function == "days_until")
            case _:
                message = f"{function}(…) says yes or no; it is not compared"
                raise self.wrong(tree, message, "write it alone, or not and it", "kind")

    def _day(self, tree: ast.Call) -> Day:
        text = self.text_argument(tree)
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            message = f'"{text[:40]}" is not a day'
            raise self.wrong(tree.args[0], message, 'write it as date("2026-01-31")', "date")
        return Day(day)
