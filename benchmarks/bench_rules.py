"""How long one verdict takes, beside zen-engine, rule-engine and a plain Python lambda.

All four answer the same question of the same records, in turns, so that a busy machine slows down
all of them alike. Run with `make bench`, or `python benchmarks/bench_rules.py`; with
`--quick` in a moment, to see that it runs.

What is compared is not quite alike: salesflow checks every value and tells "unknown" from "no"; the
lambda and zen-engine see None as a value; rule-engine raises for a name that is not there, so every
name is there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from statistics import median
from time import perf_counter_ns
from typing import cast

from benchmarks._measure import QUICK
from salesflow.rules import Rule

ROUNDS, CALLS = (2, 10) if QUICK else (400, 250)

TEXT = 'amount >= 100_000 or account.tier in ("named", "strategic")'
Record = Mapping[str, object]

RECORDS: dict[str, Record] = {
    "first part yes": {"amount": 120_000.0, "account.tier": "regular"},
    "second part yes": {"amount": 50_000.0, "account.tier": "strategic"},
    "no": {"amount": 50_000, "account.tier": "regular"},
    "unknown": {"amount": 50_000, "account.tier": None},
    "a Decimal": {"amount": Decimal("120000.50"), "account.tier": "named"},
    "wide": {f"fact_{n}": n for n in range(60)} | {"amount": 5.0, "account.tier": "named"},
}


def salesflow() -> Callable[[Record], object]:
    return Rule.parse(TEXT).verdict


def zen() -> Callable[[Record], object]:
    from zen import compile_expression

    compiled = compile_expression('amount >= 100000 or account.tier in ["named", "strategic"]')
    return cast("Callable[[Record], object]", compiled.evaluate)


def rule_engine() -> Callable[[Record], object]:
    import rule_engine as engine

    # Its attributes are resolved by a function of the caller; items of a dictionary are the usual.
    context = engine.Context(resolver=engine.resolve_item)
    rule = engine.Rule('amount >= 100000 or tier in ["named", "strategic"]', context=context)
    return cast("Callable[[Record], object]", rule.matches)


def plain_lambda() -> Callable[[Record], object]:
    return lambda r: (
        r["amount"] >= 100_000 or r["account.tier"] in {"named", "strategic"}  # type: ignore[operator]
    )


def nested(record: Record) -> Record:
    return {**record, "account": {"tier": record["account.tier"]}}


def flat(record: Record) -> Record:
    return {**record, "tier": record["account.tier"]}


def timed(call: Callable[[Record], object], record: Record) -> float:
    """Nanoseconds of one call, over one round."""
    began = perf_counter_ns()
    for _ in range(CALLS):
        call(record)
    return (perf_counter_ns() - began) / CALLS


def main() -> None:
    made = {
        "salesflow": (salesflow, lambda record: record),
        "zen-engine": (zen, nested),
        "rule-engine": (rule_engine, flat),
        "plain lambda": (plain_lambda, lambda record: record),
    }
    contestants: dict[str, tuple[Callable[[Record], object], Callable[[Record], Record]]] = {}
    for name, (make, shape) in made.items():
        try:
            contestants[name] = make(), shape
        except ImportError:
            print(f"{name} is not installed: left out", file=sys.stderr)

    print(f"{TEXT}\nmedian nanoseconds of one verdict; in brackets: times salesflow\n")
    print("".ljust(18) + "".join(name.rjust(22) for name in contestants))
    for title, record in RECORDS.items():
        rounds: dict[str, list[float]] = {name: [] for name in contestants}
        calls = {}
        for name, (call, shape) in contestants.items():
            shaped = shape(record)
            try:
                call(shaped)
            except Exception:  # noqa: BLE001, S112 - others refuse a Decimal or a None
                continue
            calls[name] = partial(timed, call, shaped)
        for _ in range(ROUNDS):
            for name, run in calls.items():
                rounds[name].append(run())
        ours = median(rounds["salesflow"])
        row = title.ljust(18)
        for name in contestants:
            took = median(rounds[name]) if rounds[name] else None
            shown = "refused" if took is None else f"{took:,.0f} ({took / ours:.2f})"
            row += shown.rjust(22)
        print(row)

    print("\nthe same rule, salesflow alone")
    rule, record = Rule.parse(TEXT), RECORDS["no"]
    alone: dict[str, Callable[[Record], object]] = {
        "verdict": rule.verdict,
        "evaluate": rule.evaluate,
        "evaluate and explain": lambda facts: rule.evaluate(facts).blockers(),
        "parse": lambda _: Rule.parse(TEXT),
    }
    for title, call in alone.items():
        took = median(timed(call, record) for _ in range(20))
        print(f"{title.ljust(22)} {took / 1_000:8.2f} µs")


if __name__ == "__main__":
    main()
