"""The canonical shape of a rule's tree, and what a tree built by code may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import isfinite
from operator import is_
from typing import Final

from salesflow.errors import Problem
from salesflow.facts import Fact, FactKind
from salesflow.rules import ast
from salesflow.rules._tokenizer import KEYWORDS, RESERVED_WORDS, quotable
from salesflow.rules._typecheck import check_member, check_pair
from salesflow.rules._unparse import write_number
from salesflow.rules.core import CompareFacts, CompareValue, Core

MAX_DEPTH: Final = 50
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


def normal(node: ast.Node) -> ast.Node:
    """The same rule in canonical shape: flat, the fact of a single comparison on the left.

    What has that shape stays the very same node, so that what a tree shares stays shared.
    """
    match node:
        case ast.Flag(fact) if fact.startswith(ast.REACHED) and "." not in fact[len(ast.REACHED) :]:
            return ast.Reached(fact[len(ast.REACHED) :])
        case ast.Compare((left, right), (op,)) if isinstance(
            right, ast.Name | ast.Age
        ) and not isinstance(left, ast.Name | ast.Age):
            return ast.Compare((right, left), (ast.MIRRORED[op],))
        case ast.OneOf(name, values):
            return ast.OneOf(name, tuple(dict.fromkeys(values)))
        case ast.Not(item):
            inner = normal(item)
            return node if inner is item else ast.Not(inner)
        case ast.And(items):
            parts = tuple(_flat(ast.And, items))
            return parts[0] if len(parts) == 1 else node if _same(parts, items) else ast.And(parts)
        case ast.Or(items):
            parts = tuple(_flat(ast.Or, items))
            return parts[0] if len(parts) == 1 else node if _same(parts, items) else ast.Or(parts)
        case ast.AtLeast(n, items):
            parts = tuple(map(normal, items))
            return node if _same(parts, items) else ast.AtLeast(n, parts)
        case _:
            return node


def pairs_of(node: ast.Compare) -> tuple[ast.Node, ...]:
    """The pairs of a chained comparison, as comparisons of their own."""
    triples = zip(node.operands, node.ops, node.operands[1:], strict=False)
    return tuple(normal(ast.Compare((left, right), (op,))) for left, op, right in triples)


def _same(nodes: Sequence[ast.Node], others: Sequence[ast.Node]) -> bool:
    # Where one was flattened, what stands in its place is another node.
    return all(map(is_, nodes, others))


def _flat(
    shape: type[ast.And[ast.Node] | ast.Or[ast.Node]], items: Iterable[ast.Node]
) -> Iterator[ast.Node]:
    for item in map(normal, items):
        if isinstance(item, shape):
            yield from item.items
        else:
            yield item


def facts_of_node(tree: ast.Node | Core) -> Iterator[tuple[str, FactKind]]:
    """Every fact that a rule reads, with its kind, once for each place."""
    for leaf in ast.leaves_of(tree):
        match leaf:
            case ast.Flag(fact):
                yield fact, FactKind.FLAG
            case ast.Reached(stage):
                yield ast.REACHED + stage, FactKind.FLAG
            case ast.Known(name) | ast.OneOf(name):
                yield name.fact, name.kind
            case CompareValue(fact, kind):
                yield fact, kind
            case CompareFacts(left, _, right, kind):
                yield left, kind
                yield right, kind
            case ast.Compare(operands):
                for operand in operands:
                    read = operand.name if isinstance(operand, ast.Age) else operand
                    if isinstance(read, ast.Name):
                        yield read.fact, read.kind
            case _:
                continue


def uses_time(node: ast.Node) -> bool:
    """Whether the rule's verdict depends on the day of the question."""
    return any(
        isinstance(operand, ast.Today | ast.Age)
        for leaf in ast.leaves_of(node)
        if isinstance(leaf, ast.Compare)
        for operand in leaf.operands
    )


def depth_of(node: ast.Node, limit: int = MAX_DEPTH) -> int:
    """How deep a rule is nested when written; at most `limit + 1` levels are looked at."""
    match node:
        case ast.Known() | ast.Reached() | ast.Compare():
            return 2
        case ast.OneOf():
            return 3
        case ast.Not(item) if limit > 0:
            return 1 + depth_of(item, limit - 1)
        case ast.And(items) | ast.Or(items) | ast.AtLeast(_, items) if limit > 0 and items:
            return 1 + max(depth_of(item, limit - 1) for item in items)
        case _:
            return 1


def problems_of(node: ast.Node, facts: Mapping[str, Fact]) -> list[Problem]:
    """The problems of a tree built by code: what no text could have said."""
    if depth_of(node) > MAX_DEPTH:
        message = f"the rule is nested more than {MAX_DEPTH} deep"
        return [Problem("", message, "split it into several rules", "depth")]
    problems = list(_problems(node, facts))
    kinds: dict[str, FactKind] = {}
    for fact, kind in facts_of_node(node):
        if fact in kinds:
            if kinds[fact] is not kind:
                message = f"it is read as {kinds[fact].value} and as {kind.value}"
                problems.append(Problem(fact, message, "a fact has one kind", "kind"))
            continue
        kinds[fact] = kind
        if not is_name(fact):
            message = f'"{fact[:60]}" is not the name of a fact'
            problems.append(Problem("", message, 'names read like "account.tier"', "name"))
    return problems


def is_name(fact: str) -> bool:
    """Whether a rule can name this fact."""
    name = fact.removeprefix(ast.REACHED)
    reserved = name in RESERVED_WORDS or not KEYWORDS.isdisjoint(name.split("."))
    return bool(_NAME.fullmatch(fact)) and not reserved


def _problems(node: ast.Node, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    match node:
        case ast.Not(item):
            yield from _problems(item, facts)
        case ast.And(items) | ast.Or(items) | ast.AtLeast(_, items):
            if isinstance(node, ast.AtLeast) and not 1 <= node.n <= len(items):
                message = f"at_least asks for {node.n} of {len(items)}"
                yield Problem("", message, f"write 1 to {len(items)}", "arity")
            elif not items:
                yield Problem("", "an And or Or has no items", "leave it out", "arity")
            for item in items:
                yield from _problems(item, facts)
        case ast.OneOf(name, values):
            if not values:
                yield Problem(name.fact, "it is looked for in an empty list", "", "arity")
            yield from _of_operands(values)
            members = (check_member(name, value, facts) for value in values)
            yield from filter(None, members)
        case ast.Compare(operands, ops):
            if not ops or len(ops) != len(operands) - 1:
                yield Problem("", "a comparison has one operator fewer than operands", "", "arity")
                return
            yield from _of_operands(operands)
            triples = zip(operands, ops, operands[1:], strict=False)
            pairs = (check_pair(left, op, right, facts) for left, op, right in triples)
            yield from filter(None, pairs)
        case ast.Constant() | ast.Flag() | ast.Known() | ast.Reached():
            return


def _of_operands(operands: Iterable[ast.Operand]) -> Iterator[Problem]:
    for operand in operands:
        match operand:
            case ast.Number(value) if not isfinite(value) or float(write_number(value)) != value:
                message = f"the number {value!r} cannot be written with 15 digits"
                yield Problem("", message, "round it", "number")
            case ast.Words(value):
                if problem := quotable(value):
                    yield problem
            case ast.Day(value) if type(value) is not date:
                yield Problem("", f"{value!r} is not a plain date", "pass value.date()", "kind")
            case _:
                continue
