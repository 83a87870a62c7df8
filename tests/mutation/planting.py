"""Plant each of many faults, and see whether a test notices."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutation.coverage_map import CoverageMap, run_pytest
from tests.mutation.faults import Fault, faults_of
from tests.mutation.plugin import KILLED, NOT_LIVE, SURVIVED, Order

_QUICK: Final = 15.0
_SURE: Final = 60.0
"""Seconds of tests that are asked about one fault: at first, and of one that nothing noticed."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault of a file, by its number there, and the tests that run its lines."""

    file: str
    number: int
    fault: Fault
    tests: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called while nobody changes what is written there."""
        file = self.file.removeprefix("src/salesflow/")
        fault = self.fault
        return f"{file}: {fault.place or 'module'}: {fault.before} -> {fault.after}"


def faults_in(file: str) -> list[Planted]:
    """The faults of a file, which no test is asked about yet."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return [Planted(file, number, fault) for number, fault in enumerate(faults_of(tree))]


def with_tests(planned: Iterable[Planted], drawn: CoverageMap) -> list[Planted]:
    """The faults with the tests that run their lines."""
    found = []
    for item in planned:
        tests = drawn.tests_of(item.file, item.fault.lines)
        if not tests and not item.fault.in_function:
            tests = drawn.all_of(item.file)
        found.append(Planted(item.file, item.number, item.fault, tests))
    return found


def survivors(
    planned: Sequence[Planted], drawn: CoverageMap, where: Path, tests: Sequence[str], cores: int
) -> list[Planted]:
    """The faults that no test notices."""
    outcomes = _forked(planned, drawn, where, tests, cores)
    left = [item for item, found in zip(planned, outcomes, strict=True) if found != KILLED]

    def ask(item: Planted) -> int:
        if not item.tests:
            return SURVIVED
        told = {"do": "plant", "file": item.file, "number": item.number}
        code = run_pytest(["-x", *drawn.within(item.tests, _SURE)], told)
        return SURVIVED if code == 0 else KILLED

    with ThreadPoolExecutor(cores) as pool:
        return [item for item, found in zip(left, pool.map(ask, left), strict=True) if not found]


def _forked(
    planned: Sequence[Planted], drawn: CoverageMap, where: Path, tests: Sequence[str], cores: int
) -> list[int]:
    """What became of each in a fork of a process that has loaded everything.

    Whatever a module worked out when it was loaded is without the fault, so that a fault which is
    not noticed here may still be.
    """

    def serve(core: int) -> None:
        orders = [_order(item, drawn) for item in planned[core::cores]]
        file = where / f"orders-{core}.json"
        file.write_text(json.dumps(orders), encoding="utf-8")
        told = {"do": "serve", "orders": str(file), "results": str(where / f"{core}.jsonl")}
        run_pytest([*tests, "--hypothesis-profile=quick"], told)

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(serve, range(cores)))
    outcomes: dict[tuple[str, int], int] = {}
    for core in range(cores):
        for line in (where / f"{core}.jsonl").read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            outcomes[found["file"], found["number"]] = found["outcome"]
    return [outcomes.get((item.file, item.number), NOT_LIVE) for item in planned]


def _order(item: Planted, drawn: CoverageMap) -> Order:
    chosen = drawn.within(item.tests, _QUICK)
    seconds = 10 + 10 * sum(drawn.seconds[test] for test in chosen)
    return {"file": item.file, "number": item.number, "tests": chosen, "seconds": seconds}
