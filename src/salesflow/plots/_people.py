"""The relationship map: who reports to whom, who listens to whom, and how they stand to us."""

from __future__ import annotations

from typing import Final, get_args

from salesflow._show import plain
from salesflow.domain import BuyingRole, RelationshipMap
from salesflow.errors import Problem
from salesflow.plots._base import Picture, language, layered, refuse, sentence, title
from salesflow.plots._layout import COLUMN, HEIGHT, ROW, chosen, layout
from salesflow.plots._people_draw import Canvas
from salesflow.plots._people_words import ROLES, WORDS
from salesflow.text import Language

_PEOPLE: Final = 60
_WANTED: Final[tuple[BuyingRole, ...]] = (
    "economic_buyer",
    "business_lead",
    "technical_buyer",
    "user_buyer",
    "procurement",
    "inside_supporter",
)


def relationship_map(
    people: RelationshipMap,
    *,
    wanted: tuple[BuyingRole, ...] = _WANTED,
    lang: Language = "en",
) -> Picture:
    """The people at a customer: reporting lines, influence, attitude, coverage, missing roles.

    Who reports to nobody stands at the left, their people to the right of them. A stripe shows how
    somebody stands to us; a thick border, that we have talked with them more than once; a dashed
    one, that we have not. Dashed orange arrows lead from those who have the influence to those who
    listen. Buying roles that nobody has are empty boxes below. Of more than sixty people, those
    who decide or weigh most are drawn, with the reporting lines above them.

    Args:
        people: The map; of a deal, `RelationshipMap.of(deal)`.
        wanted: The buying roles that ought to be known.
        lang: The language of titles and labels.

    Raises:
        PlotError: An argument is of the wrong kind, or a wanted role is none.
        UnknownName: There is no such language.

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
    refuse(_problems(people, wanted))
    words = WORDS[lang]
    heading = words["title"].format(customer=people.customer)
    missing = [ROLES[role][lang == "zh"] for role in dict.fromkeys(people.missing_roles(wanted))]
    if not people.contacts:
        return sentence(heading, words["nobody"])
    shown = chosen(people.contacts, _PEOPLE)
    places = layout(shown)
    # At least two columns, so that the titles and the missing roles have room.
    columns = max(2, 1 + max(place.column for place in places.values()))
    width = columns * COLUMN
    bottom = max(place.middle for place in places.values()) + HEIGHT / 2
    canvas = Canvas(width, lang)
    lines, heads = canvas.influences(people.influences, places)
    layers = [
        *canvas.reporting(shown, places),
        *lines,
        *canvas.boxes(shown, places),
        *heads,
    ]
    if missing:
        empty, bottom = canvas.missing(missing, bottom + ROW - HEIGHT + 10, columns)
        layers += empty
    height = bottom + 6
    return layered(
        [canvas.ground(height), *layers],
        title(heading, *_summary(people, missing, lang, len(shown))),
        width=width,
        height=height,
    )


def _problems(people: object, wanted: object) -> list[Problem]:
    problems = []
    if not isinstance(people, RelationshipMap):
        hint = "pass RelationshipMap.of(deal)"
        problems.append(
            Problem("people", f"{type(people).__name__} is no relationship map", hint, "type")
        )
    roles = get_args(BuyingRole)
    if not isinstance(wanted, tuple | list | set | frozenset):
        problems.append(
            Problem(
                "wanted", f"{type(wanted).__name__} is no list of roles", "pass a tuple", "type"
            )
        )
    else:
        problems += [
            Problem("wanted", f"there is no buying role {plain(repr(role), 80)}", ", ".join(roles))
            for role in wanted
            if role not in roles
        ]
    return problems


def _summary(people: RelationshipMap, missing: list[str], lang: Language, shown: int) -> list[str]:
    words = WORDS[lang]
    coverage = people.decision_coverage()
    number = len(people.deciders)
    said = words["deciders"].format(covered=len(coverage.covered), n=number)
    lines = [said if number else words["no_decider"]]
    if people.single_threaded:
        lines.append(words["single"])
    if missing:
        lines.append(words["missing"].format(roles=words["comma"].join(missing)))
    lines.append(words["borders"])
    if shown < len(people.contacts):
        lines.append(words["more"].format(n=shown, all=len(people.contacts)))
    return lines
