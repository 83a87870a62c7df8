"""What follows from the size policy: when an instrument is needed, and when all of them are done.

"The first row that holds" says of row k that it holds and no earlier one does. Written out for
every row that repeats each row as often as there are rows behind it; so the rows are halved again
and again, which is the same in Kleene's logic, because `and` and `or` distribute over each other
there too. What is repeated is one and the same node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from salesflow.playbook._parts import RawTable
from salesflow.playbook._shape import ProblemLog
from salesflow.rules._canonical import depth_of
from salesflow.rules.ast import And, AtLeast, Constant, Flag, Node, Not, Or

_MOST_PARTS: Final = 5_000
# What follows from a row is nested deeper than the row, by two levels for each halving.
_MOST_DEPTH: Final = 30

_YES: Final = Constant(value=True)
_NO: Final = Constant(value=False)

Row: TypeAlias = tuple[Node, Sequence[str]]


class Sizing:
    """The rules that follow from the rows of a size policy.

    Attributes:
        required: For each instrument, that the first row that holds asks for it.
        complete: That every instrument that is required is done.
    """

    __slots__ = ("_not", "_when", "complete", "required")

    def __init__(
        self, keys: Iterable[str], rows: Sequence[Row], applies: Mapping[str, Node] | None = None
    ) -> None:
        """The rules of these rows; `applies` says where an instrument does, if not always."""
        applies = applies or {}
        self._when = tuple(when for when, _ in rows)
        self._not = tuple(_opposite(when) for when in self._when)
        # Instruments that the same rows ask for have one rule.
        places = {key: tuple(i for i, row in enumerate(rows) if key in row[1]) for key in keys}
        by_place = {found: self._first(0, len(rows), found) for found in set(places.values())}
        self.required: Mapping[str, Node] = {
            key: _all([by_place[found], applies[key]]) if key in applies else by_place[found]
            for key, found in places.items()
        }
        done = [_all([_done_or_not(key, applies.get(key)) for key in asked]) for _, asked in rows]
        self.complete = self._done(0, len(rows), done)

    @property
    def parts(self) -> int:
        """Of how many statements these rules consist, those that are repeated counted again."""
        counted: dict[int, int] = {}
        distinct = {id(node): node for node in self.required.values()}
        return sum(_count(node, counted) for node in (*distinct.values(), self.complete))

    def _first(self, start: int, end: int, places: tuple[int, ...]) -> Node:
        """Of these rows the first that holds is one of `places`."""
        if not any(start <= place < end for place in places):
            return _NO
        if end - start == 1:
            return self._when[start]
        middle = (start + end) // 2
        before = self._first(start, middle, places)
        behind = self._first(middle, end, places)
        return _any([before, _all([*self._not[start:middle], behind])])

    def _done(self, start: int, end: int, done: Sequence[Node]) -> Node:
        """Of these rows the first that holds asks for nothing that is not done."""
        if all(item == _YES for item in done[start:end]):
            return _YES
        if end - start == 1:
            return _any([self._not[start], done[start]])
        middle = (start + end) // 2
        before = self._done(start, middle, done)
        behind = self._done(middle, end, done)
        return _all([before, _any([*self._when[start:middle], behind])])


def _done_or_not(key: str, when: Node | None) -> Node:
    """An instrument is done, or does not apply."""
    done = Flag(f"done.{key}")
    return done if when is None else _any([_opposite(when), done])


def _opposite(node: Node) -> Node:
    return Constant(value=not node.value) if isinstance(node, Constant) else Not(node)


def _all(nodes: Iterable[Node]) -> Node:
    """All of them, without what goes without saying."""
    items: list[Node] = []
    for node in nodes:
        if node == _NO:
            return _NO
        if node != _YES:
            items += node.items if isinstance(node, And) else (node,)
    return _YES if not items else items[0] if len(items) == 1 else And(tuple(items))


def _any(nodes: Iterable[Node]) -> Node:
    """One of them, without what can never be."""
    items: list[Node] = []
    for node in nodes:
        if node == _YES:
            return _YES
        if node != _NO:
            items += node.items if isinstance(node, Or) else (node,)
    return _NO if not items else items[0] if len(items) == 1 else Or(tuple(items))


def _count(node: Node, counted: dict[int, int]) -> int:
    found = counted.get(id(node))
    if found is None:
        match node:
            case Not(item):
                found = _count(item, counted)
            case And(items) | Or(items) | AtLeast(_, items):
                found = sum(_count(item, counted) for item in items)
            case _:
                found = 1
        counted[id(node)] = found
    return found


def check_size(document: RawTable, log: ProblemLog) -> None:
    """Note a size policy from which too much follows, or whose rows are nested too deep."""
    listed = document.tables("size_policy")
    rows = [(rule.node, row.names("instruments")) for row in listed if (rule := row.rule("when"))]
    if len(rows) < len(listed):
        return
    deep = [
        row.at("when")
        for row, (node, _) in zip(listed, rows, strict=True)
        if depth_of(node, _MOST_DEPTH) > _MOST_DEPTH
    ]
    keys = {key: None for _, asked in rows for key in asked}
    applies: dict[str, Node] = {}
    for instrument in document.tables("instruments"):
        when = instrument.rule("when")
        if when is not None and instrument.name("key") in keys:
            applies[str(instrument["key"])] = when.node
            if depth_of(when.node, _MOST_DEPTH) > _MOST_DEPTH:
                deep.append(instrument.at("when"))
    parts = 0 if deep else Sizing(keys, rows, applies).parts
    for path in deep:
        message = f"a row of the size policy is nested at most {_MOST_DEPTH} deep"
        log.add(path, message, "write it flatter", "depth")
    if parts > _MOST_PARTS:
        log.add(
            "size_policy",
            f"the rules of when each instrument is needed would have {parts:,} parts;"
            f" {_MOST_PARTS:,} are allowed",
            "each row repeats the rows before it: shorten their rules, or use fewer rows",
            "too_big",
        )
