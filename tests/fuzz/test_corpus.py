"""What the fuzzer found, and inputs that run most lines of what reads strangers' texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, asked
from tests.rules.work import steps

CORPUS = Path(__file__).parents[1] / "corpus"
INPUTS = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: str(path.relative_to(CORPUS)))
def test_what_strangers_write_is_refused_or_used_in_bounded_steps(path: Path) -> None:
    name, data = path.parent.name, path.read_bytes()

    assert steps(lambda: asked(name, data)) < TARGETS[name].steps


def test_every_target_has_inputs_and_they_are_small() -> None:
    assert {path.parent.name for path in INPUTS} == TARGETS.keys()
    assert sum(path.stat().st_size for path in INPUTS) < 300_000


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"\x00", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_text_or_does_not_end_breaks_nothing(name: str, data: bytes) -> None:
    asked(name, data)
