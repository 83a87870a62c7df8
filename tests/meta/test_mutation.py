"""The faults of `make mutants`: each is a small change, and planting one changes what is run."""

from __future__ import annotations

import ast
import types
from pathlib import Path

import pytest

from tests.mutation.__main__ import ROOMS, files_of, report, sampled
from tests.mutation.faults import Fault, faults_of
from tests.mutation.live import plant
from tests.mutation.plugin import KILLED, NOT_ASKED, SURVIVED, first_failure

SOURCE = '''
"""A module."""
LEAVING = ("won", "lost")
LIMIT = 3

def late(day, limit=LIMIT, *, strict: bool = False):
    """Whether it is late."""
    if strict and day > limit:
        return True
    left = [one for one in LEAVING if one != "lost"]
    return not left

class Deal:
    @property
    def open(self):
        return self.stage is not None or self.outcome in LEAVING
'''
TREE = ast.parse(SOURCE)


def planted(fault: Fault) -> str:
    return ast.unparse(fault.planted(TREE))


def changes() -> set[tuple[str, str, str]]:
    return {(fault.place, fault.before, fault.after) for fault in faults_of(TREE)}


@pytest.mark.parametrize(
    "change",
    [
        ("", "('won', 'lost')", "('won',)"),
        ("", "3", "4"),
        ("late", "strict and day > limit", "strict or day > limit"),
        ("late", "strict and day > limit", "day > limit"),
        ("late", "day > limit", "day >= limit"),
        ("late", "day > limit", "day <= limit"),
        ("late", "not left", "left"),
        ("late", "False", "True"),
        ("late", " for one in LEAVING if one != 'lost'", " for one in LEAVING"),
        ("Deal.open", "self.stage is not None", "self.stage is None"),
        ("Deal.open", "self.outcome in LEAVING", "self.outcome not in LEAVING"),
    ],
)
def test_a_fault_is_what_somebody_could_have_written(change: tuple[str, str, str]) -> None:
    assert change in changes()


def test_every_fault_of_a_module_is_another_module() -> None:
    found = [planted(fault) for fault in faults_of(TREE)]

    assert ast.unparse(TREE) not in found
    assert len(set(found)) == len(found)


def test_words_types_and_lists_of_names_are_not_asked_for() -> None:
    function = 'def f(x: int = 1) -> "list[int]":\n    """Doc 1."""\n    assert x == 2\n'
    tree = ast.parse(function + '__all__ = ["f", "g"]')
    found = [(fault.before, fault.after) for fault in faults_of(tree)]

    assert found == [("1", "2")]


def test_what_only_a_checker_of_types_reads_is_not_asked_for() -> None:
    tree = ast.parse(
        """
_Run: TypeAlias = tuple[str, bool]
_Kind: TypeAlias = Literal["a", "b"]
Pair: TypeAlias = tuple[str, int]
Names = Mapping[str, Callable[[int, str], bool]]
pairs = zip(a, b, strict=True)
"""
    )
    assert {fault.before for fault in faults_of(tree)} == {"('a', 'b')", "(str, int)"}


def test_a_loaded_function_and_a_loaded_property_take_the_fault() -> None:
    module = types.ModuleType("sample")
    exec(compile(TREE, "sample.py", "exec"), module.__dict__)  # noqa: S102
    module.__file__ = "sample.py"
    late, deal = module.late, module.Deal()
    deal.stage, deal.outcome = None, "lost"
    assert (late(5, strict=True), late(3, strict=True), deal.open) == (True, False, True)

    for fault in faults_of(TREE):
        if (fault.before, fault.after) in (
            ("day > limit", "day >= limit"),
            ("self.outcome in LEAVING", "self.outcome not in LEAVING"),
        ):
            assert plant(fault, TREE, module)

    assert (late(5, strict=True), late(3, strict=True), deal.open) == (True, True, False)


def test_what_runs_when_a_module_is_loaded_cannot_be_planted_afterwards() -> None:
    module = types.ModuleType("sample")
    exec(compile(TREE, "sample.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    module.__file__ = "sample.py"
    for before in ("('won', 'lost')", "False"):
        fault = next(fault for fault in faults_of(TREE) if fault.before == before)
        assert not plant(fault, TREE, module)


def test_what_no_test_is_asked_about_is_not_noticed() -> None:
    assert first_failure([]) == ""


def test_every_room_has_files_and_tests() -> None:
    for room, (_, tests) in ROOMS.items():
        assert files_of(room), room
        assert all(Path(place).exists() for place in tests), room


def test_a_sample_is_the_same_for_the_same_seed_and_as_large_as_asked() -> None:
    files = files_of("schedule")
    names = [item.name for item in sampled(files, 30, "a")]

    assert len(names) == 30
    assert names == [item.name for item in sampled(files, 30, "a")]
    assert names != [item.name for item in sampled(files, 30, "b")]


@pytest.mark.parametrize(
    ("found", "enough", "code"),
    [
        ([KILLED] * 10, 1.0, 0),
        ([KILLED] * 9 + [SURVIVED], 1.0, 1),
        ([KILLED] * 8 + [SURVIVED] * 2, 0.75, 0),
        ([KILLED] * 7 + [SURVIVED] * 3, 0.75, 1),
        ([KILLED] * 6 + [SURVIVED] * 2 + [NOT_ASKED] * 2, 0.75, 0),
        ([NOT_ASKED] * 10, 0.75, 1),
    ],
)
def test_a_sample_is_enough_where_so_much_of_what_was_asked_was_noticed(
    found: list[int], enough: float, code: int
) -> None:
    planned = sampled(files_of("schedule"), 10, "a")

    assert report(planned, found, enough=enough) == code
