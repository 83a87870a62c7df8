"""What a command reads: files, folders, installed playbooks, standard input."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from salesflow.errors import InvalidPlaybook, PluginError, Problem, UnknownName
from salesflow.playbook import Playbook, lint_file
from salesflow.playbook._lint import linted
from salesflow.playbook._read import CASES, CHECKS, SUFFIXES, decoded, file_text
from salesflow.playbooks import BUILT_IN, playbook_source
from salesflow.plugins import available_playbooks, load_playbook

STDIN: Final = "-"
_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
# What a playbook looks like while it is still too broken to be parsed.
_LOOKS: Final = {
    ".toml": re.compile(r"^[ \t]*(?:\[\[?[ \t]*stages|stages[ \t]*=|extends[ \t]*=)", re.MULTILINE),
    ".json": re.compile(r'"(?:stages|extends)"[ \t]*:'),
}
_IS_NAMED: Final = re.compile(r'^[ \t]*"?id"?[ \t]*[=:]', re.MULTILINE)
_NOT_SEARCHED: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
_MAX_LOOK: Final = 1 << 20
_MAX_INPUT: Final = 1 << 23  # more than any file may have, so that the check says so


class NoSource(Exception):
    """There is nothing to read; what is to be said of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A playbook or a file of cases that was named on the command line.

    Attributes:
        name: What it is called in a report: the path as it was written, or an id.
        path: The file; None for an installed playbook and for standard input.
        key: The id of an installed playbook; else empty.
        data: What standard input said.
        inside: Whether it was found in a folder that was named.
    """

    name: str
    path: Path | None = None
    key: str = ""
    data: bytes = field(default=b"", repr=False)
    inside: bool = False

    @property
    def is_cases(self) -> bool:
        """Whether it holds cases and not a playbook."""
        return not self.key and self.name.lower().endswith(CASES)

    @property
    def is_json(self) -> bool:
        """Whether it is JSON; else it is TOML."""
        return self.name.lower().endswith(".json")

    def problems(self) -> tuple[Problem, ...]:
        """What the lint has to say.

        Raises:
            InvalidPlaybook: The file cannot be read.
        """
        if self.path is not None:
            return lint_file(self.path)
        if self.key and self.key not in BUILT_IN:
            return self._problems_of_plugin()
        try:
            beside = None if self.key else Path(self.name)  # where a variant looks for its parent
            return linted(self.text(), "json" if self.is_json else "toml", beside)
        except InvalidPlaybook as error:
            return error.problems

    def playbook(self) -> Playbook:
        """The playbook, to be asked.

        Raises:
            SalesflowError: It cannot be read, or it has errors.
        """
        if self.path is not None:
            return Playbook.from_file(self.path)
        if self.key:
            return load_playbook(self.key)
        return Playbook.from_json(self.text()) if self.is_json else Playbook.from_toml(self.text())

    def text(self) -> str:
        """What its author wrote, comments and all.

        Raises:
            InvalidPlaybook: The file cannot be read, or is not UTF-8.
            UnknownName: It is the playbook of a plugin, which may have no file.
        """
        if self.path is not None:
            return file_text(self.path)[0]
        return decoded(playbook_source(self.key) if self.key else self.data)

    def _problems_of_plugin(self) -> tuple[Problem, ...]:
        try:
            return load_playbook(self.key).warnings
        except PluginError as error:
            cause = error.__cause__
            found = cause.problems if isinstance(cause, InvalidPlaybook) else ()
            return found or (Problem("", error.message, error.hint, error.code),)


def one_source(word: str) -> Source:
    """The playbook that a word names.

    Raises:
        UnknownName: There is no such file, and no playbook of that id.
        InvalidPlaybook: It is a folder.
    """
    if is_folder(word):
        raise InvalidPlaybook(f"{word!r} is a folder.", hint="Name one playbook in it.")
    (found,) = sources(word)
    return found


def sources(word: str, stdin_name: str = "") -> tuple[Source, ...]:
    """What a word of the command line names, a folder every playbook and file of cases in it.

    A path comes before an id of the same name: `./acme` and `acme` are both the folder.

    Raises:
        NoSource: It is a folder without playbooks.
        UnknownName: There is no such file, and no playbook of that id.
    """
    if word == STDIN:
        return (Source(_displayed(stdin_name or "<stdin>"), data=_standard_input()),)
    path = Path(word)
    if is_folder(word):
        found = tuple(_inside(word))
        if not found:
            raise NoSource(word)
        return found
    if path.suffix.lower() in SUFFIXES or os.sep in word or os.path.exists(word):  # noqa: PTH110 - as in is_folder
        return (Source(_displayed(word), path),)
    known = [info.id for info in available_playbooks()]
    if _ID.fullmatch(word) and word in known:
        return (Source(word, key=word),)
    raise UnknownName("file or playbook", word, known)


def is_folder(word: str) -> bool:
    """Whether a word names a folder that is there."""
    return os.path.isdir(word)  # noqa: PTH112 - `Path.is_dir` raises where a name is too long


def is_playbook(path: Path) -> bool:
    """Whether a file looks like a playbook or like cases, broken ones too."""
    suffix = path.suffix.lower()
    if path.name.lower().endswith(CASES):
        return True
    if suffix not in SUFFIXES or path.name.lower().endswith(CHECKS):
        return False
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_LOOK).decode("utf-8", "replace")
    except (OSError, ValueError):
        return False
    looks = _LOOKS[suffix].search(text)
    return bool(looks and ("stages" in looks[0] or _IS_NAMED.search(text)))


def _inside(folder: str) -> Iterator[Source]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _NOT_SEARCHED
        )
        for file in sorted(files):
            path = Path(at, file)
            if is_playbook(path):
                yield Source(_displayed(str(path)), path, inside=True)


def _displayed(name: str) -> str:
    # A line of a log that begins with two colons is a command to GitHub Actions.
    return f"./{name}" if name.lstrip().startswith("::") else name


def _standard_input() -> bytes:
    if sys.stdin is None:  # a shell can close it
        return b""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:  # a program reads from a text
        return sys.stdin.read(_MAX_INPUT).encode()
    data: bytes = stream.read(_MAX_INPUT)
    return data
