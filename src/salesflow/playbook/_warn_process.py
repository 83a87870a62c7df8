"""Stages and moves that work, but hardly as they are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook._moves import is_line
from salesflow.playbook._parts import RawTable, places, positions
from salesflow.playbook._problem_log import warning

_WON: Final = frozenset({"won"})
_LOST: Final = frozenset(
    {
        *("lost", "unqualified", "disqualified", "duplicate", "duplicated", "cancelled"),
        *("canceled", "abandoned", "dead", "rejected", "omitted"),
    }
)
_FILLING: Final = frozenset(
    {
        *("closed", "deal", "deals", "opportunity", "opportunities", "stage", "to", "by", "us"),
        *("competitor", "competition", "no", "decision", "a", "the"),
    }
)
_NOTHING_CHOSEN: Final = {"no", "decision"}
_WORD: Final = re.compile(r"[a-z]+")
_LOST_ZH: Final = frozenset(
    {
        *("输单", "丢单", "失单", "战败", "流失", "不合格", "重复", "取消", "作废", "无效"),
        *("放弃", "淘汰"),
    }
)
_WON_ZH: Final = frozenset({"赢单", "成交"})
_FILLING_ZH: Final = re.compile(r"关闭|结束|商机|项目|客户|线索|阶段|状态|[已的\W\d_A-Za-z]")


_NO_CHANCE: Final = (
    "a deal without a chance is lost, and in no stage: leave this one out, and use [[reasons]]"
)


def doubts_of_the_process(document: RawTable) -> Iterator[Problem]:
    """Every warning about stages and moves."""
    yield from _closed(document)
    yield from _order(document)
    yield from _unasked(document)


def _closed(document: RawTable) -> Iterator[Problem]:
    """How a deal ends is no stage of it, though lists of CRMs have both in one."""
    winning = any(stage["wins"] for stage in document.tables("stages"))
    for place in places(document):
        end = _end_called(place)
        if end == "lost":
            message = "a deal that is lost or disqualified has ended, and is in no stage"
            hint = "leave it out, and list why deals are lost in [[reasons]]"
            yield warning(place.path, message, hint, "closed")
        elif end == "won" and not place.get("wins"):
            message = "a deal that is won is in no stage of its own"
            hint = "leave it out, and mark the stage before it with wins = true"
            yield warning(place.path, message, hint, "closed")
        elif place["probability"] == 1 and not winning:
            message = "what is here is as good as won, and no stage says where deals are won"
            hint = "mark the stage whose completion wins them with wins = true"
            yield warning(place.at("probability"), message, hint, "closed")


def _end_called(place: RawTable) -> str | None:
    """How a deal has ended that is in a stage of this name; None for other stages."""
    title = place.text("title")
    titles = [title.said(lang) or "" for lang in title.languages] if title else []
    for name in (str(place["key"]), *titles):
        words = {*_WORD.findall(name.lower())}
        if words in ({"closed"}, _NOTHING_CHOSEN):
            return "lost"
        rest = words - _FILLING
        if rest and rest <= _LOST:
            return "lost"
        if rest and rest <= _WON:
            return "won"
    for name in titles:
        rest_zh = _FILLING_ZH.sub("", name)
        if rest_zh in _LOST_ZH:
            return "lost"
        # Without anything to be done there it is no step to winning.
        if rest_zh in _WON_ZH and (rest_zh != name or (name == "赢单" and not place["exit"])):
            return "won"
    return None


def _order(document: RawTable) -> Iterator[Problem]:
    if not is_line(document):
        return
    winning = [stage for stage in document.tables("stages") if stage["wins"]]
    for stage in winning[1:]:
        message = f"the deal is won already at {winning[0].path}"
        yield warning(stage.at("wins"), message, "keep one", "order")
    cycles = "the selling-cycle number falls from {:g} to {:g}", "number the stages upwards"
    yield from _falling(document, "cycle", *cycles)
    chances = "the chance of winning falls from {:g} to {:g} as the deal goes on", "let it rise"
    yield from _falling(document, "probability", *chances, _NO_CHANCE)


def _falling(
    document: RawTable, key: str, message: str, hint: str, of_nothing: str = ""
) -> Iterator[Problem]:
    numbered = [
        (number, place if place[key] is not None else stage)
        for stage, place in positions(document)
        for number in [stage.number(key) if place[key] is None else place.number(key)]
        if number is not None
    ]
    for (before, _), (after, place) in pairwise(numbered):
        if after < before:
            told = hint if after else of_nothing or hint
            yield warning(place.at(key), message.format(before, after), told, "order")


def _unasked(document: RawTable) -> Iterator[Problem]:
    """What stands on a way to a new deal: nobody takes that way."""
    for move in document.tables("moves"):
        asks = move["rule"] is not None or move["criteria"]
        if move["new_deal"] and asks:
            yield warning(
                move.at("criteria" if move["criteria"] else "rule"),
                "no way asks for this: the new deal is opened by the end of this one",
                "ask for it where the deal ends, or on entering the stage of the new one",
                "unasked",
            )
