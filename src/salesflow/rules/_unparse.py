"""The canonical text of a parsed rule: one way of writing for one meaning."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Final

from salesflow.rules import ast

_OR, _AND, _NOT, _ATOM = range(4)
_BINDING: Final[dict[type, int]] = {
    ast.Or: _OR,
    ast.And: _AND,
    ast.Not: _NOT,
    ast.Compare: _NOT,
    ast.OneOf: _NOT,
}
_GROUPED_FROM: Final = 10_000
_EXACT_BELOW: Final = 1e15


def write(node: ast.Node) -> str:
    """The text that parses to this very tree."""
    match node:
        case ast.Not(item):
            return composed(node, [write(item)])
        case ast.And(items) | ast.Or(items) | ast.AtLeast(_, items):
            return composed(node, [write(item) for item in items])
        case _:
            return composed(node, [])


def composed(node: ast.Node, texts: Sequence[str]) -> str:
    """The text of a node, given the texts of its items."""
    match node:
        case ast.Constant(value):
            return str(value)
        case ast.Flag(fact):
            return fact
        case ast.Known(name):
            return f"known({name.fact})"
        case ast.Reached(stage):
            return f"reached({write_operand(ast.Words(stage))})"
        case ast.OneOf():
            return _one_of(node, "in")
        case ast.Compare(operands, ops):
            parts = [write_operand(operands[0])]
            for op, operand in zip(ops, operands[1:], strict=True):
                parts += [op, write_operand(operand)]
            return " ".join(parts)
        case ast.Not(ast.OneOf() as item):
            return _one_of(item, "not in")
        case ast.Not(item):
            return f"not {_inside(item, texts[0], _NOT)}"
        case ast.And(items):
            return " and ".join(map(_inside, items, texts, repeat(_NOT)))
        case ast.Or(items):
            return " or ".join(map(_inside, items, texts, repeat(_AND)))
        case ast.AtLeast(n):
            return f"at_least({n}, {', '.join(texts)})"


def _inside(node: ast.Node, text: str, binding: int) -> str:
    return text if _BINDING.get(type(node), _ATOM) >= binding else f"({text})"


def _one_of(node: ast.OneOf, operator: str) -> str:
    values = ", ".join(write_operand(value) for value in node.values)
    return f"{node.name.fact} {operator} ({values}{',' if len(node.values) == 1 else ''})"


def write_operand(operand: ast.Operand) -> str:
    """An operand as it stands in a rule."""
    match operand:
        case ast.Name(fact):
            return fact
        case ast.Number(value):
            return write_number(value)
        case ast.Words(value):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case ast.Day(value):
            return f'date("{value.isoformat()}")'
        case ast.Today():
            return "today"
        case ast.Age(name):
            return f"{operand.function}({name.fact})"


def write_number(value: float) -> str:
    """A number as it stands in a rule: `100_000`, `0.25`, `1e+20`."""
    if abs(value) < _EXACT_BELOW and value.is_integer():
        whole = int(value)
        return f"{whole:_}" if abs(whole) >= _GROUPED_FROM else str(whole)
    return f"{value:.15g}"
