"""Arguments of the wrong type, said before anything is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from salesflow.errors import Problem
from salesflow.playbook import Playbook

__all__ = ["problems_of_day", "problems_of_mapping", "problems_of_playbook"]


def problems_of_playbook(playbook: object) -> list[Problem]:
    """That it is none."""
    if isinstance(playbook, Playbook):
        return []
    what = f"this is a {type(playbook).__name__}, not a playbook"
    return [Problem("playbook", what, 'pass load_playbook("…") or Playbook.from_file("…")')]


def problems_of_day(path: str, day: object) -> list[Problem]:
    """That it is no day, but a moment or something else."""
    if isinstance(day, date) and not isinstance(day, datetime):
        return []
    hint = "pass a datetime.date such as date(2026, 1, 31)"
    return [Problem(path, f"{day!r} is no date", hint)]


def problems_of_mapping(path: str, mapping: object) -> list[Problem]:
    """That it is none; None stands for an empty one."""
    if mapping is None or isinstance(mapping, Mapping):
        return []
    return [Problem(path, f"this is a {type(mapping).__name__}, not a mapping", "write {…: …}")]
