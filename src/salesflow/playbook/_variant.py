"""A variant: a playbook that extends another one, as the whole that it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from salesflow.errors import Problem
from salesflow.playbook._diff.compare import differences
from salesflow.playbook._diff.renames import Renames
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._edits import AT as EDITS
from salesflow.playbook._edits import Edit, Place, read_edits, written
from salesflow.playbook._model_variant import EXTENDED, EXTENDS
from salesflow.playbook._overlay import Origin, Overlay
from salesflow.playbook._parents import AT as EXTENDS_KEY
from salesflow.playbook._parents import parent_of
from salesflow.playbook._parts import NAMING, STEP, RawTable
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._shape import Json, Shape
from salesflow.playbook._tables import List, Table

if TYPE_CHECKING:
    from salesflow.playbook.playbook import Playbook

# What each playbook says of itself. How deals of its parent's versions go on is no matter of it.
_OWN: Final = ("id", "version", "title", "migrations", EXTENDS_KEY)
_SEE: Final = "see "


class Variant:
    """A variant's tables laid over those of the playbook that it extends.

    Attributes:
        table: The whole, as a file could have it.
    """

    __slots__ = ("_edits", "_noted", "_origin", "_parent", "table")

    def __init__(
        self,
        table: dict[str, object],
        origin: Origin,
        parent: Playbook,
        edits: Iterable[Edit],
        noted: int,
    ) -> None:
        self.table = table
        self._noted = noted
        self._origin = origin
        self._parent = parent
        self._edits = tuple(edits)

    def extended(self, document: RawTable) -> RawTable:
        """What the whole says of the playbook that it extends, once it has been read."""
        parent = self._parent
        changes: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
        whole = DOCUMENT.write(document, behaviour=False)
        for found in differences(DOCUMENT, parent.to_dict(), whole, Renames(None)):
            if found.path[0] not in _OWN:
                kind = found.kind if found.kind in changes else "changed"
                gone = found.kind == "changed" and found.new is None
                changes["removed" if gone else kind].append(written(found.path))
        said = {
            "id": parent.id,
            "version": parent.version,
            "digest": parent.digest,
            "content_digest": parent.content_digest,
            **{kind: tuple(paths) for kind, paths in changes.items()},
        }
        extended = EXTENDED.filled(EXTENDS_KEY, **said)
        return RawTable({**document, EXTENDS_KEY: extended}, document.path)

    def told(self, log: ProblemLog) -> tuple[Problem, ...]:
        """The problems of a log in which those of the file itself come first."""
        return (*log.problems[: self._noted], *self.at_home(log.problems[self._noted :]))

    def at_home(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """The problems of the whole, each at the place of the variant's own file.

        What is wrong with an inherited part stands at the edit that took away what it needs, or
        else where the parent is named. What its author was warned of is not told again.
        """
        warned = None
        found: list[Problem] = []
        for told in problems:
            seen = told.hint.removeprefix(_SEE) if told.hint.startswith(_SEE) else ""
            problem = replace(told, hint=self._seen(seen)) if seen else told
            path = self._own_path(problem.path)
            if path is not None:
                found.append(replace(problem, path=path))
                continue
            if problem.severity == "warning":
                if warned is None:
                    warned = {(it.path, it.message) for it in self._parent.warnings}
                if (problem.path, problem.message) in warned:
                    continue
            found.append(self._inherited(problem))
        return tuple(found)

    def _seen(self, path: str) -> str:
        """Another place that a hint names."""
        own = self._own_path(path)
        return f"{_SEE}{path}, which is inherited" if own is None else f"{_SEE}{own}"

    def _inherited(self, problem: Problem) -> Problem:
        removed = next(
            (
                edit
                for edit in self._edits
                if edit.kind == "remove" and f'"{edit.place[-1]}"' in problem.message
            ),
            None,
        )
        return replace(
            problem,
            path=removed.at if removed else EXTENDS_KEY,
            column=None,
            message=f"{problem.path}, which is inherited: {problem.message}",
            hint=problem.hint or f'change it here, or say "{problem.path}" = "remove" in [{EDITS}]',
        )

    def _own_path(self, path: str) -> str | None:
        """Where a place of the whole is in the variant's file; None where it is inherited."""
        here = self._origin
        inside: object = self.table
        at = 0
        while at < len(path):
            match = STEP.match(path, at)
            if here.inner is None or match is None:
                return None if here.path is None else _joined(here.path, path[at:])
            step = match[1] or match[2]
            inner = here.inner.get(step)
            if inner is None:
                # What is missing in a part that the variant touches is missing there.
                if here.path is None or _part(inside, step) is not None:
                    return None
                return _joined(here.path, path[at:])
            inside = _part(inside, step)
            here, at = inner, match.end()
        return here.path


def variant_of(table: Mapping[str, object], file: Path | None, log: ProblemLog) -> Variant | None:
    """What a file comes to that extends another playbook; None where that cannot be had.

    Args:
        table: The tables of the file.
        file: Which file it is; None for a text that is in none.
        log: Where problems are noted.
    """
    read = EXTENDS.read(table.get(EXTENDS_KEY), EXTENDS_KEY, log)
    edits = read_edits(table.get(EDITS), log)
    parent = parent_of(read, file, log) if isinstance(read, str) else None
    if parent is None:
        return None
    inherited = {key: value for key, value in parent.to_dict().items() if key not in _OWN}
    own = {key: value for key, value in table.items() if key not in (EXTENDS_KEY, EDITS)}
    overlay = Overlay(edits, log)
    whole, origin = overlay.table(DOCUMENT, inherited, own, (), "")
    for place, edit in edits.items():
        if place not in overlay.done:
            _note_undone(edit, tuple(_near(inherited, place)), log)
    return Variant(whole, origin, parent, edits.values(), len(log.problems))


def _note_undone(edit: Edit, near: tuple[str, ...], log: ProblemLog) -> None:
    """Note an edit that found nothing to be done to, with the paths that there are instead."""
    named = written(edit.place)
    if near or edit.kind != "replace":
        log.unknown(edit.at, "inherited part", named, near)
    else:
        message = f'nothing is written here that could replace "{named}"'
        log.add(edit.at, message, 'write it, or say "remove"', "missing")


def _near(inherited: Mapping[str, Json], place: Place) -> Iterator[str]:
    """The paths that there are where the first wrong step of one is."""
    shape: object = DOCUMENT
    value: object = inherited
    for number, name in enumerate(place):
        parts: dict[str, object] = {}
        inner: Shape | None = None
        if isinstance(shape, List) and shape.named_by and isinstance(value, list):
            parts = {str(shape.name_of(entry)): entry for entry in value}
            inner = shape.item
        elif isinstance(shape, Table) and not shape.whole and isinstance(value, dict):
            parts = dict(value)
            inner = field.shape if (field := shape.fields.get(name)) else None
        if name not in parts:
            yield from (written((*place[:number], it, *place[number + 1 :])) for it in parts)
            return
        shape, value = inner, parts[name]


def _part(value: object, step: str) -> object:
    """What stands at the step of a path; None where there is nothing."""
    name = step.strip('"')
    if isinstance(value, dict):
        return value.get(name)
    if not isinstance(value, list):
        return None
    if step.startswith("["):
        number = int(step[1:-1])
        return value[number] if number < len(value) else None
    named = (it for it in value if isinstance(it, dict) and name in (it.get(key) for key in NAMING))
    return next(named, None)


def _joined(path: str, rest: str) -> str:
    rest = rest.removeprefix(".")
    return rest if not path else f"{path}{rest}" if rest.startswith("[") else f"{path}.{rest}"
