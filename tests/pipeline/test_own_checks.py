"""Checks of one's own: in a file and in code, under a playbook, with their limits."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from salesflow import Playbook, Rule, Text
from salesflow.errors import ArgumentError
from salesflow.pipeline import (
    Checks,
    Counts,
    InvalidChecks,
    OwnCheck,
    PipelineFailed,
    PipelineReport,
    check_pipeline,
)
from tests.hostile import MARKUP, UNSEEN
from tests.pipeline.conftest import AS_OF, PROCESS, Engine

Deals = Callable[..., pl.DataFrame]

FILE: Final = """
[[facts]]
name = "region"
kind = "text"

[[checks]]
key = "big_deals_have_a_sponsor"
title = { en = "A big deal has its sponsor", zh = "大项目已有决策人" }
rule = "done.sponsor_met"
when = "amount >= 100_000"
fail_if = 0

[[checks]]
key = "northern_deals_are_big"
rule = 'region != "north" or amount >= 50_000'
stages = ["qualify", "draft"]
severity = "warning"
warn_if = 0.5
fail_if = { max = 3, max_increase = 0 }

[[checks]]
key = "moves_on"
title = "A deal moves on in time"
max_days = { qualify = 20, offer = 10 }

[[checks]]
key = "once"
unique = ["owner", "amount"]
when = 'outcome == "none"'
"""


def check(frame: Any, process: Playbook, **options: Any) -> PipelineReport[Any]:
    return check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})


def named(*checks: str) -> str:
    return "".join(f'[[checks]]\nkey = "c{at}"\n{it}\n' for at, it in enumerate(checks))


def refused(text: str, process: Playbook) -> list[str]:
    with pytest.raises(InvalidChecks) as caught:
        Checks.from_toml(text, process)
    return [str(problem) for problem in caught.value.problems]


# ------------------------------------------------------------------------------------ what they say


def test_a_check_of_a_file_is_the_same_as_in_code(
    engine: Engine, process: Playbook, deals: Deals
) -> None:
    frame = engine(
        deals(
            {"amount": 120_000.0, "done.sponsor_met": False},
            {"amount": 120_000.0, "done.sponsor_met": None, "stage": "offer"},
            {"amount": 40_000.0, "region": "north"},
            {"amount": 40_000.0, "region": "north", "stage": "sign"},
            {"amount": None, "stage": "won"},
        )
    )
    facts = process.facts.extended(Checks.from_toml(FILE, process).facts)
    in_code = {
        "big_deals_have_a_sponsor": OwnCheck(
            rule=Rule.parse("done.sponsor_met", facts),
            when=Rule.parse("amount >= 100_000", facts),
            title=Text(en="A big deal has its sponsor", zh="大项目已有决策人"),
            fail_if=0,
        ),
        "northern_deals_are_big": OwnCheck(
            rule=Rule.parse('region != "north" or amount >= 50_000', facts),
            stages=("qualify", "draft"),
            severity="warning",
            warn_if=0.5,
            fail_if={"max": 3, "max_increase": 0},
        ),
        "moves_on": OwnCheck(
            max_days={"qualify": 20, "offer": 10}, title=Text(en="A deal moves on in time")
        ),
        "once": OwnCheck(unique=["owner", "amount"], when=Rule.parse('outcome == "none"', facts)),
    }
    in_file = Checks.from_toml(FILE, process)

    assert dict(in_file) == in_code
    one, other = (check(frame, process, checks=it) for it in (in_file, in_code))
    assert one == other
    assert one.counts["big_deals_have_a_sponsor"] == Counts(yes=1, no=1, unknown=1)
    assert one.counts["northern_deals_are_big"] == Counts(yes=1, no=1, unknown=0)
    assert one.severities["northern_deals_are_big"] == "warning"
    assert one.titles["big_deals_have_a_sponsor"].zh == "大项目已有决策人"
    assert one.titles["northern_deals_are_big"].get("en").startswith("region is other than")
    assert one.groups["moves_on"] == "own"
    assert one.counts["once"] == Counts(yes=0, no=4, unknown=0)
    assert one.limits == {
        "error": 0,
        "big_deals_have_a_sponsor": 0,
        "northern_deals_are_big": {"max": 3, "max_increase": 0},
    }
    assert one.warn_limits == {"northern_deals_are_big": 0.5}


def test_a_plain_rule_of_a_file_is_that_rule(process: Playbook, deals: Deals) -> None:
    frame = deals({}, {"amount": None}, {"stage": "lost", "amount": 1.0})
    rule = Rule.parse("amount > 10", process.facts)

    checks = Checks.from_toml(named('rule = "amount > 10"'), process)

    assert check(frame, process, checks=checks) == check(frame, process, checks={"c0": rule})


def test_what_a_file_says_and_what_code_says_go_together(process: Playbook, deals: Deals) -> None:
    rule = Rule.parse("amount > 10", process.facts)

    report = check(deals({}), process, checks={**Checks.from_toml(FILE, process), "rich": rule})

    own = [key for key, group in report.groups.items() if group == "own"]
    assert own == [*Checks.from_toml(FILE, process), "rich"]


@pytest.mark.parametrize(
    ("stage", "stayed", "part", "says"),
    [
        ("qualify", 20, None, Counts(yes=1, no=0, unknown=0)),
        ("qualify", 21, None, Counts(yes=0, no=1, unknown=0)),
        ("offer", 90, 10, Counts(yes=1, no=0, unknown=0)),
        ("offer", 90, 11, Counts(yes=0, no=1, unknown=0)),
        ("draft", 90, 90, Counts(yes=0, no=0, unknown=0)),
        ("sign", 90, None, Counts(yes=0, no=0, unknown=0)),
        ("won", 90, None, Counts(yes=0, no=0, unknown=0)),
        ("qualify", None, None, Counts(yes=0, no=0, unknown=1)),
    ],
)
def test_days_are_those_of_the_stage_or_the_sub_stage(
    stage: str, stayed: int | None, part: int | None, says: Counts, process: Playbook, deals: Deals
) -> None:
    def since(days: int | None) -> date | None:
        return None if days is None else date.fromordinal(AS_OF.toordinal() - days)

    row = {"stage": stage, "created_on": date(2025, 1, 1)}
    row |= {"entered_stage_on": since(stayed), "entered_sub_stage_on": since(part)}
    checks = {"moves_on": OwnCheck(max_days={"qualify": 20, "offer": 10})}

    report = check(deals(row), process, checks=checks)

    assert report.counts["moves_on"] == says
    assert report.titles["moves_on"].zh == "项目在当前位置的停留未超过规定天数"


def test_days_of_a_stage_are_for_the_whole_stay_in_it(process: Playbook, deals: Deals) -> None:
    row = {"stage": "offer", "entered_stage_on": date(2026, 1, 1), "created_on": date(2025, 1, 1)}
    checks = {
        "whole": OwnCheck(max_days={"propose": 29}),
        "both": OwnCheck(max_days={"propose": 30, "offer": 19}),
    }

    report = check(
        deals({**row, "entered_sub_stage_on": date(2026, 1, 11)}), process, checks=checks
    )

    assert report.counts["whole"] == Counts(yes=0, no=1, unknown=0)
    assert report.counts["both"] == Counts(yes=0, no=1, unknown=0)


def test_the_limit_of_the_playbook_says_the_same(process: Playbook, deals: Deals) -> None:
    days = (date(2026, 1, 1), date(2026, 1, 2), None)
    rows = [{"entered_stage_on": day, "created_on": date(2025, 1, 1)} for day in days]

    report = check(deals(*rows), process, checks={"own": OwnCheck(max_days={"qualify": 30})})

    assert report.counts["own"] == report.counts["hygiene.stage_age"]


def test_without_the_day_of_entry_it_is_not_checked(process: Playbook, deals: Deals) -> None:
    frame = deals({}, without=["entered_stage_on"])

    report = check(frame, process, checks={"moves_on": OwnCheck(max_days={"qualify": 20})})

    assert report.not_checked["moves_on"] == ("entered_stage_on",)


def test_without_what_it_is_asked_of_it_is_not_checked(process: Playbook, deals: Deals) -> None:
    checks = Checks.from_toml(named('rule = "amount > 10"\nwhen = "discount > 0.1"'), process)

    report = check(deals({}), process, checks=checks)

    assert report.not_checked["c0"] == ("discount",)


def test_stages_are_those_of_the_row_however_the_deal_ended(
    process: Playbook, deals: Deals
) -> None:
    places = ("qualify", "propose", "draft", "offer", "sign", "deliver", "won", "lost", None)
    rows = [{"stage": place} for place in places]
    rule = Rule.parse("amount > 10", process.facts)

    report = check(
        deals(*rows),
        process,
        checks={
            "one": OwnCheck(rule=rule, stages=("propose",)),
            "part": OwnCheck(rule=rule, stages=("offer", "sign")),
            "beyond": OwnCheck(rule=rule, stages=("deliver",)),
        },
    )

    rows_of = {key: report.counts[key].rows for key in ("one", "part", "beyond")}
    assert rows_of == {"one": 3, "part": 2, "beyond": 1}


# ----------------------------------------------------------------------------------- what is wrong


def test_everything_that_is_wrong_with_a_file_comes_at_once(process: Playbook) -> None:
    wrong = (
        FILE.replace('"region"', '"amount"')
        .replace("done.sponsor_met", "done.sponsor_mett")
        .replace('["qualify", "draft"]', '["qualify", "drafd"]')
        .replace("warn_if", "warnif")
        .replace("max = 3", "max = 3.5")
        .replace("offer = 10", "offer = 0")
        .replace('"moves_on"', '"hygiene"')
    )

    assert [re.split("; |, which| .done", told)[0] for told in refused(wrong, process)] == [
        "line 18, column 1: checks.northern_deals_are_big.warnif: a check has no such key",
        "line 19, column 19: checks.northern_deals_are_big.fail_if.max: 3.5 is not a share",
        "line 24, column 36: checks.hygiene.max_days.offer: this must be from 1 to 3,650, not 0",
        'line 4, column 8: facts.amount.kind: the playbook has a fact "amount", of kind money',
        "line 9, column 9: checks.big_deals_have_a_sponsor.rule: there is no fact",
        'line 15, column 9: checks.northern_deals_are_big.rule: there is no fact "region"',
        "line 16, column 22: checks.northern_deals_are_big.stages[1]: there is no stage 'drafd'",
        'line 22, column 7: checks.hygiene.key: "hygiene" is what checks are called together',
    ]
    assert any('did you mean "draft"?' in told for told in refused(wrong, process))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "c0.rule: it says nothing that ought to hold; give rule, max_days or unique"),
        (
            'rule = "amount > 1"\nmax_days = { qualify = 3 }',
            "it has a rule already; make two checks",
        ),
        (
            'max_days = { qualify = 3 }\nstages = ["sign"]',
            "max_days says where it is asked; leave it",
        ),
        ("unique = []", "rule: it says nothing that ought to hold; give rule, max_days or unique"),
        ('unique = ["amount"]\nrule = "amount > 1"', "unique: it has a rule already; make two"),
        ('unique = ["amount", "amount"]', "amount"),
        ("unique = [3]", "unique[0]: this must be a fact, not 3"),
        ("max_days = {}", "this names 1 to 500 stages"),
        ("max_days = 20", "this must be a table such as { demo = 20 }, not 20"),
        ("max_days = { qualify = 2.5 }", "this must be a whole number, not 2.5"),
        (
            "max_days = { deliver = 20 }",
            "max_days.deliver: only won deals come there; leave it out",
        ),
        ("max_days = { won = 20 }", "there is no stage 'won'"),
        ('rule = "amount > 1"\nstages = ["lost"]', "stages[0]: there is no stage 'lost'"),
        ('rule = "amount > 1"\nstages = "sign"', "this must be a list"),
        ('rule = "stage == \\"sing\\""', "sign"),
        ('rule = "reached(\\"sing\\")"', "there is no stage"),
        ('rule = "amount > 1"\nwhen = "amount >"', "c0.when: "),
        ('rule = "amount > 1"\nseverity = "info"', "not one of the possible words"),
        ('rule = "amount > 1"\nfail_if = true', "a bool is not a limit"),
        ('rule = "amount > 1"\nfail_if = {}', "it says no limit; write max, max_increase, or both"),
        (
            'rule = "amount > 1"\nfail_if = { least = 1 }',
            "a limit has no such part; write max, max",
        ),
        ('rule = "amount > 1"\nwarn_if = -1', "warn_if: -1 is below 0"),
        ('rule = "amount > 1"\nwarn_if = nan', "NaN is not a limit"),
        ('rule = "amount > 1"\ntitle = { xxxx_ = "a" }', "there is no such language"),
    ],
)
def test_what_is_wrong_with_a_check_is_told(body: str, message: str, process: Playbook) -> None:
    (told,) = refused(named(body), process)

    assert message in told
    assert told.startswith("line ")


def test_two_checks_of_one_key_are_told(process: Playbook) -> None:
    both = named('rule = "amount > 1"') * 2

    (told,) = refused(both, process)

    assert told.startswith("line 5, column 7: ")
    assert 'the check "c0" exists already' in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "checks: a file of checks needs it and it is missing"),
        ("checks = []", "the list is empty; give at least 1"),
        ("checks = 3", "this must be a list, not 3"),
        ("check = []", "a file of checks has no such key"),
        ("[[checks]", "line 1"),
        ("a." * 40 + "b = 1", "a key has more than 16 parts"),
        ("x = " + "[" * 60 + "]" * 60, "more than 32 levels of nesting"),
        ("#" * (1 << 21), "the text is longer than 1,048,576 bytes"),
        (named(*["rule = 1"] * 501), "501 entries, more than 500"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, message: str, process: Playbook) -> None:
    assert any(message in told for told in refused(text, process))


def test_a_file_that_cannot_be_read_is_refused(process: Playbook, tmp_path: Path) -> None:
    for name, data in {"a.txt": b"", "b.toml": b"\xff\xfe\x00"}.items():
        (tmp_path / name).write_bytes(data)
    for path in ("a.txt", "b.toml", "no.toml"):
        with pytest.raises(InvalidChecks):
            Checks.from_file(tmp_path / path, process)
    with pytest.raises(InvalidChecks, match="a text is expected, not bytes"):
        Checks.from_toml(b"", process)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="playbook must be a Playbook, not a dict"):
        Checks.from_toml(FILE, {})  # type: ignore[arg-type]


@pytest.mark.parametrize("hostile", [*MARKUP, *UNSEEN])
def test_what_a_stranger_wrote_is_refused_or_written_as_it_is(
    hostile: str, process: Playbook, deals: Deals
) -> None:
    text = named(f"rule = 'amount > 1'\ntitle = {json.dumps(hostile, ensure_ascii=False)}")
    if hostile in UNSEEN:
        assert any(told.startswith("line 4, column ") for told in refused(text, process))
        return
    checks = Checks.from_toml(text, process)
    assert Checks.from_toml(checks.to_toml(), process) == checks
    assert "<script" not in check(deals({"amount": 0.5}), process, checks=checks)._repr_html_()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "rule: it says nothing that ought to hold; give rule, max_days or unique"),
        ({"rule": "amount > 1"}, "rule: must be a Rule, not a str"),
        ({"max_days": {"a": True}}, "max_days['a']: must be the key of a stage, and days from 1"),
        ({"max_days": {3: 4}}, "max_days[3]: must be the key of a stage"),
        ({"max_days": [("a", 3)]}, "max_days: must be a mapping, not a list"),
        ({"max_days": {"a": 1}, "stages": ["b"]}, "stages: max_days says where it is asked"),
        ({"max_days": {"a": 1}, "stages": "b"}, "stages: must be a list of str, not a str"),
        ({"max_days": {"a": 1}, "severity": "info"}, 'severity: must be "error" or "warning", not'),
        ({"max_days": {"a": 1}, "title": "a"}, "title: must be a Text, not a str"),
        ({"max_days": {"a": 1}, "when": True}, "when: must be a Rule, not a bool"),
        ({"max_days": {"a": 1}, "fail_if": {3: 1}}, "fail_if: a limit has no such part"),
        ({"max_days": {"a": 1}, "warn_if": "3"}, "warn_if: a str is not a limit"),
    ],
)
def test_a_check_in_code_that_is_none_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        OwnCheck(**given)
    assert message in str(caught.value)


def test_checks_in_code_are_held_against_the_playbook(process: Playbook, deals: Deals) -> None:
    rule = Rule.parse("amount > 1", process.facts)
    own: Mapping[str, Any] = {
        "far": OwnCheck(rule=rule, stages=("qualifi",)),
        "odd": OwnCheck(rule=rule, when=Rule.parse('reached("nowhere")')),
        "none": 3,
    }

    with pytest.raises(ArgumentError) as caught:
        check(deals({}), process, checks=own)
    assert [problem.path for problem in caught.value.problems] == [
        "checks['none']",
        "checks['far'].stages[0]",
        "checks['odd'].when",
    ]
    with pytest.raises(ArgumentError) as caught:
        Checks({**own, "Not A Key": rule, "own": rule}, process)
    assert [problem.path for problem in caught.value.problems] == [
        "checks['none']",
        "checks['Not A Key']",
        "checks['own']",
        "checks['far'].stages[0]",
        "checks['odd'].when",
    ]


# ------------------------------------------------------------------------------------------- values


def test_checks_are_values(process: Playbook, tmp_path: Path) -> None:
    checks = Checks.from_toml(FILE, process)
    path = tmp_path / "team.checks.toml"
    path.write_text(checks.to_toml(), encoding="utf-8")

    again = Checks.from_file(path, process)

    assert again == checks
    assert hash(again) == hash(checks)
    assert copy.deepcopy(checks) == checks
    assert pickle.loads(pickle.dumps(checks)) == checks  # noqa: S301 - our own
    assert repr(checks) == (
        "<Checks: big_deals_have_a_sponsor, northern_deals_are_big, moves_on, once>"
    )
    assert again.to_toml() == checks.to_toml()
    assert Checks(dict(checks), process).to_toml() == checks.to_toml()
    with pytest.raises(AttributeError):
        checks.more = 1  # type: ignore[attr-defined]


def test_a_file_in_json_says_the_same(process: Playbook, tmp_path: Path) -> None:
    path = tmp_path / "team.checks.json"
    said = {"checks": [{"key": "c0", "rule": "amount > 1", "fail_if": {"max": 4}}]}
    path.write_text(json.dumps(said), encoding="utf-8")

    checks = Checks.from_file(path, process)

    assert checks == Checks.from_toml(named('rule = "amount > 1"\nfail_if = 4'), process)


def test_the_schema_of_a_file_takes_what_is_read(process: Playbook) -> None:
    schema = Draft202012Validator(Checks.json_schema())
    good: Any = {"checks": [{"key": "c0", "rule": "amount > 1", "fail_if": {"max_increase": 0.5}}]}

    assert schema.is_valid(good)
    for key, value in {"fail_if": {}, "warn_if": -1, "severity": "info", "max_days": {}}.items():
        assert not schema.is_valid({"checks": [{**good["checks"][0], key: value}]}), key
    assert not schema.is_valid({"checks": []})


TITLES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9
)
LIMITS = st.one_of(
    st.none(),
    st.integers(0, 10**12),
    st.floats(0, 1),
    st.fixed_dictionaries({"max": st.floats(0, 1), "max_increase": st.integers(0, 99)}),
)


@given(
    titles=st.dictionaries(st.sampled_from(["en", "zh", "de"]), TITLES, min_size=1),
    rule=st.sampled_from(["amount > 10", 'stage == "sign"', "known(owner) or discount <= 0.2"]),
    when=st.sampled_from([None, 'owner == "O\'Hara \\\\ \\"x\\""']),
    limits=st.tuples(LIMITS, LIMITS),
)
def test_what_is_written_is_read_as_the_same(
    titles: dict[str, str], rule: str, when: str | None, limits: tuple[Any, Any], process: Playbook
) -> None:
    made = OwnCheck(
        title=Text(**titles),
        rule=Rule.parse(rule, process.facts),
        when=None if when is None else Rule.parse(when, process.facts),
        fail_if=limits[0],
        warn_if=limits[1],
    )
    checks = Checks({"c": made}, process)

    assert Checks.from_toml(checks.to_toml(), process) == checks


# ------------------------------------------------------------------------------------------- limits


def owned(process: Playbook, deals: Deals, without: int, of: int, **options: Any) -> Any:
    """A report of deals some of which nobody owns."""
    frame = deals(*[{"owner": None}] * without, *[{}] * (of - without))
    return check(frame.select("id", "stage", "owner"), process, **options)


OWNED: Final = "hygiene.owner_known"


def test_a_warning_fails_nothing_and_is_in_the_summary(process: Playbook, deals: Deals) -> None:
    report = owned(process, deals, 1, 4, warn_if={OWNED: 0}, fail_if={OWNED: 2})

    report.raise_for()
    (warned,) = report.warned()
    assert (warned.check, warned.findings, warned.limit, warned.examples) == (OWNED, 1, 0, ("D-1",))
    assert "More findings than warn_if allows: hygiene.owner_known" in report.summary()
    assert "超过 warn_if 所允许的数量：hygiene.owner_known" in report.summary("zh")
    assert "fail_if" not in report.summary()
    assert report.warned({OWNED: 1}) == ()


def test_without_a_limit_nothing_is_warned_of(process: Playbook, deals: Deals) -> None:
    report = owned(process, deals, 4, 4)

    assert report.warned() == ()
    assert "allows" not in report.summary()


def test_the_caller_overrules_what_a_check_says(process: Playbook, deals: Deals) -> None:
    rule = Rule.parse("known(owner)", process.facts)
    own = {"owned": OwnCheck(rule=rule, severity="warning", fail_if=0, warn_if=0)}

    report = owned(process, deals, 1, 4, checks=own, fail_if={OWNED: 9})
    assert [it.check for it in report.failed()] == ["owned"]
    report = owned(process, deals, 1, 4, checks=own, fail_if={"owned": 1}, warn_if={"own": 1})
    assert report.failed() == ()
    assert [it.check for it in report.warned()] == ["owned"]


def test_a_check_with_a_limit_that_cannot_be_made_does_not_pass(
    process: Playbook, deals: Deals
) -> None:
    own = {"rich": OwnCheck(rule=Rule.parse("amount > 1", process.facts), fail_if=9)}

    (failed,) = owned(process, deals, 0, 2, checks=own).failed()

    assert (failed.check, failed.not_checked) == ("rich", ("amount",))


def test_no_worse_than_before_passes(process: Playbook, deals: Deals) -> None:
    before = owned(process, deals, 2, 4)
    read_back: PipelineReport[Any] = PipelineReport.model_validate_json(before.model_dump_json())

    for earlier in (before, read_back):
        owned(process, deals, 2, 9).raise_for(before=earlier)
        owned(process, deals, 2, 9, before=earlier).raise_for()
        with pytest.raises(PipelineFailed) as caught:
            owned(process, deals, 3, 9).raise_for(before=earlier)
        assert str(caught.value) == (
            "1 check of the pipeline failed.\n"
            "  - hygiene.owner_known: 3 findings in 9 deals, 2 in 4 before, the limit is 0 more "
            "(Somebody owns the deal); for instance 'D-1', 'D-2', 'D-3'"
        )
        assert caught.value.failed[0].before == Counts(yes=2, no=2, unknown=0)


def test_what_was_said_of_errors_holds_beside_an_earlier_report(
    process: Playbook, deals: Deals
) -> None:
    before = owned(process, deals, 4, 4)

    report = owned(process, deals, 2, 4, fail_if={"error": 1})

    assert [it.check for it in report.failed(before=before)] == [OWNED]


def test_a_limit_may_be_by_how_many_more_and_by_how_many(process: Playbook, deals: Deals) -> None:
    before = owned(process, deals, 1, 4)
    report = owned(process, deals, 3, 4, before=before)

    def limits(limit: Any) -> list[Any]:
        return [it.limit for it in report.failed({OWNED: limit})]

    assert limits({"max_increase": 1}) == [1]
    assert limits({"max_increase": 2}) == []
    assert limits({"max_increase": 0.49}) == [0.49]
    assert limits({"max_increase": 0.5}) == []
    assert limits({"max": 2, "max_increase": 1}) == [2, 1]
    assert limits({"max": 3, "max_increase": 1}) == [1]
    assert "1 check of" in str(
        PipelineFailed(report.failed({OWNED: {"max": 0, "max_increase": 0}}))
    )


def test_a_check_that_is_new_had_no_findings(process: Playbook, deals: Deals) -> None:
    before = check(deals({}).select("id", "stage"), process)

    (failed,) = owned(process, deals, 1, 4).failed({OWNED: {"max_increase": 0}}, before=before)

    assert failed.before == Counts(yes=0, no=0, unknown=0)


def test_a_check_that_cannot_be_made_any_more_fails(process: Playbook, deals: Deals) -> None:
    before = owned(process, deals, 1, 4)
    report = check(deals({}).select("id", "stage"), process)

    (failed,) = report.failed(before=before)

    assert (failed.check, failed.not_checked) == (OWNED, ("owner",))
    assert report.failed({"error": 0}, before=before) == ()


def test_without_an_earlier_report_nobody_can_say_what_is_more(
    process: Playbook, deals: Deals
) -> None:
    report = owned(process, deals, 1, 4, fail_if={OWNED: {"max_increase": 0}})

    with pytest.raises(ArgumentError, match="pass an earlier report; in the first run, this one"):
        report.raise_for()
    report.raise_for(before=report)
    assert "allows" not in report.summary()
    with pytest.raises(ArgumentError, match="before: must be a PipelineReport, not a dict"):
        report.raise_for(before={})
    with pytest.raises(ArgumentError, match="before: must be a PipelineReport, not a dict"):
        owned(process, deals, 1, 4, before={})


def test_a_report_of_another_playbook_says_nothing_of_the_time_before(
    process: Playbook, deals: Deals
) -> None:
    """It was taken as if its checks had asked the same."""
    changed = Playbook.from_toml(PROCESS.replace("max_days = 30", "max_days = 31"))
    report = owned(process, deals, 1, 4)
    other = PipelineReport[Any].model_validate_json(owned(changed, deals, 0, 4).to_json())
    said = r"before: it was checked with the playbook machines 1 \(.*\), and the earlier one with"

    for ask in (report.raise_for, report.failed, report.warned, report.to_junit):
        with pytest.raises(ArgumentError, match=said):
            ask(before=other)
    with pytest.raises(ArgumentError, match=said):
        owned(process, deals, 1, 4, before=other)
    again = Playbook.from_toml(PROCESS.replace("Machines", "Engines"))
    report.raise_for(before=owned(again, deals, 1, 4))


@given(was=st.tuples(*[st.integers(0, 6)] * 2), now=st.tuples(*[st.integers(0, 6)] * 2))
def test_an_increase_is_exact(
    was: tuple[int, int], now: tuple[int, int], process: Playbook, deals: Deals
) -> None:
    (bad, fine), (bad_now, fine_now) = was, now
    before = owned(process, deals, bad, bad + fine)
    report = owned(process, deals, bad_now, bad_now + fine_now)

    shares = [n / (n + m) if n + m else 0 for n, m in (was, now)]
    more = shares[1] - shares[0]
    for share in (0.0, 0.1, 0.25, 0.5):
        if abs(more - share) > 1e-9:
            failed = report.failed({OWNED: {"max_increase": share}}, before=before)
            assert bool(failed) is (more > share)
    failed = report.failed({OWNED: {"max_increase": 1}}, before=before)
    assert bool(failed) is (bad_now - bad > 1)
