"""Rules over columns: each becomes two boolean expressions that are never null.

`yes` holds where the verdict is YES, `no` where it is NO; where neither holds it is UNKNOWN. One
nullable boolean would not do: engines disagree on what a comparison with a null is, and a `not`
over the wrong answer turns missing information into a pass. Each distinct atom is computed once,
as a column of its own; what a rule then adds is a few operations on booleans.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import and_, or_
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.facts import FactKind
from salesflow.rules.ast import And, AtLeast, Constant, Flag, Known, Name, Not, OneOf, Operator, Or
from salesflow.rules.columns._engine import Frame, by_parts
from salesflow.rules.columns._sources import Numbers, Op, Rail, Source
from salesflow.rules.core import CompareFacts, CompareValue, Core


@dataclass(frozen=True, slots=True)
class Rails:
    """A rule over a frame, as a pair of boolean expressions: its rails.

    Attributes:
        yes: Where the verdict is YES; `True` or `False` where it is the same for every row.
        no: Where the verdict is NO.
        depth: How many of the steps of `Columns` must have been applied before these expressions
            can be computed.
        whole: No row is UNKNOWN, so that counting one side counts both.
    """

    yes: Rail
    no: Rail
    depth: int = 0
    whole: bool = False


ABSENT: Final = Rails(yes=False, no=False)

_MANY: Final = 16

# Only these three are compiled. NaN and null satisfy none of them on any engine, which cannot be
# said of the other three: NaN is above every number in polars and DuckDB, and a null differs from
# everything in classic pandas.
_OPPOSITE: Final[Mapping[Operator, Op]] = {"!=": "==", ">": "<=", ">=": "<"}
_BASE: Final[Mapping[Operator, Op]] = {"==": "==", "<": "<", "<=": "<="}


def both(*rails: Rail) -> Rail:
    """True where every rail is."""
    return _joined(rails, and_, settled=False)


def either(*rails: Rail) -> Rail:
    """True where some rail is."""
    return _joined(rails, or_, settled=True)


def flip(rail: Rail) -> Rail:
    """True where the rail is not."""
    return (not rail) if isinstance(rail, bool) else ~rail


class Columns:
    """The facts of a frame, and the steps that compute what rules need of them.

    Give it a source per fact, ask for the rails of every rule, then `apply` it once to the frame.
    A fact without a source is unknown on every row, and whether it is known is unknown too.
    """

    def __init__(self, sources: Mapping[str, Source] | None = None) -> None:
        self._sources: dict[str, Source] = dict(sources or {})
        self._depths: dict[str, int] = {}
        self._steps: list[list[nw.Expr]] = []
        self._put: dict[Hashable, tuple[nw.Expr, int]] = {}
        # By what it is made of, and by which object it is: a derived rule has one and the same part
        # in very many places. The objects are kept, so that no other one gets the number of one.
        self._rails: dict[Hashable, Rails] = {}
        self._seen: dict[int, tuple[Core, Rails]] = {}
        self._parts: list[list[Rails]] = []  # kept for the same reason
        self._known: dict[str, tuple[Rail, int]] = {}
        self._left_out: dict[str, tuple[Rail, int]] = {}

    def __contains__(self, fact: str) -> bool:
        return fact in self._sources or Flag(fact) in self._rails

    def add(self, fact: str, source: Source, depth: int = 0) -> None:
        """Reads `fact` from `source`, whose column is there after `depth` steps."""
        self._sources[fact] = source
        self._depths[fact] = depth

    def leave_out(self, fact: str, rows: Rail, depth: int) -> None:
        """Where `rows` is true, the fact is not known, whatever its column holds."""
        self._left_out[fact] = (rows, depth)

    def add_flag(self, fact: str, rails: Rails, *, whole: bool = False) -> None:
        """Reads the flag `fact` from rails that were computed elsewhere.

        Where these do not decide it, it is not known if the `whole` of what they read has columns.
        """
        known = either(rails.yes, rails.no)
        self._rails[Flag(fact)] = rails
        unknown = flip(known) if whole else False
        self._rails[Known(Name(fact, FactKind.FLAG))] = Rails(known, unknown, rails.depth)

    def source(self, fact: str) -> Source | None:
        """The source of the fact; None where it has no column."""
        return self._sources.get(fact)

    def column(self, key: Hashable, expr: nw.Expr, depth: int) -> tuple[nw.Expr, int]:
        """The column of `expr`, and after how many steps it is there; kept by its `key`."""
        found = self._put.get(key)
        if found is None:
            while len(self._steps) <= depth:
                self._steps.append([])
            name = f"x{len(self._put)}"
            self._steps[depth].append(expr.alias(name))
            found = self._put[key] = (nw.col(name), depth + 1)
        return found

    def last(self, key: Hashable, *exprs: nw.Expr) -> list[nw.Expr]:
        """Columns of expressions that read any that there are by now; kept by `key`, in order."""
        depth = len(self._steps)
        return [self.column((key, at), expr, depth)[0] for at, expr in enumerate(exprs)]

    def apply(self, frame: Frame) -> Frame:
        """The frame with every column that was asked for."""
        # Those of now: Dask works on its parts later, when others may have been asked for.
        steps = [tuple(step) for step in self._steps if step]

        def applied(part: Frame) -> Frame:
            for step in steps:
                part = part.with_columns(*step)
            return part

        return by_parts(frame, applied)

    def known(self, fact: str) -> tuple[Rail, int]:
        """Where the fact has a value, and after how many steps."""
        found = self._known.get(fact)
        if found is None:
            source, depth = self.ready(fact)
            rows, later = self._left_out.get(fact, (False, 0))
            found = both(source.known(), flip(rows)), max(depth, later)
            if not source.plain:
                found = self._stored(("known", fact), *found)
            self._known[fact] = found
        return found

    def rails(self, core: Core) -> Rails:
        """The rails of a lowered rule."""
        seen = self._seen.get(id(core))
        if seen is not None:
            return seen[1]
        match core:
            case Not(item):
                found = self._compound(None, [self.rails(item)])
            case And(items) | Or(items):
                n = len(items) if isinstance(core, And) else 1
                found = self._compound(n, [self.rails(item) for item in items])
            case AtLeast(n, items):
                found = self._compound(n, [self.rails(item) for item in items])
            case _:
                known = self._rails.get(core)
                found = self._rails[core] = self._compile(core) if known is None else known
        self._seen[id(core)] = (core, found)
        return found

    def _compound(self, n: int | None, items: list[Rails]) -> Rails:
        """At least `n` of the items, or the opposite of the one where `n` is None; kept."""
        key = (n, tuple(map(id, items)))
        found = self._rails.get(key)
        if found is None:
            first = items[0]
            found = _opposed(first) if n is None else _at_least(n, items)
            if len(items) > _MANY:
                # An expression costs its length again wherever it is a part of another one.
                yes, depth = self._stored((key, "yes"), found.yes, found.depth)
                no, last = self._stored((key, "no"), found.no, found.depth)
                found = Rails(yes, no, max(depth, last), whole=found.whole)
            self._rails[key] = found
            self._parts.append(items)
        return found

    def _compile(self, core: Core) -> Rails:
        match core:
            case Constant(value):
                return Rails(value, not value)
            case CompareFacts(left, op, right, _):
                if left not in self._sources or right not in self._sources:
                    return ABSENT
                if op in _OPPOSITE:
                    return self._opposite(CompareFacts(left, _OPPOSITE[op], right, core.kind))
                return self._compared(core)
            case Flag(fact) | CompareValue(fact) | OneOf(Name(fact)) | Known(Name(fact)):
                return self._atom(core) if fact in self._sources else ABSENT
            case _:
                raise AssertionError(core)  # what is made of other rules is not compiled here

    def _atom(self, core: Flag | Known | OneOf | CompareValue) -> Rails:
        match core:
            case Known(Name(fact)):
                known, depth = self.known(fact)
                return Rails(known, flip(known), depth, whole=True)
            case Flag(fact):
                source, depth = self.ready(fact)
                sides = None if fact in self._left_out else source.sides()
                if sides is not None:
                    return Rails(*sides, depth)
                return self._decided(core, fact, source.equals(True), depth)
            case CompareValue(fact, kind, op, value):
                if op in _OPPOSITE:
                    return self._opposite(CompareValue(fact, kind, _OPPOSITE[op], value))
                source, depth = self.ready(fact)
                if op == "==":
                    return self._decided(core, fact, source.equals(value), depth)
                return self._decided(core, fact, source.below(value, or_equal=op == "<="), depth)
            case OneOf(Name(fact), listed):
                source, depth = self.ready(fact)
                found = source.one_of([one.value for one in listed])
                return self._decided(core, fact, found, depth)

    def _opposite(self, core: Core) -> Rails:
        return _opposed(self.rails(core))

    def _compared(self, core: CompareFacts) -> Rails:
        left, left_depth = self.ready(core.left)
        right, right_depth = self.ready(core.right)
        holds = left.against(right, _BASE[core.op])
        known, known_depth = self.known(core.left)
        other, other_depth = self.known(core.right)
        here = max(left_depth, right_depth, known_depth, other_depth)
        # Two missing values may well be equal to an engine: NaN and NaN, blank and blank.
        known = both(known, other)
        if isinstance(left, Numbers) and isinstance(right, Numbers):
            yes = both(holds, known)  # as quick as a look at a column, and a step less
            return Rails(yes, both(known, flip(yes)), here)
        return self._where_known(core, holds, known, here)

    def _decided(self, core: Core, fact: str, holds: Rail, depth: int) -> Rails:
        known, later = self.known(fact)
        return self._where_known(core, holds, known, max(depth, later))

    def _where_known(self, core: Core, holds: Rail, known: Rail, depth: int) -> Rails:
        yes, depth = self._stored((core, "yes"), both(holds, known), depth)
        return Rails(yes, both(known, flip(yes)), depth)

    def ready(self, fact: str) -> tuple[Source, int]:
        """The source in canonical form, and after how many steps it is there."""
        source, depth = self._sources[fact], self._depths.get(fact, 0)
        canonical = source.canonical()
        if canonical is None:
            return source, depth
        column, depth = self.column(("fact", fact), canonical, depth)
        return source.at(column), depth

    def _stored(self, key: Hashable, rail: Rail, depth: int) -> tuple[Rail, int]:
        return (rail, depth) if isinstance(rail, bool) else self.column(key, rail, depth)


def _joined(
    rails: Sequence[Rail], join: Callable[[nw.Expr, nw.Expr], nw.Expr], *, settled: bool
) -> Rail:
    if any(rail is settled for rail in rails):
        return settled
    exprs = [rail for rail in rails if not isinstance(rail, bool)]
    if not exprs:
        return not settled
    # Halving keeps the expression shallow: engines walk it recursively.
    while len(exprs) > 1:
        pairs = zip(exprs[::2], exprs[1::2], strict=False)
        exprs = [join(a, b) for a, b in pairs] + (exprs[-1:] if len(exprs) % 2 else [])
    return exprs[0]


def _opposed(rails: Rails) -> Rails:
    return replace(rails, yes=rails.no, no=rails.yes)


def _at_least(n: int, items: Sequence[Rails]) -> Rails:
    yes = _count_reaches([item.yes for item in items], n)
    no = _count_reaches([item.no for item in items], len(items) - n + 1)
    depth = max((item.depth for item in items), default=0)
    return Rails(yes, no, depth, whole=all(item.whole for item in items))


def _count_reaches(rails: Sequence[Rail], n: int) -> Rail:
    if n in {1, len(rails)}:
        return either(*rails) if n == 1 else both(*rails)
    n -= sum(rail is True for rail in rails)
    open_ = [rail for rail in rails if not isinstance(rail, bool)]
    if n <= 0 or n > len(open_):
        return n <= 0
    return nw.sum_horizontal(*(rail.cast(nw.Int16) for rail in open_)) >= n
