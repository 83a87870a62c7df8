"""Golden digests: a deal keeps the digest of its playbook for years, so no release may move one.

No program writes `golden/digests.toml`. Where a digest is meant to change, because the file of a
playbook has changed, copy the new one from the failure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesflow.playbook import Playbook
from salesflow.playbook._model_cadences import UNITS
from salesflow.playbooks import BUILT_IN
from salesflow.plugins import load_playbook

HERE = Path(__file__).parent
GOLDEN = tomllib.loads((HERE / "golden" / "digests.toml").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in HERE.glob("*.toml") if path.stem != "planted")


def playbook_of(name: str) -> Playbook:
    return Playbook.from_file(HERE / name) if name in FILES else load_playbook(name)


@pytest.mark.parametrize("name", [*BUILT_IN, *FILES])
def test_both_digests_of_a_playbook_are_those_of_the_golden_file(name: str) -> None:
    playbook = playbook_of(name)
    found = {"behaviour": playbook.digest, "content": playbook.content_digest}
    assert found == GOLDEN[name]


def test_the_golden_file_names_no_other_playbook() -> None:
    assert set(GOLDEN) == {*BUILT_IN, *FILES}


def keys_of_schema(schema: object, path: str = "") -> Iterator[str]:
    """Every key of the format, as `stages.exit.key`."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield f"{path}{name}"
            yield from keys_of_schema(inner, f"{path}{name}.")
        yield from keys_of_schema(schema.get("items"), path)


def keys_of_table(value: object, path: str = "") -> Iterator[str]:
    """Every key of a file, in the same form."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}{name}"
            yield from keys_of_table(inner, f"{path}{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from keys_of_table(item, path)


def test_every_key_of_the_format_is_used_by_a_golden_playbook() -> None:
    names = ("every_key.toml", "variant.toml")
    tables = [tomllib.loads((HERE / name).read_text(encoding="utf-8")) for name in names]
    gates = ("stages.entry.", "stages.sub_stages.entry.", "stages.sub_stages.exit.")
    same = (
        "moves.criteria.",
        "tracks.states.entry.",
        *gates,
    )  # a criterion has the same keys wherever it stands
    used = {key for table in tables for key in keys_of_table(table)}
    known = set(keys_of_schema(Playbook.json_schema()))
    spans = {f"cadences.{way}." for way in ("every", "within", "ahead", "escalate.after")}
    units = {path.rpartition(".")[2] for path in used if path.startswith(tuple(spans))}
    assert units == {*UNITS}
    unused = {path for path in known - used if not path.startswith((*same, *spans))}
    assert unused == set()
