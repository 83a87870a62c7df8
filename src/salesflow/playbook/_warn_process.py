"""Stages and moves that work, but hardly as they are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook._forecast import certainty, forecast_categories, may_be_won
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
    yield from _forecast(document)
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
    for place, before, after in _falling(document, "cycle"):
        message = f"the selling-cycle number falls from {before:g} to {after:g}"
        yield warning(place.at("cycle"), message, "number the stages upwards", "order")
    for place, before, after in _falling(document, "probability"):
        message = f"the chance of winning falls from {before:g} to {after:g} as the deal goes on"
        hint = "let it rise" if after else _NO_CHANCE
        yield warning(place.at("probability"), message, hint, "order")


def _falling(document: RawTable, key: str) -> Iterator[tuple[RawTable, float, float]]:
    """What says a lower number than the position before it, with both numbers."""
    numbered = [
        (number, place if place[key] is not None else stage)
        for stage, place in positions(document)
        for number in [stage.number(key) if place[key] is None else place.number(key)]
        if number is not None
    ]
    for (before, _), (after, place) in pairwise(numbered):
        if after < before:
            yield place, before, after


def _forecast(document: RawTable) -> Iterator[Problem]:
    """Categories that say the opposite of where the deal stands."""
    going, found = may_be_won(document), forecast_categories(document)
    of_stage: dict[str, list[str]] = {}
    for stage, place in positions(document):
        for key in {stage.key, place.key}:
            of_stage.setdefault(key, []).append(place.key)
    for place in places(document):
        if place["forecast"] not in (None, "omitted") and going.isdisjoint(of_stage[place.key]):
            message = "no deal is won from here on, so that the forecast counts none of them"
            yield warning(place.at("forecast"), message, "leave it out", "forecast")
    if not is_line(document):
        return
    counted = [(stage, place) for stage, place in positions(document) if place.key in going]
    for before, after in pairwise(counted):
        first, then = found[before[1].key], found[after[1].key]
        said = _saying(*after) or _saying(*before)
        if certainty(then) < certainty(first) and said is not None:
            message = f'the forecast category falls from "{first}" to "{then}" as the deal goes on'
            yield warning(said.at("forecast"), message, "let it rise", "forecast")


def _saying(stage: RawTable, place: RawTable) -> RawTable | None:
    """What says the category of a position: itself, or else its stage; None for the default."""
    return next((table for table in (place, stage) if table["forecast"] is not None), None)


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
