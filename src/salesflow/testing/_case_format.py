"""The shape of a file of cases: one declaration per key reads it, checks it and gives its schema.

`docs/case-format.md` explains it in prose. A file may come from a stranger: it is bounded before it
is parsed, a record is read by a table of names, and nothing in it is ever imported or evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache, partial
from typing import Any, Final

from salesflow.domain import Opportunity
from salesflow.domain.deal.opportunity import AMENDABLE
from salesflow.engine import Adopt, Command
from salesflow.engine._any_command import BY_KIND
from salesflow.errors import closest
from salesflow.facts import TIERS
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
from salesflow.testing._case_values import (
    Amount,
    AnyValue,
    ByName,
    OneOrMore,
    RateTable,
    note_faults,
    number_and_currency,
    on_day,
)
from salesflow.testing._course import FIRST_DAY, OWNER

_MOST_CASES: Final = 1_000
_MOST_STEPS: Final = 200
_MOST_RECORDS: Final = 500
_MOST_DAYS: Final = 3_650
_NAME: Final = WordsShape("a name", limit=200)
_NAMES: Final = List(_NAME)


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
        note_faults(log, path, lambda: Opportunity.model_validate({**BLANK, **fields}))
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
        "amount": Field(Amount(), 'Its expected value, such as "120000 USD".'),
        "tier": Field(Choice(*TIERS), "The tier of its account."),
        "rates": Field(RateTable(), "What one unit of a currency is worth in the playbook's."),
        "records": Field(_NAMES, "The names of the records that it has from the beginning."),
        **{name: Field(AnyValue(), f"As the field {name} of an Opportunity.") for name in OF_DEAL},
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
            OneOrMore(_NAME, 100),
            "Exactly the instruments that the size policy certainly asks for.",
        ),
        "due": Field(OneOrMore(_NAME, 100), "Exactly the cadences whose duties are listed."),
        "cycle": Field(BOUND, "The last selling-cycle number that was reached."),
        "score": Field(OneOrMore(_SCORE, 50), "What scorecards come to."),
        "facts": Field(ByName("a table of facts"), "Facts and their values."),
    },
)

_TO: Final = Field(_NAME, "The stage or sub-stage where the deal must be afterwards.")
_REFUSED: Final = Field(
    OneOrMore(_NAME, 100), "It must be refused, with exactly these keys of blockers."
)
_OWN: Final[Mapping[str, Mapping[str, Field]]] = {
    "satisfy": {},
    "answer_all": {
        "checklist": Field(KEY, "Key of the checklist.", required=True),
        "mark": Field(Choice("+", "-", "?", "n/a"), "The answer to each of its questions."),
        "value": Field(AnyValue(), "The answer to each, where they take a value."),
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
_GIVEN: Final = frozenset({"by", "entered_on"})
"""Fields that a command needs and a step can leave out."""


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
            field: Field(AnyValue(), required=info.is_required() and field not in _GIVEN)
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
        number, currency = number_and_currency(text)  # as the deal of the case says it
        if currency:
            given["changes"] = {**changes, "amount": {"amount": number, "currency": currency}}
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
            note_faults(log, path, lambda: command_of(step, FIRST_DAY))
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
                note_faults(log, at, partial(record_of, fields, FIRST_DAY), "records[0]")
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
