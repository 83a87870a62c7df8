"""Data files of ours: tables of texts and names that are no logic."""

from __future__ import annotations

from pkgutil import get_data  # importlib.resources costs more than all other imports together
from typing import Any


def read_data(package: str | None, name: str) -> dict[str, Any]:
    """What a TOML file of ours holds, which lies in a package beside its modules."""
    import tomllib  # noqa: PLC0415 - only where there are such files

    return tomllib.loads((get_data(str(package), name) or b"").decode("utf-8"))
