"""The grammar of the command line: which commands there are, and what each of them takes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Final, NoReturn

from salesflow._unseen import shown
from salesflow.cli._words import Words

FORMATS: Final = ("text", "json", "github", "sarif")
ENGINES: Final = ("polars", "duckdb")

_HEADING: Final = re.compile("^(.*[\u4e00-\u9fff]):$", re.MULTILINE)

Grammar = Callable[["Parser"], None]


class UsageError(Exception):
    """The command line is not understood; what is to be said of it."""


class Parser(argparse.ArgumentParser):
    """A parser that speaks the reader's language and raises instead of ending the program."""

    def __init__(self, *, words: Words, prog: str, about: str) -> None:
        self.words = words
        super().__init__(
            prog=prog,
            description=words("about", about),
            epilog=words("about", "codes"),
            formatter_class=lambda prog: _Help(prog, words),
            add_help=False,
            allow_abbrev=False,
        )
        self.taken = self.add_argument_group(words("words", "sources"))
        self.offered = self.add_argument_group(words("words", "options"))

    def takes(self, name: str, text: str, nargs: str | None = None) -> None:
        """Declare what stands without a dash."""
        help_text = self.words("options", text)
        self.taken.add_argument(name, metavar=name.upper(), nargs=nargs, help=help_text)

    def offers(self, *names: str, text: str, **more: object) -> None:
        """Declare an option."""
        self.offered.add_argument(*names, help=self.words("options", text), **more)  # type: ignore[arg-type]

    def offers_switch(self, *names: str, text: str) -> None:
        """Declare an option without a value."""
        self.offers(*names, text=text, action="store_true")

    def offers_format(self, choices: Iterable[str], text: str) -> None:
        """Declare `--format`."""
        self.offers("--format", text=text, choices=tuple(choices), default="text")

    def offers_reading(self) -> None:
        """Declare how the texts of a file of deals are read."""
        self.offers("--encoding", text="encoding", metavar="NAME", default="")
        for name, value in {
            "dates": "[COLUMN=]FORM",
            "decimal": "[COLUMN=]SIGN",
            "percent": "COLUMN",
            "missing": "TEXT",
        }.items():
            self.offers(f"--{name}", text=name, metavar=value, action="append", default=[])
        self.offers_switch("--unread-as-findings", text="unread_as_findings")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, in the language of the parser."""
        said = self.words("words", "error") + self.words.error(message)
        raise UsageError(f"{self.format_usage().rstrip()}\n{self.prog}: {shown(said)}")


class _Help(argparse.HelpFormatter):
    def __init__(self, prog: str, words: Words) -> None:
        super().__init__(prog, max_help_position=26)
        self._usage = words("words", "usage")

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, prefix or self._usage)

    def format_help(self) -> str:
        """The help; the colon behind a heading is that of its language."""
        return _HEADING.sub(r"\1：", super().format_help())


def parser(words: Words, prog: str) -> Parser:
    """The parser of the whole command."""
    root = Parser(words=words, prog=prog, about="salesflow")
    _common(root)
    root.offers("--version", text="version", action="version", version=_version())
    commands = root.add_subparsers(
        dest="command",
        required=True,
        metavar="COMMAND",
        title=words("words", "commands"),
        parser_class=Parser,
    )
    for name, declare in COMMANDS.items():
        declare(
            commands.add_parser(
                name,
                help=words("about", name),
                words=words,
                prog=f"{prog} {name}",
                about=name,
            )
        )
    return root


def _common(command: Parser) -> None:
    command.offers("-h", "--help", text="help", action="help")
    # Not stored where it is not given: `salesflow --lang zh check` must survive the sub-parser.
    command.offers("--lang", text="lang", metavar="TAG", default=argparse.SUPPRESS)


def _check(command: Parser) -> None:
    command.takes("source", "sources", "+")
    command.offers_switch("--strict", text="strict")
    command.offers_switch("--fix", text="fix")
    _reads_several(command)
    _common(command)


def _test(command: Parser) -> None:
    command.takes("source", "tested", "+")
    _reads_several(command)
    _common(command)


def _reads_several(command: Parser) -> None:
    command.offers_format(FORMATS, text="format")
    command.offers("--stdin-name", text="stdin_name", metavar="NAME", default="")
    command.offers_switch("--only-playbooks", text="only_playbooks")


def _new(command: Parser) -> None:
    command.takes("name", "name")
    command.offers("--from", text="from", metavar="SOURCE", dest="origin")
    command.offers("--into", text="into", metavar="FOLDER", default="")
    command.offers_switch("--plugin", text="plugin")
    _common(command)


def _explain(command: Parser) -> None:
    command.takes("source", "source")
    _writes(command)
    _common(command)


def _facts(command: Parser) -> None:
    command.takes("source", "source")
    command.takes("word", "words", "*")
    command.offers_format(FORMATS[:2], text="plain_format")
    _common(command)


def _diff(command: Parser) -> None:
    command.takes("old", "old")
    command.takes("new", "changed")
    command.offers_switch("--migration", text="migration")
    command.offers_format(FORMATS[:2], text="plain_format")
    _writes(command)
    _common(command)


def _schema(command: Parser) -> None:
    command.offers_switch("--cases", text="cases")
    _writes(command)
    _common(command)


def _pipeline(command: Parser) -> None:
    command.epilog = command.words("about", "pipeline_codes")
    command.takes("file", "deals")
    of_file = {"metavar": "FILE", "default": ""}
    command.offers("--playbook", text="playbook", metavar="SOURCE", required=True)
    command.offers("--as-of", text="as_of", metavar="DAY", default="")
    command.offers("--map", text="map", **of_file)
    command.offers("--suggest", text="suggest", **of_file)
    command.offers("--checks", text="checks", **of_file)
    command.offers("--rates", text="rates", **of_file)
    for name, text in {"--fail-if": "fail_if", "--warn-if": "warn_if"}.items():
        command.offers(name, text=text, metavar="NAME=LIMIT", action="append", default=[])
    command.offers("--before", text="before", **of_file)
    for form in ("json", "html", "junit", "findings"):
        command.offers(f"--{form}", text=f"write_{form}", **of_file)
    command.offers("--engine", text="engine", choices=ENGINES)
    command.offers_reading()
    _common(command)


def _list(command: Parser) -> None:
    command.offers_format(FORMATS[:2], text="plain_format")
    _common(command)


def _writes(command: Parser) -> None:
    command.offers("-o", "--output", text="output", metavar="FILE")


COMMANDS: Final[dict[str, Grammar]] = {
    "check": _check,
    "test": _test,
    "new": _new,
    "explain": _explain,
    "facts": _facts,
    "diff": _diff,
    "diagram": _explain,
    "schema": _schema,
    "list": _list,
    "pipeline": _pipeline,
}


def _version() -> str:
    from salesflow import __version__  # noqa: PLC0415 - the package imports nothing by itself

    return f"salesflow {__version__}"
