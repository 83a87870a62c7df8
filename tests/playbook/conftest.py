"""The playbooks that these tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesflow.playbook import Playbook

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def bridge_text() -> str:
    return (HERE / "bridge.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def bridge(bridge_text: str) -> Playbook:
    return Playbook.from_toml(bridge_text)


@pytest.fixture(scope="session")
def harbour_text() -> str:
    return (HERE / "harbour.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def harbour(harbour_text: str) -> Playbook:
    return Playbook.from_toml(harbour_text)
