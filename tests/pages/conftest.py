"""Chromium, to look at pages with: a build that comes from npm whole, for Linux on x86-64."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.node_packages import NodeProcess, installed

HERE = Path(__file__).parent
UNPACK = 'import it from "@sparticuz/chromium"; await it.executablePath();'


class Browser(NodeProcess):
    """One browser that looks at pages for as long as the tests ask it to."""

    def __init__(self) -> None:
        super().__init__(HERE / "look.mjs", installed(HERE, "Chromium", unpack=UNPACK))

    def look(
        self,
        page: Path | str,
        *,
        width: int,
        dark: bool = False,
        paper: bool = False,
        search: str = "",
    ) -> dict[str, Any]:
        """What it finds in a file or at an address, and what the search of its site lists."""
        address = page.as_uri() if isinstance(page, Path) else page
        how = {"page": address, "width": width, "dark": dark, "paper": paper, "search": search}
        found: dict[str, Any] = self.ask(how)
        assert "error" not in found, found["error"]
        return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("npm has a whole browser for Linux on x86-64 only")
    found = Browser()
    yield found
    found.close()
