"""The scores of many deals on one card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt

from salesflow._show import plain
from salesflow.playbook import Playbook
from salesflow.plots._base import (
    DARK,
    LABEL,
    Picture,
    Row,
    data,
    down,
    language,
    layered,
    sentence,
    title,
)
from salesflow.plots._score_draw import bands, card_of, intervals
from salesflow.plots._score_words import WORDS, bands_of, interval
from salesflow.qualify import Score
from salesflow.rules import Verdict
from salesflow.text import Language

_WIDTH: Final = 520
_ROW_HEIGHT: Final = 26
_DEALS: Final = 60


def scores_of_deals(
    scores: Mapping[str, Score], playbook: Playbook, *, lang: Language = "en"
) -> Picture:
    """Many deals on one card: the interval of each, the bands, and what to ask of whom.

    Deals stand in the order of their certain points, then of their possible ones. Beside each
    interval stand the verdict and the question to ask next; a knock-out that failed has a cross.
    At most sixty deals are drawn; the title says so where there are more.

    Args:
        scores: By the name of the deal; all on one card.
        playbook: The playbook of the card, for bands and titles.
        lang: The language of titles, axes and labels.

    Raises:
        PlotError: An argument is of the wrong kind, or the scores are on several cards.
        UnknownName: There is no such language, or the playbook has no such card.

    Example:
        >>> from salesflow import load_playbook
        >>> from salesflow.qualify import score
        >>> playbook = load_playbook("optimized_sales_process")
        >>> card = playbook.scorecards["go_no_go"]
        >>> answers = {"D-1": {"tas.access_to_funds": "-"}, "D-2": {"tas.access_to_funds": "+"}}
        >>> scores = {name: score(playbook, card, facts) for name, facts in answers.items()}
        >>> chart = scores_of_deals(scores, playbook)
        >>> [row["verdict"] for row in chart.to_dict()["layer"][-1]["data"]["values"]]
        ['Undecided', '✗ No go']
    """
    lang = language(lang)
    words = WORDS[lang]
    if scores == {}:
        return sentence(words["scores"], words["no_scores"])
    card = card_of(playbook, scores)
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1].low, -pair[1].high, str(pair[0])))
    shown = ranked[:_DEALS]
    titles = {band.key: band.title.get(lang) for band in card.bands}
    rows: list[Row] = []
    labels = []
    for number, (name, score) in enumerate(shown, start=1):
        label = f"{number} {plain(str(name), LABEL)}"
        labels.append(label)
        out = any(item.knock_out and item.verdict is Verdict.NO for item in score.contributions)
        verdict = titles.get(score.verdict, words["undecided"])
        ask = score.ask_next[0].title.get(lang) if score.ask_next else ""
        rows.append(
            {
                "deal": label,
                "low": score.low,
                "high": score.high,
                "interval": interval(score.low, score.high),
                "verdict": f"✗ {verdict}" if out else verdict,
                "ask": plain(ask, LABEL),
                "said": words["beside"].format(verdict=verdict, ask=plain(ask, LABEL))
                if ask
                else (words["knocked_out"].format(verdict=verdict) if out else verdict),
            }
        )
    layers = [
        *bands(bands_of(card, lang), _ROW_HEIGHT * len(labels), lang),
        *intervals("deals", rows, "deal", labels, words["deal"], card.total, lang),
    ]
    text = (
        alt.Chart(data("verdicts", rows))
        .mark_text(align="left", x=_WIDTH + 8, color=DARK, limit=300)
        .encode(y=down("deal", labels, words["deal"]), text=alt.Text("said:N"))
    )
    more = words["more_deals"].format(n=len(shown), all=len(ranked))
    heading = title(
        words["scores_on"].format(card=card.title.get(lang)),
        words["legend"],
        more if len(ranked) > len(shown) else "",
    )
    return layered([*layers, text], heading, width=_WIDTH, height=_ROW_HEIGHT * len(labels))
