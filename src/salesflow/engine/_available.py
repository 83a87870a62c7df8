"""What a person can do to a deal now: every command, and for each what stands in its way."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import PlainSerializer, PlainValidator, computed_field

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow.domain import Progress
from salesflow.engine import commands
from salesflow.engine._any_command import class_called
from salesflow.engine._context import CommandContext
from salesflow.engine._decide import decide
from salesflow.engine._following import check_playbook
from salesflow.engine._gates import ENDED
from salesflow.engine._visits import reached
from salesflow.engine.commands import Command
from salesflow.engine.decision import DealT
from salesflow.engine.hooks import Hook
from salesflow.facts import FORECAST_CATEGORIES
from salesflow.playbook import Playbook
from salesflow.rules import Blocker, BlockerCode

ASKS_FOR: Final[Mapping[BlockerCode, str]] = {
    "why_missing": "note",
    "note_missing": "note",
    "note_against_score": "note",
    "follow_up_missing": "follow_up",
    "evidence_missing": "evidence",
}
"""The field that a blocker asks for, where filling it in is all that is missing."""


_CommandClass = Annotated[
    type,
    PlainValidator(class_called, json_schema_input_type=str),
    PlainSerializer(lambda cls: cls.__name__, return_type=str),
]


class AvailableCommand(Result):
    """One thing that a person may want to do to a deal.

    Attributes:
        by: The person.
        kind: The class of the command.
        fields: Those of its fields that are settled, for instance the stage that a move leads to.
        needs: The names of the fields that the person still has to fill in; `"note"` where a reason
            is asked for, `"follow_up"` where a judgement has to name a follow-up measure,
            `"evidence"` where a yes has to be shown.
        blockers: Why it would be refused, whatever is filled in; empty where it is allowed.
        role: The role that they act in; None: every role that they have in the deal's team.
    """

    by: str
    if TYPE_CHECKING:
        kind: type[Command]
    else:  # FastAPI takes every class that a field names for a schema of its document
        kind: _CommandClass
    fields: Annotated[Mapping[str, str], Frozen]
    needs: tuple[str, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    role: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know it over a property
    @property
    def allowed(self) -> bool:
        """Whether it is accepted once `needs` are filled in."""
        return not self.blockers

    def command(self, **more: object) -> Command:
        """The command, with what it still needs.

        Raises:
            ValidationError: Something that it needs is missing, or does not fit.

        Example:
            >>> wanted = AvailableCommand(
            ...     by="li.wei", kind=commands.MoveTo, fields=FrozenDict(stage="close")
            ... )
            >>> wanted.command(note="The order is in").note
            'The order is in'
        """
        return self.kind.model_validate({"by": self.by, "role": self.role, **self.fields, **more})


def available(
    context: CommandContext, opportunity: DealT, hooks: tuple[Hook, ...]
) -> tuple[AvailableCommand, ...]:
    """See `StageEngine.available`."""
    stamp = context.progress.playbook
    if stamp is not None and stamp.digest != context.playbook.digest:
        # Of a deal of another playbook this one can only say whether it takes it over.
        wanted: Iterable[_Wanted] = (_Wanted(commands.Migrate),)
        if stamp.id != context.playbook.id:
            wanted = (*wanted, *_adoptions(context))
    else:
        check_playbook(context.compiled, opportunity)
        wanted = _wanted(context)
    return tuple(_tried(context, opportunity, item, hooks) for item in wanted)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A command to try.

    Attributes:
        fields: What is settled.
        stands_in: For what the person has to fill in, values with which the command is tried:
            such that nothing but the deal, the playbook and the person decides.
        needs: What the person has to fill in, where that is not what stands in for it.
        or_else: Other values to try where those that stand in are refused: who may not say go yet
            may say kill.
    """

    kind: type[Command]
    fields: Mapping[str, str] = FrozenDict()
    stands_in: Mapping[str, object] = FrozenDict()
    needs: tuple[str, ...] = ()
    or_else: tuple[Mapping[str, object], ...] = ()


def _tried(
    context: CommandContext, opportunity: DealT, wanted: _Wanted, hooks: tuple[Hook, ...]
) -> AvailableCommand:
    needs: tuple[str, ...] = wanted.needs or tuple(wanted.stands_in)
    blockers: tuple[Blocker, ...] = ()
    for values in (wanted.stands_in, *wanted.or_else):
        beside, missing = _filled_in(context, opportunity, wanted, values, hooks)
        if not missing:
            needs += tuple(name for name in beside if name not in needs)
            blockers = ()
            break
        blockers = blockers or missing
    return AvailableCommand(
        by=context.by,
        kind=wanted.kind,
        fields=FrozenDict(wanted.fields),
        needs=() if blockers else needs,
        blockers=blockers,
        role=context.role,
    )


def _filled_in(
    context: CommandContext,
    opportunity: DealT,
    wanted: _Wanted,
    values: Mapping[str, object],
    hooks: tuple[Hook, ...],
) -> tuple[tuple[str, ...], tuple[Blocker, ...]]:
    """What these values need beside, and what is in the way all the same."""
    fields = {"by": context.by, "role": context.role, **wanted.fields, **values}
    more: dict[str, str] = {}
    while True:
        command = wanted.kind.model_validate({**fields, **more})
        blockers = _blockers(context, opportunity, command, hooks)
        asked: set[str] = {ASKS_FOR[it.code] for it in blockers if it.code in ASKS_FOR}
        if asked <= more.keys():
            return tuple(more), blockers
        more.update(dict.fromkeys(sorted(asked), "…"))


def _blockers(
    context: CommandContext, opportunity: DealT, command: Command, hooks: tuple[Hook, ...]
) -> tuple[Blocker, ...]:
    return decide(
        context.compiled,
        opportunity,
        command,
        at=context.at,
        rates=context.rates,
        tz=context.tz,
        hooks=hooks,
        records=context.records,
    ).blockers


def _wanted(context: CommandContext) -> Iterator[_Wanted]:
    """Every command, once for each thing of the playbook that it can be about."""
    playbook, progress = context.playbook, context.progress
    today = context.today.isoformat()
    places = [place.key for place in playbook.positions]
    here = progress.position
    if here is None:
        yield _Wanted(commands.Start)
        yield from _about(commands.Start, "stage", places[1:])
        yield from _adoptions(context)
        return
    yield _Wanted(commands.Advance)
    targets = [*(place for place in places if place != here), ENDED]
    yield from _about(commands.MoveTo, "stage", targets)
    for track in playbook.tracks.values():
        for state in track.states:
            yield _Wanted(commands.MoveTrack, {"track": track.key, "state": state.key})
    been = [place for place in places if reached(progress, playbook, place) is True]
    yield from _about(commands.Reopen, "stage", been)
    criteria = context.compiled.criteria.values()
    attested = [item.key for item in criteria if item.kind == "attested"]
    yield from _about(commands.Attest, "criterion", attested)
    for name, question in playbook.questions.items():
        need = "mark" if question.type == "yes_no" else "value"
        needs = (need,) if question.evidence is None else (need, "evidence")
        yield _Wanted(commands.Answer, {"question": name}, {"mark": "?"}, needs)
    done = [*playbook.instruments, *(cadence.key for cadence in playbook.cadences)]
    yield from _about(commands.Complete, "instrument", dict.fromkeys(done))
    points = [(item.key, role) for item in criteria for role in (*item.roles, *item.consulted)]
    for fields in (
        *({"role": role} for role in playbook.roles),
        *({"point": key, "role": role} for key, role in points),
    ):
        yield _Wanted(commands.Judge, fields, {"verdict": "go"}, or_else=({"verdict": "kill"},))
    asked = [item.key for item in criteria if item.roles]
    yield from _about(commands.Request, "point", asked)
    yield from _about(commands.Delegate, "role", playbook.roles, to="…", until=today)
    yield from _about(commands.CallForecast, "category", FORECAST_CATEGORIES, reason="…")
    waived = [item.key for item in criteria if not item.advisory]
    yield from _about(commands.Waive, "criterion", waived, reason="…")
    yield _Wanted(commands.Hold, stands_in={"resume_when": "…", "review_on": today})
    yield _Wanted(commands.Resume)
    yield _Wanted(commands.Retract, stands_in={"note": "…"})
    yield from _about(commands.Retract, "stage", been, note="…")
    yield from _withdrawing(progress, playbook, done, context.compiled.criteria)
    yield from _ending(commands.Win, playbook, "won")
    yield from _ending(commands.Lose, playbook, "lost")
    yield from _ending(commands.Disqualify, playbook, "disqualified")
    yield _Wanted(commands.Amend, stands_in={"changes": {"next_step": None}})
    yield _Wanted(commands.Migrate)


def _adoptions(context: CommandContext) -> Iterator[_Wanted]:
    """A baseline in each position, from today on."""
    places = [place.key for place in context.playbook.positions]
    return _about(commands.Adopt, "stage", places, entered_on=context.today.isoformat())


def _about(
    kind: type[Command], field: str, names: Iterable[str], **stands_in: object
) -> Iterator[_Wanted]:
    """A command once for each thing that one of its fields can name."""
    return (_Wanted(kind, {field: name}, stands_in) for name in names)


def _withdrawing(
    progress: Progress, playbook: Playbook, done: Container[str], criteria: Container[str]
) -> Iterator[_Wanted]:
    """What is on record; of an earlier version, only what this one still knows."""
    for answer in progress.answers:
        if answer.question in playbook.questions:
            fields = {"question": answer.question, "about": answer.about}
            yield _Wanted(commands.Withdraw, fields)
    completed = [item.instrument for item in progress.completions if item.instrument in done]
    yield from _about(commands.Withdraw, "instrument", completed)
    waived = [item.criterion for item in progress.waivers if item.criterion in criteria]
    yield from _about(commands.Withdraw, "waiver", waived)


def _ending(kind: type[Command], playbook: Playbook, outcome: str) -> Iterator[_Wanted]:
    """An outcome, for each of its reasons; for any where the playbook lists none."""
    reasons = [key for key, item in playbook.reasons.items() if item.outcome == outcome]
    if reasons:
        return _about(kind, "reason", reasons)
    any_reason = FrozenDict() if outcome == "won" else FrozenDict(reason="…")
    return iter([_Wanted(kind, stands_in=any_reason)])
