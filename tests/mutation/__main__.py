"""Plant faults in the package and see whether the tests notice: `make mutants`.

First the tests are run once, to know which lines each runs and how long it takes. Then each fault
is planted, and the tests that run its lines are asked, the quickest first, until one fails. A fault
that none notices is asked again in a process of its own, with more tests and more examples, and is
then reported. `survivors.toml` lists the faults that change nothing that anybody could see, each
with the reason; one that is listed and noticed after all is told, too.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.mutation.coverage_map import CoverageMap
from tests.mutation.planting import Planted, faults_in, survivors, with_tests

_PACKAGE: Final = Path("src/salesflow")
_KNOWN: Final = Path(__file__).with_name("survivors.toml")
ROOMS: Final = {
    "rules": (("rules/*.py",), ("tests/rules",)),
    "columns": (("rules/columns/*.py",), ("tests/rules", "tests/pipeline")),
    "engine": (
        ("engine/*.py", "engine/_facts/*.py", "engine/_handlers/*.py"),
        ("tests/engine", "tests/playbooks", "tests/records"),
    ),
    "qualify": (("qualify/*.py",), ("tests/qualify", "tests/engine")),
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


def changed_since(commit: str) -> set[str]:
    """The files that changed since a commit; git says itself where there is no such commit."""
    command = ["git", "diff", "--name-only", commit, "--", str(_PACKAGE)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return set(done.stdout.split())


def main(argv: Sequence[str] | None = None) -> int:
    """Tell the faults that no test notices; 1 where one of them is not listed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--rooms", default=",".join(ROOMS), help=f"some of {', '.join(ROOMS)}")
    parser.add_argument("--files", default="", help="only files whose path holds one of these")
    parser.add_argument("--changed-since", default="", metavar="COMMIT", help="only what changed")
    parser.add_argument("--sample", type=int, default=0, help="so many faults, drawn at random")
    parser.add_argument("--seed", default="", help="of the sample; another draws others")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(argv)
    parts = options.files.split(",")
    rooms = {file: room for room in options.rooms.split(",") for file in files_of(room)}
    files = sorted(file for file in rooms if any(part in file for part in parts))
    if options.changed_since:
        files = sorted(changed_since(options.changed_since).intersection(files))
    planned = [fault for file in files for fault in faults_in(file)]
    if options.sample:
        planned = sampled(files, options.sample, options.seed)
    if not planned:
        return report(planned, ())
    tests = sorted({test for item in planned for test in ROOMS[rooms[item.file]][1]})
    with tempfile.TemporaryDirectory() as place:
        drawn = CoverageMap(Path(place), tests, options.cores)
        planned = with_tests(planned, drawn)
        found = survivors(planned, drawn, Path(place), tests, options.cores)
    return report(planned, found)


def report(planned: Sequence[Planted], found: Sequence[Planted]) -> int:
    """Print what was not noticed, beside what is listed."""
    listed = tomllib.loads(_KNOWN.read_text(encoding="utf-8"))["equivalent"]
    known = {item["fault"] for item in listed}
    names = {item.name for item in planned}
    unlisted = [item for item in found if item.name not in known]
    for item in sorted(unlisted, key=lambda item: (item.file, item.fault.lines)):
        nobody = "" if item.tests else "  (no test runs it)"
        print(f"{item.file}:{item.fault.lines[0]}: {item.name.partition(': ')[2]}{nobody}")
    noticed = (known & names) - {item.name for item in found}
    for name in sorted(noticed):
        print(f"listed, and noticed: {name}")
    count = len(planned)
    share = (count - len(found)) / max(count, 1)
    print(
        f"{count:,} faults: {count - len(found):,} noticed ({share:.1%}), "
        f"{len(found) - len(unlisted):,} listed, {len(unlisted):,} not noticed"
    )
    return 1 if unlisted or noticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
