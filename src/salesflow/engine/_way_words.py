"""What ways on from a stage are called, and why none of them is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.engine._wording import in_a_row, told
from salesflow.playbook import Move, Position
from salesflow.rules import Blocker, Verdict
from salesflow.text import Text, both

_TO: Final = both(en="On to: {title}", zh="前往：{title}")
_TO_THE_END: Final = both(en="To the end", zh="结束流程")
_BY_WAY: Final = both(en="{way}: {text}", zh="{way}：{text}")
_OR_ELSE: Final = both(en="{row}; or {text}", zh="{row}；或{text}")


def way_name(move: Move | None, target: Position | None) -> Text:
    """What a way from a stage is called: its own title, or that of where it leads."""
    if move is not None and move.title is not None:
        return move.title
    return told(_TO, title=target.title) if target else _TO_THE_END


def no_way_open(ways: Sequence[tuple[Text, tuple[Blocker, ...]]]) -> tuple[Blocker, ...]:
    """Why none of several ways is open: what all of them ask for, then what each asks beside.

    Args:
        ways: The name of each way, and what blocks it.
    """
    first, *others = (missing for _, missing in ways)
    common = tuple(item for item in first if all(item in other for other in others))
    shut = []
    for name, missing in ways:
        rest = tuple(item for item in missing if item not in common)
        if not rest:
            return missing  # with that, this way is open
        shut.append(_shut_way(name, rest))
    fix = shut[0].fix
    for item in shut[1:]:
        fix = told(_OR_ELSE, row=fix, text=item.fix)
    unknown = any(item.verdict is Verdict.UNKNOWN for item in shut)
    alternatives = Blocker(
        code="any_of",
        key="",
        title=both(en="One of the ways on is open", zh="至少有一条路径可走"),
        verdict=Verdict.UNKNOWN if unknown else Verdict.NO,
        seen=FrozenDict({name: value for item in shut for name, value in item.seen.items()}),
        fix=fix,
        any_of=tuple(shut),
        needed=1,
    )
    return (*common, alternatives)


def _shut_way(name: Text, missing: tuple[Blocker, ...]) -> Blocker:
    titles, fixes = (in_a_row(item.title for item in missing), in_a_row(it.fix for it in missing))
    no = any(item.verdict is Verdict.NO for item in missing)
    roles = {item.role for item in missing}
    return Blocker(
        code="all_of",
        key="",
        title=told(_BY_WAY, way=name, text=titles),
        verdict=Verdict.NO if no else Verdict.UNKNOWN,
        seen=FrozenDict({fact: value for item in missing for fact, value in item.seen.items()}),
        role=roles.pop() if len(roles) == 1 else None,
        fix=told(_BY_WAY, way=name, text=fixes),
        because=missing,
    )
