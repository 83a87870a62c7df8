"""Which parts have another name now: as the newer playbook's migration says, or as it looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from salesflow.playbook._model_migration import Migration
from salesflow.playbook._shape import Json
from salesflow.playbook._tables import Table

MapName = Literal["stages", "criteria", "questions", "tracks"]
"""What a migration gives new keys."""

KINDS: Final[Mapping[str, MapName]] = {
    "stage": "stages",
    "sub-stage": "stages",
    "criterion": "criteria",
    "instrument": "criteria",
    "question": "questions",
    "track": "tracks",
    "state": "tracks",
}
_ENOUGH: Final = 0.6
_INNER: Final = ("exit", "entry", "sub_stages", "states")
# Texts are compared this often at most: a stranger's file may hold thousands of parts.
_MOST: Final = 4_000
_SEEN: Final = 80


class Rename(NamedTuple):
    """A part that has another name now.

    Attributes:
        kind: In which map of a migration it stands.
        old: Its name before, as that map has it.
        new: Its name now.
        declared: The newer playbook's migration says so; else it is a guess.
    """

    kind: MapName
    old: str
    new: str
    declared: bool


class Renames:
    """Finds parts that have another name now, and keeps what it found.

    Attributes:
        all: Everything found so far.
    """

    def __init__(self, migration: Migration | None) -> None:
        self._migration = migration
        self._left = _MOST
        self._known: dict[tuple[str, ...], dict[str, str]] = {}
        self.all: list[Rename] = []

    def found(
        self,
        item: Table,
        path: tuple[str, ...],
        gone: Mapping[str, Mapping[str, Json]],
        come: Mapping[str, Mapping[str, Json]],
    ) -> dict[str, str]:
        """Of the parts of a list that are gone, what those are called now that are not.

        Asked again of the same list, it answers the same: so behaviour and texts agree.
        """
        kind = KINDS.get(item.noun)
        if kind is None or not gone or not come:
            return {}
        if path in self._known:
            known = self._known[path]
            return {old: new for old, new in known.items() if old in gone and new in come}
        outer = self._outer(item, path)
        found = {
            old: new
            for old in gone
            if (new := self._declared(kind, outer, old)) is not None and new in come
        }
        declared = set(found)
        found |= self._guessed(
            {name: entry for name, entry in gone.items() if name not in found},
            {name: entry for name, entry in come.items() if name not in found.values()},
        )
        self._known[path] = found
        before, now = outer
        for old, new in found.items():
            self.all.append(Rename(kind, f"{before}{old}", f"{now}{new}", old in declared))
        return found

    def _outer(self, item: Table, path: tuple[str, ...]) -> tuple[str, str]:
        """What stands before the name in a migration: of a question its checklist."""
        if item.noun not in ("question", "state"):
            return "", ""
        now = path[-2]
        same = [it.old for it in self.all if it.kind == "tracks" and it.new == now]
        before = same[0] if item.noun == "state" and same else now
        return f"{before}.", f"{now}."

    def _declared(self, kind: MapName, outer: tuple[str, str], old: str) -> str | None:
        if self._migration is None:
            return None
        before, now = outer
        said: Mapping[str, str] = getattr(self._migration, kind)
        new = said.get(f"{before}{old}")
        return new.removeprefix(now) if new is not None and new.startswith(now) else None

    def _guessed(
        self, gone: Mapping[str, Mapping[str, Json]], come: Mapping[str, Mapping[str, Json]]
    ) -> dict[str, str]:
        likely = sorted(
            (
                (likeness, old, new)
                for old, one in gone.items()
                for new, other in come.items()
                if (likeness := self._likeness(old, one, new, other)) >= _ENOUGH
            ),
            key=lambda found: -found[0],
        )
        guessed: dict[str, str] = {}
        for _, old, new in likely:
            if old not in guessed and new not in guessed.values():
                guessed[old] = new
        return guessed

    def _likeness(
        self, old: str, one: Mapping[str, Json], new: str, other: Mapping[str, Json]
    ) -> float:
        """How much two parts look like one, from 0 to 1."""
        if _said(one) == _said(other) and _said(one):
            return 1.0
        title, title_now = _title(one), _title(other)
        if any(title_now.get(lang) == words for lang, words in title.items()):
            return 0.95
        inner, inner_now = set(_inner_keys(one)), set(_inner_keys(other))
        if inner and inner_now:
            shared = len(inner & inner_now) / len(inner | inner_now)
            if shared >= _ENOUGH:
                return 0.9 * shared
        if self._left <= 0:
            return 0.0
        self._left -= 1
        matcher = SequenceMatcher(None, old[:_SEEN], new[:_SEEN], autojunk=False)
        if matcher.quick_ratio() < _ENOUGH:
            return 0.0
        # Keys alone say little: "step_1" and "step_2" are two steps.
        titles = [
            SequenceMatcher(None, words[:_SEEN], now[:_SEEN], autojunk=False).ratio()
            for lang, words in title.items()
            if (now := title_now.get(lang)) is not None
        ]
        untitled = not (title or title_now)
        return 0.9 * matcher.ratio() * max(titles, default=1.0 if untitled else 0.0)


def _title(entry: Mapping[str, Json]) -> dict[str, str]:
    """The words of a part's title by language."""
    title = entry.get("title")
    said = title.items() if isinstance(title, dict) else ()
    return {lang: words for lang, words in said if isinstance(words, str)}


def _said(entry: Mapping[str, Json]) -> dict[str, Json]:
    """What a part says beside its key."""
    return {key: value for key, value in entry.items() if key != "key"}


def _inner_keys(entry: Mapping[str, Json]) -> Iterator[str]:
    for name in _INNER:
        listed = entry.get(name)
        for inner in listed if isinstance(listed, list) else []:
            if isinstance(inner, dict) and isinstance(inner.get("key"), str):
                yield str(inner["key"])
