"""`salesflow pipeline`: the rules of a playbook over every deal of a file."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from salesflow.cli._pipeline_options import Asked, asked
from salesflow.cli._pipeline_proposal import draft_of_map, likely_keys, of_row, proposal
from salesflow.cli._pipeline_words import as_options, in_its_words, judged, phrase
from salesflow.cli._sources import STDIN, one_source
from salesflow.cli._terminal import Progress, complain, say, say_document, write
from salesflow.cli._words import ENGLISH
from salesflow.errors import Problem, SalesflowError
from salesflow.text import Language

if TYPE_CHECKING:
    from salesflow.money import Rates
    from salesflow.pipeline import Checks, FrameMapping, PipelineReport, Suggestion
    from salesflow.pipeline._files.noticed import Noticed
    from salesflow.playbook import Playbook

_TOLD: Final = 5
_Engine: TypeAlias = Literal["polars", "duckdb"]

_NEEDED: Final[Mapping[_Engine, Sequence[str]]] = {
    "polars": ("narwhals", "polars"),
    "duckdb": ("narwhals", "duckdb", "pyarrow"),
}


def run(options: Namespace, lang: Language | None) -> int:
    """Check a file of deals; returns the exit code, 1 where there are too many findings."""
    read, mistakes = asked(options, lang or ENGLISH)
    engine = _engine(options.engine)
    if engine is None:
        said = phrase("no_engine", lang or ENGLISH)
        mistakes.append(said.format(engine=options.engine or "polars"))
    for mistake in mistakes:
        complain(f"salesflow pipeline: {mistake}")
    if mistakes or engine is None:
        return 2
    with TemporaryDirectory(prefix="salesflow-") as folder, Progress() as progress:
        this = _Run(options, read, lang, engine, Path(folder), progress)
        try:
            return this.code()
        except SalesflowError as error:  # of a playbook with mistakes, too: nothing was checked
            progress.done()
            complain(as_options(error, this.lang, this.keys, this.gap))
            return 2


def _engine(name: str | None) -> _Engine | None:
    """The engine that is asked for, or the first one, where it is installed."""
    for each, needed in _NEEDED.items():
        if name in {None, each} and all(map(find_spec, needed)):
            return each
    return None


class _Run:
    """One call of the command.

    Attributes:
        keys: The columns that may be the key, where none is said.
        gap: What to do about the rows that have none, where the first of these nearly is the key.
        lang: The language that is asked for, else that of the playbook, once it is known.
    """

    def __init__(
        self,
        options: Namespace,
        read: Asked,
        lang: Language | None,
        engine: _Engine,
        folder: Path,
        progress: Progress,
    ) -> None:
        self.keys: list[str] = []
        self.gap = ""
        self.lang: Language = lang or ENGLISH
        self._asked = lang
        self._options = options
        self._read = read
        self._engine: _Engine = engine
        self._folder = folder
        self._progress = progress

    @property
    def _path(self) -> Path:
        """The file; what comes from standard input is put into one."""
        file = self._options.file
        return self._folder / "stdin" if file == STDIN else Path(file)

    def code(self) -> int:
        """Do it; returns the exit code.

        Raises:
            SalesflowError: Something that was named cannot be used.
        """
        from salesflow.pipeline import Checks, FrameMapping, PipelineReport, Source, suggest  # noqa: PLC0415 - it takes an engine, which other commands need not
        from salesflow.pipeline._files.rates import read_rates  # noqa: PLC0415

        options = self._options
        playbook = one_source(options.playbook).playbook()
        self.lang = self._asked or playbook.main_language
        mapping = FrameMapping.from_file(options.map) if options.map else None
        checks = Checks.from_file(options.checks, playbook) if options.checks else None
        rates = read_rates(Path(options.rates), playbook.currency) if options.rates else None
        before = _read_back(PipelineReport, options.before) if options.before else None
        if before is None and checks is not None and not options.suggest:
            self._refuse_comparing(checks)
        if before is not None:
            _check_before(before, playbook, self._read.as_of, options.before)
        frame = self._opened()
        if mapping is None or options.suggest:
            said = FrameMapping() if mapping is None else mapping
            self._progress.at(phrase("looking", self.lang))
            found = suggest(Source(frame, said), playbook)
            rows = self._rows_of(frame, found, playbook, said)
            if options.suggest:
                return self._draft(found, playbook, said, rows)
            mapping = found.mapping
            self._progress.done()
            say_document(proposal(found, self.lang, self._options.percent, rows))
            say("")
        elif mapping.key is None:
            found = suggest(frame, playbook)
            self._rows_of(frame, found, playbook, mapping)
        return self._checked(frame, playbook, mapping, checks, rates, before)

    def _refuse_comparing(self, checks: Checks) -> None:
        """Refuse limits of checks by how many more findings there are than nobody knows when.

        Raises:
            SalesflowError: There are such limits, and no option sets another one.
        """
        from salesflow.pipeline._checks.limits import parts_of  # noqa: PLC0415 - as above

        path = f"--checks {self._options.checks!r}"
        over = {"fail_if": self._read.fail_if, "warn_if": self._read.warn_if}
        problems = [
            Problem(
                f"{path}: {name}",
                f"{part} has max_increase, and no earlier report is named",
                _LAST_RUN,
            )
            for name, check in checks.items()
            for part, said in over.items()
            if (limit := getattr(check, part)) is not None and name not in (said or {})
            if parts_of(limit).max_increase is not None
        ]
        if problems:
            raise SalesflowError("The pipeline cannot be checked like this.", problems=problems)

    def _opened(self) -> Any:  # noqa: ANN401 - a lazy frame of either engine
        from salesflow.pipeline._files.opened import opened_file  # noqa: PLC0415 - as above

        path = self._path
        if self._options.file == STDIN:
            with path.open("wb") as spool:
                if sys.stdin is not None:  # a shell can close it
                    shutil.copyfileobj(sys.stdin.buffer, spool)
        reading = phrase("reading", self.lang).format(name=path.name)
        return opened_file(
            path,
            self._folder,
            engine=self._engine,
            encoding=self._options.encoding,
            progress=lambda done, size: self._progress.at(reading, done, size),
        )

    def _rows_of(
        self,
        frame: Any,  # noqa: ANN401 - a lazy frame of either engine
        found: Suggestion,
        playbook: Playbook,
        said: FrameMapping,
    ) -> list[Noticed]:
        """The rows that somebody has to settle; what they say of the key is kept for a refusal."""
        from salesflow.pipeline._files.noticed import noticed  # noqa: PLC0415 - as above

        all_of = noticed(frame, found, playbook.currency, self._path, self._options.encoding)
        rows = [it for it in all_of if it.kind != "plain" or said.currency is None]
        self.keys += likely_keys(found, rows)
        gaps = (it for it in rows if it.kind == "gap" and it.column == self.keys[0])
        self.gap = next((of_row(it, found, self.lang) for it in gaps), "")
        return rows

    def _draft(
        self, found: Suggestion, playbook: Playbook, said: FrameMapping, rows: list[Noticed]
    ) -> int:
        self._progress.done()
        path = Path(self._options.suggest)
        draft = draft_of_map(found, self._options.file, playbook, said, self.lang, rows)
        code = write({path: draft}, self.lang)
        if not code:
            say_document(proposal(found, self.lang, self._options.percent, rows))
            say("")
            say(phrase("drafted", self.lang).format(path=path))
        return code

    def _checked(
        self,
        frame: Any,  # noqa: ANN401 - a lazy frame of either engine
        playbook: Playbook,
        mapping: FrameMapping,
        checks: Checks | None,
        rates: Rates | None,
        before: PipelineReport[Any] | None,
    ) -> int:
        from salesflow.pipeline import Source, check_pipeline  # noqa: PLC0415 - as above
        from salesflow.pipeline._files.opened import kept, places_in  # noqa: PLC0415
        from salesflow.pipeline._files.read import read_texts  # noqa: PLC0415

        said, lang = self._read, self.lang
        self._progress.at(phrase("checking", lang))
        facts = () if checks is None else checks.facts
        read = read_texts(
            frame,
            playbook,
            mapping,
            facts=facts,
            dates=said.dates,
            decimal=said.decimal,
            percent=self._options.percent,
            missing=self._options.missing,
            where=places_in(self._path, self._options.encoding),
            aside=self._options.unread_as_findings,
        )
        try:
            report: PipelineReport[Any] = check_pipeline(
                Source(kept(read, self._folder, self._engine), mapping),
                playbook,
                as_of=cast("date", said.as_of),
                checks=checks,
                rates=rates,
                fail_if=said.fail_if,
                warn_if=said.warn_if,
                before=before,
                duplicate_keys="finding",
            )
        except SalesflowError as error:
            told = self._with_lines(error)
            if not told.hint and self._fits_nothing(error, read, playbook, mapping):
                told.hint = phrase("own_stages", lang)
            raise told from error
        failed, warned = report.failed(), report.warned()
        code = self._written(report)
        self._progress.done()
        say_document(in_its_words(report.summary(lang), lang))
        say("")
        say_document(judged(report, failed, warned, lang))
        return code or int(bool(failed))

    @staticmethod
    def _fits_nothing(
        error: SalesflowError, frame: object, playbook: Playbook, mapping: FrameMapping
    ) -> bool:
        """Whether most labels of stages are none of the playbook's."""
        from salesflow.pipeline import Source, suggest  # noqa: PLC0415 - as above

        if all(it.code != "unknown_stage" for it in error.problems):
            return False
        labels = suggest(Source(frame, mapping), playbook).labels
        of_stages = [it for it in labels if it.fact == "stage"]
        unknown = sum(it.target is None for it in of_stages)
        return unknown * 2 > len(of_stages) + len(mapping.stages)

    def _with_lines(self, error: SalesflowError) -> SalesflowError:
        """An error of rows without a key with the lines on which these are."""
        from salesflow.pipeline._files.opened import rows_without  # noqa: PLC0415 - as above

        options, problems = self._options, list(error.problems)
        for number, it in enumerate(problems):
            if it.code != "null_key":
                continue
            lines = rows_without(self._path, it.path, options.missing, options.encoding)
            first = [f"{line:,}" for line in islice(lines or (), _TOLD + 1)]
            if first:
                more = ["…"] if len(first) > _TOLD else []
                told = phrase("and", self.lang).join([*first[:_TOLD], *more])
                problems[number] = replace(it, message=f"{it.message}, on line {told}")
        return SalesflowError(error.message, hint=error.hint, problems=problems)

    def _written(self, report: PipelineReport[Any]) -> int:
        """Write the report in every form that is asked for; returns the exit code."""
        from salesflow.pipeline._files.written import write_findings  # noqa: PLC0415 - as above

        options = self._options
        files = {}
        if options.json:
            files[Path(options.json)] = report.to_json()
        if options.html:
            files[Path(options.html)] = report.to_html(lang=self.lang)
        if options.junit:
            files[Path(options.junit)] = report.to_junit(lang=self.lang)
        code = write(files, self.lang)
        if options.findings:
            path = Path(options.findings)
            # The folder is made, and what cannot be written is told, as with the others.
            failed = write({path: ""}, self.lang)
            if not failed:
                write_findings(report, path, self.lang)
            code = failed or code
        return code


def _read_back(kind: type[PipelineReport[Any]], file: str) -> PipelineReport[Any]:
    """An earlier report.

    Raises:
        SalesflowError: There is none in the file.
    """
    try:
        return kind.model_validate_json(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        said = (isinstance(error, OSError) and error.strerror) or "it is no report of a pipeline"
        problem = Problem("--before", f"{file!r} cannot be read: {said.lower()}", _BEFORE)
        raise SalesflowError(_NO_BEFORE, problems=[problem]) from error


def _check_before(
    before: PipelineReport[Any], playbook: Playbook, as_of: date | None, file: str
) -> None:
    """Refuse what says nothing of the time before.

    Raises:
        SalesflowError: It is of a later day, or of another playbook.
    """
    said = []
    if as_of is not None and before.as_of > as_of:
        said.append(f"{file!r} is of a later day, {before.as_of.isoformat()}")
    if before.playbook.digest != playbook.digest:
        was = before.playbook
        said.append(
            f"{file!r} is of another playbook, or of it before a change: {was.id} {was.version}"
        )
    if said:
        problems = [Problem("--before", it, _BEFORE) for it in said]
        raise SalesflowError(_NO_BEFORE, problems=problems)


_LAST_RUN: Final = (
    "name what --json wrote in the last run with --before; in the first run leave this limit out"
)
_NO_BEFORE: Final = "The earlier report cannot be used."
_BEFORE: Final = "name what --json wrote in the last run; in the first run leave --before out"
