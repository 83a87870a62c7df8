"""What it costs to begin: importing salesflow, and loading the flagship playbook.

Each figure is the best of several fresh processes, with their bytecode compiled.
Run: `python benchmarks/bench_import.py`; with `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Final

from benchmarks._measure import QUICK

ROUNDS: Final = 1 if QUICK else 15
FLAGSHIP: Final = "optimized_sales_process"

CLOCK: Final = "from time import perf_counter as clock\n"
IMPORT: Final = CLOCK + "start = clock()\nimport {module}\nprint(clock() - start)\n"
ALL_IN: Final = (
    CLOCK + f"import salesflow\nstart = clock()\nsalesflow.load_playbook('{FLAGSHIP}')\n"
    "print(clock() - start)\n"
)
COLD: Final = (
    CLOCK + "import salesflow.plugins as plugins\nstart = clock()\n"
    f"plugins.load_playbook('{FLAGSHIP}')\nprint(clock() - start)\n"
)
CACHED: Final = (
    CLOCK + f"import salesflow.plugins as plugins\nplugins.load_playbook('{FLAGSHIP}')\n"
    f"start = clock()\nplugins.load_playbook('{FLAGSHIP}')\nprint(clock() - start)\n"
)
TOML: Final = (
    CLOCK + "import tomllib\nfrom salesflow.playbooks import playbook_source\n"
    f"text = playbook_source('{FLAGSHIP}').decode()\nstart = clock()\ntomllib.loads(text)\n"
    "print(clock() - start)\n"
)
RECORDS: Final = CLOCK + (
    "start = clock()\nimport pydantic\n"
    "class Record(pydantic.BaseModel):\n    name: str\nprint(clock() - start)\n"
)


def milliseconds(code: str, environment: Mapping[str, str]) -> float:
    """The least of what the code prints, over fresh processes: a busy machine only adds."""
    taken = []
    for _ in range(1 + ROUNDS):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            env=environment,
        )
        taken.append(float(done.stdout) * 1_000)
    # The first one also compiled what it imported, which happens once per installation.
    return min(taken[1:])


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def line(what: str, code: str, digits: int = 2) -> float:
            taken = milliseconds(code, environment)
            print(f"{what:58} {taken:9.{digits}f} ms")
            return taken

        pydantic = line("import pydantic", IMPORT.format(module="pydantic"))
        salesflow = line("import salesflow", IMPORT.format(module="salesflow"))
        print(f"{'  ratio (target: within 1.2)':58} {salesflow / pydantic:9.2f}")
        line(f"tomllib alone on {FLAGSHIP}.toml", TOML)
        line("first load of it (target: under 25)", COLD)
        line("load from the cache (target: under 0.1)", CACHED, 4)
        line("first load, with every import that it needs", ALL_IN)
        line("  for comparison: import pydantic, and a first model", RECORDS)


if __name__ == "__main__":
    main()
