"""The one function of the pipeline that most callers need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from salesflow._arguments import Arguments, instance, option
from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.domain import PlaybookStamp
from salesflow.errors import Problem, Severity
from salesflow.facts import IN_CURRENCY, FactKind
from salesflow.money import Rates
from salesflow.pipeline._checks.catalogue import Check, size_checks, stage_checks, track_checks
from salesflow.pipeline._checks.check_plan import CheckPlan, CheckResult
from salesflow.pipeline._checks.findings import COLUMNS
from salesflow.pipeline._checks.hygiene import hygiene_checks
from salesflow.pipeline._checks.limits import (
    DEFAULT,
    NOT_WORSE,
    FailIf,
    Limit,
    problems_of_limits,
)
from salesflow.pipeline._checks.messages import Messages
from salesflow.pipeline._checks.own import OwnCheck, own_checks, read_checks, under_playbook
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._checks.since import of_another_playbook
from salesflow.pipeline._checks.unique import key_check, read_unique, unique_check
from salesflow.pipeline._checks.views import Views
from salesflow.pipeline._frames.amounts import currency_said
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import read_options, read_playbook
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline.exports._number_shapes import unit_in_heading
from salesflow.playbook import Playbook
from salesflow.playbook._fact_words import choice_words
from salesflow.rules import Rule
from salesflow.text import Text

_MESSAGE: Final = "The pipeline cannot be checked like this."


def check_pipeline(  # noqa: PLR0913 - options, each with its name
    frame: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    checks: Mapping[str, Rule | OwnCheck] | None = None,
    unique: Iterable[Iterable[str]] | None = None,
    duplicate_keys: Literal["error", "finding"] = "error",
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
    missing: Literal["unknown", "error"] = "unknown",
    fail_if: FailIf | None = None,
    warn_if: FailIf | None = None,
    before: PipelineReport[Any] | None = None,
) -> PipelineReport[FrameT]:
    """Check every deal of a data frame against a playbook.

    All deals: what the stages ask for that they must have entered or left, what the states ask for
    that their tracks must have come to, pipeline hygiene, and the caller's own rules. Open deals:
    what the size policy asks for. A check says what ought to hold: YES is fine, NO and UNKNOWN are
    findings.

    One aggregate query runs; on lazy frames of polars, on Spark and Dask up to three, for the
    counts, distinct keys and the longest cycle of a won deal. Where labels are to be read, their
    columns are asked for them, and the counts are asked for once more; `labels` of the report
    tells what was read. No rows are fetched. The frame is not changed, and the order of its rows
    means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value, but see
            `duplicate_keys`. It may be left out, as all that follow, where the frame is a source
            that says it.
        as_of: The day of the check; of a moment with a zone, its day in `tz`. A row that lies
            after it, created or closed later or come later to where it is, does not say how the
            deal stood then: nothing is asked of it but whether its dates lie in the future, and
            `later` of the report says how many there are.
        stage: The column of the stage, if it is not called `stage`.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`, for labels that are
            neither such a key or its title nor a usual word for it, however they are written.
        values: By fact, what values of its column stand for; others stand for themselves, and
            are read as labels of stages are. Words may stand for numbers, too.
        checks: The caller's own, by the name they get in the report: a rule, or an
            [`OwnCheck`][salesflow.pipeline.OwnCheck] where there is more to be said, as in
            [`Checks`][salesflow.pipeline.Checks] of a file. They apply to all rows but those that
            lie after the day.
        unique: What no two deals may share all of: lists of facts, or of columns, each a check
            `unique.<…>`. An [`OwnCheck`][salesflow.pipeline.OwnCheck] says more, such as which
            deals are compared.
        duplicate_keys: A key on several rows is an error, since everything that is said of a deal
            is then said of several; with "finding" it is one of `unique.key`, NO for each of these
            rows, and all rows are checked.
        rates: To convert amounts that are in another currency into the
            playbook's currency. Without a rate the amount is unknown.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
            What `read_numbers` read with a unit of its own, such as `86万`, counts none of these.
        tz: Where calendar days begin, for columns of moments and for `as_of`; in UTC if nobody
            says it.
        missing: Checks whose facts have no column are listed as not checked, and those of which
            some facts have none as partly checked; with "error", they are an error.
        fail_if: How many findings are too many: a count, or a share of the rows, by check, group
            or severity. Kept in the report, for its `raise_for`, which says more.
        warn_if: The same for what is only listed: by the report's `warned` and its summary.
        before: The report of an earlier run with this playbook, for limits by how many more
            findings there are.

    Raises:
        FrameError: `problems` lists everything that is wrong: columns that are not there or of the
            wrong type, labels that no stage has, keys that are missing or not distinct, unknown
            names.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

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
        >>> report.findings().filter(check="big").to_dicts()
        [{'id': 'D-2', 'stage': 'won', 'check': 'big', 'severity': 'error', 'verdict': 'no'}]
        >>> report.not_checked["hygiene.next_step_known"]
        ('next_step',)
    """
    given = Arguments()
    told = Said(key, stage, columns, stages, values, currency, scale, tz)
    options = read_options(given, frame, told, as_of=as_of, rates=rates, needs_day=True)
    given.read(option, missing, ("unknown", "error"), "missing")
    given.read(option, duplicate_keys, ("error", "finding"), "duplicate_keys")
    earlier = None
    if before is not None:
        earlier = given.read(instance, before, PipelineReport, "before", "pass an earlier report")
    unshared = read_unique(given, unique)
    playbook = read_playbook(given, playbook, _MESSAGE)
    stamp = PlaybookStamp(id=playbook.id, version=playbook.version, digest=playbook.digest)
    if earlier is not None:
        given.problems += of_another_playbook(stamp, earlier.playbook, "before")
    # Whatever is wrong so far is left out, so that the rest is looked at all the same.
    own = read_checks(given, checks)
    more, problems = under_playbook(playbook, own)
    deals = Deals(given, playbook, options, message=_MESSAGE, more=more, reserved=COLUMNS)
    deals.columns.problems += problems
    deals.key.may_repeat = duplicate_keys == "finding"
    listed = deals.add_listed(deals.facts)
    made = [
        *stage_checks(playbook),
        *track_checks(playbook),
        *size_checks(playbook),
        *hygiene_checks(playbook, deals.facts, listed, converted=deals.converted),
    ]
    if deals.key.may_repeat and deals.key.usable:
        made.append(key_check(deals))
    alike = (unique_check(deals, name, names, name) for name, names in unshared.items())
    made += [check for check in alike if check is not None]
    called = ("stage", deals.key.name) if deals.key.usable else ("stage",)
    taken = dict.fromkeys(called, "a column of the deals is called so")
    taken |= {check.key: "a check of the playbook is called so" for check in made}
    for name in own:
        if name in taken:
            deals.columns.note(f"checks[{name!r}]", taken[name], "choose another name")
    said = currency_said(deals.columns, options, playbook.currency)
    names = {} if said is None else {IN_CURRENCY: Text(en=said)}
    made += own_checks(own, deals, {**choice_words(playbook), **names})
    limits, problems = _limits("fail_if", fail_if, own, made)
    warn_limits, more_problems = _limits("warn_if", warn_if, own, made)
    for noted in (given.problems, deals.columns.problems):
        noted += [*problems, *more_problems]
    if not (deals.key.usable and deals.stage.usable):
        deals.refuse_without_columns()

    def ask() -> tuple[CheckPlan, CheckResult]:
        plan = CheckPlan(deals, FactColumns.of(deals), made)
        if missing == "error":
            deals.columns.problems += plan.problems_of_missing()
        return plan, plan.run()

    plan, result = deals.columns.asked(_MESSAGE, ask)
    by_default = DEFAULT if earlier is None else NOT_WORSE
    return keeping(
        PipelineReport(
            counts=FrozenDict(result.counts),
            not_checked=FrozenDict(result.not_checked),
            partly_checked=FrozenDict(result.partly_checked),
            titles=FrozenDict({check.key: check.title for check in made}),
            severities=FrozenDict({check.key: check.severity for check in made}),
            groups=FrozenDict({check.key: check.group for check in made}),
            rows=result.rows,
            later=result.later,
            as_of=options.day,
            limits=FrozenDict(limits if fail_if is not None else {**by_default, **limits}),
            warn_limits=FrozenDict(warn_limits),
            labels=deals.columns.labels.told,
            unscaled=FrozenDict(_unscaled(deals)),
            before=None if earlier is None else earlier.counts,
            by_default=fail_if is None,
            playbook=stamp,
        ),
        _views=Views(plan, made),
        _messages=Messages(playbook, made, options.day, names),
        _playbook=playbook,
    )


def _unscaled(deals: Deals) -> Iterator[tuple[str, str]]:
    """The amounts whose heading names a unit clearly, of which no scale is said, and the column."""
    for name, fact in deals.facts.items():
        column = deals.columns.column_of(name) if fact.kind is FactKind.MONEY else None
        if column is not None and name not in deals.options.scale:
            unit = unit_in_heading(column)
            if unit is not None and unit[1]:
                yield name, column


def _limits(
    name: Literal["fail_if", "warn_if"],
    given: object,
    own: Mapping[str, OwnCheck],
    made: Sequence[Check],
) -> tuple[dict[str, Limit], list[Problem]]:
    """The limits that the caller's checks have and those that the caller gave, which count more."""
    groups = {check.key: check.group for check in made}
    severities: dict[str, Severity] = {check.key: check.severity for check in made}
    of_checks = {
        key: limit for key, check in own.items() if (limit := getattr(check, name)) is not None
    }
    limits: dict[str, Limit] = {}
    problems: list[Problem] = []
    for said in (of_checks or None, given):
        if said is not None:
            found, wrong = problems_of_limits(said, groups, severities, name)
            limits |= found
            problems += wrong
    return limits, problems
