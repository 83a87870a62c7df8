"""Files that lie beside a playbook, such as its cases: read as it is, and told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from salesflow.errors import InvalidPlaybook, SalesflowError
from salesflow.playbook._problem_log import ProblemLog, TooManyProblems
from salesflow.playbook._read import (
    DecodedTable,
    FileFormat,
    decoded,
    file_text,
    read_json,
    read_toml,
)
from salesflow.playbook._source import Source


@dataclass(frozen=True, slots=True)
class BesideFile:
    """A sort of such files.

    Attributes:
        noun: What is in one, in the plural: "cases".
        error: What is raised where one cannot be used.
    """

    noun: str
    error: type[SalesflowError]

    def text(self, path: str | Path) -> tuple[str, FileFormat]:
        """The text of a `.toml` or `.json` file in UTF-8; raises its error where there is none."""
        try:
            return file_text(path)
        except InvalidPlaybook as error:
            raise self._not_read(error) from None

    def decoded(self, data: bytes) -> str:
        """The text of a file in UTF-8; raises its error where it is none."""
        try:
            return decoded(data).removeprefix("\ufeff")
        except InvalidPlaybook as error:
            raise self._not_read(error) from None

    def tables(self, text: str, format: FileFormat) -> tuple[DecodedTable, Source]:  # noqa: A002 - as in `Playbook`
        """The tables of a text, and where they are; raises its error where it cannot be read."""
        try:
            table = read_json(text) if format == "json" else read_toml(text)
        except InvalidPlaybook as error:
            raise self._not_read(error) from None
        return table, Source(text, format)

    @contextmanager
    def refusing(self, source: Source, lang: str = "en") -> Iterator[ProblemLog]:
        """Raises its error with every problem that was noted, where it is in the file."""
        log = ProblemLog(lang)
        with suppress(TooManyProblems):
            yield log
        if log.problems:
            count = len(log.problems)
            message = f"The {self.noun} have {count} error{'' if count == 1 else 's'}:"
            raise self.error(message, problems=source.located(log.problems))

    def _not_read(self, error: InvalidPlaybook) -> SalesflowError:
        said = f"The {self.noun} cannot be read." if error.problems else error.message
        return self.error(said, hint=error.hint, problems=error.problems)
