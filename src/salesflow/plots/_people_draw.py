"""The parts of the relationship map, drawn in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import altair as alt

from salesflow._show import plain
from salesflow.domain import Contact, InfluenceLine
from salesflow.plots._base import (
    BLUE,
    DARK,
    GREY,
    ORANGE,
    PALE,
    RED,
    SKY,
    Row,
    data,
    tooltips,
)
from salesflow.plots._layout import BOX, COLUMN, HEIGHT, Lines, Place
from salesflow.plots._people_words import ATTITUDES, COVERAGE, INFLUENCE, ROLES, WORDS
from salesflow.text import Language

_LINES: Final = 150
_STRIPE: Final = 9
_COLOURS: Final[dict[str | None, str]] = {
    "champion": BLUE,
    "supporter": SKY,
    "neutral": GREY,
    "opponent": RED,
    None: PALE,
}
_BORDERS: Final[dict[str | None, str]] = {
    "in_depth": "thick",
    "multiple": "thick",
    "brief": "thin",
    "no_contact": "dashed",
    None: "dashed",
}


class Canvas:
    """Draws in pixels: x from the left, y from the top."""

    def __init__(self, width: float, lang: Language) -> None:
        self._width = width
        self._lang = lang
        self._words = WORDS[lang]
        self._is_zh = lang == "zh"

    def ground(self, height: float) -> alt.Chart:
        """Nothing that is seen: the scale of pixels that all layers share."""
        chart: alt.Chart = (
            alt.Chart(data("ground", [{"x": 0, "y": 0}]))
            .mark_point(opacity=0)
            .encode(
                x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, self._width], nice=False)),
                y=alt.Y(
                    "y:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False, reverse=True)
                ),
            )
        )
        return chart

    def reporting(self, contacts: list[Contact], places: dict[str, Place]) -> list[alt.Chart]:
        """Grey lines from whoever somebody reports to, with two corners."""
        rows: list[Row] = []
        for number, each in enumerate(contacts):
            if each.reports_to not in places:
                continue
            boss, place = places[each.reports_to], places[each.name]
            corner = boss.right + (COLUMN - BOX) / 2
            points = [(boss.right, boss.middle), (corner, boss.middle), (corner, place.middle)]
            if boss.column == place.column:  # where the line is too long for the picture
                corner = boss.left - 14
                points = [(boss.left, boss.middle), (corner, boss.middle), (corner, place.middle)]
            points.append((place.left, place.middle))
            rows += [
                {"line": number, "step": step, "x": x, "y": y} for step, (x, y) in enumerate(points)
            ]
        if not rows:
            return []
        return [
            alt.Chart(data("reporting", rows))
            .mark_line(color=GREY, strokeWidth=1.5)
            .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), detail=alt.Detail("line:N"), order="step:Q")
        ]

    def boxes(self, contacts: list[Contact], places: dict[str, Place]) -> list[alt.Chart]:
        """One box per person, with a stripe for the attitude and three lines of text."""
        words = self._words
        source = data("people", [self._person(each, places[each.name]) for each in contacts])
        attitudes = [ATTITUDES[key][self._is_zh] for key in _COLOURS]
        present = {ATTITUDES[each.attitude][self._is_zh] for each in contacts}
        kept = [said for said in attitudes if said in present]
        colours = {ATTITUDES[key][self._is_zh]: colour for key, colour in _COLOURS.items()}
        hints = tooltips(
            [(name, words[name]) for name in ("name", "job", "role", "attitude", "coverage")]
            + [
                (name, words[name])
                for name in ("talked", "relationship", "influence", "cares", "note")
            ]
        )
        base = alt.Chart(source)
        corners = {
            "x": alt.X("left:Q"),
            "x2": alt.X2("right:Q"),
            "y": alt.Y("top:Q"),
            "y2": alt.Y2("bottom:Q"),
        }
        # Vega-Lite has no channel for the dashes of a rectangle: one layer for each kind of border.
        borders = [
            base.transform_filter(f"datum.border === '{border}'")
            .mark_rect(
                fill="#FFFFFF", stroke=DARK, cornerRadius=4, strokeWidth=wide, strokeDash=dash
            )
            .encode(**corners, tooltip=hints)
            for border, wide, dash in (
                ("thick", 2.5, [1, 0]),
                ("thin", 1.2, [1, 0]),
                ("dashed", 1.2, [4, 3]),
            )
        ]
        stripe = base.mark_rect().encode(
            x=alt.X("left:Q"),
            x2=alt.X2("stripe:Q"),
            y=alt.Y("top:Q"),
            y2=alt.Y2("bottom:Q"),
            color=alt.Color(
                "attitude:N",
                title=words["attitude"],
                scale=alt.Scale(domain=kept, range=[colours[said] for said in kept]),
                legend=alt.Legend(orient="top", direction="horizontal", symbolType="square"),
            ),
            tooltip=hints,
        )
        lines: tuple[tuple[str, int, int, Literal["bold", "normal"]], ...] = (
            ("name", -14, 12, "bold"),
            ("second", 1, 10, "normal"),
            ("third", 15, 10, "normal"),
        )
        texts = [
            base.mark_text(
                align="left",
                baseline="middle",
                dy=dy,
                fontSize=size,
                fontWeight=weight,
                color=DARK,
                limit=BOX - _STRIPE - 10,
            ).encode(x=alt.X("text:Q"), y=alt.Y("middle:Q"), text=alt.Text(f"{field}:N"))
            for field, dy, size, weight in lines
        ]
        return [*borders, stripe, *texts]

    def _person(self, contact: Contact, place: Place) -> Row:
        zh, words = self._is_zh, self._words
        role = ROLES[contact.buying_role][zh] if contact.buying_role else ""
        attitude = ATTITUDES[contact.attitude][zh]
        coverage = COVERAGE[contact.coverage][zh]
        influence = INFLUENCE[contact.influence][zh]
        second = [part for part in (role, plain(contact.job_title or "")) if part]
        third = [coverage]
        if contact.influence is not None:
            third.append(words["weighs"].format(influence=influence))
        return {
            "name": plain(contact.name),
            "job": plain(contact.job_title or ""),
            "role": role or words["no_role"],
            "attitude": attitude,
            "coverage": coverage,
            "relationship": words[f"relationship_{contact.relationship}"],
            "influence": influence,
            "talked": contact.last_talk_on.isoformat() if contact.last_talk_on else "",
            "cares": plain(contact.cares_about or ""),
            "note": plain(contact.note or ""),
            "second": " · ".join(second) or words["no_role"],
            "third": " · ".join(third),
            "left": place.left,
            "right": place.right,
            "stripe": place.left + _STRIPE,
            "text": place.left + _STRIPE + 6,
            "top": place.middle - HEIGHT / 2,
            "middle": place.middle,
            "bottom": place.middle + HEIGHT / 2,
            "border": _BORDERS[contact.coverage],
        }

    def influences(
        self, people: Sequence[InfluenceLine], places: dict[str, Place]
    ) -> tuple[list[alt.Chart], list[alt.Chart]]:
        """Dashed lines from those who have influence to those who listen; and their heads.

        The lines go below the boxes and the heads above, as they touch the borders.
        """
        words = self._words
        lines = [line for line in people if line.source in places and line.target in places][
            :_LINES
        ]
        if not lines:
            return [], []
        points: list[Row] = []
        heads: list[Row] = []
        drawer = Lines(places.values())
        for number, line in enumerate(lines):
            path = drawer.between(places[line.source], places[line.target])
            said = words["listens"].format(source=plain(line.source), target=plain(line.target))
            points += [
                {"line": number, "step": step, "x": x, "y": y, "said": said}
                for step, (x, y) in enumerate(path)
            ]
            leftward = path[-2][0] > path[-1][0]
            heads.append(
                {
                    "x": path[-1][0],
                    "y": path[-1][1],
                    "form": "triangle-left" if leftward else "triangle-right",
                    "said": said,
                    "note": plain(line.note or ""),
                }
            )
        drawn = (
            alt.Chart(data("influences", points))
            .mark_line(color=ORANGE, strokeWidth=2, strokeDash=[5, 3])
            .encode(
                x=alt.X("x:Q"),
                y=alt.Y("y:Q"),
                detail=alt.Detail("line:N"),
                order="step:Q",
                tooltip=tooltips([("said", words["influence_line"])]),
            )
        )
        arrows = (
            alt.Chart(data("arrows", heads))
            .mark_point(filled=True, color=ORANGE, size=110, opacity=1)
            .encode(
                x=alt.X("x:Q"),
                y=alt.Y("y:Q"),
                shape=alt.Shape("form:N", scale=None, legend=None),
                tooltip=tooltips([("said", words["influence_line"]), ("note", words["note"])]),
            )
        )
        return [drawn], [arrows]

    def missing(self, roles: list[str], top: float, columns: int) -> tuple[list[alt.Chart], float]:
        """Empty boxes for the roles that nobody has; and where they end."""
        words = self._words
        rows: list[Row] = []
        for number, role in enumerate(roles):
            left = (number % columns) * COLUMN
            middle = top + (number // columns) * (HEIGHT - 8) + 15
            rows.append(
                {
                    "role": words["missing_role"].format(role=role),
                    "left": left,
                    "right": left + BOX,
                    "text": left + 10,
                    "top": middle - 15,
                    "middle": middle,
                    "bottom": middle + 15,
                }
            )
        source = data("missing", rows)
        box = (
            alt.Chart(source)
            .mark_rect(
                fillOpacity=0, stroke=RED, strokeDash=[3, 3], strokeWidth=1.5, cornerRadius=4
            )
            .encode(
                x=alt.X("left:Q"),
                x2=alt.X2("right:Q"),
                y=alt.Y("top:Q"),
                y2=alt.Y2("bottom:Q"),
                tooltip=tooltips([("role", words["role"])]),
            )
        )
        text = (
            alt.Chart(source)
            .mark_text(align="left", baseline="middle", fontSize=11, color=DARK, limit=BOX - 16)
            .encode(x=alt.X("text:Q"), y=alt.Y("middle:Q"), text=alt.Text("role:N"))
        )
        return [box, text], float(rows[-1]["bottom"] or 0)
