"""The scores of many deals on one card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt

from salesflow._show import plain, span
from salesflow._shown import spoken
from salesflow.playbook import Playbook
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.plots._score_parts import band_layers, card_of, interval_layers, verdict_titles
from salesflow.qualify import Score
from salesflow.rules import Verdict
from salesflow.terms import UNDECIDED
from salesflow.text import Language, both, in_language

_DEALS: Final = 60


def scores_of_deals(
    scores: Mapping[str, Score], playbook: Playbook, *, lang: Language | None = None
) -> Picture:
    """Many deals on one card: the interval of each, the bands, and what to ask of whom.

    Deals stand in the order of their certain points, then of their possible ones. Beside each
    interval stand the verdict and the question to ask next; a knock-out that failed has a cross.
    At most sixty deals are drawn; the title says so where there are more.

    Args:
        scores: By the name of the deal; all on one card.
        playbook: The playbook of the card, for bands and titles.
        lang: The language of titles, axes and labels; by default that of the playbook.

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        PlotError: The scores are on several cards, or on a card with other items.
        UnknownName: There is no such language, or the playbook has no such card.

    Example:
        >>> from salesflow import load_playbook
        >>> from salesflow.qualify import score
        >>> playbook = load_playbook("optimized_sales_process")
        >>> card = playbook.scorecards["tas"]
        >>> answers = {"D-1": {"tas.access_to_funds": "-"}, "D-2": {"tas.access_to_funds": "+"}}
        >>> scores = {name: score(playbook, card, facts) for name, facts in answers.items()}
        >>> chart = scores_of_deals(scores, playbook)
        >>> [row["verdict"] for row in chart.to_dict()["layer"][-1]["data"]["values"]]
        ['Undecided', '✗ No go']
    """
    lang = spoken(lang, playbook)
    words = in_language(lang, _PHRASES)
    if scores == {}:
        return _canvas.placeholder(words["title"], words["nothing"])
    card = card_of(playbook, scores, "scores")
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1].low, -pair[1].high, str(pair[0])))
    titles = verdict_titles(card, lang, UNDECIDED.get(lang).capitalize())
    rows: list[ChartRow] = []
    for number, (name, score) in enumerate(ranked[:_DEALS], start=1):
        verdict = titles[score.verdict]
        if any(item.knock_out and item.verdict is Verdict.NO for item in score.contributions):
            verdict = f"✗ {verdict}"
        ask = plain(score.ask_next[0].title.get(lang), _canvas.LABEL) if score.ask_next else ""
        rows.append(
            {
                "label": f"{number} {plain(str(name), _canvas.LABEL)}",
                "low": score.low,
                "high": score.high,
                "points": span(score.low, score.high),
                "verdict": verdict,
                "text": words["beside"].format(verdict=verdict, ask=ask) if ask else verdict,
            }
        )
    height = _canvas.ROW_HEIGHT * len(rows)
    beside = (
        alt.Chart(_canvas.data("verdicts", rows))
        .mark_text(align="left", x=_canvas.WIDTH + 8, color=_canvas.DARK, limit=300)
        .encode(
            y=_canvas.row_axis("label", [str(row["label"]) for row in rows], words["deal"]),
            text=alt.Text("text:N"),
        )
    )
    heading = _canvas.title(
        words["of_card"].format(card=card.title.get(lang)),
        words["legend"],
        words["more"].format(n=len(rows), all=len(ranked)) if len(rows) < len(ranked) else "",
    )
    layers = [
        *band_layers(card, height, lang),
        *interval_layers("deals", rows, words["deal"], card.total, lang),
        beside,
    ]
    return _canvas.layered(layers, heading, height=height)


_PHRASES: Final = {
    "title": both(en="Scores", zh="评分"),
    "of_card": both(en="{card}: the deals", zh="{card}：各项目"),
    "nothing": both(en="There are no scores.", zh="没有评分。"),
    "legend": both(
        en="Dark: certain. Light: still possible. ✗: a knock-out failed.",
        zh="深色：已确定；浅色：仍有可能；✗：一票否决。",
    ),
    "more": both(
        en="{n} of {all:,} deals are shown.",
        zh="共 {all:,} 个项目，仅显示 {n} 个。",
    ),
    "beside": both(en="{verdict} · ask: {ask}", zh="{verdict} · 下一步问：{ask}"),
    "deal": both(en="Deal", zh="项目"),
}
