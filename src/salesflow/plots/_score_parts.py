"""What the charts of scores share: their card, its bands, and points as intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from unicodedata import east_asian_width

import altair as alt

from salesflow._arguments import Arguments, instance, mapping
from salesflow._show import plain
from salesflow.errors import Problem, UnknownName
from salesflow.playbook import Playbook, Scorecard
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow
from salesflow.qualify import UNDECIDED, Score
from salesflow.text import Language, both, in_language

_SHADES: Final = ("#F7F7F7", "#E8E8E8")
_SCORE_HINT: Final = "pass what engine.score or salesflow.qualify.score gave"


def card_of(playbook: Playbook, scores: Mapping[str, Score], name: str) -> Scorecard:
    """The card that all scores are on.

    Args:
        playbook: The playbook of the card.
        scores: The scores by the name of the deal.
        name: The argument that the scores come from: `score` for a single one.

    Raises:
        ArgumentError: The playbook or a score is of the wrong kind.
        PlotError: The scores are on several cards, or the card has other items.
        UnknownName: The playbook has no such card.
    """
    given = Arguments()
    _canvas.read_playbook(given, playbook)
    for deal, score in (given.read(mapping, scores, name) or {}).items():
        path = name if name == "score" else f"{name}[{plain(repr(deal), _canvas.LABEL)}]"
        given.read(instance, score, Score, path, _SCORE_HINT)
    given.refuse(_canvas.REFUSED)
    cards = sorted({score.card for score in scores.values()})
    if len(cards) > 1:
        message = f"the scores are on several cards: {', '.join(cards)}"
        _canvas.refuse([Problem(name, message, "make one chart for each card", "card")])
    if cards[0] not in playbook.scorecards:
        raise UnknownName("scorecard", cards[0], playbook.scorecards)
    card = playbook.scorecards[cards[0]]
    items = [(item.key, item.yes) for item in card.items]
    for score in scores.values():
        if items != [(item.key, item.weight) for item in score.contributions]:
            hint = "pass the playbook that the scores were made with"
            _canvas.refuse(
                [Problem("playbook", f'its card "{card.key}" has other items', hint, "card")]
            )
    return card


def verdict_titles(card: Scorecard, lang: Language, undecided: str) -> dict[str, str]:
    """What each verdict on the card is called."""
    return {UNDECIDED: undecided} | {band.key: band.title.get(lang) for band in card.bands}


def band_layers(card: Scorecard, height: int, lang: Language) -> list[alt.Chart]:
    """The bands behind everything, in shades that take turns, with their names above."""
    words = in_language(lang, _PHRASES)
    ends = [*(band.min for band in card.bands[1:]), card.total]
    rows: list[ChartRow] = []
    for at, (band, end) in enumerate(zip(card.bands, ends, strict=True)):
        name = band.title.get(lang)
        wide = 14 if any(east_asian_width(letter) in "FW" for letter in name) else 7  # pixels
        room = (end - band.min) / card.total * _canvas.WIDTH
        rows.append(
            {
                "band": plain(name, _canvas.LABEL),
                "text": plain(name, max(2, int(room / wide))),
                "from": band.min,
                "to": max(end, band.min),
                "points": f"{band.min:g}–{end:g}",
                "shade": _SHADES[at % 2],
            }
        )
    source = _canvas.data("bands", rows)
    back = (
        alt.Chart(source)
        .mark_rect(y=0, y2=height, stroke="#FFFFFF")
        .encode(
            x=alt.X("from:Q"),
            x2=alt.X2("to:Q"),
            fill=alt.Fill("shade:N", scale=None),
            tooltip=_canvas.tooltips(words, "band", "points"),
        )
    )
    names = (
        alt.Chart(source)
        .mark_text(align="left", baseline="bottom", y=-4, dx=2, color=_canvas.DARK, fontSize=11)
        .encode(x=alt.X("from:Q"), text=alt.Text("text:N"))
    )
    return [back, names]


def interval_layers(
    name: str, rows: Sequence[ChartRow], heading: str, total: float, lang: Language
) -> list[alt.Chart]:
    """What is certain, dark; what is still possible, light; a line where the interval ends.

    Args:
        name: The name of the data.
        rows: Each has `label`, `low`, `high` and `points`.
        heading: What the labels are, if the chart has to say it.
        total: The end of the scale.
        lang: The language of axes and labels.
    """
    words = in_language(lang, _PHRASES)
    least = min([0.0, *(low for row in rows if isinstance(low := row["low"], float))])
    hints = ("label", "points") if heading else ("points",)
    base = alt.Chart(_canvas.data(name, rows)).encode(
        y=_canvas.row_axis("label", [str(row["label"]) for row in rows], heading),
        tooltip=_canvas.tooltips(words | {"label": heading}, *hints),
    )
    certain = _canvas.bars(base, _canvas.BLUE).encode(
        x=_canvas.number_axis("low", words["points"], total, least=least), x2=alt.X2Datum(0)
    )
    possible = _canvas.bars(base, _canvas.SKY).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    ends = base.mark_tick(color=_canvas.DARK, thickness=2, height={"band": 0.6}).encode(
        x=alt.X("high:Q")
    )
    return [certain, possible, ends]


_PHRASES: Final = {
    "band": both(en="Band", zh="分段"),
    "points": both(en="points", zh="分"),
}
