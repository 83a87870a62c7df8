"""Where a deal may have been before it comes to a place, by moves and by policy."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from salesflow.playbook._graph import reachable
from salesflow.playbook._model_policy import OFF, PERMIT, Permission
from salesflow.playbook._moves import edges, permits
from salesflow.playbook._parts import ENDED, RawTable, positions

_EARLIER: Final = "<"


class Visited:
    """What may lie behind a deal, of a document that may have errors.

    It errs on the side of what may be: going back by policy is taken to be possible to any place
    that permits it.
    """

    def __init__(self, document: RawTable) -> None:
        self._document = document
        self._places = [(stage, place) for stage, place in positions(document) if place["key"]]
        self._keys = [str(place["key"]) for _, place in self._places]
        self._order = {key: number for number, key in enumerate(self._keys)}
        self._beyond: dict[str, set[str]] = {}
        policy = document.table("policy")
        self._policy = policy if policy is not None else RawTable({}, "")
        self._parts: dict[str, list[str]] = {}
        for stage, place in self._places:
            for name in dict.fromkeys((str(stage["key"]), str(place["key"]))):
                self._parts.setdefault(name, []).append(str(place["key"]))

    def may_have_been(self, name: str, at: str, *, entering: bool) -> bool:
        """Whether a deal at a position, or about to enter it, may have been in a stage."""
        if name not in self._parts or at not in self._order or permits(self._document, "reopen"):
            return True
        return any(
            (key == at and not entering) or at in self._from(key) for key in self._parts[name]
        )

    def may_be_won(self, at: str, *, entering: bool) -> bool:
        """Whether a deal at a position, or about to enter it, may be won and go on."""
        if at not in self._order or permits(self._document, "reopen"):
            return True
        winning = [str(place["key"]) for stage, place in self._places if stage["wins"]]
        if not winning:
            return False  # it is won where it ends
        first = min(self._order[key] for key in winning)
        later = self._order[at] - entering >= first  # so may one be that was adopted
        return later or any(at in self._from(key) for key in winning)

    def _from(self, key: str) -> set[str]:
        """Every position that a deal may come to after it was in this one."""
        found = self._beyond.get(key)
        if found is None:
            found = self._beyond[key] = reachable(self._graph, self._graph.get(key, ()))
        return found

    @cached_property
    def _graph(self) -> dict[str, list[str]]:
        graph: dict[str, list[str]] = {key: [] for key in self._keys}
        for source, target, _ in edges(self._document):
            if source in graph and target != ENDED:
                graph[source].append(target)
        if permits(self._document, "skip"):
            for source, target in zip(self._keys, self._keys[1:], strict=False):
                graph[source].append(target)
        back = self._policy.get("back")
        for number, (stage, place) in enumerate(self._places):
            key, before = self._keys[number], f"{_EARLIER}{number}"
            # A place of its own for "anything before this one", or there would be a move per pair.
            graph[key].append(before)
            graph[f"{_EARLIER}{number + 1}"] = [before]
            said = next((it for it in (place["back"], stage["back"], back) if it is not None), OFF)
            if _permission(said).allowed:
                graph[f"{_EARLIER}{number + 1}"].append(key)
        return graph


def _permission(value: object) -> Permission:
    return OFF if value is None else PERMIT.value(value)
