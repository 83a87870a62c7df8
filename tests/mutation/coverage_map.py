"""Which tests run which lines of the package, and how long each of them takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from coverage import CoverageData

_QUIET: Final = ("-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider")
_ONE_ENGINE: Final = "--engines=polars"


def run_pytest(
    arguments: Sequence[str], told: object, *, cores: int = 1, coverage: Path | None = None
) -> int:
    """Run tests with the plugin that is told what to do; what pytest ends with."""
    plugin = ("-p", "tests.mutation.plugin", _ONE_ENGINE)
    command = [sys.executable, "-m", "pytest", *plugin, *_QUIET, *arguments]
    if cores > 1:
        command += ["-n", str(cores), "--dist", "worksteal"]
    environment = {**os.environ, "MUTATION": json.dumps(told)}
    if coverage is not None:
        environment["COVERAGE_FILE"] = str(coverage)
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    return done.returncode


class CoverageMap:
    """The tests of some folders, run once with nothing wrong.

    Attributes:
        seconds: How long each test took, by its node id.
    """

    def __init__(self, where: Path, tests: Sequence[str], cores: int) -> None:
        durations, data = where / "durations.json", where / "coverage"
        traced = ["--cov=salesflow", "--cov-report=", "--cov-context=test"]
        told = {"do": "measure", "durations": str(durations)}
        quick = "--hypothesis-profile=quick"
        if run_pytest([*traced, quick, *tests], told, cores=cores, coverage=data) != 0:
            message = f"Tests fail without any fault; see: pytest {quick} {' '.join(tests)}"
            raise SystemExit(message)
        self.seconds: dict[str, float] = json.loads(durations.read_text(encoding="utf-8"))
        self._data = CoverageData(str(data))
        self._data.read()
        self._lines: dict[str, dict[int, list[str]]] = {}

    def tests_of(self, file: str, lines: Iterable[int]) -> tuple[str, ...]:
        """The tests that run any of these lines, the quickest first."""
        by_line = self._by_line(file)
        found = {test for line in lines for test in by_line.get(line, ())}
        known = ((self.seconds[test], test) for test in found if test in self.seconds)
        return tuple(test for _, test in sorted(known))

    def all_of(self, file: str) -> tuple[str, ...]:
        """The tests that run any line of a file: what stands outside functions is in them all."""
        return self.tests_of(file, self._by_line(file))

    def within(self, tests: Sequence[str], seconds: float) -> list[str]:
        """As many of the tests as take so long altogether, and at least one."""
        total, chosen = 0.0, list[str]()
        for test in tests:
            total += self.seconds[test]
            if chosen and total > seconds:
                break
            chosen.append(test)
        return chosen

    def _by_line(self, file: str) -> dict[int, list[str]]:
        if file not in self._lines:
            found = self._data.contexts_by_lineno(str(Path(file).resolve()))
            self._lines[file] = {
                line: [context.rpartition("|")[0] for context in contexts if context]
                for line, contexts in found.items()
            }
        return self._lines[file]
