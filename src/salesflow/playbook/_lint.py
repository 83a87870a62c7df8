"""The lint: every problem of a text or a file, errors first, as values and never as exceptions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from salesflow._arguments import language
from salesflow._translation import translated
from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbook._load import read_and_load
from salesflow.playbook._read import FileFormat, file_text
from salesflow.text import Language


def lint(
    text: str,
    *,
    format: FileFormat = "toml",  # noqa: A002 - it reads best
    lang: Language = "en",
) -> tuple[Problem, ...]:
    r"""Everything that is wrong with a playbook, errors first, then warnings.

    A problem's `severity` is `"error"` where `Playbook.from_toml` would refuse, and `"warning"`
    where the playbook works but its author should look again.

    Args:
        text: The playbook.
        format: `"toml"` or `"json"`.
        lang: In which language the problems are told; in Chinese, or else in English.

    Raises:
        UnknownName: `lang` is no language.

    Example:
        >>> for problem in lint('id = "x"\nversion = "1"\ntitle = "X"\nstages = []'):
        ...     print(problem)
        line 4, column 10: stages: the list is empty; give at least 1
    """
    return told(linted(text, format, None), lang)


def told(problems: Iterable[Problem], lang: Language) -> tuple[Problem, ...]:
    """Problems as they are told in a language."""
    lang = language(lang)
    return tuple(translated(problem, lang) for problem in problems)


def linted(text: str, format: FileFormat, file: Path | None) -> tuple[Problem, ...]:  # noqa: A002 - as in `lint`
    """As `lint`, in English; of a text that is in a file, which may extend others beside it."""
    try:
        loaded = read_and_load(text, format, file)
    except InvalidPlaybook as error:
        return _problems(error)
    return (*loaded.problems, *loaded.source.located(loaded.warnings()))


def lint_file(path: str | Path, *, lang: Language = "en") -> tuple[Problem, ...]:
    """As `lint`, for a `.toml` or `.json` file.

    Raises:
        InvalidPlaybook: There is no such file, or it cannot be opened.
        UnknownName: `lang` is no language.
    """
    try:
        text, format = file_text(path)  # noqa: A001 - as in `lint`
    except InvalidPlaybook as error:
        if not error.problems:
            raise
        return told(_problems(error), lang)
    return told(linted(text, format, Path(path)), lang)


def _problems(error: InvalidPlaybook) -> tuple[Problem, ...]:
    return error.problems or (Problem("", error.message, error.hint, error.code),)
