"""Every built-in playbook keeps the promises of its cases: situations and outcomes in sentences."""

from __future__ import annotations

import pytest

import salesflow as sf
from salesflow.playbooks import BUILT_IN
from salesflow.testing import Case
from tests.playbooks.case_records import cases_of


@pytest.mark.parametrize(
    ("playbook", "case"),
    [pytest.param(key, case, id=case.say) for key in BUILT_IN for case in cases_of(key).cases],
)
def test_case(playbook: str, case: Case) -> None:
    result = case.run(sf.load_playbook(playbook))

    assert result.passed, str(result)
