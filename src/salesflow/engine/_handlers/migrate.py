"""The handler of Migrate: from another version of the playbook, or from another playbook."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from salesflow.domain import PlaybookStamp
from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse, sub_stage_key
from salesflow.engine._migration_words import no_migration, not_mapped
from salesflow.engine._tracks import beginnings
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Migrate
from salesflow.playbook import Migration, Playbook
from salesflow.rules import Blocker


def migration_from(stamp: PlaybookStamp, playbook: Playbook) -> Migration | None:
    """How this playbook takes over deals that follow another version, or another playbook."""
    for migration in playbook.migrations:
        source = migration.playbook or playbook.id
        if (source, migration.from_version) == (stamp.id, stamp.version):
            return migration
    return None


def migrate(context: CommandContext, _command: Migrate) -> HandlerResult:
    """From another version of this playbook, or another playbook, by the playbook's own map."""
    stamp, playbook = context.progress.playbook, context.playbook
    if stamp is None:
        return refuse(blocked("not_started", "stage"))
    if stamp.digest == playbook.digest:
        return refuse(blocked("already_migrated", "playbook"))
    migration = migration_from(stamp, playbook)
    if migration is None:
        return refuse(no_migration(stamp, playbook))
    place = context.progress.position or ""
    target = migration.stages.get(place, place if migration.playbook is None else None)
    positions = {position.key: position for position in playbook.positions}
    if target not in positions:
        return refuse(not_mapped(place, place, sorted(positions)))
    position = positions[target]
    renamed, unmapped = _mapped(context, migration)
    tracks, tracks_from, left, missing = _tracks(context, migration)
    if missing:
        return refuse(*missing)
    return accept(
        events.Migrated(
            before=stamp,
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
            renamed=renamed,
            unmapped=(*unmapped, *left),
            tracks=tracks,
            tracks_from=tracks_from,
        )
    )


def _mapped(
    context: CommandContext, migration: Migration
) -> tuple[dict[str, str], tuple[str, ...]]:
    """New names of what is on record, and the names of what is not carried over.

    Of another playbook only what its map names is carried: what one process knows must not settle
    anything in another that happens to use the same word.
    """
    progress, playbook = context.progress, context.playbook
    criteria = context.compiled.criteria
    attested = {key for key, item in criteria.items() if item.kind == "attested"}
    decided = {key for key, item in criteria.items() if item.roles}
    done = {key for key, item in playbook.instruments.items() if item.check_rule is None}
    done |= {cadence.key for cadence in playbook.cadences}
    # What is on record stands for something of its own kind only: a completed instrument is no
    # attestation, though the new version may call a criterion like the instrument of the old one.
    on_record: list[tuple[str, Mapping[str, str], Container[str]]] = [
        *((item.criterion, migration.criteria, attested) for item in progress.attestations),
        *((item.criterion, migration.criteria, criteria) for item in progress.waivers),
        *((item.instrument, migration.criteria, done) for item in progress.completions),
        *((it.point, migration.criteria, decided) for it in progress.judgements if it.point),
        *((item.point, migration.criteria, decided) for item in progress.requests),
        *((name, migration.questions, playbook.questions) for name in _seen(context, migration)),
        *((item.question, migration.questions, playbook.questions) for item in progress.answers),
    ]
    # What was withdrawn stays so under its new name, but is not missed where it has none.
    withdrawn: list[tuple[str | None, Mapping[str, str], Container[str]]] = [
        row
        for item in progress.withdrawals
        for row in (
            (item.question, migration.questions, playbook.questions),
            (item.instrument, migration.criteria, done),
            (item.waiver, migration.criteria, criteria),
        )
    ]
    same = migration.playbook is None
    renamed: dict[str, str] = {}
    unmapped: dict[str, None] = {}
    for number, (old, names, known) in enumerate([*on_record, *withdrawn]):
        if old is None:
            continue
        new = names.get(old, old if same else "")
        if new in known:
            if new != old or not same:
                renamed[old] = new
        elif number < len(on_record):
            unmapped[old] = None
    return renamed, tuple(unmapped)


def _seen(context: CommandContext, migration: Migration) -> Iterator[str]:
    """The questions on whose answers somebody's word rests, answered or not.

    Of this playbook those that get other names; of another one those, too, that are called like one
    of this, where the word is carried over.
    """
    progress, here = context.progress, context.playbook.questions
    said = [(item.criterion, item.seen) for item in progress.attestations]
    said += [(item.point or "", item.seen) for item in progress.judgements]
    for key, seen in said:
        if migration.playbook is None:
            yield from (name for name in seen if name in migration.questions)
        elif key in migration.criteria:
            yield from (name for name in seen if name in migration.questions or name in here)


def _tracks(
    context: CommandContext, migration: Migration
) -> tuple[dict[str, str], dict[str, str], tuple[str, ...], tuple[Blocker, ...]]:
    """Where the tracks stand, which were under way, what is left behind, and what has no place."""
    names, known, same = migration.tracks, context.playbook.tracks, migration.playbook is None
    tracks = beginnings(context.playbook)
    sources: dict[str, str] = {}
    left: list[str] = []
    missing: tuple[Blocker, ...] = ()
    for stay in context.progress.tracks:
        if stay.left_at is not None:
            continue
        old = f"{stay.track}.{stay.state}"
        kept = f"{names.get(stay.track, stay.track)}.{stay.state}" if same else ""
        track, _, state = names.get(old, kept).partition(".")
        if track not in known or track in sources:
            left.append(f"track.{old}")
        elif known[track].state(state) is None:
            states = sorted(f"{track}.{item.key}" for item in known[track].states)
            missing += (not_mapped(f"track.{old}", old, states),)
        else:
            tracks[track], sources[track] = state, stay.track
    return tracks, sources, tuple(left), missing
