"""One mistake, one message, where it is: planted into playbooks that have none."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

from salesflow.errors import InvalidPlaybook
from salesflow.playbook import Playbook, lint
from salesflow.playbooks import playbook_source

HERE = Path(__file__).parent


class Mistake(TypedDict):
    what: str
    playbook: str
    old: str
    new: str
    at: str
    path: str
    says: list[str]


MISTAKES: list[Mistake] = tomllib.loads((HERE / "planted" / "mistakes.toml").read_text("utf-8"))[
    "mistakes"
]


@cache
def text_of(playbook: str) -> str:
    return playbook_source(playbook).decode()


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake["what"] for mistake in MISTAKES])
def test_a_mistake_gets_one_message_where_it_is(mistake: Mistake) -> None:
    text = text_of(mistake["playbook"])
    begin = text.index(mistake["old"])
    planted = text.replace(mistake["old"], mistake["new"], 1)
    inside = mistake["new"].find(mistake["at"])
    at = begin + inside if inside >= 0 else planted.index(mistake["at"])

    problems = lint(planted)
    assert len(problems) == 1, [str(problem) for problem in problems]
    (problem,) = problems
    line, column = planted.count("\n", 0, at) + 1, at - planted.rfind("\n", 0, at)
    assert (problem.line, problem.column) == (line, column), str(problem)
    assert problem.path == mistake.get("path", problem.path)
    for words in mistake["says"]:
        assert words in str(problem)
    if problem.severity == "error":
        with pytest.raises(InvalidPlaybook) as caught:
            Playbook.from_toml(planted)
        assert caught.value.problems == problems


def test_several_slips_are_told_together_with_what_else_is_wrong() -> None:
    text = text_of("optimized_sales_process")
    for old, new in (
        ('key = "iso"', "key = iso"),
        ("notes = true", "notes = True"),
        ("[[stages.exit]]", "[stages.exit]"),
        ("activity_days = 30", "activity_dyas = ３０"),
        ('by = "sales_manager"', 'by = "sales_manger"'),
    ):
        text = text.replace(old, new, 1)
    problems = lint(text)
    assert sorted(problem.line or 0 for problem in problems) == sorted(
        text.count("\n", 0, text.index(new)) + 1
        for new in ("= iso", "= True", "[stages.exit]", "３０", "dyas", "sales_manger")
    )
