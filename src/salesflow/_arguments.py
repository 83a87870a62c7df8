"""What callers pass, read in one place: one mistake has one error and one wording everywhere.

Each reader returns the argument in the form that the library works with, or raises. `Arguments`
collects what several readers have to say, so that a caller is told of everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, tzinfo
from typing import Any, Concatenate, Final, Never, ParamSpec, TypeVar, cast

from salesflow._wording import with_article
from salesflow.errors import ArgumentError, ClockError, FactError, Problem, UnknownName
from salesflow.text import LANGUAGES, Language, is_language

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
P = ParamSpec("P")

_LONGEST_LABEL: Final = 200
_DAY_HINT: Final = "pass a date, or a datetime with tzinfo="
_MOMENT_HINT: Final = "for instance datetime(2026, 1, 31, 9, 0, tzinfo=UTC)"
_ZONE_HINT: Final = 'for instance tz="Asia/Shanghai"'
A_PLAYBOOK: Final = 'load one with load_playbook("…") or Playbook.from_file("…")'
"""How to come by a playbook, wherever one is an argument."""

_NOT_ITERATED: Final = (str, bytes, Mapping)  # they give letters or keys, not a list of things


def describe(value: object) -> str:
    """What sort of thing a value is, with its article.

    Example:
        >>> describe(3), describe("a"), describe(None), describe(int)
        ('an int', 'a str', 'None', 'the class int')
    """
    if value is None:
        return "None"
    return (
        f"the class {value.__name__}"
        if isinstance(value, type)
        else with_article(type(value).__name__)
    )


def refuse(name: str, wanted: str, given: object, hint: str = "") -> Never:
    """Raise ArgumentError: `name` must be `wanted`, which `given` is not."""
    raise ArgumentError.of(Problem(name, f"must be {wanted}, not {describe(given)}", hint, "kind"))


def instance(given: object, wanted: type[T], name: str, hint: str = "") -> T:
    """The argument itself, if it is an instance of the wanted class.

    Args:
        given: The argument.
        wanted: The class that it should be of.
        name: The name of the argument.
        hint: How to come by one, as a clause: "load one with load_playbook(…)".

    Raises:
        ArgumentError: It is an instance of another class.

    Example:
        >>> instance({}, dict, "known")
        {}
        >>> instance(None, dict, "known")
        Traceback (most recent call last):
        salesflow.errors.ArgumentError: known must be a dict, not None.
    """
    if isinstance(given, wanted):
        return given
    refuse(name, with_article(wanted.__name__), given, hint)


def several(given: Iterable[T], wanted: type[T], name: str, hint: str = "") -> tuple[T, ...]:
    """All items of a list, where a single one is easily taken for a list of its parts.

    Args:
        given: The items.
        wanted: The class that each of them should be of.
        name: The name of the argument.
        hint: How the argument is written, as a clause: `write names=["Zhang"]`.

    Raises:
        ArgumentError: It is one item, or no list at all, or some items are of another class;
            `problems` lists them.

    Example:
        >>> several(["Zhang", "Liu"], str, "decision_makers")
        ('Zhang', 'Liu')
    """
    # A record iterates over its fields.
    listed: object = given
    if isinstance(listed, (*_NOT_ITERATED, wanted)) or not isinstance(listed, Iterable):
        refuse(name, f"a list of {wanted.__name__}", given, hint)
    items: tuple[object, ...] = tuple(listed)
    article = with_article(wanted.__name__)
    problems = [
        Problem(f"{name}[{at}]", f"must be {article}, not {describe(item)}", code="kind")
        for at, item in enumerate(items)
        if not isinstance(item, wanted)
    ]
    if problems:
        message = f"Every item of {name} must be {article}."
        raise ArgumentError(message, hint=hint, problems=problems)
    return cast("tuple[T, ...]", items)


def mapping(
    given: Mapping[K, V] | None, name: str, hint: str = "write {…: …}", *, required: bool = False
) -> Mapping[K, V]:
    """The mapping, an empty one for None unless `required`; raises ArgumentError otherwise."""
    if given is None and not required:
        return {}
    if isinstance(given, Mapping):
        return given
    refuse(name, "a mapping", given, hint)


def whole_number(given: object, name: str, *, least: int | None = None) -> int:
    """A whole number, from `least` on; raises ArgumentError for anything else, True and False too.

    Example:
        >>> whole_number(-1, "days", least=0)
        Traceback (most recent call last):
        salesflow.errors.ArgumentError: days must be a whole number from 0, not a smaller one.
    """
    wanted = "a whole number" if least is None else f"a whole number from {least}"
    if isinstance(given, bool) or not isinstance(given, int):
        refuse(name, wanted, given)
    if least is not None and given < least:
        raise ArgumentError.of(Problem(name, f"must be {wanted}, not a smaller one", code="kind"))
    return given


def label(given: object, name: str, what: str) -> str:
    """A person's name, a key: 1 to 200 characters without the space around them.

    Args:
        given: The argument.
        name: The name of the argument.
        what: What it names, with its article: "a person".

    Raises:
        ArgumentError: It is no text, or blank, or too long, or has characters that no text has.

    Example:
        >>> label(" li.wei ", "by", "a person")
        'li.wei'
    """
    words = instance(given, str, name).strip()
    written = words.encode("utf-8", "ignore").decode()  # half of a surrogate pair is no text
    if not 0 < len(words) <= _LONGEST_LABEL or written != words:
        wanted = f"must name {what} in 1 to {_LONGEST_LABEL} characters"
        raise ArgumentError.of(Problem(name, wanted, code="label"))
    return words


def option(given: object, allowed: Iterable[str], name: str) -> str:
    """One of a few words; raises ArgumentError for anything else."""
    words = tuple(allowed)
    if isinstance(given, str) and given in words:
        return given
    wanted = " or ".join(f'"{word}"' for word in words)
    shown = repr(given[:80]) if isinstance(given, str) else describe(given)
    raise ArgumentError.of(Problem(name, f"must be {wanted}, not {shown}", code="choice"))


def number_to(given: object, most: int, name: str, hint: str = "") -> int:
    """A whole number from 1 to `most`; raises ArgumentError for anything else.

    Example:
        >>> number_to(3, 10, "top")
        3
    """
    if type(given) is int and 1 <= given <= most:
        return given
    shown = f"{given!r:.40}" if isinstance(given, int | float) else describe(given)
    raise ArgumentError.of(Problem(name, f"must be between 1 and {most:,}, not {shown}", hint))


def moment(given: object, name: str) -> datetime:
    """A moment in UTC; raises ClockError where it has no zone, or is outside the years."""
    if not isinstance(given, datetime) or given.utcoffset() is None:
        shown = "one without" if isinstance(given, datetime) else describe(given)
        raise _clock(name, f"must be a datetime with a zone, not {shown}", _MOMENT_HINT)
    if not MINYEAR < given.year < MAXYEAR:  # in some zones such a moment has no date
        raise _clock(name, f"is outside the supported years 2-9998: {given.isoformat()}", "")
    return given.astimezone(UTC)


def day(given: object, name: str, tz: tzinfo | None = None) -> date:
    """A calendar day; that of a moment is its day in `tz`, or in its own zone where `tz` is None.

    Raises:
        ArgumentError: It is neither a day nor a moment.
        ClockError: It is a moment without a zone: which day it means depends on where it was
            written down.
    """
    if type(given) is date:
        return given
    if not isinstance(given, date):
        refuse(name, "a day", given, _DAY_HINT)
    if not isinstance(given, datetime):
        return date(given.year, given.month, given.day)
    if given.utcoffset() is None:
        raise _clock(name, "must have a zone where it is a datetime", _DAY_HINT)
    return (moment(given, name).astimezone(tz) if tz else given).date()


def zone(tz: object) -> tzinfo:
    """The time zone of a name such as `Asia/Shanghai`; raises ArgumentError where there is none."""
    if tz == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most callers never need the zone database

    try:
        return ZoneInfo(tz)  # type: ignore[arg-type]  # whatever a caller gave
    except (KeyError, ValueError, TypeError, AttributeError, OSError):
        shown = repr(tz[:80]) if isinstance(tz, str) else describe(tz)
        message = f"must name a time zone, not {shown}"
        raise ArgumentError.of(Problem("tz", message, _ZONE_HINT, "zone")) from None


def language(lang: object) -> Language:
    """The tag of a language; raises UnknownName for what is none."""
    if isinstance(lang, str) and is_language(lang):
        return lang
    raise UnknownName("language", lang, LANGUAGES)


def refuse_answers(problems: Sequence[Problem], unknown: UnknownName | None) -> None:
    """Raise what is wrong with answers to questions, if anything is.

    Args:
        problems: All that is wrong.
        unknown: What is raised where the only thing wrong is a name that there is not.

    Raises:
        UnknownName: One name is unknown, and nothing else is wrong.
        FactError: There are other problems; it lists all of them.
    """
    if unknown is not None and len(problems) == 1:
        raise unknown
    if problems:
        raise FactError("Some answers do not fit.", problems=problems)


class Arguments:
    """Reads the arguments of one call and keeps what is wrong with each.

    Example:
        >>> given = Arguments()
        >>> given.read(zone, "Mars"), given.read(instance, 3, dict, "values")
        (None, None)
        >>> given.refuse("The pipeline cannot be checked.")
        Traceback (most recent call last):
        salesflow.errors.ArgumentError: The pipeline cannot be checked.
          - tz: must name a time zone, not 'Mars'; for instance tz="Asia/Shanghai"
          - values: must be a dict, not an int
    """

    def __init__(self) -> None:
        self.problems = list[Problem]()

    def read(
        self,
        reader: Callable[Concatenate[Any, P], T],
        given: object,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """What `reader` makes of an argument; None where it has something to say."""
        try:
            return reader(given, *args, **kwargs)
        except ArgumentError as error:
            self.problems += error.problems or ([error.problem] if error.problem else [])
            return None

    def refuse(self, message: str) -> None:
        """Raise ArgumentError with every problem, once each, if there is any.

        Raises:
            ClockError: All that is wrong is wrong with moments.
        """
        if self.problems:
            clock = all(problem.code == "clock" for problem in self.problems)
            problems = list(dict.fromkeys(self.problems))
            raise (ClockError if clock else ArgumentError)(message, problems=problems)


def _clock(name: str, message: str, hint: str) -> ClockError:
    return ClockError.of(Problem(name, message, hint, "clock"))
