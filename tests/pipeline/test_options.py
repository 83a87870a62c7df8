"""What a caller says of a frame is read once; what is wrong with it is noted and left out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from salesflow import Playbook, Rates
from salesflow._arguments import Arguments
from salesflow.errors import ArgumentError
from salesflow.pipeline._frames.mapping_file import Said
from salesflow.pipeline._frames.options import SOME_DAY, FrameOptions, read_options, read_playbook

DAY = date(2026, 1, 31)


def read(**options: Any) -> tuple[FrameOptions, list[str]]:
    given = Arguments()
    rest = {name: options.pop(name) for name in ("rates", "needs_day") if name in options}
    as_of = options.pop("as_of", DAY)
    found = read_options(given, None, Said(**{"key": "id", **options}), as_of=as_of, **rest)
    return found, [problem.path for problem in given.problems]


def test_what_is_right_is_taken_as_it_is() -> None:
    rates = Rates(base="USD", rates={"EUR": "1.10"})

    found, problems = read(
        columns={"amount": "value"},
        stages={"Signed": "won"},
        values={"owner": {"Li": None}},
        rates=rates,
    )

    assert problems == []
    assert (found.key, found.stage, found.day, found.rates) == ("id", "stage", DAY, rates)
    assert (found.columns, found.stages) == ({"amount": "value"}, {"Signed": "won"})
    assert found.values == {"owner": {"Li": None}}


@pytest.mark.parametrize(
    ("options", "stage", "columns", "named"),
    [
        ({}, "stage", {}, False),
        ({"stage": "phase"}, "phase", {}, True),
        ({"columns": {"stage": "phase"}}, "phase", {}, True),
        ({"columns": {"stage": "stage"}}, "stage", {}, True),
    ],
)
def test_the_column_of_the_stage_may_be_named_in_two_ways(
    options: dict[str, Any], stage: str, columns: dict[str, str], named: bool
) -> None:
    found, _ = read(**options)

    assert (found.stage, found.columns, found.names_stage) == (stage, columns, named)


def test_everything_that_is_wrong_is_noted_and_left_out() -> None:
    found, problems = read(
        as_of="today", tz="Mars", columns=3, stages=[], values={"owner": 5, "source": {}}, rates={}
    )

    assert problems == ["tz", "columns", "stages", "values['owner']", "as_of", "rates"]
    assert found == FrameOptions(key="id", values={"source": {}})


def test_the_column_of_the_stage_is_named_once() -> None:
    _, problems = read(stage="phase", columns={"stage": "step"})

    assert problems == ["columns['stage']"]


def test_a_moment_stands_for_its_day_in_the_zone() -> None:
    late = datetime(2026, 1, 31, 16, tzinfo=UTC)

    assert read(as_of=late)[0].day == DAY
    assert read(as_of=late, tz="Asia/Shanghai")[0].day == date(2026, 2, 1)


@pytest.mark.parametrize(("needed", "problems"), [(False, []), (True, ["as_of"])])
def test_a_day_is_asked_for_only_where_one_is_needed(needed: bool, problems: list[str]) -> None:
    found, wrong = read(as_of=None, needs_day=needed)

    assert (found.day, wrong) == (SOME_DAY, problems)


def test_without_a_playbook_everything_wrong_so_far_is_told() -> None:
    given = Arguments()
    read_options(given, None, Said(tz="Mars"), as_of=DAY)

    with pytest.raises(ArgumentError) as caught:
        read_playbook(given, "line", "It cannot be checked.")

    assert [problem.path for problem in caught.value.problems] == ["tz", "playbook"]
    assert caught.value.message == "It cannot be checked."


def test_a_playbook_is_given_back(process: Playbook) -> None:
    assert read_playbook(Arguments(), process, "It cannot be checked.") is process
