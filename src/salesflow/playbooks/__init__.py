"""The playbooks that come with salesflow, as files. Data only: nothing here reads a playbook.

Each is one TOML file, beside it its cases; `checklists/` and `common/` hold what several of them
share. What lies in these folders is offered, so there is no list to keep.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = [
    "BUILT_IN",
    "CHECKLISTS",
    "cases_source",
    "checklist_source",
    "playbook_source",
]

_SUFFIX: Final = ".toml"
_CASES: Final = ".cases.toml"


def _keys(*folder: str) -> tuple[str, ...]:
    path = os.path.join(os.path.dirname(__file__), *folder)  # noqa: PTH118, PTH120 - cheap import
    if os.path.isdir(path):  # noqa: PTH112
        names = os.listdir(path)  # noqa: PTH208
    else:  # a zipped package
        # It costs as much as all other imports together, and is only needed here.
        from importlib.resources import files  # noqa: PLC0415

        names = [entry.name for entry in files(__name__).joinpath(*folder).iterdir()]
    playbooks = (name for name in names if name.endswith(_SUFFIX) and not name.endswith(_CASES))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in playbooks))


BUILT_IN: Final = _keys()
"""The id of every built-in playbook, in order of the alphabet."""

CHECKLISTS: Final = _keys("checklists")
"""The keys of the shared checklists, each of which brings a scorecard of the same key."""


def playbook_source(playbook_id: str) -> bytes:
    """The file of a built-in playbook, as it is on disk.

    Raises:
        KeyError: There is no such built-in playbook.
    """
    if playbook_id not in BUILT_IN:
        raise KeyError(playbook_id)
    return _data(f"{playbook_id}{_SUFFIX}")


def cases_source(playbook_id: str) -> bytes:
    """The file of the cases of a built-in playbook, as it is on disk.

    Raises:
        KeyError: There is no such built-in playbook.
    """
    if playbook_id not in BUILT_IN:
        raise KeyError(playbook_id)
    return _data(f"{playbook_id}{_CASES}")


def checklist_source(key: str) -> bytes:
    """The file of a shared checklist, as it is on disk.

    Raises:
        KeyError: There is no such shared checklist.
    """
    if key not in CHECKLISTS:
        raise KeyError(key)
    return _data("checklists", f"{key}{_SUFFIX}")


def _data(*parts: str) -> bytes:
    path = os.path.join(os.path.dirname(__file__), *parts)  # noqa: PTH118, PTH120 - for the loader
    # The loader reads from a zipped package too, and unlike importlib.resources costs no import.
    get_data = getattr(__spec__.loader, "get_data", None)
    if get_data is None:  # pragma: no cover - an exotic importer
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    data: bytes = get_data(path)
    return data
