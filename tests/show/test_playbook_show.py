"""A playbook as a notebook shows it."""

from __future__ import annotations

import salesflow as sf
from tests.show.reading import shown, text_of


def test_a_playbook_lists_its_stages_with_the_number_of_their_criteria() -> None:
    said = text_of(shown()["playbook"])

    assert said.startswith("**Title** `small` [1.0.0]")
    assert "| 1 | Title | `talk` |  | 2 | 1 | 20% | 30 |  |" in said
    assert "| 2 | Title | `sign` | 2 | 0 |  |  |  | wins the deal |" in said


def test_it_says_what_its_author_read_into_the_source() -> None:
    readings = [f"Reading {number}" for number in range(12)]
    text = f"""
id = "tiny"
version = "1"
title = "Tiny"
readings = {readings}
stages = [{{ key = "a", title = "A" }}]
"""
    said = text_of(sf.Playbook.from_toml(text))
    assert "What is our reading of the source:" in said
    assert "– Reading 3" in said
    assert "Reading 4" not in said
    assert "8 more" in said
    assert "reading" not in text_of(shown()["playbook"])
