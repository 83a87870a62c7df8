"""What the charts of scores share: the card and its bands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.errors import UnknownName
from salesflow.plots import PlotError, score_of_deal, scores_of_deals
from tests.plots.results import playbook, scored, values


def test_bands_cover_the_card_from_end_to_end() -> None:
    of = playbook()
    bands = values(score_of_deal(scored(of), of))["bands"]

    assert [(row["from"], row["to"]) for row in bands] == [(0, 4), (4, 6)]


def test_scores_of_another_playbook_are_refused() -> None:
    other = sf.load_playbook("optimized_sales_process")
    with pytest.raises(UnknownName, match="There is no scorecard 'card'"):
        score_of_deal(scored(playbook()), other)

    changed = sf.Playbook.from_json(playbook().to_json().replace('"weight": 3', '"weight": 4'))
    with pytest.raises(PlotError, match="has other items"):
        score_of_deal(scored(playbook()), changed)


def test_scores_on_two_cards_are_refused() -> None:
    other = sf.load_playbook("optimized_sales_process")
    foreign = sf.StageEngine(other).score(
        sf.Opportunity(id="D", name="D"), "tas", at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    with pytest.raises(PlotError, match="several cards: card, tas"):
        scores_of_deals({"a": scored(playbook()), "b": foreign}, other)
