"""What the parser says, in one language.

The texts are data, for `--help` must not wait for the classes that sentences are made of elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from salesflow._data import read_data

if TYPE_CHECKING:
    from salesflow.text import Language

ENGLISH: Final = "en"
"""The language where nothing says another one."""
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_LOCALE: Final = re.compile("(en|zh)(?![a-z])", re.IGNORECASE)


def language_of_locale(environment: Mapping[str, str]) -> Language | None:
    """The language of a shell, as POSIX says it: the first of these variables that is set counts.

    None where it is none of ours, or no language at all, as with `C`.

    Example:
        >>> language_of_locale({"LC_ALL": "", "LANG": "zh_CN.UTF-8"})
        'zh'
        >>> language_of_locale({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"})
        'en'
        >>> language_of_locale({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"})
    """
    locale = next((found for name in _VARIABLES if (found := environment.get(name))), "")
    spoken = _LOCALE.match(locale)
    return None if spoken is None else spoken[1].lower()


class Words:
    """The texts of `help.toml` in one language."""

    def __init__(self, lang: Language) -> None:
        self.lang: Language = "zh" if lang[:2] == "zh" else "en"
        self._tables: dict[str, Any] = read_data(__package__, "help.toml")

    def __call__(self, table: str, key: str) -> str:
        """The text of that key."""
        return str(self._tables[table][key][self.lang])

    def error(self, said: str) -> str:
        """What argparse says of a mistake, in this language where we know the sentence."""
        for each in self._tables["errors"]:
            if found := re.fullmatch(each["said"], said, re.DOTALL):
                return str(each[self.lang]).format(*found.groups())
        return said
