"""What pytest does with faults: collect once, then ask the tests of each in a fork of its own.

A fork has no threads but its own. Where collecting tests makes polars start its threads, as frames
of modules do, a fork would wait for them for ever: it then collects what it needs by itself.

`MUTATION` in the environment says what to do, as JSON; without it this plugin does nothing.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import resource
import select
import signal
import time
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Final, TypedDict

import pytest

from tests.mutation.faults import Fault, faults_of
from tests.mutation.live import plant, plant_before_import

KILLED: Final = 1
SURVIVED: Final = 0
NOT_LIVE: Final = 3
"""The fault stands where a loaded module cannot take it: outside functions."""


NOT_ASKED: Final = 4
"""There was no time left for it."""

_FIXED: Final = 0.001
"""Seconds that a test takes beside what it does."""

_WAITED: Final = 4
"""How many seconds of the clock one of the processor may take: a fault may also wait for ever."""


class Order(TypedDict):
    """Which fault of which file, and the numbers of the tests that run its line."""

    file: str
    number: int
    tests: list[int]


class Orders(TypedDict):
    """What a server is told.

    Attributes:
        tests: The names of the tests, and how long each of them took.
        noticed: By file of the package, the tests that noticed its other faults.
        first: How many seconds of tests are asked about one fault.
        apart: Each fork collects its tests by itself.
        until: When no more are asked, in seconds of the clock; None: never.
    """

    tests: list[tuple[str, float]]
    noticed: dict[str, list[str]]
    first: float
    apart: bool
    until: float | None
    orders: list[Order]


def module_of(file: str) -> str:
    """The name of a module of the package by its file."""
    parts = Path(file).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class _Faults:
    """The faults of each file, found once."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[ast.Module, list[Fault]]] = {}

    def of(self, file: str) -> tuple[ast.Module, list[Fault]]:
        if file not in self._found:
            tree = ast.parse(Path(file).read_text(encoding="utf-8"))
            self._found[file] = tree, list(faults_of(tree))
        return self._found[file]


class Failures:
    """Whether a test failed: the first is enough."""

    def __init__(self) -> None:
        self.seen = False

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seen = self.seen or report.failed


class Durations:
    """How long each test took, written when the run is over."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        if "PYTEST_XDIST_WORKER" not in os.environ:
            self._file.write_text(json.dumps(self._seconds), encoding="utf-8")


class Server:
    """Runs the tests of each order in a fork of the process that has collected all of them.

    Asked first are the tests of which most is hoped in a second: those that noticed other faults of
    the same file, and those that stand beside them. Without results it ends where forks have to
    collect apart.
    """

    def __init__(self, orders: Path, results: Path) -> None:
        self._told: Orders = json.loads(orders.read_text(encoding="utf-8"))
        self._results = results
        self._faults = _Faults()
        self._beside = Counter(file_of(name) for name, _ in self._told["tests"])
        self._noticed: dict[str, Counter[str]] = {}
        for file, tests in self._told["noticed"].items():
            self._note(file, tests)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> bool | None:
        return True if self._told["apart"] else None

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not self._told["apart"] and _has_threads_of_polars():
            return True
        until = self._told["until"]
        with self._results.open("a", encoding="utf-8") as results:
            for order in self._told["orders"]:
                if until is not None and time.time() > until:
                    break
                chosen = dict(self._chosen(order))
                seconds = 10 + int(10 * sum(chosen.values()))
                outcome, by = self._ask(order, session, list(chosen), seconds)
                self._note(order["file"], [by] if by else [])
                line = {
                    "file": order["file"],
                    "number": order["number"],
                    "outcome": outcome,
                    "by": by,
                }
                results.write(json.dumps(line) + "\n")
                results.flush()
        return True

    def _note(self, file: str, tests: Iterable[str]) -> None:
        noticed = self._noticed.setdefault(file, Counter())
        for test in tests:
            noticed.update([test, file_of(test)])

    def _chosen(self, order: Order) -> list[tuple[str, float]]:
        noticed = self._noticed.setdefault(order["file"], Counter())

        def hopeful(test: tuple[str, float]) -> float:
            name, seconds = test
            file = file_of(name)
            return -(noticed[name] + (noticed[file] + 1) / self._beside[file]) / (seconds + _FIXED)

        tests = sorted((self._told["tests"][it] for it in order["tests"]), key=hopeful)
        taken = accumulate(seconds for _, seconds in tests)
        return [
            test
            for number, (test, total) in enumerate(zip(tests, taken, strict=True))
            if not number or total <= self._told["first"]
        ]

    def _ask(
        self, order: Order, session: pytest.Session, chosen: list[str], seconds: int
    ) -> tuple[int, str]:
        """How it ended, and the test that noticed, where one did.

        The seconds are those of the processor: on a busy machine nothing is noticed but faults.
        """
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            outcome = KILLED  # whatever breaks on the way is a fault that was noticed
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            try:
                outcome = self._run(order, session, chosen, tell)
            finally:
                os._exit(outcome)
        os.close(tell)
        outcome = _waited_for(child, _WAITED * seconds)
        with os.fdopen(told, "rb") as by:
            return outcome, by.read(1000).decode()

    def _run(self, order: Order, session: pytest.Session, chosen: list[str], tell: int) -> int:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if self._told["apart"]:
            session.perform_collect(list(dict.fromkeys(it.partition("::")[0] for it in chosen)))
        # A test may have been renamed or left out since the map was drawn.
        items = {item.nodeid: item for item in session.items}
        tree, faults = self._faults.of(order["file"])
        module = importlib.import_module(module_of(order["file"]))
        if not plant(faults[order["number"]], tree, module):
            return NOT_LIVE
        by = first_failure([items[name] for name in chosen if name in items])
        os.write(tell, by.encode())
        return KILLED if by else SURVIVED


def file_of(test: str) -> str:
    """The file of a test."""
    return test.partition("::")[0]


def _has_threads_of_polars() -> bool:
    names = (it.read_text(encoding="utf-8") for it in Path("/proc/self/task").glob("*/comm"))
    return any(re.match(r"polars-\d", name) for name in names)


def first_failure(items: list[pytest.Item]) -> str:
    """Run tests until one fails: its name, or none."""
    failures = Failures()
    for item, following in zip_longest(items, items[1:]):
        if item is items[0]:
            item.config.pluginmanager.register(failures)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failures.seen:
            return item.nodeid
    return ""


def _waited_for(child: int, seconds: int) -> int:
    """How a process ended; one that does not end was noticed, too."""
    watch = os.pidfd_open(child)
    try:
        ready, _, _ = select.select([watch], [], [], seconds)
        if not ready:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(watch)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else KILLED


def pytest_configure(config: pytest.Config) -> None:
    """Take part only where an order says so."""
    told = os.environ.get("MUTATION")
    if told is None:
        return
    order = json.loads(told)
    match order["do"]:
        case "measure":
            config.pluginmanager.register(Durations(Path(order["durations"])))
        case "serve":
            server = Server(Path(order["orders"]), Path(order["results"]))
            config.pluginmanager.register(server)
        case "plant":
            faults = _Faults()
            tree, found = faults.of(order["file"])
            planted = found[order["number"]].planted(tree)
            plant_before_import(module_of(order["file"]), Path(order["file"]).resolve(), planted)
        case other:
            raise pytest.UsageError(f"MUTATION does not know {other!r}")
