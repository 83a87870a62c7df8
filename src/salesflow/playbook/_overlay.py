"""What a variant says, laid over what the playbook has that it extends.

Both are tables as files have them. Entries of lists that have keys are matched by them, tables are
merged key by key, and everything else stands instead of what was there. It is remembered where each
part came from, so that what is wrong with the whole is told at the variant's own file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from salesflow.playbook._edits import Edit, Place, below, inside, written
from salesflow.playbook._parts import step
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._tables import List, Table

_WHOLE: Final = "replace"


class Origin:
    """Where a part of the whole stands in the variant's own file.

    Attributes:
        path: Its path there; None where it is inherited and only parts of it are the variant's.
        inner: Those parts, by the step of a path; None where all of it is the variant's.
    """

    __slots__ = ("inner", "path")

    def __init__(self, path: str | None, inner: dict[str, Origin] | None = None) -> None:
        self.path = path
        self.inner = inner


class _Entry(NamedTuple):
    value: object
    origin: Origin | None


class Overlay:
    """Lays tables over each other, and notes what cannot be done.

    Attributes:
        done: The edits that were done.
    """

    def __init__(self, edits: Mapping[Place, Edit], log: ProblemLog) -> None:
        self._edits = edits
        self._log = log
        self.done: set[Place] = set()

    def table(
        self,
        shape: Table,
        parent: Mapping[str, object],
        own: Mapping[str, object],
        place: Place,
        path: str | None,
    ) -> tuple[dict[str, object], Origin]:
        """A table of the variant over that of the parent.

        Args:
            shape: What both are.
            parent: The parent's.
            own: The variant's; empty where it says nothing of it.
            place: Where it is in the whole.
            path: Where it is in the variant's file; None where it is not there.
        """
        origin = Origin(path, {})
        found: dict[str, object] = {}
        for key in (*parent, *(key for key in own if key not in parent)):
            at = (*place, key)
            mine = _join(path, step(key)) if key in own else None
            if key in parent and self._is_removed(at, mine):
                continue
            value, where = self._value(shape, key, parent, own, at, mine)
            found[key] = value
            if where is not None and origin.inner is not None:
                origin.inner[step(key)] = where
        return found, origin

    def _value(
        self,
        shape: Table,
        key: str,
        parent: Mapping[str, object],
        own: Mapping[str, object],
        at: Place,
        mine: str | None,
    ) -> tuple[object, Origin | None]:
        field = shape.fields.get(key)
        inner = None if field is None else field.shape
        before, given = parent.get(key), own.get(key)
        if mine is not None and self._is_whole(at, mine, is_there=key in parent):
            return given, Origin(mine)
        if mine is None and not below(self._edits, at):
            return before, None
        if isinstance(inner, List) and inner.named_by and _both(before, given, list):
            return self._list(inner, _listed(before), _listed(given), at, mine)
        if isinstance(inner, Table) and not inner.whole and _both(before, given, dict):
            return self.table(inner, _tabled(before), _tabled(given), at, mine)
        return (before, None) if mine is None else (given, Origin(mine))

    def _list(
        self,
        shape: List,
        parent: Sequence[object],
        own: Sequence[object],
        place: Place,
        path: str | None,
    ) -> tuple[list[object], Origin]:
        item = shape.item
        entries: dict[str, _Entry] = {}
        nameless: list[_Entry] = []
        removed: dict[str, Edit] = {}
        counts = Counter(shape.name_of(entry) for entry in own)
        mine = {
            name: _own_path(shape, path, name, number)
            for number, entry in enumerate(own)
            if (name := shape.name_of(entry)) is not None and counts[name] == 1
        }
        for entry in parent:
            name = shape.name_of(entry) or ""
            at = (*place, name)
            if self._is_removed(at, mine.get(name)):
                removed[name] = self._edits[at]
            elif name not in mine and below(self._edits, at) and isinstance(item, Table):
                entries[name] = _Entry(*self.table(item, _tabled(entry), {}, at, None))
            else:
                entries[name] = _Entry(entry, None)
        for number, entry in enumerate(own):
            name = shape.name_of(entry) or ""
            if name not in mine:
                nameless.append(_Entry(entry, Origin(f"{path}[{number}]")))
            elif name not in removed:
                at, before = (*place, name), entries.get(name)
                whole = self._is_whole(at, mine[name], is_there=before is not None)
                if whole or before is None or not isinstance(item, Table):
                    entries[name] = _Entry(entry, Origin(mine[name]))
                else:
                    merged = self.table(item, _tabled(before.value), _tabled(entry), at, mine[name])
                    entries[name] = _Entry(*merged)
        ordered = [entries[name] for name in self._placed(entries, removed, place)]
        origin = Origin(path, {})
        for number, (value, where) in enumerate((*ordered, *nameless)):
            if where is not None and origin.inner is not None:
                # Problems name an entry by its key, or by its number where it has none of its own.
                origin.inner[f"[{number}]"] = where
                origin.inner.setdefault(step(shape.name_of(value) or ""), where)
        return [entry.value for entry in (*ordered, *nameless)], origin

    def _is_removed(self, at: Place, mine: str | None) -> bool:
        """Whether a part of the parent is taken out; notes what is said of it nevertheless."""
        edit = self._edits.get(at)
        if edit is None or edit.kind != "remove":
            return False
        self.done.add(at)
        if mine is not None:
            hint = f'keep one of the two; to write it anew: {edit.at} = "replace"'
            self._log.add(mine, f"{edit.at} removes what is changed here", hint, "conflict")
        for other in inside(self._edits, edit):
            self.done.add(other.place)
            message = f"{edit.at} removes what this is a part of"
            self._log.add(other.at, message, "keep one of the two", "conflict")
        return True

    def _is_whole(self, at: Place, mine: str, *, is_there: bool) -> bool:
        """Whether a part stands as the variant writes it, whatever the parent says of it."""
        edit = self._edits.get(at)
        if edit is None or edit.kind != _WHOLE:
            return False
        self.done.add(at)
        if not is_there:
            message = f'there is no "{written(at)}" that {mine} could replace'
            self._log.add(edit.at, message, "leave this out: it is new", "unknown_name")
        for other in inside(self._edits, edit):
            self.done.add(other.place)
            message = f"{edit.at} replaces what this is a part of"
            self._log.add(other.at, message, "keep one of the two", "conflict")
        return True

    def _placed(
        self, entries: Mapping[str, _Entry], removed: Mapping[str, Edit], place: Place
    ) -> list[str]:
        """The names of entries in order: as the parent has them, then new ones, then as placed."""
        moved = {
            edit.place[-1]: edit
            for edit in self._edits.values()
            if edit.place[:-1] == place and edit.kind in ("before", "after")
        }
        waiting: dict[str, Edit] = {}
        for name, edit in moved.items():
            self.done.add(edit.place)
            if name not in entries:
                self._missing(edit, written(edit.place), (written((*place, it)) for it in entries))
            elif edit.anchor in removed:
                message = f'{removed[edit.anchor].at} removes "{edit.anchor}"'
                self._log.add(edit.at, message, "name another one", "conflict")
            elif edit.anchor not in entries:
                self._missing(edit, edit.anchor, entries)
            else:
                waiting[name] = edit
        order = [name for name in entries if name not in waiting]
        last: dict[str, str] = {}
        while waiting:
            ready = [name for name, edit in waiting.items() if edit.anchor in order]
            if not ready:
                self._circle(waiting)
                return [*order, *waiting]
            edit = waiting.pop(ready[0])
            # Several after the same one stand in the order in which they are written.
            beside = last.get(edit.anchor, edit.anchor) if edit.kind == "after" else edit.anchor
            order.insert(order.index(beside) + (edit.kind == "after"), ready[0])
            if edit.kind == "after":
                last[edit.anchor] = ready[0]
        return order

    def _missing(self, edit: Edit, name: str, known: Iterable[str]) -> None:
        self._log.unknown(edit.at, "part", name, known)

    def _circle(self, waiting: Mapping[str, Edit]) -> None:
        first, *others = waiting.values()
        also = ", ".join(edit.at for edit in others)
        message = f"this and {also} wait for each other" if others else "this stands beside itself"
        self._log.add(first.at, message, "name one that has a place", "circle")


def _own_path(shape: List, path: str | None, name: str, number: int) -> str:
    """Where an entry stands in the variant's file: by its key, where it has one."""
    item = shape.item
    if isinstance(item, Table) and all(map(item.is_named_by, shape.named_by)):
        return _join(path, step(name))
    return f"{path}[{number}]"


def _join(path: str | None, step: str) -> str:
    return f"{path}.{step}" if path else step


def _both(before: object, given: object, kind: type) -> bool:
    """Whether neither is there but of that kind."""
    return all(value is None or isinstance(value, kind) for value in (before, given))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _tabled(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
