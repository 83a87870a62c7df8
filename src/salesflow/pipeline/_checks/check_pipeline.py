"""The one function of the pipeline that most callers need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, Literal, TypeVar

from salesflow._arguments import Arguments, describe, mapping, option
from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.errors import Problem, Severity
from salesflow.facts import CURRENCY, IN_CURRENCY, Fact, FactKind, Facts
from salesflow.money import Rates
from salesflow.pipeline._checks.catalogue import own_checks, size_checks, stage_checks, track_checks
from salesflow.pipeline._checks.check_plan import CheckPlan
from salesflow.pipeline._checks.findings import COLUMNS
from salesflow.pipeline._checks.hygiene import hygiene_checks
from salesflow.pipeline._checks.messages import Messages
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._checks.thresholds import problems_of_limits
from salesflow.pipeline._checks.views import Views
from salesflow.pipeline._frames.amounts import currency_said
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.options import Scale, read_options, read_playbook
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._wording import near
from salesflow.playbook import Playbook
from salesflow.playbook._fact_words import choice_words
from salesflow.qualify._hygiene_facts import hygiene_facts
from salesflow.rules import Rule
from salesflow.rules._canonical import facts_of_node, problems_of
from salesflow.rules._values import BLANK
from salesflow.rules.ast import REACHED
from salesflow.text import Text

FrameT = TypeVar("FrameT")

_MESSAGE: Final = "The pipeline cannot be checked like this."


def check_pipeline(  # noqa: PLR0913 - options, each with its name
    frame: FrameT,
    playbook: Playbook,
    *,
    key: str,
    as_of: date,
    stage: str = "stage",
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    checks: Mapping[str, Rule] | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str = "UTC",
    missing: Literal["unknown", "error"] = "unknown",
    fail_if: Mapping[str, int | float] | None = None,
) -> PipelineReport[FrameT]:
    """Check every deal of a data frame against a playbook.

    All deals: what the stages ask for that they must have entered or left, what the states ask for
    that their tracks must have come to, pipeline hygiene, and the caller's own rules. Open deals:
    what the size policy asks for. A check says what ought to hold: YES is fine, NO and UNKNOWN are
    findings.

    One aggregate query runs, on lazy frames too; on Spark and Dask up to three small ones, for the
    counts, distinct keys and the longest cycle of a won deal. No rows are fetched. The frame is not
    changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value.
        as_of: The day of the check; of a moment with a zone, its day in `tz`. A row that lies
            after it, created or closed later or come later to where it is, does not say how the
            deal stood then: nothing is asked of it but whether its dates lie in the future, and
            `later` of the report says how many there are.
        stage: The column of the stage.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`, for labels that are
            not such keys themselves.
        values: By fact, what values of its column stand for; others stand for themselves.
        checks: The caller's own, by the name they get in the report. They apply to all rows but
            those that lie after the day.
        rates: To convert amounts that are in another currency into the
            playbook's currency. Without a rate the amount is unknown.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
        tz: Where calendar days begin, for columns of moments and for `as_of`.
        missing: Checks whose facts have no column are listed as not checked; with "error", they
            are an error.
        fail_if: How many findings are too many: a count, or a share of the rows, by check, group
            or severity. Kept in the report, for its `raise_for`, which says more.

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
        >>> report.findings.filter(check="big").to_dicts()
        [{'id': 'D-2', 'stage': 'won', 'check': 'big', 'severity': 'error', 'verdict': 'no'}]
        >>> report.not_checked["hygiene.next_step_known"]
        ('next_step',)
    """
    given = Arguments()
    options = read_options(
        given,
        as_of=as_of,
        tz=tz,
        needs_day=True,
        key=key,
        stage=stage,
        columns=columns,
        stages=stages,
        values=values,
        rates=rates,
        currency=currency,
        scale=scale,
    )
    given.read(option, missing, ("unknown", "error"), "missing")
    playbook = read_playbook(given, playbook, _MESSAGE)
    # Whatever is wrong so far is left out, so that the rest is looked at all the same.
    own = _own_rules(given, checks)
    more, problems = _facts_read(playbook, own)
    deals = Deals(given, frame, playbook, options, message=_MESSAGE, more=more, reserved=COLUMNS)
    deals.columns.problems += problems
    listed = deals.add_listed(deals.facts)
    made = [
        *stage_checks(playbook),
        *track_checks(playbook),
        *size_checks(playbook),
        *hygiene_checks(playbook, deals.facts, listed, converted=deals.converted),
    ]
    called = ("stage", deals.key.name) if deals.key.usable else ("stage",)
    taken = dict.fromkeys(called, "a column of the deals is called so")
    taken |= {check.key: "a check of the playbook is called so" for check in made}
    for name in own:
        if name in taken:
            deals.columns.note(f"checks[{name!r}]", taken[name], "choose another name")
    said = currency_said(deals.columns, options, playbook.currency)
    names = {} if said is None else {IN_CURRENCY: Text(en=said)}
    made += own_checks(own, {**choice_words(playbook), **names})
    limits = None
    if fail_if is not None:
        groups: dict[str, str] = {check.key: check.group for check in made}
        severities: dict[str, Severity] = {check.key: check.severity for check in made}
        limits, problems = problems_of_limits(fail_if, groups, severities)
        given.problems += problems
        deals.columns.problems += problems
    if not (deals.key.usable and deals.stage.usable):
        deals.refuse_without_columns()
    plan = CheckPlan(deals, FactColumns.of(deals), made)
    if missing == "error":
        deals.columns.problems += plan.problems_of_missing()
    result = plan.run()
    deals.columns.refuse(_MESSAGE)
    return keeping(
        PipelineReport(
            counts=FrozenDict(result.counts),
            not_checked=FrozenDict(result.not_checked),
            titles=FrozenDict({check.key: check.title for check in made}),
            severities=FrozenDict({check.key: check.severity for check in made}),
            groups=FrozenDict({check.key: check.group for check in made}),
            rows=result.rows,
            later=result.later,
            as_of=options.day,
        ),
        _fail_if=limits,
        _views=Views(plan, made),
        _messages=Messages(playbook, made, options.day, names),
        _lang="en" if "en" in playbook.languages else playbook.languages[0],
    )


def _own_rules(given: Arguments, checks: Mapping[str, Rule] | None) -> dict[str, Rule]:
    """The caller's rules, by name; what is not a rule, or has no name, is noted and left out."""
    found = {}
    for name, rule in (given.read(mapping, checks, "checks") or {}).items():
        path = f"checks[{name!r}]"
        if not isinstance(rule, Rule):
            hint = 'pass Rule.parse("…", facts=playbook.facts)'
            given.problems.append(Problem(path, f"must be a Rule, not {describe(rule)}", hint))
        if not (isinstance(name, str) and name.strip(BLANK) and name.isprintable()):
            hint = 'write a text, as in "big_deals"'
            given.problems.append(Problem(path, "not a valid name of a check", hint))
        elif isinstance(rule, Rule):
            found[name] = rule
    return found


def _facts_read(playbook: Playbook, own: dict[str, Rule]) -> tuple[list[Fact], list[Problem]]:
    """What the caller's rules read beyond the facts of the playbook and of a pipeline.

    A rule that does not go with the playbook is taken out of `own`.
    """
    facts = hygiene_facts(playbook)
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
                if kind is FactKind.MONEY:
                    more[f"{fact}{CURRENCY}"] = Fact(f"{fact}{CURRENCY}", FactKind.CHOICE)
            elif known.kind is not kind:
                message = f"it reads {fact} as a {kind}, and it is a {known.kind}"
                hint = "parse the rule with facts=playbook.facts"
                problems.append(Problem(f"checks[{name!r}]", message, hint))
        if len(problems) > before:
            del own[name]
    return list(more.values()), problems


def _problems_of_values(rule: Rule, playbook: Playbook, facts: Facts) -> Iterator[Problem]:
    """What the playbook does not have: values of its choices, and stages that are reached."""
    yield from problems_of(rule.node, facts)
    places = {name.removeprefix(REACHED) for name in playbook.facts if name.startswith(REACHED)}
    for fact in sorted(rule.facts):
        place = fact.removeprefix(REACHED)
        if place != fact and place not in places:
            hint = near(place, sorted(places))
            yield Problem("", f"there is no stage {place!r} to reach", hint, "unknown_stage")
