"""The size policy over every deal of a frame: which planning each of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import add
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import Problem
from salesflow.money import Rates
from salesflow.pipeline._checks.findings import one_of
from salesflow.pipeline._checks.views import refuse_double, verdict_text
from salesflow.pipeline._frames.engines import expr_of, number_of
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import read_options, read_playbook
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._scoring.deal_frame import (
    DealFrame,
    OpenedDeals,
    opened_deals,
)
from salesflow.playbook import Playbook
from salesflow.qualify._points import sources_of, uses_time
from salesflow.rules.columns import Rail, both

_MESSAGE: Final = "The size policy cannot be asked like this."
_ROW: Final = "row"
_NONE: Final = "none"
_STEP: Final = 8


def required_instruments(  # noqa: PLR0913 - options, each with its name
    frame: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date | None = None,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
) -> DealFrame[FrameT]:
    """Which instruments the size policy asks of every deal of a data frame.

    The frame of the result has a row per deal. Its columns:

    - the key under its own name;
    - one for every instrument of the playbook, under its key: "yes" where the deal needs it, "no"
      where it does not, "unknown" where what is missing decides;
    - `row`, the rule of the row of the size policy that holds, as its text; "none" where no row
      does; nothing where it is not known.

    Whether what is needed has been done, `check_pipeline` tells in its checks `size.<instrument>`.

    One aggregate query runs, on lazy frames too (two on Spark and Dask), which looks for what is
    wrong with the frame. The frame is not changed.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value. It may be left out,
            as all that follow, where the frame is a source that says it.
        as_of: The day, for policies whose rules use time. Rows that lie after it, created or
            closed later or come later to where they are, are left out and counted in `later`.
        stage: The column of the stage; it is read only where the policy asks for it.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        values: By fact, what values of its column stand for; others stand for themselves.
        rates: To convert amounts that are in another currency into the
            playbook's currency. An amount without a rate is unknown, and is counted in
            `unreadable`.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
        tz: Where calendar days begin, for columns of moments and for `as_of`; in UTC if nobody
            says it.

    Raises:
        FrameError: `problems` lists everything that is wrong, also where no fact of the policy has
            a column.
        ArgumentError: An argument is of the wrong kind, or the playbook has no size policy;
            `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import Rates, load_playbook
        >>> deals = pl.DataFrame(
        ...     {
        ...         "id": ["D-1", "D-2", "D-3"],
        ...         "account.tier": "regular",
        ...         "amount": [60_000, 95_000, 95_000],
        ...         "amount.currency": ["USD", "EUR", "JPY"],
        ...     }
        ... )
        >>> needed = required_instruments(
        ...     deals,
        ...     load_playbook("optimized_sales_process"),
        ...     key="id",
        ...     rates=Rates(base="USD", rates={"EUR": "1.10"}),
        ... )
        >>> needed.frame.columns
        ['id', 'tas_20', 'opportunity_plan', 'tas_plan', 'row']
        >>> for row in needed.frame.rows():
        ...     print(*row)
        D-1 yes no no 50_000 <= amount <= 100_000
        D-2 no yes no amount > 100_000
        D-3 unknown unknown no None
        >>> needed.unreadable
        {'amount': 1}
    """
    given = Arguments()
    playbook = read_playbook(given, playbook, _MESSAGE)
    rules = [row.when for row in playbook.size_policy]
    rules += [item.when for item in playbook.instruments.values() if item.when is not None]
    sources = sources_of(playbook, (name for rule in rules for name in rule.facts))
    told = Said(key, stage, columns, stages, values, currency, scale, tz)
    timed = any(rule.uses_time for rule in rules) or any(map(uses_time, sources))
    options = read_options(given, frame, told, as_of=as_of, rates=rates, needs_day=timed)
    if not playbook.size_policy:
        message = "it has no size policy, so that no deal needs an instrument"
        given.problems.append(Problem("playbook", message, "add [[size_policy]] to it"))
        given.refuse(_MESSAGE)
    reserved = (*playbook.required_instruments, _ROW)
    opened = opened_deals(
        given,
        playbook,
        options,
        (fact for rule in rules for fact in rule.reads),
        message=_MESSAGE,
        reserved=reserved,
    )
    refuse_double([opened.deals.key.name, *reserved], opened.deals.columns.engine.name)
    for name in dict.fromkeys(name for rule in rules for name in rule.facts):
        opened.facts.has(name)  # asking makes it known to the compiler
    compiled = opened.facts.columns
    made = {
        name: verdict_text(True, compiled.rails(rule.core(options.day)))
        for name, rule in playbook.required_instruments.items()
    }
    made[_ROW] = _row(opened)
    return opened.select(made)


def _row(opened: OpenedDeals) -> nw.Expr:
    """The first row that holds, where every row before it is known not to."""
    compiled, policy = opened.facts.columns, opened.deals.playbook.size_policy
    before: Rail = True
    depth = 0
    hits: list[nw.Expr] = [nw.lit(0).cast(nw.Int64)]
    for number, row in enumerate(policy, start=1):
        rails = compiled.rails(row.when.core(opened.deals.options.day))
        depth = max(depth, rails.depth)
        here = both(before, rails.yes)
        if here is not False:
            hits.append(number_of(here) * nw.lit(number))
        before = both(before, rails.no)
        if number % _STEP == 0 and not isinstance(before, bool):
            # An expression costs its length again wherever it is a part of another one.
            before, depth = compiled.column(("no row until", number), before, depth)
    found, _ = compiled.column("row of the size policy", reduce(add, hits), depth)
    nothing = nw.lit(None, dtype=nw.String())
    named = one_of(found, [str(row.when) for row in policy], nw.lit, start=1)
    known = nw.when(found > nw.lit(0)).then(named)
    return known.otherwise(nw.when(expr_of(before)).then(nw.lit(_NONE)).otherwise(nothing))
