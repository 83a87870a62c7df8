"""The root of our exceptions, and those that several packages raise.

An exception of one package lives there: `MoveBlocked` with the engine, `PipelineFailed` with the
pipeline, `PlotError` with the plots.

A refusal of business ("this deal may not move yet") is a value, never an exception: see
[`Decision`][salesflow.engine.Decision]. Exceptions are for mistakes of the caller or of a
playbook's author. Each says what is wrong and what to do, lists every problem it found, and
keeps its data on attributes so that a program can use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

from salesflow._closest import closest
from salesflow._described import Described, descriptions
from salesflow._unseen import listed, shown, within

__all__ = [
    "ArgumentError",
    "ClockError",
    "CommandConflict",
    "CommandError",
    "EventError",
    "FactError",
    "FrameError",
    "InvalidPlaybook",
    "JsonData",
    "MissingRate",
    "MoneyError",
    "PlaybookMismatch",
    "PluginConflict",
    "PluginError",
    "Problem",
    "RuleError",
    "SalesflowError",
    "ScheduleError",
    "UnknownName",
    "VersionConflict",
    "closest",
]

Severity = Literal["error", "warning"]
JsonData: TypeAlias = "str | int | float | bool | list[JsonData] | dict[str, JsonData] | None"

_SHOWN: Final = 20
_PART: Final = 1_500
_ORDER: Final = ("type", "title", "status", "detail", "code", "message", "hint", "problems")
_PLACE: Final[dict[str, JsonData]] = {"type": ["integer", "null"]}
_FORMS: Final[dict[str, dict[str, JsonData]]] = {
    "severity": {"enum": ["error", "warning"]},
    "line": _PLACE,
    "column": _PLACE,
}
_MEMBERS: Final = {
    "type": "The code as a URN.",
    "title": "What this kind of error is; the same each time.",
    "detail": "What is wrong: the message again, where RFC 9457 has it.",
}


@dataclass(frozen=True, slots=True)
class Problem(Described):
    r"""One thing that is wrong, where it is, and what to do about it.

    Attributes:
        path: Where: `stages.demo.exit.agreed.rule` in a playbook, `team[0].roles[0]` in a record,
            `column 14` in a rule, a column's or a fact's name in data.
        message: What is wrong, one sentence without its full stop.
        hint: What to do, or the nearest allowed thing; empty where there is nothing to add.
        code: A stable name of this kind of problem, for programs.
        severity: `"error"` or `"warning"`.
        line: In which line of the file or text it is, from 1; None where it is in none.
        column: At which character of that line it begins, from 1; None where it is in none.

    Example:
        >>> problem = Problem("stages.demo.key", "a key is missing", hint='add key = "qualify"')
        >>> print(problem)
        stages.demo.key: a key is missing; add key = "qualify"
        >>> from dataclasses import replace
        >>> print(replace(problem, line=9, column=1))
        line 9, column 1: stages.demo.key: a key is missing; add key = "qualify"
    """

    path: str
    message: str
    hint: str = ""
    code: str = "invalid"
    severity: Severity = "error"
    line: int | None = None
    column: int | None = None

    def __post_init__(self) -> None:
        # It quotes what strangers wrote, and is printed, logged and sent.
        for name in ("path", "message", "hint", "code"):
            object.__setattr__(self, name, within(getattr(self, name), _PART))

    def __str__(self) -> str:
        column = "" if self.column is None else f", column {self.column}"
        where = "" if self.line is None else f"line {self.line}{column}: "
        path = f"{self.path}: " if self.path else ""
        return f"{where}{path}{self.message}{'; ' if self.hint else ''}{self.hint}"


class SalesflowError(Exception):
    """Something cannot be done as it was asked.

    It is the root of every exception of salesflow. The first line of the docstring of each is the
    `title` of its problem documents, for whoever gets one.

    Attributes:
        code: A stable name of this kind of error, for programs.
        status: What a web server answers with: 409 where the deal is not ready for what is asked,
            422 where the request has to be changed, 500 where whoever asks can do nothing about it.
        message: What is wrong.
        hint: What to do about it; may be empty.
        problems: All problems found, where there can be more than one; else empty.
        data: What it is about, for programs, as JSON has it: the version that was expected, the
            currency without a rate. The names are those of the class's attributes.
    """

    code: str = "salesflow"
    status: int = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        problems: Sequence[Problem] = (),
        data: Mapping[str, JsonData] = MappingProxyType({}),
    ) -> None:
        # They quote what strangers wrote, and are printed, logged and sent.
        self.message = within(message, _PART)
        self.hint = within(hint, _PART)
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.data: dict[str, JsonData] = dict(data)
        super().__init__(self.message)

    def to_dict(self) -> dict[str, JsonData]:
        """The error as JSON has it, with the members of a problem document (RFC 9457).

        A host adds what only it knows: `instance`. Beside `type`, `title`, `status` and `detail`
        there are `code`, `message`, `hint`, `problems`, and everything in `data`.

        Example:
            >>> error = VersionConflict("Somebody was faster.", data={"expected": 3, "current": 4})
            >>> shown = error.to_dict()
            >>> shown["type"], shown["status"], shown["expected"], shown["current"]
            ('urn:salesflow:version_conflict', 409, 3, 4)
        """
        title = (type(self).__doc__ or self.message).split("\n\n", maxsplit=1)[0]
        return {
            **self.data,
            "type": f"urn:salesflow:{self.code}",
            "title": " ".join(title.split()),
            "status": self.status,
            "detail": self.message,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "problems": [
                {
                    "path": problem.path,
                    "message": problem.message,
                    "hint": problem.hint,
                    "code": problem.code,
                    "severity": problem.severity,
                    "line": problem.line,
                    "column": problem.column,
                }
                for problem in self.problems
            ],
        }

    @staticmethod
    def json_schema() -> dict[str, JsonData]:
        """The JSON Schema of what `to_dict` gives, for the OpenAPI document of a host.

        Example:
            >>> SalesflowError.json_schema()["required"][:3]
            ['type', 'title', 'status']
        """
        told: dict[str, JsonData] = {
            name: _field(said, **_FORMS.get(name, {}))
            for name, said in descriptions(Problem).items()
        }
        problem: dict[str, JsonData] = {
            "type": "object",
            "properties": told,
            "required": list(told),
        }
        words = {**_MEMBERS, **descriptions(SalesflowError)}
        members: dict[str, JsonData] = {name: _field(words[name]) for name in _ORDER}
        members["status"] = _field(words["status"], type="integer")
        members["problems"] = _field(words["problems"], type="array", items=problem)
        return {
            "title": "Problem",
            "description": "What is wrong (RFC 9457), with the data of each kind of error beside.",
            "type": "object",
            "properties": members,
            "required": list(members),
        }

    def __str__(self) -> str:
        told = self.message + (f" {self.hint}" if self.hint else "")
        return listed(told, map(str, self.problems), len(self.problems), "  - … and {more} more")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments defeat the default pickling of exceptions.
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _field(said: str, **form: JsonData) -> dict[str, JsonData]:
    """The schema of a member: a text, where `form` says nothing else."""
    return {"description": said, **(form or {"type": "string"})}


def _rebuild(
    cls: type[SalesflowError], args: tuple[object, ...], state: dict[str, object]
) -> SalesflowError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ArgumentError(SalesflowError, ValueError):
    """Something that was given cannot be used.

    It is of the wrong kind, or names what is not there.

    Attributes:
        problem: Which argument it is and what is wrong with it, where it is a single one; else
            `problems` lists them.
    """

    code = "argument"
    status = 422
    problem: Problem | None = None

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The error of one argument: `problem.path` is its name, `message` the rest of a sentence.

        Example:
            >>> ArgumentError.of(Problem("lang", "must be a str, not an int", 'write "en"'))
            ArgumentError('lang must be a str, not an int.')
        """
        hint = f"{problem.hint[:1].upper()}{problem.hint[1:]}." if problem.hint else ""
        error = cls(f"{problem.path} {problem.message}.", hint=hint)
        error.problem = problem
        return error


class RuleError(SalesflowError, ValueError):
    """The text of a rule cannot be accepted.

    `problems` gives each column and what to write instead.
    """

    code = "rule"
    status = 422


class FactError(SalesflowError, ValueError):
    """A fact does not fit, or a rule needs a date and was given none.

    Its value is of the wrong kind, or the playbook does not know it; so with the roles of a team.
    """

    code = "fact"
    status = 422


class MoneyError(SalesflowError, ValueError):
    """An amount or an exchange rate cannot be used."""

    code = "money"
    status = 422


class MissingRate(MoneyError, LookupError):
    """There is no exchange rate for the currency of an amount.

    `data` has `currency`, the one without a rate, and `into`, the one that is asked for. Where its
    rates begin later, it has `day`, the one that is asked for, and `first`, on which they begin.
    """

    code = "missing_rate"


class InvalidPlaybook(SalesflowError, ValueError):
    """The playbook has errors.

    `problems` lists all of them with their paths.
    """

    code = "playbook"
    status = 422


class UnknownName(SalesflowError, LookupError):
    """There is nothing of this name.

    It would be that of a stage, criterion, question, instrument, card or playbook.

    Attributes:
        what: What sort of name it is, for instance `"stage"`.
        name: The name that was asked for; what stood in its place, where that was no text.
        known: The names that exist.
        suggestion: The nearest existing name, or None.
    """

    code = "unknown_name"
    status = 422

    def __init__(self, what: str, name: object, known: Iterable[str]) -> None:
        self.what = what
        self.name: object = name
        self.known = tuple(known)
        self.suggestion = closest(name, self.known)
        if self.suggestion:
            hint = f'Did you mean "{self.suggestion}"?'
        elif self.known:
            listed = ", ".join(self.known[:_SHOWN])
            hint = f"Known: {listed}{', …' if len(self.known) > _SHOWN else ''}."
        else:
            hint = "There are none."
        # A value that is no text may be anything, and its repr as long as it likes.
        quoted = repr(name[:80]) if isinstance(name, str) else f"of type {type(name).__name__}"
        super().__init__(
            f"There is no {what} {quoted}.",
            hint=hint,
            data={
                "what": what,
                "name": shown(name[:80]) if isinstance(name, str) else None,
                "known": list(self.known),
                "suggestion": self.suggestion,
            },
        )


class CommandError(ArgumentError):
    """The command cannot be decided as it was given."""

    code = "command"


class ClockError(CommandError):
    """A time has no zone, or is earlier than what has already happened."""

    code = "clock"


class CommandConflict(CommandError):
    """The id of the command was used before, for something else.

    `data` has the `command_id`.
    """

    code = "command_conflict"
    status = 409


class VersionConflict(CommandError):
    """The deal is not at the version that was expected.

    `data` has the versions, `expected` and `current`; and in `happened`, as far as they are known,
    the events in between: `version`, `kind`, `by`, `at`.
    """

    code = "version_conflict"
    status = 409


class PlaybookMismatch(CommandError):
    """The deal follows another process, or another version of this one.

    `data` has `deal` and `engine`, each with `id`, `version` and `digest`, where both are known.
    """

    code = "playbook_mismatch"
    status = 409


class EventError(SalesflowError, ValueError):
    """Stored events cannot be read or replayed.

    There is a gap, an event of another deal, an unknown version.
    """

    code = "event"


class ScheduleError(SalesflowError, ValueError):
    """A due date cannot be worked out.

    For instance because the work calendar fails, or ends before it.
    """

    code = "schedule"


class FrameError(SalesflowError, ValueError):
    """The data frame cannot be used as it is.

    `problems` lists everything that is wrong.
    """

    code = "frame"
    status = 422


class PluginError(SalesflowError):
    """What a plugin offers cannot be loaded: a playbook, or a checklist.

    The original exception is its `__cause__`.
    """

    code = "plugin"


class PluginConflict(PluginError):
    """The id of a playbook, or the key of a shared checklist, is taken twice.

    Two distributions offer one under it, or it is that of a built-in one.
    """

    code = "plugin_conflict"


_ELSEWHERE: Final = {"MoveBlocked": "salesflow.engine", "PipelineFailed": "salesflow.pipeline"}

if not TYPE_CHECKING:  # a type checker is to be told of a name that does not exist

    def __getattr__(name: str) -> type[SalesflowError]:
        """Exceptions that have moved up to the package that raises them."""
        if name not in _ELSEWHERE:
            raise AttributeError(f"module 'salesflow.errors' has no attribute {name!r}")
        return getattr(import_module(_ELSEWHERE[name]), name)
