"""check_pipeline of the whole flagship playbook against the same checks written by hand in polars.

Both count yes, no and unknown of every check, look for unknown stage labels and for missing or
repeated keys, over the same frame in memory. The counts must be equal.

Run: python benchmarks/bench_pipeline.py [rows]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from statistics import median
from time import perf_counter

import numpy as np
import polars as pl

import salesflow as sf
from salesflow.facts import Kind

AS_OF = date(2026, 1, 31)
RUNS = 7
BLANK = " \t\r\n\v\f"

Counts = dict[str, tuple[int, int, int]]


def sample(playbook: sf.Playbook, rows: int) -> pl.DataFrame:
    """Deals at every place of the process, with a column for every fact that a check reads."""
    random = np.random.default_rng(20260131)
    places = [position.key for position in playbook.positions] + ["won", "lost"]
    day = AS_OF.toordinal() - date(1970, 1, 1).toordinal()

    def flags(yes: float) -> pl.Series:
        return pl.Series(random.choice([1, 0, 2], rows, p=[yes, 0.1, 0.9 - yes])).replace_strict(
            [1, 0, 2], [True, False, None], return_dtype=pl.Boolean
        )

    def words(choices: list[str | None]) -> pl.Series:
        numbers = pl.Series(random.integers(0, len(choices), rows))
        return numbers.replace_strict(range(len(choices)), choices, return_dtype=pl.String)

    def days(first: int, last: int) -> pl.Series:
        numbers = pl.Series(random.integers(day + first, day + last, rows)).cast(pl.Int32)
        return numbers.cast(pl.Date)

    def numbers(last: int) -> pl.Series:
        found = pl.Series(random.integers(0, last, rows))
        return pl.select(pl.when(found == 0).then(None).otherwise(found)).to_series()

    columns: dict[str, pl.Series] = {
        "id": pl.Series([f"D-{number:08}" for number in range(rows)]),
        "stage": words(list(places)),
        "amount": pl.Series(random.lognormal(11, 1.5, rows)).round(2),
        "account.tier": words(["regular", "regular", "named", "strategic", None]),
        "owner": words(["li.wei", "anna", "j.smith", "zhang.san of the north", " ", None]),
        "next_step": words(["call the technical lead again", "send the offer", "", None]),
        "probability": pl.Series(random.choice([0.0, 0.25, 0.5, 1.0], rows)),
        "created_on": days(-600, -200),
        "entered_stage_on": days(-220, 0),
        "expected_close_on": days(-60, 300),
        "closed_on": days(-190, 10),
        "last_activity_on": days(-80, 0),
        "next_step_on": days(-20, 40),
        "close_date_pushes": numbers(6),
        "contacts.total": numbers(6),
        "contacts.business_lead": numbers(3),
        "contacts.technical_buyer": numbers(3),
        "contacts.inside_supporter": numbers(3),
    }
    for name, fact in playbook.facts.items():
        if name.startswith("done."):
            columns[name] = flags(0.8)
        elif fact.kind is Kind.FLAG and name.startswith("tas."):
            columns[name] = words(["+", "+", "-", "?", None])
    return pl.DataFrame(columns)


def known(name: str) -> pl.Expr:
    """A text that is there."""
    return pl.col(name).is_not_null() & (pl.col(name).str.strip_chars(BLANK) != "").fill_null(
        value=False
    )


def missing(name: str) -> pl.Expr:
    """Nothing is there; in a column without NaN."""
    return pl.col(name).is_null()


def mark(name: str) -> pl.Expr:
    """One of the three marks; three comparisons are faster than `is_in`."""
    column = pl.col(name)
    return (column == "+") | (column == "-") | (column == "?")


def by_hand(playbook: sf.Playbook, frame: pl.DataFrame) -> Counts:
    """The same checks as expressions of polars, whose booleans are three-valued."""
    places = [position.key for position in playbook.positions]
    codes = {place: number for number, place in enumerate([*places, "won", "lost"])}
    # Deals beyond the close are won; they come last of the positions.
    last_open = codes["account_expansion"] - 1
    today = pl.lit(AS_OF)
    frame_ = frame.lazy().with_columns(
        place=pl.col("stage").replace_strict(codes, default=-1, return_dtype=pl.Int8)
    )
    place, amount, tier = pl.col("place"), pl.col("amount"), pl.col("account.tier")
    open_ = place <= last_open
    won, lost = place.is_in([codes["account_expansion"], codes["won"]]), place == codes["lost"]
    closed = place > last_open
    checks: dict[str, tuple[pl.Expr, pl.Expr]] = {}

    tier_known = pl.when(tier.is_in(["regular", "named", "strategic"])).then(tier)
    big = tier_known.is_in(["named", "strategic"])
    required = {
        "tas_plan": big,
        "opportunity_plan": ~big & (amount > 100_000),
        "tas_20": ~big & ~(amount > 100_000) & (amount >= 50_000) & (amount <= 100_000),
    }
    for key, needed in required.items():
        checks[f"size.{key}"] = (open_, ~needed | pl.col(f"done.{key}"))

    tas = [f"tas.{question.key}" for question in playbook.checklists["tas"].questions]
    asked = pl.sum_horizontal(mark(name).fill_null(value=False) for name in tas)
    special = {
        "tas_20_asked": asked >= 20,
        "technical_lead_on_record": pl.col("contacts.technical_buyer") >= 1,
        "business_lead_on_record": pl.col("contacts.business_lead") >= 1,
        "inside_supporter_on_record": pl.col("contacts.inside_supporter") >= 1,
        "close_date_on_record": pl.col("expected_close_on").is_not_null(),
        "instruments_complete": pl.all_horizontal(
            ~needed | pl.col(f"done.{key}") for key, needed in required.items()
        ),
    }
    for position in playbook.positions[:-2]:
        rows = open_ & (place > codes[position.key])
        for criterion in position.exit:
            of_stage = criterion in position.stage.exit
            owner = position.stage.key if of_stage else position.key
            holds = special.get(criterion.key, pl.col(f"done.{criterion.key}"))
            checks[f"exit.{owner}.{criterion.key}"] = (rows, holds)
    # Of the last position before the win, nothing has been left by an open deal.
    age = (today - pl.col("created_on")).dt.total_days()
    longest = (pl.col("closed_on") - pl.col("created_on")).filter(won).max().dt.total_days()
    everything = pl.lit(value=True)
    listed = pl.all_horizontal(
        [
            *(pl.col(name).is_null() | mark(name) for name in tas),
            tier.is_null() | tier.is_in(["regular", "named", "strategic"]) | ~known("account.tier"),
        ]
    )
    for name, rows, holds in (
        ("stage_known", open_, place >= 0),
        ("owner_known", open_, known("owner")),
        ("amount_known", open_, amount.is_not_null() & amount.is_not_nan()),
        ("amount_not_negative", everything, missing("amount") | (amount >= 0)),
        (
            "probability_in_range",
            everything,
            missing("probability") | pl.col("probability").is_between(0, 1),
        ),
        ("close_date_known", open_, pl.col("expected_close_on").is_not_null()),
        ("close_date_not_past", open_, pl.col("expected_close_on") >= today),
        ("close_date_kept", open_, pl.col("close_date_pushes") <= 2),
        (
            "pushes_not_negative",
            everything,
            missing("close_date_pushes") | (pl.col("close_date_pushes") >= 0),
        ),
        ("next_step_known", open_, known("next_step")),
        ("next_step_not_overdue", open_, pl.col("next_step_on") >= today),
        ("recent_activity", open_, pl.col("last_activity_on") >= today.dt.offset_by("-30d")),
        (
            "activity_not_in_future",
            everything,
            missing("last_activity_on") | (pl.col("last_activity_on") <= today),
        ),
        ("contact_known", open_, pl.col("contacts.total") >= 1),
        ("several_contacts", open_, pl.col("contacts.total") >= 2),
        ("deal_age", open_, age <= longest),
        ("entered_after_created", open_, pl.col("entered_stage_on") >= pl.col("created_on")),
        (
            "entered_not_in_future",
            everything,
            missing("entered_stage_on") | (pl.col("entered_stage_on") <= today),
        ),
        ("open_has_no_close_date", open_, pl.col("closed_on").is_null()),
        ("won_probability", won, pl.col("probability") == 1),
        ("lost_probability", lost, pl.col("probability") == 0),
        ("closed_date_known", closed, pl.col("closed_on").is_not_null()),
        ("closed_not_in_future", closed, pl.col("closed_on") <= today),
        ("closed_after_created", closed, pl.col("closed_on") >= pl.col("created_on")),
        ("created_not_in_future", everything, pl.col("created_on") <= today),
        ("known_values", everything, listed),
    ):
        checks[f"hygiene.{name}"] = (rows, holds)

    asked_of = [
        pl.len().alias("rows"),
        pl.col("id").n_unique().alias("keys"),
        (~known("id")).sum().alias("keyless"),
        ((place < 0) & known("stage")).sum().alias("unplaced"),
    ]
    for key, (rows, holds) in checks.items():
        asked_of += [
            (rows & pl.col("id").is_not_null()).sum().alias(f"rows {key}"),
            (rows & holds).sum().alias(f"yes {key}"),
            (rows & ~holds).sum().alias(f"no {key}"),
        ]
    found = frame_.select(asked_of).collect().row(0, named=True)
    assert found["keys"] == found["rows"]
    assert not found["keyless"]
    assert not found["unplaced"]
    return {
        key: (
            found[f"yes {key}"],
            found[f"no {key}"],
            found[f"rows {key}"] - found[f"yes {key}"] - found[f"no {key}"],
        )
        for key in checks
    }


def by_salesflow(playbook: sf.Playbook, frame: pl.DataFrame) -> Counts:
    report = sf.check_pipeline(frame, playbook, key="id", as_of=AS_OF)
    assert not report.not_checked
    return {key: (count.yes, count.no, count.unknown) for key, count in report.counts.items()}


def timed(*ways: Callable[[], object]) -> Iterator[float]:
    """The median time of each way; they take turns, so that none has the quieter machine."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(RUNS):
        for way, found in zip(ways, times, strict=True):
            start = perf_counter()
            way()
            found.append(perf_counter() - start)
    return map(median, times)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    playbook = sf.load_playbook("optimized_sales_process")
    frame = sample(playbook, rows)
    ours, theirs = by_salesflow(playbook, frame), by_hand(playbook, frame)
    assert ours == theirs, {key: (ours.get(key), theirs.get(key)) for key in {*ours, *theirs}}
    by_us, hand = timed(lambda: by_salesflow(playbook, frame), lambda: by_hand(playbook, frame))
    print(f"{rows:,} rows, {len(ours)} checks, median of {RUNS} runs")
    print(f"  by hand in polars  {hand * 1e3:8.1f} ms   1.00")
    print(f"  check_pipeline     {by_us * 1e3:8.1f} ms   {by_us / hand:.2f}")


if __name__ == "__main__":
    main()
