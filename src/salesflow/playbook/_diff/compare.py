"""Where two documents differ, by the keys of their parts and not by their places."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from salesflow.playbook._diff.renames import Renames
from salesflow.playbook._model_choices import CHOICE, Choices
from salesflow.playbook._shape import Json, Shape
from salesflow.playbook._tables import Field, List, Table

ChangeKind = Literal["added", "removed", "changed", "renamed", "moved"]
Tables = Mapping[str, Json]


class Entry(NamedTuple):
    """A part on the way to a difference.

    Attributes:
        table: What it is.
        name: What tells it from the others; as the newer document has it, where it does.
        old: What the older document says of it; empty where it has none.
        new: What the newer one says of it.
    """

    table: Table
    name: str
    old: Tables
    new: Tables


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two documents differ.

    Attributes:
        path: Keys and names of parts.
        kind: Parts are added, removed, renamed or moved; all else is changed.
        trail: The parts on the way to it, and the part itself where one is added or so on.
        shape: What stands there.
        old: What the older document has there; None for nothing.
        new: What the newer one has there.
        prose: It is read by people only.
    """

    path: tuple[str, ...]
    kind: ChangeKind
    trail: tuple[Entry, ...]
    shape: Shape
    old: Json = None
    new: Json = None
    prose: bool = False


def differences(shape: Table, old: Tables, new: Tables, renames: Renames) -> Iterator[Difference]:
    """Every difference between two documents in their canonical form.

    Args:
        shape: What both are.
        old: The older one.
        new: The newer one.
        renames: Finds the parts that have another name now.
    """
    yield from _in_table(shape, old, new, (), (), renames)


def _in_table(
    shape: Table,
    old: Tables,
    new: Tables,
    path: tuple[str, ...],
    trail: tuple[Entry, ...],
    renames: Renames,
) -> Iterator[Difference]:
    for name, field in shape.fields.items():
        before, after = _value(field, old.get(name)), _value(field, new.get(name))
        if before == after:
            continue
        at = (*path, name)
        inner = field.shape
        found: Iterable[Difference]
        if isinstance(inner, Choices):
            found = _in_choices(inner, before, after, at, trail, renames)
        elif isinstance(inner, List) and isinstance(inner.item, Table):
            found = _in_list(inner, _listed(before), _listed(after), at, trail, renames)
        elif isinstance(inner, Table) and not inner.whole:
            found = _in_table(inner, _table(before), _table(after), at, trail, renames)
        else:
            found = [Difference(at, "changed", trail, inner, before, after)]
        yield from (replace(item, prose=True) for item in found) if field.prose else found


def _in_choices(
    shape: Choices,
    old: Json,
    new: Json,
    path: tuple[str, ...],
    trail: tuple[Entry, ...],
    renames: Renames,
) -> Iterator[Difference]:
    """Another list of words; of the same words, what people call each."""
    before, after = ([_titled(entry) for entry in _listed(it)] for it in (old, new))
    if [entry["key"] for entry in before] != [entry["key"] for entry in after]:
        yield Difference(path, "changed", trail, shape, old, new)
        return
    for one, other in zip(before, after, strict=True):
        word, table = str(other["key"]), CHOICE.table
        within = (*trail, Entry(table, word, one, other))
        yield from _in_table(table, one, other, (*path, word), within, renames)


def _titled(entry: Json) -> Tables:
    return entry if isinstance(entry, dict) else {"key": entry}


def _in_list(
    shape: List,
    old: Sequence[Json],
    new: Sequence[Json],
    path: tuple[str, ...],
    trail: tuple[Entry, ...],
    renames: Renames,
) -> Iterator[Difference]:
    item = shape.item
    if not isinstance(item, Table):
        return
    before, after = [_table(entry) for entry in old], [_table(entry) for entry in new]
    if shape.named_by:
        pairs = _by_name(shape, item, before, after, path, renames)
    else:
        pairs = list(_by_place(before, after))
    for name, one, other in pairs:
        at = (*path, name)
        within = (*trail, Entry(item, name, one or {}, other or {}))
        if one is None or other is None:
            kind: ChangeKind = "added" if one is None else "removed"
            gone, come = (None if it is None else dict(it) for it in (one, other))
            yield Difference(at, kind, within, item, gone, come)
            continue
        was = shape.name_of(one)
        if shape.named_by and was != name:
            yield Difference(at, "renamed", within, item, was, name)
        # What names it was told already.
        others = {key: value for key, value in one.items() if key not in shape.named_by}
        same = {key: other[key] for key in shape.named_by if key in other}
        yield from _in_table(item, {**others, **same}, other, at, within, renames)
    if shape.named_by:
        yield from _moved(item, before, pairs, path, trail)


Pairs = list[tuple[str, Tables | None, Tables | None]]


def _by_name(
    shape: List,
    item: Table,
    old: Sequence[Tables],
    new: Sequence[Tables],
    path: tuple[str, ...],
    renames: Renames,
) -> Pairs:
    """What corresponds: in the newer order, after it what is gone."""
    before = {str(shape.name_of(entry)): entry for entry in old}
    after = {str(shape.name_of(entry)): entry for entry in new}
    gone = {name: entry for name, entry in before.items() if name not in after}
    come = {name: entry for name, entry in after.items() if name not in before}
    renamed = renames.found(item, path, gone, come)
    was = {other: name for name, other in renamed.items()}
    found: Pairs = [(name, before.get(was.get(name, name)), entry) for name, entry in after.items()]
    return [*found, *((name, gone[name], None) for name in gone if name not in renamed)]


def _by_place(
    old: Sequence[Tables], new: Sequence[Tables]
) -> Iterator[tuple[str, Tables | None, Tables | None]]:
    """What corresponds where nothing but its place tells entries apart."""
    texts = [[json.dumps(entry, sort_keys=True) for entry in entries] for entries in (old, new)]
    matcher = SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    for kind, start, end, low, high in matcher.get_opcodes():
        if kind == "equal":
            continue
        together = min(end - start, high - low)
        for step in range(together):
            yield str(low + step + 1), old[start + step], new[low + step]
        for at in range(start + together, end):
            yield str(at + 1), old[at], None
        for at in range(low + together, high):
            yield str(at + 1), None, new[at]


def _moved(
    item: Table,
    old: Sequence[Tables],
    pairs: Pairs,
    path: tuple[str, ...],
    trail: tuple[Entry, ...],
) -> Iterator[Difference]:
    """Parts that stand elsewhere among those that were there before: as few as possible."""
    place = {id(entry): number for number, entry in enumerate(old)}
    kept = [(place[id(one)], name, one, other) for name, one, other in pairs if one and other]
    stay = _in_order([number for number, *_ in kept])
    for number, name, one, other in kept:
        if number not in stay:
            within = (*trail, Entry(item, name, one, other))
            yield Difference((*path, name), "moved", within, item)


def _in_order(numbers: Sequence[int]) -> set[int]:
    """As many of different numbers as possible that stand in rising order."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        before[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    found: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found


def concerned(path: tuple[str, ...], behaviour: Iterable[tuple[str, ...]]) -> bool:
    """Whether a difference is one of behaviour, which differs at these paths."""
    return any(path[: len(other)] == other or other[: len(path)] == path for other in behaviour)


def _value(field: Field, given: Json) -> Json:
    """What holds where nothing is given, too."""
    if given is not None or field.default in (None, ()):
        return given
    return field.shape.write(field.default, behaviour=False)


def _table(value: Json) -> Tables:
    return value if isinstance(value, dict) else {}


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else []
