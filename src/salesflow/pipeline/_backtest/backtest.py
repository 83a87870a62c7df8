"""Does qualification predict winning?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from salesflow._arguments import Arguments, describe, number_to, option
from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.errors import ArgumentError, Problem
from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.money import Rates
from salesflow.pipeline._backtest.backtest_plan import (
    BacktestPlan,
    Counted,
    GivenFacts,
    Points,
)
from salesflow.pipeline._backtest.outcome import (
    HIDDEN,
    Ends,
    OutcomeColumn,
    OutcomeLabels,
    read_ends,
    read_labels,
)
from salesflow.pipeline._backtest.report import Backtest, QuestionLift
from salesflow.pipeline._backtest.stats import area_under_curve, calibrated, sliced, summed
from salesflow.pipeline._frames.amounts import check_scale
from salesflow.pipeline._frames.engines import engine_errors
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import FrameOptions, read_options
from salesflow.pipeline._frames.points import FactReader
from salesflow.pipeline._frames.source import Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._intervals import CONFIDENCE, read_confidence
from salesflow.pipeline._wording import near, some_of
from salesflow.playbook import Checklist, Playbook, Scorecard, ScoreItem
from salesflow.qualify._applying import depends_on_day
from salesflow.qualify._points import facts_read, uses_time
from salesflow.rules import Rule
from salesflow.rules.ast import Flag

_MESSAGE: Final = "The backtest cannot be made like this."
_MAX_BINS: Final = 1_000


def backtest(  # noqa: PLR0913 - options, each with its name
    frame: object,
    scorecard: Scorecard | Checklist | Playbook,
    *,
    outcome: str | None = None,
    won: OutcomeLabels | None = None,
    lost: OutcomeLabels | None = None,
    pending: OutcomeLabels | None = None,
    card: str | None = None,
    columns: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    points: Points = "low",
    bins: int = 10,
    confidence: float = CONFIDENCE,
    as_of: date | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
) -> Backtest:
    """Hold the answers of a scorecard or a checklist against how the deals ended.

    The answers should be those that were known before the deal ended. Deals without an outcome
    are left out and counted. The frame is read by three aggregate queries, on lazy frames too; it
    is not changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        scorecard: A scorecard, a checklist (a point per question that is +), or a playbook with
            one; with the playbook, facts that follow from others are there too.
        outcome: The column of how deals ended; without it, the one that a source names for the
            outcome, or `outcome`.
        won: The label or labels of it that mean won. Without it: the usual words for that, such as
            "Closed - Won", True, 1, and texts that say true, such as "yes" and "是".
        lost: Those that mean lost. Without it: the usual words for that and for disqualified,
            False, 0, and texts that say false.
        pending: Those of deals that have not ended. Without it: the usual words, such as "open".
            What is missing or blank always is.
        card: Where a playbook is given that has several: the key of the scorecard or checklist.
            With a scorecard or a checklist, leave it out.
        columns: Fact and column, where a column is not named like the fact it holds.
        values: By fact, what values of its column stand for, the outcome among them; others stand
            for themselves, and those that then stand for nothing are refused. None stands for what
            is missing. Of the outcome, `won`, `lost` and `pending` count more.
        points: What orders the deals: points that were certain (`low`), points that were still
            possible (`high`), or the middle of both. Knock-outs show in `by_band` only.
        bins: Of the calibration, at most; deals of equal points stay together.
        confidence: Of all intervals, above 0 and below 1.
        as_of: The day, for cards whose rules use time; of a moment with a zone, its day in `tz`.
            Deals that were created or closed after it, or came later to where they are, had not
            ended by then: they are left out and counted in `later`.
        rates: As for `check_pipeline`: to convert amounts into the playbook's currency.
        currency: As for `check_pipeline`: in what amounts are that do not say it.
        scale: As for `check_pipeline`: how many units an amount of a column counts.
        tz: Where calendar days begin, for columns of moments and for `as_of`; in UTC if nobody
            says it.

    Raises:
        FrameError: `problems` lists everything that is wrong: columns that are not there or of the
            wrong type, outcomes and answers that nobody explained, no deal with an outcome, no
            question with a column.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> tas = load_playbook("optimized_sales_process").checklists["tas"]
        >>> deals = pl.DataFrame(
        ...     {
        ...         "status": ["Won", "Won", "Won", "Lost", "Lost", "Lost", "Open"],
        ...         "event": ["Yes", "Yes", "No", "Yes", "?", "No", "Yes"],
        ...         "budget": ["Yes", "No", "Yes", "?", "?", "No", "No"],
        ...     }
        ... )
        >>> marks = {"Yes": "+", "No": "-"}
        >>> result = backtest(
        ...     deals,
        ...     tas,
        ...     outcome="status",
        ...     columns={"tas.compelling_event": "event", "tas.access_to_funds": "budget"},
        ...     values={"tas.compelling_event": marks, "tas.access_to_funds": marks},
        ... )
        >>> result
        <Backtest of tas: 6 deals, 3 won, AUC 0.889>
        >>> [(part.label, part.deals, part.won) for part in result.by_unknown.values()]
        [('0', 4, 3), ('1', 1, 0), ('2', 1, 0)]
        >>> result.questions["access_to_funds"].yes.win_rate
        1.0
        >>> result.left_out, len(result.not_asked)
        (1, 18)
    """
    given = Arguments()
    # No column is that of the stage here, so that none is taken from `columns` as such.
    told = Said(None, "", columns, None, values, currency, scale, tz)
    reads = _facts_read(scorecard).__contains__
    options = read_options(given, frame, told, as_of=as_of, rates=rates, reads=reads)
    if outcome is None:
        held = frame.mapping.columns if isinstance(frame, Source) else {}
        outcome = held.get("outcome", "outcome")
    said: Mapping[str, Any] = frame.mapping.values if isinstance(frame, Source) else {}
    if "outcome" in said:
        words = {**said["outcome"], **options.values.get("outcome", {})}
        options = replace(options, values={**options.values, "outcome": words})
    given.read(option, points, ("low", "high", "middle"), "points")
    given.read(number_to, bins, _MAX_BINS, "bins")
    confidence = read_confidence(given, confidence)
    named = read_labels(given, won=won, lost=lost, pending=pending)
    chosen, playbook = _chosen(given, scorecard, card)
    facts = playbook.facts if playbook is not None else _facts_of(chosen)
    read_from = FrameColumns(
        given,
        facts,
        options,
        hidden=lambda fact: fact in HIDDEN or options.columns.get(fact, fact) == outcome,
    )
    ending = OutcomeColumn(read_from, outcome, options.columns)
    read_from.problems += _problems_of_card(chosen, playbook, read_from, options, as_of)
    check_scale(read_from, facts, options)
    with engine_errors(read_from.whole):
        ends = read_ends(read_from, ending, named)
        if ends is None:
            raise read_from.refusal(_MESSAGE)

        def ask() -> tuple[BacktestPlan, Counted]:
            reader: FactReader
            if playbook is None:
                reader = GivenFacts(read_from, facts)
            else:
                reader = FactColumns(read_from, playbook, facts, options)
            # Where the day is missing, that is a problem already, and any day shows the others.
            plan = BacktestPlan(chosen, reader, options.day, read_from, dated=options.dated)
            if not plan.items:
                message = f"no column holds an answer: {some_of(plan.not_asked)}"
                hint = f'name them: columns={{"{plan.not_asked[0]}": "…"}}'
                read_from.note("columns", message, hint, "no_column")
            read_from.refuse(_MESSAGE)
            return plan, plan.run(ends, points)

        plan, counted = read_from.asked(_MESSAGE, ask)
    labels = read_from.labels.told | ({"outcome": FrozenDict(ends.labels)} if ends.labels else {})
    return _report(chosen, plan, counted, ends, labels, bins=bins, level=confidence)


def _report(
    card: Scorecard,
    plan: BacktestPlan,
    counted: Counted,
    ends: Ends,
    labels: Mapping[str, Mapping[str, str]],
    *,
    bins: int,
    level: float,
) -> Backtest:
    deals, won = whole = summed(counted.by_points.values())
    questions = {}
    for item in plan.items:
        tallies = zip(("yes", "no", "unknown"), counted.by_item[item.key], strict=True)
        slices = (sliced(answer, tally, whole, level) for answer, tally in tallies)
        yes, no, unknown = slices
        questions[item.key] = QuestionLift(
            key=item.key, title=item.title, yes=yes, no=no, unknown=unknown
        )
    return keeping(
        Backtest(
            card=card.key,
            rows=ends.rows,
            deals=deals,
            won=won,
            win_rate=won / deals,
            left_out=ends.left_out,
            later=counted.later,
            by_band=FrozenDict(
                {key: sliced(key, part, whole, level) for key, part in counted.by_band.items()}
            ),
            by_unknown=FrozenDict(
                {
                    number: sliced(str(number), part, whole, level)
                    for number, part in counted.by_unknown.items()
                }
            ),
            auc=area_under_curve(counted.by_points, level),
            calibration=calibrated(counted.by_points, card.total, bins, level),
            questions=FrozenDict(questions),
            not_asked=plan.not_asked,
            confidence=level,
            labels=FrozenDict(labels),
        ),
        _card=card,
    )


def _chosen(given: Arguments, scorecard: object, card: object) -> tuple[Scorecard, Playbook | None]:
    """The card that is meant, and its playbook if that was given.

    Raises:
        ArgumentError: No card is meant; with every mistake so far.
    """
    known: list[str] = []
    if isinstance(scorecard, Scorecard | Checklist):
        if card is None:
            chosen = scorecard if isinstance(scorecard, Scorecard) else _of_questions(scorecard)
            return chosen, None
        message = f"this chooses a card of a playbook, and {describe(scorecard)} was given"
        problem = Problem("card", message, "leave it out, or pass the playbook")
    elif not isinstance(scorecard, Playbook):
        message = f"must be a scorecard, checklist or playbook, not {describe(scorecard)}"
        hint = 'pass playbook.scorecards["…"], playbook.checklists["…"] or the playbook'
        problem = Problem("scorecard", message, hint, "kind")
    else:
        known = [*scorecard.scorecards, *scorecard.checklists]
        found = list(scorecard.scorecards) or list(scorecard.checklists)
        if card is None and len(found) == 1:
            card = found[0]
        if isinstance(card, str) and card in scorecard.scorecards:
            return scorecard.scorecards[card], scorecard
        if isinstance(card, str) and card in scorecard.checklists:
            return _of_questions(scorecard.checklists[card]), scorecard
        listed = f"one of {', '.join(known)}"
        if card is None:
            message = f"the playbook has {len(found) or 'no'} scorecards"
            problem = Problem("card", message, f"say which: card= {listed}" if known else "")
        elif not isinstance(card, str):
            problem = Problem("card", f"must be the key of a card, not {describe(card)}", listed)
        else:
            message = f"there is no scorecard or checklist {card!r}"
            problem = Problem("card", message, near(card, known), "unknown_name")
    raise ArgumentError(_MESSAGE, problems=[*given.problems, problem])


def _of_questions(checklist: Checklist) -> Scorecard:
    """A point for every question that is +, and no bands."""
    named = [(f"{checklist.key}.{question.key}", question) for question in checklist.questions]
    facts = Facts(Fact(name, FactKind.FLAG) for name, _ in named)
    items = tuple(
        ScoreItem(
            key=question.key,
            title=question.title,
            rule=Rule.of(Flag(name), facts),
            weight=1.0,
            knock_out=False,
        )
        for name, question in named
    )
    return Scorecard(
        key=checklist.key, title=checklist.title, items=items, bands=(), total=float(len(items))
    )


def _facts_read(scorecard: object) -> Collection[str]:
    """The facts that a backtest may read of a frame, as far as it is clear what it is of."""
    if isinstance(scorecard, Playbook):
        facts = scorecard.facts
    elif isinstance(scorecard, Scorecard):
        facts = _facts_of(scorecard)
    elif isinstance(scorecard, Checklist):
        facts = _facts_of(_of_questions(scorecard))
    else:
        return ()
    return facts.keys() - HIDDEN


def _facts_of(card: Scorecard) -> Facts:
    # Only the rules still know the choices of facts that their playbook declared.
    used = (fact for item in card.items for fact in item.rule.reads.values())
    flags = (Fact(flag, FactKind.FLAG) for item in card.items for flag in item.flags)
    return STANDARD_FACTS.extended([*used, *flags])


def _problems_of_card(
    card: Scorecard,
    playbook: Playbook | None,
    columns: FrameColumns,
    options: FrameOptions,
    as_of: date | None,
) -> list[Problem]:
    problems = []
    read = {name: item.key for item in card.items for name in sorted(item.rule.facts)}
    later = playbook is not None and depends_on_day(playbook, facts_read(card))
    if as_of is None and (later or uses_time(card)):
        problems.append(Problem("as_of", "the card uses time", "say the day: as_of=date(…)"))
    for name in ("outcome", "ended"):
        if name in read:
            message = f"it reads {name}, which is what is to be predicted"
            problems.append(Problem(f"scorecard.{read[name]}", message, "leave the item out"))
    said = {
        "amount.currency": columns.column_of("amount.currency"),
        "currency": options.currency,
        "scale": options.scale,
    }
    for name, value in said.items():
        if playbook is None and value and "amount" in read:
            how = "there is a column for it" if name == "amount.currency" else "it is given"
            message = f"{how}, and a scorecard does not say its currency"
            problems.append(Problem(name, message, "pass the playbook, with card="))
    return problems
