"""What follows from the rows of a policy: when something is needed, and when all of it is done.

A size policy asks for instruments, an approval policy for the approvals of roles.

"The first row that holds" says of row k that it holds and no earlier one does. Written out for
every row that repeats each row as often as there are rows behind it; so the rows are halved again
and again, which is the same in Kleene's logic, because `and` and `or` distribute over each other
there too. What is repeated is one and the same node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from salesflow.facts import FactKind, Facts
from salesflow.playbook._model_assets import Checklist, Instrument
from salesflow.playbook._model_policy import ApprovalPolicy
from salesflow.playbook._parts import RawTable, criteria
from salesflow.playbook._problem_log import ProblemLog
from salesflow.rules import Rule
from salesflow.rules._canonical import depth_of
from salesflow.rules.ast import (
    And,
    AtLeast,
    Compare,
    Constant,
    Flag,
    Name,
    Node,
    Not,
    Number,
    Or,
)

_MOST_PARTS: Final = 5_000
# What follows from a row is nested deeper than the row, by two levels for each halving.
_MOST_DEPTH: Final = 30

_YES: Final = Constant(value=True)
_NO: Final = Constant(value=False)

Row: TypeAlias = tuple[Node, Sequence[str]]


def approvals(policy: ApprovalPolicy, criterion: str) -> Sizing:
    """What follows from an approval policy for the criterion that asks for it."""
    rows = [(row.when.node, row.roles) for row in policy.rows]
    return Sizing((), rows, done=f"approval.{criterion}")


class Sizing:
    """The rules that follow from the rows of a policy.

    Attributes:
        required: For each of the keys, that the first row that holds asks for it.
        complete: That everything that is required is done.
        asks: That the first row that holds asks for anything.
    """

    __slots__ = ("_not", "_when", "asks", "complete", "required")

    def __init__(
        self,
        keys: Iterable[str],
        rows: Sequence[Row],
        applies: Mapping[str, Node] | None = None,
        done: str = "done",
    ) -> None:
        """The rules for `rows`.

        Args:
            keys: What the rows may ask for.
            rows: Each with the condition and what it asks for.
            applies: Where one of the keys applies, if not always.
            done: The flag `<done>.<key>` says that something is done.
        """
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
        flags = [
            _all([_done_or_not(f"{done}.{key}", applies.get(key)) for key in asked])
            for _, asked in rows
        ]
        self.complete = self._done(0, len(rows), flags)
        asking = tuple(i for i, (_, asked) in enumerate(rows) if asked)
        self.asks = self._first(0, len(rows), asking) if rows else _NO

    @property
    def parts(self) -> int:
        """Of how many statements these rules consist, those that are repeated counted again."""
        counted: dict[int, int] = {}
        distinct = {id(node): node for node in self.required.values()}
        every = (*distinct.values(), self.complete, *(() if distinct else (self.asks,)))
        return sum(_count(node, counted) for node in every)

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


def _done_or_not(flag: str, when: Node | None) -> Node:
    """Something is done, or does not apply."""
    return Flag(flag) if when is None else _any([_opposite(when), Flag(flag)])


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


def completing(
    instrument: Instrument, checklists: Mapping[str, Checklist], facts: Facts
) -> Rule | None:
    """When an instrument with a rule is complete: also its checklist has been gone through."""
    if instrument.rule is None or instrument.checklist is None:
        return instrument.rule
    asked = Name(f"{instrument.checklist}.asked", FactKind.NUMBER)
    total = Number(float(len(checklists[instrument.checklist].questions)))
    return Rule.of(And((instrument.rule.node, Compare((asked, total), (">=",)))), facts)


def check_size(document: RawTable, log: ProblemLog) -> None:
    """Note policies from which too much follows, or whose rows are nested too deep."""
    sized = _rows(document.tables("size_policy"), "instruments", "the size policy", log)
    keys = {key: None for _, asked in sized for key in asked}
    applies = {
        str(instrument["key"]): when.node
        for instrument in document.tables("instruments")
        if (when := instrument.rule("when")) and instrument.name("key") in keys
        if _is_flat(when.node, instrument.at("when"), "a row of the size policy", log)
    }
    for instrument in document.tables("instruments"):
        if (rule := instrument.rule("rule")) is not None:
            _is_flat(rule.node, instrument.at("rule"), "the rule of an instrument", log)
    parts = Sizing(keys, sized, applies).parts
    if parts > _MOST_PARTS:
        message = f"the rules of when each instrument is needed would have {parts:,} parts"
        log.add("size_policy", f"{message}; {_MOST_PARTS:,} are allowed", _SHORTER, "too_big")
    # Each criterion that is an approval has rules of its own.
    used = Counter(criterion.name("approval") for criterion in criteria(document))
    parts = 0
    for policy in document.tables("approvals"):
        rows = _rows(policy.tables("rows"), "roles", "an approval policy", log)
        parts += used[policy.name("key")] * Sizing((), rows).parts
    if parts > _MOST_PARTS:
        message = f"the rules of who approves what would have {parts:,} parts"
        log.add("approvals", f"{message}; {_MOST_PARTS:,} are allowed", _SHORTER, "too_big")


_SHORTER: Final = "each row repeats the rows before it: shorten their rules, or use fewer rows"


def _rows(listed: Sequence[RawTable], asked: str, what: str, log: ProblemLog) -> list[Row]:
    """The rows of a policy; none where one cannot be read, or is nested too deep."""
    rows: list[Row] = [
        (rule.node, row.names(asked)) for row in listed if (rule := row.rule("when"))
    ]
    if len(rows) < len(listed):
        return []
    flat = [
        _is_flat(node, row.at("when"), f"a row of {what}", log)
        for row, (node, _) in zip(listed, rows, strict=True)
    ]
    return rows if all(flat) else []


def _is_flat(node: Node, path: str, what: str, log: ProblemLog) -> bool:
    """Whether a rule is nested no deeper than rules may be that others are made of."""
    if depth_of(node, _MOST_DEPTH) <= _MOST_DEPTH:
        return True
    log.add(path, f"{what} is nested at most {_MOST_DEPTH} deep", "write it flatter", "depth")
    return False
