"""Forms that are records of a deal, in a playbook: what is checked, and what is behaviour."""

from __future__ import annotations

import pytest

from salesflow.errors import InvalidPlaybook
from salesflow.facts import FactKind
from salesflow.playbook import Playbook, lint

TEXT = """
id = "x"
version = "1"
title = { en = "X", zh = "某流程" }
languages = ["en", "zh"]
[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
  [[stages.exit]]
  key = "sized"
  title = { en = "The amount is known", zh = "金额已知" }
  rule = "known(amount)"
  [[stages.forms]]
  key = "report"
  title = { en = "Visit report", zh = "拜访报告" }
  record = "visit"
  columns = ["summary", "agreed"]
  when = "amount >= 1_000"
  required = true
  [[stages.forms]]
  key = "card"
  title = { en = "Lead card", zh = "线索卡" }
  record = "lead"
[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
"""


def problems(text: str) -> dict[str, str]:
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    return {it.path: f"{it.message}; {it.hint}" for it in caught.value.problems}


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def test_a_form_with_a_record_gives_a_fact() -> None:
    playbook = Playbook.from_toml(TEXT)
    assert playbook.warnings == ()
    assert playbook.use_records == ()
    assert playbook.record_facts == {"form.report.missing", "form.card.missing"}
    assert playbook.facts["form.report.missing"].kind is FactKind.NUMBER
    assert "visit.total" not in playbook.facts  # the form brings its own fact, and no other
    title = playbook.fact_titles["form.report.missing"]
    assert title.en == "the number of empty columns of “Visit report”"
    assert title.zh == "“拜访报告”未填写的栏目数"
    assert playbook.record_readers["form.report.missing"][0].reads == ("CustomerVisit",)


def test_a_required_form_is_a_criterion_for_leaving_its_stage() -> None:
    playbook = Playbook.from_toml(TEXT)
    stage = playbook.stage("talk")
    assert [criterion.key for criterion in stage.exit] == ["sized", "report"]
    report = playbook.criteria["report"]
    assert (report.kind, report.by, report.advisory) == ("computed", None, False)
    assert report.title.en == "Visit report is filled in"
    assert report.title.zh == "已填写拜访报告"
    assert report.rule is not None
    assert report.rule.text == "form.report.missing == 0"
    assert report.when is not None
    assert report.when.text == "amount >= 1000"
    assert playbook.stage_of["report"] == "talk"
    assert "card" not in playbook.criteria
    assert [(form.record, form.columns, form.required) for form in stage.forms] == [
        ("visit", ("summary", "agreed"), True),
        ("lead", (), False),
    ]


def test_it_is_asked_for_on_leaving_the_last_sub_stage() -> None:
    more = '  [[stages.sub_stages]]\n  key = "{0}"\n  title = "{0}"\n'
    text = changed(
        "  [[stages.exit]]", f"{more.format('one')}{more.format('two')}  [[stages.exit]]"
    )
    playbook = Playbook.from_toml(text)
    assert playbook.position("one").exit == ()
    assert [item.key for item in playbook.position("two").exit] == ["sized", "report"]


def test_rules_may_name_it_and_read_the_fact_of_a_form() -> None:
    text = changed('"known(amount)"', '"form.card.missing <= 2"')
    more = '  [[stages.entry]]\n  key = "ready"\n  title = { en = "R", zh = "备" }\n'
    playbook = Playbook.from_toml(f'{text}{more}  rule = "form.report.missing == 0"\n')
    assert playbook.warnings == ()


def test_it_goes_to_json_and_back_and_the_schema_has_its_keys() -> None:
    playbook = Playbook.from_toml(TEXT)
    again = Playbook.from_json(playbook.to_json())
    assert again == playbook
    assert again.stages == playbook.stages
    assert again.criteria == playbook.criteria
    assert again.to_json() == playbook.to_json()
    assert '"asked_forms"' not in playbook.to_json()
    schema = str(Playbook.json_schema())
    assert all(f"'{key}'" in schema for key in ("record", "columns", "required"))


@pytest.mark.parametrize(
    ("old", "new", "is_behaviour"),
    [
        ('"agreed"]', '"met"]', True),
        ("amount >= 1_000", "amount >= 2_000", True),
        ("  required = true\n", "", True),
        ('record = "visit"\n  columns = ["summary", "agreed"]', 'record = "lead"', True),
        ("Visit report", "Report of the visit", False),
        ('record = "lead"', 'record = "survey"', False),
        ('  record = "lead"\n', "", False),
        ('record = "lead"', 'record = "lead"\n  when = "amount > 5"', False),
    ],
)
def test_only_what_has_to_be_filled_in_is_behaviour(
    old: str, new: str, *, is_behaviour: bool
) -> None:
    before, after = Playbook.from_toml(TEXT), Playbook.from_toml(changed(old, new))
    assert (before.digest != after.digest) is is_behaviour
    assert before.content_digest != after.content_digest


def test_what_a_rule_reads_of_a_form_is_behaviour_too() -> None:
    text = changed('"known(amount)"', '"form.card.missing <= 2"')
    before = Playbook.from_toml(text)
    after = Playbook.from_toml(text.replace('record = "lead"', 'record = "survey"'))
    assert before.digest != after.digest


def test_a_form_without_a_record_moves_no_digest() -> None:
    bare = TEXT[: TEXT.index("  [[stages.forms]]")] + TEXT[TEXT.rindex("[[stages]]") :]
    told = '  [[stages.forms]]\n  key = "x"\n  title = "X"\n  when = "amount > 5"\n[[stages]]'
    at = bare.rindex("[[stages]]")
    more = bare[:at] + told + bare[at + len("[[stages]]") :]
    assert Playbook.from_toml(bare).digest == Playbook.from_toml(more).digest


@pytest.mark.parametrize(
    ("old", "new", "path", "told"),
    [
        (
            'record = "visit"',
            'record = "visits"',
            "record",
            'there is no record that can be a form "visits"; did you mean "visit"?',
        ),
        (
            'record = "visit"',
            'record = "review"',
            "record",
            'no record that can be a form "review"',
        ),
        (
            '"agreed"]',
            '"agred"]',
            "columns[1]",
            'there is no column of the record CustomerVisit "agred"; did you mean "agreed"?',
        ),
        ('"agreed"]', '"summary"]', "columns[1]", '"summary" is listed twice; keep one'),
        (
            '  columns = ["summary", "agreed"]\n',
            "",
            "columns",
            "nothing says which columns must be filled; name some of customer, held_at, way, by",
        ),
        (
            '  record = "visit"\n',
            "",
            "required",
            "nothing says whether this form is filled in; name the group of its record",
        ),
        (
            '  record = "lead"\n',
            '  columns = ["source"]\n',
            "columns",
            'no record has these columns; name the group of its record, such as record = "visit"',
        ),
        (
            '  record = "visit"\n  columns = ["summary", "agreed"]\n',
            "",
            "required",
            "nothing says whether this form is filled in; name the group of its record",
        ),
        (
            'key = "report"',
            'key = "sized"',
            "key",
            '"sized" exists already; see stages.talk.exit.sized.key',
        ),
        ("required = true", 'required = "yes"', "required", ""),
    ],
)
def test_what_is_wrong_with_a_form_is_told(old: str, new: str, path: str, told: str) -> None:
    found = problems(changed(old, new))
    ((at, said),) = found.items()
    assert at.partition(".forms.")[2].partition(".")[2] == path
    assert told in said


def test_the_key_of_a_form_with_a_record_is_unique_in_the_playbook() -> None:
    more = '  [[stages.forms]]\n  key = "{}"\n  title = {{ en = "C", zh = "表" }}\n'
    assert list(problems(TEXT + more.format("card"))) == ["stages.sign.forms.card.key"]
    required = more.format("report") + '  record = "lead"\n  required = true\n'
    assert list(problems(TEXT + required)) == ["stages.sign.forms.report.key"]
    twice = TEXT.replace('key = "card"', 'key = "report"')
    assert list(problems(twice)) == ["stages.talk.forms[1].key"]
    Playbook.from_toml(TEXT.replace('  record = "lead"\n', "") + more.format("card"))


def test_names_of_its_facts_are_taken() -> None:
    declared = '[[facts]]\nname = "form.colour"\nkind = "text"\n'
    assert "given by the playbook" in problems(TEXT + declared)['facts."form.colour".name']
    checklist = '[[checklists]]\nkey = "form"\nquestions = [{ key = "x", title = "X" }]\n'
    assert "exist already" in problems(TEXT + checklist)["checklists.form.key"]


def test_a_form_that_waits_for_itself_is_a_circle() -> None:
    (told,) = problems(changed("amount >= 1_000", "done.report")).values()
    assert told.startswith("facts depend on each other in a circle")


def test_a_group_in_use_for_a_form_is_no_warning() -> None:
    text = TEXT.replace(
        'languages = ["en", "zh"]', 'languages = ["en", "zh"]\nuse_records = ["visit"]'
    )
    assert lint(text) == ()
    assert "visit.total" in Playbook.from_toml(text).facts


def test_a_playbook_without_such_forms_does_not_import_the_catalogue() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from salesflow.playbook import Playbook\n"
        'text = """id = "x"\nversion = "1"\ntitle = "X"\n[[stages]]\nkey = "a"\ntitle = "A"\n'
        '[[stages.forms]]\nkey = "f"\ntitle = "F" """\n'
        "Playbook.from_toml(text)\n"
        "print([name for name in sys.modules if name.startswith('salesflow.records')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
