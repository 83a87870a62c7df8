"""The interval of 10,000 open deals against 1,000 numpy simulations of the same.

`sum_of` adds their chances up and tells P10, P50 and P90; the simulations draw each deal 1,000
times and take the quantiles of the sums, in one matrix and run by run. Then what each of the ten
largest does, and deals whose amounts are alike. Rounds alternate; medians in processor time,
printed, never asserted.

Run: `python benchmarks/bench_sums.py`; with `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # per core; before numpy is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import random
from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks._measure import QUICK, machine, medians
from salesflow.pipeline import sum_of

DEALS, RUNS, ROUNDS = (100, 10, 1) if QUICK else (10_000, 1_000, 7)
SHARES = (0.1, 0.5, 0.9)

Deal = tuple[str, float, float]
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def deals(count: int, *, alike: bool = False) -> list[Deal]:
    """Open deals; amounts like those of pipelines, or in steps of 5,000."""
    dice = random.Random(7)  # noqa: S311 - no secret
    amounts = [dice.lognormvariate(10, 1.2) for _ in range(count)]
    if alike:
        amounts = [5_000.0 * (1 + amount // 5_000) for amount in amounts]
    return [(f"D-{at}", amount, dice.uniform(0.05, 0.9)) for at, amount in enumerate(amounts)]


def added_up(given: list[Deal]) -> tuple[float, ...]:
    """Ours."""
    coming = sum_of(given)
    return tuple(map(coming.quantile, SHARES))


def simulated(amounts: Numbers, chances: Numbers) -> list[float]:
    """All runs in one matrix."""
    won = np.random.default_rng(1).random((RUNS, len(amounts))) < chances
    return [float(value) for value in np.quantile(won @ amounts, SHARES)]


def simulated_by_run(amounts: Numbers, chances: Numbers) -> list[float]:
    """Run by run, which needs less memory."""
    dice = np.random.default_rng(1)
    sums = [(dice.random(len(amounts)) < chances) @ amounts for _ in range(RUNS)]
    return [float(value) for value in np.quantile(sums, SHARES)]


def main() -> None:
    some = deals(DEALS)
    arrays = [np.array([deal[at] for deal in some]) for at in (1, 2)]
    ways: dict[str, Callable[[], object]] = {
        "sum_of": partial(added_up, some),
        f"numpy, {RUNS:,} runs in a matrix": partial(simulated, *arrays),
        f"numpy, {RUNS:,} runs one by one": partial(simulated_by_run, *arrays),
        "sum_of, amounts in steps": partial(added_up, deals(DEALS, alike=True)),
        "sum_of, 200 deals and no more": partial(added_up, some[:200]),
        "sum_of, with the ten largest": lambda: sum_of(some).largest(),
    }
    took = medians(ways, ROUNDS)
    print(f"{DEALS:,} open deals; processor time, median of {ROUNDS} rounds; {machine()}")
    for name, found in took.items():
        print(f"  {name:32} {found.cpu * 1e3:9.1f} ms   {found.cpu / took['sum_of'].cpu:6.2f}x")
    print("  P10, P50, P90      ", *(f"{value:,.0f}" for value in added_up(some)))
    print("  by the simulations ", *(f"{value:,.0f}" for value in simulated(*arrays)))


if __name__ == "__main__":
    main()
