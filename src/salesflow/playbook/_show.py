"""A playbook as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow._show import Badge, Block, Heading, Key, Line, Part, Table
from salesflow.playbook._model_process import Stage, SubStage
from salesflow.text import Language

if TYPE_CHECKING:
    from salesflow.playbook.playbook import Playbook

_STAGES: Final = 20


def blocks(playbook: Playbook) -> list[Block]:
    """Its name, what it holds, and its stages."""
    lang: Language = "en" if "en" in playbook.languages else playbook.languages[0]
    words = _WORDS[lang]
    found: list[Block] = [
        Heading(playbook.title.get(lang), (Key(playbook.id), Badge(playbook.version)))
    ]
    if playbook.summary is not None:
        found.append(Line((playbook.summary.get(lang),)))
    found.append(_stages(playbook, lang))
    asks = [item.title.get(lang) for item in playbook.checklists.values()]
    cards = [item.title.get(lang) for item in playbook.scorecards.values()]
    for name, titles in (("checklists", asks), ("scorecards", cards)):
        if titles:
            found.append(Line((words[name], words["comma"].join(titles))))
    counts = words["counts"].format(
        moves=len(playbook.moves),
        roles=len(playbook.roles),
        instruments=len(playbook.instruments),
        cadences=len(playbook.cadences),
    )
    found.append(Line((counts,)))
    return found


def _stages(playbook: Playbook, lang: Language) -> Table:
    words = _WORDS[lang]
    rows: list[tuple[Part, ...]] = [
        (
            f"{number}",
            stage.title.get(lang),
            Key(stage.key),
            f"{len(stage.sub_stages) or ''}",
            *_criteria(stage),
            "" if stage.probability is None else f"{stage.probability:.0%}",
            "" if stage.max_days is None else f"{stage.max_days}",
            words["wins"] if stage.wins else "",
        )
        for number, stage in enumerate(playbook.stages[:_STAGES], start=1)
    ]
    if len(playbook.stages) > _STAGES:
        more = words["more"].format(n=len(playbook.stages) - _STAGES)
        rows.append(("", more, *([""] * 7)))
    head = ("", *(words[name] for name in _COLUMNS), "")
    return Table(head, rows, frozenset({0, 3, 4, 5, 6, 7}))


def _criteria(stage: Stage) -> tuple[str, str]:
    """How many criteria it takes to pass the stage, and how many are advice."""
    places: tuple[Stage | SubStage, ...] = (stage, *stage.sub_stages)
    found = [item for place in places for item in (*place.entry, *place.exit)]
    advice = sum(item.advisory for item in found)
    return f"{len(found) - advice}", f"{advice or ''}"


_COLUMNS: Final = ("stage", "key", "parts", "criteria", "advice", "chance", "days")

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "stage": "stage",
        "key": "key",
        "parts": "sub-stages",
        "criteria": "criteria",
        "advice": "advice",
        "chance": "chance",
        "days": "days at most",
        "wins": "wins the deal",
        "more": "… and {n} more",
        "checklists": "Checklists:",
        "scorecards": "Scorecards:",
        "comma": ", ",
        "counts": "Moves {moves}; roles {roles}; instruments {instruments}; cadences {cadences}",
    },
    "zh": {
        "stage": "阶段",
        "key": "键名",
        "parts": "子阶段",
        "criteria": "必备标准",
        "advice": "建议",
        "chance": "赢率",
        "days": "最长天数",
        "wins": "完成即赢单",
        "more": "……另有 {n} 个",
        "checklists": "检查表：",
        "scorecards": "评分卡：",
        "comma": "、",
        "counts": "流转 {moves}，角色 {roles}，计划工具 {instruments}，定期事项 {cadences}。",
    },
}
