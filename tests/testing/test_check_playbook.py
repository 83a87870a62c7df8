"""The checks of a whole playbook: the built-in ones keep them, and each check can fail."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import salesflow as sf
from salesflow.errors import ArgumentError
from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN
from salesflow.testing import (
    CheckFailed,
    CheckSkipped,
    PlaybookCheck,
    check_playbook,
    parametrize_with_playbook_checks,
    playbook_checks,
)
from salesflow.testing._checks import CHECKS
from salesflow.testing._course import FIRST_DAY, START
from salesflow.testing._frames import columns_of, differences
from salesflow.testing._mermaid import faults_of
from tests.engine.course import PLAYBOOK

HERE = Path(__file__).parent
LIFTS = (HERE / "lifts.toml").read_text(encoding="utf-8")
EVERY_KEY = HERE.parent / "playbook" / "every_key.toml"


@parametrize_with_playbook_checks([*BUILT_IN, HERE / "lifts.toml"])
def test_a_playbook_of_ours(check: PlaybookCheck) -> None:
    notes = check()

    assert notes == () or check.name == "migrations"


def failures(given: Playbook | str | Path, **more: Any) -> dict[str, list[str]]:
    """What checks that fail have to say, by their names."""
    try:
        check_playbook(given, **more)
    except CheckFailed as error:
        return {
            name: [str(replace(it.problem, line=None, column=None)) for it in found]
            for name, found in error.faults.items()
        }
    return {}


def changed(old: str, new: str, text: str = LIFTS) -> Playbook:
    """A playbook with one thing changed."""
    assert old in text
    return Playbook.from_toml(text.replace(old, new, 1))


def test_every_key_of_the_format_passes_but_for_what_is_left_open_on_purpose() -> None:
    found = failures(EVERY_KEY)

    assert {*found} == {"lint", "texts"}
    assert len(found["lint"]) == 3
    assert all('there is no text in "' in line for line in found["texts"])
    results = {check.name: check for check in playbook_checks(EVERY_KEY)}
    with pytest.raises(CheckSkipped, match="no cases beside it"):
        results["cases"]()


# Each check can fail


def test_what_cannot_be_loaded_has_one_check_that_says_why(tmp_path: Path) -> None:
    path = tmp_path / "draft.toml"
    path.write_text(LIFTS.replace('by = "boss"', 'by = "bos"'), encoding="utf-8")

    (check,) = playbook_checks(path)
    assert (check.name, check.playbook) == ("loads", str(path))
    assert failures(path) == {
        "loads": ['stages.survey.exit.met.by: there is no role "bos"; did you mean "boss"?']
    }
    assert "no such file" in str(failures(tmp_path / "none.toml"))
    assert "There is no playbook 'lifts'" in str(failures("lifts"))
    with pytest.raises(ArgumentError, match="playbook must be a Playbook"):
        playbook_checks(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="earlier must be a list of Playbook"):
        playbook_checks("lifts", earlier=3)  # type: ignore[arg-type]


def test_a_playbook_that_is_another_one_once_it_was_written_fails() -> None:
    playbook, other = Playbook.from_toml(LIFTS), changed("floors >= 2", "floors >= 3")
    vars(playbook).update(digest=other.digest)  # as if it kept something that it does not write

    assert failures(playbook) == {
        "round_trip": ["digest: it is another one once the playbook was written as JSON"]
    }


def test_a_warning_of_the_lint_fails_its_check() -> None:
    more = '[[instruments]]\nkey = "idle"\ntitle = "Idle"\n[[instruments]]'
    (line,) = failures(changed("[[instruments]]", more))["lint"]
    assert line.startswith('instruments.idle: nothing uses the instrument "idle"')


def test_a_text_without_one_of_the_languages_fails() -> None:
    text = LIFTS.replace('id = "lifts"', 'id = "lifts"\nlanguages = ["en", "zh"]')
    found = failures(Playbook.from_toml(text))

    assert {*found} == {"texts"}
    assert found["texts"] == ['languages[1]: no text is in "zh"; write the texts, or leave it out']

    half = text.replace('title = "Lifts"', 'title = { en = "Lifts", zh = "电梯" }', 1)
    assert half != text
    assert len(failures(Playbook.from_toml(half))["texts"]) > 10


def test_a_stage_that_no_deal_leaves_is_told_with_how_far_a_deal_came() -> None:
    slip = changed("[policy]\n", '[policy]\nwin = { stages = ["survey"] }\n')
    with pytest.raises(CheckFailed) as raised:
        check_playbook(slip)

    assert {*raised.value.faults} == {"stages"}
    assert (
        str(raised.value)
        == """\
The playbook "lifts" fails 1 check.
stages:
  - stages.offer: no deal was found that goes on to "ended": "win": Do it in a stage that allows it
      1. Start(by='li.wei')
      2. the deal has floors = 2
      3. Attest(by='li.wei', role='boss', criterion='met')
      4. Advance(by='li.wei')
      5. 10 days pass"""
    )
    assert raised.value.to_dict()["checks"] == ["stages"]


def test_a_deal_that_nobody_can_start_is_told() -> None:
    shut = changed("[policy]\n", '[policy]\nstart = "off"\n')
    found = failures(shut)

    assert found["stages"][0].startswith("stages: no deal was found that starts: ")
    assert "stages.offer: no deal was found that comes here" in found["stages"]


def test_criteria_that_contradict_each_other_let_nobody_pass() -> None:
    more = '[[stages.exit]]\nkey = "low"\ntitle = "Low"\nrule = "floors < 2"\n  [[stages.exit]]'
    found = failures(changed("[[stages.exit]]", more))

    assert found["stages"][0].startswith('stages.survey: no deal was found that goes on to "offer"')


def test_a_criterion_that_is_always_met_is_told_and_no_failure() -> None:
    always = changed('rule = "floors >= 2"', 'rule = "not known(floors) or known(floors)"')
    (check,) = (check for check in playbook_checks(always) if check.name == "criteria")

    assert check() == ("counted: it is always met, whatever a deal is like",)


def test_a_criterion_for_which_there_is_no_record_says_which_record_is_missing() -> None:
    asks = changed('owner_role = "rep"', 'owner_role = "rep"\nuse_records = ["risks"]')
    text = asks.to_json().replace("floors >= 2", "risks.open >= 7")
    (line,) = failures(Playbook.from_json(text))["criteria"]

    assert line.startswith("criteria.counted: no deal was found that meets it: risks.open >= 7; ")
    assert line.endswith("add such a record to [records] of its cases: RiskRegister")


def test_a_state_of_a_track_may_wait_for_a_stage() -> None:
    track = """
    [[tracks]]
    key = "law"
    title = "Law"
      [[tracks.states]]
      key = "open"
      title = "Open"
      [[tracks.states]]
      key = "done"
      title = "Done"
        [[tracks.states.entry]]
        key = "offered"
        title = "There is an offer"
        rule = 'reached("offer")'
    """
    waits = changed("[[checklists]]", f"{track}[[checklists]]")

    assert "criteria" not in failures(waits)


def test_a_figure_that_has_to_come_up_to_that_of_a_record_does() -> None:
    paid = '[[facts]]\nname = "paid"\nkind = "money"\ncurrency = "USD"'
    asks = changed('owner_role = "rep"', f'owner_role = "rep"\nuse_records = ["contract"]\n{paid}')
    text = asks.to_json().replace("floors >= 2", "paid >= contract.amount")
    found = failures(Playbook.from_json(text))

    assert not {"stages", "criteria"} & {*found}


def test_a_criterion_of_a_track_is_tried_where_the_track_can_be() -> None:
    """A judgement counts in a state that leads on only, and that state is in a later stage."""
    track = """
[[tracks]]
key = "supply"
title = "Supply"
by = { stages = ["offer"] }
states = [
  { key = "fine", title = "Fine", to = ["short"] },
  { key = "short", title = "Short" },
  { key = "solved", title = "Solved", entry = [
    { key = "plan_changed", title = "The plan is changed", judgement = { roles = ["boss"] } },
  ] },
]
"""
    rule = "rule = \"days_since(entered_stage_on) >= 10 and track.supply == 'solved'\""
    playbook = Playbook.from_toml(
        LIFTS.replace('rule = "days_since(entered_stage_on) >= 10"', rule) + track
    )

    assert failures(playbook) == {}


def test_a_fact_that_is_a_limit_for_what_a_record_says_is_given_a_value_that_fits() -> None:
    limit = '[[facts]]\nname = "limit"\nkind = "money"\ncurrency = "CNY"\ntitle = "Limit"\n'
    text = LIFTS.replace(
        "owner_role", 'use_records = ["quotation"]\ncurrency = "CNY"\nowner_role', 1
    )
    text = text.replace("[[facts]]", f"{limit}[[facts]]", 1)

    assert failures(changed("floors >= 2", "quotation.total <= limit", text)) == {}
    assert failures(changed("floors >= 2", "limit < quotation.total", text)) == {}


def test_the_owner_and_a_manager_call_the_forecast_where_a_rule_asks_for_it() -> None:
    text = LIFTS.replace('back = "on"', 'back = "on"\ncall_forecast = ["boss"]')
    owner = 'forecast.owner_call in ("commit", "best_case")'
    manager = 'forecast.manager_call == "commit"'

    assert failures(changed('rule = "floors >= 2"', f"rule = '{owner} and {manager}'", text)) == {}
    nobody = changed('rule = "floors >= 2"', f"rule = '{manager}'", LIFTS)
    assert {"stages", "criteria"} <= failures(nobody).keys()


def test_a_case_that_comes_otherwise_fails(tmp_path: Path) -> None:
    path = tmp_path / "lifts.toml"
    path.write_text(LIFTS, encoding="utf-8")
    cases = path.with_name("lifts.cases.toml")
    cases.write_text('[[cases]]\nsay = "It ends"\nexpect = { ended = true }', encoding="utf-8")

    assert failures(path) == {
        "cases": ["cases[0].expect.ended: true was expected; it is false (“It ends”)"]
    }
    cases.write_text('[[cases]]\nsay = "It ends"\nexpct = 1', encoding="utf-8")
    assert failures(path) == {
        "cases": ['cases[0].expct: a case has no such key; did you mean "expect"?']
    }


def test_deals_of_an_earlier_version_go_on_wherever_they_stand() -> None:
    first = Playbook.from_toml(PLAYBOOK)
    text = PLAYBOOK.replace('version = "1.0.0"', 'version = "2.0.0"')
    renamed = text.replace('"review"', '"board"')
    mapped = '[[migrations]]\nfrom = "1.0.0"\nstages = { review = "board" }'
    second = Playbook.from_toml(renamed + mapped)
    third = Playbook.from_toml(renamed + '[[migrations]]\nfrom = "1.0.0"\n')

    assert "migrations" not in failures(second, earlier=[first])
    (line,) = failures(third, earlier=[first])["migrations"]
    assert line.startswith("works 1.0.0: review: its deals do not go on: ")
    (check,) = (check for check in playbook_checks(second) if check.name == "migrations")
    assert check() == ("works 1.0.0 was not tried: the earlier playbook was not given",)
    itself = Playbook.from_toml(PLAYBOOK + '[[migrations]]\nfrom = "1.0.0"\n')
    assert "the version that the playbook has itself" in failures(itself)["migrations"][0]


def test_a_frame_that_says_something_else_than_the_engine_is_found() -> None:
    playbook = Playbook.from_toml(LIFTS)
    deal = sf.Opportunity(id="D-1", name="A deal", facts={"floors": 2})
    engine = sf.StageEngine(playbook)
    deal = engine.decide(deal, sf.Start(by="li"), at=START).require()
    known = [sf.facts_of(deal, playbook, at=START)]
    columns = columns_of(playbook, known)

    assert list(differences(playbook, known, columns, FIRST_DAY)) == []
    (line,) = differences(playbook, known, columns | {"floors": [1]}, FIRST_DAY)
    assert line == "criterion counted: the engine says yes, a frame no, of {'floors': 2}"
    columns.pop("done.met")
    (line,) = differences(playbook, known, columns, FIRST_DAY)
    assert line == "criterion met: a frame cannot be asked: done.met"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("graph TD\n", "line 1: it is no stateDiagram-v2"),
        ("stateDiagram-v2\n    talk --> [*]\n", "line 2: there is no state talk"),
        ('stateDiagram-v2\n    state "A" as a {\n', "a block is not closed"),
        ("stateDiagram-v2\n    }\n", "line 2: a block ends that did not begin"),
        ('stateDiagram-v2\n state "A" as a\n state "A" as a\n', "line 3: a is a state already"),
        ('stateDiagram-v2\n    state "A"b" as a\n', "line 2: Mermaid does not read"),
        ("stateDiagram-v2\n    class a current\n", "line 2: there is no state a"),
    ],
)
def test_a_diagram_that_is_none_is_found(text: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in faults_of(text))


# As objects, and in a test suite


def test_a_check_says_what_it_is_and_what_it_asks() -> None:
    checks = playbook_checks("milestone_selling")

    assert [check.name for check in checks] == [*CHECKS]
    assert str(checks[0]) == "milestone_selling: loads"
    assert all(check.asks.endswith(".") for check in checks)


def test_ids_of_tests_can_be_read() -> None:
    @parametrize_with_playbook_checks(["milestone_selling", EVERY_KEY])
    def tested(check: PlaybookCheck) -> None:
        check()

    (mark,) = vars(tested)["pytestmark"]
    ids = [parameter.id for parameter in mark.args[1]]

    assert (ids[0], ids[-1]) == ("milestone_selling-loads", "every_key.toml-cases")


MISSING = """\
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {packages}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
"""


def run_without(*packages: str, script: str) -> str:
    """What a script prints where packages are not installed."""
    done = subprocess.run(
        [sys.executable, "-c", f"{MISSING.format(packages=set(packages))}{script}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("missing", [["narwhals"], ["polars", "pandas", "pyarrow"]])
def test_without_frames_their_check_is_skipped_and_says_why(missing: list[str]) -> None:
    script = (
        "from salesflow.testing import check_playbook\n"
        "print([r.name for r in check_playbook('milestone_selling') if r.skipped])"
    )
    assert run_without("hypothesis", *missing, script=script) == "['frames']"


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow"])
def test_frames_of_each_library_do(library: str) -> None:
    others = {"polars", "pandas", "pyarrow"} - {library}
    script = (
        "from salesflow.testing import playbook_checks\n"
        f"print([check() for check in playbook_checks({str(HERE / 'lifts.toml')!r}) "
        "if check.name == 'frames'])"
    )
    assert run_without(*others, script=script) == "[()]"


def test_without_hypothesis_strategies_say_what_to_install() -> None:
    script = (
        "import salesflow.errors\n"
        "try:\n    import salesflow.testing.strategies\n"
        "except salesflow.errors.SalesflowError as error:\n    print(error)"
    )
    said = run_without("hypothesis", script=script)
    assert said == (
        'Strategies need Hypothesis, which is not installed. Run: pip install "salesflow[testing]"'
    )


@pytest.mark.parametrize("currency", ["", 'currency = "amount"\n', 'currency = "EUR"\n'])
def test_an_amount_is_entered_with_its_currency(currency: str) -> None:
    fact = f'[[facts]]\nname = "costs"\nkind = "money"\n{currency}title = "Costs"\n[[stages]]'
    playbook = Playbook.from_toml(
        LIFTS.replace("[[stages]]", fact, 1).replace("floors >= 2", "floors >= 2 and costs >= 5")
    )
    assert failures(playbook) == {}
