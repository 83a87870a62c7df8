"""The sentences of a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from salesflow.playbook import Scorecard
from salesflow.playbook._model_assets import Earned
from salesflow.rules import Verdict
from salesflow.text import Text, both, filled, sentence

_KNOCK_OUTS: Final = {
    Verdict.NO: both(en="Knock-out: {title}", zh="一票否决：{title}"),
    Verdict.UNKNOWN: both(
        en="Still open and able to knock the deal out: {title}",
        zh="尚未确认，且可一票否决：{title}",
    ),
}
_POINTS: Final = both(
    en="{points} of {total} points; {best} starts at {least}.",
    zh="得分 {points}（满分 {total}）；“{best}”从 {least} 分起。",
)
_ONE_UNKNOWN: Final = both(en="{n} answer is not known.", zh="还有 {n} 个问题没有答案。")
_UNKNOWN: Final = both(en="{n} answers are not known.", zh="还有 {n} 个问题没有答案。")


def reasons(
    card: Scorecard,
    states: Sequence[Earned],
    interval: tuple[float, float],
    total: float,
    unknown: tuple[str, ...],
) -> tuple[Text, ...]:
    """Why the verdict of a score is what it is: knock-outs, points, and what is not known."""
    found = [
        filled(_KNOCK_OUTS[state.verdict], title=sentence(item.title))
        for item, state in zip(card.items, states, strict=True)
        if item.knock_out and state.applies and state.verdict in _KNOCK_OUTS
    ]
    low, high = (f"{points:g}" for points in interval)
    points = low if low == high else f"{low}–{high}"
    best = card.bands[-1]
    found.append(
        filled(_POINTS, points=points, total=f"{total:g}", best=best.title, least=f"{best.min:g}")
    )
    if unknown:
        found.append(filled(_ONE_UNKNOWN if len(unknown) == 1 else _UNKNOWN, n=len(unknown)))
    return tuple(found)
