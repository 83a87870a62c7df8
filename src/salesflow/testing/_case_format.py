"""The shape of a file of cases: one declaration per key reads it, checks it and gives its schema.

`docs/case-format.md` explains it in prose. A file may come from a stranger: it is bounded before it
is parsed, a record is read by a table of names, and nothing in it is ever imported or evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache, partial
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from salesflow.domain import Opportunity
from salesflow.domain._base.invalid_input import InvalidInput
from salesflow.domain.deal.opportunity import AMENDABLE
from salesflow.engine import Adopt, Command
from salesflow.engine._any_command import BY_KIND
from salesflow.errors import closest
from salesflow.facts import TIERS
from salesflow.money import CURRENCIES, Money, Rates
from salesflow.playbook._model_process import KEY
from salesflow.playbook._parts import RawTable
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._questions import BOUND
from salesflow.playbook._shape import (
    MAX_TEXT,
    Choice,
    FlagShape,
    Json,
    NumberShape,
    Shape,
    WordsShape,
)
from salesflow.playbook._tables import Field, List, Table
from salesflow.testing._course import FIRST_DAY, OWNER

_MOST_CASES: Final = 1_000
_MOST_STEPS: Final = 200
_MOST_RECORDS: Final = 500
_MOST_DAYS: Final = 3_650
_RELATIVE: Final = re.compile(r"today(?:\s*([+-])\s*(\d{1,4}))?")
_NAME: Final = WordsShape("a name", limit=200)
_NAMES: Final = List(_NAME)


def on_day(value: object, today: date) -> Any:  # noqa: ANN401 - JSON, with days in it
    """The value, in which `today`, `today + 30` and `today - 7` have become days."""
    if isinstance(value, str):
        found = _RELATIVE.fullmatch(value)
        if found is None:
            return value
        sign, days = found.groups()
        return (today + timedelta(days=int(f"{sign or ''}{days or 0}"))).isoformat()
    if isinstance(value, Mapping):
        return {name: on_day(item, today) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [on_day(item, today) for item in value]
    return value


def _checked(log: ProblemLog, path: str, make: Callable[[], object], inside: str = "") -> None:
    """Note what a record or a command has to say against its fields.

    Args:
        log: Where problems are noted.
        path: Where the fields are in the file.
        make: Makes the record.
        inside: Where they are in what is made.
    """
    try:
        make()
    except ValidationError as error:
        for problem in InvalidInput.of(error).problems:
            at = problem.path.removeprefix(inside).lstrip(".")
            log.add(f"{path}.{at}" if at else path, problem.message, problem.hint, problem.code)


class _Any(Shape):
    """Any value that a file can have; who gets it checks it."""

    __slots__ = ("_schema",)

    def __init__(self, schema: Mapping[str, Json] = MappingProxyType({})) -> None:
        self._schema = dict(schema)

    def read(self, value: object, path: str, log: ProblemLog) -> object:  # noqa: ARG002 - as its base
        return value

    def schema(self) -> dict[str, Json]:
        return dict(self._schema)


class _Amount(Shape):
    """An amount with its currency, as one text."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        hint = 'for instance "120000 USD"'
        if not isinstance(value, str):
            return log.wrong_type(path, f"an amount with its currency, {hint}", value)
        number, _, currency = value.strip().partition(" ")
        if not currency:
            return log.add(path, f'"{value[:40]}" has no currency', hint, "money")
        try:
            return Money(number, currency.strip())
        except ValidationError as error:
            return log.add(path, InvalidInput.of(error).problems[0].message, hint, "money")

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": r"^\S+ +[A-Z]{3}$"}


class _Rates(Shape):
    """What one unit of a currency is worth in that of the playbook."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, 'a table such as { EUR = "1.10" }', value)
        base = next((code for code in CURRENCIES if code not in value), "USD")
        _checked(log, path, lambda: Rates(base=base, rates=value), "rates")
        return value

    def schema(self) -> dict[str, Json]:
        return {"type": "object", "additionalProperties": {"type": ["string", "number"]}}


class _Listed(Shape):
    """A list, or its one entry without brackets; canonical form is a tuple, if it is given."""

    __slots__ = ("_item", "_list")

    def __init__(self, item: Shape, most: int) -> None:
        self._item = item
        self._list = List(item, most)

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, list):
            return self._list.read(value, path, log)
        item = self._item.read(value, path, log)
        return None if item is None else (item,)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [self._item.schema(), self._list.schema()]}


class _Named(Shape):
    """Values by name; canonical form is the mapping itself."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        return value if isinstance(value, dict) else log.wrong_type(path, self._what, value)

    def schema(self) -> dict[str, Json]:
        return {"type": "object"}


OF_DEAL: Final = tuple(sorted(AMENDABLE - {"amount"}))
"""The fields of an Opportunity that the deal of a case can have as they are."""


class _Deal(Table):
    """The deal of a case; beside keys of its own it has the fields of an Opportunity."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> RawTable | None:
        table = super().read(value, path, log)
        if table is None:
            return None
        if table["tier"] is not None and table["account"] is not None:
            hint = "write account = { name = …, tier = … }"
            log.add(f"{path}.tier", "the account says its tier itself", hint, "conflict")
        given = {name: table[name] for name in OF_DEAL if table[name] is not None}
        fields = on_day(given, FIRST_DAY)
        _checked(log, path, lambda: Opportunity.model_validate({**BLANK, **fields}))
        return table


BLANK: Final[Mapping[str, Any]] = {
    "id": "D-1",
    "name": "A deal",
    "owner": OWNER,
    "account": {"name": "Acme"},
}
"""A deal of which a case says nothing."""

_DEAL: Final = _Deal(
    "a deal",
    {
        "amount": Field(_Amount(), 'Its expected value, such as "120000 USD".'),
        "tier": Field(Choice(*TIERS), "The tier of its account."),
        "rates": Field(_Rates(), "What one unit of a currency is worth in the playbook's."),
        "records": Field(_NAMES, "The names of the records that it has from the beginning."),
        **{name: Field(_Any(), f"As the field {name} of an Opportunity.") for name in OF_DEAL},
    },
)

_SCORE: Final = Table(
    "a score",
    {
        "card": Field(KEY, "Key of the scorecard.", required=True),
        "about": Field(_NAME, 'Whom it is about: "us", or a competitor.', default="us"),
        "verdict": Field(_NAME, 'The band that is certain, or "undecided".'),
        "low": Field(BOUND, "The points that are certain."),
        "high": Field(BOUND, "The points that are possible."),
        "unknown": Field(NumberShape(0, 1_000, whole=True), "How many answers are not known."),
        "ask_next": Field(_NAME, "The first question to ask."),
    },
)

_EXPECT: Final = Table(
    "an expectation",
    {
        "stage": Field(_NAME, "The stage where the deal stands."),
        "sub_stage": Field(_NAME, "The sub-stage where it stands."),
        "outcome": Field(Choice("none", "won", "lost", "disqualified")),
        "ended": Field(FlagShape(), "Whether it has ended."),
        "on_hold": Field(FlagShape(), "Whether it is on hold."),
        "instruments": Field(
            _Listed(_NAME, 100), "Exactly the instruments that the size policy certainly asks for."
        ),
        "due": Field(_Listed(_NAME, 100), "Exactly the cadences whose duties are listed."),
        "forecast": Field(BOUND, "The last selling-cycle number that was reached."),
        "score": Field(_Listed(_SCORE, 50), "What scorecards come to."),
        "facts": Field(_Named("a table of facts"), "Facts and their values."),
    },
)

_TO: Final = Field(_NAME, "The stage or sub-stage where the deal must be afterwards.")
_REFUSED: Final = Field(
    _Listed(_NAME, 100), "It must be refused, with exactly these keys of blockers."
)
_OWN: Final[Mapping[str, Mapping[str, Field]]] = {
    "satisfy": {},
    "answer_all": {
        "checklist": Field(KEY, "Key of the checklist.", required=True),
        "mark": Field(Choice("+", "-", "?", "n/a"), "The answer to each of its questions."),
        "value": Field(_Any(), "The answer to each, where they take a value."),
        "about": Field(_NAME, 'Whom it is about: "us", or a competitor.'),
    },
    "record": {
        "records": Field(_NAMES, "The names of the records that the deal gets.", required=True),
        "instead_of": Field(_NAMES, "The names of those that go."),
    },
    "wait": {"days": Field(NumberShape(1, _MOST_DAYS, whole=True), required=True)},
}
"""What a step may do beside giving one command, and what each says."""

_NO_FIELDS: Final = frozenset({"kind", "command_id", "expected_version", "occurred_at"})
"""Fields of commands that are about how a host sends them."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


COMMANDS: Final[Mapping[str, type[Command]]] = {_snake(kind): cls for kind, cls in BY_KIND.items()}
"""Every command by the word for it in a step."""


@cache
def _steps() -> Mapping[str, Table]:
    """What each kind of step may say."""
    do = Field(Choice(*COMMANDS, *_OWN), "What is done.", required=True)
    found = {name: Table(f"a step {name}", {"do": do, **fields}) for name, fields in _OWN.items()}
    for name, kind in COMMANDS.items():
        fields = {
            field: Field(_Any(), required=info.is_required() and field not in ("by", "entered_on"))
            for field, info in kind.model_fields.items()
            if field not in _NO_FIELDS
        }
        found[name] = Table(f"a step {name}", {"do": do, **fields, "to": _TO, "refused": _REFUSED})
    return found


def command_of(step: RawTable, today: date, by: str = OWNER) -> Command:
    """The command of a step.

    Raises:
        ValidationError: Its fields do not fit.
    """
    kind = COMMANDS[str(step["do"])]
    given = {name: step[name] for name in kind.model_fields if step.get(name) is not None}
    changes = given.get("changes")
    if isinstance(changes, dict) and isinstance(text := changes.get("amount"), str):
        number, _, currency = text.strip().partition(" ")  # as the deal of the case says it
        if currency:
            amount = {"amount": number, "currency": currency.strip()}
            given["changes"] = {**changes, "amount": amount}
    base: dict[str, object] = {"by": by}
    if kind is Adopt:
        base["entered_on"] = FIRST_DAY
    return kind.model_validate(base | on_day(given, today))


class _Step(Shape):
    """One thing that happens to the deal; what it may say depends on what it does."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, 'a table such as { do = "advance" }', value)
        do = value.get("do")
        table = _steps().get(do) if isinstance(do, str) else None
        if table is None:
            shown = f'"{do[:40]}"' if isinstance(do, str) else "this"
            near = closest(do, _steps())
            hint = f'did you mean "{near}"?' if near else f"known: {', '.join(_steps())}"
            message = "a step says what it does" if do is None else f"there is no step {shown}"
            return log.add(f"{path}.do", message, hint, "choice")
        step = table.read(value, path, log)
        if step is not None and do in COMMANDS and not log.told(path):
            _checked(log, path, lambda: command_of(step, FIRST_DAY))
        return step

    def schema(self) -> dict[str, Json]:
        forms: list[Json] = []
        for name, table in _steps().items():
            schema = table.schema()
            schema["properties"] = {**schema["properties"], "do": {"const": name}}  # type: ignore[dict-item]  # it is a dict
            forms.append(schema)
        return {"oneOf": forms}


class _Records(Shape):
    """Records by name; canonical form has those that are `like` another filled up."""

    __slots__ = ()

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if not isinstance(value, dict):
            return log.wrong_type(path, "tables of records, each [records.<name>]", value)
        if len(value) > _MOST_RECORDS:
            return log.add(path, f"more than {_MOST_RECORDS} records", "", "too_many")
        whole: dict[str, Mapping[str, object]] = {}
        for name in value:
            at = f"{path}.{name[:80]}"
            if not isinstance(value[name], dict):
                log.wrong_type(at, 'a record such as { record = "Contract", … }', value[name])
                continue
            fields = self._filled(value, name, path, log)
            if fields is None:
                continue
            if "record" not in fields:
                log.add(
                    at, "nothing says of what class it is", 'add record = "Contract"', "missing"
                )
                continue
            if not log.told(at):
                _checked(log, at, partial(record_of, fields, FIRST_DAY), "records[0]")
            whole[name] = fields
        return whole

    @staticmethod
    def _filled(
        tables: Mapping[str, Any], name: str, path: str, log: ProblemLog
    ) -> Mapping[str, object] | None:
        """The fields of a record, with those of what it is like; a loop, for chains may be long."""
        chain = [name]
        while (like := tables[chain[-1]].get("like")) is not None:
            at = f"{path}.{chain[-1][:80]}.like"
            if not isinstance(like, str) or not isinstance(tables.get(like), dict):
                if chain[-1] == name:
                    log.unknown(at, "record", str(like), tables)
                return None
            if like in chain:
                log.add(at, "it is like itself", "give its fields", "circle")
                return None
            chain.append(like)
        found: dict[str, object] = {}
        for link in reversed(chain):
            found |= tables[link]
        found.pop("like", None)
        return found

    def schema(self) -> dict[str, Json]:
        record: dict[str, Json] = {
            "type": "object",
            "properties": {
                "record": {"type": "string", "description": "The name of its class."},
                "like": {
                    "type": "string",
                    "description": "Another record, whose fields it has where it gives none.",
                },
            },
            "anyOf": [{"required": ["record"]}, {"required": ["like"]}],
        }
        return {"type": "object", "additionalProperties": record, "maxProperties": _MOST_RECORDS}


def record_of(fields: Mapping[str, object], today: date) -> Any:  # noqa: ANN401 - any record
    """The record of these fields, as it is on a day.

    Raises:
        ValidationError: The fields make no record of that class.
    """
    deal = Opportunity.model_validate({**BLANK, "records": [on_day(fields, today)]})
    return deal.records[0]


_CASE: Final = Table(
    "a case",
    {
        "say": Field(WordsShape("a sentence", limit=MAX_TEXT), "What it shows.", required=True),
        "deal": Field(_DEAL, "The deal as it is at the beginning."),
        "steps": Field(List(_Step(), _MOST_STEPS), "What happens to it, in order."),
        "expect": Field(_EXPECT, "How it stands afterwards."),
    },
)

FILE: Final = Table(
    "a file of cases",
    {
        "cases": Field(List(_CASE, _MOST_CASES, least=1, unique="say"), required=True),
        "satisfy_with": Field(_NAMES, "The names of the records that `satisfy` may bring."),
        "records": Field(_Records(), "Records by name."),
    },
)


def json_schema() -> dict[str, Json]:
    """The shape of a file of cases as JSON Schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "salesflow cases",
        **FILE.schema(),
    }
