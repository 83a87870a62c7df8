"""The name that somebody may have meant: never the opposite, and nothing far away."""

from __future__ import annotations

import pytest

from salesflow.errors import closest


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("amout", "amount"),
        ("netarr", "net_arr"),
        ("use_recrods", "use_records"),
        ("Discovery", "discovery"),
        ("expected_close_date", "expected_close_on"),
        ("meddpicc.identified_pain", "meddpicc.identify_pain"),
        ("acount.tier", "account.tier"),
        ("done.legal_reviw", "done.legal_review"),
        ("needs_analisys", "needs_analysis"),
    ],
)
def test_a_slip_of_the_pen_is_understood(name: str, near: str) -> None:
    assert closest(name, ["something_else", near, "other"]) == near


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("min_days", "max_days"),
        ("unqualified", "qualified"),
        ("disqualified", "qualified"),
        ("internal", "external"),
        ("internal_review", "external_review"),
        ("first_contact", "last_contact"),
        ("legal_not_ok", "legal_ok"),
        ("score.bant.low", "score.bant.high"),
        ("accepted_on", "rejected_on"),
        ("inbound_leads", "outbound_leads"),
        ("un_qualified", "qualified"),
        ("unqualifed", "qualified"),
        ("qualify", "disqualified"),
        ("unqualified", "disqualified"),
        ("notwon", "won"),
        ("irregular", "regular"),
        ("✗ won", "won"),
    ],
)
def test_the_opposite_is_never_meant(name: str, other: str) -> None:
    assert closest(name, [other]) is None
    assert closest(other, [name]) is None


@pytest.mark.parametrize(
    ("name", "far"),
    [
        ("meddpicc.pain", "meddpicc.champion"),
        ("pov_needed", "pov_agreed_on"),
        ("internal_review", "legal_review"),
        ("champion_identified", "champion_found"),
    ],
)
def test_what_has_only_a_part_in_common_is_not_meant(name: str, far: str) -> None:
    assert closest(name, [far]) is None


def test_what_is_only_parted_otherwise_is_meant() -> None:
    assert closest("dis-qualified", ["qualified", "disqualified"]) == "disqualified"


def test_behind_an_opposite_there_may_be_the_name_that_is_meant() -> None:
    assert closest("max_dayz", ["min_days", "max_days"]) == "max_days"
