"""The report of a check as a notebook shows it."""

from __future__ import annotations

import polars as pl

import salesflow as sf
from tests.show.reading import AT, playbook, shown, text_of


def test_a_report_lists_what_is_wrong_most_often_first() -> None:
    said = text_of(shown()["report"])

    assert said.startswith("**2 deals on 2026-06-30** [✗ 1 violation]")
    rows = [line for line in said.splitlines() if line.startswith("| [")]
    assert rows[0] == "| [✗ error] | Title: Title | `exit.talk.big` | 1 | 0 | 0 |"
    assert all(row.startswith("| [? warning] |") for row in rows[1:])
    assert "Other checks, which hold for every deal: 3." in said
    assert "these facts have no column: `close_date_pushes`" in said


def test_a_report_without_findings_says_so() -> None:
    plain = sf.Playbook.from_toml(
        'id = "p"\nversion = "1"\ntitle = "P"\n[[stages]]\nkey = "a"\ntitle = "A"\n'
    )
    frame = pl.DataFrame(
        {"id": ["1"], "stage": [None]}, schema={"id": pl.String, "stage": pl.String}
    )
    report = sf.check_pipeline(frame.clear(), plain, key="id", as_of=AT.date())

    assert len(report.not_checked) == 24
    head = "**0 deals on 2026-06-30** [✓ no violations in 1 of 25 checks]"
    assert text_of(report).startswith(head)


def test_a_report_counts_violations_in_both_languages() -> None:
    frame = pl.DataFrame({"id": ["D-1", "D-2"], "stage": ["sign", "sign"], "amount": [1, 2]})
    heads = [
        text_of(sf.check_pipeline(frame, playbook("标题", lang), key="id", as_of=AT.date()))
        for lang in ("en", "zh")
    ]

    assert [head.splitlines()[0] for head in heads] == [
        "**2 deals on 2026-06-30** [✗ 2 violations]",
        "**2026-06-30，共 2 个项目** [✗ 2 处不符合]",
    ]
