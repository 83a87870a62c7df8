"""The one function of the pipeline that most callers need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Literal, TypeVar

from salesflow.errors import FactError, FrameError, Problem, closest
from salesflow.facts import Fact, FactKind, Facts
from salesflow.money import Rates
from salesflow.pipeline._checks.arguments import (
    is_mapping,
    mapping,
    problems_of_arguments,
    problems_of_mappings,
    problems_of_names,
    rules_of,
)
from salesflow.pipeline._checks.catalogue import exit_checks, own_checks, size_checks
from salesflow.pipeline._checks.hygiene import LISTED, PIPELINE_FACTS, hygiene_checks
from salesflow.pipeline._checks.messages import Messages
from salesflow.pipeline._checks.plan import Plan
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._checks.thresholds import problems_of_limits
from salesflow.pipeline._checks.views import Views
from salesflow.pipeline._frames.facts import FactColumns
from salesflow.pipeline._frames.inputs import REFUSED, Inputs
from salesflow.pipeline._frames.key_and_stage import problems_of_part
from salesflow.pipeline._frames.opening import opened
from salesflow.pipeline._frames.stages import Places, read_labels
from salesflow.playbook import Playbook
from salesflow.rules import Rule
from salesflow.rules._canonical import facts_of_node, problems_of
from salesflow.rules._values import day_of
from salesflow.rules.ast import REACHED

FrameT = TypeVar("FrameT")


def check_pipeline(  # noqa: PLR0913 - options, each with its name
    frame: FrameT,
    playbook: Playbook,
    *,
    key: str,
    as_of: date,
    stage: str = "stage",
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[object, object]] | None = None,
    checks: Mapping[str, Rule] | None = None,
    rates: Rates | None = None,
    tz: str = "UTC",
    missing: Literal["unknown", "error"] = "unknown",
    fail_if: Mapping[str, int | float] | None = None,
) -> PipelineReport[FrameT]:
    """Check every deal of a data frame against a playbook.

    Open deals: the exit criteria of the stages that they must already have left, and what the
    size policy asks for. All deals: pipeline hygiene, and the caller's own rules. A check says
    what ought to hold: YES is fine, NO and UNKNOWN are findings.

    One aggregate query runs, on lazy frames too; on Spark and Dask up to three small ones, for the
    counts, distinct keys and the longest cycle of a won deal. No rows are fetched. The frame is not
    changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value.
        as_of: The day of the check; of a moment with a zone, its day in `tz`.
        stage: The column of the stage.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`, for labels that are
            not such keys themselves.
        values: By fact, what values of its column stand for; others stand for themselves.
        checks: The caller's own, by the name they get in the report. They apply to all rows.
        rates: Where there is a column for `amount.currency`: to convert amounts into the
            playbook's currency. Without a rate the amount is unknown.
        tz: Where calendar days begin, for columns of moments and for `as_of`.
        missing: Checks whose facts have no column are listed as not checked; with "error", they
            are an error.
        fail_if: How many findings are too many: a count, or a share of the rows, by check, group
            or severity. Kept in the report, for its `raise_for`, which says more.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frame and the arguments:
            columns that are not there or of the wrong type, labels that are no stages, keys that
            are missing or not distinct, unknown names.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook, Rule
        >>> deals = pl.DataFrame(
        ...     {
        ...         "id": ["D-1", "D-2"],
        ...         "stage": ["Planning", "Won"],
        ...         "value": [120_000, 40_000],
        ...     }
        ... )
        >>> report = check_pipeline(
        ...     deals,
        ...     load_playbook("optimized_sales_process"),
        ...     key="id",
        ...     as_of=date(2026, 1, 31),
        ...     columns={"amount": "value"},
        ...     stages={"Planning": "opportunity_plan", "Won": "won"},
        ...     checks={"big": Rule.parse("amount >= 100_000")},
        ... )
        >>> report.counts["big"], report.counts["hygiene.amount_known"]
        (Counts(yes=1, no=1, unknown=0), Counts(yes=1, no=0, unknown=0))
        >>> report.findings.filter(check="big").to_dicts()
        [{'id': 'D-2', 'stage': 'won', 'check': 'big', 'severity': 'error', 'verdict': 'no'}]
        >>> report.not_checked["hygiene.next_step_known"]
        ('next_step',)
    """
    day = _day(as_of, tz)
    wrong = [
        *problems_of_arguments(playbook, day or as_of, rates, missing),
        *problems_of_mappings(columns, stages, values, checks),
    ]
    if any(problem.path == "playbook" for problem in wrong):
        _refuse(wrong)  # nothing else can be told without it
    # Whatever is wrong so far is left out, so that the rest is looked at all the same.
    columns, stages = mapping(columns), mapping(stages)
    values = {name: mapped for name, mapped in mapping(values).items() if is_mapping(mapped)}
    rates = None if any(problem.path == "rates" for problem in wrong) else rates
    own = rules_of(checks)
    facts, problems = _catalogue(playbook, own)
    data, eager = opened(frame)
    inputs = Inputs(
        data,
        facts,
        eager=eager,
        key=key,
        stage=stage,
        columns=columns,
        values=values,
        tz=tz,
    )
    inputs.problems[:0] = wrong
    inputs.problems += problems
    places = Places(playbook)
    labels, problems = read_labels(places, stages)
    inputs.problems += problems

    listed = _listed(inputs, facts)
    facts = facts.extended(Fact(f"{LISTED}.{name}", FactKind.FLAG) for name in listed)
    made = [
        *exit_checks(playbook),
        *size_checks(playbook),
        *hygiene_checks(
            playbook,
            facts,
            listed,
            currencies=inputs.column_of("amount.currency") is not None,
        ),
    ]
    inputs.problems += problems_of_names(own, made, inputs.key)
    made += own_checks(own)
    limits = None
    if fail_if is not None:
        limits, problems = problems_of_limits(
            fail_if,
            {check.key: check.group for check in made},
            {check.key: check.severity for check in made},
        )
        inputs.problems += problems
    if not inputs.usable:
        _refuse([*inputs.problems, *problems_of_part(inputs, labels, playbook)])

    today = day or date.min
    fact_columns = FactColumns(inputs, playbook, facts, places, labels, as_of=today, rates=rates)
    plan = Plan(inputs, fact_columns, made, playbook, labels, today)
    if missing == "error":
        inputs.problems += plan.problems_of_missing()
    result = plan.run()
    _refuse(inputs.problems)
    return PipelineReport(
        counts=result.counts,
        not_checked=result.not_checked,
        checks=made,
        rows=result.rows,
        as_of=today,
        fail_if=limits,
        views=Views(plan, inputs, made),
        messages=Messages(playbook, made, today),
        lang="en" if "en" in playbook.languages else playbook.languages[0],
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise FrameError(REFUSED, problems=problems)


def _day(as_of: object, tz: str) -> date | None:
    """The day that is meant, as a rule takes it: that of a moment is its day in `tz`."""
    try:
        return day_of(as_of, tz)
    except FactError:
        return None


def _catalogue(playbook: Playbook, own: dict[str, Rule]) -> tuple[Facts, list[Problem]]:
    """The playbook's facts, those of a pipeline, and what the caller's rules read beyond them.

    A rule that does not go with the playbook is taken out of `own`.
    """
    facts = playbook.facts.extended(PIPELINE_FACTS)
    more: dict[str, Fact] = {}
    problems: list[Problem] = []
    for name, rule in list(own.items()):
        before = len(problems)
        problems += [
            replace(problem, path=f"checks[{name!r}]")
            for problem in _problems_of_values(rule, playbook, facts)
        ]
        for fact, kind in dict.fromkeys(facts_of_node(rule.node)):
            known = facts.get(fact) or more.get(fact)
            if known is None:
                more[fact] = Fact(fact, kind)
            elif known.kind is not kind:
                problems.append(
                    Problem(
                        f"checks[{name!r}]",
                        f"it reads {fact} as a {kind}, and it is a {known.kind}",
                        "parse the rule with facts=playbook.facts",
                    )
                )
        if len(problems) > before:
            del own[name]
    return facts.extended(more.values()), problems


def _problems_of_values(rule: Rule, playbook: Playbook, facts: Facts) -> Iterator[Problem]:
    """What the playbook does not have: values of its choices, and stages that are reached."""
    yield from problems_of(rule.node, facts)
    places = {name.removeprefix(REACHED) for name in playbook.facts if name.startswith(REACHED)}
    for fact in sorted(rule.facts):
        place = fact.removeprefix(REACHED)
        if place != fact and place not in places:
            near = closest(place, places)
            hint = f'did you mean "{near}"?' if near else f"there are {', '.join(sorted(places))}"
            yield Problem("", f"there is no stage {place!r} to reach", hint, "unknown_stage")


def _listed(inputs: Inputs, facts: Facts) -> list[str]:
    """The choices and flags of the playbook that have a column."""
    return [
        name
        for name, fact in facts.items()
        if (fact.kind is FactKind.FLAG or fact.choices)
        and inputs.column_of(name) is not None
        and not name.startswith(REACHED)  # no rule can name what would say so of these
    ]
