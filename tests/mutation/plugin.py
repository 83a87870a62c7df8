"""What pytest does with faults: collect once, then ask the tests of each in a fork of its own.

`MUTATION` in the environment says what to do, as JSON; without it this plugin does nothing.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import select
import signal
import time
from collections import Counter
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


class Order(TypedDict):
    """Which fault of which file, and the tests that run its line, the quickest first."""

    file: str
    number: int
    tests: list[str]
    seconds: float


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

    The tests that noticed other faults of a file are asked first: they may well notice the next.
    """

    def __init__(self, orders: Path, results: Path, until: float | None) -> None:
        self._orders: list[Order] = json.loads(orders.read_text(encoding="utf-8"))
        self._results = results
        self._until = until
        self._faults = _Faults()
        self._noticed: dict[str, Counter[str]] = {}

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        with self._results.open("a", encoding="utf-8") as results:
            for order in self._orders:
                if self._until is not None and time.time() > self._until:
                    break
                noticed = self._noticed.setdefault(order["file"], Counter())
                names = sorted(order["tests"], key=noticed.__getitem__, reverse=True)
                # A test may have been renamed or left out since the map was drawn.
                chosen = [items[name] for name in names if name in items]
                outcome, by = self._ask(order, chosen)
                noticed[by] += 1
                line = {
                    "file": order["file"],
                    "number": order["number"],
                    "outcome": outcome,
                    "by": by,
                }
                results.write(json.dumps(line) + "\n")
                results.flush()
        return True

    def _ask(self, order: Order, chosen: list[pytest.Item]) -> tuple[int, str]:
        """How it ended, and the test that noticed, where one did."""
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            outcome = KILLED  # whatever breaks on the way is a fault that was noticed
            try:
                outcome = self._run(order, chosen, tell)
            finally:
                os._exit(outcome)
        os.close(tell)
        outcome = _waited_for(child, order["seconds"])
        with os.fdopen(told, "rb") as by:
            return outcome, by.read(1000).decode()

    def _run(self, order: Order, chosen: list[pytest.Item], tell: int) -> int:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        tree, faults = self._faults.of(order["file"])
        module = importlib.import_module(module_of(order["file"]))
        if not plant(faults[order["number"]], tree, module):
            return NOT_LIVE
        by = first_failure(chosen)
        os.write(tell, by.encode())
        return KILLED if by else SURVIVED


def first_failure(items: list[pytest.Item]) -> str:
    """Run tests until one fails: its name, or none."""
    failures = Failures()
    if items:
        items[0].config.pluginmanager.register(failures)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failures.seen:
            return item.nodeid
    return ""


def _waited_for(child: int, seconds: float) -> int:
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
            server = Server(Path(order["orders"]), Path(order["results"]), order["until"])
            config.pluginmanager.register(server)
        case "plant":
            faults = _Faults()
            tree, found = faults.of(order["file"])
            planted = found[order["number"]].planted(tree)
            plant_before_import(module_of(order["file"]), Path(order["file"]).resolve(), planted)
        case other:
            raise pytest.UsageError(f"MUTATION does not know {other!r}")
