"""`salesflow check`: every problem of playbooks, and what of it can be mended."""

from __future__ import annotations

import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from salesflow._translation import error_in
from salesflow.cli._fix import mended
from salesflow.cli._report import Change, Result, report, unreadable
from salesflow.cli._sources import NoSource, Source, is_playbook, sources
from salesflow.cli._words import ENGLISH
from salesflow.errors import InvalidPlaybook, Problem, UnknownName
from salesflow.playbook._read import decoded
from salesflow.text import Language, both

_EMPTY: Final = both(
    en="{name!r} has no playbooks and no cases; name files that end in .toml or .json",
    zh="{name!r} 中没有流程文件或案例文件；请指定以 .toml 或 .json 结尾的文件",
)
_NOT_MENDED: Final = both(
    en="{name}: --fix mends files in TOML only", zh="{name}：--fix 只能修正 TOML 文件"
)


def run(options: Namespace, lang: Language | None) -> int:
    """Check what the command line names; returns the exit code."""
    lang = lang or ENGLISH
    results = list(_results(options, lang))
    report(results, options.format, lang)
    return max((result.code(strict=options.strict) for result in results), default=0)


def _results(options: Namespace, lang: Language) -> Iterator[Result]:
    for found in found_in(options, lang):
        if isinstance(found, Result):
            yield found
        elif found.is_cases:
            from salesflow.cli._cases import ran  # noqa: PLC0415 - it takes the engine, which the lint needs not

            yield ran(found, lang)
        else:
            yield _checked(found, lang, fix=options.fix)


def found_in(options: Namespace, lang: Language) -> Iterator[Source | Result]:
    """What the words of the command line name, and a result for each that names nothing."""
    for word in options.source:
        if options.only_playbooks and os.path.isfile(word) and not is_playbook(Path(word)):  # noqa: PTH113 - as in is_folder
            continue
        try:
            yield from sources(word, options.stdin_name)
        except NoSource:
            if not options.only_playbooks:
                yield unreadable(word, _EMPTY.get(lang).format(name=word))
        except UnknownName as error:
            yield unreadable(word, error_in(error, lang))


def _checked(source: Source, lang: Language, *, fix: bool) -> Result:
    try:
        changes: tuple[Change, ...] = ()
        if fix:
            if source.path is None or source.is_json:
                return unreadable(source.name, _NOT_MENDED.get(lang).format(name=source.name))
            changes = _mend(source.path)
        return replace(_linted(source), changes=changes)
    except InvalidPlaybook as error:
        return unreadable(source.name, error_in(error, lang))


def _linted(source: Source) -> Result:
    """The problems of a playbook, errors first, each sort as one meets them reading the file."""
    return Result(source.name, tuple(sorted(source.problems(), key=_as_read)))


def _as_read(problem: Problem) -> tuple[bool, int, int]:
    return problem.severity == "warning", problem.line or 0, problem.column or 0


def _mend(path: Path) -> tuple[Change, ...]:
    """Mend a file, where something can be mended; what cannot be read is left to the check."""
    try:
        text = decoded(path.read_bytes())
    except (InvalidPlaybook, OSError, ValueError):
        return ()
    result, changes = mended(text, path)
    if changes:
        _replace(path.resolve(), result)  # a link stays a link: what it leads to is written
    return changes


def _replace(path: Path, text: str) -> None:
    """Write a file in one go, so that nothing is lost where that fails."""
    beside = path.with_name(f".{path.name}.mended")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        shutil.copymode(path, beside)
        beside.replace(path)
    except (OSError, ValueError) as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidPlaybook(f"{str(path)!r} cannot be written: {reason.lower()}.") from error
