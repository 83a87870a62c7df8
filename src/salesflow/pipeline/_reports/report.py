"""What every report of a pipeline has beside its figures: a page, and a view of a notebook."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import ClassVar

from pydantic import PrivateAttr

from salesflow._arguments import Arguments, refuse
from salesflow._result import Result
from salesflow._show import Html, heading, page
from salesflow._shown import Printed, spoken
from salesflow.errors import ArgumentError, Problem
from salesflow.pipeline._reports.pictures import Chart, pictures
from salesflow.playbook import Playbook
from salesflow.playbook._titles import place_titles
from salesflow.terms import OUTCOMES
from salesflow.text import Language, both, in_language

_CHARTS = both(en="Charts", zh="图表")


def file_of(path: object) -> Path | None:
    """The file that a caller names, if any; raises ArgumentError where it is no name of one."""
    if path is None:
        return None
    if not isinstance(path, str | PathLike):
        refuse("path", "the name of a file", path, 'write "report.html"')
    try:
        return Path(path)
    except TypeError:  # a path of bytes
        refuse("path", "the name of a file", path, "write it as a str")


def saved(text: str, file: Path | None) -> str:
    """The text, written to the file where there is one, in UTF-8.

    Raises:
        ArgumentError: It cannot be written there.
    """
    if file is not None:
        try:
            file.write_text(text, encoding="utf-8", newline="\n")
        except (OSError, ValueError) as error:
            said = (isinstance(error, OSError) and error.strerror) or str(error)
            message = f"{str(file)!r} cannot be written: {said.lower()}"
            hint = "name a file in a folder that is there"
            raise ArgumentError.of(Problem("path", message, hint, "file")) from error
    return text


class Report(Printed, Result):
    """A result that people read: as a text, in a notebook, and as a page of its own."""

    _local: ClassVar[bool] = True
    _playbook: Playbook = PrivateAttr()

    @abstractmethod
    def summary(self, lang: Language | None = None) -> str:
        """The report as a text for people, which is also what `print` shows.

        Args:
            lang: The language; by default that of the playbook where it is known, else English.

        Raises:
            UnknownName: There is no such language.
        """

    def to_html(
        self,
        path: str | PathLike[str] | None = None,
        *,
        lang: Language | None = None,
        charts: Iterable[Chart] = (),
    ) -> str:
        """The report as a page: one file of HTML that needs nothing else.

        It is for a phone, for a screen, light or dark, and for paper. It runs no script and asks
        for nothing from elsewhere, so that it can be sent by mail or kept with a build.

        Args:
            path: The file to write it to, in UTF-8; an older one is overwritten. None writes none.
            lang: The language; by default that of the playbook where it is known, else English.
            charts: Charts to show below the figures, drawn as SVG into the page: what
                `salesflow.plots` returns, or any other chart of Altair. They are drawn by
                vl-convert-python, which has to be installed.

        Returns:
            The page.

        Raises:
            ArgumentError: The file cannot be written, or a chart cannot be drawn or shows what lies
                elsewhere; `problems` lists everything.
            UnknownName: There is no such language.
        """
        lang = spoken(lang, self)
        given = Arguments()
        file = given.read(file_of, path)
        drawn = pictures(given, charts)
        given.refuse("The page cannot be made.")
        if drawn:
            drawn = [heading(_CHARTS.get(lang)), *drawn]
        return saved(page(self._name(lang), lang, *self._whole_page(lang), *drawn), file)

    @property
    def _process(self) -> Playbook | None:
        """The playbook; None where the report was read back."""
        found: Playbook | None = self._kept_or_none("_playbook")
        return found

    def _language(self) -> Language:
        return self._process.main_language if self._process else "en"

    def _places(self, lang: Language) -> Mapping[str, str]:
        """What people call stages, sub-stages and outcomes; nothing where no playbook is known."""
        if self._process is None:
            return {}
        return in_language(lang, {**place_titles(self._process), **OUTCOMES})

    @abstractmethod
    def _name(self, lang: Language) -> str:
        """What stands at the top of the page."""

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        """Everything there is to read."""
        return self._view(lang)
