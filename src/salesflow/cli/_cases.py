"""The cases of playbooks, run; each that comes otherwise is a problem."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from salesflow.cli._report import Result, unreadable
from salesflow.cli._sources import CASES, Source
from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbooks import BUILT_IN, cases_source
from salesflow.testing import CaseFile, CaseResult, InvalidCases, run_cases
from salesflow.testing._sources import beside_cases
from salesflow.text import Language, both

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
            file = CaseFile.from_toml(cases_source(source.key).decode())
            results = file.run(source.playbook())
        else:
            playbook = beside_cases(name)
            if playbook is None:
                return unreadable(name, _ALONE.get(lang).format(name=name))
            cases = f"{source.text()}\n" if source.path is None else source.path
            results = run_cases(cases, playbook)
    except InvalidCases as error:
        if not error.problems:
            return unreadable(name, str(error))
        return Result(name, error.problems, cases=0)
    except InvalidPlaybook as error:
        if not error.problems:
            return unreadable(name, str(error))
        return Result(name, (Problem("", _BROKEN.get(lang), code="playbook"),), cases=0)
    problems = tuple(problem for result in results for problem in _problems(result))
    return Result(name, problems, cases=len(results))


def cases_of(source: Source, lang: Language) -> Source | Result:
    """The file of cases that belongs to what was named: itself, or the one beside a playbook."""
    if source.is_cases or source.key:
        return source
    for suffix in CASES:
        name = str(Path(source.name).with_suffix("")) + suffix
        if source.path is not None and Path(name).is_file():
            return Source(name, Path(name))
    beside = Path(source.name).with_suffix(CASES[0])
    return unreadable(source.name, _NONE.get(lang).format(name=source.name, beside=beside.name))


def _problems(result: CaseResult) -> list[Problem]:
    return [
        replace(
            problem,
            path=f'"{result.say}"' + (f", {problem.path}" if problem.path else ""),
            line=problem.line or result.line,
        )
        for problem in result.problems
    ]
