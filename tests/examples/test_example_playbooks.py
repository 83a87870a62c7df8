"""The playbooks of `examples/playbooks`: what their authors were told holds of each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import salesflow as sf
from salesflow.documents import handbook
from salesflow.playbook import diff, lint_file
from salesflow.testing import PlaybookCheck, parametrize_with_playbook_checks, run_cases

FOLDER: Final = Path(__file__).resolve().parents[2] / "examples" / "playbooks"
FILES: Final = sorted(
    path for path in FOLDER.glob("*.toml") if not path.name.endswith(".cases.toml")
)
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_are_four_each_with_its_cases() -> None:
    assert [path.stem for path in FILES] == [
        "c139_accounts",
        "enterprise_approvals",
        "software_company",
        "software_company_dach",
    ]
    assert all(path.with_suffix(".cases.toml").is_file() for path in FILES)
    assert len(list(FOLDER.iterdir())) == 2 * len(FILES) + 1  # and the page that tells of them


@EACH
def test_the_check_has_nothing_to_say(path: Path) -> None:
    assert lint_file(path) == ()
    assert sf.Playbook.from_file(path).id == path.stem


@EACH
def test_every_case_comes_as_it_says(path: Path) -> None:
    results = run_cases(path.with_suffix(".cases.toml"))
    assert len(results) >= 5
    assert [str(result) for result in results if not result.passed] == []


@parametrize_with_playbook_checks(FILES)
def test_the_test_kit_finds_nothing(check: PlaybookCheck) -> None:
    check()


@EACH
def test_the_process_is_written_out_in_every_language_of_the_playbook(path: Path) -> None:
    playbook = sf.Playbook.from_file(path)
    for lang in playbook.languages:
        page = handbook(playbook, lang=lang)
        assert f"# {playbook.title.get(lang)}" in page.splitlines()
        missing = [
            key for key, it in playbook.criteria.items() if (it.title.get(lang) or "?") not in page
        ]
        assert missing == []


def test_ends_of_deals_are_no_stages() -> None:
    """Eight of the eleven published stages are places where a deal stands."""
    playbook = sf.Playbook.from_file(FOLDER / "software_company.toml")
    assert [stage.key for stage in playbook.stages] == [
        "pending_acceptance",
        "discovery",
        "scoping",
        "technical_evaluation",
        "proposal",
        "negotiating",
        "awaiting_signature",
        "closing",
    ]
    assert [stage.key for stage in playbook.stages if stage.wins] == ["closing"]
    assert {reason.outcome for reason in playbook.reasons.values()} == {"lost", "disqualified"}


def test_the_process_of_key_accounts_is_in_chinese_only() -> None:
    assert sf.Playbook.from_file(FOLDER / "c139_accounts.toml").languages == ("zh",)


def test_the_variant_is_its_parent_but_for_what_it_says() -> None:
    parent = sf.Playbook.from_file(FOLDER / "software_company.toml")
    variant = sf.Playbook.from_file(FOLDER / "software_company_dach.toml")

    assert variant.extends is not None
    assert (variant.extends.id, variant.extends.digest) == (parent.id, parent.digest)
    assert variant.extends.removed == (
        "stages.pending_acceptance.exit.next_step_dated",
        "instruments.deal_review",
        "size_policy.2",
    )
    assert variant.extends.added == (
        "roles.data_protection_officer",
        "facts.works_council",
        "stages.data_protection",
        "stages.negotiating.exit.works_council_agrees",
    )
    changes = diff(parent, variant)
    assert {change.path for change in changes.changes} >= {
        "stages.negotiating.max_days",
        "stages.data_protection",
        "currency",
    }


def test_the_variant_is_a_plugin_that_needs_its_parent_no_more(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    origin = str(FOLDER / "software_company_dach.toml")
    pip = "-m pip --disable-pip-version-check install -qq --no-index --no-build-isolation --no-deps"

    new = ["-m", "salesflow", "new", "acme_dach", "--plugin", "--from"]
    run(tmp_path, *new, origin)
    run(tmp_path, *pip.split(), "--target", "site", "./acme-dach")

    assert run(tmp_path, "-m", "salesflow", "check", "--strict", "acme_dach") == (
        "acme_dach: no problems\n"
    )
    run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "acme-dach/tests")


def run(folder: Path, *words: str) -> str:
    """Python in a folder, with what was installed into its `site`; returns what it prints."""
    path = os.pathsep.join([str(folder / "site"), *sys.path])
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": path}
    environment.pop("SALESFLOW_NO_PLUGINS", None)
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
