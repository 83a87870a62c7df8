"""From a file or a text to plain tables, bounded before a parser sees it.

`tomllib` is quadratic on dotted keys and recurses on nesting, and a playbook may come from a
stranger: so a text is measured first, and whatever a parser raises afterwards becomes ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final, Literal, NamedTuple, NoReturn, TypeAlias

from salesflow.errors import InvalidPlaybook, Problem

DecodedTable: TypeAlias = dict[str, object]
FileFormat: TypeAlias = Literal["toml", "json"]

SUFFIXES: Final = (".toml", ".json")
"""How the names of files that are read end, in small letters."""

CASES: Final = (".cases.toml", ".cases.json")
"""How those of files of cases end, beside the playbook of the same name."""

CHECKS: Final = (".checks.toml", ".checks.json")
"""How those of checks of a pipeline end."""

_MAX_BYTES: Final = 1 << 20
# Canonical JSON spells out what TOML abbreviates and what a playbook includes by key.
_MAX_JSON_BYTES: Final = 4 << 20
_MAX_PARTS: Final = 16
_MAX_LEVELS: Final = 32
_MAX_VALUES: Final = 100_000
_SHOWN: Final = 20
_SHORTER: Final = "shorten its texts, leave out what nobody uses, or make two processes of it"

# The four strings of TOML up to their closing quotes; nothing in here can backtrack.
BASIC_LINES: Final = r'"""(?:[^"\\]|\\.|"(?!""))*+'
LITERAL_LINES: Final = r"'''(?:[^']|'(?!''))*+"
BASIC: Final = r'"(?:[^"\\\n]|\\[^\n])*+'
LITERAL: Final = r"'[^'\n]*+"

# What tomllib takes for a string or a comment. An unfinished one runs to where tomllib gives up,
# so that the two never disagree about what is text.
QUOTED: Final = re.compile(
    rf'{BASIC_LINES}(?:"""("{{0,2}})|\Z)'
    rf"|{LITERAL_LINES}(?:'''('{{0,2}})|\Z)"
    rf'|{BASIC}(?:"|(?=\n)|\\?\Z|\\(?=\n))'
    rf"|{LITERAL}(?:'|(?=\n)|\Z)"
    r"|#[^\n]*+",
    re.DOTALL,
)
_LONG_KEY: Final = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{_MAX_PARTS}}}")
_LEVELS: Final = bytes.maketrans(b"[{]}", b"(())")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[{]}"))
_NOT_DOTS: Final = bytes(set(range(256)) - set(b".\n"))


def read_toml(text: str) -> DecodedTable:
    """Parse TOML.

    Raises:
        InvalidPlaybook: The text is too big, too deep, or not valid TOML.
    """
    read = read_on(text)
    if read.table is None or read.problems:
        raise InvalidPlaybook("The playbook cannot be read.", problems=read.problems)
    return read.table


class Reading(NamedTuple):
    """What was read of a text.

    Attributes:
        table: None where it cannot be read to its end.
        text: What was read: the text, or what was meant by it.
        problems: What had to be read otherwise than it stands there.
    """

    table: DecodedTable | None
    text: str
    problems: tuple[Problem, ...] = ()


def read_on(text: str) -> Reading:
    """Parse TOML, and go on behind what is no TOML, where it is clear what was meant.

    Raises:
        InvalidPlaybook: The text is too big or too deep.
    """
    text = _bounded(text, _MAX_BYTES)
    _refuse_oversized(text)
    import tomllib  # noqa: PLC0415 - only where TOML is read

    try:
        return Reading(tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        from salesflow.playbook._mend import mend  # noqa: PLC0415 - where something is wrong

        mended, problems, is_whole = mend(text.replace("\r\n", "\n"), str(error))
    except (RecursionError, MemoryError, ValueError, OverflowError) as error:
        _refuse("the text cannot be read as TOML", _first_line(error))
    if not is_whole:
        return Reading(None, mended, problems)
    try:
        further = read_on(mended)
    except InvalidPlaybook as error:
        raise InvalidPlaybook(error.message, problems=(*problems, *error.problems)) from error
    return further._replace(problems=(*problems, *further.problems))


class KeysOnce:
    """Makes the objects of JSON, as a hook of `json.loads`, and notes what is given twice in one.

    Attributes:
        twice: Some of those keys, in order. Of such a key readers of JSON take one or the other.
    """

    def __init__(self) -> None:
        self.twice: dict[str, None] = {}

    def __call__(self, pairs: list[tuple[str, object]]) -> DecodedTable:
        """The object of these pairs."""
        table = dict(pairs)
        if len(table) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen and len(self.twice) < _SHOWN:
                    self.twice[key[:80]] = None
                seen.add(key)
        return table


def read_json(text: str) -> DecodedTable:
    """Parse JSON; a key that is given twice is an error.

    Raises:
        InvalidPlaybook: The text is too big, too deep, or not a JSON object.
    """
    text = _bounded(text, _MAX_JSON_BYTES)
    import json  # noqa: PLC0415 - only where JSON is read

    once = KeysOnce()

    def no_number(name: str) -> NoReturn:
        raise ValueError(f"{name} is not a number in JSON")

    try:
        parsed: object = json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        message = f"this is not valid JSON: {error.msg.lower()}"
        _refuse(message, line=error.lineno, column=error.colno)
    except (RecursionError, MemoryError, ValueError, OverflowError) as error:
        _refuse("the text cannot be read as JSON", _first_line(error))
    if once.twice:
        problems = _given_twice(text, once.twice)
        raise InvalidPlaybook("The playbook cannot be read.", problems=problems)
    if not isinstance(parsed, dict):
        _refuse("this is no JSON object", "put everything into { }", line=1, column=1)
    return parsed


def _given_twice(text: str, keys: Iterable[str]) -> list[Problem]:
    """Keys that are given twice, each at its second place; in a very long text without it."""
    from salesflow.playbook._source import Source  # noqa: PLC0415 - where something is wrong

    source = Source(text, "json")
    places: dict[str, int | None] = dict(islice(source.twice.items(), _SHOWN))
    problems: list[Problem] = []
    for key, at in (places or dict.fromkeys(keys)).items():
        line, column = (None, None) if at is None else source.place(at)
        message = f'the key "{key[:80]}" is given twice in one table'
        problems.append(Problem("", message, "keep one", "duplicate", line=line, column=column))
    return problems


def check_format(format: object) -> None:  # noqa: A002 - the public name of the argument
    """Raises InvalidPlaybook where there is no such format."""
    if format not in ("toml", "json"):
        _refuse(f"there is no format {format!r}", 'choose "toml" or "json"')


def file_text(path: str | Path) -> tuple[str, FileFormat]:
    """The text of a `.toml` or `.json` file in UTF-8.

    Raises:
        InvalidPlaybook: The file cannot be read, is too big, or is not UTF-8.
    """
    try:
        path = Path(path)
    except TypeError:
        message = f"a path is a str or a Path, not {type(path).__name__}"
        raise InvalidPlaybook(f"This cannot be read: {message}.") from None
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        _refuse(f"{path.name[:80]!r} is neither .toml nor .json", "name the file after its format")
    format: FileFormat = "json" if suffix == ".json" else "toml"  # noqa: A001 - as elsewhere
    limit = _MAX_JSON_BYTES if format == "json" else _MAX_BYTES
    try:
        with path.open("rb") as file:
            data = file.read(limit + 4)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidPlaybook(f"{str(path)!r} cannot be read: {reason.lower()}.") from error
    return decoded(data), format


def decoded(data: bytes) -> str:
    """UTF-8 as text; raises InvalidPlaybook where it is not UTF-8.

    A byte order mark stays, for the text's reader to leave out: it may stand there once.
    """
    if not isinstance(data, bytes):
        _refuse(f"bytes are expected, not {type(data).__name__}", "use Playbook.from_toml for text")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        # The last character of a file that was read only to its limit may be cut in two.
        if error.start > _MAX_BYTES and error.reason == "unexpected end of data":
            _refuse(f"the file is longer than {_MAX_BYTES:,} bytes", _SHORTER, code="too_big")
        hint = "save the file as UTF-8"
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            hint = "it looks like UTF-16; " + hint
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        _refuse("the file is not UTF-8", hint, code="encoding", line=line, column=column)


def _bounded(text: str, limit: int) -> str:
    if not isinstance(text, str):
        _refuse(
            f"a text is expected, not {type(text).__name__}", "decode bytes first, or use from_file"
        )
    if len(text) > limit or (not text.isascii() and _size(text) > limit):
        _refuse(f"the text is longer than {limit:,} bytes", _SHORTER, code="too_big")
    return text.removeprefix("\ufeff")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _refuse_oversized(text: str) -> None:
    bare = QUOTED.sub('"', text)
    measured = bare.encode("utf-8", "surrogatepass")
    # A key is on one line, so nearly every text is acquitted by a look at its dots.
    if b"." * _MAX_PARTS in measured.translate(None, _NOT_DOTS) and _LONG_KEY.search(
        bare.replace('"', "q")
    ):
        _refuse(
            f"a key has more than {_MAX_PARTS} parts", "use tables instead of dots", code="too_deep"
        )
    brackets = measured.translate(_LEVELS, _NOT_BRACKETS)
    for _ in range(_MAX_LEVELS):
        shorter = brackets.replace(b"()", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    # What is left is deeper than the limit, or never closed: both are a matter of levels.
    if brackets.count(b"(") > _MAX_LEVELS or b"()" in brackets:
        _refuse(f"more than {_MAX_LEVELS} levels of nesting", "flatten it", code="too_deep")
    if sum(bare.count(mark) for mark in ",=[.") > _MAX_VALUES:
        _refuse(f"more than {_MAX_VALUES:,} values", _SHORTER, code="too_big")


def _refuse(
    message: str,
    hint: str = "",
    *,
    code: str = "syntax",
    line: int | None = None,
    column: int | None = None,
) -> NoReturn:
    problem = Problem("", message, hint, code, line=line, column=column)
    raise InvalidPlaybook("The playbook cannot be read.", problems=[problem]) from None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
