"""Evaluation with an explanation: every part of a rule with its verdict and its values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.rules import ast
from salesflow.rules._canonical import facts_of_node, pairs_of, uses_time
from salesflow.rules._compile import local_day
from salesflow.rules._findings import Context, Finding, Part
from salesflow.rules._unparse import composed
from salesflow.rules._values import Verdict
from salesflow.rules.core import HOLDS, CompareFacts, CompareValue, Core, lower

_YES, _NO, _UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
_OF: Final = {True: _YES, False: _NO, None: _UNKNOWN}


def part_of(node: ast.Node, made: dict[int, Part]) -> Part:
    """A rule's tree, prepared for explaining; a chained comparison is split into its pairs.

    What was `made` already is kept by the identity of the nodes: derived rules have one and the
    same part in many places.
    """
    if id(node) in made:
        return made[id(node)]
    match node:
        case ast.Compare(_, ops) if len(ops) > 1:
            items = pairs_of(node)
        case ast.Not(item):
            items = (item,)
        case ast.And(several) | ast.Or(several) | ast.AtLeast(_, several):
            items = several
        case _:
            items = ()
    parts = tuple([part_of(item, made) for item in items])
    if parts:
        names: Iterable[str] = chain.from_iterable(part.facts for part in parts)
    else:
        names = (fact for fact, _ in facts_of_node(node))
    core = None if items or uses_time(node) else lower(node, None)
    text = composed(node, [part.text for part in parts])
    part = made[id(node)] = Part(node, text, tuple(dict.fromkeys(names)), parts, core)
    return part


def evaluate(part: Part, context: Context) -> Finding:
    """The finding of a part and of all its parts; nothing is skipped."""
    return _found(part, context, {})


def _found(part: Part, context: Context, done: dict[int, Finding]) -> Finding:
    finding = done.get(id(part))
    if finding is not None:
        return finding
    values = context.values
    if part.parts:
        because = tuple([_found(item, context, done) for item in part.parts])
        verdict = _together(part.node, [item.verdict for item in because])
    else:
        because = ()
        verdict = _leaf(part.core or lower(part.node, context.today), context)
    seen = {fact: values[fact] for fact in part.facts}
    finding = keeping(
        Finding(
            verdict=verdict,
            rule=part.text,
            seen=FrozenDict(seen),
            because=because,
        ),
        _part=part,
        _context=context,
    )
    done[id(part)] = finding
    return finding


def _together(node: ast.Node, found: list[Verdict]) -> Verdict:
    match node:
        case ast.Not():
            return ~found[0]
        case ast.Or():
            return count(found, 1)
        case ast.AtLeast(n):
            return count(found, n)
        case _:
            return count(found, len(found))


def count(found: list[Verdict], n: int) -> Verdict:
    """Whether at least `n` of the verdicts are YES."""
    if found.count(_YES) >= n:
        return _YES
    return _NO if found.count(_NO) > len(found) - n else _UNKNOWN


def _leaf(core: Core, context: Context) -> Verdict:
    values = context.values
    match core:
        case ast.Constant(value):
            return _OF[value]
        case ast.Flag(fact):
            flag = values[fact]
            return _UNKNOWN if flag is None else _YES if flag is True else _NO
        case ast.Known(ast.Name(fact)):
            return _NO if values[fact] is None else _YES
        case CompareValue(fact, _, op, limit):
            seen = values[fact]
            if isinstance(seen, datetime):
                seen = local_day(seen, context.zone)
            return _UNKNOWN if seen is None else _OF[HOLDS[op](seen, limit)]
        case CompareFacts(left, op, right):
            first, second = values[left], values[right]
            if first is None or second is None:
                return _UNKNOWN
            return _OF[HOLDS[op](first, second)]
        case ast.OneOf(ast.Name(fact), listed):
            seen = values[fact]
            return _UNKNOWN if seen is None else _OF[any(seen == one.value for one in listed)]
        case _:
            message = f"{core} is not a leaf"
            raise AssertionError(message)
