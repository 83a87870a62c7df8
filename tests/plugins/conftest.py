"""Installs real distributions, on a path of each test's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution with one module and entry points; returns the module's name."""
    monkeypatch.delenv("SALESFLOW_NO_PLUGINS", raising=False)
    modules: list[str] = []

    def installed(
        name: str,
        code: str,
        entries: dict[str, str],
        version: str = "1.0",
        group: str = "salesflow.playbooks",
    ) -> str:
        module = f"{name.replace('-', '_')}_{tmp_path.name}_{len(modules)}"
        site = tmp_path / name
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(code, encoding="utf-8")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        lines = "".join(f"{key} = {module}{value}\n" for key, value in entries.items())
        (info / "entry_points.txt").write_text(f"[{group}]\n{lines}", encoding="utf-8")
        monkeypatch.syspath_prepend(site)
        modules.append(module)
        return module

    yield installed
    for module in modules:
        sys.modules.pop(module, None)
