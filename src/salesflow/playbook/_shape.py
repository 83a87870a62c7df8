"""What a single value of a file may be: how it is read, written and described.

With `_tables` and `_records` a small language for the shape of a file, in which one declaration
reads a table, writes its canonical JSON, gives its JSON Schema and makes a record of it, so that
none of these can drift apart. Reading collects every problem in our own words and goes on; what is
wrong is left out. (A tree of thirty pydantic models would say the same, and cost 30 ms of import.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from salesflow._unseen import UNSEEN_IN_LINES, hidden
from salesflow.errors import Problem, RuleError
from salesflow.facts import BEFORE, Facts
from salesflow.playbook._parts import step
from salesflow.playbook._problem_log import ProblemLog, shown_value
from salesflow.playbook._remedies import NO_FACT, remedy
from salesflow.rules import RESERVED_WORDS, Rule
from salesflow.rules._rule import one_of_many
from salesflow.text import TAG_PATTERN, Text, is_language

if TYPE_CHECKING:
    from salesflow.playbook._tables import Table

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_TEXT: Final = 4_000
_NO_STAGE: Final = re.compile(r'there is no stage "|(?:sub_)?stage is never "')
_NAME: Final = re.compile(r"[a-z][a-z0-9_.]*[a-z0-9_]")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_MAX_KEY: Final = 60


class Shape:
    """What a value may be. Subclasses read, write and describe it."""

    __slots__ = ()
    prose = False
    """Read by people only: no part of the behaviour."""
    as_is = True
    """A record holds its canonical form."""
    holds: frozenset[str] = frozenset()
    """What it is or holds: "rule", "text", "reference", and the kind that a reference is of."""
    nothing_where_empty = False
    """Whether its behaviour is not written where there is none, so that digests stay."""
    refers = ""
    """The kind of what it refers to."""

    @property
    def table(self) -> Table | None:
        """The table that it may be, or that its entries are."""
        return None

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        """The value in canonical form, or None with a problem noted."""
        raise NotImplementedError

    def with_rules(self, value: object, path: str, facts: Facts, log: ProblemLog) -> object:  # noqa: ARG002 - for subclasses
        """The canonical form with rules in the place of their texts; None for a bad rule."""
        return value

    def leaves(self, value: object, path: str, what: str) -> Iterator[tuple[str, str, object]]:  # noqa: ARG002 - for subclasses
        """Every value of the kind `what` in it: its path, what it refers to, and the value."""
        yield path, self.refers, value

    def value(self, value: object) -> object:
        """What a record holds instead of the canonical form."""
        return value

    def write(self, value: object, *, behaviour: bool) -> Json:  # noqa: ARG002 - for subclasses
        """The canonical form as JSON."""
        return value  # type: ignore[return-value]  # what plain shapes read is JSON

    def schema(self) -> dict[str, Json]:
        """This shape as JSON Schema."""
        raise NotImplementedError


class WordsShape(Shape):
    """A string for programs, optionally of a given pattern."""

    __slots__ = ("_limit", "_pattern", "_what", "holds", "refers")

    def __init__(
        self, what: str, pattern: str = r"\S(?:.*\S)?", limit: int = 200, *, refers: str = ""
    ) -> None:
        self._what = what
        self.refers = refers
        self.holds = frozenset({"reference", refers} if refers else ())
        self._pattern = re.compile(pattern)
        self._limit = limit

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, str):
            return log.wrong_type(path, self._what, value)
        if len(value) > self._limit:
            return log.add(path, f"longer than {self._limit} characters", code="too_long")
        if not self._pattern.fullmatch(value) or hidden(value):
            return log.add(path, f"{shown_value(value)} is not {self._what}", code="syntax")
        return value

    def schema(self) -> dict[str, Json]:
        return {
            "type": "string",
            "pattern": f"^(?:{self._pattern.pattern})$",
            "maxLength": self._limit,
        }


class Key(Shape):
    """A name that programs and rules use, or a reference to what has that name."""

    __slots__ = ("_reserved", "holds", "refers")

    def __init__(self, refers: str = "", *, reserved: frozenset[str] = frozenset()) -> None:
        self.refers = refers
        self._reserved = reserved
        self.holds = frozenset({"reference", refers} if refers else ())

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, str):
            return log.wrong_type(path, "a key", value)
        if not _KEY.fullmatch(value) or len(value) > _MAX_KEY:
            near = re.sub(r"[^a-z0-9]+", "_", value[:_MAX_KEY].lower()).strip("_0123456789")
            hint = f"lower-case letters, digits and _, at most {_MAX_KEY}"
            hint += f', for instance "{near}"' if _KEY.fullmatch(near) else ""
            log.add(path, f"{shown_value(value)} is not a key", hint, "key")
        elif value in RESERVED_WORDS:
            log.add(
                path,
                f'"{value}" is a word of the rule language',
                "choose another key",
                "key",
            )
        elif value in self._reserved:
            log.add(path, f'"{value}" is how a deal ends', "choose another key", "key")
        # A bad key still serves to find what refers to it, so that it is reported only once.
        return value[:MAX_TEXT]

    def schema(self) -> dict[str, Json]:
        schema: dict[str, Json] = {
            "type": "string",
            "pattern": f"^{_KEY.pattern}$",
            "maxLength": _MAX_KEY,
        }
        if self.refers:  # what it may be called is said where it is declared
            return schema
        return {**schema, "not": {"enum": [*sorted({*RESERVED_WORDS, *self._reserved})]}}


_TAGS: Final = "write its tag: en, zh, de, pt-BR"
# What is written for the tag of a language: the code of a country, and names of the commonest.
_MISTAKEN: Final = {"cn": "zh", "jp": "ja", "kr": "ko", "chinese": "zh", "english": "en"}


class WordsIn(Shape):
    """A text for people: a table of languages, or a string in the playbook's first language."""

    __slots__ = ()
    prose = True
    holds = frozenset({"text"})

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, str):
            value = {log.lang: value}
        elif not isinstance(value, dict):
            return log.wrong_type(path, 'a text such as { en = "…", zh = "…" }', value)
        words: dict[str, str] = {}
        for lang, said in value.items():
            if not is_language(lang):
                at = f"{path}.{step(lang)}"
                log.add(at, "there is no such language", _TAGS, "language")
            elif not isinstance(said, str):
                log.wrong_type(f"{path}.{lang}", "a text", said)
            elif len(said) > MAX_TEXT:
                log.add(f"{path}.{lang}", f"longer than {MAX_TEXT:,} characters", code="too_long")
            elif what := hidden(said, UNSEEN_IN_LINES):
                log.add(f"{path}.{lang}", what, "leave it out", "syntax")
            elif not (said := said.strip()):
                log.add(f"{path}.{lang}", "the text is empty", "write it or leave it out", "empty")
            else:
                words[lang] = said
        if words:
            return Text(**words)
        if not value:
            log.add(path, "the text is empty", 'write { en = "…" }', "empty")
        return None

    def write(self, value: object, *, behaviour: bool) -> Json:  # noqa: ARG002 - as its base
        return (
            {lang: value.said(lang) for lang in value.languages} if isinstance(value, Text) else {}
        )

    def schema(self) -> dict[str, Json]:
        return {"$ref": "#/$defs/text"}


class RuleText(Shape):
    """A rule. It is read as text, and parsed when all facts of the document are known."""

    __slots__ = ()
    holds = frozenset({"rule"})

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        return value if isinstance(value, str) else log.wrong_type(path, "a rule, a text", value)

    def with_rules(self, value: object, path: str, facts: Facts, log: ProblemLog) -> object:
        try:
            return one_of_many(str(value), facts, log.suggestions)
        except RuleError as error:
            log.pass_over(path)
            for problem in error.problems:
                if not _follows(problem, log):
                    hint = remedy(problem, facts)
                    log.add(path, problem.message, hint, problem.code, column=problem.column)
            if not error.problems:
                log.add(path, error.message, error.hint, "rule")
            return None

    def write(self, value: object, *, behaviour: bool) -> Json:  # noqa: ARG002 - as its base
        return str(value) if isinstance(value, Rule | str) else None

    def schema(self) -> dict[str, Json]:
        return {"$ref": "#/$defs/rule"}


def _follows(problem: Problem, log: ProblemLog) -> bool:
    """Whether a problem of a rule may come of a mistake elsewhere, which is told there."""
    if missing := NO_FACT.match(problem.message):
        return log.may_be_fact(missing[1].removeprefix(BEFORE))
    if _NO_STAGE.match(problem.message):
        return log.may_hide("stage")
    return bool(log.doubtful) and any(
        name.removeprefix(BEFORE) in log.doubtful for name in _NAME.findall(problem.message)
    )


class NumberShape(Shape):
    """A finite number within bounds."""

    __slots__ = ("_above", "_least", "_most", "_whole")

    def __init__(
        self, least: float = 0, most: float = 1e12, *, above: bool = False, whole: bool = False
    ) -> None:
        self._least = least
        self._most = most
        self._above = above
        self._whole = whole

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return log.wrong_type(path, "a number", value)
        if self._whole and not isinstance(value, int) and not value.is_integer():
            return log.wrong_type(path, "a whole number", value)
        enough = value > self._least if self._above else value >= self._least
        if not (enough and value <= self._most):
            low = f"{'more than' if self._above else 'from'} {self._least:,.15g}"
            message = f"this must be {low} to {self._most:,.15g}, not {shown_value(value)}"
            # Where 1 is all there is, whoever writes 20 means 20 %.
            share = value / 100 if self._most == 1 < value <= 100 else None  # noqa: PLR2004
            hint = "" if share is None else f"did you mean {share:g}?"
            return log.add(path, message, hint, code="range")
        # Added to 0.0 because -0.0 is equal to it and would be written otherwise.
        return int(value) if self._whole else 0.0 + value

    def schema(self) -> dict[str, Json]:
        return {
            "type": "integer" if self._whole else "number",
            "exclusiveMinimum" if self._above else "minimum": self._least,
            "maximum": self._most,
        }


class FlagShape(Shape):
    """True or false."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        return value if isinstance(value, bool) else log.wrong_type(path, "true or false", value)

    def schema(self) -> dict[str, Json]:
        return {"type": "boolean"}


class LanguageTag(Shape):
    """The tag of a language."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, str):
            return log.wrong_type(path, "the tag of a language", value)
        if is_language(value):
            return value
        near = _MISTAKEN.get(value.lower(), value.replace("_", "-").lower())
        hint = f'did you mean "{near}"?' if is_language(near) else _TAGS
        return log.add(path, f"{shown_value(value)} is no tag of a language", hint, "language")

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": f"^{TAG_PATTERN}$"}


class Choice(Shape):
    """One of a few words."""

    __slots__ = ("_words",)

    def __init__(self, *words: str) -> None:
        self._words = words

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, str):
            return log.wrong_type(path, " or ".join(f'"{word}"' for word in self._words), value)
        if value not in self._words:
            near = log.suggestions.closest(value, self._words)
            hint = f'did you mean "{near}"?' if near else f"choose one of {', '.join(self._words)}"
            return log.add(
                path, f"{shown_value(value)} is not one of the possible words", hint, "choice"
            )
        return value

    def schema(self) -> dict[str, Json]:
        return {"enum": list(self._words)}
