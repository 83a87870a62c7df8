"""Arguments of the wrong type, said before anything is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from salesflow.errors import FactError, Problem, UnknownName
from salesflow.playbook import Playbook
from salesflow.rules._values import day_of
from salesflow.text import LANGUAGES, Language


def problems_of_playbook(playbook: object) -> list[Problem]:
    """That it is none."""
    if isinstance(playbook, Playbook):
        return []
    what = f"this is a {type(playbook).__name__}, not a playbook"
    return [Problem("playbook", what, 'pass load_playbook("…") or Playbook.from_file("…")')]


def day_meant(as_of: object, tz: object) -> tuple[date | None, list[Problem]]:
    """The day that is meant, as a rule takes it: that of a moment is its day in `tz`.

    Returns:
        The day, or None where there is none; and what is wrong with it. A zone that there is not
        is told of elsewhere.
    """
    if as_of is None:
        return None, [_no_day(as_of)]
    for zone in (str(tz), "UTC"):
        try:
            return day_of(as_of, zone), []
        except FactError:
            continue
    return None, [_no_day(as_of)]


def _no_day(as_of: object) -> Problem:
    hint = "pass a date, or a datetime with tzinfo="
    return Problem("as_of", f"{as_of!r} is no date", hint)


def problems_of_mapping(path: str, mapping: object) -> list[Problem]:
    """That it is none; None stands for an empty one."""
    if mapping is None or isinstance(mapping, Mapping):
        return []
    return [Problem(path, f"this is a {type(mapping).__name__}, not a mapping", "write {…: …}")]


def language(lang: Language) -> Language:
    """The language itself.

    Raises:
        UnknownName: There are no words in it.
    """
    if lang in LANGUAGES:
        return lang
    raise UnknownName("language", lang, LANGUAGES)


def amount_of(number: int, noun: str) -> str:
    """A number with its noun, in the plural unless there is one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
