"""The JSON Schema of playbook files: what an editor says while somebody writes."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from salesflow.playbook import Playbook
from tests.playbook.test_check import MISTAKES

SCHEMA: Any = Playbook.json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ROOT = Path(__file__).parents[2]
FILES = [
    *sorted(
        path
        for path in (ROOT / "src/salesflow/playbooks").glob("*.toml")
        if not path.name.endswith(".cases.toml")
    ),
    ROOT / "tests/playbook/every_key.toml",
    ROOT / "tests/playbook/variant.toml",
]

# Mistakes of the check's own tests that an editor sees from the shape alone; the others need names,
# rules or the process as a whole.
SEEN = (
    "a key of Python",
    "a key of the rules",
    "a stage called as an end",
    "a sub-stage called as an end",
    "an empty text",
    "a language twice",
    "a choice twice",
)


def keys(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key that a table may have, with its schema."""
    if isinstance(schema, dict):
        for name, value in schema.get("properties", {}).items():
            yield f"{path}.{name}", value
        for name, value in schema.items():
            yield from keys(value, f"{path}.{name}")
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value, path)


def test_every_key_says_what_it_means() -> None:
    silent = [
        path for path, schema in keys(SCHEMA) if "oneOf" not in path and "description" not in schema
    ]

    assert silent == []
    assert SCHEMA["$id"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_the_check_accepts_has_the_shape(path: Path) -> None:
    table = tomllib.loads(path.read_text("utf-8"))

    assert [error.message for error in VALIDATOR.iter_errors(table)] == []


@pytest.mark.parametrize("mistake", SEEN)
def test_an_editor_sees_a_mistake_of_shape(mistake: str, bridge_text: str) -> None:
    old, new, *_ = MISTAKES[mistake]
    table = tomllib.loads(bridge_text.replace(old, new, 1))

    assert list(VALIDATOR.iter_errors(table))


@pytest.mark.parametrize(
    ("criterion", "right"),
    [
        ('by = "boss"', True),
        ('by = "boss"\nrule = "known(amount)"', True),
        ('rule = "known(amount)"', True),
        ('judgement = { roles = ["boss"] }', True),
        ("instruments = true", True),
        ("", False),
        ('rule = "known(amount)"\njudgement = { roles = ["boss"] }', False),
        ('rule = "known(amount)"\ninstruments = true', False),
        ('approval = "discount"\ndecision = "card"\nby = "boss"', False),
    ],
)
def test_a_criterion_is_known_in_one_way(criterion: str, right: bool) -> None:
    text = f"""
id = "x"
version = "1"
title = "X"
[[stages]]
key = "a"
title = "A"
[[stages.exit]]
key = "c"
title = "C"
{criterion}
"""
    assert VALIDATOR.is_valid(tomllib.loads(text)) is right


def taplo(schema: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("taplo")
    return subprocess.run(
        [command, "lint", "--schema", schema.as_uri(), *files],
        capture_output=True,
        check=False,
        text=True,
    )


def test_the_language_server_of_editors_reads_it(tmp_path: Path, bridge_text: str) -> None:
    schema = tmp_path / "playbook.schema.json"
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    old, new, *_ = MISTAKES["a stage called as an end"]
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(bridge_text.replace(old, new, 1), encoding="utf-8")

    assert taplo(schema, *FILES).returncode == 0
    told = taplo(schema, wrong)
    assert told.returncode != 0
    assert "wrong.toml" in told.stderr
