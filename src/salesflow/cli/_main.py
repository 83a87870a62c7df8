"""From the words of a shell to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from salesflow.cli import _terminal
from salesflow.cli._parser import UsageError, parser
from salesflow.cli._words import ENGLISH, Words, language_of_locale
from salesflow.errors import ArgumentError, InvalidPlaybook, SalesflowError, UnknownName

if TYPE_CHECKING:
    from salesflow.text import Language

__all__ = ["main"]

_INTERRUPTED = 130
_OWN = (ENGLISH, "zh")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `salesflow`.

    What it has to say is printed; it raises nothing and never ends the program.

    Args:
        arguments: The words after the name of the command; those of the shell where there are none.

    Returns:
        The exit code. 0: all is well; 1: something is wrong with a playbook, or whoever reads has
        gone; 2: there is no such file, or the command is not understood; 130: interrupted.

    Example:
        >>> main(["facts", "project_tracking", "account", "tier"])
        account.tier  choice  standard  the account's tier  regular, named, strategic
        0
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    _terminal.prepare()
    try:
        code = _run(words)
        _terminal.flush()
    except BrokenPipeError:  # `… | head` has seen enough
        _terminal.abandon()
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:  # the disk that the output goes to is full
        _terminal.abandon()
        reason = (error.strerror or str(error)).lower()
        _terminal.complain_in(_spoken(words) or ENGLISH, reason, "salesflow: ")
        return 2
    return code


def _run(arguments: list[str]) -> int:
    lang = _spoken(arguments)
    words = Words(lang or ENGLISH)
    root = parser(words, "salesflow")
    try:
        options = root.parse_args(arguments)
        if lang is not None and lang not in _OWN and not _is_language(lang):
            root.error(words("words", "no_language").format(tag=repr(lang)))
    except UsageError as error:
        _terminal.complain(str(error))
        return 2
    except SystemExit as ended:  # after `--help` and `--version`
        return int(ended.code or 0)
    command = import_module(f"salesflow.cli._{options.command}")
    try:
        return int(command.run(options, lang))
    except SalesflowError as error:
        _terminal.complain(_told(error, lang or ENGLISH))
        wrong_call = isinstance(error, ArgumentError | UnknownName)
        unreadable = isinstance(error, InvalidPlaybook) and not error.problems
        return 2 if wrong_call or unreadable else 1


def _spoken(arguments: Sequence[str]) -> Language | None:
    """The reader's language; None where neither the command line nor the shell says one."""
    return _asked(arguments) or language_of_locale(os.environ)


def _told(error: SalesflowError, lang: Language) -> str:
    from salesflow._translation import error_in  # noqa: PLC0415 - as `_is_language`

    return error_in(error, lang)


def _asked(arguments: Sequence[str]) -> Language:
    """What `--lang` says, before anything is parsed, for `--help` and mistakes have a language."""
    asked = ""
    for word, after in zip(arguments, [*arguments, ""][1:], strict=True):
        if word == "--":
            break
        if word == "--lang":
            asked = after
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
    return asked


def _is_language(tag: str) -> bool:
    from salesflow.text import is_language  # noqa: PLC0415 - it costs as much as all of `--help`

    return is_language(tag)
