"""How deals of one playbook go on in another: what is known of it, and the rest as a draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from salesflow.playbook._diff.renames import MapName, Rename
from salesflow.playbook._model_migration import Migration
from salesflow.playbook.playbook import Playbook

if TYPE_CHECKING:
    from salesflow.playbook._diff.values import ComparedPlaybook, KeyMatch

_MAPS: Final[tuple[MapName, ...]] = ("stages", "criteria", "questions", "tracks")
_MOST: Final = 500
_WIDTH: Final = 100

Reason = Literal["declared", "guessed", "nearest", "same", "gone"]


class Match(NamedTuple):
    """What a key is in the newer playbook; see `KeyMatch`."""

    kind: MapName
    old: str
    new: str | None
    reason: Reason


def migration_from(old: Playbook, new: Playbook) -> Migration | None:
    """What the newer playbook says already of deals of the older one."""
    for migration in new.migrations:
        if (migration.playbook or new.id, migration.from_version) == (old.id, old.version):
            return migration
    return None


def key_matches(old: Playbook, new: Playbook, renames: Iterable[Rename]) -> Iterator[Match]:
    """What the keys of the older playbook are in the newer one, as far as a migration says it.

    Args:
        old: The older playbook.
        new: The newer one.
        renames: Which parts have another name now.
    """
    found: dict[MapName, dict[str, Match]] = {kind: {} for kind in _MAPS}
    for rename in renames:
        reason: Reason = "declared" if rename.declared else "guessed"
        found[rename.kind][rename.old] = Match(*rename[:3], reason)
    declared = migration_from(old, new)
    if declared is not None:
        for kind in _MAPS:
            said: Mapping[str, str] = getattr(declared, kind)
            found[kind] |= {was: Match(kind, was, now, "declared") for was, now in said.items()}
    same = old.id == new.id
    yield from _stages(old, new, found["stages"], same=same)
    kinds: tuple[tuple[MapName, Mapping[str, object], Mapping[str, object]], ...] = (
        ("criteria", _on_record(old), _on_record(new)),
        ("questions", old.questions, new.questions),
    )
    for kind, before, after in kinds:
        yield from _kept(kind, before, after, found[kind], same=same)
    yield from _states(old, new, found["tracks"], same=same)


def _on_record(playbook: Playbook) -> dict[str, object]:
    return {**playbook.criteria, **playbook.instruments}


def _kept(
    kind: MapName,
    before: Mapping[str, object],
    after: Mapping[str, object],
    known: Mapping[str, Match],
    *,
    same: bool,
) -> Iterator[Match]:
    for key in before:
        match = known.get(key)
        if match is not None and match.new in after:
            yield match
        elif key not in after:
            yield Match(kind, key, None, "gone")
        elif not same:
            yield Match(kind, key, key, "same")


def _stages(
    old: Playbook, new: Playbook, known: Mapping[str, Match], *, same: bool
) -> Iterator[Match]:
    """Where deals go on. Each has to be somewhere, so what is gone gets the nearest place."""
    places = {place.key for place in new.positions}
    stages = {stage.key for stage in new.stages}
    nearest = new.initial.key
    for place in old.positions:
        match = known.get(place.key)
        if match is not None and match.new in places:
            nearest = match.new
            yield match
            continue
        now = match.new if match is not None and match.new else place.key
        if now in places:
            nearest = now
            if not same:
                yield Match("stages", place.key, now, "same")
            continue
        # A stage that has sub-stages now, or a sub-stage of one that has none any more.
        of_stage = known.get(place.stage.key)
        outer = of_stage.new if of_stage is not None and of_stage.new else place.stage.key
        inside = next((key for key in (now, outer) if key in stages), None)
        nearest = new.position(inside).key if inside else nearest
        yield Match("stages", place.key, nearest, "nearest")


def _states(
    old: Playbook, new: Playbook, known: Mapping[str, Match], *, same: bool
) -> Iterator[Match]:
    """Where tracks go on: a state of a track that is still there needs a place in it."""
    for key, track in old.tracks.items():
        match = known.get(key)
        now = match.new if match is not None and match.new in new.tracks else key
        if match is not None and now == match.new and same:
            yield match
        if now is None or now not in new.tracks:
            yield Match("tracks", key, None, "gone")
            continue
        nearest = new.tracks[now].initial
        for state in track.states:
            was = f"{key}.{state.key}"
            said = known.get(was)
            to = (said.new or "").removeprefix(f"{now}.") if said is not None else state.key
            if new.tracks[now].state(to) is not None:
                nearest = to
                if said is not None:
                    yield said
                elif not same:
                    yield Match("tracks", was, f"{now}.{to}", "same")
            else:
                yield Match("tracks", was, f"{now}.{nearest}", "nearest")


_TODO: Final[Mapping[str, str]] = {
    "guessed": "TODO: it looks like the same; is it?",
    "nearest": "TODO: it is gone; where do deals go on?",
}


def draft(old: ComparedPlaybook, new: ComparedPlaybook, matches: Sequence[KeyMatch]) -> str:
    """The text of a `[[migrations]]` table, with what somebody has to decide marked TODO."""
    if old.digest == new.digest and old.id == new.id:
        return (
            f"# {old.id} {old.version} and {new.version} behave the same: deals go on without a "
            "migration.\n"
        )
    return "\n".join(_written(old, new, matches)) + "\n"


def _written(
    old: ComparedPlaybook, new: ComparedPlaybook, matches: Sequence[KeyMatch]
) -> Iterator[str]:
    if old.id == new.id and old.version == new.version:
        yield f"# TODO: raise the version; both are {new.version}."
    yield "[[migrations]]"
    if old.id != new.id:
        yield f'playbook = "{old.id}"'
    yield f'from = "{old.version}"'
    for kind, listed in groupby(matches, key=lambda match: match.kind):
        found = list(listed)
        named = [match for match in found if match.new is not None]
        left = [match.old for match in found if match.new is None]
        if left:
            said = f"Left behind, of {kind}: {', '.join(left)}"
            yield from wrap(said, initial_indent="# ", subsequent_indent="#   ", width=_WIDTH)
        if named:
            yield f"  [migrations.{kind}]"
        for match in named[:_MOST]:
            key = f'"{match.old}"' if "." in match.old else match.old
            todo = f"  # {_TODO[match.reason]}" if match.reason in _TODO else ""
            yield f'  {key} = "{match.new}"{todo}'
        if len(named) > _MOST:
            yield f"  # TODO: {len(named) - _MOST} more have no room here"
