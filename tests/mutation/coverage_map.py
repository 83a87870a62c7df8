"""Which tests run which lines of the package, and how long each of them takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import sqrt
from pathlib import Path
from typing import Final

from coverage import CoverageData

from tests.mutation.plugin import file_of

_QUIET: Final = ("-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider")
_ONE_ENGINE: Final = "--engines=polars"
_PACKAGE: Final = Path("src/salesflow")


def digest_of(files: Iterable[Path]) -> str:
    """What changes when one of the files does."""
    found = sha256()
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def run_pytest(
    arguments: Sequence[str],
    told: object,
    *,
    cores: int = 1,
    coverage: Path | None = None,
    output: Path | None = None,
) -> int:
    """Run tests with the plugin that is told what to do; what pytest ends with.

    What the tests print is lost, unless a file is to have it.
    """
    plugin = ("-p", "tests.mutation.plugin", _ONE_ENGINE)
    command = [sys.executable, "-m", "pytest", *plugin, *_QUIET, *arguments]
    if cores > 1:
        command += ["-n", str(cores), "--dist", "worksteal"]
    environment = {**os.environ, "MUTATION": json.dumps(told)}
    if coverage is not None:
        environment["COVERAGE_FILE"] = str(coverage)
    with (output or Path(os.devnull)).open("wb") as printed:
        done = subprocess.run(
            command, env=environment, stdout=printed, stderr=subprocess.STDOUT, check=False
        )
    return done.returncode


class CoverageMap:
    """The tests of some folders or files, run once with nothing wrong.

    What was measured is kept for as long as neither the package nor the file of a test changes.

    Attributes:
        seconds: How long each test took, by its node id.
    """

    def __init__(self, where: Path, tests: Sequence[str], cores: int) -> None:
        self.seconds: dict[str, float] = {}
        self._data: list[CoverageData] = []
        self._lines: dict[str, dict[int, list[str]]] = {}
        place = where / digest_of(sorted(_PACKAGE.rglob("*.py")))
        if not place.is_dir():
            shutil.rmtree(where, ignore_errors=True)
            place.mkdir(parents=True)
        left = _files_of(tests)
        for run in sorted(place.glob("[0-9]*")):  # what is still measured has another name
            known: dict[str, str] = json.loads((run / "files.json").read_text(encoding="utf-8"))
            found = [file for file, digest in left.items() if known.get(file) == digest]
            self._add(run, {file: left.pop(file) for file in found})
        if left:
            self._add(self._measured(place, left, cores), left)

    def _measured(self, place: Path, files: Mapping[str, str], cores: int) -> Path:
        run = place / f"new-{os.getpid()}"
        run.mkdir()
        traced = ["--cov=salesflow", "--cov-report=", "--cov-context=test"]
        told = {"do": "measure", "durations": str(run / "durations.json")}
        asked = [*traced, "--tb=short", "--hypothesis-profile=quick", *files]
        coverage, output = run / "coverage", run / "output"
        if run_pytest(asked, told, cores=cores, coverage=coverage, output=output) != 0:
            printed = output.read_text(encoding="utf-8", errors="replace")
            shutil.rmtree(run)
            raise SystemExit(f"{printed}\nTests fail without any fault.")
        (run / "files.json").write_text(json.dumps(dict(files)), encoding="utf-8")
        return run.rename(place / f"{len(list(place.iterdir())):03}-{os.getpid()}")

    def _add(self, run: Path, files: Iterable[str]) -> None:
        wanted = set(files)
        seconds: dict[str, float] = json.loads((run / "durations.json").read_text(encoding="utf-8"))
        self.seconds |= {test: it for test, it in seconds.items() if file_of(test) in wanted}
        if wanted:
            data = CoverageData(str(run / "coverage"))
            data.read()
            self._data.append(data)

    def tests_of(self, file: str, lines: Iterable[int]) -> tuple[str, ...]:
        """The tests that run any of these lines, the quickest first."""
        by_line = self._by_line(file)
        found = {test for line in lines for test in by_line.get(line, ())}
        known = ((self.seconds[test], test) for test in found if test in self.seconds)
        return tuple(test for _, test in sorted(known))

    def all_of(self, file: str) -> tuple[str, ...]:
        """The tests that run any line of a file: what stands outside functions is in them all.

        Every test, where a file has nothing that is run after it is loaded.
        """
        found = self.tests_of(file, self._by_line(file))
        return found or tuple(sorted(self.seconds, key=self.seconds.__getitem__))

    def covering(self, file: str, times: int, longest: float) -> list[str]:
        """A few quick files of tests that together run each line of a file so many times.

        Or most lines, where all of them would take longer than so many seconds.
        """
        by_line = {
            line: {file_of(test) for test in tests if test in self.seconds}
            for line, tests in self._by_line(file).items()
        }
        left = {line: min(times, len(files)) for line, files in by_line.items()}
        others = set[str]().union(*by_line.values())
        seconds = dict.fromkeys(others, 1.0)
        for test, it in self.seconds.items():
            if file_of(test) in others:
                seconds[file_of(test)] += it
        chosen: list[str] = []
        while any(left.values()) and sum(seconds[it] for it in chosen) < longest:

            def gain(tests: str) -> float:
                lines = (line for line, number in left.items() if number)  # noqa: B023 - used here
                return sum(tests in by_line[line] for line in lines) / sqrt(seconds[tests])

            best = max(sorted(others), key=gain)
            others.remove(best)
            chosen.append(best)
            left = {line: max(0, it - (best in by_line[line])) for line, it in left.items()}
        return chosen

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
            found = self._lines[file] = {}
            for data in self._data:
                # What is kept may have been measured in another copy of the repository.
                here = (it for it in data.measured_files() if it.endswith(f"/{file}"))
                for line, contexts in data.contexts_by_lineno(next(here, file)).items():
                    tests = (context.rpartition("|")[0] for context in contexts)
                    found.setdefault(line, []).extend(filter(None, tests))
        return self._lines[file]


def _files_of(tests: Iterable[str]) -> dict[str, str]:
    """The files of tests in folders or by name, each with its digest."""
    return {str(path): digest_of([path]) for path in files_in(tests)}


def files_in(tests: Iterable[str]) -> list[Path]:
    """The files of tests in folders or by name."""
    paths = map(Path, tests)
    return sorted(
        {file for it in paths for file in (it.rglob("test_*.py") if it.is_dir() else [it])}
    )
