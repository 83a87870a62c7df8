"""One deal's score: the whole and its sections as intervals, and what to ask next."""

from __future__ import annotations

from typing import Final

import altair as alt

from salesflow._show import plain
from salesflow.playbook import Playbook, Scorecard
from salesflow.plots._base import (
    DARK,
    LABEL,
    PALE,
    SKY,
    Picture,
    Row,
    across,
    data,
    down,
    language,
    layered,
    title,
    tooltips,
)
from salesflow.plots._score_draw import bands, card_of, intervals
from salesflow.plots._score_words import WORDS, bands_of, interval, said_of
from salesflow.qualify import UNDECIDED, Contribution, Score, SectionScore
from salesflow.rules import Verdict
from salesflow.text import Language

_WIDTH: Final = 520
_ROW_HEIGHT: Final = 26
_ITEMS: Final = 40
_ASKED: Final = 5


def score_of_deal(score: Score, playbook: Playbook, *, lang: Language = "en") -> Picture:
    """One score: the whole and its sections as intervals, the bands, and what to ask next.

    What is certain is dark, what is still possible is light, what is out of reach is grey. Knock-
    outs that failed or are open stand beside their section. The questions below are those that can
    still change the verdict, at most five, with what each answer would do.

    Args:
        score: What `engine.score` or `salesflow.qualify.score` gave.
        playbook: The playbook of the card, for bands and titles.
        lang: The language of titles, axes and labels.

    Raises:
        PlotError: An argument is of the wrong kind, or the score is of another card.
        UnknownName: There is no such language, or the playbook has no such card.

    Example:
        >>> from salesflow import load_playbook
        >>> from salesflow.qualify import score
        >>> playbook = load_playbook("optimized_sales_process")
        >>> found = score(playbook, playbook.scorecards["go_no_go"], {"tas.customer_project": "+"})
        >>> chart = score_of_deal(found, playbook)
        >>> chart.to_dict()["title"]["subtitle"][0]
        'Undecided: 1–25 of 25 points'
    """
    lang = language(lang)
    card = card_of(playbook, {"score": score})
    panels = [_whole(score, card, lang), _parts(score, lang)]
    if score.ask_next:
        panels.append(_asks(score, card, lang))
    words = WORDS[lang]
    unknown = words["unknown"].format(n=len(score.unknown)) if score.unknown else ""
    chart: alt.VConcatChart = (
        alt.vconcat(*panels)
        .resolve_scale(color="independent")
        .properties(
            title=title(
                card.title.get(lang), said_of(score, card, lang), unknown, words["legend_of_deal"]
            ),
            spacing=18,
        )
    )
    return chart


def _whole(score: Score, card: Scorecard, lang: Language) -> alt.LayerChart:
    words = WORDS[lang]
    label = words["whole"]
    row: Row = {
        "part": label,
        "low": score.low,
        "high": score.high,
        "interval": interval(score.low, score.high),
    }
    height = _ROW_HEIGHT + 12
    layers = [
        *bands(bands_of(card, lang), height, lang),
        *intervals("whole", [row], "part", [label], "", card.total, lang),
    ]
    return layered(layers, None, width=_WIDTH, height=height)


def _parts(score: Score, lang: Language) -> alt.LayerChart:
    words = WORDS[lang]
    parts: tuple[SectionScore | Contribution, ...] = score.sections or score.contributions
    rows: list[Row] = []
    labels = []
    for number, part in enumerate(parts[:_ITEMS], start=1):
        label = f"{number} {plain(part.title.get(lang), LABEL)}"
        labels.append(label)
        total = part.total if isinstance(part, SectionScore) else part.weight
        inside = [item for item in score.contributions if _is_in(item, part)]
        rows.append(
            {
                "part": label,
                "low": part.low,
                "high": part.high,
                "total": total,
                "interval": f"{interval(part.low, part.high)} / {total:g}",
                "said": f"{interval(part.low, part.high)} / {total:g}{_marks(inside, lang)}",
            }
        )
    heading = words["section"] if score.sections else words["item"]
    most = max((float(row["total"] or 0) for row in rows), default=1.0)
    source = data("parts", rows)
    reach = (
        alt.Chart(source)
        .mark_bar(color=PALE, height={"band": 0.6})
        .encode(
            x=across("total", words["points"], most * 1.6),
            x2=alt.X2Datum(0),
            y=down("part", labels, heading),
            tooltip=tooltips([("part", heading), ("interval", words["points"])]),
        )
    )
    marks = (
        alt.Chart(source)
        .mark_text(align="left", dx=8, color=DARK, limit=340)
        .encode(
            x=alt.X("total:Q"),
            y=down("part", labels, heading),
            text=alt.Text("said:N"),
            tooltip=tooltips([("said", words["points"])]),
        )
    )
    inner = intervals("parts", rows, "part", labels, heading, most * 1.6, lang)
    return layered([reach, *inner, marks], None, width=_WIDTH, height=_ROW_HEIGHT * len(labels))


def _is_in(item: Contribution, part: SectionScore | Contribution) -> bool:
    if isinstance(part, Contribution):
        return item.key == part.key
    return (item.section.key if item.section else None) == part.key


def _marks(items: list[Contribution], lang: Language) -> str:
    """The knock-outs of a row that failed, and those that are open."""
    words = WORDS[lang]
    said = []
    for verdict, word in ((Verdict.NO, "failed"), (Verdict.UNKNOWN, "open")):
        found = [item for item in items if item.knock_out and item.verdict is verdict]
        if found:
            named = words["comma"].join(item.title.get(lang) for item in found)
            said.append(words[word].format(items=plain(named, LABEL)))
    return "".join(f" · {each}" for each in said)


def _asks(score: Score, card: Scorecard, lang: Language) -> alt.LayerChart:
    words = WORDS[lang]
    titles = {band.key: band.title.get(lang) for band in card.bands}
    titles[UNDECIDED] = words["stays_open"]
    rows: list[Row] = []
    labels = []
    for number, ask in enumerate(score.ask_next[:_ASKED], start=1):
        label = f"{number} {plain(ask.title.get(lang), LABEL)}"
        labels.append(label)
        effect = words["effect"].format(yes=titles[ask.if_yes], no=titles[ask.if_no])
        rows.append({"ask": label, "swing": ask.swing, "fact": ask.question, "effect": effect})
    heading = words["ask"]
    y = down("ask", labels, heading)
    most = max(ask.swing for ask in score.ask_next) * 2.4
    source = data("asks", rows)
    bars = (
        alt.Chart(source)
        .mark_bar(color=SKY, height={"band": 0.6})
        .encode(
            x=across("swing", words["swing"], most),
            y=y,
            tooltip=tooltips(
                [
                    ("ask", heading),
                    ("fact", words["fact"]),
                    ("swing", words["swing"]),
                    ("effect", words["answers"]),
                ],
                "NNQN",
            ),
        )
    )
    text = (
        alt.Chart(source)
        .mark_text(align="left", dx=8, color=DARK, limit=300)
        .encode(x=alt.X("swing:Q"), y=y, text=alt.Text("effect:N"))
    )
    return layered([bars, text], None, width=_WIDTH, height=_ROW_HEIGHT * len(labels))
