"""A playbook as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow._show import Html, badge, key, line, table, title
from salesflow.playbook._model_process import Stage, SubStage
from salesflow.terms import and_more, joined
from salesflow.text import Language, both, in_language

if TYPE_CHECKING:
    from salesflow.playbook.playbook import Playbook

_STAGES: Final = 20
_READINGS: Final = 4


def blocks(playbook: Playbook, lang: Language) -> Iterator[Html]:
    """Its name, its stages, and what else it holds."""
    words = in_language(lang, _PHRASES)
    checklists = [item.title.get(lang) for item in playbook.checklists.values()]
    scorecards = [item.title.get(lang) for item in playbook.scorecards.values()]
    tracks = [item.title.get(lang) for item in playbook.tracks.values()]
    readings = [text.get(lang) for text in playbook.readings]
    counts = words["counts"].format(
        moves=len(playbook.moves),
        roles=len(playbook.roles),
        instruments=len(playbook.instruments),
        cadences=len(playbook.cadences),
    )
    yield line(title(playbook.title.get(lang)), key(playbook.id), badge(playbook.version))
    if playbook.summary:
        yield line(playbook.summary.get(lang))
    yield _stages(playbook, lang)
    named = {"checklists": checklists, "tracks": tracks, "scorecards": scorecards}
    yield from (line(words[name], joined(them, lang)) for name, them in named.items() if them)
    yield line(counts)
    if readings:
        yield line(words["readings"])
    yield from (line("–", text) for text in readings[:_READINGS])
    if more := and_more(len(readings) - _READINGS, lang):
        yield line(more)


def _stages(playbook: Playbook, lang: Language) -> Html:
    words = in_language(lang, _PHRASES)
    rows = [
        (
            f"{number}",
            stage.title.get(lang),
            key(stage.key),
            f"{len(stage.sub_stages) or ''}",
            *_criteria(stage),
            "" if stage.probability is None else f"{stage.probability:.0%}",
            "" if stage.max_days is None else f"{stage.max_days}",
            words["wins"] if stage.wins else "",
        )
        for number, stage in enumerate(playbook.stages[:_STAGES], start=1)
    ]
    columns = ("stage", "key", "parts", "criteria", "advice", "chance", "days")
    head = ("", *(words[name] for name in columns), "")
    more = and_more(len(playbook.stages) - _STAGES, lang)
    return table(head, rows, {0, 3, 4, 5, 6, 7}, more=more)


def _criteria(stage: Stage) -> tuple[str, str]:
    """How many criteria it takes to pass the stage, and how many are advice."""
    places: tuple[Stage | SubStage, ...] = (stage, *stage.sub_stages)
    found = [item for place in places for item in (*place.entry, *place.exit)]
    advice = sum(item.advisory for item in found)
    return f"{len(found) - advice}", f"{advice or ''}"


_PHRASES: Final = {
    "stage": both(en="stage", zh="阶段"),
    "key": both(en="key", zh="键名"),
    "parts": both(en="sub-stages", zh="子阶段"),
    "criteria": both(en="criteria", zh="必备条件"),
    "advice": both(en="advice", zh="建议"),
    "chance": both(en="chance", zh="赢率"),
    "days": both(en="days at most", zh="最长天数"),
    "wins": both(en="wins the deal", zh="完成即赢单"),
    "checklists": both(en="Checklists:", zh="检查表："),
    "readings": both(en="What is our reading of the source:", zh="以下为本流程的理解："),
    "tracks": both(en="Beside the stages:", zh="并行事项："),
    "scorecards": both(en="Scorecards:", zh="评分卡："),
    "counts": both(
        en="Moves {moves}; roles {roles}; instruments {instruments}; cadences {cadences}",
        zh="路径 {moves}，角色 {roles}，计划文件 {instruments}，例行事项 {cadences}。",
    ),
}
