"""Does qualification predict winning?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from salesflow.errors import FrameError, Problem, closest
from salesflow.facts import STANDARD_FACTS, Fact, FactKind, Facts
from salesflow.money import Rates
from salesflow.pipeline._backtest.outcome import Answers, Labels, read_ends
from salesflow.pipeline._backtest.plan import (
    Counted,
    GivenFacts,
    Plan,
    Points,
    needs_day,
)
from salesflow.pipeline._backtest.report import Backtest, QuestionLift
from salesflow.pipeline._backtest.stats import area_under_curve, calibrated, sliced
from salesflow.pipeline._frames.facts import FactColumns
from salesflow.pipeline._frames.opening import a_thing, opened
from salesflow.pipeline._frames.points import FactReader
from salesflow.pipeline._frames.stages import Places
from salesflow.pipeline._history.arguments import day_meant
from salesflow.playbook import Checklist, Playbook, Scorecard, ScoreItem
from salesflow.qualify._points import cards_read, facts_read
from salesflow.rules import Rule
from salesflow.rules.ast import Flag

_SOME_DAY: Final = date(1970, 1, 1)
_MAX_BINS: Final = 1_000


def backtest(  # noqa: PLR0913 - options, each with its name
    frame: object,
    scorecard: Scorecard | Checklist | Playbook,
    *,
    outcome: str = "outcome",
    won: Labels | None = None,
    lost: Labels | None = None,
    pending: Labels | None = None,
    card: str | None = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[object, object]] | None = None,
    points: Points = "low",
    bins: int = 10,
    confidence: float = 0.95,
    as_of: date | None = None,
    rates: Rates | None = None,
    tz: str = "UTC",
) -> Backtest:
    """Hold the answers of a scorecard or a checklist against how the deals ended.

    The answers should be those that were known before the deal ended. Deals without an outcome
    are left out and counted. The frame is read by three aggregate queries, on lazy frames too; it
    is not changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows.
        scorecard: A scorecard, a checklist (a point per question that is +), or a playbook with
            one; with the playbook, facts that follow from others are there too.
        outcome: The column of how deals ended.
        won: The label or labels of it that mean won. Without it: "won" and "closed won" in any
            case, True, and 1.
        lost: Those that mean lost. Without it: "lost", "closed lost" and "disqualified" in any
            case, False, and 0.
        pending: Those of deals that have not ended. Without it: "none" and "open" in any case.
            What is missing or blank always is.
        card: Where a playbook is given that has several: the key of the scorecard or checklist.
            With a scorecard or a checklist, leave it out.
        columns: Fact and column, where a column is not named like the fact it holds.
        values: By fact, what values of its column stand for; others stand for themselves, and
            those that then stand for nothing are refused. None stands for what is missing.
        points: What orders the deals: points that were certain (`low`), points that were still
            possible (`high`), or the middle of both. Knock-outs show in `by_band` only.
        bins: Of the calibration, at most; deals of equal points stay together.
        confidence: Of all intervals, above 0 and below 1.
        as_of: The day, for cards whose rules use time; of a moment with a zone, its day in `tz`.
        rates: As for `check_pipeline`: to convert amounts into the playbook's currency.
        tz: Where calendar days begin, for columns of moments and for `as_of`.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frame and the arguments:
            columns that are not there or of the wrong type, outcomes and answers that
            nobody explained, no deal with an outcome, no question with a column.

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
    on, problems_of_day = day_meant(as_of, tz) if as_of is not None else (None, [])
    _refuse(
        [
            *_problems_of_arguments(outcome, columns, values, points, bins, confidence),
            *problems_of_day,
            *_problems_of_rates(rates),
        ]
    )
    chosen, playbook = _chosen(scorecard, card)
    facts = playbook.facts if playbook is not None else _facts_of(chosen)
    data, eager = opened(frame)
    inputs = Answers(
        data,
        facts,
        eager=eager,
        outcome=outcome,
        columns=columns or {},
        values=values or {},
        tz=tz,
    )
    inputs.problems += _problems_of_card(chosen, playbook, inputs, as_of)
    ends, problems = read_ends(inputs, won=won, lost=lost, pending=pending)
    inputs.problems += problems
    if ends is None:
        raise _refused(inputs.problems)
    # Where the day is missing, that is a problem already, and any day shows the others.
    day = on or _SOME_DAY
    reader: FactReader
    if playbook is None:
        reader = GivenFacts(inputs, facts)
    else:
        places = Places(playbook)
        reader = FactColumns(inputs, playbook, facts, places, {}, as_of=day, rates=rates)
    plan = Plan(chosen, reader, day, inputs.number)
    if not plan.items:
        inputs.problems.append(_nothing_asked(plan.not_asked))
    _refuse(inputs.problems)
    counted = plan.run(inputs, ends, points)
    return _report(
        chosen, plan, counted, rows=ends.rows, left_out=ends.left_out, bins=bins, level=confidence
    )


def _report(
    card: Scorecard,
    plan: Plan,
    counted: Counted,
    *,
    rows: int,
    left_out: int,
    bins: int,
    level: float,
) -> Backtest:
    deals = sum(tally[0] for tally in counted.by_points.values())
    won = sum(tally[1] for tally in counted.by_points.values())
    whole = (deals, won)
    questions = {}
    for item in plan.items:
        yes, no, unknown = counted.by_item[item.key]
        questions[item.key] = QuestionLift(
            item.key,
            item.title,
            sliced("yes", yes, whole, level),
            sliced("no", no, whole, level),
            sliced("unknown", unknown, whole, level),
        )
    return Backtest(
        card=card.key,
        rows=rows,
        deals=deals,
        won=won,
        win_rate=won / deals,
        left_out=left_out,
        by_band={key: sliced(key, part, whole, level) for key, part in counted.by_band.items()},
        by_unknown={
            number: sliced(str(number), part, whole, level)
            for number, part in counted.by_unknown.items()
        },
        auc=area_under_curve(counted.by_points, level),
        calibration=calibrated(counted.by_points, card.total, bins, level),
        questions=questions,
        not_asked=plan.not_asked,
        confidence=level,
    )


def _refused(problems: list[Problem]) -> FrameError:
    return FrameError("The backtest cannot be made like this.", problems=problems)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise _refused(problems)


def _chosen(scorecard: object, card: object) -> tuple[Scorecard, Playbook | None]:
    if isinstance(scorecard, Scorecard | Checklist):
        if card is not None:
            message = f"this chooses a card of a playbook, and {a_thing(scorecard)} was given"
            raise _refused([Problem("card", message, "leave it out, or pass the playbook")])
        return (scorecard if isinstance(scorecard, Scorecard) else _of_questions(scorecard)), None
    if not isinstance(scorecard, Playbook):
        message = f"this is {a_thing(scorecard)}, not a scorecard, checklist or playbook"
        hint = 'pass playbook.scorecards["…"], playbook.checklists["…"] or the playbook'
        raise _refused([Problem("scorecard", message, hint)])
    known = [*scorecard.scorecards, *scorecard.checklists]
    if card is None:
        found = list(scorecard.scorecards) or list(scorecard.checklists)
        if len(found) != 1:
            message = f"the playbook has {len(found) or 'no'} scorecards"
            hint = f"say which: card= one of {', '.join(known)}" if known else "pass another one"
            raise _refused([Problem("card", message, hint)])
        card = found[0]
    if not isinstance(card, str):
        message = f"this is {a_thing(card)}, not the key of a card"
        raise _refused([Problem("card", message, f"one of {', '.join(known)}")])
    if card in scorecard.scorecards:
        return scorecard.scorecards[card], scorecard
    if card in scorecard.checklists:
        return _of_questions(scorecard.checklists[card]), scorecard
    near = closest(card, known)
    hint = f'did you mean "{near}"?' if near else f"there are {', '.join(known) or 'none'}"
    raise _refused([Problem("card", f"there is no scorecard or checklist {card!r}", hint)])


def _of_questions(checklist: Checklist) -> Scorecard:
    """A point for every question that is +, and no bands."""
    named = [(f"{checklist.key}.{each.key}", each) for each in checklist.questions]
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


def _facts_of(card: Scorecard) -> Facts:
    # Only the rules still know the choices of facts that their playbook declared.
    used = (fact for item in card.items for fact in item.rule.reads.values())
    return STANDARD_FACTS.extended(used)


def _problems_of_arguments(
    outcome: object,
    columns: object,
    values: object,
    points: object,
    bins: object,
    confidence: object,
) -> list[Problem]:
    problems = []
    if not isinstance(outcome, str):
        message = f"this is {a_thing(outcome)}, not the name of a column"
        problems.append(Problem("outcome", message, 'outcome="Status"'))
    given = {"columns": columns, "values": values}
    if isinstance(values, Mapping):
        given |= {f"values[{name!r}]": mapped for name, mapped in values.items()}
    for path, value in given.items():
        if not (isinstance(value, Mapping) or (value is None and path in {"columns", "values"})):
            message = f"this is {a_thing(value)}, not a mapping"
            problems.append(Problem(path, message, "write {…: …}"))
    if points not in ("low", "high", "middle"):  # a tuple: what has no hash is no choice either
        problems.append(Problem("points", f"{points!r} is no choice", '"low", "high" or "middle"'))
    if type(bins) is not int or not 1 <= bins <= _MAX_BINS:
        problems.append(Problem("bins", f"{bins!r} is no number of bins", f"1 to {_MAX_BINS:,}"))
    if type(confidence) is not float or not 0 < confidence < 1:
        problems.append(Problem("confidence", f"{confidence!r} is none", "above 0 and below 1"))
    return problems


def _problems_of_rates(rates: object) -> list[Problem]:
    if rates is None or isinstance(rates, Rates):
        return []
    return [Problem("rates", f"this is {a_thing(rates)}", "pass Rates(…)")]


def _problems_of_card(
    card: Scorecard, playbook: Playbook | None, inputs: Answers, as_of: date | None
) -> list[Problem]:
    problems = []
    read = {name: item.key for item in card.items for name in sorted(item.rule.facts)}
    if as_of is None and needs_day(_items(card, playbook)):
        problems.append(Problem("as_of", "the card uses time", "say the day: as_of=date(…)"))
    problems += [
        Problem(
            f"scorecard.{read[name]}",
            f"it reads {name}, which is what is to be predicted",
            "leave the item out",
        )
        for name in ("outcome", "ended")
        if name in read
    ]
    if playbook is None and "amount" in read and inputs.column_of("amount.currency"):
        message = "there is a column for it, and a scorecard does not say its currency"
        hint = "pass the playbook, with card="
        problems.append(Problem("amount.currency", message, hint))
    return problems


def _items(card: Scorecard, playbook: Playbook | None) -> list[ScoreItem]:
    """Those of the card, and of the cards whose points they read."""
    inner = cards_read(playbook, facts_read(card)) if playbook else ()
    return [item for each in (card, *inner) for item in each.items]


def _nothing_asked(facts: tuple[str, ...]) -> Problem:
    message = f"no column holds an answer: {', '.join(facts[:8])}{', …' if len(facts) > 8 else ''}"  # noqa: PLR2004
    return Problem("columns", message, f'name them: columns={{"{facts[0]}": "…"}}', "no_column")
