"""Mermaid itself, to read diagrams with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.node_packages import NodeProcess, installed

HERE = Path(__file__).parent


class Mermaid(NodeProcess):
    """One process of Node that reads diagrams for as long as the tests ask it to."""

    def __init__(self) -> None:
        super().__init__(HERE / "read.mjs", installed(HERE, "Mermaid"))

    def try_to_read(self, texts: Iterable[str], *, draw: bool = False) -> list[dict[str, Any]]:
        """What Mermaid finds in each of some diagrams, or its `error`.

        Args:
            texts: The diagrams.
            draw: Whether to draw them too, which takes longer, to know the texts `shown`.
        """
        found: list[dict[str, Any]] = self.ask({"texts": list(texts), "draw": draw})
        return found

    def read(self, *texts: str, draw: bool = False) -> list[dict[str, Any]]:
        """What Mermaid finds in diagrams without a mistake."""
        found = self.try_to_read(texts, draw=draw)
        refused = [
            f"{drawing['error']}\n\n{text}"
            for text, drawing in zip(texts, found, strict=True)
            if "error" in drawing
        ]
        assert not refused, "\n\n".join(["Mermaid refuses:", *refused])
        return found


@pytest.fixture(scope="session")
def mermaid() -> Iterator[Mermaid]:
    reader = Mermaid()
    yield reader
    reader.close()
