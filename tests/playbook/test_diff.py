"""Two playbooks compared: what changes, for whom, what it means, and how deals go on."""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow.domain import Opportunity
from salesflow.engine import Adopt, Migrate, StageEngine
from salesflow.errors import ArgumentError, UnknownName
from salesflow.playbook import Playbook, PlaybookChange, PlaybookDiff, diff
from salesflow.playbook._diff.words import key_words, part_words
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._model_policy import PermitShape
from salesflow.playbook._shape import Shape
from salesflow.playbook._tables import List, Table
from salesflow.playbooks import BUILT_IN
from salesflow.plugins import load_playbook
from salesflow.text import LANGUAGES
from tests.playbook.test_document_laws import documents, made

FEW: Final = settings(max_examples=max(10, settings().max_examples // 4))
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

BASE: Final = """
id = "acme"
version = "1.0.0"
title = { en = "Acme", zh = "甲流程" }
languages = ["en", "zh"]
[[roles]]
key = "rep"
title = { en = "Sales rep", zh = "销售代表" }
[[roles]]
key = "boss"
title = { en = "Head of sales", zh = "销售总监" }
[[facts]]
name = "margin"
kind = "number"
[policy]
back = ["boss"]
waive = "on"
[[stages]]
key = "qualify"
title = { en = "Qualify", zh = "资格确认" }
max_days = 30
  [[stages.exit]]
  key = "budget_known"
  title = { en = "The budget is known", zh = "预算已知" }
  rule = "amount > 10_000"
  [[stages.exit]]
  key = "sponsor_met"
  title = { en = "The sponsor was met", zh = "已见决策人" }
  by = "rep"
[[stages]]
key = "demo"
title = { en = "Demonstrate", zh = "演示" }
[[stages]]
key = "close"
title = { en = "Close", zh = "成交" }
[[instruments]]
key = "plan"
title = { en = "Deal plan", zh = "项目计划" }
[[size_policy]]
when = "amount > 100_000"
instruments = ["plan"]
[[checklists]]
key = "bant"
questions = [{ key = "budget", title = { en = "Is there a budget?", zh = "是否有预算？" } }]
[[scorecards]]
key = "fit"
items = [{ key = "budget", rule = "bant.budget", weight = 4 }]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 2 }]
[[cadences]]
key = "call"
title = { en = "Call the manager", zh = "与经理通话" }
every = { weeks = 1 }
[[reasons]]
key = "price"
outcome = "lost"
title = { en = "Price", zh = "价格" }
[[tracks]]
key = "legal"
title = { en = "Legal review", zh = "法务审核" }
  [[tracks.states]]
  key = "open"
  title = { en = "Open", zh = "未开始" }
  [[tracks.states]]
  key = "signed"
  title = { en = "Signed", zh = "已签署" }
[hygiene]
activity_days = 14
"""


def changed(*pairs: tuple[str, str]) -> PlaybookDiff:
    """What differs once each text of the file is replaced."""
    text = BASE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return diff(Playbook.from_toml(BASE), Playbook.from_toml(text))


def only(found: PlaybookDiff) -> PlaybookChange:
    (change,) = found.changes
    return change


# Each case: what is replaced, the path of the change, its kind, what it means, and the sentence.
CHANGES: Final = {
    "a threshold is raised": (
        ("amount > 10_000", "amount > 20_000"),
        "stages.qualify.exit.budget_known.rule",
        "stricter",
        (
            "stage “Qualify”, criterion “The budget is known”: rule: the amount is more than "
            "10,000 USD → the amount is more than 20,000 USD"
        ),
    ),
    "a threshold is lowered": (
        ("amount > 10_000", "amount > 5_000"),
        "stages.qualify.exit.budget_known.rule",
        "looser",
        None,
    ),
    "a rule asks for something else": (
        ("amount > 10_000", "margin > 1"),
        "stages.qualify.exit.budget_known.rule",
        "different",
        None,
    ),
    "a rule asks for one thing more": (
        ("amount > 10_000", "amount > 10_000 and known(owner)"),
        "stages.qualify.exit.budget_known.rule",
        "stricter",
        None,
    ),
    "a rule is content with another thing": (
        ("amount > 10_000", "amount > 10_000 or margin > 1"),
        "stages.qualify.exit.budget_known.rule",
        "looser",
        None,
    ),
    "a criterion applies to some deals only": (
        ('by = "rep"', 'by = "rep"\nwhen = "margin > 1"'),
        "stages.qualify.exit.sponsor_met.when",
        "looser",
        (
            "stage “Qualify”, criterion “The sponsor was met”: where it applies: – → "
            "margin is more than 1"
        ),
    ),
    "a criterion becomes advice": (
        ('by = "rep"', 'by = "rep"\nadvisory = true'),
        "stages.qualify.exit.sponsor_met.advisory",
        "looser",
        "stage “Qualify”, criterion “The sponsor was met”: advice only: no → yes",
    ),
    "evidence is asked for": (
        ('by = "rep"', 'by = "rep"\nevidence = "required"'),
        "stages.qualify.exit.sponsor_met.evidence",
        "stricter",
        None,
    ),
    "the owner may not say so": (
        ('by = "rep"', 'by = "rep"\nnot_by = ["owner"]'),
        "stages.qualify.exit.sponsor_met.not_by",
        "stricter",
        None,
    ),
    "somebody else says so": (
        ('by = "rep"', 'by = "boss"'),
        "stages.qualify.exit.sponsor_met.by",
        "different",
        "stage “Qualify”, criterion “The sponsor was met”: role: Sales rep → Head of sales",
    ),
    "the limit of days is lowered": (
        ("max_days = 30", "max_days = 20"),
        "stages.qualify.max_days",
        "stricter",
        "stage “Qualify”: days at most: 30 → 20",
    ),
    "the limit of days is gone": (
        ("max_days = 30", ""),
        "stages.qualify.max_days",
        "looser",
        "stage “Qualify”: days at most: 30 → –",
    ),
    "smaller deals need planning": (
        ("amount > 100_000", "amount > 50_000"),
        "size_policy.1.when",
        "stricter",
        (
            "size policy, row 1: where it applies: the amount is more than 100,000 USD → "
            "the amount is more than 50,000 USD"
        ),
    ),
    "fewer may go back": (
        ('back = ["boss"]', 'back = "off"'),
        "policy.back",
        "stricter",
        "who may come back: Head of sales, with a note → nobody",
    ),
    "more may go back": (
        ('back = ["boss"]', 'back = ["boss", "rep"]'),
        "policy.back",
        "looser",
        None,
    ),
    "a waiver asks for a note": (
        ('waive = "on"', "waive = { note = true }"),
        "policy.waive",
        "stricter",
        "who may waive it: anybody → note: yes",
    ),
    "a band begins later": (
        ("min = 2", "min = 3"),
        "scorecards.fit.bands.yes.min",
        "stricter",
        None,
    ),
    "a loss needs a note": (
        ('outcome = "lost"', 'outcome = "lost"\nnotes = true'),
        "reasons.price.notes",
        "stricter",
        None,
    ),
    "a date is nearer": (
        ("every = { weeks = 1 }", "every = { days = 3 }"),
        "cadences.call.every",
        "different",
        "cadence “Call the manager”: every: 1 week → 3 days",
    ),
    "a limit of hygiene": (
        ("activity_days = 14", ""),
        "hygiene.activity_days",
        "looser",
        "days without activity: 14 → 30",
    ),
    "the currency": (
        ('zh"]', 'zh"]\ncurrency = "CNY"'),
        "currency",
        "different",
        "currency: USD → CNY",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_behaviour_is_told_with_what_it_means_for_deals(what: str) -> None:
    pair, path, effect, sentence = CHANGES[what]
    change = only(changed(pair))
    assert (change.path, change.kind, change.effect) == (path, "changed", effect)
    assert change.for_deals
    if sentence is not None:
        assert change.sentence.en == sentence


def test_a_text_is_for_people_only() -> None:
    found = changed(("The sponsor was met", "The sponsor was met in person"))
    change = only(found)
    assert change.path == "stages.qualify.exit.sponsor_met.title"
    assert (change.for_deals, change.effect) == (False, None)
    assert (found.for_people, found.for_deals) == ((change,), ())
    assert found.old.digest == found.new.digest
    assert change.sentence.zh == (
        "阶段“资格确认”，条件“已见决策人”：名称：“The sponsor was met” → “The sponsor was met in "
        "person”"
    )


def test_a_text_in_any_language_is_told_where_it_differs() -> None:
    german = 'title = { en = "Demonstrate", zh = "演示", de = "Vorführen" }'
    plain = 'title = { en = "Demonstrate", zh = "演示" }'
    assert only(changed((plain, german))).sentence.en == (
        "stage “Demonstrate”: title: “Demonstrate” → “Vorführen”"
    )


def test_parts_come_go_and_move() -> None:
    demo = '[[stages]]\nkey = "demo"\ntitle = { en = "Demonstrate", zh = "演示" }\n'
    gone = changed((demo, ""))
    assert (only(gone).path, only(gone).kind) == ("stages.demo", "removed")
    assert [(it.old, it.new, it.reason) for it in gone.vanished] == [("demo", "qualify", "nearest")]
    back = diff(Playbook.from_toml(BASE.replace(demo, "")), Playbook.from_toml(BASE))
    assert (only(back).kind, only(back).sentence.en) == ("added", "stage “Demonstrate”: new")
    close = '[[stages]]\nkey = "close"\ntitle = { en = "Close", zh = "成交" }\n'
    moved = changed((demo, ""), (close, close + demo))
    assert (only(moved).path, only(moved).kind) == ("stages.close", "moved")


def test_a_criterion_that_comes_is_stricter_unless_it_is_advice() -> None:
    criterion = '  [[stages.exit]]\n  key = "x"\n  title = "X"\n  by = "rep"\n'
    place = 'by = "rep"\n'
    assert only(changed((place, place + criterion))).effect == "stricter"
    advice = only(changed((place, place + criterion + "advisory = true\n")))
    assert (advice.effect, advice.for_deals) == (None, True)


def test_renamed_parts_are_guessed_and_what_is_in_them_is_compared() -> None:
    found = changed(
        ('key = "demo"', 'key = "present"'),
        ('key = "sponsor_met"', 'key = "sponsor_seen"'),
        ('by = "rep"', 'by = "boss"'),
        ('key = "budget", title', 'key = "money", title'),
        ("bant.budget", "bant.money"),
        ('key = "signed"', 'key = "agreed"'),
        ('key = "plan"', 'key = "deal_plan"'),
        ('instruments = ["plan"]', 'instruments = ["deal_plan"]'),
    )
    assert [(it.kind, it.old, it.new, it.reason) for it in found.matches] == [
        ("stages", "demo", "present", "guessed"),
        ("criteria", "sponsor_met", "sponsor_seen", "guessed"),
        ("criteria", "plan", "deal_plan", "guessed"),
        ("questions", "bant.budget", "bant.money", "guessed"),
        ("tracks", "legal.signed", "legal.agreed", "guessed"),
    ]
    kinds = {change.path: change.kind for change in found.changes}
    assert kinds["stages.present"] == "renamed"
    assert kinds["stages.qualify.exit.sponsor_seen.by"] == "changed"


def test_what_the_new_version_says_itself_is_no_guess() -> None:
    new = BASE.replace('key = "demo"', 'key = "show"').replace("Demonstrate", "On site")
    new = new.replace("演示", "现场").replace('version = "1.0.0"', 'version = "2.0.0"')
    before, guessed = (
        Playbook.from_toml(BASE),
        diff(Playbook.from_toml(BASE), Playbook.from_toml(new)),
    )
    assert [(it.old, it.new, it.reason) for it in guessed.vanished] == [
        ("demo", "qualify", "nearest")
    ]
    said = new + '[[migrations]]\nfrom = "1.0.0"\nstages = { demo = "show" }\n'
    found = diff(before, Playbook.from_toml(said))
    assert [(it.old, it.new, it.reason) for it in found.matches] == [("demo", "show", "declared")]


def test_two_parts_that_do_not_look_alike_are_two_parts() -> None:
    found = changed(
        (
            'key = "demo"\ntitle = { en = "Demonstrate", zh = "演示" }',
            'key = "pilot"\ntitle = "Pilot"',
        )
    )
    assert {change.kind for change in found.changes} == {"added", "removed"}


def test_the_text_says_the_grave_things_first_in_both_languages() -> None:
    found = changed(
        ('version = "1.0.0"', 'version = "1.1.0"'),
        ("amount > 10_000", "amount > 20_000"),
        ('back = ["boss"]', 'back = "on"'),
        ('[[stages]]\nkey = "demo"\ntitle = { en = "Demonstrate", zh = "演示" }\n', ""),
    )
    assert found.to_text() == (
        "acme 1.0.0 → acme 1.1.0\n"
        "\n"
        "Stages that deals can be in no more:\n"
        "- demo: go on in qualify?\n"
        "\n"
        "For deals under way, stricter:\n"
        "- stage “Qualify”, criterion “The budget is known”: rule: the amount is more than "
        "10,000 USD → the amount is more than 20,000 USD\n"
        "\n"
        "For deals under way, looser:\n"
        "- who may come back: Head of sales, with a note → anybody\n"
        "\n"
        "For deals under way, different:\n"
        "- stage “Demonstrate”: gone\n"
        "\n"
        "For people only:\n"
        "- version: 1.0.0 → 1.1.0\n"
    )
    assert "- 阶段“演示”：取消\n" in found.to_text("zh")
    assert "- 谁可退回：销售总监，须说明理由 → 任何人\n" in found.to_text("zh")
    with pytest.raises(UnknownName):
        found.to_text("german")


def test_what_is_no_playbook_is_refused_with_every_mistake() -> None:
    with pytest.raises(ArgumentError) as caught:
        diff("acme", None)  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == ["old", "new"]


def test_a_diff_travels_as_json_and_cannot_be_changed() -> None:
    found = changed(("amount > 10_000", "amount > 20_000"))
    assert PlaybookDiff.model_validate_json(found.to_json()) == found
    assert json.loads(found.to_json()) == found.to_dict()
    assert hash(found) == hash(changed(("amount > 10_000", "amount > 20_000")))
    with pytest.raises(AttributeError):
        found.changes = ()  # type: ignore[misc]


def shapes(shape: Shape) -> list[Table]:
    """Every table that a playbook may have in it."""
    match shape:
        case List():
            return shapes(shape.item)
        case PermitShape():
            return [shape.table] if shape.table else []
        case Table():
            inner = [table for field in shape.fields.values() for table in shapes(field.shape)]
            return [shape, *inner]
        case _:
            return []


def test_every_key_and_every_part_has_words_in_every_language() -> None:
    for table in shapes(DOCUMENT):
        for key in table.fields:
            assert all(getattr(key_words(table.title, key), lang) for lang in LANGUAGES)
    for field in DOCUMENT.fields.values():
        shape = field.shape
        for table in shapes(shape):
            if not table.title.startswith("a permission") and table.title != "a playbook":
                assert all(getattr(part_words(table.title), lang) for lang in LANGUAGES)


# ------------------------------------------------------------------ laws


@FEW
@given(documents(), documents())
def test_a_diff_is_empty_exactly_where_the_digests_are_the_same(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    old, new = made(one), made(two)
    same = diff(old, made(copy.deepcopy(one)))
    assert (same.is_empty, same.matches) == (True, ())
    assert same.to_text().endswith("Nothing changes.\n")
    found = diff(old, new)
    assert found.is_empty == (old.content_digest == new.content_digest)
    assert bool(found.for_deals) == (old.digest != new.digest)
    assert all(change.effect is None for change in found.for_people)
    for lang in LANGUAGES:
        assert found.to_text(lang)
    assert PlaybookDiff.model_validate_json(found.to_json()) == found


def migrated(old: Playbook, new: Playbook, found: PlaybookDiff) -> None:
    """Every position and every state of a track has a place in the newer playbook."""
    draft = found.migration()
    document = json.loads(new.to_json())
    others = [
        it
        for it in document.get("migrations", [])
        if (it.get("playbook", new.id), it["from"]) != (old.id, old.version)
    ]
    document["migrations"] = [*others, *tomllib.loads(draft)["migrations"]]
    follower = Playbook.from_json(json.dumps(document))
    assert follower.digest == new.digest
    before, after = StageEngine(old), StageEngine(follower)
    for place in old.positions:
        deal = Opportunity(id="D-1", name="A deal", owner="li.wei")
        adopt = Adopt(by="li.wei", stage=place.key, entered_on=NOW.date())
        deal = before.decide(deal, adopt, at=NOW).require()
        there = after.decide(deal, Migrate(by="li.wei"), at=NOW).require()
        match = [it for it in found.matches if (it.kind, it.old) == ("stages", place.key)]
        assert there.progress is not None
        assert there.progress.position == (match[0].new if match else place.key)
    told = [line.split(" = ")[0].strip(' "') for line in draft.splitlines() if "TODO: it" in line]
    assert told == [it.old for it in found.matches if it.reason in ("guessed", "nearest")]


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("other", BUILT_IN)
def test_a_draft_takes_the_deals_of_each_built_in_playbook_to_each(name: str, other: str) -> None:
    old, new = load_playbook(name), load_playbook(other)
    if name != other:
        migrated(old, new, diff(old, new))


@FEW
@given(documents(), documents(), st.booleans())
def test_a_draft_lets_a_deal_in_each_position_migrate(
    one: dict[str, Any], two: dict[str, Any], same: bool
) -> None:
    for document in (one, two):
        for act in ("adopt", "migrate", "start", "start_later"):
            document.get("policy", {}).pop(act, None)
    two = {**two, "id": one["id"] if same else "another", "version": "77"}
    old, new = made(one), made(two)
    found = diff(old, new)
    if old.digest == new.digest:
        assert tomllib.loads(found.migration()) == {}
        return
    migrated(old, new, found)
