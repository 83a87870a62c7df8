"""Where playbooks and their cases are: a value, a file, or one that is installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from salesflow._arguments import A_PLAYBOOK, refuse
from salesflow.playbook import Playbook
from salesflow.playbook._read import CASES, SUFFIXES
from salesflow.plugins import load_playbook


def is_file(given: object) -> bool:
    """Whether it is the path of a file, and not the id of a playbook."""
    return isinstance(given, Path) or (isinstance(given, str) and given.lower().endswith(SUFFIXES))


def playbook_of(given: Playbook | str | Path) -> Playbook:
    """The playbook itself, that of a file, or the one of that id.

    Raises:
        InvalidPlaybook: The file cannot be read, or has errors.
        UnknownName: There is no playbook of that id.
        PluginError: It cannot be loaded.
        ArgumentError: It is none of these.
    """
    if isinstance(given, Playbook):
        return given
    if not isinstance(given, str | Path):
        refuse("playbook", "a Playbook, the path of its file, or its id", given, A_PLAYBOOK)
    return Playbook.from_file(given) if is_file(given) else load_playbook(str(given))


def beside_cases(cases: str | Path) -> Path | None:
    """The file of the playbook whose cases these are, where it lies beside them."""
    path = Path(cases)
    for suffix in CASES:
        if path.name.lower().endswith(suffix):
            stem = path.name[: -len(suffix)]
            return _existing(path.with_name(f"{stem}{other}") for other in SUFFIXES)
    return None


def cases_beside(playbook: str | Path) -> Path | None:
    """The file of the cases of a playbook, where it lies beside its file."""
    path = Path(playbook)
    return _existing(path.with_name(f"{path.stem}{suffix}") for suffix in CASES)


def _existing(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
