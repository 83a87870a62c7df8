"""The forecast category of every place of a process: what it says itself, or else the default."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

from salesflow._frozen import FrozenDict
from salesflow.facts import FORECAST_CATEGORIES, ForecastCategory
from salesflow.playbook._graph import reachable, reversed_graph
from salesflow.playbook._moves import edges, ways_back
from salesflow.playbook._parts import ENDED, RawTable, positions

# Our reading: from which number on, as a share of the highest, and from which chance on.
_BY_NUMBER: Final[Mapping[float, ForecastCategory]] = {0.8: "commit", 0.6: "best_case"}
_BY_CHANCE: Final[Mapping[float, ForecastCategory]] = {0.8: "commit", 0.5: "best_case"}
_RANK: Final = {name: number for number, name in enumerate(reversed(FORECAST_CATEGORIES))}


def forecast_categories(document: RawTable) -> Mapping[str, ForecastCategory]:
    """The category of each stage and sub-stage by its key, of a document without errors.

    A place has what it says itself, a sub-stage that says nothing what its stage says. Else it is
    omitted where no deal is won any more; before that the selling-cycle number decides where the
    process has numbers, or the chance of winning where every place has one, and else it is
    pipeline. A stage that says nothing has the least certain category of its sub-stages.

    Example:
        >>> from salesflow import Playbook
        >>> pb = Playbook.from_toml(
        ...     '''
        ... id = "x"
        ... version = "1"
        ... title = "X"
        ... stages = [
        ...   { key = "meet", title = "Meet", probability = 0.2 },
        ...   { key = "offer", title = "Offer", probability = 0.6 },
        ...   { key = "order", title = "Order", probability = 0.8, wins = true },
        ...   { key = "care", title = "Care" },
        ... ]
        ... '''
        ... )
        >>> [stage.forecast for stage in pb.stages]
        ['pipeline', 'best_case', 'commit', 'omitted']
    """
    usual = _defaults(document)
    found: dict[str, ForecastCategory] = {}
    for stage in document.tables("stages"):
        parts = stage.tables("sub_stages")
        for place in parts or (stage,):
            found[place.key] = _said(place) or _said(stage) or usual[place.key]
        if parts:
            said = {found[part.key] for part in parts}
            least: ForecastCategory = next(it for it in reversed(FORECAST_CATEGORIES) if it in said)
            found[stage.key] = _said(stage) or least
    return FrozenDict(found)


def certainty(category: ForecastCategory) -> int:
    """How sure a deal of that category is: the higher, the surer.

    Example:
        >>> certainty("omitted") < certainty("pipeline") < certainty("commit")
        True
    """
    return _RANK[category]


def may_be_won(document: RawTable) -> frozenset[str]:
    """The positions from which a deal that is not won may yet be won, by ways that lead on.

    Where no stage wins, a deal is won where it ends, and so from everywhere.
    """
    keys = [place.key for _, place in positions(document)]
    winning = [place.key for stage, place in positions(document) if stage["wins"]]
    if not winning:
        return frozenset(keys)
    back = ways_back(document)
    graph: dict[str, list[str]] = {key: [] for key in keys}
    for source, target, _ in edges(document):
        if target != ENDED and (source, target) not in back:
            graph[source].append(target)
    return frozenset(reachable(reversed_graph(graph), winning))


def _said(place: RawTable) -> ForecastCategory | None:
    said = place["forecast"]
    return next((name for name in FORECAST_CATEGORIES if name == said), None)


def _defaults(document: RawTable) -> Mapping[str, ForecastCategory]:
    """The category of each position where nothing is said."""
    found: dict[str, ForecastCategory] = dict.fromkeys(
        (place.key for _, place in positions(document)), "omitted"
    )
    going = may_be_won(document)
    numbers = _figures(document, going, "cycle")
    chances = _figures(document, going, "probability")
    top = max((number for number in numbers.values() if number is not None), default=0)
    reached: float | None = None
    for key, number in numbers.items():
        reached = reached if number is None else number
        if top:
            found[key] = _category((reached or 0) / top, _BY_NUMBER)
        elif None not in chances.values():
            found[key] = _category(chances[key] or 0, _BY_CHANCE)
        else:
            found[key] = "pipeline"
    return found


def _figures(document: RawTable, keys: Container[str], name: str) -> Mapping[str, float | None]:
    """A number of each of these positions, in order: its own, or else that of its stage."""
    return {
        place.key: stage.number(name) if place[name] is None else place.number(name)
        for stage, place in positions(document)
        if place.key in keys
    }


def _category(figure: float, steps: Mapping[float, ForecastCategory]) -> ForecastCategory:
    for least, name in steps.items():
        if figure >= least:
            return name
    return "pipeline"
