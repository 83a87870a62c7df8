"""The cases of playbooks, run; each that comes otherwise is a problem."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from salesflow._translation import error_in
from salesflow.cli._report import Result, unreadable
from salesflow.cli._sources import Source
from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbook._read import CASES
from salesflow.playbooks import BUILT_IN, cases_source
from salesflow.testing import CaseResult, InvalidCases
from salesflow.testing._cases import told_cases
from salesflow.testing._sources import beside_cases, cases_beside
from salesflow.text import Language, both

_IN_CASE: Final = re.compile(r"cases\[\d+\]\.?")
_NONE: Final = both(
    en="{name}: there are no cases beside it; write {beside}",
    zh="{name}：旁边没有案例文件；请新建 {beside}",
)
_ALONE: Final = both(
    en="{name}: there is no playbook beside these cases; lay acme.cases.toml beside acme.toml",
    zh="{name}：这些案例旁边没有流程文件；请将 acme.cases.toml 放在 acme.toml 旁边",
)
_OF_PLUGIN: Final = both(
    en="{name}: where a plugin keeps its cases is not known; name their file",
    zh="{name}：无法得知插件的案例文件位置；请直接指定该文件",
)
_BROKEN: Final = both(
    en="its playbook has errors; check that first", zh="对应的流程文件有错误，请先检查它"
)


def ran(source: Source, lang: Language) -> Result:
    """Run a file of cases, or those of a playbook; each that fails is a problem.

    The problems of one case stand at the line where it begins, where they have none of their own.
    """
    name = source.name
    try:
        if source.key:
            if source.key not in BUILT_IN:
                return unreadable(name, _OF_PLUGIN.get(lang).format(name=name))
            results = told_cases(cases_source(source.key).decode(), source.playbook(), lang)
        else:
            playbook = beside_cases(name)
            if playbook is None:
                return unreadable(name, _ALONE.get(lang).format(name=name))
            cases = f"{source.text()}\n" if source.path is None else source.path
            results = told_cases(cases, playbook, lang)
    except InvalidCases as error:
        if not error.problems:
            return unreadable(name, error_in(error, lang))
        return Result(name, error.problems, cases=0)
    except InvalidPlaybook as error:
        if not error.problems:
            return unreadable(name, error_in(error, lang))
        return Result(name, (Problem("", _BROKEN.get(lang), code="playbook"),), cases=0)
    problems = tuple(problem for result in results for problem in _problems(result))
    return Result(name, problems, cases=len(results))


def cases_of(source: Source) -> Source | None:
    """The file of cases that belongs to what was named: itself, or the one beside a playbook."""
    if source.is_cases or source.key:
        return source
    if source.path is None:
        return None
    beside = cases_beside(source.path)
    if beside is None:
        return None
    return Source(str(Path(source.name).with_name(beside.name)), beside)


def without_cases(source: Source, lang: Language) -> Result:
    """The result for a playbook that has none."""
    beside = Path(source.name).with_suffix(CASES[0]).name
    return unreadable(source.name, _NONE.get(lang).format(name=source.name, beside=beside))


def _problems(result: CaseResult) -> list[Problem]:
    return [
        replace(
            problem,
            path=f'"{result.say}", {_IN_CASE.sub("", problem.path)}'.removesuffix(", "),
            line=problem.line or result.line,
        )
        for problem in result.problems
    ]
