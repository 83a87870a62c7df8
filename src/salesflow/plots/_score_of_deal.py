"""One deal's score: the whole and its sections as intervals, and what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import altair as alt

from salesflow._show import plain, span
from salesflow._shown import spoken
from salesflow.playbook import Playbook, Scorecard
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.plots._score_parts import band_layers, card_of, interval_layers, verdict_titles
from salesflow.qualify import Contribution, Score, SectionScore
from salesflow.rules import Verdict
from salesflow.terms import UNDECIDED, joined
from salesflow.text import Language, both, in_language

_PARTS: Final = 40
_ASKED: Final = 5
_TEXT_ROOM: Final = 1.6  # the axis is longer than the longest bar, for the text beside it
_ASK_ROOM: Final = 2.4


def score_of_deal(score: Score, playbook: Playbook, *, lang: Language | None = None) -> Picture:
    """One score: the whole and its sections as intervals, the bands, and what to ask next.

    What is certain is dark, what is still possible is light, what is out of reach is grey. Knock-
    outs that failed or are open stand beside their section. The questions below are those that can
    still change the verdict, at most five, with what each answer would do.

    Args:
        score: What `engine.score` or `salesflow.qualify.score` gave.
        playbook: The playbook of the card, for bands and titles.
        lang: The language of titles, axes and labels; by default that of the playbook.

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        PlotError: The score is of a card with other items.
        UnknownName: There is no such language, or the playbook has no such card.

    Example:
        >>> from salesflow import load_playbook
        >>> from salesflow.qualify import score
        >>> playbook = load_playbook("optimized_sales_process")
        >>> found = score(playbook, playbook.scorecards["tas"], {"tas.customer_project": "+"})
        >>> chart = score_of_deal(found, playbook)
        >>> chart.to_dict()["title"]["subtitle"][0]
        'Undecided: 1–25 of 25 points'
    """
    lang = spoken(lang, playbook)
    card = card_of(playbook, {"score": score}, "score")
    words = in_language(lang, _PHRASES)
    panels = [_whole(score, card, lang), _parts(score, lang)]
    if score.ask_next:
        panels.append(_asks(score, card, lang))
    titles = verdict_titles(card, lang, UNDECIDED.get(lang).capitalize())
    verdict = words["verdict"].format(
        verdict=plain(titles[score.verdict], _canvas.LABEL),
        points=span(score.low, score.high),
        total=score.total,
    )
    unknown = words["unknown"].format(n=len(score.unknown)) if score.unknown else ""
    chart: alt.VConcatChart = (
        alt.vconcat(*panels)
        .resolve_scale(color="independent")
        .properties(
            title=_canvas.title(card.title.get(lang), verdict, unknown, words["legend"]), spacing=18
        )
    )
    return chart


def _whole(score: Score, card: Scorecard, lang: Language) -> alt.LayerChart:
    row: ChartRow = {
        "label": _PHRASES["whole"].get(lang),
        "low": score.low,
        "high": score.high,
        "points": span(score.low, score.high),
    }
    height = _canvas.ROW_HEIGHT + 12
    layers = [
        *band_layers(card, height, lang),
        *interval_layers("whole", [row], "", card.total, lang),
    ]
    return _canvas.layered(layers, None, height=height)


def _parts(score: Score, lang: Language) -> alt.LayerChart:
    """The sections of the card, or its items where it has no sections."""
    words = in_language(lang, _PHRASES)
    parts: tuple[SectionScore | Contribution, ...] = score.sections or score.contributions
    rows: list[ChartRow] = []
    most = 0.0
    for number, part in enumerate(parts[:_PARTS], start=1):
        total = part.total if isinstance(part, SectionScore) else part.most
        most = max(most, total)
        points = f"{span(part.low, part.high)} / {total:g}"
        inside = [item for item in score.contributions if _is_in(item, part)]
        rows.append(
            {
                "label": f"{number} {plain(part.title.get(lang), _canvas.LABEL)}",
                "low": part.low,
                "high": part.high,
                "total": total,
                "points": points,
                "text": points + _knock_outs(inside, lang),
            }
        )
    heading = words["section"] if score.sections else words["item"]
    base = alt.Chart(_canvas.data("parts", rows)).encode(
        y=_canvas.row_axis("label", [str(row["label"]) for row in rows], heading)
    )
    reach = _canvas.bars(base, _canvas.PALE).encode(
        x=_canvas.number_axis("total", words["points"], most * _TEXT_ROOM),
        x2=alt.X2Datum(0),
        tooltip=_canvas.tooltips(words | {"label": heading}, "label", "points"),
    )
    beside = _canvas.texts(base, "text", limit=340).encode(
        x=alt.X("total:Q"), tooltip=_canvas.tooltips(words, "text")
    )
    inner = interval_layers("parts", rows, heading, most * _TEXT_ROOM, lang)
    return _canvas.layered([reach, *inner, beside], None, height=_canvas.ROW_HEIGHT * len(rows))


def _is_in(item: Contribution, part: SectionScore | Contribution) -> bool:
    if isinstance(part, Contribution):
        return item.key == part.key
    return (item.section.key if item.section else None) == part.key


def _knock_outs(items: Sequence[Contribution], lang: Language) -> str:
    """The knock-outs of a row that failed, and those that are open."""
    found = []
    for verdict, phrase in ((Verdict.NO, "failed"), (Verdict.UNKNOWN, "open")):
        titles = [
            item.title.get(lang) for item in items if item.knock_out and item.verdict is verdict
        ]
        if titles:
            named = plain(joined(titles, lang), _canvas.LABEL)
            found.append(f" · {_PHRASES[phrase].get(lang).format(items=named)}")
    return "".join(found)


def _asks(score: Score, card: Scorecard, lang: Language) -> alt.LayerChart:
    words = in_language(lang, _PHRASES)
    titles = verdict_titles(card, lang, words["stays_open"])
    rows: list[ChartRow] = [
        {
            "ask": f"{number} {plain(ask.title.get(lang), _canvas.LABEL)}",
            "swing": ask.swing,
            "fact": ask.question,
            "effect": words["if"].format(yes=titles[ask.if_yes], no=titles[ask.if_no]),
        }
        for number, ask in enumerate(score.ask_next[:_ASKED], start=1)
    ]
    most = max(ask.swing for ask in score.ask_next) * _ASK_ROOM
    base = alt.Chart(_canvas.data("asks", rows)).encode(
        y=_canvas.row_axis("ask", [str(row["ask"]) for row in rows], words["ask"])
    )
    drawn = _canvas.bars(base, _canvas.SKY).encode(
        x=_canvas.number_axis("swing", words["swing"], most),
        tooltip=_canvas.tooltips(words, "ask", "fact", "swing:Q", "effect"),
    )
    beside = _canvas.texts(base, "effect").encode(x=alt.X("swing:Q"))
    return _canvas.layered([drawn, beside], None, height=_canvas.ROW_HEIGHT * len(rows))


_PHRASES: Final = {
    "verdict": both(
        en="{verdict}: {points} of {total:g} points", zh="{verdict}：{points} 分（满分 {total:g}）"
    ),
    "unknown": both(
        en="Not known: {n} of the facts that the card reads.",
        zh="评分卡用到的数据项中，还有 {n} 项未知。",
    ),
    "legend": both(
        en="Dark: certain. Light: still possible. Grey: out of reach.",
        zh="深色：已确定；浅色：仍有可能；灰色：已无法得到。",
    ),
    "whole": both(en="All sections", zh="全部"),
    "section": both(en="Section", zh="部分"),
    "item": both(en="Item", zh="评分项"),
    "points": both(en="points", zh="分"),
    "text": both(en="points", zh="分"),
    "failed": both(en="✗ knocks out: {items}", zh="✗ 一票否决：{items}"),
    "open": both(en="? may knock out: {items}", zh="? 可能一票否决：{items}"),
    "ask": both(en="Ask next", zh="下一步问什么"),
    "fact": both(en="Fact", zh="数据项"),
    "swing": both(
        en="points between a favourable and an unfavourable answer",
        zh="有利与不利回答相差的分值",
    ),
    "effect": both(en="What the answers do", zh="回答的影响"),
    "if": both(en="favourable: {yes}; if not: {no}", zh="有利：{yes}；不利：{no}"),
    "stays_open": both(en="still open", zh="仍未定"),
}
