"""What will come in, by period and by category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from salesflow._arguments import Arguments, instance, number_to, option
from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.errors import FrameError
from salesflow.money import Rates
from salesflow.pipeline._forecast.at_odds import RESERVED as OF_ODDS
from salesflow.pipeline._forecast.calls import SAID
from salesflow.pipeline._forecast.cells import Asked, CellQueries, Cells
from salesflow.pipeline._forecast.chance_columns import Learned
from salesflow.pipeline._forecast.chance_values import WinChances
from salesflow.pipeline._forecast.deal_chances import RESERVED as OF_DEALS
from salesflow.pipeline._forecast.deal_chances import DealChances
from salesflow.pipeline._forecast.periods import Period, PeriodLength, read_periods
from salesflow.pipeline._forecast.quotas import Quota, read_quotas
from salesflow.pipeline._forecast.rollup import RollUp
from salesflow.pipeline._forecast.slippage import Slippage
from salesflow.pipeline._forecast.values import CALLERS, RESERVED, Caller, Forecast, ForecastGroup
from salesflow.pipeline._frames.amounts import currency_said
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.groups import MOST_GROUPS, Chosen, Grouping, GroupValue
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import read_options, read_playbook
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.playbook import Playbook
from salesflow.playbook._parts import CATEGORY

_MESSAGE: Final = "The forecast cannot be made like this."
_TOP: Final = 20
_NO_KEY: Final = (*OF_ODDS, *OF_DEALS)
_COUNT: Final = 4


def forecast(  # noqa: PLR0913 - options, each with its name
    frame: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date,
    periods: PeriodLength | Iterable[Period] = "quarter",
    count: int = _COUNT,
    fiscal_start: int = 1,
    by: str | Iterable[str] | None = None,
    top: int = _TOP,
    quotas: Iterable[Quota] = (),
    call: Caller = "stage",
    chances: WinChances | None = None,
    slippage: Slippage | None = None,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
) -> Forecast[FrameT]:
    """What will come in: by period, by category and by group, against quotas, with an interval.

    A deal that is won counts as closed, on the day on which it was (`closed_on`). An open one
    counts as what its stage or sub-stage counts as in the playbook (`forecast`), or as what its
    owner or manager called it, on the day on which it is expected to close (`expected_close_on`);
    expected in the past, on `as_of`. Amounts are in the playbook's currency.

    The interval is that of the sum of independent deals: what is closed, and each open deal that
    is not omitted with its chance. The 200 largest deals of each period count one by one, all
    others together.

    The engine counts and adds up; no rows are fetched but those of the largest deals. The frame is
    not changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value. It may be left out,
            as most that follow, where the frame is a source that says it.
        as_of: The day of the forecast; of a moment with a zone, its day in `tz`. Rows that lie
            after it are left out, and counted in `later`.
        periods: `month`, `quarter` or `year`: that in which `as_of` lies, and those after it. Or
            any periods, of which no two share a day.
        count: How many months, quarters or years, 1 to 120.
        fiscal_start: The month in which the fiscal year begins. Its quarters are then called like
            `FY2026-Q1`, after the calendar year in which it ends.
        by: What to group the deals by, as for [`metrics`][salesflow.pipeline.metrics]: facts,
            columns, "stage", or "cycle", the selling-cycle number that a deal has reached.
        top: How many groups to show, 1 to 200, those of most deals first.
        quotas: What ought to come in, by period, of all deals and of groups.
        call: Whose word counts for what an open deal counts as: that of its `stage`; of its
            `owner`, from the fact `forecast.owner_call`, or else the stage's; or of the `manager`
            (`forecast.manager_call`), or else the owner's or the stage's.
        chances: What `win_chances` learned. A deal then has the chance of deals that stood for as
            long where it stands, since `entered_stage_on`, or since `entered_sub_stage_on` where it
            is in a sub-stage and that is known; without a day, that of all deals that came there.
            Chances of segments need the columns that these go by, and each deal has those of its
            own. Where too few tell it, it has its own or that of its stage.
        slippage: What `close_slippage` learned. `weighted` and the interval of a period then count
            each open deal by the share of such deals that close in it; the lines by category still
            go by the day on which a deal is expected.
        stage: The column of the stage, if it is not called `stage`.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        values: By fact, what values of its column stand for.
        rates: To convert amounts and quotas that are in another currency into the playbook's. An
            amount without a rate is not counted, and the `reason` of each line that it is missing
            from says how many there are.
        currency: In what amounts are of which neither a column nor the playbook says it.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
        tz: Where calendar days begin, for columns of moments and for `as_of`.

    Returns:
        The forecast.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frame, including
            probabilities that are not between 0 and 1, calls that are no forecast category, and
            the column of the `call` where there is none.
        ArgumentError: An argument is of the wrong kind, periods share a day, or a quota is for a
            period that is not there or in a currency without a rate; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> deals = pl.DataFrame(
        ...     {
        ...         "id": ["D-1", "D-2", "D-3"],
        ...         "stage": ["won", "contract_and_paperwork", "opportunity_plan"],
        ...         "amount": [40_000, 60_000, 10_000],
        ...         "probability": [1.0, 0.9, 0.2],
        ...         "closed_on": [date(2026, 7, 9), None, None],
        ...         "expected_close_on": [None, date(2026, 9, 1), date(2026, 11, 1)],
        ...     }
        ... )
        >>> found = forecast(
        ...     deals,
        ...     load_playbook("optimized_sales_process"),
        ...     key="id",
        ...     as_of=date(2026, 8, 1),
        ...     count=2,
        ...     quotas=[Quota("2026-Q3", 120_000)],
        ... )
        >>> first, second = found.periods
        >>> first.period.name, first.closed.amount, first.commit.amount, first.commit_view.amount
        ('2026-Q3', 40000.0, 60000.0, 100000.0)
        >>> first.gap.value, first.coverage.value, first.weighted.value
        (80000.0, 0.75, 54000.0)
        >>> first.interval.p10, first.interval.p90
        (40000.0, 100000.0)
        >>> second.pipeline.deals, second.quota.reason
        (1, 'no quota is given')
    """
    given = Arguments()
    told = Said(key, stage, columns, stages, values, currency, scale, tz)
    options = read_options(given, frame, told, as_of=as_of, rates=rates, needs_day=True)
    playbook = read_playbook(given, playbook, _MESSAGE)
    found_periods = read_periods(given, periods, count, fiscal_start, options.day)
    given.read(option, call, CALLERS, "call")
    top = given.read(number_to, top, MOST_GROUPS, "top", "the other groups are told together") or 1
    if chances is not None:
        hint = "pass what win_chances(…) gave"
        chances = given.read(instance, chances, WinChances, "chances", hint)
    if slippage is not None:
        given.read(instance, slippage, Slippage, "slippage", "pass what close_slippage(…) gave")
    deals = Deals(given, playbook, options, message=_MESSAGE, reserved=_NO_KEY)
    grouping = None if by is None else Grouping(deals.columns, by, RESERVED)
    names = () if grouping is None else grouping.names
    segments = None if chances is None else _segments(deals.columns, chances)
    before = len(given.problems)
    wanted = read_quotas(given, quotas, found_periods, names, options, playbook.currency)
    deals.columns.problems += given.problems[before:]
    fact = SAID[call] if call in CALLERS else CATEGORY
    if fact != CATEGORY and deals.columns.column_of(fact) is None:
        hint = f'name it: columns={{"{fact}": "…"}}'
        deals.columns.note(fact, f"no column holds {fact}", hint, "no_column")
    if not (deals.key.usable and deals.stage.usable):
        deals.refuse_without_columns()
    deals.columns.refuse(_MESSAGE)

    def ask() -> tuple[Cells, DealChances]:
        learned = None if chances is None else Learned.of(deals, chances, segments)
        asked = Asked(
            periods=found_periods,
            call=call,
            learned=learned,
            by_day=slippage is not None,
            top=top,
            wanted=[group for group in wanted if group],
        )
        cells = CellQueries(deals, FactColumns.of(deals), asked, grouping).found()
        return cells, DealChances(deals, call, learned)

    try:
        cells, open_deals = deals.columns.asked(_MESSAGE, ask)
    except FrameError as error:
        if not given.problems:
            raise
        raise deals.columns.refusal(_MESSAGE) from error
    said = currency_said(deals.columns, options, playbook.currency)
    roll_up = RollUp(
        cells.cells,
        cells.largest,
        periods=found_periods,
        call=call,
        day=options.day,
        unit=said or "amount",
        lacking=cells.lacking,
        slippage=slippage,
    )
    groups: list[ForecastGroup] = []
    others = None
    if grouping is not None and cells.chosen is not None:
        groups, others = _groups(roll_up, grouping, cells.chosen, wanted)
    together, coming = roll_up.group(None, (), wanted.get((), {}))
    return keeping(
        Forecast(
            **{name: it for name, it in together if name != "values"},
            as_of=options.day,
            call=call,
            currency=said,
            by=names,
            groups=tuple(groups),
            others=others,
            others_total=0 if cells.chosen is None else cells.chosen.others,
            differences=tuple(roll_up.differences()),
            at_odds_total=roll_up.at_odds(),
            not_checked=FrozenDict(cells.at_odds.not_checked),
            later=cells.later,
            labels=deals.columns.labels.told,
        ),
        _playbook=deals.playbook,
        _odds=cells.at_odds.frame,
        _open_deals=open_deals.frame,
        _coming=coming,
    )


def _segments(columns: FrameColumns, chances: WinChances) -> Grouping | None:
    """The columns that chances go by; those that are not there are noted."""
    lacking = [name for name in chances.by if columns.column_of(name) is None]
    for name in lacking:
        message = f"they go by {name!r}, which no column holds"
        columns.note("chances", message, "add it, or learn them without by=", "no_column")
    return Grouping(columns, chances.by, ()) if chances.by and not lacking else None


def _groups(
    roll_up: RollUp,
    grouping: Grouping,
    chosen: Chosen,
    quotas: Mapping[tuple[GroupValue, ...], Mapping[str, float]],
) -> tuple[list[ForecastGroup], ForecastGroup | None]:
    """The forecast of each group, and that of all that are not shown."""
    shown = [grouping.values(texts) for texts in chosen.texts]
    groups = [roll_up.group(at, it, quotas.get(it, {}))[0] for at, it in enumerate(shown)]
    # Whoever has a quota is there, deals or none.
    absent = [group for group in quotas if group and group not in shown]
    groups += [roll_up.group(-1, group, quotas[group])[0] for group in absent]
    nothing = (None,) * len(grouping.names)
    return groups, roll_up.group(len(shown), nothing, {})[0] if chosen.others else None
