"""What a difference means for deals under way: more is asked of them, less, or something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from salesflow.errors import RuleError
from salesflow.facts import Facts
from salesflow.playbook._diff.compare import Difference
from salesflow.playbook._model_policy import PermitShape
from salesflow.playbook._parts import with_before
from salesflow.playbook._shape import Json
from salesflow.playbook.playbook import Playbook
from salesflow.rules import Rule, implies

Effect = Literal["stricter", "looser", "different"]

# Longer rules are not looked into, and all rules together only so far: they may be a stranger's.
_LONGEST: Final = 800
_MOST: Final = 30_000
_LESS_IS_MORE: Final = frozenset({"max_days", "activity_days", "pushes", "probability_tolerance"})
_ASKS: Final = frozenset(
    {"required", "note_against_score", "distinct", "follow_up", "notes", "knock_out", "note"}
)
_ASKS_IF_SAID: Final = frozenset({"not_by", "lapses_on", "evidence"})
# What else has a rule (the rows of a policy, the items of a card) weighs it against others.
_BY_RULES: Final = frozenset(
    {
        "a cadence",
        "a criterion",
        "a form",
        "a move",
        "a policy of a field",
        "a question",
        "a reason",
        "a track",
        "an instrument",
    }
)
_LIMITED: Final = frozenset({"a policy of a field", "a reason"})
_PARTS: Final[Mapping[str, Effect]] = {
    "a criterion": "stricter",
    "a form": "stricter",
    "a move": "looser",
    "a policy of a field": "stricter",
    "a reason": "looser",
}
"""What it means that one more of a part is there."""
_OPPOSITE: Final[Mapping[Effect, Effect]] = {
    "stricter": "looser",
    "looser": "stricter",
    "different": "different",
}


class Effects:
    """Says of differences of two playbooks what they mean for deals."""

    def __init__(self, old: Playbook, new: Playbook) -> None:
        self._old = old
        self._new = new
        self._facts = with_before(_together(old.facts, new.facts))
        self._left = _MOST

    def of(self, found: Difference) -> Effect | None:
        """What a difference of behaviour means; None: deals are asked for the same."""
        part = found.trail[-1].table if found.trail else None
        title = part.title if part else "a playbook"
        if found.kind in ("added", "removed"):
            return self._of_part(found, title)
        if found.kind != "changed":
            return "different" if found.kind == "renamed" else None
        if found.path[0] == "size_policy":
            return self._of_size()
        if isinstance(found.shape, PermitShape):
            return self._of_permission(found.old, found.new)
        return self._of_value(title, found.path[-1], found.old, found.new)

    def _of_part(self, found: Difference, title: str) -> Effect | None:
        if found.path[0] == "size_policy":
            return self._of_size()
        effect: Effect = _PARTS.get(title, "different")
        if title == "a criterion" and _said(found).get("advisory"):
            return None
        if title == "a form" and not _said(found).get("required"):
            return "different"
        return effect if found.kind == "added" else _OPPOSITE[effect]

    def _of_value(self, title: str, key: str, old: Json, new: Json) -> Effect | None:
        if key in ("rule", "when") and title in _BY_RULES:
            return self._of_rules(key, old, new)
        if key in ("roles", "stages") and title in _LIMITED:
            return _by_limits(old, new)
        if key == "advisory":
            return "looser" if new else "stricter"
        if key in _LESS_IS_MORE:
            return _by_number(new, old)
        if (title, key) == ("a band", "min"):
            return _by_number(old, new)
        if key in _ASKS:
            return "stricter" if new else "looser"
        if key in _ASKS_IF_SAID:
            return _by_names(old, new)
        return "different"

    def _of_rules(self, key: str, old: Json, new: Json) -> Effect | None:
        """Of two rules, which holds less often; of `when`, which applies more often."""
        before, after = self._rule(old), self._rule(new)
        if before is None or after is None:
            said: Effect = "different" if old and new else "looser" if new is None else "stricter"
        else:
            narrower, wider = self._implies(after, before), self._implies(before, after)
            if narrower and wider:
                return None
            said = "stricter" if narrower else "looser" if wider else "different"
        return _OPPOSITE[said] if key == "when" else said

    def _of_size(self) -> Effect | None:
        """What planning deals need, in all."""
        found: set[Effect | None] = set()
        old, new = self._old.required_instruments, self._new.required_instruments
        for key in {*old, *new}:
            before, after = old.get(key), new.get(key)
            if before == after:
                continue
            if before is None or after is None:
                found.add("stricter" if before is None else "looser")
                continue
            more, less = self._implies(before, after), self._implies(after, before)
            if not (more and less):
                found.add("stricter" if more else "looser" if less else "different")
        return _joined(found)

    def _of_permission(self, old: Json, new: Json) -> Effect | None:
        if old is None or new is None:  # what the policy says holds instead
            return "different"
        before, after = _permission(old), _permission(new)
        if not before or not after:
            return None if before == after else "looser" if after else "stricter"
        found: set[Effect | None] = {
            _by_limits(before.get(key), after.get(key)) for key in ("roles", "stages")
        }
        if bool(before.get("note")) != bool(after.get("note")):
            found.add("stricter" if after.get("note") else "looser")
        for key in ("rule", "when"):
            if before.get(key) != after.get(key):
                found.add(self._of_rules(key, before.get(key), after.get(key)))
        if before.get("criteria") != after.get("criteria"):
            found.add("stricter" if after.get("criteria") == "asked" else "looser")
        return _joined(found)

    def _rule(self, text: Json) -> Rule | None:
        if not isinstance(text, str) or len(text) > _LONGEST:
            return None
        try:
            return Rule.parse(text, self._facts)
        except RuleError:  # it names a fact that is of another kind in the other playbook
            return None

    def _implies(self, one: Rule, other: Rule) -> bool:
        length = len(one.text) + len(other.text)
        if length > min(self._left, _LONGEST):
            return False
        self._left -= length
        return implies(one.node, other.node, self._facts)


def _said(found: Difference) -> Mapping[str, Json]:
    """What a part says that was added or removed."""
    said = found.new if found.kind == "added" else found.old
    return said if isinstance(said, dict) else {}


def _together(old: Facts, new: Facts) -> Facts:
    """The facts of both; where they differ, those of the newer playbook."""
    return new.extended([fact for name, fact in old.items() if name not in new])


def _permission(said: Json) -> Mapping[str, Json]:
    """A permission as a table, which is empty where nobody may."""
    if isinstance(said, list):
        return {"allowed": True, "roles": said, "note": True}
    if isinstance(said, dict):
        return {"allowed": True, **said}
    return {"allowed": True} if said == "on" else {}


def _by_number(less: Json, more: Json) -> Effect:
    """Stricter where the first is less; nothing asks for nothing."""
    if not isinstance(less, int | float):
        return "looser"
    return "stricter" if not isinstance(more, int | float) or less < more else "looser"


def _by_names(old: Json, new: Json) -> Effect:
    before, after = _names(old), _names(new)
    return "stricter" if before < after else "looser" if after < before else "different"


def _by_limits(old: Json, new: Json) -> Effect | None:
    """Of two lists of those who may, where nothing means everybody."""
    before, after = _names(old), _names(new)
    if before == after:
        return None
    if not before or (after and after < before):
        return "stricter"
    return "looser" if not after or before < after else "different"


def _names(said: Json) -> frozenset[str]:
    listed = said if isinstance(said, list) else [said] if said else []
    return frozenset(map(str, listed))


def _joined(found: Iterable[Effect | None]) -> Effect | None:
    some: set[Effect] = {effect for effect in found if effect is not None}
    if len(some) > 1:
        return "different"
    return some.pop() if some else None
