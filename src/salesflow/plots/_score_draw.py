"""What the charts of scores share: the card, its bands, and intervals."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from salesflow._show import plain
from salesflow.errors import Problem, UnknownName
from salesflow.playbook import Playbook, Scorecard
from salesflow.plots._base import (
    BLUE,
    DARK,
    LABEL,
    SKY,
    Row,
    across,
    data,
    down,
    no_playbook,
    refuse,
    tooltips,
)
from salesflow.plots._score_words import WORDS
from salesflow.qualify import Score
from salesflow.text import Language


def card_of(playbook: Playbook, scores: Mapping[str, Score]) -> Scorecard:
    """The card that all scores are on, after a look at the arguments."""
    refuse([*no_playbook(playbook), *_problems(scores)])
    cards = {score.card for score in scores.values()}
    if len(cards) > 1:
        named = ", ".join(sorted(cards))
        hint = "make one chart for each card"
        refuse([Problem("scores", f"they are on several cards: {named}", hint, "card")])
    key = cards.pop()
    if key not in playbook.scorecards:
        raise UnknownName("scorecard", key, playbook.scorecards)
    card = playbook.scorecards[key]
    items = [(item.key, item.most) for item in card.items]
    for score in scores.values():
        if items != [(each.key, each.weight) for each in score.contributions]:
            hint = "pass the playbook that the scores were made with"
            refuse([Problem("playbook", f'its card "{key}" has other items', hint, "card")])
    return card


def _problems(scores: object) -> list[Problem]:
    if not isinstance(scores, Mapping):
        hint = 'pass scores by the name of the deal, as {"D-1": engine.score(…)}'
        return [Problem("scores", f"{type(scores).__name__} is no mapping", hint, "type")]
    problems = []
    for name, score in scores.items():
        if not isinstance(score, Score):
            hint = "pass what engine.score or salesflow.qualify.score gave"
            path = "score" if name == "score" else f"scores[{plain(repr(name), LABEL)}]"
            problems.append(Problem(path, f"{type(score).__name__} is no score", hint, "type"))
    return problems


def bands(rows: list[Row], height: int, lang: Language) -> list[alt.Chart]:
    """The bands behind everything, with their names above."""
    words = WORDS[lang]
    source = data("bands", rows)
    back = (
        alt.Chart(source)
        .mark_rect(y=0, y2=height, stroke="#FFFFFF")
        .encode(
            x=alt.X("from:Q"),
            x2=alt.X2("to:Q"),
            fill=alt.Fill("shade:N", scale=None),
            tooltip=tooltips([("band", words["band"]), ("range", words["points"])]),
        )
    )
    names = (
        alt.Chart(source)
        .mark_text(align="left", baseline="bottom", y=-4, dx=2, color=DARK, fontSize=11)
        .encode(x=alt.X("from:Q"), text=alt.Text("said:N"))
    )
    return [back, names]


def intervals(
    name: str,
    rows: list[Row],
    field: str,
    labels: list[str],
    heading: str,
    total: float,
    lang: Language,
) -> list[alt.Chart]:
    """What is certain, dark; what is still possible, light; a line where the interval ends."""
    words = WORDS[lang]
    source = data(name, rows)
    y = down(field, labels, heading)
    named = [(field, heading)] if heading else []
    hints = tooltips([*named, ("interval", words["points"])])
    x = across("low", words["points"], total)
    certain = (
        alt.Chart(source)
        .mark_bar(color=BLUE, height={"band": 0.6})
        .encode(x=x, x2=alt.X2Datum(0), y=y, tooltip=hints)
    )
    possible = (
        alt.Chart(source)
        .mark_bar(color=SKY, height={"band": 0.6})
        .encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y, tooltip=hints)
    )
    ends = (
        alt.Chart(source)
        .mark_tick(color=DARK, thickness=2, height={"band": 0.6})
        .encode(x=alt.X("high:Q"), y=y, tooltip=hints)
    )
    return [certain, possible, ends]
