"""A playbook as a notebook shows it."""

from __future__ import annotations

from tests.show.reading import shown, text_of


def test_a_playbook_lists_its_stages_with_the_number_of_their_criteria() -> None:
    said = text_of(shown()["playbook"])

    assert said.startswith("**Title** `small` [1.0.0]")
    assert "| 1 | Title | `talk` |  | 2 | 1 | 20% | 30 |  |" in said
    assert "| 2 | Title | `sign` | 2 | 0 |  |  |  | wins the deal |" in said
