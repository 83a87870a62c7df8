"""Plant faults in the package and see whether the tests notice: `make mutants`.

First the tests are run once, to know which lines each runs and how long it takes. Then each fault
is planted, and the tests that run its lines are asked, the quickest first, until one fails. A fault
that none notices is asked again in a process of its own, with more tests and more examples, and is
then reported. `survivors.toml` lists the faults that change nothing that anybody could see, each
with the reason; one that is listed and noticed after all is told, too. What was found is kept in
`.mutants`: of a file that did not change, only what nothing noticed is asked again.

`--recent` is what every change is asked, for two minutes: some faults of the files that changed
last, drawn anew for each commit, and only the tests that `nearest.toml` names for these files.
`--nearest` writes that file: the few tests that notice most of what was noticed in each file, or,
of a file of which nothing is known yet, those that run most of its lines four times.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import time
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.mutation.coverage_map import CoverageMap
from tests.mutation.planting import Effort, Noticed, Planted, faults_in, outcomes, with_tests
from tests.mutation.plugin import KILLED, SURVIVED

_PACKAGE: Final = Path("src/salesflow")
_KEPT: Final = Path(".mutants")
_KNOWN: Final = Path(__file__).with_name("survivors.toml")
_NEAREST: Final = Path(__file__).with_name("nearest.toml")
_NEAREST_HEAD: Final = """\
# By file of the package the tests that notice most of the faults planted in it, the best first; or
# few that run it all. Written by `make mutants ARGS=--nearest`; `.ci/run` asks these.
"""
_NEARLY_ALL: Final = 0.97
_TIMES: Final = 4
_LONGEST: Final = 45.0
_RECENT: Final = 200
_SECONDS: Final = 75.0
_ENOUGH: Final = 0.5
"""What every change is asked: so many faults, for so long, and the share that has to be noticed.

It is low, since only the nearest tests are asked, for a few seconds each.
"""

_THOROUGH: Final = Effort()
_ONCE: Final = Effort(first=5.0, again=0.0)

ROOMS: Final = {
    "rules": (("rules/*.py",), ("tests/rules", "tests/engine/test_blocker_codes.py")),
    "columns": (("rules/columns/*.py",), ("tests/rules", "tests/pipeline")),
    "engine": (
        ("engine/*.py", "engine/_facts/*.py", "engine/_handlers/*.py"),
        (
            *("tests/engine", "tests/playbooks", "tests/records", "tests/qualify"),
            "tests/schedule",
            *("tests/show/test_review_show.py", "tests/show/test_review_pages.py"),
            "tests/pipeline/test_hygiene.py",
        ),
    ),
    "qualify": (
        ("qualify/*.py",),
        ("tests/qualify", "tests/engine", "tests/pipeline/test_hygiene.py"),
    ),
    "schedule": (("schedule/*.py",), ("tests/schedule", "tests/engine")),
    "check": (
        ("playbook/_check*.py", "playbook/_lint*.py", "playbook/_waiting.py"),
        ("tests/playbook",),
    ),
    "verdicts": (
        ("pipeline/_checks/*.py", "pipeline/_frames/*.py"),
        ("tests/pipeline", "tests/rules"),
    ),
}
"""The rooms whose faults have to be noticed, and the tests that have to notice them."""


def files_of(room: str) -> list[str]:
    """The modules of a room."""
    forms, _ = ROOMS[room]
    return sorted(str(path) for form in forms for path in _PACKAGE.glob(form))


def sampled(files: Sequence[str], count: int, seed: str) -> list[Planted]:
    """So many faults of a few files, drawn at random: the tests of a few files are run quickly."""
    draw = random.Random(seed)
    found: list[Planted] = []
    for file in draw.sample(files, len(files)):
        faults = faults_in(file)
        found += draw.sample(faults, min(len(faults), max(count // 3, 1), count - len(found)))
        if len(found) == count:
            break
    return found


def recent(files: Collection[str], count: int) -> list[Planted]:
    """So many faults of the files that changed last, others for each commit."""
    draw = random.Random(_git("rev-parse", "HEAD")[0])
    found: list[Planted] = []
    for file in (*_git("log", "--max-count=200", "--format=", "--name-only"), *sorted(files)):
        if file in files and all(item.file != file for item in found):
            found += faults_in(file)
        if len(found) >= count:
            break
    return draw.sample(found, min(count, len(found)))


def changed_since(commit: str) -> list[str]:
    """The files that changed since a commit; git says itself where there is no such commit."""
    return _git("diff", "--name-only", commit)


def _git(*words: str) -> list[str]:
    """The words that git says."""
    command = ("git", *words)
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def _named(file: str) -> str:
    return file.removeprefix(f"{_PACKAGE}/")


def nearest(noticed: Noticed, files: Sequence[str]) -> dict[str, list[str]]:
    """By file the tests that together noticed nearly all that was noticed in it, the best first."""
    found = {}
    for file in files:
        count = Counter(test.partition("::")[0] for test in noticed.by(file))
        chosen: list[str] = []
        for test, _ in count.most_common():
            if sum(count[it] for it in chosen) < _NEARLY_ALL * count.total():
                chosen.append(test)
        if chosen:
            found[_named(file)] = chosen
    return found


def tests_for(planned: Sequence[Planted], rooms: Mapping[str, str], *, near: bool) -> list[str]:
    """The tests that have to notice some faults: those nearest to them, or all of their rooms."""
    known = tomllib.loads(_NEAREST.read_text(encoding="utf-8")) if near else {}
    found: set[str] = set()
    for file in {item.file for item in planned}:
        tests = ROOMS[rooms[file]][1]
        found.update(known.get(_named(file), tests[:1] if near else tests))
    return sorted(found)


def write_nearest(noticed: Noticed, drawn: CoverageMap, files: Sequence[str]) -> None:
    """Write `nearest.toml` anew; what was noticed before and is not known now stays as it was."""
    covering = {_named(file): drawn.covering(file, _TIMES, _LONGEST) for file in files}
    known = tomllib.loads(_NEAREST.read_text(encoding="utf-8"))
    known = {name: it for name, it in covering.items() if it} | known | nearest(noticed, files)
    lines = [f"{json.dumps(key)} = {json.dumps(known[key])}\n" for key in sorted(known)]
    _NEAREST.write_text("".join([_NEAREST_HEAD, *lines]), encoding="utf-8")


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--rooms", default=",".join(ROOMS), help=f"some of {', '.join(ROOMS)}")
    parser.add_argument("--files", default="", help="only files whose path holds one of these")
    parser.add_argument("--changed-since", default="", metavar="COMMIT", help="only what changed")
    parser.add_argument("--sample", type=int, default=0, help="so many faults, drawn at random")
    parser.add_argument("--seed", default="", help="of the sample; another draws others")
    parser.add_argument("--once", action="store_true", help="ask nothing a second time")
    parser.add_argument("--recent", action="store_true", help="two minutes for what changed last")
    parser.add_argument("--nearest", action="store_true", help="write nearest.toml, ask nothing")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Tell the faults that no test notices; 1 where one of them is not listed."""
    options = parsed(argv)
    parts = options.files.split(",")
    rooms = {file: room for room in options.rooms.split(",") for file in files_of(room)}
    files = sorted(file for file in rooms if any(part in file for part in parts))
    if options.changed_since:
        files = sorted(set(changed_since(options.changed_since)).intersection(files))
    noticed = Noticed(_KEPT / "noticed.jsonl")
    if options.nearest:
        tests = sorted({test for file in files for test in ROOMS[rooms[file]][1]})
        write_nearest(noticed, CoverageMap(_KEPT / "map", tests, options.cores), files)
        return 0
    if options.recent:
        planned = recent(files, _RECENT)
    elif options.sample:
        planned = sampled(files, options.sample, options.seed)
    else:
        planned = [fault for file in files for fault in faults_in(file)]
    if not planned:
        return report(planned, ())
    tests = tests_for(planned, rooms, near=options.recent)
    drawn = CoverageMap(_KEPT / "map", tests, options.cores)
    effort = replace(_ONCE if options.once or options.recent else _THOROUGH, cores=options.cores)
    if options.recent:
        effort = replace(effort, until=time.time() + _SECONDS)
    planned = with_tests(planned, drawn)
    found = outcomes(planned, drawn, tests, effort, noticed)
    return report(planned, found, enough=_ENOUGH if options.recent else 1.0)


def report(planned: Sequence[Planted], found: Sequence[int], *, enough: float = 1.0) -> int:
    """Print what was not noticed, beside what is listed; 1 where too little was noticed.

    Where less than everything is enough, it is too little as well to have asked about nothing: the
    tests were measured for so long, or are not there.
    """
    listed = tomllib.loads(_KNOWN.read_text(encoding="utf-8"))["equivalent"]
    known = {item["fault"] for item in listed}
    of = list(zip(planned, found, strict=True))
    left = [item for item, outcome in of if outcome == SURVIVED]
    unlisted = [item for item in left if item.name not in known]
    for item in sorted(unlisted, key=lambda item: (item.file, item.fault.lines)):
        nobody = "" if item.tests else "  (no test runs it)"
        print(f"{item.file}:{item.fault.lines[0]}: {item.name.partition(': ')[2]}{nobody}")
    noticed = {item.name for item, outcome in of if outcome == KILLED} & known
    noticed -= {item.name for item in left}
    for name in sorted(noticed):
        print(f"listed, and noticed: {name}")
    asked = sum(outcome in (KILLED, SURVIVED) for outcome in found)
    count = asked - len(left)
    print(
        f"{len(planned):,} faults, {asked:,} asked: {count:,} noticed "
        f"({count / max(asked, 1):.1%}), {len(left) - len(unlisted):,} listed, "
        f"{len(unlisted):,} not noticed"
    )
    if enough < 1.0:
        return int(not asked or asked - len(unlisted) < enough * asked)
    return int(bool(unlisted or noticed))


if __name__ == "__main__":
    raise SystemExit(main())
