"""JSON in and JSON out.

In comes what salesflow's own records validate. Out go its results, cut down to what a client shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, WithJsonSchema
from pydantic_core import PydanticCustomError

import salesflow as sf

__all__ = [
    "AnyCommand",
    "BlockerOut",
    "ErrorOut",
    "HealthOut",
    "NewDeal",
    "ProblemOut",
    "ResultOut",
    "ReviewOut",
]

COMMANDS: Final[Mapping[str, type[sf.Command]]] = {
    command.__name__: command
    for command in (
        sf.Adopt,
        sf.Advance,
        sf.Amend,
        sf.Answer,
        sf.Attest,
        sf.Complete,
        sf.Delegate,
        sf.Disqualify,
        sf.Hold,
        sf.Judge,
        sf.Lose,
        sf.Migrate,
        sf.MoveTo,
        sf.MoveTrack,
        sf.Reopen,
        sf.Retract,
        sf.Request,
        sf.Resume,
        sf.Start,
        sf.Waive,
        sf.Withdraw,
        sf.Win,
    )
}

# ------------------------------------------------------------------------------------------- in


def _check_text(given: object) -> None:
    """JSON can spell half of a surrogate pair, which no database and no answer can hold."""
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("surrogate", "half of a surrogate pair is no text") from error


def _command(given: object) -> sf.Command:
    """The command that `kind` names, of the other keys."""
    if not isinstance(given, Mapping):
        raise PydanticCustomError("command", "a command is a JSON object")
    _check_text(given)
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in COMMANDS:
        raise PydanticCustomError(
            "command_kind", "kind has to be one of {kinds}", {"kinds": ", ".join(COMMANDS)}
        )
    return COMMANDS[kind].model_validate(given)


def _schema(command: type[sf.Command]) -> dict[str, JsonValue]:
    schema = command.model_json_schema()
    schema["required"] = ["kind", *schema["required"]]
    return schema


AnyCommand = Annotated[
    sf.Command,
    BeforeValidator(_command),
    WithJsonSchema({"oneOf": [_schema(command) for command in COMMANDS.values()]}),
]
"""Any command; its `kind` says which: `{"kind": "Attest", "by": "li.wei", "criterion": "…"}`."""


def _new(given: object) -> object:
    if not isinstance(given, Mapping):
        raise PydanticCustomError("deal", "a deal is a JSON object")
    _check_text(given)
    written_by_events = sorted(given.keys() & {"progress", "close_date_pushes"})
    if written_by_events:
        raise PydanticCustomError(
            "written_by_events",
            "{fields} cannot be given; commands write it",
            {"fields": " and ".join(written_by_events)},
        )
    key = given.get("id")
    if isinstance(key, str) and not re.fullmatch(r"[\w-][\w.-]{0,99}", key):
        raise PydanticCustomError(
            "deal_id", "id is part of an address: up to 100 letters, digits, -, _ and ."
        )
    return given


NewDeal = Annotated[sf.Opportunity, BeforeValidator(_new)]
"""A deal of which nothing has happened yet."""

# ------------------------------------------------------------------------------------------ out


class Out(BaseModel):
    """What is sent: read from the attributes of salesflow's results."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class BlockerOut(Out):
    """One reason why not. See `salesflow.Blocker`."""

    code: str
    key: str
    title: sf.Text
    verdict: sf.Verdict
    seen: Mapping[str, object]
    role: str | None
    fix: sf.Text
    any_of: tuple[BlockerOut, ...] = ()
    needed: int = 0
    because: tuple[BlockerOut, ...] = ()


class ProblemOut(Out):
    """One thing that is wrong with a request, and where."""

    path: str
    message: str
    hint: str = ""
    code: str


class ErrorOut(Out):
    """Every answer that is not a success.

    Attributes:
        blockers: Of a refused command (`code` is `"refused"`): every reason, in both languages.
        meanwhile: Of a version conflict: the events since the version that was expected.
    """

    code: str
    message: str
    hint: str = ""
    problems: tuple[ProblemOut, ...] = ()
    blockers: tuple[BlockerOut, ...] = ()
    meanwhile: tuple[sf.Event, ...] = ()


class ResultOut(Out):
    """An accepted command. Given again, it has the same result but for `duplicate`.

    Attributes:
        version: The deal's version after the command.
    """

    accepted: Literal[True] = True
    duplicate: bool
    version: int
    events: tuple[sf.Event, ...]


class NamedOut(Out):
    """Something of the playbook, by key and title."""

    key: str
    title: sf.Text


class CriterionOut(NamedOut):
    """What has to hold."""

    kind: str
    by: str | None
    advisory: bool


class CriterionStatusOut(Out):
    """A criterion, and whether it is met."""

    criterion: CriterionOut
    verdict: sf.Verdict
    blocker: BlockerOut | None


class InstrumentStatusOut(Out):
    """An instrument, whether it is asked for, and whether it is done."""

    instrument: NamedOut
    required: sf.Verdict
    done: bool


class MoveOut(Out):
    """A way on; without a target it is the end."""

    target: NamedOut | None
    allowed: bool


class AskOut(Out):
    """A question worth asking next."""

    question: str
    title: sf.Text
    swing: float
    if_yes: str
    if_no: str


class ScoreOut(Out):
    """A score, from what is certain to what is still possible."""

    low: float
    high: float
    total: float
    verdict: str
    coverage: float
    reasons: tuple[sf.Text, ...]
    ask_next: tuple[AskOut, ...]


class GuidanceOut(Out):
    """Advice for the stage."""

    methods: tuple[sf.Text, ...]
    difficulties: tuple[sf.Text, ...]
    common_problems: tuple[sf.Text, ...]
    tools: tuple[sf.Text, ...]
    coaching_questions: tuple[sf.Text, ...]


class ReviewOut(Out):
    """What a screen shows of a deal. See `salesflow.Review`."""

    stage: NamedOut | None
    sub_stage: NamedOut | None
    criteria: tuple[CriterionStatusOut, ...]
    blockers: tuple[BlockerOut, ...]
    moves: tuple[MoveOut, ...]
    instruments: tuple[InstrumentStatusOut, ...]
    scores: Mapping[str, ScoreOut]
    forecast: float | None
    working_towards: float | None
    duties: Mapping[str, tuple[sf.Text, ...]]
    guidance: GuidanceOut


class HealthOut(Out):
    """The process that this host follows, once the database has answered."""

    playbook: str
    version: str
    digest: str
