"""Files of cases, and running them: situations in sentences, and what must come of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from salesflow._arguments import A_PLAYBOOK, instance
from salesflow._unseen import shown
from salesflow.domain import Record
from salesflow.errors import ArgumentError, Problem, UnknownName
from salesflow.playbook import Playbook
from salesflow.playbook._beside import BesideFile
from salesflow.playbook._parts import RawTable
from salesflow.playbook._read import FileFormat
from salesflow.playbook._shape import Json
from salesflow.playbook._source import Source
from salesflow.playbooks import BUILT_IN, cases_source
from salesflow.plugins import load_playbook
from salesflow.testing._case_format import FILE, json_schema, record_of
from salesflow.testing._case_names import check_names, check_records
from salesflow.testing._course import FIRST_DAY, Sample
from salesflow.testing._errors import InvalidCases
from salesflow.testing._sources import beside_cases, cases_beside, is_file, playbook_of
from salesflow.testing._story import samples_of, tell
from salesflow.text import Language

_CASES: Final = BesideFile("cases", InvalidCases)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case.

    Attributes:
        say: What the case shows, in a sentence.
        line: The line of the file where it begins.
        problems: What came otherwise than it says: where, what was expected and what came instead.

    Example:
        >>> wrong = Problem("expect.stage", '"sign" was expected; it is "talk"', line=15, column=20)
        >>> print(CaseResult("A deal without a budget stays", 12, (wrong,)))
        line 12: A deal without a budget stays
          - line 15, column 20: expect.stage: "sign" was expected; it is "talk"
    """

    say: str
    line: int | None
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as the case says."""
        return not self.problems

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return "\n".join([f"{where}{shown(self.say)}", *(f"  - {it}" for it in self.problems)])


@dataclass(frozen=True, slots=True)
class Case:
    """One situation, and what must come of it.

    Attributes:
        say: What it shows, in a sentence.
        line: The line of the file where it begins.
    """

    say: str
    line: int | None
    _table: RawTable = field(repr=False)
    _records: Mapping[str, Mapping[str, object]] = field(repr=False)
    _satisfy_with: tuple[str, ...] = field(repr=False)
    _source: Source = field(repr=False, compare=False)

    def __str__(self) -> str:
        return str(CaseResult(self.say, self.line, ()))

    def run(self, playbook: Playbook) -> CaseResult:
        """Tell the case under a playbook.

        Raises:
            InvalidCases: It names what the playbook does not have.
            ArgumentError: `playbook` is none.
        """
        _fitting([self._table], playbook, self._source)
        return self._told(playbook, "en")

    def _told(self, playbook: Playbook, lang: Language) -> CaseResult:
        problems = tell(playbook, self._table, self._records, self._satisfy_with, lang)
        return CaseResult(self.say, self.line, self._source.located(problems))


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of a playbook, and the records that they name.

    Attributes:
        cases: In the order of the file.
        records: The names of the records.

    Example:
        >>> file = CaseFile.from_toml('''
        ...     [[cases]]
        ...     say = "A new deal is in the first step"
        ...     steps = [{ do = "start" }]
        ...     expect = { stage = "territory_account_plan" }
        ... ''')
        >>> import salesflow as sf
        >>> file.cases[0].run(sf.load_playbook("optimized_sales_process")).passed
        True
    """

    cases: tuple[Case, ...]
    records: tuple[str, ...]
    _tables: tuple[RawTable, ...] = field(repr=False)
    _records: Mapping[str, Mapping[str, object]] = field(repr=False)
    _source: Source = field(repr=False, compare=False)

    @classmethod
    def from_toml(cls, text: str) -> CaseFile:
        """Read and check cases in TOML.

        Raises:
            InvalidCases: `problems` lists everything that is wrong, with its path and a hint.
        """
        return cls._of(text, "toml")

    @classmethod
    def from_json(cls, text: str) -> CaseFile:
        """Read and check cases in JSON, of the same shape as the TOML.

        Raises:
            InvalidCases: `problems` lists everything that is wrong, with its path and a hint.
        """
        return cls._of(text, "json")

    @classmethod
    def from_file(cls, path: str | Path) -> CaseFile:
        """Read and check a `.toml` or `.json` file in UTF-8.

        Raises:
            InvalidCases: The file cannot be read, or `problems` lists everything that is wrong.
        """
        return cls._of(*_CASES.text(path))

    @classmethod
    def beside(cls, playbook: Playbook | str | Path) -> CaseFile | None:
        """The cases of a playbook: beside its file, or those of a built-in one; None without any.

        Args:
            playbook: The path of its file, `acme.toml` with `acme.cases.toml` beside it; or a
                built-in playbook, or the id of one.

        Raises:
            InvalidCases: The file cannot be read, or `problems` lists everything that is wrong.
        """
        if is_file(playbook):
            path = cases_beside(Path(str(playbook)))
            return None if path is None else cls.from_file(path)
        key = playbook.id if isinstance(playbook, Playbook) else str(playbook)
        if key not in BUILT_IN or playbook not in (key, load_playbook(key)):
            return None
        return cls.from_toml(cases_source(key).decode())

    @classmethod
    def _of(cls, text: str, format: FileFormat) -> CaseFile:  # noqa: A002 - as above
        table, source = _CASES.tables(text, format)
        found = RawTable({}, "")
        with _CASES.refusing(source) as log:
            found = FILE.read(table, "", log) or found
            check_records(found, log)
        tables = found.tables("cases")
        records: Mapping[str, Mapping[str, object]] = found["records"] or {}  # type: ignore[assignment]  # so it was read
        begin = source.located(Problem(f"cases[{at}]", "") for at in range(len(tables)))
        cases = tuple(
            Case(str(it["say"]), at.line, it, records, found.names("satisfy_with"), source)
            for it, at in zip(tables, begin, strict=True)
        )
        return cls(cases, tuple(records), tables, records, source)

    def run(self, playbook: Playbook) -> tuple[CaseResult, ...]:
        """Tell every case under a playbook.

        Raises:
            InvalidCases: Cases name what the playbook does not have; `problems` lists all of it.
        """
        return self._told(playbook, "en")

    def _told(self, playbook: Playbook, lang: Language) -> tuple[CaseResult, ...]:
        _fitting(self._tables, playbook, self._source)
        return tuple(case._told(playbook, lang) for case in self.cases)  # noqa: SLF001 - one file

    def record(self, name: str, on: date = FIRST_DAY) -> Record:
        """One of its records, as it is on a day: that of `today` in the file.

        Raises:
            UnknownName: There is no record of that name.
        """
        if name not in self._records:
            raise UnknownName("record", name, self._records)
        made: Record = record_of(self._records[name], on)
        return made

    def samples(self) -> dict[str, Sample]:
        """Its records, as deals can get them."""
        return samples_of(self._records)

    @staticmethod
    def json_schema() -> dict[str, Json]:
        """The shape of a file of cases as JSON Schema, for editors; a new dict each time."""
        return json_schema()


def run_cases(
    path_or_text: str | Path, playbook: Playbook | str | Path | None = None
) -> tuple[CaseResult, ...]:
    """Run the cases of a playbook: situations in sentences, and what must come of each.

    [The format of cases](../case-format.md) says what they can say. Nothing is stored, and nothing
    is imported or evaluated that a file names: cases may come from strangers.

    Args:
        path_or_text: The path of a `.toml` or `.json` file; a str with a line break is the text of
            a file in TOML.
        playbook: The process, or the path of its file, or the id of one that is installed; None:
            the playbook beside the cases, `acme.toml` beside `acme.cases.toml`.

    Returns:
        One result for each case, in the order of the file.

    Raises:
        InvalidCases: `problems` lists everything that is wrong with the file, or names what the
            playbook does not have.
        InvalidPlaybook: The playbook has errors.
        UnknownName: There is no playbook of that id.
        ArgumentError: An argument is of the wrong kind, or a text comes without a playbook.

    Example:
        >>> results = run_cases(
        ...     '''
        ...     [[cases]]
        ...     say = "A new deal is in the first step"
        ...     steps = [{ do = "start" }]
        ...     expect = { stage = "territory_account_plan" }
        ...     ''',
        ...     "optimized_sales_process",
        ... )
        >>> [result.passed for result in results]
        [True]
    """
    return told_cases(path_or_text, playbook, "en")


def told_cases(
    path_or_text: str | Path, playbook: Playbook | str | Path | None, lang: Language
) -> tuple[CaseResult, ...]:
    """The same, with the reasons of blockers in a language."""
    is_text = isinstance(path_or_text, str) and "\n" in path_or_text
    if playbook is None:
        playbook = None if is_text else beside_cases(path_or_text)
        if playbook is None:
            message = "there is no playbook beside these cases"
            hint = "give playbook=, or lay acme.cases.toml beside acme.toml"
            raise ArgumentError.of(Problem("playbook", f"is needed: {message}", hint, "missing"))
    file = CaseFile.from_toml(str(path_or_text)) if is_text else CaseFile.from_file(path_or_text)
    return file._told(playbook_of(playbook), lang)  # noqa: SLF001 - as above


def _fitting(cases: Sequence[RawTable], playbook: Playbook, source: Source) -> None:
    """Refuse cases that name what the playbook does not have."""
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    with _CASES.refusing(source) as log:
        check_names(cases, playbook, log)
