"""The edits of a variant: what its tables cannot say, by the paths of parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from salesflow.playbook._parts import step, steps
from salesflow.playbook._problem_log import ProblemLog

AT: Final = "edits"
Place = tuple[str, ...]
EditKind = Literal["remove", "replace", "before", "after"]

MAX_EDITS: Final = 500
_ONLY: Final = 'write "remove", "replace", { before = "key" } or { after = "key" }'


class Edit(NamedTuple):
    """What is done to a part.

    Attributes:
        kind: It is removed, or stands whole as the variant writes it, or before or after another.
        place: The part: keys, and what tells entries apart.
        at: Where the file says it.
        anchor: What tells the entry apart before or after which it stands.
    """

    kind: EditKind
    place: Place
    at: str
    anchor: str = ""


def read_edits(value: object, log: ProblemLog) -> dict[Place, Edit]:
    """The edits of a file by what they are done to; what is wrong with them is noted."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        log.wrong_type(AT, 'a table such as { "stages.demo" = "remove" }', value)
        return {}
    if len(value) > MAX_EDITS:
        log.add(AT, f"{len(value):,} edits, more than {MAX_EDITS}", "", "too_many")
        return {}
    found: dict[Place, Edit] = {}
    for path, said in value.items():
        at = f"{AT}.{step(path)}"
        place = steps(path)
        if isinstance(said, dict) and not {"before", "after"} & said.keys() and len(place) == 1:
            hint = f'a path stands in quotes: "{path[:60]}.…" = "remove"'
            log.add(at, "this is no edit", hint, "type")
        elif not place:
            message = f'"{path[:80]}" is no path of a part'
            log.add(at, message, 'write it by keys, as in "stages.demo.exit.agreed"', "syntax")
        elif edit := _edit(said, place, at, log):
            found[place] = edit
    return found


def _edit(said: object, place: Place, at: str, log: ProblemLog) -> Edit | None:
    match said:
        case "remove":
            return Edit("remove", place, at)
        case "replace":
            return Edit("replace", place, at)
        case {"before": str(anchor), **rest} if not rest:
            return Edit("before", place, at, anchor)
        case {"after": str(anchor), **rest} if not rest:
            return Edit("after", place, at, anchor)
        case _:
            log.add(at, "this is no edit", _ONLY, "choice")
            return None


def written(place: Place) -> str:
    """A place as a path."""
    return ".".join(map(step, place))


def below(edits: Mapping[Place, Edit], place: Place) -> bool:
    """Whether something inside a part is edited."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in edits)


def inside(edits: Mapping[Place, Edit], edit: Edit) -> Iterator[Edit]:
    """The other edits of what is inside the part that one is done to."""
    for other in edits.values():
        if other.place != edit.place and other.place[: len(edit.place)] == edit.place:
            yield other
