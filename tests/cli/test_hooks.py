"""The hooks for pre-commit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, Run

HOOKS = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^  entry: salesflow (.*)$", HOOKS, re.MULTILINE)


def test_there_is_a_hook_for_each_of_both_commands() -> None:
    assert re.findall(r"^- id: salesflow-(.*)$", HOOKS, re.MULTILINE) == ["check", "test"]
    assert [entry.split()[0] for entry in ENTRIES] == ["check", "test"]
    keys = re.findall(r"^(?:- |  )(\w+):", HOOKS, re.MULTILINE)
    assert set(keys) == {"id", "name", "description", "entry", "language", "types_or"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_hook_takes_every_changed_file_and_leaves_others_alone(
    run: Run, small: Path, entry: str
) -> None:
    others = [small.with_name(name) for name in ("pyproject.toml", "package.json")]
    for path in others:
        path.write_text("{" if path.suffix == ".json" else "[project]\nx = \n", encoding="utf-8")
    changed = [small, small.with_suffix(".cases.toml"), *others]
    code, out, err = run(*entry.split(), *changed)
    assert (code, err) == (0, "")
    assert "pyproject" not in out
    assert run(*entry.split(), *others) == (0, "", "")
    small.write_text(SMALL.replace("amount > 0", "amout > 0"), encoding="utf-8")
    assert run(*entry.split(), *changed).code == 1
