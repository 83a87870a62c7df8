"""The lint: every problem of a text or a file, errors first, as values and never as exceptions."""

from __future__ import annotations

from pathlib import Path

from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbook._load import read_and_load
from salesflow.playbook._read import FileFormat, file_text


def lint(text: str, *, format: FileFormat = "toml") -> tuple[Problem, ...]:  # noqa: A002 - it reads best
    r"""Everything that is wrong with a playbook, errors first, then warnings.

    A problem's `severity` is `"error"` where `Playbook.from_toml` would refuse, and `"warning"`
    where the playbook works but its author should look again.

    Args:
        text: The playbook.
        format: `"toml"` or `"json"`.

    Example:
        >>> for problem in lint('id = "x"\nversion = "1"\ntitle = "X"\nstages = []'):
        ...     print(problem)
        line 4, column 10: stages: the list is empty; give at least 1
    """
    return _linted(text, format, None)


def _linted(text: str, format: FileFormat, file: Path | None) -> tuple[Problem, ...]:  # noqa: A002 - as in `lint`
    try:
        loaded = read_and_load(text, format, file)
    except InvalidPlaybook as error:
        return _problems(error)
    return (*loaded.problems, *loaded.source.located(loaded.warnings()))


def lint_file(path: str | Path) -> tuple[Problem, ...]:
    """As `lint`, for a `.toml` or `.json` file.

    Raises:
        InvalidPlaybook: There is no such file, or it cannot be opened.
    """
    try:
        text, format = file_text(path)  # noqa: A001 - as in `lint`
    except InvalidPlaybook as error:
        if not error.problems:
            raise
        return _problems(error)
    return _linted(text, format, Path(path))


def _problems(error: InvalidPlaybook) -> tuple[Problem, ...]:
    return error.problems or (Problem("", error.message, error.hint, error.code),)
