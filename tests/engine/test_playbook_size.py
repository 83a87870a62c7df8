"""How the work on a playbook grows with the playbook: as it does, and no faster."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from salesflow import Playbook, StageEngine
from salesflow.playbook import lint
from tests.rules.work import steps

HEAD = """
id = "large"
version = "1"
title = "Large"
languages = ["en"]
currency = "USD"
owner_role = "rep"
roles = [{ key = "rep", title = "Rep" }]
"""
CRITERIA = (
    'rule = "amount >= {number} and known(expected_close_on)"',
    'by = "rep"\n  lapses_on = ["amount"]',
    'judgement = {{ roles = ["rep"] }}',
    'rule = \'account.tier in ("named", "strategic") or amount > {number}\'',
)


def large(stages: int, criteria: int) -> str:
    """A playbook of so many stages, each with so many criteria of every kind."""
    parts = [HEAD]
    for stage in range(stages):
        parts.append(f'[[stages]]\nkey = "s{stage}"\ntitle = "Stage {stage}"\n')
        for number in range(criteria):
            asked = CRITERIA[number % len(CRITERIA)].format(number=1000 * stage + number)
            name = f'key = "c{stage}_{number}"\n  title = "C"'
            parts.append(f"  [[stages.exit]]\n  {name}\n  {asked}\n")
    return "".join(parts)


def engine_of(text: str) -> Callable[[], object]:
    """To make an engine of a playbook that is loaded."""
    playbook = Playbook.from_toml(text)
    return lambda: StageEngine(playbook)


@pytest.mark.parametrize(
    "work",
    [
        lambda text: lambda: Playbook.from_toml(text),
        lambda text: lambda: lint(text),
        engine_of,
    ],
    ids=["load", "lint", "engine"],
)
def test_four_times_as_many_stages_are_four_times_as_much_work(
    work: Callable[[str], Callable[[], object]],
) -> None:
    small, large_one = (steps(work(large(stages, 12))) for stages in (10, 40))
    assert large_one < 5 * small


def test_a_playbook_may_have_a_hundred_stages_of_a_hundred_criteria() -> None:
    assert len(Playbook.from_toml(large(100, 100)).criteria) == 10_000
