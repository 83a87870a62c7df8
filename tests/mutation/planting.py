"""Plant each of many faults, and see whether a test notices."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.mutation.coverage_map import CoverageMap, digest_of, run_pytest
from tests.mutation.faults import Fault, faults_of
from tests.mutation.plugin import KILLED, NOT_ASKED, SURVIVED, Order, Orders

_FAULTS: Final = Path(__file__).with_name("faults.py")


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


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard it is tried.

    Attributes:
        first: Seconds of tests that are asked about a fault in a fork.
        again: Seconds of tests, with all their examples, that are asked in a process of its own
            about one that nothing noticed; 0: it is not asked again.
        until: When no more are asked, in seconds of the clock; None: never.
        cores: How many are asked side by side.
    """

    first: float = 15.0
    again: float = 60.0
    until: float | None = None
    cores: int = 1

    @property
    def over(self) -> bool:
        """Whether no more are asked."""
        return self.until is not None and time.time() > self.until


class Noticed:
    """The faults that a test noticed, kept while nobody changes their file, or what a fault is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._digests: dict[str, str] = {}

    @cached_property
    def _by(self) -> dict[tuple[str, str, int], str]:
        if not self._file.exists():
            return {}
        lines = map(json.loads, self._file.read_text(encoding="utf-8").splitlines())
        return {(it["file"], it["digest"], it["number"]): it["by"] for it in lines}

    def __contains__(self, item: Planted) -> bool:
        return (item.file, self._digest(item.file), item.number) in self._by

    def add(self, item: Planted, by: str) -> None:
        """Keep which test noticed a fault."""
        digest = self._digest(item.file)
        self._by[item.file, digest, item.number] = by
        line = {"file": item.file, "digest": digest, "number": item.number, "by": by}
        with self._file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(line) + "\n")

    def by(self, file: str) -> list[str]:
        """The tests that noticed faults of a file as it is now, one for each fault."""
        now = file, self._digest(file)
        return [by for (*where, _), by in self._by.items() if tuple(where) == now and by]

    def _digest(self, file: str) -> str:
        if file not in self._digests:
            self._digests[file] = digest_of([Path(file), _FAULTS])
        return self._digests[file]


def faults_in(file: str) -> list[Planted]:
    """The faults of a file, which no test is asked about yet."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return [Planted(file, number, fault) for number, fault in enumerate(faults_of(tree))]


def with_tests(planned: Iterable[Planted], drawn: CoverageMap) -> list[Planted]:
    """The faults with the tests that run their lines."""
    found = []
    for item in planned:
        tests = drawn.tests_of(item.file, item.fault.lines)
        # Defaults are worked out where a function is made, which is when its module is loaded.
        if not tests and (not item.fault.in_function or ("args", None) in item.fault.path):
            tests = drawn.all_of(item.file)
        found.append(replace(item, tests=tests))
    return found


def outcomes(
    planned: Sequence[Planted],
    drawn: CoverageMap,
    tests: Sequence[str],
    effort: Effort,
    noticed: Noticed,
) -> list[int]:
    """What became of each fault: noticed, not noticed, or not asked for want of time."""
    found = _forked(planned, drawn, tests, effort, noticed)

    def ask(item: Planted, before: int) -> int:
        if before in (KILLED, NOT_ASKED):
            return before
        if not item.tests:
            return SURVIVED
        if effort.over or not effort.again:
            return SURVIVED if before == SURVIVED else NOT_ASKED
        told = {"do": "plant", "file": item.file, "number": item.number}
        if run_pytest(["-x", *drawn.within(item.tests, effort.again)], told) == 0:
            return SURVIVED
        noticed.add(item, "")
        return KILLED

    with ThreadPoolExecutor(effort.cores) as pool:
        return list(pool.map(ask, planned, found))


def _forked(
    planned: Sequence[Planted],
    drawn: CoverageMap,
    tests: Sequence[str],
    effort: Effort,
    noticed: Noticed,
) -> list[int]:
    """What became of each in a fork of a process that has loaded everything.

    Whatever a module worked out when it was loaded is without the fault, so that a fault which is
    not noticed here may still be.
    """
    asked = [item for item in planned if item not in noticed]
    named = list(drawn.seconds.items())
    numbers = {name: number for number, (name, _) in enumerate(named)}

    def serve(core: int, place: Path) -> list[dict[str, object]]:
        orders: list[Order] = [
            {
                "file": item.file,
                "number": item.number,
                "tests": [numbers[test] for test in item.tests],
            }
            for item in asked[core :: effort.cores]
        ]
        if not orders:
            return []
        file, results = place / f"orders-{core}.json", place / f"{core}.jsonl"
        for apart in (False, True):
            told: Orders = {
                "tests": named,
                "noticed": {file: noticed.by(file) for file in {item.file for item in asked}},
                "first": effort.first,
                "apart": apart,
                "until": effort.until,
                "orders": orders,
            }
            file.write_text(json.dumps(told), encoding="utf-8")
            serving = {"do": "serve", "orders": str(file), "results": str(results)}
            run_pytest([*tests, "--hypothesis-profile=quick"], serving)
            if results.exists():
                lines = results.read_text(encoding="utf-8").splitlines()
                return [json.loads(line) for line in lines]
        return []

    with TemporaryDirectory() as place, ThreadPoolExecutor(effort.cores) as pool:
        served = pool.map(lambda core: serve(core, Path(place)), range(effort.cores))
        results = {(it["file"], it["number"]): it for found in served for it in found}
    found = []
    for item in planned:
        result = results.get((item.file, item.number))
        if result is None:
            found.append(KILLED if item in noticed else NOT_ASKED)
            continue
        if result["outcome"] == KILLED:
            noticed.add(item, str(result["by"]))
        found.append(int(str(result["outcome"])))
    return found
