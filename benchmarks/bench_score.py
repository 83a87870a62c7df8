"""How many deals are scored in a second on one core, on a card of twenty questions.

One deal at a time: `score` with what to ask next, the same with the parts of it that are made when
somebody reads them, and `interval`, which is what a gate needs. And the same card as columns of a
polars frame, which is what `check_pipeline` computes for a rule that reads the score. Two cards:
rules over + and -, and scales from 0 to 10 that count as points. Rounds alternate; printed, never
asserted.

With `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # per core; before polars is imported

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import polars as pl

import salesflow as sf
from benchmarks._measure import QUICK
from salesflow.qualify import Score, interval, score

QUESTIONS = 20
ROUNDS, DEALS, ROWS = (1, 50, 200) if QUICK else (7, 1_000, 200_000)
AS_OF = date(2026, 1, 31)
BASE = "score, 7 of 10 answers known"
ASKED: list[Callable[[Score], object]] = [lambda found: found.ask_next]
ALL = [*ASKED, lambda found: found.reasons, lambda found: found.contributions]


def playbook(kind: str) -> sf.Playbook:
    """One card of twenty items."""
    asked = 'type = "scale"\nmin = 0\nmax = 10' if kind == "points" else 'type = "yes_no"'
    questions = "\n".join(
        f'[[checklists.questions]]\nkey = "q{i}"\ntitle = "Q"\n{asked}' for i in range(QUESTIONS)
    )
    items = "\n".join(
        f'[[scorecards.items]]\nkey = "q{i}"\n'
        f'{"points" if kind == "points" else "rule"} = "list.q{i}"'
        for i in range(QUESTIONS)
    )
    top = 140 if kind == "points" else 14
    return sf.Playbook.from_toml(f"""
id = "bench"
version = "1"
title = "Bench"
[[stages]]
key = "only"
title = "Only"
[[checklists]]
key = "list"
{questions}
[[scorecards]]
key = "card"
bands = [{{ key = "no", min = 0 }}, {{ key = "go", min = {top} }}]
{items}
""")


def rows(kind: str, count: int, *, known: float) -> list[dict[str, object]]:
    """Deals of which a share of the answers is known."""
    dice = random.Random(7)  # noqa: S311 - no secret
    values: list[object] = [*range(11)] if kind == "points" else ["+", "-"]
    return [
        {
            f"list.q{i}": dice.choice(values) if dice.random() < known else None
            for i in range(QUESTIONS)
        }
        for _ in range(count)
    ]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def scores(
    process: sf.Playbook,
    deals: list[dict[str, object]],
    read: Sequence[Callable[[Score], object]] = ASKED,
) -> None:
    """The score of every deal, and what is read of it."""
    for facts in deals:
        found = score(process, process.scorecards["card"], facts)
        for part in read:
            part(found)


def intervals(process: sf.Playbook, deals: list[dict[str, object]]) -> None:
    """Only the points."""
    for facts in deals:
        interval(process.scorecards["card"], facts)


def columns(process: sf.Playbook, frame: pl.DataFrame, checks: dict[str, sf.Rule]) -> None:
    """A pipeline check that reads the score, or none."""
    sf.check_pipeline(frame, process, key="id", as_of=AS_OF, checks=checks)


def contenders(kind: str) -> dict[str, tuple[int, Callable[[], object]]]:
    """What is measured, and how many deals each scores."""
    process = playbook(kind)
    full, some = (rows(kind, DEALS, known=known) for known in (1.0, 0.7))
    frame = pl.DataFrame(rows(kind, ROWS // 20, known=0.7) * 20).with_columns(
        pl.Series("id", range(ROWS)), stage=pl.lit("only")
    )
    check = {"high_score": sf.Rule.parse("score.card.low >= 7", facts=process.facts)}
    return {
        BASE: (DEALS, partial(scores, process, some)),
        "  and reasons, contributions": (DEALS, partial(scores, process, some, ALL)),
        "score, all answers known": (DEALS, partial(scores, process, full)),
        "interval, 7 of 10 known": (DEALS, partial(intervals, process, some)),
        "polars columns": (ROWS, partial(columns, process, frame, check)),
        "  the same check without it": (
            ROWS,
            partial(columns, process, frame.select("id", "stage"), {}),
        ),
    }


def main() -> None:
    print(f"A card of {QUESTIONS} questions; deals a second on one core, median of {ROUNDS} rounds")
    for kind in ("rules", "points"):
        work = contenders(kind)
        took: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(ROUNDS):
            for name, (_, run) in work.items():
                took[name].append(seconds(run))
        print(f"\n{kind}")
        rates = {name: count / statistics.median(took[name]) for name, (count, _) in work.items()}
        for name, rate in rates.items():
            print(f"  {name:30} {rate:12,.0f}   {rate / rates[BASE]:8.1f}x")


if __name__ == "__main__":
    main()
