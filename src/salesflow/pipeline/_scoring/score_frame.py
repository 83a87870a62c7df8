"""A scorecard over every deal of a frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from salesflow._arguments import Arguments, describe
from salesflow.errors import ArgumentError, Problem
from salesflow.money import Rates
from salesflow.pipeline._checks.views import refuse_double, verdict_text
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import read_options, read_playbook
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._scoring.card_columns import CardColumns
from salesflow.pipeline._scoring.deal_frame import DealFrame, opened_deals
from salesflow.pipeline._wording import near
from salesflow.playbook import Playbook, Scorecard
from salesflow.qualify._applying import depends_on_day
from salesflow.qualify._points import facts_read, uses_time

_MESSAGE: Final = "The deals cannot be scored like this."
_COLUMNS: Final = ("low", "high", "verdict", "coverage", "unknown")


def score_frame(  # noqa: PLR0913 - options, each with its name
    frame: FrameT | Source[FrameT],
    playbook: Playbook,
    card: str,
    *,
    key: str | None = None,
    as_of: date | None = None,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    items: bool = False,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
) -> DealFrame[FrameT]:
    """Score every deal of a data frame on one card, as `salesflow.qualify` scores one deal.

    The frame of the result has a row per deal. Its columns:

    - the key under its own name;
    - `low`, the points that are certain, and `high`, those that are still possible;
    - `verdict`, the key of the band that the score is certain to be in, or "undecided";
    - `coverage`, the share of the points that is decided, 0 to 1;
    - `unknown`, how many of the facts that keep the score open nobody knows;
    - with `items`, one for every item, called `item.<key>`: "yes", "no" or "unknown".

    One aggregate query runs, on lazy frames too (two on Spark and Dask), which looks for what is
    wrong with the frame. The frame is not changed.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        playbook: The process.
        card: The key of one of its scorecards.
        key: The column that identifies a deal; no two rows may share a value. It may be left out,
            as all that follow, where the frame is a source that says it.
        as_of: The day, for cards whose rules use time. Rows that lie after it, created or
            closed later or come later to where they are, are left out and counted in `later`.
        stage: The column of the stage; it is read only where the card asks for it.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        values: By fact, what values of its column stand for; others stand for themselves.
        items: With a column for every item.
        rates: To convert amounts that are in another currency into the
            playbook's currency. An amount without a rate is unknown, and is counted in
            `unreadable`.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
        tz: Where calendar days begin, for columns of moments and for `as_of`; in UTC if nobody
            says it.

    Raises:
        FrameError: `problems` lists everything that is wrong, also where no fact of the card has a
            column.
        ArgumentError: An argument is of the wrong kind, or there is no such card; `problems` lists
            the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> playbook = load_playbook("optimized_sales_process")
        >>> tas = [f"tas.{question.key}" for question in playbook.checklists["tas"].questions]
        >>> deals = pl.DataFrame(
        ...     {"id": ["D-1", "D-2", "D-3"], **{name: ["+", "-", "?"] for name in tas}}
        ... )
        >>> scores = score_frame(deals, playbook, "tas", key="id")
        >>> for row in scores.frame.rows():
        ...     print(*row)
        D-1 25.0 25.0 go 1.0 0
        D-2 0.0 0.0 no_go 1.0 0
        D-3 0.0 25.0 undecided 0.0 20
        >>> scores
        <DealFrame: 3 deals, unreadable values: none, 0 facts without a column>
    """
    given = Arguments()
    playbook = read_playbook(given, playbook, _MESSAGE)
    chosen = _chosen(playbook, card)
    told = Said(key, stage, columns, stages, values, currency, scale, tz)
    timed = uses_time(chosen) or depends_on_day(playbook, facts_read(chosen))
    options = read_options(given, frame, told, as_of=as_of, rates=rates, needs_day=timed)
    extra = [f"item.{item.key}" for item in chosen.items] if items else []
    opened = opened_deals(
        given,
        playbook,
        options,
        (fact for item in chosen.items for fact in item.rule.reads),
        message=_MESSAGE,
        reserved=(*_COLUMNS, *extra),
    )
    given_columns = opened.deals.columns
    refuse_double([opened.deals.key.name, *_COLUMNS, *extra], given_columns.engine.name)
    found = CardColumns(chosen, opened.facts, options.day, given_columns.number)
    made = {name: getattr(found, name) for name in _COLUMNS}
    for name in extra:
        made[name] = verdict_text(True, found.items[name.removeprefix("item.")])
    return opened.select(made)


def _chosen(playbook: Playbook, card: object) -> Scorecard:
    found = playbook.scorecards.get(card) if isinstance(card, str) else None
    if found is None:
        shown = repr(card) if isinstance(card, str) else describe(card)
        hint = near(card, playbook.scorecards)
        problem = Problem("card", f"there is no scorecard {shown}", hint, "unknown_name")
        raise ArgumentError(_MESSAGE, problems=[problem])
    return found
