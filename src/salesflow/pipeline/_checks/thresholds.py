"""Which checks have more findings than they may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

from salesflow._arguments import language
from salesflow._result import Result
from salesflow._translation import translated
from salesflow.errors import Problem, SalesflowError, Severity
from salesflow.pipeline._checks.check_plan import Counts
from salesflow.pipeline._checks.limits import FailIf, Parts, parts_of
from salesflow.pipeline._wording import amount_of, counted, some_of
from salesflow.text import Language, Text, both, in_language

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")


class FailedCheck(Result):
    """A check with more findings than its limit, or one that could not be made of all deals.

    Attributes:
        check: The check; of a group or severity none of whose checks could be made, its name.
        title: What ought to hold.
        severity: `error` or `warning`; of a group `error`.
        findings: How many rows are NO or UNKNOWN.
        rows: How many rows the check applies to.
        unchecked: How many of them could not be asked.
        limit: The number of findings that it may have, or their share of the rows; how many more
            than `before`, where that is given.
        not_checked: The facts without a column, which is why it could not be made, or not of
            `unchecked` rows; empty where it was.
        examples: Keys of some of the deals.
        before: Its counts in the earlier report, where it has more findings than in that one; all
            0 where it was not made then.
    """

    check: str
    title: Text
    severity: Severity
    findings: int
    rows: int
    limit: int | float
    not_checked: tuple[str, ...] = ()
    examples: tuple[object, ...] = ()
    before: Counts | None = None
    unchecked: int = 0

    @property
    def problem(self) -> Problem:
        """The same in a sentence."""
        return said_in(self, "en")

    def figures(self, lang: Language = "en") -> str:
        """How many findings there are in how many deals, and how many there may be.

        Raises:
            UnknownName: There is no such language.
        """
        words = in_language(language(lang), _PHRASES)
        limit = f"{self.limit:,}" if isinstance(self.limit, int) else f"{100 * self.limit:g} %"
        findings = counted(words, "findings", self.findings)
        found = words["found"].format(findings=findings, deals=counted(words, "deals", self.rows))
        if self.before is not None:
            earlier = self.before
            found += words["before"].format(n=earlier.findings, rows=earlier.rows)
            limit = words["more"].format(limit=limit)
        return found + words["limit"].format(limit=limit)

    def __str__(self) -> str:
        return str(self.problem)


def said_in(failed: FailedCheck, lang: Language) -> Problem:
    """A check that failed, in a sentence of a language."""
    if failed.not_checked:
        some = f" in {failed.unchecked:,} of {amount_of(failed.rows, 'deal')}"
        some = some if failed.unchecked else ""
        message = f"could not be checked{some}: no column holds {some_of(failed.not_checked)}"
        found = Problem(failed.check, message, "name it with columns=", "not_checked")
        return translated(found, lang)
    words = in_language(lang, _PHRASES)
    message = words["titled"].format(figures=failed.figures(lang), title=failed.title.get(lang))
    listed = ", ".join(repr(key) for key in failed.examples)
    hint = words["examples"].format(listed=listed) if listed else ""
    return Problem(failed.check, message, hint, "too_many", failed.severity)


class PipelineFailed(SalesflowError):
    """Some checks of the pipeline have more findings than they may.

    Only `PipelineReport.raise_for()` raises it.

    Attributes:
        failed: Each of them, with how many findings there are of how many rows, and the limit;
            `problems` says the same in sentences.
    """

    code = "pipeline_failed"

    def __init__(self, failed: Iterable[FailedCheck]) -> None:
        self.failed = tuple(failed)
        super().__init__(
            f"{amount_of(len({it.check for it in self.failed}), 'check')} of the pipeline failed.",
            problems=[check.problem for check in self.failed],
        )


# Where it is to be imported from; tracebacks and pickles say so.
PipelineFailed.__module__ = "salesflow.pipeline"


def failed_checks(
    report: PipelineReport[FrameT],
    limits: FailIf,
    before: Mapping[str, Counts] | None,
    examples: Callable[[Iterable[str]], Mapping[str, tuple[object, ...]]] | None = None,
) -> tuple[FailedCheck, ...]:
    """The checks with more findings than their limit, in their order.

    The limit of a check is that by its own name, or else that of its group, or else that of its
    severity. What is named and could not be checked, be it in some rows only, fails; so does what
    could be checked before, or in more rows, where its limit is by how many more findings it has
    than then. Without the counts of an earlier report (`before`) nothing is compared with them.
    """
    failed = []
    for name, limit in limits.items():
        members = _members(report, name)
        if not any(check in report.counts for check in members):
            failed.append(_not_made(report, name, members, _shown(parts_of(limit))))
    told = {each.check for each in failed}
    for check in report.groups:
        parts = _limit_of(report, check, limits)
        if parts is None:
            continue
        was = None if parts.max_increase is None or before is None else before.get(check)
        if check in report.counts:
            failed += _exceeding(report, check, parts, before)
            unchecked = report.counts[check].unchecked
            if unchecked and (check in limits or (was and unchecked > was.unchecked)):
                failed.append(_not_made(report, check, [check], _shown(parts)))
        elif was and parts.max_increase is not None and check not in told:
            failed.append(_not_made(report, check, [check], parts.max_increase))
    if examples is None:
        return tuple(failed)
    found = examples([each.check for each in failed if not each.not_checked])
    return tuple(it.model_copy(update={"examples": found.get(it.check, ())}) for it in failed)


def _limit_of(report: PipelineReport[FrameT], check: str, limits: FailIf) -> Parts | None:
    names = (check, report.groups[check], report.severities[check])
    return next((parts_of(limits[name]) for name in names if name in limits), None)


def _shown(limit: Parts) -> int | float:
    return next(it for it in limit if it is not None)


def _exceeding(
    report: PipelineReport[FrameT],
    check: str,
    limit: Parts,
    before: Mapping[str, Counts] | None,
) -> Iterator[FailedCheck]:
    """A check with more findings than its limit, once for each part of the limit."""
    count = report.counts[check]
    asked: list[tuple[int | float | None, Counts | None]] = [(limit.max, None)]
    if before is not None:
        asked.append((limit.max_increase, before.get(check, _NONE)))
    for most, earlier in asked:
        if most is not None and _exceeds(count, earlier or _NONE, most):
            yield FailedCheck(
                check=check,
                title=report.titles[check],
                severity=report.severities[check],
                findings=count.findings,
                rows=count.rows,
                limit=most,
                before=earlier,
            )


def _members(report: PipelineReport[FrameT], name: str) -> list[str]:
    groups, severities = report.groups, report.severities
    if name in groups:
        return [name]
    return [check for check in groups if name in (groups[check], severities[check])]


def _not_made(
    report: PipelineReport[FrameT], name: str, members: list[str], limit: float
) -> FailedCheck:
    lacking = {**report.not_checked, **report.partly_checked}
    facts = (fact for check in members for fact in lacking[check])
    count = report.counts.get(name, _NONE)
    return FailedCheck(
        check=name,
        title=report.titles.get(name) or both(en=f"The checks of {name}", zh=f"{name} 类检查"),
        severity=report.severities.get(name, "error"),
        findings=count.findings,
        rows=count.rows,
        limit=limit,
        unchecked=count.unchecked,
        not_checked=tuple(dict.fromkeys(facts)),
    )


def _exceeds(count: Counts, before: Counts, limit: float) -> bool:
    """Whether there are more findings than before by more than the limit."""
    if isinstance(limit, int):
        return count.findings - before.findings > limit
    # Rounded once: 0.29 * 100 is a little less than 29, and 0.3 - 0.2 than 0.1.
    return float(_share(count) - _share(before)) > limit


def _share(count: Counts) -> Fraction:
    return Fraction(count.findings, count.rows or 1)


_NONE: Final = Counts(yes=0, no=0, unknown=0)
_PHRASES: Final[Mapping[str, Text]] = {
    "findings_one": both(en="{n} finding", zh="{n} 个问题"),
    "findings": both(en="{n:,} findings", zh="{n:,} 个问题"),
    "deals_one": both(en="{n} deal", zh="{n} 个项目"),
    "deals": both(en="{n:,} deals", zh="{n:,} 个项目"),
    "found": both(en="{findings} in {deals}", zh="{deals}中有 {findings}"),
    "before": both(en=", {n:,} in {rows:,} before", zh="，上次 {rows:,} 个中有 {n:,} 个"),
    "limit": both(en=", the limit is {limit}", zh="，限度为 {limit}"),
    "more": both(en="{limit} more", zh="多 {limit}"),
    "titled": both(en="{figures} ({title})", zh="{figures}（{title}）"),
    "examples": both(en="for instance {listed}", zh="例如 {listed}"),
}
