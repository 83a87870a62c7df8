"""Blockers that are put together of others, whole: every field, and the sentence in English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

import pytest

import salesflow as sf
from salesflow._frozen import FrozenDict
from salesflow.engine._approval_words import approval_blocker, approvals_missing
from salesflow.engine._instrument_words import instrument_blocker, nobody_completes
from salesflow.engine._way_words import no_way_open
from salesflow.rules import Blocker
from salesflow.text import both
from tests.engine.test_approvals import ADVANCE, NOW, after, discount, engine, go, started

NO, UNKNOWN = sf.Verdict.NO, sf.Verdict.UNKNOWN


class Whole(NamedTuple):
    """What a blocker says, in a form that is read at a glance."""

    code: str
    key: str
    verdict: sf.Verdict
    seen: Mapping[str, object]
    role: str | None
    roles: tuple[str, ...]
    fix: str
    parts: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    needed: int = 0


def whole(blocker: Blocker) -> Whole:
    return Whole(
        blocker.code,
        blocker.key,
        blocker.verdict,
        dict(blocker.seen),
        blocker.role,
        blocker.roles,
        blocker.fix.get("en"),
        tuple(part.key for part in blocker.because),
        tuple(part.key for part in blocker.any_of),
        blocker.needed,
    )


def part(
    key: str,
    verdict: sf.Verdict = UNKNOWN,
    role: str | None = None,
    any_of: tuple[Blocker, ...] = (),
) -> Blocker:
    """A blocker of a fact, as small as may be."""
    return Blocker(
        code="no" if verdict is NO else "unknown",
        key=key,
        title=both(en=f"{key} is known", zh=f"{key}已知"),
        verdict=verdict,
        seen=FrozenDict({key: None}),
        role=role,
        roles=(role,) if role else (),
        fix=both(en=f"{key} has to be known", zh=f"须知道{key}"),
        any_of=any_of,
        needed=1 if any_of else 0,
    )


# --------------------------------------------------------------------------------------- Approvals


VP, CFO = "approval.discount_ok.vp", "approval.discount_ok.cfo"
NOBODY: Final[dict[str, object]] = {}


@pytest.mark.parametrize(
    ("row", "said", "more", "asked", "fix"),
    [
        (
            1,
            NOBODY,
            "",
            [("vp", UNKNOWN, None), ("cfo", UNKNOWN, None)],
            "Discount over 35 %: the VP and then the CFO have to approve",
        ),
        (
            1,
            {VP: True},
            "",
            [("cfo", UNKNOWN, None)],
            "Discount over 35 %: the CFO has to approve; the VP has",
        ),
        (
            1,
            {VP: True, CFO: False},
            "",
            [("cfo", NO, False)],
            "Discount over 35 %: the CFO decided against it; the VP has",
        ),
        (
            1,
            {VP: False},
            "",
            [("cfo", UNKNOWN, None), ("vp", NO, False)],
            "Discount over 35 %: the VP decided against it; the CFO has to approve",
        ),
        (
            1,
            {VP: False, CFO: False},
            "",
            [("vp", NO, False), ("cfo", NO, False)],
            "Discount over 35 %: the VP and the CFO decided against it",
        ),
        (1, {VP: True, CFO: True}, "", [], "Discount over 35 %: the VP and the CFO have"),
        (2, NOBODY, "", [("vp", UNKNOWN, None)], "The VP has to approve"),
        (
            1,
            {VP: True},
            'evidence = "required"',
            [("cfo", UNKNOWN, None)],
            "Discount over 35 %: the CFO has to approve, and name what shows it; the VP has",
        ),
        (0, NOBODY, "", [], "The discount is approved"),
    ],
)
def test_who_approves_yet_and_one_sentence_about_all(
    row: int,
    said: dict[str, object],
    more: str,
    asked: list[tuple[str, sf.Verdict, object]],
    fix: str,
) -> None:
    process = engine(more).playbook
    criterion = process.criteria["discount_ok"]
    assert criterion.approval is not None
    missing, sentence = approvals_missing(process, criterion, criterion.approval.rows[row], said)
    titles = {"vp": "VP", "cfo": "CFO"}

    assert sentence.get("en") == fix
    assert [whole(item) for item in missing] == [
        Whole(
            "approval",
            "discount_ok",
            verdict,
            {f"approval.discount_ok.{role}": word},
            role,
            (role,),
            f"the {titles[role]} {'has to approve' if word is None else 'decided against it'}",
        )
        for role, verdict, word in asked
    ]


def test_an_approval_says_whose_word_is_next_else_whose_it_is() -> None:
    criterion = engine('by = "rep"').playbook.criteria["discount_ok"]
    unnamed, named = part("discount"), part("paper", role="cfo")
    seen = {"discount": None, "paper": None}
    next_one = Whole(
        "approval",
        "discount_ok",
        UNKNOWN,
        seen,
        "cfo",
        ("cfo",),
        fix="discount has to be known; paper has to be known",
        parts=("discount", "paper"),
    )
    assert whole(approval_blocker(criterion, UNKNOWN, (unnamed, named), None)) == next_one
    told = approval_blocker(criterion, NO, (unnamed,), both(en="Ask them", zh="请询问"))
    assert whole(told) == Whole(
        "approval",
        "discount_ok",
        NO,
        {"discount": None},
        "rep",
        ("vp", "cfo"),
        fix="Ask them",
        parts=("discount",),
    )
    bare = whole(approval_blocker(criterion, UNKNOWN, (), None))
    assert (bare.fix, bare.seen, bare.parts) == ("The discount is approved", {}, ())


WHO: Final = "Discount over 35 %: the VP and then the CFO have to approve"


@pytest.mark.parametrize(
    ("commands", "seen", "fix", "parts"),
    [
        ([], {}, WHO, ()),
        (
            [go("vp"), discount(39)],
            {"discount": 39.0},
            f"“Discount” was 38 when this was said, and is 39 now; {WHO}",
            ("discount",),
        ),
        (
            [go("vp", verdict="hold", resume_when="the margin", review_on=date(2026, 5, 1))],
            {},
            f"{WHO}; On hold, waiting for: the margin (2026-05-01)",
            (),
        ),
    ],
)
def test_what_lapsed_is_said_first_and_what_is_waited_for_last(
    commands: list[sf.Command], seen: dict[str, object], fix: str, parts: tuple[str, ...]
) -> None:
    process = engine()
    deal = after(process, started(process, 38), *commands)
    (blocker,) = process.decide(deal, ADVANCE, at=NOW + timedelta(hours=2)).blockers

    assert whole(blocker) == Whole(
        "approval",
        "discount_ok",
        UNKNOWN,
        {**seen, VP: None, CFO: None},
        "vp",
        ("vp", "cfo"),
        fix,
        (*parts, "discount_ok", "discount_ok"),
    )


# ------------------------------------------------------------------------------------- Instruments


def instrument(by: str | None) -> sf.playbook.Instrument:
    return sf.playbook.Instrument(key="plan", title=both(en="Plan", zh="计划"), by=by)


ONE_OF: Final = part("way", any_of=(part("a"), part("b")))


@pytest.mark.parametrize(
    ("by", "verdict", "parts", "seen", "fix", "any_of"),
    [
        (None, UNKNOWN, (), {"done.plan": None}, "Complete Plan", ()),
        ("rep", NO, (), {"done.plan": False}, "Complete Plan", ()),
        ("rep", NO, (ONE_OF,), {"way": None}, "Plan: way has to be known", ("a", "b")),
        (
            *("rep", NO, (part("x"), part("y")), {"x": None, "y": None}),
            *("Plan: x has to be known; y has to be known", ()),
        ),
        (
            *("rep", NO, (ONE_OF, part("y")), {"way": None, "y": None}),
            *("Plan: way has to be known; y has to be known", ()),
        ),
    ],
)
def test_what_is_missing_in_an_instrument(
    by: str | None,
    verdict: sf.Verdict,
    parts: tuple[Blocker, ...],
    seen: dict[str, object],
    fix: str,
    any_of: tuple[str, ...],
) -> None:
    told = instrument_blocker(instrument(by), (), verdict, parts)
    keys, roles = tuple(item.key for item in parts), () if by is None else (by,)
    assert whole(told) == Whole(
        *("instrument", "plan", verdict, seen, by, roles, fix, keys, any_of),
        needed=1 if any_of else 0,
    )


@pytest.mark.parametrize(
    ("parts", "seen", "fix"),
    [
        ((), {}, "It follows from: x is known"),
        ((part("x"),), {"x": None}, "It follows from: x is known; x has to be known"),
    ],
)
def test_why_nobody_completes_what_follows_from_a_rule(
    parts: tuple[Blocker, ...], seen: dict[str, object], fix: str
) -> None:
    told = nobody_completes(instrument("rep"), both(en="x is known", zh="x已知"), parts)
    keys = tuple(item.key for item in parts)
    assert whole(told) == Whole("computed", "plan", NO, seen, "rep", (), fix, keys)


# -------------------------------------------------------------------------------------------- Ways


def test_of_several_ways_what_all_ask_for_comes_first() -> None:
    left, right = both(en="Left", zh="左"), both(en="Right", zh="右")
    shared, price = part("shared"), part("price", NO, "rep")
    open_, other = part("open", UNKNOWN, "rep"), part("other", NO, "boss")
    first, either = no_way_open([(left, (shared, price, open_)), (right, (shared, other))])

    assert first == shared
    assert [whole(way) for way in either.any_of] == [
        Whole(
            "all_of",
            "",
            NO,
            {"price": None, "open": None},
            "rep",
            (),
            fix="Left: price has to be known; open has to be known",
            parts=("price", "open"),
        ),
        Whole(
            "all_of",
            "",
            NO,
            {"other": None},
            "boss",
            (),
            fix="Right: other has to be known",
            parts=("other",),
        ),
    ]
    assert (either.code, either.verdict, either.needed) == ("any_of", NO, 1)


@pytest.mark.parametrize(
    ("missing", "verdict", "role"),
    [
        ((part("x", NO, "rep"), part("y", UNKNOWN, "boss")), NO, None),
        ((part("x", UNKNOWN, "rep"), part("y", UNKNOWN)), UNKNOWN, None),
        ((part("x", UNKNOWN, "rep"),), UNKNOWN, "rep"),
    ],
)
def test_a_way_is_as_shut_as_what_is_missing_on_it(
    missing: tuple[Blocker, ...], verdict: sf.Verdict, role: str | None
) -> None:
    name, never = both(en="Left", zh="左"), part("never", NO, "rep")
    (either,) = no_way_open([(name, missing), (name, (never,))])
    way, _ = either.any_of

    assert (way.verdict, way.role) == (verdict, role)
    # As long as one way may be open, it is not known that none is.
    assert either.verdict is verdict
