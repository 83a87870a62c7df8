"""The one function of the pipeline that most callers need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, TypeVar, cast

from salesflow.errors import FrameError, Problem
from salesflow.facts import Fact, Facts, Kind
from salesflow.money import Rates
from salesflow.pipeline._checks import Check, exit_checks, own_checks, size_checks
from salesflow.pipeline._fact_columns import FactColumns
from salesflow.pipeline._hygiene import LISTED, PIPELINE_FACTS, hygiene_checks
from salesflow.pipeline._inputs import Inputs, opened
from salesflow.pipeline._plan import Plan
from salesflow.pipeline._report import PipelineReport
from salesflow.pipeline._stages import Places, read_labels
from salesflow.playbook import Playbook
from salesflow.rules import Rule
from salesflow.rules._normal import facts_of_node

__all__ = ["check_pipeline"]

FrameT = TypeVar("FrameT")

_OPTIONAL: Final = ("columns", "stages", "values", "checks")


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
) -> PipelineReport[FrameT]:
    """Check every deal of a data frame against a playbook.

    Open deals: the exit criteria of the stages that they must already have left, and what the
    size policy asks for. All deals: pipeline hygiene, and the caller's own rules. A check says
    what ought to hold: YES is fine, NO and UNKNOWN are findings.

    One aggregate query runs, on lazy frames too. The frame is not changed, and the order of its
    rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value.
        as_of: The day of the check.
        stage: The column of the stage.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`, for labels that are
            not such keys themselves.
        values: By fact, what values of its column stand for; others stand for themselves.
        checks: The caller's own, by the name they get in the report. They apply to all rows.
        rates: Where there is a column for `amount.currency`: to convert amounts into the
            playbook's currency. Without a rate the amount is unknown.
        tz: Where calendar days begin, for columns of moments.
        missing: Checks whose facts have no column are listed as not checked; with "error", they
            are an error.

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
    _refuse(
        [
            *_problems_of_arguments(playbook, as_of, rates, missing),
            *_problems_of_mappings(columns, stages, values, checks),
        ]
    )
    own = dict(checks or {})
    facts, problems = _catalogue(playbook, own)
    data, eager = opened(frame)
    inputs = Inputs(
        data,
        facts,
        eager=eager,
        key=key,
        stage=stage,
        columns=columns or {},
        values=values or {},
        tz=tz,
    )
    inputs.problems += problems
    places = Places(playbook)
    labels, problems = read_labels(places, stages or {})
    inputs.problems += problems
    if not inputs.usable:
        _refuse(inputs.problems)

    listed = _listed(inputs, facts)
    facts = facts.extended(Fact(f"{LISTED}.{name}", Kind.FLAG) for name in listed)
    made = [
        *exit_checks(playbook, places),
        *size_checks(playbook, facts),
        *hygiene_checks(
            playbook,
            places,
            facts,
            listed,
            currencies=inputs.column_of("amount.currency") is not None,
        ),
    ]
    inputs.problems += _problems_of_names(own, made)
    made += own_checks(own)
    fact_columns = FactColumns(inputs, playbook, facts, places, labels, as_of=as_of, rates=rates)
    plan = Plan(inputs, fact_columns, made, playbook, labels, as_of)
    if missing == "error":
        inputs.problems += plan.problems_of_missing()
    result = plan.run()
    _refuse(inputs.problems)
    return PipelineReport(
        counts=result.counts,
        not_checked=result.not_checked,
        titles={check.key: check.title for check in made},
        severities={check.key: check.severity for check in made},
        rows=result.rows,
        as_of=as_of,
        # narwhals gives back the kind of frame that it was given; its types cannot say so here.
        findings=lambda: cast("FrameT", plan.findings(result.counts).to_native()),
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise FrameError("The pipeline cannot be checked like this.", problems=problems)


def _problems_of_arguments(
    playbook: object, as_of: object, rates: object, missing: object
) -> list[Problem]:
    problems = []
    if not isinstance(playbook, Playbook):
        problems.append(
            Problem(
                "playbook",
                f"this is a {type(playbook).__name__}, not a playbook",
                'pass load_playbook("…") or Playbook.from_file("…")',
            )
        )
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        problems.append(
            Problem(
                "as_of", f"{as_of!r} is no date", "pass a datetime.date such as date(2026, 1, 31)"
            )
        )
    if rates is not None and not isinstance(rates, Rates):
        problems.append(Problem("rates", f"this is a {type(rates).__name__}", "pass Rates(…)"))
    if missing not in {"unknown", "error"}:
        problems.append(Problem("missing", f"{missing!r} is no choice", '"unknown" or "error"'))
    return problems


def _problems_of_mappings(
    columns: object, stages: object, values: object, checks: object
) -> list[Problem]:
    given = {"columns": columns, "stages": stages, "values": values, "checks": checks}
    if isinstance(values, Mapping):
        given |= {f"values[{name!r}]": mapped for name, mapped in values.items()}
    problems = [
        Problem(path, f"this is a {type(value).__name__}, not a mapping", "write {…: …}")
        for path, value in given.items()
        if not (isinstance(value, Mapping) or (value is None and path in _OPTIONAL))
    ]
    problems += [
        Problem(
            f"checks[{name!r}]",
            f"this is a {type(rule).__name__}, not a rule",
            'pass Rule.parse("…", facts=playbook.facts)',
        )
        for name, rule in (checks.items() if isinstance(checks, Mapping) else ())
        if not isinstance(rule, Rule)
    ]
    return problems


def _problems_of_names(own: Mapping[str, Rule], made: list[Check]) -> list[Problem]:
    taken = {check.key for check in made}
    return [
        Problem(f"checks[{name!r}]", "a check of the playbook is called so", "choose another name")
        for name in own
        if name in taken
    ]


def _catalogue(playbook: Playbook, own: Mapping[str, Rule]) -> tuple[Facts, list[Problem]]:
    """The playbook's facts, those of a pipeline, and what the caller's rules read beyond them."""
    facts = playbook.facts.extended(PIPELINE_FACTS)
    more: dict[str, Fact] = {}
    problems = []
    for name, rule in own.items():
        for fact, kind in facts_of_node(rule.node):
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
    return facts.extended(more.values()), problems


def _listed(inputs: Inputs, facts: Facts) -> list[str]:
    """The choices and flags of the playbook that have a column."""
    return [
        name
        for name, fact in facts.items()
        if (fact.kind is Kind.FLAG or fact.choices) and inputs.column_of(name) is not None
    ]
