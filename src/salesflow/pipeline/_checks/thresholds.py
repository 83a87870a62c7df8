"""How many findings are too many, and which checks have more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from salesflow._arguments import describe
from salesflow._result import Result
from salesflow.errors import Problem, SalesflowError, Severity
from salesflow.pipeline._checks.catalogue import FAMILIES
from salesflow.pipeline._wording import amount_of, near, some_of
from salesflow.terms import SEVERITIES
from salesflow.text import Text, both

if TYPE_CHECKING:
    from salesflow.pipeline._checks.report import PipelineReport

FrameT = TypeVar("FrameT")
FailIf: TypeAlias = Mapping[str, int | float]

DEFAULT: Final[FailIf] = {"error": 0}
"""What fails by default: any finding of a check whose severity is `error`."""

_LONG: Final = 10**18  # Python refuses to write down much longer numbers


class FailedCheck(Result):
    """A check with more findings than its limit, or one that could not be made.

    Attributes:
        check: The check; of a group or severity none of whose checks could be made, its name.
        title: What ought to hold.
        severity: `error` or `warning`; of a group `error`.
        findings: How many rows are NO or UNKNOWN.
        rows: How many rows the check applies to.
        limit: The number of findings that it may have, or their share of the rows.
        not_checked: The facts without a column, which is why it could not be made; empty
            where it was.
        examples: Keys of some of the deals.
    """

    check: str
    title: Text
    severity: Severity
    findings: int
    rows: int
    limit: int | float
    not_checked: tuple[str, ...] = ()
    examples: tuple[object, ...] = ()

    @property
    def problem(self) -> Problem:
        """The same in a sentence."""
        if self.not_checked:
            message = f"could not be checked: no column holds {some_of(self.not_checked)}"
            return Problem(self.check, message, "name it with columns=", "not_checked")
        limit = f"{self.limit:,}" if isinstance(self.limit, int) else f"{100 * self.limit:g} %"
        found = f"{amount_of(self.findings, 'finding')} in {amount_of(self.rows, 'deal')}"
        message = f"{found}, the limit is {limit} ({self.title.get('en')})"
        listed = ", ".join(repr(key) for key in self.examples)
        hint = f"for instance {listed}" if listed else ""
        return Problem(self.check, message, hint, "too_many", self.severity)

    def __str__(self) -> str:
        return str(self.problem)


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
            f"{amount_of(len(self.failed), 'check')} of the pipeline failed.",
            problems=[check.problem for check in self.failed],
        )


# Where it is to be imported from; tracebacks and pickles say so.
PipelineFailed.__module__ = "salesflow.pipeline"


def failed_checks(
    report: PipelineReport[FrameT], fail_if: FailIf, examples: Callable[[str], tuple[object, ...]]
) -> tuple[FailedCheck, ...]:
    """The checks with more findings than their limit, in their order.

    The limit of a check is that by its own name, or else that of its group, or else that of its
    severity. What is named and could not be checked fails.
    """
    failed = []
    for name, limit in fail_if.items():
        members = _members(report, name)
        if not any(check in report.counts for check in members):
            failed.append(_not_made(report, name, members, limit))
    for check, count in report.counts.items():
        names = (check, report.groups[check], report.severities[check])
        most = next((fail_if[name] for name in names if name in fail_if), None)
        findings = count.no + count.unknown
        if most is not None and _exceeds(findings, count.rows, most):
            failed.append(
                FailedCheck(
                    check=check,
                    title=report.titles[check],
                    severity=report.severities[check],
                    findings=findings,
                    rows=count.rows,
                    limit=most,
                    examples=examples(check),
                )
            )
    return tuple(failed)


def _members(report: PipelineReport[FrameT], name: str) -> list[str]:
    groups, severities = report.groups, report.severities
    if name in groups:
        return [name]
    return [check for check in groups if name in (groups[check], severities[check])]


def _not_made(
    report: PipelineReport[FrameT], name: str, members: list[str], limit: float
) -> FailedCheck:
    facts = (fact for check in members for fact in report.not_checked[check])
    return FailedCheck(
        check=name,
        title=report.titles.get(name) or both(en=f"The checks of {name}", zh=f"{name} 类检查"),
        severity=report.severities.get(name, "error"),
        findings=0,
        rows=0,
        limit=limit,
        not_checked=tuple(dict.fromkeys(facts)),
    )


def _exceeds(findings: int, rows: int, limit: float) -> bool:
    if isinstance(limit, int):
        return findings > limit
    # By division: 0.29 * 100 is a little less than 29.
    return rows > 0 and findings / rows > limit


def problems_of_limits(
    fail_if: object, groups: Mapping[str, str], severities: Mapping[str, Severity]
) -> tuple[dict[str, int | float], list[Problem]]:
    """The limits as plain numbers, and everything that is wrong with them."""
    if not isinstance(fail_if, Mapping):
        message = f"must be a mapping, not {describe(fail_if)}"
        return {}, [Problem("fail_if", message, 'write {"error": 0}', "kind")]
    if not fail_if:
        hint = 'write {"error": 0}, or leave it out'
        return {}, [Problem("fail_if", "it has no limit, so that nothing would ever fail", hint)]
    known = dict.fromkeys((*groups, *FAMILIES, *SEVERITIES))
    limits: dict[str, int | float] = {}
    problems = []
    for name, limit in fail_if.items():
        path = f"fail_if[{name!r}]"
        problems += _problems_of_name(path, name, groups, severities, known)
        objection = _objection(limit)
        if objection:
            hint = "write a count such as 10, or a share of the rows such as 0.05"
            problems.append(Problem(path, objection, hint))
        else:
            # Without the sign of -0.0, which would be shown.
            limits[name] = int(limit) if isinstance(limit, Integral) else abs(float(limit))
    return limits, problems


def _problems_of_name(
    path: str,
    name: object,
    groups: Mapping[str, str],
    severities: Mapping[str, Severity],
    known: Mapping[str, None],
) -> list[Problem]:
    if not isinstance(name, str) or name not in known:
        listed = ", ".join((*FAMILIES, *SEVERITIES))
        hint = near(name, known, f"there are {listed}, and every check")
        return [Problem(path, "there is no such check, group or severity", hint, "unknown_name")]
    of_many = name in FAMILIES or name in SEVERITIES
    if of_many and name in groups:
        message = "this is a check of yours and a group or severity, too"
        return [Problem(path, message, "give the check another name")]
    if of_many and name not in groups.values() and name not in severities.values():
        return [Problem(path, "there is no check of this group", "leave it out", "no_check")]
    return []


def _objection(limit: object) -> str:
    """What is wrong with a limit; nothing where it is one."""
    if isinstance(limit, bool) or not isinstance(limit, Real):
        return f"{describe(limit)} is not a limit"
    # Compared as it is: as a float a large number is an overflow.
    number = cast("float", limit)
    if number != number:  # noqa: PLR0124 - NaN
        return "NaN is not a limit"
    shown = "this" if _LONG <= abs(number) < float("inf") else repr(number)
    if number < 0:
        return f"{shown} is below 0"
    if not isinstance(limit, Integral) and number > 1:
        return f"{shown} is not a share, which is from 0 to 1"
    return ""
