"""The relationship map: who reports to whom, who listens to whom, and how they stand to us."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt

from salesflow._arguments import Arguments, instance, language, several
from salesflow._show import plain
from salesflow.domain import BuyingRole, Contact, InfluenceLine, RelationshipMap
from salesflow.plots import _canvas
from salesflow.plots._canvas import ChartRow, Picture
from salesflow.terms import ATTITUDES, BUYING_ROLES, COVERAGE, LEVELS, RELATIONSHIPS, Terms, joined
from salesflow.text import Language, both, in_language

_PEOPLE: Final = 60
_LINES: Final = 150
_COLOURS: Final[dict[str | None, str]] = {
    "champion": _canvas.BLUE,
    "supporter": _canvas.SKY,
    "neutral": _canvas.GREY,
    "opponent": _canvas.RED,
    None: _canvas.PALE,
}
_BORDERS: Final = {"thick": (2.5, [1, 0]), "thin": (1.2, [1, 0]), "dashed": (1.2, [4, 3])}
_COVERED: Final = {"in_depth": "thick", "multiple": "thick", "brief": "thin"}
# Lengths in pixels.
_ROW: Final = 46
_HEIGHT: Final = 38
_BOX: Final = 430
_SIDE: Final = 135  # the right part of a box, for coverage and weight
_STRIPE: Final = 9
_INDENT: Final = 34
_DEEPEST: Final = 240
_BOWS: Final = 170


def relationship_map(
    people: RelationshipMap,
    *,
    wanted: Iterable[BuyingRole] | None = None,
    lang: Language = "en",
) -> Picture:
    """The people at a customer: reporting lines, influence, attitude, coverage, missing roles.

    People stand below whom they report to, and further to the right. A stripe shows how somebody
    stands to us; a thick border, that we have talked with them more than once; a dashed one, that
    we have not. At the right, dashed orange arrows lead from those who have the influence to those
    who listen. Buying roles that nobody has are empty boxes at the bottom. Of more than sixty
    people, those who decide or weigh most are drawn, with the reporting lines above them.

    Args:
        people: The map; of a deal, `RelationshipMap.of(deal)`.
        wanted: The buying roles that ought to be known; by default the usual ones, as in
            `RelationshipMap.missing_roles`.
        lang: The language of titles and labels.

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        UnknownName: There is no such language, or no such buying role.

    Example:
        >>> from salesflow import Contact
        >>> people = RelationshipMap(
        ...     customer="Acme",
        ...     contacts=(
        ...         Contact(name="Zhang", buying_role="economic_buyer", coverage="brief"),
        ...         Contact(name="Liu", reports_to="Zhang", attitude="supporter"),
        ...     ),
        ... )
        >>> chart = relationship_map(people, wanted=("economic_buyer", "champion"))
        >>> print("; ".join(chart.to_dict()["title"]["subtitle"][:3]))
        Those who decide: 0 of 1 covered; The deal hangs on one person at most; Missing: champion
    """
    lang = language(lang)
    given = Arguments()
    given.read(instance, people, RelationshipMap, "people", "pass RelationshipMap.of(deal)")
    if wanted is not None:
        wanted = given.read(several, wanted, str, "wanted", 'write wanted=["champion"]')
    given.refuse(_canvas.REFUSED)
    roles = people.missing_roles() if wanted is None else people.missing_roles(wanted)
    missing = [BUYING_ROLES[role].get(lang) for role in dict.fromkeys(roles)]
    heading = _PHRASES["title"].get(lang).format(customer=people.customer)
    if not people.contacts:
        return _canvas.placeholder(heading, _PHRASES["nobody"].get(lang))
    shown = select(people.contacts, _PEOPLE)
    places = layout(shown)
    lines = [line for line in people.influences if {line.source, line.target} <= places.keys()]
    bows = influence_rows(lines[:_LINES], places, lang)
    bottom = len(shown) * _ROW
    return _canvas.layered(
        [
            *_box_layers(person_rows(shown, places, lang), lang),
            *_influence_layers(bows, lang),
            *_missing_layers(missing, bottom, lang),
        ],
        _canvas.title(heading, *_summary(people, missing, len(shown), lang)),
        height=bottom + _ROW * -(-len(missing) // 3),
        width=places[shown[0].name].right + (_BOWS if bows else 0),
    )


@dataclass(frozen=True, slots=True)
class PersonPlace:
    """Where somebody stands: the row, from above, and both edges of the box."""

    row: int
    left: float
    right: float

    @property
    def top(self) -> float:
        """The upper edge of the box."""
        return self.row * _ROW

    @property
    def middle(self) -> float:
        """Half way down the box."""
        return self.top + _HEIGHT / 2


def layout(contacts: Sequence[Contact]) -> dict[str, PersonPlace]:
    """A row for everybody: below whom they report to, before anybody else, and further right.

    So a line down from a box, left of those below it, crosses nobody on its way to them; and lines
    right of all boxes cross nobody at all.

    Example:
        >>> people = [Contact(name="Bo", reports_to="Ann"), Contact(name="Ann")]
        >>> layout(people)
        {'Ann': PersonPlace(row=0, left=0, right=464), 'Bo': PersonPlace(row=1, left=34, right=464)}
    """
    names = {contact.name for contact in contacts}
    below: dict[str | None, list[str]] = {}
    for contact in contacts:
        boss = contact.reports_to if contact.reports_to in names else None
        below.setdefault(boss, []).append(contact.name)
    # Those with people first: a single box between two families would look like part of one.
    tops = sorted(below.get(None, []), key=lambda name: name not in below)
    depths = dict[str, int]()
    # A stack instead of recursion: a reporting line may be longer than Python's stack.
    stack = [(name, 0) for name in reversed(tops)]
    while stack:
        name, depth = stack.pop()
        depths[name] = depth
        stack += [(other, depth + 1) for other in reversed(below.get(name, []))]
    deepest = max(depths.values(), default=0)
    indent = min(_INDENT, _DEEPEST / max(1, deepest))
    return {
        name: PersonPlace(row, depth * indent, deepest * indent + _BOX)
        for row, (name, depth) in enumerate(depths.items())
    }


def select(contacts: Sequence[Contact], most: int) -> list[Contact]:
    """At most so many: those who decide or weigh most first, each with the line above them."""
    by_name = {contact.name: contact for contact in contacts}
    kept = set[str]()
    for contact in sorted(contacts, key=_rank):
        line = set[str]()
        name: str | None = contact.name
        while name in by_name and name not in kept:
            line.add(name)
            name = by_name[name].reports_to
        if len(kept) + len(line) <= most:
            kept |= line
    return [contact for contact in contacts if contact.name in kept]


def _rank(contact: Contact) -> tuple[bool, int, bool]:
    order = {"high": 0, "medium": 1, None: 2, "low": 3}
    decides = contact.buying_role in {"economic_buyer", "business_lead"}
    return not decides, order[contact.influence], contact.buying_role is None


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=None, axis=None)


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _term(terms: Terms, key: str | None, unknown: str, lang: Language) -> str:
    return (_PHRASES[unknown] if key is None else terms[key]).get(lang)


def person_rows(
    contacts: Iterable[Contact], places: Mapping[str, PersonPlace], lang: Language
) -> Iterator[ChartRow]:
    """The box of everybody; `spine` is where the line from whom they report to comes down."""
    for contact in contacts:
        place = places[contact.name]
        boss = places.get(contact.reports_to or "")
        influence = _term(LEVELS, contact.influence, "unknown", lang)
        role = _term(BUYING_ROLES, contact.buying_role, "no_role", lang)
        job = plain(contact.job_title or "")
        weight = _PHRASES["weight"].get(lang).format(influence=influence)
        yield {
            "name": plain(contact.name),
            "job": job,
            "role": role,
            "attitude": _term(ATTITUDES, contact.attitude, "no_attitude", lang),
            "coverage": _term(COVERAGE, contact.coverage, "no_coverage", lang),
            "relationship": _term(RELATIONSHIPS, contact.relationship, "unknown", lang),
            "influence": influence,
            "talked": contact.last_talk_on.isoformat() if contact.last_talk_on else "",
            "cares": plain(contact.cares_about or ""),
            "note": plain(contact.note or ""),
            "below_name": f"{role} · {job}" if contact.buying_role and job else job or role,
            "weight": weight if contact.influence else "",
            "border": _COVERED.get(contact.coverage or "", "dashed"),
            "left": place.left,
            "stripe": place.left + _STRIPE,
            "right": place.right,
            "top": place.top,
            "middle": place.middle,
            "bottom": place.top + _HEIGHT,
            "spine": (boss.left + place.left) / 2 if boss else place.left,
            "spine_top": boss.top + _HEIGHT if boss else place.middle,
        }


def influence_rows(
    lines: Sequence[InfluenceLine], places: Mapping[str, PersonPlace], lang: Language
) -> list[ChartRow]:
    """The points of bows at the right of all boxes, from those with influence to who listens."""
    rows: list[ChartRow] = []
    for number, line in enumerate(lines):
        source, target = places[line.source], places[line.target]
        # Bows leave below the middle and arrive above it, and neighbours differ in their width, so
        # that they do not hide each other, not even a line and the one back.
        start, end = source.middle + 6, target.middle - 6
        width = min(30 + 14 * abs(source.row - target.row), 150) + 6 * (number % 3)
        edge, bow = source.right, source.right + width
        listens = _PHRASES["listens"].get(lang)
        text = listens.format(source=plain(line.source), target=plain(line.target))
        row: ChartRow = {"line": number, "influence_line": text, "note": plain(line.note or "")}
        path = ((edge, start), (bow, start), (bow, end), (edge + 6, end))
        rows += [row | {"step": step, "x": x, "y": y} for step, (x, y) in enumerate(path)]
    return rows


def _box_layers(boxes: Iterable[ChartRow], lang: Language) -> Iterator[alt.Chart]:
    """Reporting lines; boxes with a stripe for the attitude and four texts."""
    words = in_language(lang, _PHRASES)
    hints = ("name", "job", "role", "attitude", "coverage", "talked", "relationship", "influence")
    base = alt.Chart(_canvas.data("people", boxes)).encode(
        x=_x("left"), y=_y("top"), tooltip=_canvas.tooltips(words, *hints, "cares", "note")
    )
    spines = base.mark_rule(color=_canvas.GREY, strokeWidth=1.5)
    yield spines.encode(x=_x("spine"), y=_y("spine_top"), y2="middle")
    yield spines.encode(x=_x("spine"), x2="left", y=_y("middle"))
    # Vega-Lite has no channel for the dashes of a rectangle: one layer for each kind of border.
    for border, (width, dashes) in _BORDERS.items():
        of_border = base.transform_filter(alt.FieldEqualPredicate(field="border", equal=border))
        yield of_border.mark_rect(
            fill="#FFFFFF",
            stroke=_canvas.DARK,
            strokeWidth=width,
            strokeDash=dashes,
            cornerRadius=4,
        ).encode(x2="right", y2="bottom")
    colours = {
        _term(ATTITUDES, key, "no_attitude", lang): colour for key, colour in _COLOURS.items()
    }
    stripe = base.mark_rect().encode(x2="stripe", y2="bottom")
    yield stripe.encode(color=_canvas.legend("attitude", colours))
    for field, edge, dx, dy in (
        ("name", "left", _STRIPE + 6, 12),
        ("below_name", "left", _STRIPE + 6, 27),
        ("coverage", "right", -_SIDE, 12),
        ("weight", "right", -_SIDE, 27),
    ):
        yield base.mark_text(
            align="left",
            dx=dx,
            dy=dy,
            fontSize=12 if field == "name" else 10,
            fontWeight="bold" if field == "name" else "normal",
            color=_canvas.DARK,
            limit=_BOX - _SIDE - 30 if edge == "left" else _SIDE - 10,
        ).encode(x=_x(edge), text=f"{field}:N")


def _influence_layers(rows: Sequence[ChartRow], lang: Language) -> Iterator[alt.Chart]:
    """Dashed curves between the points, with arrow heads at their ends."""
    if rows:
        hints = _canvas.tooltips(in_language(lang, _PHRASES), "influence_line", "note")
        base = alt.Chart(_canvas.data("influences", rows)).encode(
            x=_x("x"), y=_y("y"), tooltip=hints
        )
        yield base.mark_line(
            color=_canvas.ORANGE, strokeWidth=2, strokeDash=[5, 3], interpolate="basis"
        ).encode(detail="line:N", order="step:Q")
        ends = base.transform_filter(alt.FieldEqualPredicate(field="step", equal=3))
        yield ends.mark_point(
            shape="triangle-left", filled=True, color=_canvas.ORANGE, size=110, opacity=1
        )


def _missing_layers(roles: Sequence[str], top: float, lang: Language) -> Iterator[alt.Chart]:
    """Empty boxes for the roles that nobody has, three in a row."""
    rows: list[ChartRow] = []
    for number, role in enumerate(roles):
        left, upper = number % 3 * (_SIDE + 10), top + number // 3 * _ROW
        rows.append(
            {
                "role": f"? {role}",
                "left": left,
                "right": left + _SIDE,
                "top": upper,
                "bottom": upper + _HEIGHT,
            }
        )
    if rows:
        base = alt.Chart(_canvas.data("missing", rows)).encode(
            x=_x("left"), y=_y("top"), tooltip=_canvas.tooltips(in_language(lang, _PHRASES), "role")
        )
        yield base.mark_rect(
            fillOpacity=0, stroke=_canvas.RED, strokeWidth=1.5, strokeDash=[3, 3], cornerRadius=4
        ).encode(x2="right", y2="bottom")
        yield base.mark_text(
            align="left", dx=8, dy=_HEIGHT / 2, fontSize=11, color=_canvas.DARK, limit=_SIDE - 16
        ).encode(text="role:N")


def _summary(
    people: RelationshipMap, missing: Sequence[str], shown: int, lang: Language
) -> Iterator[str]:
    words = in_language(lang, _PHRASES)
    number, covered = len(people.deciders), len(people.decision_coverage().covered)
    yield words["deciders"].format(covered=covered, n=number) if number else words["no_decider"]
    if people.single_threaded:
        yield words["single"]
    if missing:
        yield words["missing"].format(roles=joined(missing, lang))
    yield words["borders"]
    if shown < len(people.contacts):
        yield words["more"].format(n=shown, all=len(people.contacts))


_PHRASES: Final = {
    "title": both(en="Relationship map: {customer}", zh="客户关系图：{customer}"),
    "nobody": both(en="There is nobody on the map yet.", zh="关系图上还没有人。"),
    "deciders": both(
        en="Those who decide: {covered} of {n} covered", zh="决策人：共 {n} 位，已覆盖 {covered} 位"
    ),
    "no_decider": both(en="Nobody who decides is on the map", zh="关系图上没有决策人"),
    "single": both(en="The deal hangs on one person at most", zh="项目至多只依靠一个人"),
    "missing": both(en="Missing: {roles}", zh="缺少：{roles}"),
    "more": both(en="{n} of {all:,} people are shown", zh="共 {all:,} 人，仅显示 {n} 人"),
    "borders": both(
        en="Border: thick, talked more than once; thin, briefly; dashed, never or unknown.",
        zh="边框：粗线为多次沟通，细线为仅简短沟通，虚线为未接触或未知。",
    ),
    "listens": both(en="{target} listens to {source}", zh="{target} 听取 {source} 的意见"),
    "weight": both(en="weight: {influence}", zh="影响力：{influence}"),
    "no_role": both(en="role not known", zh="角色未知"),
    "no_attitude": both(en="attitude not known", zh="态度未知"),
    "no_coverage": both(en="contact not known", zh="接触情况未知"),
    "unknown": both(en="not known", zh="未知"),
    "influence_line": both(en="Influence", zh="影响关系"),
    "name": both(en="Name", zh="姓名"),
    "job": both(en="Job title", zh="职务"),
    "role": both(en="Buying role", zh="采购角色"),
    "attitude": both(en="Attitude to us", zh="对我方的态度"),
    "coverage": both(en="Coverage", zh="沟通情况"),
    "talked": both(en="Last talk", zh="最近沟通"),
    "cares": both(en="Cares about", zh="关注点"),
    "relationship": both(en="Relationship", zh="关系"),
    "influence": both(en="Weight in the decision", zh="决策影响力"),
    "note": both(en="Note", zh="备注"),
}
