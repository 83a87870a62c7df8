"""The playbooks that come with salesflow, as files. Data only: nothing here reads a playbook.

Each is one TOML file, beside it its cases; `checklists/` holds what several of them share.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["BUILT_IN", "CHECKLISTS", "SCORECARDS", "checklist_source", "playbook_source"]

BUILT_IN: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "closed_loop_sales": ("Closed-loop sales", "闭环销售流程"),
        "milestone_selling": ("Milestone selling", "项目型销售推进流程"),
        "optimized_sales_process": ("Optimized sales process", "优化销售流程"),
        "project_tracking": ("Project tracking", "项目跟踪流程"),
        "sales_project_management": ("Sales project management", "销售项目管理流程"),
    }
)
"""Id of every built-in playbook, with its title in English and Chinese.

A table, so that listing the playbooks reads none of them; a test holds it equal to the files.
"""

CHECKLISTS: Final = ("bant", "bid", "meddpicc", "rww", "spiced", "tas")
"""Keys of the shared checklists."""

SCORECARDS: Final = ("bant", "bid", "meddpicc", "rww", "spiced", "tas")
"""Keys of the shared checklists that bring a scorecard of the same key."""


def playbook_source(playbook_id: str) -> bytes:
    """The file of a built-in playbook, as it is on disk.

    Raises:
        KeyError: There is no such built-in playbook.
    """
    if playbook_id not in BUILT_IN:
        raise KeyError(playbook_id)
    return _data(f"{playbook_id}.toml")


def checklist_source(key: str) -> bytes:
    """The file of a shared checklist, as it is on disk.

    Raises:
        KeyError: There is no such shared checklist.
    """
    if key not in CHECKLISTS:
        raise KeyError(key)
    return _data("checklists", f"{key}.toml")


def _data(*parts: str) -> bytes:
    path = os.path.join(os.path.dirname(__file__), *parts)  # noqa: PTH118, PTH120 - for the loader
    # The loader reads from a zipped package too, and unlike importlib.resources costs no import.
    get_data = getattr(__spec__.loader, "get_data", None)
    if get_data is None:  # pragma: no cover - an exotic importer
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    data: bytes = get_data(path)
    return data
