"""Time and memory, so that the numbers of one run can be compared with each other."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Final

__all__ = ["QUICK", "Took", "in_child", "machine", "medians"]

QUICK: Final = "--quick" in sys.argv
"""Tiny sizes and one round, to see in a moment that a benchmark runs; its numbers mean nothing."""


@dataclass(frozen=True)
class Took:
    """Median seconds of one way.

    Attributes:
        wall: On the clock.
        cpu: Of all threads of this process; on a busy machine the steadier of the two, and no
            measure of engines that work in a process of their own.
    """

    wall: float
    cpu: float


def medians(ways: Mapping[str, Callable[[], object]], runs: int) -> dict[str, Took]:
    """The median of each way; they take turns, so that none has the quieter machine."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            gc.collect()
            wall, cpu = perf_counter(), process_time()
            way()
            times[name].append((perf_counter() - wall, process_time() - cpu))
    return {
        name: Took(median(wall for wall, _ in found), median(cpu for _, cpu in found))
        for name, found in times.items()
    }


def in_child(script: str, *words: str) -> dict[str, float]:
    """What a fresh Python prints as its last line, a JSON object; for peaks of memory."""
    path = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")]
    done = subprocess.run(
        [sys.executable, script, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return found


def machine() -> str:
    """The machine, for the heading of a table."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load {load:.1f}, Python {sys.version.split()[0]}"
