"""The sentences of instruments: what is missing in one, and why nobody completes it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.engine._wording import cut_short, in_a_row, shown_too, told
from salesflow.playbook import Instrument, Question
from salesflow.rules import Blocker, Verdict
from salesflow.text import Text, both


def instrument_blocker(
    instrument: Instrument,
    unasked: Collection[Question] = (),
    verdict: Verdict = Verdict.UNKNOWN,
    parts: tuple[Blocker, ...] = (),
) -> Blocker:
    """An instrument that is not complete: what would make it so.

    Args:
        instrument: The instrument.
        unasked: The questions of its checklist that nobody asked yet.
        verdict: Of one that follows from a rule, what that says.
        parts: What its rule misses, and what decides whether questions apply.
    """
    fixes = (part.fix for part in parts)
    if unasked and (questions := in_a_row((*(it.title for it in unasked), *fixes))):
        fix = told(_ASK_FIRST, questions=questions)
    elif missed := in_a_row(fixes):
        fix = told(_MISSES, title=instrument.title, fixes=missed)
    else:
        fix = shown_too(told(_COMPLETE, title=instrument.title), instrument)
    single = parts[0] if len(parts) == 1 else None
    return Blocker(
        code="instrument",
        key=instrument.key,
        title=told(both(en="Complete: {title}", zh="已完成：{title}"), title=instrument.title),
        verdict=verdict,
        seen=FrozenDict(
            {name: value for part in parts for name, value in part.seen.items()}
            or {f"done.{instrument.key}": False if verdict is Verdict.NO else None}
        ),
        role=instrument.by,
        roles=() if instrument.by is None else (instrument.by,),
        fix=fix,
        any_of=single.any_of if single else (),
        needed=single.needed if single else 0,
        because=parts,
    )


_ASK_FIRST: Final = both(en="Ask these questions first: {questions}", zh="请先提问：{questions}")
_COMPLETE: Final = both(en="Complete {title}", zh="请完成{title}")
_MISSES: Final = both(en="{title}: {fixes}", zh="{title}：{fixes}")


def nobody_completes(instrument: Instrument, rule: Text, parts: tuple[Blocker, ...]) -> Blocker:
    """Somebody tried to complete what follows from a rule: the rule, and what it misses."""
    follows = told(_FOLLOWS, rule=rule)
    return Blocker(
        code="computed",
        key=instrument.key,
        title=told(_NOBODY, title=instrument.title),
        verdict=Verdict.NO,
        seen=FrozenDict({name: value for part in parts for name, value in part.seen.items()}),
        role=instrument.by,
        fix=cut_short(in_a_row((follows, *(part.fix for part in parts))) or follows),
        because=parts,
    )


_FOLLOWS: Final = both(en="It follows from: {rule}", zh="它由以下规则得出：{rule}")
_NOBODY: Final = both(
    en="Nobody completes this, for it follows from a rule: {title}",
    zh="此项由规则得出，无须任何人完成：{title}",
)
