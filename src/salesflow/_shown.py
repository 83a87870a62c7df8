"""What shows itself in a notebook, and in a language of the reader's choice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from salesflow._arguments import language
from salesflow._show import Html, as_text, html
from salesflow.text import LANGUAGES, Language


def spoken(lang: Language | None, by: object) -> Language:
    """The language that is asked for; else that of what is shown, and English where it has none.

    Raises:
        UnknownName: There is no such language.
    """
    if lang is not None:
        return language(lang)
    return by._language() if isinstance(by, Shown) else LANGUAGES[0]  # noqa: SLF001 - of this module


class Shown(ABC):
    """What shows itself at the end of a cell of a notebook."""

    def view(self, *, lang: Language | None = None) -> str:
        """What a notebook shows of it, in a language of your choice.

        At the end of a cell it shows itself; elsewhere it is a text of HTML, for a page of your
        own. It has the letters and the ink of what is around it, and every text is escaped.

        Args:
            lang: The language; by default that of the playbook.

        Raises:
            UnknownName: There is no such language.

        Example:
            >>> from salesflow import load_playbook
            >>> found = load_playbook("optimized_sales_process").view(lang="zh")
            >>> print(found[:56])
            <div class="salesflow"><p><strong>优化销售流程</strong> <code>
        """
        return html(*self._view(spoken(lang, self)))

    def _repr_html_(self) -> str:
        return self.view()

    @abstractmethod
    def _language(self) -> Language:
        """The language where none is asked for."""

    @abstractmethod
    def _view(self, lang: Language) -> Iterator[Html]:
        """What fits on one screen."""


class Printed(Shown):
    """What prints itself, too: as a text for people, not with every field."""

    def summary(self, lang: Language | None = None) -> str:
        """What a notebook shows of it, as a text for people, which is also what `print` shows.

        Every field is in the `repr`, and in JSON.

        Args:
            lang: The language; by default that of the playbook.

        Raises:
            UnknownName: There is no such language.
        """
        return as_text(*self._view(spoken(lang, self)))

    def __str__(self) -> str:
        return self.summary()
