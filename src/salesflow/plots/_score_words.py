"""The words of the charts of scores."""

from __future__ import annotations

from typing import Final

from salesflow._show import plain
from salesflow.playbook import Scorecard
from salesflow.plots._base import LABEL, Row
from salesflow.qualify import UNDECIDED, Score
from salesflow.text import Language

_WIDTH: Final = 520
_SHADES: Final = ("#F7F7F7", "#E8E8E8")


def interval(low: float, high: float) -> str:
    """The interval, or one number where nothing is open.

    Example:
        >>> interval(3, 5), interval(4, 4)
        ('3–5', '4')
    """
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def said_of(score: Score, card: Scorecard, lang: Language) -> str:
    """The verdict and the points."""
    words = WORDS[lang]
    titles = {band.key: band.title.get(lang) for band in card.bands}
    verdict = words["undecided"] if score.verdict == UNDECIDED else titles[score.verdict]
    return words["verdict"].format(
        verdict=plain(verdict, LABEL),
        points=interval(score.low, score.high),
        total=score.total,
    )


def bands_of(card: Scorecard, lang: Language) -> list[Row]:
    """Where each band begins and ends, in shades that take turns."""
    ends = [*(band.min for band in card.bands[1:]), card.total]
    return [
        {
            "band": plain(band.title.get(lang), LABEL),
            "said": plain(band.title.get(lang), _room((end - band.min) / card.total, lang)),
            "from": band.min,
            "to": max(end, band.min),
            "range": f"{band.min:g}–{end:g}",
            "shade": _SHADES[at % 2],
        }
        for at, (band, end) in enumerate(zip(card.bands, ends, strict=True))
    ]


def _room(share: float, lang: Language) -> int:
    """How many characters fit above a share of the width."""
    return max(2, int(share * _WIDTH / (14 if lang == "zh" else 7)))


WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "scores": "Scores",
        "scores_on": "{card}: the deals",
        "no_scores": "There are no scores.",
        "legend": "Dark: certain. Light: still possible. ✗: a knock-out failed.",
        "more_deals": "{n} of {all:,} deals are shown.",
        "undecided": "Undecided",
        "verdict": "{verdict}: {points} of {total:g} points",
        "beside": "{verdict} · ask: {ask}",
        "knocked_out": "✗ {verdict}",
        "deal": "Deal",
        "points": "points",
        "band": "Band",
        "whole": "All sections",
        "section": "Section",
        "item": "Item",
        "legend_of_deal": "Dark: certain. Light: still possible. Grey: out of reach.",
        "unknown": "Not known: {n} of the facts that the card reads.",
        "failed": "✗ knocks out: {items}",
        "open": "? may knock out: {items}",
        "comma": ", ",
        "ask": "Ask next",
        "fact": "Fact",
        "swing": "points between a favourable and an unfavourable answer",
        "answers": "What the answers do",
        "effect": "favourable: {yes}; if not: {no}",
        "stays_open": "still open",
    },
    "zh": {
        "scores": "评分",
        "scores_on": "{card}：各项目",
        "no_scores": "没有评分。",
        "legend": "深色：已确定；浅色：仍有可能；✗：一票否决。",
        "more_deals": "共 {all:,} 个项目，仅显示 {n} 个。",
        "undecided": "尚无定论",
        "verdict": "{verdict}：{points} 分（满分 {total:g}）",
        "beside": "{verdict} · 下一步问：{ask}",
        "knocked_out": "✗ {verdict}",
        "deal": "项目",
        "points": "分",
        "band": "等级",
        "whole": "全部",
        "section": "部分",
        "item": "评分项",
        "legend_of_deal": "深色：已确定；浅色：仍有可能；灰色：已无法得到。",
        "unknown": "评分卡用到的事实中，还有 {n} 项未知。",
        "failed": "✗ 一票否决：{items}",
        "open": "? 可能一票否决：{items}",
        "comma": "、",
        "ask": "下一步问什么",
        "fact": "事实",
        "swing": "有利与不利回答相差的分值",
        "answers": "回答的影响",
        "effect": "有利：{yes}；不利：{no}",
        "stays_open": "仍未定",
    },
}
