"""What a check wants of columns that are not there, apart from what the rows themselves lack."""

from __future__ import annotations

from datetime import date

from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.rules import ast
from salesflow.rules.columns import Rail, both, either, flip
from salesflow.rules.core import CompareFacts, CompareValue, Core


def left_to_columns(core: Core, facts: FactColumns, day: date) -> Rail:
    """The rows in which columns that are not there would decide, whichever way, and nothing else.

    Where the row itself lacks something, too, it may be undecided even then.
    """
    compiled = facts.columns
    rails = compiled.rails(core)
    best = compiled.rails(_assumed(core, facts, day, value=True))
    worst = compiled.rails(_assumed(core, facts, day, value=False))
    return both(flip(either(rails.yes, rails.no)), best.yes, worst.no)


def _assumed(core: Core, facts: FactColumns, day: date, *, value: bool) -> Core:
    """The rule where all that has no column speaks for it, or against it."""
    match core:
        case ast.Not(item):
            return ast.Not(_assumed(item, facts, day, value=not value))
        case ast.And(items):
            return ast.And(tuple(_assumed(item, facts, day, value=value) for item in items))
        case ast.Or(items):
            return ast.Or(tuple(_assumed(item, facts, day, value=value) for item in items))
        case ast.AtLeast(n, items):
            parts = tuple(_assumed(item, facts, day, value=value) for item in items)
            return ast.AtLeast(n, parts)
        case ast.Flag(fact) if (rule := facts.rule_of(fact)) is not None and facts.lacking(fact):
            return _assumed(rule.core(day), facts, day, value=value)
        case ast.Flag(fact) | CompareValue(fact) | ast.OneOf(ast.Name(fact)):
            read: tuple[str, ...] = (fact,)
        case ast.Known(ast.Name(fact)):
            read = (fact,)
        case CompareFacts(left, _, right):
            read = (left, right)
        case _:
            return core
    return ast.Constant(value) if any(map(facts.lacking, read)) else core
