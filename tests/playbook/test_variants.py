"""Variants: what a playbook says that extends another one, and what is wrong with it where."""

from __future__ import annotations

import json
import pickle
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow.documents import handbook
from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbook import Playbook, diff, lint, lint_file
from salesflow.playbooks import BUILT_IN, playbook_source
from salesflow.plugins import load_playbook
from tests.playbook.test_diff import BASE
from tests.playbook.test_document_laws import ANYTHING, documents, made, places

HERE: Final = Path(__file__).parent
HEAD: Final = """
id = "north"
version = "1"
title = { en = "North", zh = "北区" }
extends = "base.toml"
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the base and files beside it; returns the path of the last."""

    def written(text: str, name: str = "north.toml", base: str = BASE) -> Path:
        (tmp_path / "base.toml").write_text(base, encoding="utf-8")
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def north(write: Write) -> Callable[[str], Playbook]:
    return lambda text: Playbook.from_file(write(HEAD + text))


@pytest.fixture
def told(write: Write) -> Callable[[str], list[tuple[str, str]]]:
    """What is wrong with a variant: paths, and the line there, with message and hint."""

    def problems(text: str) -> list[tuple[str, str]]:
        return [(it.path, f"{it.message}; {it.hint}") for it in lint_file(write(HEAD + text))]

    return problems


# ------------------------------------------------------------------ what can be said


def test_a_variant_that_says_nothing_is_its_parent_under_another_name(
    north: Callable[[str], Playbook],
) -> None:
    base, variant = Playbook.from_toml(BASE), north("")
    changes = {change.path for change in diff(base, variant).changes}
    assert changes == {"id", "version", "title", "extends"}
    assert variant.extends is not None
    assert (variant.extends.id, variant.extends.version) == ("acme", "1.0.0")
    assert (variant.extends.digest, variant.extends.content_digest) == (
        base.digest,
        base.content_digest,
    )
    assert (variant.extends.added, variant.extends.changed, variant.extends.removed) == ((), (), ())
    assert base.extends is None


def test_values_and_parts_are_changed_and_added_by_their_keys(
    north: Callable[[str], Playbook],
) -> None:
    variant = north("""
        currency = "NOK"
        hygiene = { activity_days = 21 }
        [[roles]]
        key = "counsel"
        title = { en = "Counsel", zh = "法务" }
        [[stages]]
        key = "qualify"
        max_days = 45
          [[stages.exit]]
          key = "budget_known"
          rule = "amount > 5_000"
          [[stages.exit]]
          key = "lawyer_heard"
          title = { en = "Counsel was heard", zh = "已征询法务" }
          by = "counsel"
        [[checklists]]
        key = "bant"
        questions = [{ key = "need", title = { en = "Is there a need?", zh = "是否有需求？" } }]
    """)
    qualify = variant.stage("qualify")
    assert [it.key for it in qualify.exit] == ["budget_known", "sponsor_met", "lawyer_heard"]
    assert (qualify.title.en, qualify.max_days) == ("Qualify", 45)
    assert str(qualify.exit[0].rule) == "amount > 5000"
    assert qualify.exit[0].title.en == "The budget is known"
    assert variant.currency == "NOK"
    assert list(variant.roles) == ["rep", "boss", "counsel"]
    assert list(variant.questions) == ["bant.budget", "bant.need"]
    assert variant.hygiene.activity_days == 21
    assert variant.extends is not None
    assert variant.extends.added == (
        "roles.counsel",
        "stages.qualify.exit.lawyer_heard",
        "checklists.bant.questions.need",
    )
    assert variant.extends.changed == (
        "currency",
        "stages.qualify.max_days",
        "stages.qualify.exit.budget_known.rule",
        "hygiene.activity_days",
    )


def test_a_text_is_replaced_whole_so_that_no_translation_of_the_old_one_stays(
    north: Callable[[str], Playbook],
) -> None:
    variant = north('stages = [{ key = "demo", title = "Show" }]')
    assert variant.stage("demo").title.zh is None
    (warning,) = variant.warnings
    assert (warning.path, warning.message) == (
        "stages.demo.title",
        'there is no text in "zh"',
    )


def test_values_without_keys_are_replaced_whole(north: Callable[[str], Playbook]) -> None:
    variant = north("""
        policy = { back = { note = true } }
        cadences = [{ key = "call", every = { days = 3 } }]
        size_policy = [{ when = "amount > 1", instruments = ["plan"] }]
    """)
    assert variant.policy.back.roles == ()
    assert variant.policy.waive.allowed
    (cadence,) = variant.cadences
    assert cadence.every is not None
    assert cadence.every.parts == {"days": 3}
    assert [str(row.when) for row in variant.size_policy] == ["amount > 1"]


def test_edits_remove_replace_and_place(north: Callable[[str], Playbook]) -> None:
    variant = north("""
        [edits]
        "stages.demo" = "remove"
        "stages.qualify.max_days" = "remove"
        "stages.qualify.exit.sponsor_met" = { before = "budget_known" }
        "stages.pilot" = { after = "qualify" }
        "stages.review" = { after = "qualify" }
        "stages.close" = "replace"
        "cadences" = "remove"
        [[stages]]
        key = "close"
        title = "Sign"
        [[stages]]
        key = "review"
        title = "Review"
        [[stages]]
        key = "pilot"
        title = "Pilot"
    """)
    assert [stage.key for stage in variant.stages] == ["qualify", "pilot", "review", "close"]
    qualify = variant.stage("qualify")
    assert [it.key for it in qualify.exit] == ["sponsor_met", "budget_known"]
    assert qualify.max_days is None
    assert variant.cadences == ()
    assert variant.extends is not None
    assert variant.extends.removed == ("stages.qualify.max_days", "stages.demo", "cadences.call")


def test_an_entry_may_be_placed_beside_one_that_is_placed_itself(
    north: Callable[[str], Playbook],
) -> None:
    variant = north("""
        [edits]
        "stages.second" = { after = "first" }
        "stages.first" = { before = "qualify" }
        [[stages]]
        key = "second"
        title = "Second"
        [[stages]]
        key = "first"
        title = "First"
    """)
    keys = [stage.key for stage in variant.stages]
    assert keys == ["first", "second", "qualify", "demo", "close"]


def test_moves_are_told_apart_by_their_ends(write: Write) -> None:
    moves = """
        [[moves]]
        from = "qualify"
        to = "close"
        rule = "amount > 5"
        [[moves]]
        from = "qualify"
        to = "demo"
        [[moves]]
        from = "demo"
        to = "close"
    """
    text = """
        moves = [{ from = "qualify", to = "close", rule = "amount > 9" }]
        [edits]
        'moves."qualify->demo"' = "remove"
        'moves."demo->close"' = "remove"
        "stages.demo" = "remove"
    """
    variant = Playbook.from_file(write(HEAD + text, base=BASE + moves))
    assert [(it.source, it.target, str(it.rule)) for it in variant.moves] == [
        ("qualify", "close", "amount > 9")
    ]


def test_what_a_parent_says_of_its_own_versions_is_not_inherited(write: Write) -> None:
    base = BASE + '[[migrations]]\nfrom = "0.9"\n'
    assert Playbook.from_file(write(HEAD, base=base)).migrations == ()
    own = HEAD + '[[migrations]]\nfrom = "0.5"\n'
    assert [it.from_version for it in Playbook.from_file(write(own, base=base)).migrations] == [
        "0.5"
    ]


def test_a_variant_extends_by_id_and_text_in_no_folder_does_too() -> None:
    text = HEAD.replace("base.toml", "optimized_sales_process")
    variant = Playbook.from_toml(text + 'stages = [{ key = "close", max_days = 99 }]')
    parent = load_playbook("optimized_sales_process")
    assert [it.key for it in variant.stages] == [it.key for it in parent.stages]
    assert variant.stage("close").max_days == 99
    said = {"id": "north", "version": "1", "title": "North", "extends": parent.id}
    assert Playbook.from_json(json.dumps(said)).extends is not None


def test_a_variant_is_whole_and_needs_its_parent_no_more(tmp_path: Path) -> None:
    variant = Playbook.from_file(HERE / "variant.toml")
    again = Playbook.from_json(variant.to_json())
    assert again == variant
    assert again.extends == variant.extends
    assert (again.digest, again.content_digest) == (variant.digest, variant.content_digest)
    assert pickle.loads(pickle.dumps(variant)).extends == variant.extends  # noqa: S301 - our own
    alone = tmp_path / "alone.json"
    alone.write_text(variant.to_json(), encoding="utf-8")
    assert Playbook.from_file(alone) == variant


def test_a_chain_of_variants_comes_to_one_whole(write: Write, tmp_path: Path) -> None:
    write(HEAD + 'stages = [{ key = "qualify", max_days = 45 }]')
    text = HEAD.replace('"north"', '"oslo"').replace("base.toml", "north.toml")
    oslo = Playbook.from_file(
        write(text + 'stages = [{ key = "demo", max_days = 5 }]', "oslo.toml")
    )
    assert [it.max_days for it in oslo.stages] == [45, 5, None]
    assert oslo.extends is not None
    assert (oslo.extends.id, oslo.extends.changed) == ("north", ("stages.demo.max_days",))
    below = write(HEAD.replace("base.toml", "parts/base.toml"))
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.toml").write_text(BASE, encoding="utf-8")
    assert Playbook.from_file(below).extends is not None


def test_what_arrives_with_a_new_version_of_the_parent_is_told_by_the_diff(write: Write) -> None:
    text = HEAD + 'stages = [{ key = "qualify", max_days = 45 }]'
    before = Playbook.from_file(write(text))
    base = BASE.replace('version = "1.0.0"', 'version = "1.1.0"')
    base = base.replace("amount > 10_000", "amount > 20_000").replace("= 30", "= 25")
    found = diff(before, Playbook.from_file(write(text, base=base)))
    assert [(it.path, it.effect) for it in found.changes] == [
        ("extends", None),
        ("stages.qualify.exit.budget_known.rule", "stricter"),
    ]


def test_a_handbook_says_what_is_inherited_and_marks_what_is_not() -> None:
    text = handbook(Playbook.from_file(HERE / "variant.toml"))
    assert "## What it extends" in text
    assert "◆ marks what this process adds, or changes; everything else is inherited." in text
    for own in ("Stage 3: Hand-over ◆", "The ground is checked for frost ◆", "Too cold ◆"):
        assert own in text
    assert "The floors are counted ◇ ◆" not in text
    assert "- `stages.offer.exit.feasible`" in text.partition("**Left out**")[2]
    assert "◆" not in handbook(Playbook.from_file(HERE / "every_key.toml"))


# ------------------------------------------------------------------ what is wrong, and where

WRONG: Final = {
    "removing what is not there": (
        '[edits]\n"stages.demmo" = "remove"',
        'edits."stages.demmo"',
        'there is no inherited part "stages.demmo"; did you mean "stages.demo"?',
    ),
    "removing what it says itself": (
        '[edits]\n"stages.demo" = "remove"\n[[stages]]\nkey = "demo"\nmax_days = 3',
        "stages.demo",
        (
            'edits."stages.demo" removes what is changed here; keep one of the two; '
            'to write it anew: edits."stages.demo" = "replace"'
        ),
    ),
    "removing a value that it says itself": (
        '[edits]\n"stages.qualify.max_days" = "remove"\n[[stages]]\nkey = "qualify"\nmax_days = 3',
        "stages.qualify.max_days",
        (
            'edits."stages.qualify.max_days" removes what is changed here; keep one of the two; to '
            'write it anew: edits."stages.qualify.max_days" = "replace"'
        ),
    ),
    "editing inside what is removed": (
        '[edits]\n"stages.qualify" = "remove"\n"stages.qualify.exit.sponsor_met" = "remove"',
        'edits."stages.qualify.exit.sponsor_met"',
        'edits."stages.qualify" removes what this is a part of; keep one of the two',
    ),
    "editing inside what is replaced": (
        (
            '[edits]\n"stages.demo" = "replace"\n"stages.demo.title" = "remove"\n'
            '[[stages]]\nkey = "demo"\ntitle = { en = "Show", zh = "演示" }'
        ),
        'edits."stages.demo.title"',
        'edits."stages.demo" replaces what this is a part of; keep one of the two',
    ),
    "replacing what is not written": (
        '[edits]\n"stages.demo" = "replace"',
        'edits."stages.demo"',
        'nothing is written here that could replace "stages.demo"; write it, or say "remove"',
    ),
    "replacing what is not there": (
        (
            '[edits]\n"stages.pilot" = "replace"\n'
            '[[stages]]\nkey = "pilot"\ntitle = { en = "Pilot", zh = "试点" }'
        ),
        'edits."stages.pilot"',
        'there is no "stages.pilot" that stages.pilot could replace; leave this out: it is new',
    ),
    "placing what is nowhere": (
        '[edits]\n"stages.demmo" = { after = "qualify" }',
        'edits."stages.demmo"',
        'there is no part "stages.demmo"; did you mean "stages.demo"?',
    ),
    "placing beside what is not there": (
        '[edits]\n"stages.demo" = { after = "quallify" }',
        'edits."stages.demo"',
        'there is no part "quallify"; did you mean "qualify"?',
    ),
    "placing beside what is removed": (
        '[edits]\n"stages.demo" = { after = "qualify" }\n"stages.qualify" = "remove"',
        'edits."stages.demo"',
        'edits."stages.qualify" removes "qualify"; name another one',
    ),
    "placing in a circle": (
        '[edits]\n"stages.demo" = { after = "close" }\n"stages.close" = { after = "demo" }',
        'edits."stages.demo"',
        'this and edits."stages.close" wait for each other; name one that has a place',
    ),
    "placing beside itself": (
        '[edits]\n"stages.demo" = { after = "demo" }',
        'edits."stages.demo"',
        "this stands beside itself; name one that has a place",
    ),
    "an edit of another kind": (
        '[edits]\n"stages.demo" = "delete"',
        'edits."stages.demo"',
        'this is no edit; write "remove", "replace", { before = "key" } or { after = "key" }',
    ),
    "two anchors": (
        '[edits]\n"stages.demo" = { after = "close", before = "qualify" }',
        'edits."stages.demo"',
        'this is no edit; write "remove", "replace", { before = "key" } or { after = "key" }',
    ),
    "a path without quotes": (
        '[edits]\nstages.demo = "remove"',
        "edits.stages",
        'this is no edit; a path stands in quotes: "stages.…" = "remove"',
    ),
    "no path": (
        '[edits]\n"stages..demo" = "remove"',
        'edits."stages..demo"',
        '"stages..demo" is no path of a part; write it by keys, as in "stages.demo.exit.agreed"',
    ),
    "edits that are no table": (
        'edits = ["stages.demo"]',
        "edits",
        'this must be a table such as { "stages.demo" = "remove" }, not a list; ',
    ),
    "what is inherited needs what was removed": (
        '[edits]\n"roles.rep" = "remove"',
        'edits."roles.rep"',
        (
            'stages.qualify.exit.sponsor_met.by, which is inherited: there is no role "rep"; '
            "known: boss"
        ),
    ),
    "what is inherited does not fit any more": (
        '[edits]\n"scorecards.fit.items.budget" = "remove"',
        "extends",
        "scorecards.fit.items, which is inherited: the list is empty; give at least 1",
    ),
    "a key that exists already": (
        'use_checklists = ["bant"]',
        "use_checklists[0]",
        'the checklist "bant" exists already; see checklists.bant, which is inherited',
    ),
    "a mistake of its own": (
        '[[stages]]\nkey = "demo"\nmax_days = -3',
        "stages.demo.max_days",
        "this must be from 1 to 3,650, not -3; ",
    ),
    "a mistake of its own in an inherited part": (
        (
            '[[stages]]\nkey = "qualify"\n[[stages.exit]]\nkey = "sponsor_met"\n'
            'rule = "amount > 1"\ninstruments = true'
        ),
        "stages.qualify.exit.sponsor_met",
        "rule and instruments exclude each other; keep one",
    ),
    "a new part that is not whole": (
        '[[stages]]\nkey = "pilot"',
        "stages.pilot.title",
        "a stage needs it and it is missing; ",
    ),
    "a key twice": (
        '[[roles]]\nkey = "x"\ntitle = "X"\n[[roles]]\nkey = "x"\ntitle = "X"',
        "roles[1].key",
        'the role "x" exists already; see roles[0].key',
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_told_at_the_variants_own_file_with_both_places(
    told: Callable[[str], list[tuple[str, str]]], what: str
) -> None:
    text, path, said = WRONG[what]
    assert (path, said) in told(text)


def test_every_mistake_of_a_variant_is_told_with_its_line(write: Write) -> None:
    path = write(HEAD + '[edits]\n"stages.x" = "remove"\n[[stages]]\nkey = "demo"\nmax_days = -3\n')
    errors = [it for it in lint_file(path) if it.severity == "error"]
    assert [(it.path, it.line) for it in errors] == [
        ('edits."stages.x"', 7),
        ("stages.demo.max_days", 10),
    ]
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_file(path)
    assert caught.value.problems == tuple(errors)


def test_a_variant_needs_an_id_a_version_and_a_title_of_its_own(write: Write) -> None:
    problems = lint_file(write('extends = "base.toml"\n'))
    assert [problem.path for problem in problems] == ["id", "version", "title"]


def test_what_the_parents_author_was_warned_of_is_not_told_again(write: Write) -> None:
    base = BASE + '[[roles]]\nkey = "idle"\ntitle = { en = "Idle", zh = "闲" }\n'
    assert "roles.idle" in [it.path for it in lint(base)]
    assert lint_file(write(HEAD, base=base)) == ()
    (problem,) = lint_file(write(HEAD + 'languages = ["en"]\nsummary = { zh = "概要" }', base=base))
    assert (problem.path, problem.line) == ("summary", 7)


def test_edits_say_something_only_of_what_is_extended() -> None:
    problem, *_ = lint(BASE + '[edits]\n"stages.demo" = "remove"\n')
    assert (problem.path, problem.message) == (
        "edits",
        "only a playbook that extends another one has something to edit",
    )


def only(problems: tuple[Problem, ...]) -> str:
    (problem,) = problems
    assert (problem.path, problem.severity) == ("extends", "error")
    return f"{problem.message}; {problem.hint}"


PARENTS: Final = {
    "optimised_sales_process": (
        'there is no playbook "optimised_sales_process"; did you mean "optimized_sales_process"?'
    ),
    "other.toml": '"other.toml" cannot be extended: ',
    "../base.toml": "a playbook extends files in its own folder, or in folders of that, only; ",
    "a/../../base.toml": "a playbook extends files in its own folder, or in folders of that, only",
    "/base.toml": "a playbook extends files in its own folder, or in folders of that, only; ",
    "C:/base.toml": "a playbook extends files in its own folder, or in folders of that, only; ",
    "..\\\\base.toml": "a playbook extends files in its own folder, or in folders of that, only; ",
    "sub/link.toml": "a playbook extends files in its own folder, or in folders of that, only; ",
}


@pytest.mark.parametrize("named", PARENTS)
def test_a_parent_that_is_not_there_or_lies_elsewhere_is_refused(
    tmp_path: Path, write: Write, named: str
) -> None:
    path = write(HEAD.replace("base.toml", named), "here/north.toml")
    (tmp_path / "here" / "sub").mkdir()
    (tmp_path / "here" / "sub" / "link.toml").symlink_to(tmp_path / "base.toml")
    assert only(lint_file(path)).startswith(PARENTS[named])


def test_a_text_in_no_folder_extends_no_file() -> None:
    said = "a text that is in no folder has no file beside it; name a playbook by its id, or read "
    assert only(lint(HEAD)).startswith(said)


@pytest.mark.parametrize("value", ["3", '""', "[]", '" "', '"Base"'])
def test_what_names_no_playbook_is_refused(value: str) -> None:
    assert only(lint(HEAD.replace('"base.toml"', value)))


def test_what_is_wrong_with_a_parent_is_told_where_it_is_named(write: Write) -> None:
    problems = lint_file(write(HEAD, base=BASE.replace("amount > 10_000", "amout > 10_000")))
    assert only(problems) == (
        'in "base.toml", which is extended: line 25, column 11: '
        'stages.qualify.exit.budget_known.rule: there is no fact "amout"; did you mean amount?'
    )


def test_playbooks_that_extend_each_other_are_refused_with_the_circle(write: Write) -> None:
    write(HEAD.replace("base.toml", "north.toml").replace('"north"', '"oslo"'), "oslo.toml")
    path = write(HEAD.replace("base.toml", "oslo.toml"))
    assert "extend each other in a circle: north.toml → oslo.toml → north.toml" in only(
        lint_file(path)
    )
    own = write(HEAD.replace("base.toml", "north.toml"))
    assert "extend each other in a circle: north.toml → north.toml" in only(lint_file(own))


def test_a_long_chain_is_refused(write: Write) -> None:
    path = write(HEAD)
    for number in range(1, 12):
        named = f"v{number - 1}.toml" if number > 1 else "base.toml"
        path = write(HEAD.replace("base.toml", named), f"v{number}.toml")
        if number < 8:
            assert Playbook.from_file(path).id == "north"
    assert "more than 8" in only(lint_file(path))


# ------------------------------------------------------------------ the schema


def test_the_schema_takes_variants_that_say_little_and_whole_playbooks_that_say_all() -> None:
    schema: Any = Playbook.json_schema()
    check = jsonschema.Draft202012Validator(schema)
    files = [
        (HERE / name).read_text(encoding="utf-8") for name in ("variant.toml", "every_key.toml")
    ]
    files += [playbook_source(name).decode() for name in BUILT_IN]
    for text in files:
        assert list(check.iter_errors(tomllib.loads(text))) == []
    assert (
        list(check.iter_errors(json.loads(Playbook.from_file(HERE / "variant.toml").to_json())))
        == []
    )
    for text in (
        BASE.replace('title = { en = "Close", zh = "成交" }', ""),
        HEAD + 'edits = { "stages.demo" = "delete" }',
        HEAD + 'edits = { "stages.demo" = { afer = "close" } }',
        HEAD.replace('title = { en = "North", zh = "北区" }', ""),
        HEAD + 'stages = [{ key = "demo", maxdays = 3 }]',
    ):
        assert list(check.iter_errors(tomllib.loads(text))) != []


# ------------------------------------------------------------------ laws


FEW: Final = settings(max_examples=max(10, settings().max_examples // 4))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("variants")


def on_file(folder: Path, parent: dict[str, Any], variant: dict[str, Any]) -> Path:
    (folder / "base.json").write_text(json.dumps(parent), encoding="utf-8")
    path = folder / "variant.json"
    path.write_text(json.dumps({**variant, "extends": "base.json"}), encoding="utf-8")
    return path


def same_but_for_its_origin(variant: Playbook, whole: Playbook) -> bool:
    said = variant.to_dict()
    assert said.pop("extends")
    return said == whole.to_dict()


@FEW
@given(one=documents(), two=documents())
def test_a_variant_can_become_any_other_playbook(
    folder: Path, one: dict[str, Any], two: dict[str, Any]
) -> None:
    """Whatever stands in both is replaced, whatever stands only in the parent is removed."""
    parent, whole = made(one), made({**two, "id": "another"})
    before, after = parent.to_dict(), whole.to_dict()
    own = {"id", "version", "title", "migrations"}
    edits = {key: "replace" if key in after else "remove" for key in before if key not in own}
    variant = Playbook.from_file(on_file(folder, one, {**after, "edits": edits}))
    assert variant.digest == whole.digest
    assert same_but_for_its_origin(variant, whole)
    assert Playbook.from_json(variant.to_json()) == variant


@FEW
@given(one=documents(), two=documents())
def test_a_variant_by_keys_says_what_is_laid_over_what(
    folder: Path, one: dict[str, Any], two: dict[str, Any]
) -> None:
    """An oracle in ten lines: keyed lists by key, tables key by key, else the variant's."""
    parent = made(one)
    own = {
        key: value
        for key, value in json.loads(made(two).to_json()).items()
        if key in ("hygiene", "reasons", "cadences", "policy", "currency", "roles")
    }
    said = {"id": "v", "version": "1", "title": {"en": "V"}, **own}

    def over(below: Any, above: Any) -> Any:
        if isinstance(above, dict) and set(above) <= {"en", "zh"}:
            return above
        if isinstance(below, dict) and isinstance(above, dict):
            return {**below, **{key: over(below.get(key), above[key]) for key in above}}
        if isinstance(above, list) and isinstance(below, list) and "key" in (above or [{}])[0]:
            merged = {it["key"]: it for it in below}
            for it in above:
                merged[it["key"]] = {**merged.get(it["key"], {}), **it}
            return list(merged.values())
        return above

    expected = over({key: it for key, it in parent.to_dict().items() if key != "migrations"}, said)
    for act, permission in own.get("policy", {}).items():
        expected["policy"][act] = permission
    path = on_file(folder, one, said)
    wrong = [it for it in lint(json.dumps(expected), format="json") if it.severity == "error"]
    if wrong:
        assert len([it for it in lint_file(path) if it.severity == "error"]) == len(wrong)
        return
    whole = Playbook.from_json(json.dumps(expected))
    assert same_but_for_its_origin(Playbook.from_file(path), whole)


@FEW
@given(document=documents(), data=st.data())
def test_removed_entries_are_gone_and_nothing_else_is(
    folder: Path, document: dict[str, Any], data: st.DataObject
) -> None:
    parent = json.loads(made(document).to_json())
    lists = [
        key
        for key in ("stages", "cadences", "reasons", "tracks", "checklists")
        if document.get(key)
    ]
    name = data.draw(st.sampled_from(lists))
    entry = data.draw(st.sampled_from(parent[name]))
    edits = {f"{name}.{entry['key']}": "remove"}
    variant = {"id": "v", "version": "1", "title": {"en": "V"}, "edits": edits}
    expected = {**parent, "id": "v", "version": "1", "title": {"en": "V"}}
    expected.pop("migrations", None)
    expected[name] = [it for it in expected[name] if it != entry]
    path = on_file(folder, document, variant)
    try:
        whole = Playbook.from_json(json.dumps(expected))
    except InvalidPlaybook:
        with pytest.raises(InvalidPlaybook) as caught:
            Playbook.from_file(path)
        assert {it.path for it in caught.value.problems} <= {
            "extends",
            "stages",
            *(f'edits."{it}"' for it in edits),
        }
        return
    found = Playbook.from_file(path)
    assert same_but_for_its_origin(found, whole)
    assert found.extends is not None
    assert found.extends.removed == tuple(edits)


@FEW
@given(data=st.data())
def test_no_variant_makes_the_lint_raise(folder: Path, data: st.DataObject) -> None:
    """Whatever is wrong with it: its lists, its edits, whom it extends."""
    document: dict[str, Any] = tomllib.loads((HERE / "variant.toml").read_text(encoding="utf-8"))
    edit = st.sampled_from(["remove", "replace", {"after": "offer"}, {"before": "x"}])
    path = st.sampled_from(["stages.survey", "stages.offer.exit.go", "moves", "id", "policy.skip"])
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(places(document)))
        match data.draw(st.integers(0, 2)):
            case 0:
                holder[key] = data.draw(ANYTHING)
            case 1:
                del holder[key]
            case _:
                edits = document.get("edits")
                if isinstance(edits, dict):
                    edits[data.draw(path)] = data.draw(edit)
        if not places(document):
            break
    base = json.loads(Playbook.from_file(HERE / "every_key.toml").to_json())
    (folder / "base.json").write_text(json.dumps(base), encoding="utf-8")
    if document.get("extends") == "every_key.toml":
        document["extends"] = "base.json"
    file = folder / "variant.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    problems = lint_file(file)
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if errors:
        with pytest.raises(InvalidPlaybook) as caught:
            Playbook.from_file(file)
        assert caught.value.problems == errors
        return
    playbook = Playbook.from_file(file)
    assert Playbook.from_json(playbook.to_json()) == playbook
