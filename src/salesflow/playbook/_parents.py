"""Whom a playbook extends: another one by its id, or a file beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Final

from salesflow.errors import InvalidPlaybook, PluginError, UnknownName
from salesflow.playbook._problem_log import ProblemLog

if TYPE_CHECKING:
    from salesflow.playbook.playbook import Playbook

AT: Final = "extends"

_FILES: Final = (".toml", ".json")
_MOST: Final = 8
_SHOWN: Final = 20

# What is being loaded because something extends it: files and ids, through plugins, too.
_trail: ContextVar[tuple[str, ...]] = ContextVar("salesflow_extends", default=())


@contextmanager
def following(name: str) -> Iterator[None]:
    """While what has this name is loaded; a chain that comes back to it, or is long, is refused.

    Raises:
        InvalidPlaybook: The chain leads back to that name, or is too long.
    """
    trail = (*_trail.get(), name)
    listed = " → ".join(Path(step).name for step in trail)
    if name in trail[:-1]:
        raise InvalidPlaybook(f"Playbooks extend each other in a circle: {listed}.")
    if len(trail) > _MOST:
        raise InvalidPlaybook(
            f"{len(trail)} playbooks extend each other, more than {_MOST}: {listed}."
        )
    token = _trail.set(trail)
    try:
        yield
    finally:
        _trail.reset(token)


def parent_of(named: str, file: Path | None, log: ProblemLog) -> Playbook | None:
    """The playbook that is extended; None with its problems noted where there is none to be had.

    Args:
        named: What the file says.
        file: The file that says it; None for a text that is in none.
        log: Where problems are noted.
    """
    try:
        if file is not None:
            with following(str(file.resolve())):
                return _found(named, file, log)
        return _found(named, file, log)
    except UnknownName as error:
        log.unknown(AT, "playbook", named, map(str, error.known))
    except (InvalidPlaybook, PluginError) as error:
        _note(named, error, log)
    return None


def _found(named: str, file: Path | None, log: ProblemLog) -> Playbook | None:
    if not named.endswith(_FILES):
        from salesflow.playbook._installed import installed_playbook  # noqa: PLC0415 - a circle

        return installed_playbook(named)
    if file is None:
        hint = "name a playbook by its id, or read the file by Playbook.from_file"
        log.add(AT, "a text that is in no folder has no file beside it", hint, "parent")
        return None
    beside = _beside(named, file)
    if beside is None:
        message = "a playbook extends files in its own folder, or in folders of that, only"
        log.add(AT, message, 'write it as in "base.toml" or "shared/base.toml"', "parent")
        return None
    from salesflow.playbook.playbook import Playbook  # noqa: PLC0415 - a circle

    return Playbook.from_file(beside)


def _beside(named: str, file: Path) -> Path | None:
    """The file in the folder of another, or below it; None for one that is elsewhere."""
    parts = named.split("/")
    if ".." in parts or "\\" in named or "\0" in named or PureWindowsPath(named).anchor:
        return None
    folder = file.parent.resolve()
    found = (folder / named).resolve()  # where links lead, too
    return found if found.is_relative_to(folder) else None


def _note(named: str, error: InvalidPlaybook | PluginError, log: ProblemLog) -> None:
    """What is wrong with the parent, at the place that names it."""
    if not error.problems:
        log.add(AT, f'"{named[:80]}" cannot be extended: {error.message}', error.hint, "parent")
    for problem in error.problems[:_SHOWN]:
        told = replace(problem, hint="")
        log.add(AT, f'in "{named[:80]}", which is extended: {told}', problem.hint, "parent")
