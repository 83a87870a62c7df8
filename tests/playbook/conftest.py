"""The playbook that these tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesflow.playbook import Playbook

BRIDGE = Path(__file__).with_name("bridge.toml")


@pytest.fixture(scope="session")
def bridge_text() -> str:
    return BRIDGE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def bridge(bridge_text: str) -> Playbook:
    return Playbook.from_toml(bridge_text)
