"""From the tables of a file to everything that a playbook holds.

Records take from their tables what they have in common; here is only what has to be worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, Protocol, TypeVar

from salesflow._frozen import FrozenDict
from salesflow.facts import FACT_TITLES, NOT_APPLICABLE, FactKind, Facts, ForecastCategory
from salesflow.playbook import _model_assets as assets
from salesflow.playbook import _model_cadences as cadences
from salesflow.playbook import _model_policy as policies
from salesflow.playbook import _model_process as process
from salesflow.playbook import _model_tracks as tracking
from salesflow.playbook._cards import Range, range_of
from salesflow.playbook._catalogue import fact_titles
from salesflow.playbook._document import implicit
from salesflow.playbook._forecast import forecast_categories
from salesflow.playbook._load import read_and_load, require
from salesflow.playbook._model_migration import MIGRATION
from salesflow.playbook._model_variant import EXTENDS
from salesflow.playbook._moves import edges, final_positions, loops, ways_back
from salesflow.playbook._parts import RawTable, exits, facts_of_records, questions_of, title_of
from salesflow.playbook._read import FileFormat
from salesflow.playbook._records import RecordShape
from salesflow.playbook._sizing import Sizing, approvals, completing
from salesflow.rules import Rule
from salesflow.rules.ast import And, Compare, Flag, Name, Not, Number, Or
from salesflow.text import Text, both, filled

T = TypeVar("T")


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


def compiled(
    text: str,
    format: FileFormat,  # noqa: A002 - the public name
    file: Path | None = None,
) -> dict[str, object]:
    """The attributes of a playbook by name; raises InvalidPlaybook with every error."""
    loaded = read_and_load(text, format, file)
    document, facts = require(loaded), loaded.facts
    titles = dict(fact_titles(document))
    checklists = _by_key(
        assets.CHECKLIST.make(part, title=_title(part)) for part in document.tables("checklists")
    )
    questions = {
        f"{checklist.key}.{question.key}": question
        for checklist in checklists.values()
        for question in checklist.questions
    }
    instruments = _by_key(
        replace(item, check_rule=completing(item, checklists, facts))
        for item in _declared(document, "instruments", assets.INSTRUMENT, assets.Instrument)
    )
    size_policy = tuple(map(assets.SIZE_ROW.make, document.tables("size_policy")))
    applies = {key: item.when.node for key, item in instruments.items() if item.when}
    rows = [(row.when.node, row.instruments) for row in size_policy]
    sizing = Sizing(instruments, rows, applies)
    stated, limits = document.table("policy"), document.table("hygiene")
    policy = policies.Policy() if stated is None else policies.POLICY.make(stated)
    approvals = _by_key(map(policies.APPROVAL_POLICY.make, document.tables("approvals")))
    criteria = _Criteria(sizing, facts, policy.waive, approvals)
    final = final_positions(document)
    categories = forecast_categories(document)
    stages = tuple(_stage(part, criteria, final, categories) for part in document.tables("stages"))
    positions = tuple(_positions(stages, final, policy.back))
    back = ways_back(document)
    moves = tuple(_move(*edge, criteria, back=edge[:2] in back) for edge in edges(document))
    new_deals = tuple(_move(*loop, criteria, back=False) for loop in loops(document))
    tracks = [_track(part, criteria) for part in document.tables("tracks")]
    beside = [item for track in tracks for state in track.states for item in state.entry]
    placed = list(_placed(positions, (*moves, *new_deals)))
    plain = ("id", "version", "title", "summary", "source", "languages", "currency")
    return {
        **{name: document[name] for name in (*plain, "owner_role", "aims", "avoid", "readings")},
        "roles": _by_key(_declared(document, "roles", process.ROLE, process.Role)),
        "facts": facts,
        "use_records": document.names("use_records"),
        "fact_titles": FrozenDict(
            {
                **FACT_TITLES,
                **{name: fact.title for name, fact in facts_of_records(document).items()},
                **titles,
                **dict(_track_titles(document)),
            }
        ),
        "stages": stages,
        "positions": positions,
        "moves": moves,
        "loops": new_deals,
        "policy": policy,
        "approvals": approvals,
        "tracks": _by_key(tracks),
        "criteria": _by_key([*(criterion for criterion, _ in placed), *beside]),
        "stage_of": FrozenDict({criterion.key: stage for criterion, stage in placed}),
        "migrations": tuple(map(MIGRATION.make, document.tables("migrations"))),
        "checklists": checklists,
        "questions": FrozenDict(questions),
        "scorecards": _by_key(_scorecards(document, checklists.values(), titles, facts)),
        "instruments": instruments,
        "size_policy": size_policy,
        "required_instruments": _required(sizing, facts),
        "cadences": tuple(map(_cadence, document.tables("cadences"))),
        "reasons": _by_key(map(assets.REASON.make, document.tables("reasons"))),
        "hygiene": assets.Hygiene() if limits is None else assets.HYGIENE.make(limits),
        "extends": EXTENDS.value(document["extends"]),
        "_variant": loaded.variant,
        "_document": document,
        "_by_position": _by_key(positions),
        "_stage_by_key": _by_key(stages),
        "_moves_from": _by_source(positions, moves),
    }


def _by_key(items: Iterable[K]) -> Mapping[str, K]:
    return FrozenDict({item.key: item for item in items})


def _title(part: RawTable) -> Text:
    return part.text("title") or title_of(part.key)


def _declared(
    document: RawTable,
    name: Literal["roles", "instruments"],
    shape: RecordShape[T],
    record: Callable[..., T],
) -> Iterator[T]:
    """What a list declares, or what is named elsewhere where it declares nothing."""
    yield from map(shape.make, document.tables(name))
    for key in implicit(document, name):
        yield record(key=key, title=title_of(key))


def _scorecards(
    document: RawTable,
    checklists: Iterable[assets.Checklist],
    titles: Mapping[str, Text],
    facts: Facts,
) -> Iterator[assets.Scorecard]:
    """Scorecards; an item without a title has that of the question it asks for."""
    asked = questions_of(document)
    sections = {
        f"{checklist.key}.{question.key}": section
        for checklist in checklists
        for section in checklist.sections
        for question in checklist.questions
        if question.section == section.key
    }

    def item(part: RawTable) -> assets.ScoreItem:
        least, most, _ = range_of(part, asked) or Range(0.0, 1.0, whole=True)
        name = part.name("points") or ""
        above = Compare((Name(name, FactKind.NUMBER), Number(least)), (">",))
        rule = part.rule("rule") or Rule.of(above, facts)
        return assets.ITEM.make(
            part,
            title=part.text("title") or titles.get(name or rule.text) or title_of(part.key),
            rule=rule,
            min=least,
            max=most,
            section=next((sections[fact] for fact in rule.reads if fact in sections), None),
            skipped=tuple(fact for fact in rule.reads if f"{NOT_APPLICABLE}{fact}" in facts),
        )

    for part in document.tables("scorecards"):
        items = tuple(map(item, part.tables("items")))
        bands = [assets.BAND.make(band, title=_title(band)) for band in part.tables("bands")]
        yield assets.SCORECARD.make(
            part,
            title=_title(part),
            items=items,
            bands=tuple(sorted(bands, key=lambda band: band.min)),
            total=sum(item.most for item in items),
        )


def _required(sizing: Sizing, facts: Facts) -> Mapping[str, Rule]:
    """For each instrument the rule that it is required: the first row to hold asks for it."""
    # Instruments that the same rows ask for have the same rule.
    nodes = {id(node): node for node in sizing.required.values()}
    rules = dict(zip(nodes, Rule.family(nodes.values(), facts), strict=True))
    return FrozenDict({key: rules[id(node)] for key, node in sizing.required.items()})


class _Criteria:
    """Makes criteria; the derived rule that several of them share is made once."""

    def __init__(
        self,
        sizing: Sizing,
        facts: Facts,
        waive: policies.Permission,
        approvals: Mapping[str, policies.ApprovalPolicy],
    ) -> None:
        self._sizing = sizing
        self._approvals = approvals
        self._waive = waive
        self._facts = facts
        self._complete: Rule | None = None

    def __call__(self, part: RawTable, key: str) -> tuple[process.Criterion, ...]:
        asked = exits(part) if key == "exit" else part.tables(key)
        return tuple(map(self._criterion, asked))

    def _criterion(self, part: RawTable) -> process.Criterion:
        kind: process.CriterionKind
        rule = part.rule("rule")
        by = part.name("by")
        judgement = part.table("judgement")
        waive = part["waive"]
        roles: tuple[str, ...] = ()
        needed = 0
        consulted: tuple[str, ...] = ()
        when = part.rule("when")
        approval = self._approvals.get(part.name("approval") or "")
        if rule is not None:
            kind = "computed"
        elif part["instruments"]:
            if self._complete is None:
                self._complete = Rule.of(self._sizing.complete, self._facts)
            kind, rule = "instruments", self._complete
        elif part["decision"] is not None and by is not None:
            kind, rule, roles, needed = "decision", self._done(part), (by,), 1
        elif judgement is not None:
            kind, rule = "judgement", self._done(part)
            roles, needed, consulted = _quorum(judgement)
        elif approval is not None:
            kind, roles = "approval", approval.roles
            approved = approvals(approval, part.key)
            rule = Rule.of(approved.complete, self._facts)
            asks = approved.asks if when is None else And((when.node, approved.asks))
            when = Rule.of(asks, self._facts)
        else:
            kind = "attested"
        check_rule = rule or self._done(part)
        if when is not None:
            check_rule = Rule.of(Or((Not(when.node), check_rule.node)), self._facts)
        return process.Criterion(
            key=part.key,
            title=_title(part),
            kind=kind,
            rule=rule,
            check_rule=check_rule,
            when=when,
            by=by,
            advisory=bool(part["advisory"]),
            note=part.text("note"),
            scorecard=part.name("decision"),
            waive=self._waive if waive is None else policies.PERMIT.value(waive),
            roles=roles,
            needed=needed,
            consulted=consulted,
            not_by=part.names("not_by"),
            distinct=bool(part["distinct"]),
            approval=approval,
            lapses_on=part.names("lapses_on"),
            note_against_score=bool(part["note_against_score"]),
            follow_up=judgement is not None and bool(judgement["follow_up"]),
            reading=bool(part["reading"]),
            evidence="required" if part["evidence"] else None,
        )

    def _done(self, part: RawTable) -> Rule:
        return Rule.of(Flag(f"done.{part['key']}"), self._facts)


def _quorum(judgement: RawTable) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """The roles that count, how many of them it takes, and those that are only heard."""
    roles, quorum, decides = (
        judgement.names("roles"),
        judgement["quorum"],
        judgement.name("decides"),
    )
    if decides is not None:
        return (decides,), 1, tuple(role for role in roles if role != decides)
    if isinstance(quorum, int):
        return roles, quorum, ()
    return roles, len(roles) if quorum == "all" else 1, ()


def _stage(
    part: RawTable,
    criteria: _Criteria,
    final: set[str],
    categories: Mapping[str, ForecastCategory],
) -> process.Stage:
    sub_stages = tuple(
        process.SUB_STAGE.make(
            sub,
            entry=criteria(sub, "entry"),
            exit=criteria(sub, "exit"),
            forecast=categories[sub.key],
        )
        for sub in part.tables("sub_stages")
    )
    duties = part.tables("duties")
    return process.STAGE.make(
        part,
        final=(sub_stages[-1] if sub_stages else part).key in final,
        forecast=categories[part.key],
        entry=criteria(part, "entry"),
        exit=criteria(part, "exit"),
        sub_stages=sub_stages,
        duties=FrozenDict({duty["role"]: duty["items"] for duty in duties}),
        duties_by_reading=tuple(duty["role"] for duty in duties if duty["reading"]),
    )


def _positions(
    stages: tuple[process.Stage, ...], final: set[str], back: policies.Permission
) -> Iterator[process.Position]:
    """Where a deal can be, in order; `final` holds those where it may end."""
    for stage in stages:
        parts = stage.sub_stages or (None,)
        for i, sub in enumerate(parts):
            place = sub or stage
            is_last = i == len(parts) - 1
            yield process.Position(
                key=place.key,
                stage=stage,
                sub_stage=sub,
                entry=(*stage.entry, *sub.entry) if sub and i == 0 else place.entry,
                exit=(*sub.exit, *stage.exit) if sub and is_last else place.exit,
                cycle=stage.cycle if place.cycle is None else place.cycle,
                probability=stage.probability if place.probability is None else place.probability,
                max_days=place.max_days,
                final=place.key in final,
                back=place.back or stage.back or back,
            )


def _move(
    source: str, target: str, part: RawTable | None, criteria: _Criteria, *, back: bool
) -> process.Move:
    if part is None:
        return process.Move(source=source, target=target)
    return process.MOVE.make(
        part, source=source, target=target, criteria=criteria(part, "criteria"), back=back
    )


def _by_source(
    positions: tuple[process.Position, ...], moves: tuple[process.Move, ...]
) -> Mapping[str, tuple[process.Move, ...]]:
    """The moves from each position, in order, those that lead back after the others."""
    found: dict[str, list[process.Move]] = {position.key: [] for position in positions}
    for move in moves:
        found[move.source].append(move)
    return FrozenDict(
        {key: tuple(sorted(ways, key=lambda move: move.back)) for key, ways in found.items()}
    )


def _placed(
    positions: tuple[process.Position, ...], moves: tuple[process.Move, ...]
) -> Iterator[tuple[process.Criterion, str]]:
    """Every criterion with the key of its stage; that of a move's is where the move starts."""
    for position in positions:
        for criterion in (*position.entry, *position.exit):
            yield criterion, position.stage.key
    stage_at = {position.key: position.stage.key for position in positions}
    for move in moves:
        for criterion in move.criteria:
            yield criterion, stage_at[move.source]


def _track(part: RawTable, criteria: _Criteria) -> tracking.Track:
    states = part.tables("states")
    made = tuple(
        tracking.TrackState(
            key=state.key,
            title=_title(state),
            entry=criteria(state, "entry"),
            max_days=None if (days := state.number("max_days")) is None else int(days),
            final=bool(state["final"]) or state is states[-1],
            to=state.names("to"),
        )
        for state in states
    )
    by = policies.PERMIT.value(part["by"])
    limits = {
        state.key: cadences.Cadence(
            key=f"track.{part.key}",
            title=filled(_LIMIT, track=_title(part), state=state.title),
            role=by.roles[0] if by.roles else None,
            trigger="state_entered",
            within=cadences.Span(days=state.max_days),
            state=f"{part.key}.{state.key}",
        )
        for state in made
        if state.max_days is not None
    }
    return tracking.TRACK.make(part, states=made, limits=FrozenDict(limits))


_LIMIT: Final = both(en="{track}: {state}", zh="{track}：{state}")
_ENTERED_ON: Final = both(
    en="{track}: the day its state was entered", zh="{track}：进入当前状态的日期"
)

_ON_HOLD: Final = both(
    en="{track}: the days on hold in its state", zh="{track}：在当前状态期间的暂缓天数"
)


def _track_titles(document: RawTable) -> Iterator[tuple[str, Text]]:
    """What the facts of tracks are called."""
    for track in document.tables("tracks"):
        title = _title(track)
        yield f"track.{track.key}", title
        yield f"track.{track.key}.entered_on", filled(_ENTERED_ON, track=title)
        yield f"track.{track.key}.days_on_hold", filled(_ON_HOLD, track=title)


def _cadence(part: RawTable) -> cadences.Cadence:
    usual = "stage_entered" if part["stages"] else "started"
    named = (word for key, word in cadences.NAMED_TRIGGERS.items() if part[key] is not None)
    return cadences.CADENCE.make(part, trigger=part["trigger"] or next(named, usual))
