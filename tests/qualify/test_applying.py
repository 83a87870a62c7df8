"""Questions with a rule that says whether they apply: where it is NO, that is an answer n/a."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.errors import InvalidPlaybook
from salesflow.playbook import lint
from salesflow.qualify import answers_of, sheet_of, tally
from salesflow.qualify._applying import depends_on_day

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEAD = """
id = "sites"
version = "1"
title = "Sites"
[[stages]]
key = "look"
title = "Look"
  [[stages.exit]]
  key = "clear"
  title = "All is answered"
  rule = "site.unknown == 0 and site.asked == 6"
  [[stages.exit]]
  key = "licensed"
  title = "A licence is there"
  rule = "site.licence"
  advisory = true
[[stages]]
key = "build"
title = "Build"
[[tracks]]
key = "legal"
title = "Legal"
states = [{ key = "open", title = "Open" }, { key = "signed", title = "Signed" }]
[[instruments]]
key = "sheet"
title = "Sheet"
checklist = "site"
[[size_policy]]
when = "site.share >= 0.5"
instruments = ["sheet"]
[[scorecards]]
key = "card"
title = "Card"
items = [
  { key = "licence", rule = "site.licence", weight = 2, knock_out = true },
  { key = "permit", rule = 'site.permit == "given" or site.licence', weight = 3 },
  { key = "days", points = "site.days", weight = -0.5 },
  { key = "since", rule = "known(site.since)", weight = 1 },
  { key = "clear", rule = "site.unknown <= 1 and site.asked >= 5", weight = 0.25 },
  { key = "share", rule = "site.share >= 0.5", weight = 0.5 },
  { key = "inner", points = "score.inner.high", max = 9 },
]
bands = [{ key = "no", min = -5 }, { key = "some", min = 2 }, { key = "much", min = 5 }]
[[scorecards]]
key = "inner"
title = "Inner"
items = [{ key = "fit", points = "site.fit" }, { key = "none", rule = "site.no == 0", weight = 3 }]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 4 }]
[[checklists]]
key = "site"
title = "Site"
"""
TYPED = {
    "permit": 'type = "choice", choices = ["given", "asked"], may_not_apply = true',
    "days": 'type = "number", min = 0, max = 10',
    "since": 'type = "date"',
    "fit": 'type = "scale", min = 1, max = 3',
}
RULES = {
    "licence": "site.export",
    "permit": "amount > 100_000",
    "days": "not (site.export or amount > 100_000)",
    "since": 'track.legal == "signed"',
}


def text_of(rules: Mapping[str, str], skips: Collection[str] = ()) -> str:
    """The playbook, whose questions have these rules, or may be answered n/a."""
    lines = []
    for key in ("export", "licence", "permit", "days", "since", "fit"):
        parts = [f'key = "{key}"', f'title = "{key.capitalize()}?"', TYPED.get(key, "")]
        parts += [f"when = '{rules[key]}'"] if key in rules else []
        parts += ["may_not_apply = true"] if key in skips else []
        lines.append(f"  {{ {', '.join(filter(None, parts))} }},")
    return "\n".join([HEAD, "questions = [", *lines, "]"])


BY_RULE = sf.Playbook.from_toml(text_of(RULES))
BY_HAND = sf.Playbook.from_toml(text_of({}, ["licence", "days", "since"]))
ANSWERS: dict[str, list[Any]] = {
    "export": ["+", "-", "?"],
    "licence": ["+", "-", "?"],
    "permit": ["given", "asked", "?", "n/a"],
    "days": [0, 7, "?"],
    "since": ["2026-01-31", "?"],
    "fit": [1, 3, "?"],
}
SHEETS = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in ANSWERS.items()})
AMOUNTS = st.sampled_from([None, 50_000, 200_000])


def deal_of(
    book: sf.Playbook, ours: dict[str, Any], theirs: dict[str, Any], amount: Any, *, signed: bool
) -> sf.Opportunity:
    """A deal with these answers about us and about a rival."""
    money = None if amount is None else sf.Money(amount, "USD")
    deal = sf.Opportunity(id="D-1", name="Deal", amount=money, competitors=("Rival",))
    engine = sf.StageEngine(book)
    wanted: list[sf.Command] = [sf.Start(by="li")]
    if signed:
        wanted.append(sf.MoveTrack(by="li", track="legal", state="signed"))
    for about, sheet in (("us", ours), ("Rival", theirs)):
        for key, said in sheet.items():
            name = "mark" if said in ("+", "-", "?", "n/a") else "value"
            fields = {"question": f"site.{key}", "about": about, name: said}
            wanted.append(sf.Answer.model_validate({"by": "li", **fields}))
    for command in wanted:
        deal = engine.decide(deal, command, at=NOW).require()
    return deal


def not_applying(sheet: dict[str, Any], amount: Any, *, signed: bool) -> set[str]:
    """The questions whose rules are NO, told by hand."""
    export = {"+": True, "-": False}.get(sheet.get("export", "?"))
    big = None if amount is None else amount > 100_000
    found = {
        "licence": export is False,
        "permit": big is False,
        "days": export is True or big is True,
        "since": not signed,
    }
    return {key for key, left_out in found.items() if left_out}


def said_by_hand(sheet: dict[str, Any], amount: Any, *, signed: bool) -> dict[str, Any]:
    out = not_applying(sheet, amount, signed=signed)
    return sheet | dict.fromkeys(sorted(out), "n/a")


def plain(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of rules; a flag that is not known is no flag that is set."""
    return {
        name: value is True if name.startswith("not_applicable.") else value
        for name, value in facts.items()
        if name in BY_RULE.facts and (value is not None or name.startswith("not_applicable."))
    }


@pytest.mark.law
@given(SHEETS, SHEETS, AMOUNTS, st.booleans())
def test_a_rule_that_is_no_is_an_answer_that_it_does_not_apply(
    ours: dict[str, Any], theirs: dict[str, Any], amount: Any, signed: bool
) -> None:
    deal = deal_of(BY_RULE, ours, theirs, amount, signed=signed)
    other = deal_of(
        BY_HAND,
        said_by_hand(ours, amount, signed=signed),
        said_by_hand(theirs, amount, signed=signed),
        amount,
        signed=signed,
    )
    engine, by_hand = sf.StageEngine(BY_RULE), sf.StageEngine(BY_HAND)

    facts = sf.facts_of(deal, BY_RULE, at=NOW)
    assert plain(facts) == plain(sf.facts_of(other, BY_HAND, at=NOW))
    for card in BY_RULE.scorecards:
        for about in ("us", "Rival"):
            found = engine.score(deal, card, at=NOW, about=about)
            assert (
                found.model_dump() == by_hand.score(other, card, at=NOW, about=about).model_dump()
            ), about
    one, two = (it.review(of, at=NOW) for it, of in ((engine, deal), (by_hand, other)))
    assert [it.verdict for it in one.criteria] == [it.verdict for it in two.criteria]
    assert [it.applies for it in one.criteria if it.criterion.key == "clear"] == [sf.Verdict.YES]
    assert [(it.key, it.code, it.verdict) for it in one.blockers] == [
        (it.key, it.code, it.verdict) for it in two.blockers
    ]
    assert [(it.required, it.done) for it in one.instruments] == [
        (it.required, it.done) for it in two.instruments
    ]
    for key, found in one.scores.items():
        assert found.model_dump() == two.scores[key].model_dump()
        assert found.low == engine.score(deal, key, at=NOW).low
    # What is on record, and may be withdrawn, is not the same.
    offers = [
        {
            (item.kind, *item.fields.values()): item.allowed
            for item in it.available(of, by="li", at=NOW)
            if item.kind is not sf.Withdraw
        }
        for it, of in ((engine, deal), (by_hand, other))
    ]
    assert offers[0] == offers[1]
    checklist = BY_RULE.checklists["site"]
    asked = sheet_of(deal).tally(checklist, facts)
    assert asked == sheet_of(other).tally(BY_HAND.checklists["site"])
    assert asked == tally(checklist, answers_of(deal.progress.answers), facts)
    done = engine.decide(deal, sf.Complete(by="li", instrument="sheet"), at=NOW)
    assert done.accepted == asked.complete


@pytest.mark.law
@given(SHEETS, AMOUNTS, st.booleans(), AMOUNTS, SHEETS)
def test_what_if_is_the_score_of_a_deal_where_that_is_so(
    sheet: dict[str, Any], amount: Any, signed: bool, supposed: Any, more: dict[str, Any]
) -> None:
    """Also where an answer counts again, because its question now applies."""
    engine = sf.StageEngine(BY_RULE)
    deal = deal_of(BY_RULE, sheet, {}, amount, signed=signed)
    meant = deal_of(BY_RULE, sheet | more, {}, supposed, signed=signed)
    changes = {f"site.{key}": said for key, said in more.items()} | {"amount": supposed}

    for card in BY_RULE.scorecards:
        found = engine.score(deal, card, at=NOW).if_answered(changes)
        assert found.model_dump() == engine.score(meant, card, at=NOW).model_dump()


def test_a_question_that_does_not_apply_is_complete_without_an_answer() -> None:
    """No export, and a small deal: neither licence nor permit is asked for, nor is it missing."""
    deal = deal_of(BY_RULE, {"export": "-", "fit": 3, "days": 7}, {}, 50_000, signed=False)
    engine = sf.StageEngine(BY_RULE)

    facts = sf.facts_of(deal, BY_RULE, at=NOW)
    assert facts["not_applicable.site.licence"] is True
    assert facts["not_applicable.site.days"] is False
    assert (facts["site.unknown"], facts["site.asked"], facts["site.share"]) == (0, 6, 0)
    assert engine.decide(deal, sf.Advance(by="li"), at=NOW).accepted
    assert engine.decide(deal, sf.Complete(by="li", instrument="sheet"), at=NOW).accepted
    found = engine.score(deal, "card", at=NOW)
    licence = found.contributions[0]
    assert (licence.applies, licence.low, licence.high, found.unknown) == (False, 0, 0, ())


def test_an_answer_counts_again_when_its_question_applies_again() -> None:
    deal = deal_of(BY_RULE, {"export": "+", "licence": "+"}, {}, None, signed=False)
    engine, later = sf.StageEngine(BY_RULE), NOW + timedelta(days=1)
    assert sf.facts_of(deal, BY_RULE, at=NOW)["site.licence"] == "+"

    no_export = sf.Answer(by="li", question="site.export", mark="-")
    deal = engine.decide(deal, no_export, at=later).require()
    facts = sf.facts_of(deal, BY_RULE, at=later)
    assert (facts["site.licence"], facts["site.yes"]) == (None, 0)
    # What is answered meanwhile is on record, as what is attested of a criterion would be.
    again = sf.Answer(by="li", question="site.licence", mark="-")
    deal = engine.decide(deal, again, at=later).require()
    assert sf.facts_of(deal, BY_RULE, at=later)["site.licence"] is None

    export = sf.Answer(by="li", question="site.export", mark="+")
    deal = engine.decide(deal, export, at=later).require()
    assert sf.facts_of(deal, BY_RULE, at=later)["site.licence"] == "-"


def test_what_somebody_vouched_for_lapses_with_an_answer_and_not_with_a_rule() -> None:
    """A word rests on what people gave: here on the answer, which is on record as it was."""
    word = '[[stages.exit]]\nkey = "vouched"\ntitle = "So it is"\nby = "rep"'
    text = text_of(RULES).replace(
        '[[stages]]\nkey = "build"',
        f'{word}\nlapses_on = ["site.licence"]\n[[stages]]\nkey = "build"',
    )
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="Deal")
    for command in (
        sf.Start(by="li"),
        sf.Answer(by="li", question="site.licence", mark="+"),
        sf.Attest(by="li", role="rep", criterion="vouched"),
        sf.Answer(by="li", question="site.export", mark="-"),
    ):
        deal = engine.decide(deal, command, at=NOW).require()

    facts = sf.facts_of(deal, engine.playbook, at=NOW)
    assert (facts["site.licence"], facts["done.vouched"]) == (None, True)
    other = sf.Answer(by="li", question="site.licence", mark="-")
    deal = engine.decide(deal, other, at=NOW).require()
    assert sf.facts_of(deal, engine.playbook, at=NOW)["done.vouched"] is None


def test_where_it_is_not_known_whether_a_question_applies_that_is_told() -> None:
    """It counts as one that applies; whatever needs it answered names the fact that decides."""
    deal = deal_of(BY_RULE, {"export": "-", "fit": 3}, {}, None, signed=True)
    engine = sf.StageEngine(BY_RULE)

    facts = sf.facts_of(deal, BY_RULE, at=NOW)
    assert facts["not_applicable.site.permit"] is None
    assert facts["site.unknown"] == 3
    refused = engine.decide(deal, sf.Complete(by="li", instrument="sheet"), at=NOW).blockers
    assert refused[0].fix.get("en") == (
        "Ask these questions first: Permit?; Days?; Since?; "
        "It is not known whether “Permit?” applies: the amount is not known; "
        "It is not known whether “Days?” applies: the amount is not known"
    )
    assert [part.key for part in refused[0].because] == ["site.permit", "site.days"]
    assert refused[0].because[0].because[0].key == "amount"
    (blocker,) = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    assert [part.key for part in blocker.because if part.code == "unknown"] == [
        "site.permit",
        "site.days",
    ]
    for lang in ("en", "zh"):
        assert "Permit?" in blocker.fix.get(lang)

    # An answer settles it: were the amount known, nothing would be asked for any more.
    given = sf.Answer(by="li", question="site.permit", value="asked")
    deal = engine.decide(deal, given, at=NOW).require()
    refused = engine.decide(deal, sf.Complete(by="li", instrument="sheet"), at=NOW).blockers
    assert [part.key for part in refused[0].because] == ["site.days"]


def test_a_rule_may_ask_whether_a_question_applies() -> None:
    """The flag is unknown where the rule of its question is, and that is explained, too."""
    flag = 'rule = "not_applicable.site.licence"'
    text = text_of(RULES).replace('rule = "site.unknown == 0 and site.asked == 6"', flag)
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    told = {
        "?": "that “Licence?” does not apply is not known; "
        "It is not known whether “Licence?” applies: “Export?” is not known",
        "+": "that “Licence?” does not apply is no; it must be yes",
    }
    for export, words in told.items():
        deal = deal_of(engine.playbook, {"export": export, "licence": "-"}, {}, 1, signed=False)
        (blocker,) = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers
        assert blocker.fix.get("en") == words
        assert "“Licence?”不适用" in blocker.fix.get("zh")
    deal = deal_of(engine.playbook, {"export": "-"}, {}, 1, signed=False)
    assert engine.decide(deal, sf.Advance(by="li"), at=NOW).accepted


def test_a_rule_with_days_turns_on_its_day() -> None:
    engine = sf.StageEngine(
        sf.Playbook.from_toml(text_of(RULES | {"fit": "days_since(created_on) >= 30"}))
    )
    money = sf.Money(50_000, "USD")
    deal = sf.Opportunity(id="D-1", name="Deal", amount=money, created_on=NOW.date())
    export = sf.Answer(by="li", question="site.export", mark="-")
    days = sf.Answer(by="li", question="site.days", value=7)
    for command in (sf.Start(by="li"), export, days):
        deal = engine.decide(deal, command, at=NOW).require()

    for passed, accepted in ((29, True), (30, False)):
        at = NOW + timedelta(days=passed)
        decision = engine.decide(deal, sf.Advance(by="li"), at=at)
        assert decision.accepted is accepted
        assert engine.review(deal, at=at).blockers == decision.blockers
        score = engine.score(deal, "inner", at=at)
        assert score.contributions[0].applies is not accepted


@pytest.mark.parametrize(
    ("rule", "accepted"),
    [
        ("site.no == 0", True),
        ("site.yes == 0", True),
        ("site.share >= 0.5", False),
        ("site.asked >= 2", True),
        ("site.unknown <= 4", True),
        ("known(site.licence)", False),
        ("not_applicable.site.licence", True),
    ],
)
def test_a_rule_that_reads_one_thing_of_a_checklist_knows_what_does_not_apply(
    rule: str, accepted: bool
) -> None:
    """Export is not answered; a licence, which was refused, is not asked for a small deal."""
    text = text_of({"licence": "amount > 100_000"})
    text = text.replace("site.unknown == 0 and site.asked == 6", rule)
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    answers = {"licence": "-", "fit": 3}
    small = deal_of(engine.playbook, answers, {}, 50_000, signed=False)
    assert engine.decide(small, sf.Advance(by="li"), at=NOW).accepted is accepted
    big = deal_of(engine.playbook, answers, {}, 200_000, signed=False)
    held = rule in ("site.yes == 0", "site.asked >= 2", "site.unknown <= 4", "known(site.licence)")
    assert engine.decide(big, sf.Advance(by="li"), at=NOW).accepted is held


TIMED = sf.Playbook.from_toml("""
id = "timed"
version = "1"
title = "Timed"
roles = [{ key = "rep", title = "Rep" }]
[[stages]]
key = "only"
title = "Only"
exit = [{ key = "vouched", title = "Vouched", by = "rep" }]
[[instruments]]
key = "fresh"
title = "Fresh"
rule = "days_since(created_on) <= 30"
[[instruments]]
key = "sure"
title = "Sure"
rule = "amount > 1"
[[instruments]]
key = "plan"
title = "Plan"
[[checklists]]
key = "q"
questions = [
  { key = "late", title = "Late?", when = "days_since(created_on) >= 30" },
  { key = "fresh", title = "Fresh?" },
]
[[checklists]]
key = "calm"
questions = [
  { key = "big", title = "Big?", when = "amount > 1" },
  { key = "small", title = "Small?" },
]
[[scorecards]]
key = "timed"
items = [
  { key = "sure", rule = "calm.small" },
  { key = "new", title = "New", rule = "days_since(created_on) <= 30" },
]
bands = [{ key = "any", min = 0 }]
[[scorecards]]
key = "asks"
items = [{ key = "late", rule = "q.late" }]
bands = [{ key = "any", min = 0 }]
[[scorecards]]
key = "outer"
items = [{ key = "asks", title = "Asks", rule = "score.asks.low >= 1" }]
bands = [{ key = "any", min = 0 }]
[[scorecards]]
key = "calm"
items = [{ key = "small", rule = "calm.small" }, { key = "big", rule = "calm.big" }]
bands = [{ key = "any", min = 0 }]
""")


@pytest.mark.parametrize(
    ("fact", "depends"),
    [
        ("amount", False),
        ("created_on", False),
        ("q.late", True),
        ("q.fresh", False),
        ("not_applicable.q.late", True),
        ("q.asked", True),
        ("q.unknown", True),
        ("q.yes", True),
        ("q.no", True),
        ("q.share", True),
        ("calm.big", False),
        ("calm.share", False),
        ("score.timed.high", True),
        ("score.asks.low", True),
        ("score.outer.low", True),
        ("score.calm.low", False),
        ("done.fresh", True),
        ("done.sure", False),
        ("done.plan", False),
        ("done.vouched", False),
    ],
)
def test_what_follows_from_a_day_depends_on_it(fact: str, depends: bool) -> None:
    assert depends_on_day(TIMED, [fact]) is depends
    assert depends_on_day(TIMED, ["amount", fact, "done.sure"]) is depends


TRACKS = sf.Playbook.from_toml("""
id = "tracks"
version = "1"
title = "Tracks"
stages = [{ key = "only", title = "Only" }]
[[tracks]]
key = "legal"
title = "Legal"
when = "amount > 100_000"
states = [{ key = "open", title = "Open" }, { key = "signed", title = "Signed" }]
[[tracks]]
key = "export"
title = "Export"
when = "q.goods"
states = [{ key = "open", title = "Open" }, { key = "signed", title = "Signed" }]
[[checklists]]
key = "q"
questions = [
  { key = "abroad", title = "Abroad?" },
  { key = "goods", title = "Goods?", when = "q.abroad" },
  { key = "terms", title = "Terms?", when = 'track.legal == "signed"' },
]
[[scorecards]]
key = "card"
items = [
  { key = "legal", rule = 'track.legal == "signed"', title = "Legal" },
  { key = "since", rule = "known(track.legal.entered_on)", title = "Since" },
  { key = "export", rule = 'track.export == "signed"', title = "Export" },
  { key = "terms", rule = "q.terms" },
  { key = "goods", rule = "q.goods" },
]
bands = [{ key = "any", min = 0 }]
[[scorecards]]
key = "asked"
items = [{ key = "all", title = "All", rule = "q.asked == 3" }]
bands = [{ key = "any", min = 0 }]
[[scorecards]]
key = "without"
items = [{ key = "legal", rule = 'track.legal == "not_applicable"', title = "Not legal" }]
bands = [{ key = "any", min = 0 }]
[[scorecards]]
key = "shares"
items = [
  { key = "most", title = "Most", rule = "q.share >= 1", weight = 2 },
  { key = "half", title = "Half", rule = "q.share >= 0.5" },
]
bands = [{ key = "any", min = 0 }]
""")
HELD = {"amount": 200_000, "q.abroad": "+", "q.goods": "+", "q.terms": "+"}
SUPPOSED = [
    {},
    {"amount": 50_000},
    {"amount": None},
    {"q.abroad": "-"},
    {"q.abroad": "?"},
    {"q.goods": "-"},
    {"q.goods": None},
    {"amount": 50_000, "q.abroad": "-"},
]


def under_way(answers: Mapping[str, Any]) -> sf.Opportunity:
    """A deal of which this is known, and both of whose tracks came to their ends."""
    engine = sf.StageEngine(TRACKS)
    all_apply = sf.Opportunity(id="D-1", name="Deal", amount=sf.Money(200_000, "USD"))
    wanted: list[sf.Command] = [sf.Start(by="li")]
    wanted += [sf.Answer(by="li", question=f"q.{key}", mark="+") for key in ("abroad", "goods")]
    wanted += [sf.MoveTrack(by="li", track=key, state="signed") for key in TRACKS.tracks]
    wanted += [
        sf.Answer(by="li", question=key, mark=said or "?")
        for key, said in answers.items()
        if key != "amount"
    ]
    for command in wanted:
        all_apply = engine.decide(all_apply, command, at=NOW).require()
    amount = answers["amount"]
    return replaced(all_apply, amount=None if amount is None else sf.Money(amount, "USD"))


@pytest.mark.parametrize(
    ("held", "points"), list(zip(SUPPOSED, [5, 2, 3, 3, 5, 3, 3, 0], strict=True)), ids=str
)
def test_of_a_track_that_does_not_apply_nothing_is_known_not_even_its_day(
    held: dict[str, Any], points: int
) -> None:
    """What is answered counts while nobody knows whether its question applies."""
    score = sf.StageEngine(TRACKS).score(under_way(HELD | held), "card", at=NOW)
    assert score.low == points


def test_where_a_track_does_not_apply_it_stands_nowhere_else() -> None:
    result = sf.StageEngine(TRACKS).score(under_way(HELD), "without", at=NOW)
    for amount, verdict in ((200_000, "NO"), (50_000, "YES"), (None, "UNKNOWN")):
        (legal,) = result.if_answered({"amount": amount}).contributions
        assert legal.verdict.name == verdict


@pytest.mark.parametrize("more", SUPPOSED, ids=str)
@pytest.mark.parametrize("held", SUPPOSED, ids=str)
def test_what_if_tells_whether_a_track_applies_and_where_it_then_stands(
    held: dict[str, Any], more: dict[str, Any]
) -> None:
    """Also where the track applies again, and where a question waits for it, or it for one."""
    engine = sf.StageEngine(TRACKS)
    found = engine.score(under_way(HELD | held), "card", at=NOW).if_answered(more)
    meant = engine.score(under_way(HELD | held | more), "card", at=NOW)
    assert found.model_dump() == meant.model_dump()
    again = found.if_answered(HELD)
    assert again.model_dump() == engine.score(under_way(HELD), "card", at=NOW).model_dump()
    assert again.low == 5


@pytest.mark.parametrize(
    ("more", "points"),
    [
        ({}, 3),
        ({"amount": 50_000}, 3),
        ({"q.terms": "?"}, 1),
        ({"q.terms": "?", "amount": 50_000}, 3),
        ({"q.goods": "-", "q.terms": "-"}, 0),
        ({"q.goods": "-", "amount": 50_000}, 1),
        ({"q.abroad": "-", "amount": 50_000}, 0),
    ],
    ids=str,
)
def test_what_if_leaves_out_of_a_share_what_does_not_apply(
    more: dict[str, Any], points: int
) -> None:
    """The terms are not asked for of a small deal: three of three, then two of two."""
    engine = sf.StageEngine(TRACKS)
    assert engine.score(under_way(HELD), "shares", at=NOW).if_answered(more).low == points
    assert engine.score(under_way(HELD | more), "shares", at=NOW).low == points


@pytest.mark.parametrize("held", [200_000, 50_000])
@pytest.mark.parametrize(("supposed", "points"), [(50_000, 1), (200_000, 0)])
def test_what_if_counts_as_asked_what_does_not_apply(held: int, supposed: int, points: int) -> None:
    """Nobody answered the terms, which a small deal is not asked for."""
    deal = under_way({"amount": held})
    result = sf.StageEngine(TRACKS).score(deal, "asked", at=NOW)
    assert result.if_answered({"amount": supposed}).low == points


WRONG = {
    "site.unknown > 1": '"site.unknown";',
    "score.card.low > 1": '"score.card.low";',
    "done.sheet": '"done.sheet";',
    "not_applicable.site.permit": '"not_applicable.site.permit";',
    "site.fit > 1 and known(site.permit)": '"site.permit", a question that has a when itself;',
    "site.licence": '"site.licence", a question that has a when itself;',
    'track.legal == "open"': '"track.legal", whose track depends on site.asked;',
}


@pytest.mark.parametrize("rule", WRONG)
def test_a_rule_reads_nothing_that_depends_on_such_a_rule(rule: str) -> None:
    text = text_of({"permit": "amount > 1", "licence": rule})
    text = text.replace('title = "Legal"', 'title = "Legal"\nwhen = "site.asked > 1"')

    (problem,) = [it for it in lint(text) if it.severity == "error"]
    assert (problem.path, problem.code) == ("checklists.site.questions.licence.when", "circle")
    said = f"{problem.message}; {problem.hint}"
    assert said.startswith(f"whether a question applies cannot depend on {WRONG[rule]}")
    with pytest.raises(InvalidPlaybook):
        sf.Playbook.from_toml(text)
