"""What was found, as a person, a program, GitHub Actions or a viewer of SARIF reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from salesflow import __version__
from salesflow._translation import translated, written
from salesflow.cli._terminal import complain, say, say_json
from salesflow.errors import Problem
from salesflow.text import Language, both

if TYPE_CHECKING:
    from salesflow.errors import JsonData

SEVERITY: Final = {"error": both(en="error", zh="错误"), "warning": both(en="warning", zh="警告")}
_COUNTS: Final = {
    ("error", False): both(en="{n} errors", zh="{n} 个错误"),
    ("error", True): both(en="1 error", zh="1 个错误"),
    ("warning", False): both(en="{n} warnings", zh="{n} 个警告"),
    ("warning", True): both(en="1 warning", zh="1 个警告"),
}
_COLON: Final = both(en=": ", zh="：")
_AND: Final = both(en=", ", zh="，")
_NO_PROBLEMS: Final = both(en="no problems", zh="没有问题")
_CASES: Final = both(en="{n} cases, all as expected", zh="{n} 个案例，结果均符合预期")
_ONE_CASE: Final = both(en="1 case, as expected", zh="1 个案例，结果符合预期")
_MENDED: Final = both(en="mended", zh="已修正")
_TOTAL: Final = both(en="{files} checked: ", zh="已检查 {files} 个：")


@dataclass(frozen=True, slots=True)
class Change:
    """One line that was mended.

    Attributes:
        line: Its number, from 1.
        before: What it said.
        after: What it says.
    """

    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in one file, or in what stands for one.

    Attributes:
        name: What it is called.
        problems: What is wrong with it, errors first.
        cases: How many cases were run; None where it is a playbook.
        unreadable: Whether it could not be read; the one problem says why.
        changes: What was mended before.
    """

    name: str
    problems: tuple[Problem, ...] = ()
    cases: int | None = None
    unreadable: bool = False
    changes: tuple[Change, ...] = ()

    def number_of(self, severity: str) -> int:
        """How many of its problems are of that severity."""
        return sum(problem.severity == severity for problem in self.problems)

    def code(self, *, strict: bool = False) -> int:
        """The exit code."""
        if self.unreadable:
            return 2
        return int(bool(self.problems if strict else self.number_of("error")))


Format = Callable[[Sequence[Result], Language], None]


def text(results: Sequence[Result], lang: Language) -> None:
    """A line for each problem, as compilers print them: `file:line:column: error: …`."""
    for result in results:
        for change in result.changes:
            say(f"{result.name}:{change.line}: {_MENDED.get(lang)}")
            say(f"  - {change.before}")
            say(f"  + {change.after}")
        if result.unreadable:
            complain(_said(result.problems[0], lang))
            continue
        for problem in result.problems:
            severity = SEVERITY[problem.severity].get(lang)
            told = f"{severity}{_COLON.get(lang)}{_said(problem, lang)}"
            say(f"{_place(result.name, problem)}: {told}")
        say(f"{result.name}: {_summary(result, lang)}")


def _place(name: str, problem: Problem) -> str:
    parts = (name, problem.line, problem.line and problem.column)
    return ":".join(str(part) for part in parts if part is not None)


def _said(problem: Problem, lang: Language) -> str:
    return written(replace(problem, line=None, column=None), lang)


def _summary(result: Result, lang: Language) -> str:
    if not result.problems:
        if result.cases is None:
            return _NO_PROBLEMS.get(lang)
        return (_ONE_CASE if result.cases == 1 else _CASES).get(lang).format(n=result.cases)
    return _counted(result.number_of("error"), result.number_of("warning"), lang)


def _counted(errors: int, warnings: int, lang: Language) -> str:
    counted = {"error": errors, "warning": warnings}
    return _AND.get(lang).join(
        _COUNTS[severity, number == 1].get(lang).format(n=number)
        for severity, number in counted.items()
    )


def json(results: Sequence[Result], lang: Language) -> None:  # noqa: ARG001 - a format
    """One object: the files in order, each with its problems, and the counts over all."""
    files: list[JsonData] = [
        {
            "file": result.name,
            "cases": result.cases,
            "changes": [
                {"line": it.line, "before": it.before, "after": it.after} for it in result.changes
            ],
            "problems": [
                {
                    "path": problem.path,
                    "line": problem.line,
                    "column": problem.column,
                    "severity": problem.severity,
                    "code": problem.code,
                    "message": problem.message,
                    "hint": problem.hint,
                }
                for problem in result.problems
            ],
        }
        for result in results
    ]
    errors, warnings = _totals(results)
    say_json({"files": files, "errors": errors, "warnings": warnings})


def github(results: Sequence[Result], lang: Language) -> None:
    """Workflow commands of GitHub Actions, which it shows beside the lines of a change.

    The last line names no file: a name could begin a command of its own.
    """
    for result in results:
        for problem in result.problems:
            properties = {"file": result.name, "line": problem.line, "col": problem.column}
            given = ",".join(
                f"{name}={_escaped(str(value), more=True)}"
                for name, value in properties.items()
                if value is not None
            )
            say(f"::{problem.severity} {given}::{_escaped(_said(problem, lang))}")
    count = len(results)
    files = both(en=f"{count} file{'' if count == 1 else 's'}", zh=str(count)).get(lang)
    say(_TOTAL.get(lang).format(files=files) + _counted(*_totals(results), lang))


_ESCAPES: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_MORE_ESCAPES: Final = {**_ESCAPES, **str.maketrans({":": "%3A", ",": "%2C"})}


def _escaped(said: str, *, more: bool = False) -> str:
    return said.translate(_MORE_ESCAPES if more else _ESCAPES)


def sarif(results: Sequence[Result], lang: Language) -> None:
    """SARIF 2.1.0, for code scanning and for viewers in editors."""
    codes = sorted({problem.code for result in results for problem in result.problems})
    found: list[JsonData] = [
        {
            "ruleId": problem.code,
            "ruleIndex": codes.index(problem.code),
            "level": problem.severity,
            "message": {"text": _said(problem, lang)},
            "locations": [_location(result.name, problem)],
        }
        for result in results
        for problem in result.problems
    ]
    driver: dict[str, JsonData] = {
        "name": "salesflow",
        "version": __version__,
        "rules": [{"id": code} for code in codes],
    }
    run: dict[str, JsonData] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": found,
    }
    say_json(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [run],
        }
    )


def _location(name: str, problem: Problem) -> JsonData:
    physical: dict[str, JsonData] = {"artifactLocation": {"uri": _uri(name)}}
    if problem.line is not None:
        region: dict[str, JsonData] = {"startLine": problem.line}
        if problem.column is not None:
            region["startColumn"] = problem.column
        physical["region"] = region
    location: dict[str, JsonData] = {"physicalLocation": physical}
    if problem.path:
        location["logicalLocations"] = [{"fullyQualifiedName": problem.path}]
    return location


def _uri(name: str) -> str:
    path = Path(name)
    if path.is_absolute():
        return path.as_uri()
    return quote(os.fsencode(path.as_posix()), safe="/")


def _totals(results: Sequence[Result]) -> tuple[int, int]:
    errors, warnings = (
        sum(result.number_of(severity) for result in results) for severity in ("error", "warning")
    )
    return errors, warnings


FORMATS: Final[dict[str, Format]] = {"text": text, "json": json, "github": github, "sarif": sarif}


def report(results: Sequence[Result], form: str, lang: Language) -> None:
    """Show what was found, in a form and a language."""
    shown = [
        replace(it, problems=tuple(translated(problem, lang) for problem in it.problems))
        for it in results
    ]
    FORMATS[form](shown, lang)


def unreadable(name: str, said: str) -> Result:
    """The result for what could not be read."""
    return Result(name, (Problem("", said, code="unreadable"),), unreadable=True)
