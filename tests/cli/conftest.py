"""How these tests run the command: in this process, in English, and with what it printed."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from salesflow.cli import main

PLAYBOOKS = Path(__file__).parents[1] / "playbook"
BRIDGE = PLAYBOOKS / "bridge.toml"

SMALL = """\
id = "small"
version = "1"
title = "A small process"

[[stages]]
key = "talk"
title = "Talk"

  [[stages.exit]]
  key = "budget_known"
  title = "The budget is known"
  rule = "amount > 0"

[[stages]]
key = "sign"
title = "Sign"
"""

CASES = """\
[[cases]]
say = "A new deal is talked about"
steps = [{ do = "start" }]
expect = { stage = "talk" }

[[cases]]
say = "A deal with a budget goes on"
deal = { amount = "5 USD" }
steps = [{ do = "start" }, { do = "advance" }]
expect = { stage = "sign" }
"""


class Said(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with these words, and what is typed in."""
    return running(capsys, monkeypatch)


def running(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same for tests of other folders."""

    def said(*words: object, stdin: str | bytes = b"") -> Said:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return said


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder to work in, with a small playbook and its cases."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    path.with_suffix(".cases.toml").write_text(CASES, encoding="utf-8")
    return path
