"""`salesflow pipeline`: real files through the real command, with either engine."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

import salesflow as sf
from salesflow.cli import main
from salesflow.cli._terminal import Progress
from tests.cli.conftest import Run
from tests.hostile import FORMULAS, TEXTS, is_seen

DEALS = """\
Deal ID,Stage,Amount,Close Date,Created,Owner,Probability (%),Region
007,Talk,"$1,200.00",31/03/2026,2026-01-02,li.wei,65,EU
008,Closed Won,$900.00,15/02/2026,2026-01-05,,100,EU
009,Legal,,01/04/2026,2026-01-09,N/A,20,APAC
"""
MAP = """\
key = "Deal ID"
stage = "Stage"

[columns]
amount = "Amount"
expected_close_on = "Close Date"
created_on = "Created"
owner = "Owner"
probability = "Probability (%)"

[stages]
Legal = "sign"
"""
PROCESS = """\
id = "small"
version = "1"
title = { en = "A small process", zh = "小流程" }
languages = ["en", "zh"]
currency = "USD"

[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }

  [[stages.exit]]
  key = "budget_known"
  title = { en = "The budget is known", zh = "预算已知" }
  rule = "amount > 0"

[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
"""
ENGINES = ("polars", "duckdb")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with deals, a map and a playbook."""
    for name, text in {"deals.csv": DEALS, "map.toml": MAP, "small.toml": PROCESS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLAYBOOK = ("--playbook", "small.toml")
DAY = ("--as-of", "2026-01-31")
CHECKED = ("pipeline", "deals.csv", *PLAYBOOK, *DAY)
READ = ("--percent", "Probability (%)", "--missing", "N/A")
MAPPED = (*CHECKED, "--map", "map.toml", *READ)


def table(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_is_checked_with_its_map(run: Run, folder: Path, engine: str) -> None:
    code, out, err = run(*MAPPED, "--engine", engine, "--json", "out/report.json")

    assert (code, err) == (1, "")
    assert out.startswith("3 deals on 2026-01-31\n")
    assert (
        "FAILED exit.talk.budget_known: 1 finding in 2 deals, the limit is 0; for instance 009\n"
        "  Talk: The budget is known. That is: the amount is more than 0 USD."
    ) in out
    assert out.endswith("\n3 checks have more findings than allowed.\n")
    counts = json.loads((folder / "out/report.json").read_text(encoding="utf-8"))["counts"]
    assert counts["hygiene.amount_known"] == {"yes": 1, "no": 1, "unknown": 0, "unchecked": 0}
    assert counts["hygiene.owner_known"] == {"yes": 1, "no": 1, "unknown": 0, "unchecked": 0}
    assert counts["hygiene.probability_in_range"]["no"] == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_it_answers_as_the_library_does_of_a_frame_with_types(
    run: Run, folder: Path, engine: str
) -> None:
    sample = Path(__file__).parents[2] / "examples" / "data" / "pipeline.csv"
    said = sample.with_suffix(".toml")
    day = ("--as-of", "2026-06-30")
    process = ("--playbook", "optimized_sales_process")
    words = ("--map", said, "--json", "r.json", "--engine", engine)
    # Nothing exceeds this limit: what is compared here is what was counted.
    assert run("pipeline", sample, *process, *day, *words, "--fail-if", "error=100%").code == 0

    report: sf.PipelineReport[Any] = sf.PipelineReport.model_validate_json(
        (folder / "r.json").read_bytes()
    )

    typed = pl.read_csv(sample, try_parse_dates=True, infer_schema_length=None)
    expected = sf.check_pipeline(
        sf.pipeline.Source(typed, sf.pipeline.FrameMapping.from_file(said)),
        sf.load_playbook("optimized_sales_process"),
        as_of=date(2026, 6, 30),
        duplicate_keys="finding",
    )
    assert report.counts == expected.counts
    assert report.not_checked == expected.not_checked
    assert sum(it.findings for it in report.counts.values()) > 0


def test_both_engines_say_the_same(run: Run, folder: Path) -> None:
    (folder / "deals.parquet").parent.mkdir(exist_ok=True)
    pl.read_csv("deals.csv", infer_schema=False).write_parquet("deals.parquet")
    told = []
    for file in ("deals.csv", "deals.parquet"):
        for engine in ENGINES:
            words = [file if it == "deals.csv" else it for it in MAPPED]
            code, out, err = run(*words, "--engine", engine, "--findings", f"{engine}.{file}.csv")
            told.append((code, out, err, (folder / f"{engine}.{file}.csv").read_bytes()))
    assert told == [told[0]] * 4


def test_a_probability_above_1_is_told_where_nobody_says_that_it_counts_percents(
    run: Run, folder: Path
) -> None:
    _, out, _ = run(*CHECKED, "--map", "map.toml", "--fail-if", "hygiene.probability_in_range=0")
    assert "FAILED hygiene.probability_in_range: 3 findings in 3 deals" in out


def test_without_a_map_what_is_clear_is_taken_and_shown(run: Run, folder: Path) -> None:
    deals = DEALS.replace("Legal", "Sign")
    code, out, err = run("pipeline", "-", *PLAYBOOK, *DAY, *READ, stdin=deals)

    assert (code, err) == (1, "")
    assert out.startswith("3 rows; 7 of 8 columns are placed\n")
    assert re.search(r"-  +nothing fits  +'Region'", out)
    assert "To be done first" not in out  # the command reads numbers and days by itself
    assert "\n\n3 deals on 2026-01-31\n" in out


def test_a_label_that_nothing_fits_is_told_as_the_map_says_it(run: Run, folder: Path) -> None:
    code, _, err = run(*CHECKED, *READ)
    assert code == 2
    assert "'Legal' is not a stage (1 row); say which it is: in the map, [stages] \"Legal\"" in err


def test_a_draft_of_the_map_is_written_once_and_is_a_map(run: Run, folder: Path) -> None:
    words = ("pipeline", "deals.csv", *PLAYBOOK, "--suggest", "draft.toml")
    code, out, err = run(*words)

    assert (code, err) == (0, "")
    assert out.endswith("\ndraft.toml is written; read it, correct it, and check with --map\n")
    draft = (folder / "draft.toml").read_text(encoding="utf-8")
    assert '#   "Region"\n' in draft
    assert '#   stage: "Legal", rows: 1\n' in draft
    read = sf.pipeline.FrameMapping.from_file("draft.toml")
    assert (read.key, read.columns["expected_close_on"]) == ("Deal ID", "Close Date")
    assert run(*words).code == 2  # somebody may have corrected it
    assert (folder / "draft.toml").read_text(encoding="utf-8") == draft


def test_placeholders_are_told_with_the_option_that_takes_them(run: Run, folder: Path) -> None:
    _, out, _ = run("pipeline", "deals.csv", *PLAYBOOK, "--suggest", "new.toml")

    assert "\n  'Owner': --missing N/A, rows: 1\n" in out
    draft = (folder / "new.toml").read_text(encoding="utf-8")
    assert draft.endswith(
        "# Texts that count as values; if they stand for nothing, check with\n#   --missing N/A\n"
    )
    _, out, _ = run("--lang", "zh", *CHECKED, "--percent", "Probability (%)")
    assert "'Owner'：--missing N/A，行数：1" in out


def test_beside_a_map_what_is_missing_is_drafted(run: Run, folder: Path) -> None:
    begun = 'key = "Deal ID"\n[columns]\nsource = "Owner"\n[stages]\nLegal = "sign"\n'
    (folder / "begun.toml").write_text(begun, encoding="utf-8")

    words = ("pipeline", "deals.csv", *PLAYBOOK, "--map", "begun.toml", "--suggest", "new.toml")
    code, out, _ = run(*words)

    assert code == 0
    assert "source             the mapping says so (1)" in out
    assert "Legal" not in out  # that was said
    draft = sf.pipeline.FrameMapping.from_file(folder / "new.toml")
    begun_as_read = sf.pipeline.FrameMapping.from_toml(begun)
    assert draft | begun_as_read == draft
    assert draft.columns["amount"] == "Amount"
    assert "owner" not in draft.columns
    assert "No column identifies" not in (folder / "new.toml").read_text(encoding="utf-8")


def test_limits_decide_about_the_exit_code(run: Run, folder: Path) -> None:
    assert run(*MAPPED, "--fail-if", "error=2").code == 0
    assert run(*MAPPED, "--fail-if", "error=0").code == 1
    assert run(*MAPPED, "--fail-if", "hygiene.amount_known=50%").code == 0
    assert run(*MAPPED, "--fail-if", "hygiene.amount_known=0.4").code == 1
    code, out, _ = run(*MAPPED, "--fail-if", "error=9", "--warn-if", "hygiene.amount_known=0")
    assert code == 0
    assert (
        "warning hygiene.amount_known: 1 finding in 2 deals, the limit is 0; for instance 009\n"
        in out
    )
    assert out.endswith("\nNo check has more findings than allowed.\n")


def test_the_last_report_is_the_measure_of_the_next(run: Run, folder: Path) -> None:
    last = ("--json", "last.json")
    assert run(*MAPPED, *last).code == 1
    assert run(*MAPPED, *last, "--before", "last.json").code == 0
    (folder / "deals.csv").write_text(f"{DEALS}010,Talk,,,,,,\n", encoding="utf-8")
    code, out, _ = run(*MAPPED, "--before", "last.json")
    assert code == 1
    assert (
        "hygiene.amount_known: 2 findings in 3 deals, 1 in 2 before, the limit is 0 more; for i"
        in out
    )
    both = ("--fail-if", "error=+1", "--fail-if", "error=10", "--before", "last.json")
    assert run(*MAPPED, *both).code == 0


COMPARED = """
[[checks]]
key = "rich"
title = { en = "Rich", zh = "金额大" }
rule = "amount >= 1"
fail_if = { max_increase = 0 }
"""


def test_what_is_compared_with_nothing_is_told_before_the_file_is_read(
    run: Run, folder: Path
) -> None:
    """It was told in the words of Python, after the whole file had been read."""
    (folder / "my.toml").write_text(COMPARED, encoding="utf-8")
    (folder / "deals.csv").unlink()
    code, out, err = run(*MAPPED, "--checks", "my.toml")

    assert (code, out) == (2, "")
    assert err == (
        "The pipeline cannot be checked like this.\n"
        "  - --checks 'my.toml': rich: fail_if has max_increase, and no earlier report is named; "
        "name what --json wrote in the last run with --before; in the first run leave this limit "
        "out\n"
    )
    assert "fail_if 含 max_increase" in run(*MAPPED, "--checks", "my.toml", "--lang", "zh").err
    (folder / "deals.csv").write_text(DEALS, encoding="utf-8")
    assert run(*MAPPED, "--checks", "my.toml", "--fail-if", "rich=9").code == 0


def test_no_report_is_told_for_the_first_run(run: Run, folder: Path) -> None:
    for name, said in {
        "none.json": "no such file or directory",
        "map.toml": "it is no report of a pipeline",
        ".": "is a directory",
    }.items():
        code, out, err = run(*MAPPED, "--before", name)
        assert (code, out) == (2, "")
        assert err == (
            f"The earlier report cannot be used.\n  - --before: '{name}' cannot be read: {said}; "
            "name what --json wrote in the last run; in the first run leave --before out\n"
        )


def test_a_report_of_another_process_or_a_later_day_is_no_measure(run: Run, folder: Path) -> None:
    other = PROCESS.replace('key = "talk"', 'key = "call"').replace('"small"', '"other"')
    (folder / "other.toml").write_text(other, encoding="utf-8")
    called = ("--playbook", "other.toml", "--as-of", "2026-02-01", "--json", "other.json")
    (folder / "other.map.toml").write_text(f'{MAP}Talk = "call"\n', encoding="utf-8")
    assert run("pipeline", "deals.csv", *called, "--map", "other.map.toml", *READ).code == 1

    code, out, err = run(*MAPPED, "--before", "other.json", "--html", "r.html")

    assert (code, out) == (2, "")
    assert "--before: 'other.json' is of a later day, 2026-02-01; name what" in err
    said = "is of another playbook, or of it before a change: other 1; name what"
    assert f"--before: 'other.json' {said}" in err
    assert not (folder / "r.html").exists()


def test_the_report_is_written_in_every_form(run: Run, folder: Path) -> None:
    words = ("--json", "r.json", "--html", "r.html", "--junit", "r.xml", "--findings", "f.csv")
    assert run(*MAPPED, *words, "--lang", "zh").code == 1
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert '<html lang="zh' in page
    assert "预算已知" in page
    assert 'failures="3"' in (folder / "r.xml").read_text(encoding="utf-8")
    report: sf.PipelineReport[Any] = sf.PipelineReport.model_validate_json(
        Path("r.json").read_bytes()
    )
    assert report.rows == 3
    lines = list(csv.reader(Path("f.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert lines[0][:6] == ["Deal ID", "stage", "check", "severity", "verdict", "fact"]
    assert ["009", "sign", "hygiene.owner_known", "error", "no", "owner"] in [
        line[:6] for line in lines
    ]


def test_what_cannot_be_written_is_told_and_the_summary_is_printed(run: Run, folder: Path) -> None:
    for option in ("--json", "--findings"):
        code, out, err = run(*MAPPED, option, "map.toml/x")
        assert code == 2
        assert err.startswith("'map.toml/x' cannot be written: ")
        assert out.endswith("checks have more findings than allowed.\n")
    code, _, _ = run(*MAPPED, "--json", "map.toml/x", "--findings", "f.csv")
    assert code == 2
    assert "hygiene.owner_known" in Path("f.csv").read_text(encoding="utf-8-sig")


def test_it_speaks_chinese(run: Run, folder: Path) -> None:
    _, out, _ = run("--lang", "zh", *MAPPED)
    assert out.startswith("2026-01-31，共 3 个项目\n")
    assert (
        "超限 exit.talk.budget_known：2 个项目中有 1 个问题，限度为 0；例如 009\n  洽谈：预算已知"
        in out
    )
    assert out.endswith("有 3 项检查超出限度。\n")
    code, _, err = run("--lang", "zh", "pipeline", "deals.csv", *PLAYBOOK)
    assert (code, err) == (
        2,
        "salesflow pipeline: 缺少 --as-of；请写检查日期，例如 --as-of 2026-01-31\n",
    )
    (folder / "deals.csv").write_text("a,b\n1\n", encoding="utf-8")
    assert run("--lang", "zh", *MAPPED).err == (
        "“deals.csv”无法作为表格读取。\n  - 第 2 行：该行有 1 个值，表头有 2 个：'1'；"
        "请改正该行；含分隔符的值要写在双引号中\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "31.1.2026"], "--as-of: '31.1.2026' is no day; write for instance 2026-01-31"),
        (["--as-of", "2026-02-31"], "--as-of: '2026-02-31' is no day"),
        (["--fail-if", "error"], "--fail-if: 'error' is no limit"),
        (["--warn-if", "error=+0"], "--warn-if: 'error=+0' is by how many more findings there are"),
        (["--fail-if", "error=-1"], "--fail-if: 'error=-1' is no limit"),
        (
            ["--warn-if", "error=1", "--warn-if", "error=2"],
            "--warn-if: 'error=2' is no limit, or a",
        ),
        (["--json", "deals.csv"], "--json would overwrite deals.csv; choose another name"),
        (["--html", "./map.toml"], "--html would overwrite --map map.toml; choose another name"),
        (["--junit", "x", "--html", "x"], "--junit would overwrite --html x; choose another name"),
        (
            ["--suggest", "n.toml", "--json", "r.json"],
            "--suggest only writes a map, so that --json cannot stand there",
        ),
        (
            ["--dates", "Close Date=MM/DD/YYYY", "--dates", "Close Date=YYYY-MM-DD"],
            '--dates: of the column "Close Date" several things are said: MM/DD/YYYY, YYYY-MM-DD; ',
        ),
        (
            ["--decimal", ".", "--decimal", "Amount=,", "--decimal", ","],
            "--decimal: of all columns several things are said: ., ,; say one, and of a column ",
        ),
    ],
)
def test_what_is_wrong_with_the_words_is_told_before_anything_is_read(
    run: Run, folder: Path, words: list[str], said: str
) -> None:
    code, out, err = run(*MAPPED, *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"salesflow pipeline: {said}")
    assert (folder / "deals.csv").read_text(encoding="utf-8") == DEALS


def test_the_same_said_twice_and_one_thing_of_each_column_is_no_mistake(
    run: Run, folder: Path
) -> None:
    form = ("--dates", "Close Date=DD/MM/YYYY")
    words = (*form, *form, "--dates", "YYYY-MM-DD", "--decimal", ".", "--decimal", "Amount=.")

    assert run(*MAPPED, *words).err == ""

    both_said = ("--lang", "zh", *MAPPED, *form, "--dates", "Close Date=YYYY-MM-DD")
    assert run(*both_said).err == (
        'salesflow pipeline: --dates：对 "Close Date" 列有多种说法：'
        "DD/MM/YYYY、YYYY-MM-DD；请只写一种\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--fail-if", "eror=0"],
            "--fail-if 'eror': there is no such check, group or severity; did",
        ),
        (["--warn-if", "hygiene=2.5"], "--warn-if 'hygiene': 2.5 is not a share, which is from 0"),
        (["--dates", "Closed=DD"], "--dates 'Closed': there is no such column; did you mean"),
        (["--dates", "Close Date=DD"], "--dates 'Close Date': 'DD' is not a form of dates"),
        (["--decimal", "Amount=;"], "--decimal 'Amount': ';' is not a decimal mark"),
        (["--percent", "Owner"], "--percent 'Owner': no number is read of this column"),
        (["--encoding", "klingon"], "--encoding: there is no encoding 'klingon'"),
        (["--checks", "none.toml"], "'none.toml' cannot be read"),
        (["--map", "small.toml"], "id: there is no such key; there are key, stage, columns"),
        (["--playbook", "map.toml"], "title: a playbook needs it and it is missing"),
        (["--playbook", "smal.toml"], "'smal.toml' cannot be read: no such file or directory"),
        (["--playbook", "nothing"], "There is no file or playbook 'nothing'"),
    ],
)
def test_what_does_not_fit_is_told_in_the_words_of_the_command(
    run: Run, folder: Path, words: list[str], said: str
) -> None:
    code, out, err = run(*MAPPED, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert is_seen(err)


def test_a_map_of_another_file_is_told_column_by_column(run: Run, folder: Path) -> None:
    (folder / "deals.csv").write_text("Nr,Phase\n1,Talk\n", encoding="utf-8")
    code, out, err = run(*MAPPED[:-4])
    assert (code, out) == (2, "")
    for name in ("Deal ID", "Stage", "Amount", "Close Date", "Created", "Owner"):
        assert repr(name) in err


def test_what_can_be_read_in_two_ways_is_said_for_one_column_or_for_all(
    run: Run, folder: Path
) -> None:
    deals = DEALS.replace("31/03/2026", "03/04/2026").replace("15/02/2026", "05/02/2026")
    deals = deals.replace('"$1,200.00"', "$1.200").replace("$900.00", "$2.500")
    (folder / "deals.csv").write_text(deals, encoding="utf-8")

    code, _, err = run(*MAPPED)

    assert code == 2
    assert "say which: --decimal Amount=. or --decimal Amount=,\n" in err
    assert "say which: --dates 'Close Date=DD/MM/YYYY' or --dates 'Close Date=MM/DD/YYYY'" in err
    said = ("--decimal", "Amount=,", "--dates", "Close Date=DD/MM/YYYY", "--json", "a.json")
    assert run(*MAPPED, *said).code == 1
    # The days of creation are clear, and are not of the form that is said for those that are not.
    assert run(*MAPPED, "--decimal", ",", "--dates", "DD/MM/YYYY", "--json", "b.json").code == 1
    assert (folder / "a.json").read_bytes() == (folder / "b.json").read_bytes()


def test_what_stands_for_nothing_is_missing_where_somebody_says_so(run: Run, folder: Path) -> None:
    (folder / "deals.csv").write_text(DEALS.replace("01/04/2026", "N/A"), encoding="utf-8")
    code, _, err = run(*CHECKED, "--map", "map.toml")
    assert code == 2
    assert "if it stands for nothing, say --missing N/A\n" in err
    assert run(*MAPPED).code == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_no_number_and_no_day_is_told_with_its_line(
    run: Run, folder: Path, engine: str
) -> None:
    """Of the file: with empty lines, values of several lines, and signs of other keyboards."""
    rest = "soon,2026-01-09,li,5,EU\n"
    rows = f'010,"Talk\n\nagain",ｘ　５,{rest}\n011,Talk,$5,{rest}'
    (folder / "deals.csv").write_text(DEALS + rows, encoding="utf-8")

    code, out, err = run(*MAPPED, "--engine", engine)

    assert (code, out) == (2, "")
    amount, day = err.splitlines()[1:]
    assert amount == (
        "  - Amount: others are numbers with a decimal point, and these are not: 'ｘ 5' (line 5); "
        "correct them, or read the others: --unread-as-findings"
    )
    assert "and these are not: 'soon' (2 rows, first on line 5); a column has one form; c" in day
    _, _, err = run("--lang", "zh", *MAPPED, "--engine", engine)
    assert err.splitlines()[2] == (
        "  - Close Date：其他值是 DD/MM/YYYY 格式的日期，以下不是：'soon'（2 行，首见于第 5 行）；"
        "每列只有一种格式；请更正，或只读取其余的值：--unread-as-findings"
    )


RATES = {
    "r.csv": "Currency;Rate\nEUR;1.10\n\nCNY;0.14\n",
    "r.tsv": "汇率\t币种\n1.10\tEUR\n",
    "dated.csv": "currency,rate,day\nEUR,1.10,2026-01-31\nEUR,9,2026-02-01\nEUR,9,2025-01-01\n",
    "r.toml": "[rates]\nEUR = 1.10\n",
    "base.toml": 'base = "EUR"\non = "expected_close_on"\n[since.USD]\n2026-01-01 = "0.909091"\n',
    "r.json": '{"rates": {"EUR": "1.10"}}',
}


@pytest.mark.parametrize("name", RATES)
def test_amounts_are_converted_by_the_rates_of_a_file(run: Run, folder: Path, name: str) -> None:
    (folder / "deals.csv").write_text(DEALS.replace("$1,200.00", "EUR 1200"), encoding="utf-8")
    (folder / name).write_text(RATES[name], encoding="utf-8")
    own = '[[checks]]\nkey = "exact"\nrule = "amount == 1320 or amount == 900"\n'
    (folder / "own.toml").write_text(own, encoding="utf-8")
    words = ("--checks", "own.toml", "--json", "r.out")

    without = run(*MAPPED, *words)
    assert "hygiene.amount_convertible" in without.out
    assert "give a rate for the currency, in the file of --rates" in without.out
    run(*MAPPED, *words, "--rates", name)

    counts = json.loads((folder / "r.out").read_text(encoding="utf-8"))["counts"]
    assert counts["hygiene.amount_convertible"]["no"] == 0
    assert counts["exact"]["yes"] == 2


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("r.csv", "Currency;Rate\nEUR;1,10\n", 'line 2: "1,10" is not a number'),
        ("r.csv", "Currency,Rate\nEUR,1,10\n", "the header 2; write decimals with a point, as"),
        ("r.csv", "Currency,Rate\nEUR,1,10,2\n", "line 2: the row has 4 values, the header 2; wr"),
        ("r.csv", "Currency,Rate,rate\nEUR,1,2\n", "line 1: 2 columns are called 'Rate'; rename"),
        (
            "r.csv",
            "代码,币种,汇率,币种\n1,EUR,1,USD\n",
            "line 1: 2 columns are called '币种'; rename",
        ),
        ("r.csv", "Currency,Rate\nEUR,-1\n", "line 2: it is not enough; give more than 0"),
        ("r.csv", "Currency,Rate\n\nEURO,1\n", "line 3: 'EURO' is not a currency of ISO 4217"),
        (
            "r.csv",
            "Currency,Rate\nEUR,1\nEUR,2\n",
            "line 3: EUR has a rate on line 2 already; keep",
        ),
        ("r.csv", "Currency,Rate\nUSD,2\n", "line 2: one USD is worth one USD; leave the rate of"),
        ("r.csv", "Currency,Rate,Day\nEUR,1,31.1.26\n", "line 2: '31.1.26' is no day from which a"),
        (
            "r.csv",
            "Currency,Rate,Day\nEUR,1,\nEUR,2,2026-01-01\n",
            "EUR has a rate of any day, and",
        ),
        ("r.csv", "Kurs,Währung\n", "line 1: there is no column currency and no column rate; its"),
        ("r.csv", "Currency,Rate\n", "there are no rates below its header"),
        ("r.csv", "\n", "it is empty; its first line names the columns: currency, rate, and day"),
        ("r.csv", 'Currency,Rate\n"EUR,1\n', "a value in double quotes does not end"),
        ("r.toml", "[rates]\nEUR = 1\nXX = 2\n", "line 3: rates.XX: 'XX' is not a currency of ISO"),
        ("r.toml", "[rate]\nEUR = 1\n", "line 1: rate: there is no such key; did you mean"),
        ("r.toml", "EUR 1.1", "line 1"),
        ("r.json", "[]", "cannot be read"),
        ("none.csv", None, "'none.csv' cannot be read: no such file or directory; name a file"),
        ("none.toml", None, "'none.toml' cannot be read: no such file or directory"),
    ],
)
def test_rates_that_cannot_be_used_are_told_with_their_lines(
    run: Run, folder: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")

    code, out, err = run(*MAPPED, "--rates", name)

    assert (code, out) == (2, "")
    assert said in err


def test_rates_in_another_encoding_and_ones_that_would_be_overwritten_are_told(
    run: Run, folder: Path
) -> None:
    (folder / "r.csv").write_bytes("Currency,Rate\nEUR,1.1\nGBP,£1\n".encode("cp1252"))

    err = run(*MAPPED, "--rates", "r.csv").err
    assert "line 3: the file is not UTF-8; save the file as UTF-8" in err
    (folder / "r.csv").write_bytes(b"\n" * (1 << 20) + b"Currency,Rate\n\xa3,1\n")
    err = run(*MAPPED, "--rates", "r.csv").err
    assert "line 1048578: the file is not UTF-8" in err
    err = run(*MAPPED, "--rates", "r.csv", "--json", "r.csv").err
    assert "--json would overwrite --rates r.csv; choose another name" in err


def test_days_of_several_zones_are_those_of_the_zone_in_the_map(run: Run, folder: Path) -> None:
    deals = DEALS.replace("31/03/2026", "2026-01-31T20:00Z").replace("15/02/2026", "2026-02-15")
    deals = deals.replace("01/04/2026", "2026-02-01T01:00+08:00")
    (folder / "deals.csv").write_text(deals, encoding="utf-8")

    code, _, err = run(*MAPPED)
    assert code == 2
    assert (
        "Close Date: its times are of several zones: '+0000' (1 row), '+0800' (1 row); say" in err
    )
    assert 'say where calendar days begin: in the map, tz = "Europe/Berlin"\n' in err

    for zone, late in (("UTC", 2), ("Asia/Shanghai", 0)):
        (folder / "map.toml").write_text(f'tz = "{zone}"\n{MAP}', encoding="utf-8")
        own = '[[checks]]\nkey = "later"\nrule = \'expected_close_on > date("2026-01-31")\'\n'
        (folder / "own.toml").write_text(own, encoding="utf-8")
        assert run(*MAPPED, "--checks", "own.toml", "--json", "r.json").err == ""
        counts = json.loads((folder / "r.json").read_text(encoding="utf-8"))["counts"]
        assert counts["later"]["no"] == late


def test_of_parquet_the_row_is_told(run: Run, folder: Path) -> None:
    deals = pl.read_csv(DEALS.encode(), infer_schema=False).with_columns(Amount=pl.lit("tbc"))
    deals.write_parquet(folder / "deals.parquet")

    words = ("--map", "map.toml", *READ, "--engine", "polars")
    _, _, err = run("pipeline", "deals.parquet", *PLAYBOOK, *DAY, *words)

    assert "Amount: these are not numbers: 'tbc' (3 rows, first on row 1); correct them" in err


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_read_is_a_finding_where_somebody_says_so(
    run: Run, folder: Path, engine: str
) -> None:
    deals = DEALS.replace("$900.00", "tbc").replace("31/03/2026", "soon")
    (folder / "deals.csv").write_text(deals, encoding="utf-8")

    words = ("--unread-as-findings", "--engine", engine, "--json", "r.json", "--findings", "f.csv")
    code, out, err = run(*MAPPED, *words)

    assert (code, err) == (1, "")
    assert (
        "FAILED hygiene.readable.amount: 1 finding in 3 deals, the limit is 0; for instance 008\n"
        "  The amount, where it is given, is a number. Seen: 'tbc' (1). "
    ) in out
    counts = json.loads((folder / "r.json").read_text(encoding="utf-8"))["counts"]
    assert counts["hygiene.readable.expected_close_on"]["no"] == 1
    assert counts["hygiene.readable.created_on"]["yes"] == 3
    assert counts["hygiene.amount_known"]["no"] == 1  # of those that are open
    with (folder / "f.csv").open(encoding="utf-8-sig", newline="") as file:
        seen = {(row["fact"], row["value"]) for row in csv.DictReader(file)}
    assert {("amount.unread", "tbc"), ("expected_close_on.unread", "soon")} <= seen

    (folder / "deals.csv").write_text(deals.replace("Region", "Amount.Unread"), encoding="utf-8")
    code, _, err = run(*MAPPED, *words)
    assert code == 2
    assert "Amount: what cannot be read of it would go into 'amount.unread', and that is" in err


def test_a_file_of_another_encoding_is_told_and_read_when_it_is_named(
    run: Run, folder: Path
) -> None:
    deals = DEALS.replace("li.wei", "李伟")
    (folder / "deals.csv").write_bytes(deals.encode("gb18030"))

    code, out, err = run(*MAPPED)

    assert (code, out) == (2, "")
    assert "line 2: it is not UTF-8, from byte 44 of this line on; say what it is: " in err
    assert "--encoding gb18030 for '李伟' or --encoding cp1252 for 'ÀîÎ°'\n" in err
    assert run(*MAPPED, "--encoding", "gbk").code == 1


def test_one_bad_row_among_many_is_told_with_its_line_and_nothing_is_checked(
    run: Run, folder: Path
) -> None:
    rows = "".join(f"{at},Talk,5,01/02/2026,2026-01-01,li,10,EU\n" for at in range(50_000))
    (folder / "deals.csv").write_text(f"{DEALS}{rows}50000,Talk,1,000\n{rows}", encoding="utf-8")

    code, out, err = run(*MAPPED, "--html", "r.html")

    assert (code, out) == (2, "")
    assert err.splitlines()[1].startswith(
        "  - line 50005: the row has 4 values, the header 8: '50000,Talk,1,000'; correct the row"
    )
    assert not (folder / "r.html").exists()


def test_a_double_key_is_a_finding_like_others(run: Run, folder: Path) -> None:
    (folder / "deals.csv").write_text(DEALS.replace("008", "007"), encoding="utf-8")
    code, out, err = run(*MAPPED, "--fail-if", "unique.key=0")
    assert (code, err) == (1, "")
    assert "FAILED unique.key: 2 findings in 3 deals, the limit is 0; for instance 007" in out


def test_checks_of_your_own_read_numbers_and_days_of_their_own(run: Run, folder: Path) -> None:
    (folder / "checks.toml").write_text(
        """\
[[facts]]
name = "Visits"
kind = "number"
[[checks]]
key = "visited"
title = "We were there twice"
rule = "Visits >= 2"
fail_if = 0
""".replace("Visits", "host.visits"),
        encoding="utf-8",
    )
    lines = [*csv.reader(DEALS.splitlines())]
    visits = ["host.visits", "1", "2", "3"]
    text = table([[*line, more] for line, more in zip(lines, visits, strict=True)])
    (folder / "deals.csv").write_text(text, encoding="utf-8")

    code, out, err = run(*MAPPED, "--checks", "checks.toml")

    assert (code, err) == (1, "")
    assert (
        "FAILED visited: 1 finding in 3 deals, the limit is 0; for instance 007\n  We were" in out
    )


def test_without_an_engine_it_says_what_to_install(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesflow.cli._pipeline.find_spec", lambda _name: None)
    told = "is not installed; run pip install 'salesflow[polars]', or 'salesflow[duckdb]'\n"
    for words, name in {(): "polars", ("--engine", "duckdb"): "duckdb"}.items():
        assert run(*MAPPED, *words) == (2, "", f"salesflow pipeline: {name} {told}")


def test_the_engine_that_is_installed_is_taken(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "deals.parquet").write_bytes(b"PAR1 and nothing of it")
    monkeypatch.setattr("salesflow.cli._pipeline.find_spec", lambda name: name != "polars" or None)
    words = [it.replace(".csv", ".parquet") for it in MAPPED]
    assert "  - duckdb refuses it (" in run(*words).err


@pytest.mark.parametrize("text", TEXTS)
def test_what_strangers_write_is_shown_and_never_obeyed(run: Run, folder: Path, text: str) -> None:
    rows = [
        ["id", "stage", "owner", "amount", f"n{text}".replace("\0", "")],
        [f"D{text}", "talk", text, "", text],
        ["D-2", f"s{text}", text, "", text],
    ]
    (folder / "deals.csv").write_text(table(rows), encoding="utf-8", newline="")
    words = ("pipeline", "deals.csv", *PLAYBOOK)

    drafted = run(*words, "--suggest", "draft.toml")
    refused = run(*words, *DAY)

    assert (drafted.code, refused.code) == (0, 2)
    assert all(map(is_seen, (*drafted, *refused)[1:3]))
    draft = (folder / "draft.toml").read_text(encoding="utf-8")
    assert is_seen(draft)
    assert sf.pipeline.FrameMapping.from_toml(draft).stages == {}
    rows[2][1] = "sign"
    (folder / "deals.csv").write_text(table(rows), encoding="utf-8", newline="")
    files = ("--findings", "f.csv", "--html", "r.html", "--json", "r.json", "--junit", "r.xml")
    code, out, err = run(*words, *DAY, *files)
    assert (code, err) == (1, "")
    assert is_seen(out)
    assert "<script>" not in (folder / "r.html").read_text(encoding="utf-8")
    json.loads((folder / "r.json").read_text(encoding="utf-8"))
    ET.parse(folder / "r.xml")  # noqa: S314 - we wrote it


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_runs_what_is_written_into_findings(
    run: Run, folder: Path, text: str
) -> None:
    rows = [["id", "stage", "amount"], [text, "talk", ""]]
    (folder / "deals.csv").write_text(table(rows), encoding="utf-8")
    run("pipeline", "deals.csv", *PLAYBOOK, *DAY, "--findings", "f.csv")
    lines = list(csv.reader((folder / "f.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {line[0] for line in lines[1:]} == {f"'{text}"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_of_a_terminal_and_is_gone_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{at},Talk,5,01/02/2026,2026-01-01,li,10,EU\n" for at in range(70_000))
    (folder / "deals.csv").write_text(f"{DEALS}{rows}", encoding="utf-8")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    assert main([*MAPPED, "--lang", "en"]) == 1

    said = [it.strip() for it in terminal.getvalue().split("\r")]
    assert said[:3] == ["", "reading deals.csv 46 %", "reading deals.csv 93 %"]
    assert said[-3:] == ["checking", "", ""]
    assert "\n" not in terminal.getvalue()


def test_progress_says_nothing_where_nobody_looks() -> None:
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        with Progress() as progress:
            progress.at("reading", 1, 2)
        patch.setattr(sys, "stderr", None)
        with Progress() as progress:
            progress.at("reading", 1, 2)
    assert stream.getvalue() == ""


def test_no_other_command_loads_what_reads_frames(folder: Path) -> None:
    code = (
        "import sys; from salesflow.cli import main; main(['check', 'small.toml']);"
        "main(['pipeline', 'deals.csv', '--playbook', 'small.toml']);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    heavy = ("narwhals", "polars", "duckdb", "pyarrow", "salesflow.pipeline")
    assert [name for name in done.stderr.split() if name.startswith(heavy)] == []


def test_nothing_is_left_behind(
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(place))
    assert run(*MAPPED).code == 1
    (folder / "deals.csv").write_text("id,stage\n1\n", encoding="utf-8")
    assert run(*MAPPED).code == 2
    assert list(place.iterdir()) == []


def test_without_a_key_it_says_how_to_name_one_and_which_could_be_it(
    run: Run, folder: Path
) -> None:
    rows = "deal_name,stage\nCore,Talk\nEdge,Won\n"
    (folder / "deals.csv").write_text(rows, encoding="utf-8")
    wanted = (
        "  - key: no column identifies a deal; "
        'write in the map, above its tables, key = "deal_name"; where no column identifies a deal, '
        "number the rows in a new one\n"
    )

    code, _, err = run(*CHECKED)
    assert (code, wanted in err) == (2, True)
    (folder / "map.toml").write_text('stage = "stage"\n', encoding="utf-8")
    code, _, err = run(*CHECKED, "--map", "map.toml")
    assert (code, wanted in err) == (2, True)
    code, _, err = run(*CHECKED, "--lang", "zh")
    assert "没有数据列标识项目；请在对应关系各表之前写" in err

    assert run("pipeline", "deals.csv", *PLAYBOOK, "--suggest", "new.toml")[0] == 0
    draft = (folder / "new.toml").read_text(encoding="utf-8")
    assert '\n#   key = "deal_name"\n' in draft
    assert "\n# The stages of small: talk, sign.\n" in draft


def test_a_draft_says_how_to_name_the_stages_and_the_one_close_date(run: Run, folder: Path) -> None:
    rows = "id,Where,Close Date\n1,Erstkontakt,2026-03-01\n2,Angebot,2026-04-01\n"
    (folder / "deals.csv").write_text(rows, encoding="utf-8")
    run("pipeline", "deals.csv", *PLAYBOOK, "--suggest", "new.toml")

    draft = (folder / "new.toml").read_text(encoding="utf-8")
    assert '\n#   stage = "…"\nkey = "id"\n' in draft
    assert '\n#   closed_on = "Close Date"\n' in draft
    # What the comments say can be written there.
    said = draft.replace('#   stage = "…"', 'stage = "Where"').replace("#   closed_on", "closed_on")
    said = said.replace("# If this", "\n# If this")
    assert sf.pipeline.FrameMapping.from_toml(said).stage == "Where"


def test_a_map_of_another_playbook_tells_each_mistake_once_in_words_of_the_map(
    run: Run, folder: Path
) -> None:
    text = MAP.replace('"sign"', '"nowhere"').replace("owner =", '"no.fact" =')
    (folder / "map.toml").write_text(text, encoding="utf-8")
    code, _, err = run(*MAPPED)

    assert code == 2
    assert err.count("Legal") == 1
    assert "  - [stages] \"Legal\": there is no stage 'nowhere'; there are talk, sign" in err
    assert "  - [columns] \"no.fact\": there is no fact 'no.fact'; salesflow facts lists" in err


def test_what_only_python_has_is_said_in_words_of_the_command(run: Run, folder: Path) -> None:
    rows = "id,stage,amount,amount.currency,probability\n1,Talk,5,EUR,65\n2,Talk,6,USD,10\n"
    (folder / "deals.csv").write_text(rows, encoding="utf-8")
    for lang, percent, rate in (
        ("en", "--percent", "in the file of --rates"),
        ("zh", "--percent", "汇率"),
    ):
        code, out, _ = run(*CHECKED, "--lang", lang)
        assert code == 1
        assert percent in out
        assert rate in out
        assert not re.search(r"rates=|values=|by 100|除以 100", out)


def test_a_header_that_stands_among_the_rows_is_told_as_such(run: Run, folder: Path) -> None:
    head, *rows = DEALS.splitlines()
    lines = "\n".join([head, rows[0], head, *rows[1:], head])
    (folder / "deals.csv").write_text(lines, encoding="utf-8")
    code, _, err = run(*MAPPED)

    assert code == 2
    assert "the header stands among the rows again, on line 3, 6; take it out there" in err


def test_numbers_of_findings_stay_numbers_and_texts_are_no_formulas(run: Run, folder: Path) -> None:
    rows = "id,stage,amount\n -1+1,Talk,-50\n =1+1,Talk,-7.5\n"
    (folder / "deals.csv").write_text(rows, encoding="utf-8")
    run(*CHECKED, "--findings", "f.csv")

    text = (folder / "f.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.reader(text.splitlines()))
    assert {line[0] for line in lines[1:]} == {"' -1+1", "' =1+1"}
    cells = {cell for line in lines for cell in line}
    assert {"-50", "-7.5"} & cells or {"-50.0", "-7.5"} <= cells
    assert not {"'-50", "'-50.0", "'-7.5"} & cells


def test_limits_that_are_given_replace_the_one_for_errors(run: Run, folder: Path) -> None:
    assert run(*MAPPED, "--fail-if", "hygiene=100%")[0] == 0
    assert run(*MAPPED, "--fail-if", "hygiene=100%", "--fail-if", "error=0")[0] == 1
    assert "to keep it, give it as well" in " ".join(run("pipeline", "--help")[1].split())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_with_blanks_before_quotes_is_read_as_one_without(
    run: Run, folder: Path, engine: str
) -> None:
    spaced = DEALS.replace("Deal ID,Stage,", '"Deal ID", "Stage",').replace("Talk,", ' "Talk",')
    (folder / "deals.csv").write_text(spaced, encoding="utf-8")

    code, out, err = run(*MAPPED, "--engine", engine)

    assert (code, err) == (1, "")
    assert out.startswith("3 deals on 2026-01-31\n")


def test_names_of_the_draft_and_of_hints_can_be_copied_as_they_are(run: Run, folder: Path) -> None:
    (folder / "odd.csv").write_text(
        'id,Stage,"Deal ""A"" size"," local ",C:\\x\n1,Talk,5,6,7\n', encoding="utf-8"
    )
    drafted = run("pipeline", "odd.csv", *PLAYBOOK, "--suggest", "odd.toml")
    draft = (folder / "odd.toml").read_text(encoding="utf-8")

    for written in (r'"Deal \"A\" size"', '" local "', r'"C:\\x"'):
        assert f"#   {written}" in draft
        assert f"{written}\n" in drafted.out

    (folder / "odd.toml").write_text('key = "id"\n[columns]\namount = "local"\n', encoding="utf-8")
    refused = run("pipeline", "odd.csv", *PLAYBOOK, *DAY, "--map", "odd.toml")

    assert refused.code == 2
    assert "there is no column 'local'; did you mean \" local \"?" in refused.err


def test_options_in_hints_name_columns_as_they_are_called(run: Run, folder: Path) -> None:
    (folder / "odd.csv").write_text('id,stage,"Due ""A"" "\n1,talk,01/02/2026\n', encoding="utf-8")
    (folder / "odd.toml").write_text(
        """key = "id"\n[columns]\nexpected_close_on = 'Due "A" '\n""", encoding="utf-8"
    )

    refused = run("pipeline", "odd.csv", *PLAYBOOK, *DAY, "--map", "odd.toml")

    assert """--dates 'Due "A" =DD/MM/YYYY'""" in refused.err


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_in_another_form_than_most_are_findings_where_these_are_asked_for(
    run: Run, folder: Path, engine: str
) -> None:
    text = "Deal ID,Stage,Close Date\n1,Talk,2026-03-31\n2,Talk,2026-04-01\n3,Talk,01/04/2026\n"
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    words = ("--map", "map.toml", "--engine", engine)
    (folder / "map.toml").write_text(
        'key = "Deal ID"\nstage = "Stage"\n[columns]\nexpected_close_on = "Close Date"\n',
        encoding="utf-8",
    )

    refused = run(*CHECKED, *words)
    aside = (*CHECKED, *words, "--unread-as-findings")
    checked = run(*aside, "--json", "r.json")
    chinese = run("--lang", "zh", *aside)
    even = ("1,Talk,2026-03-31\n", "")
    (folder / "deals.csv").write_text(text.replace(*even), encoding="utf-8")
    unclear = run(*CHECKED, *words, "--unread-as-findings")
    said = ("--unread-as-findings", "--dates", "Close Date=YYYY-MM-DD")

    assert refused.code == 2
    assert "'01/04/2026' (line 4); a column has one form; correct them, or read" in refused.err
    assert "--unread-as-findings" in refused.err
    assert checked.code == 1
    # What is seen is a day, too; only that it is written in another way is wrong.
    assert "is a day in the form of its column. Seen: '01/04/2026' (1)" in checked.out
    assert "应为与本列写法一致的日期" in chinese.out
    counts = json.loads((folder / "r.json").read_text(encoding="utf-8"))["counts"]
    assert counts["hygiene.readable.expected_close_on"]["no"] == 1
    assert unclear.code == 2
    assert "--dates 'Close Date=YYYY-MM-DD' or --dates 'Close Date=DD/MM/YYYY'" in unclear.err
    assert run(*CHECKED, *words, *said).err == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_without_a_key_are_told_with_their_lines(run: Run, folder: Path, engine: str) -> None:
    text = 'Deal ID,Stage,Note\nA,Talk,"two\nlines"\n\n,Talk,x\nA,Talk,\n N/A ,Talk,\n'
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    (folder / "map.toml").write_text('key = "Deal ID"\nstage = "Stage"\n', encoding="utf-8")
    words = (*CHECKED, "--map", "map.toml", "--missing", "N/A", "--engine", engine)

    told = run(*words)
    chinese = run(*words, "--lang", "zh")

    assert told.code == 2
    assert told.err == (
        "The pipeline cannot be checked like this.\n"
        "  - Deal ID: 2 rows without a key, on line 5, 7; every deal needs one; where no column "
        "identifies a deal, number the rows in a new one\n"
        "  - Deal ID: 1 key stands on several rows: 'A' (2 times); keep one row per deal\n"
    )
    assert "2 行没有键，位于第 5、7 行；每个项目都要有键；若没有列能标识项目" in chinese.err
    assert "1 个键出现在多行：'A'（2 次）；每个项目请只保留一行" in chinese.err


def test_of_many_rows_without_a_key_the_first_lines_are_told(run: Run, folder: Path) -> None:
    text = "Deal ID,Stage\n" + ",Talk\n" * 9
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    (folder / "map.toml").write_text('key = "Deal ID"\nstage = "Stage"\n', encoding="utf-8")

    told = run(*CHECKED, "--map", "map.toml")

    assert "9 rows without a key, on line 2, 3, 4, 5, 6, …; every deal needs one" in told.err


def test_rows_of_parquet_have_no_lines(run: Run, folder: Path) -> None:
    pl.DataFrame({"id": ["A", None], "stage": ["talk", "talk"]}).write_parquet("deals.parquet")
    (folder / "map.toml").write_text('key = "id"\n', encoding="utf-8")

    told = run("pipeline", "deals.parquet", *PLAYBOOK, *DAY, "--map", "map.toml")

    assert "id: 1 row without a key; every deal needs one" in told.err


def test_the_draft_says_when_the_one_close_date_is_no_day_of_closing(
    run: Run, folder: Path
) -> None:
    run("pipeline", "deals.csv", *PLAYBOOK, "--suggest", "new.toml")

    draft = (folder / "new.toml").read_text(encoding="utf-8")

    assert '#   closed_on = "Close Date"' in draft
    assert "deal with a day ahead would lie after the day of the check" in draft


def test_percents_under_a_heading_for_percents_are_pointed_out(run: Run, folder: Path) -> None:
    told = run("pipeline", "deals.csv", *PLAYBOOK, "--suggest", "new.toml")

    assert "say --percent, as 65 is 65 % in 'Probability (%)'" in told.out


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_somebody_has_to_settle_are_told_with_their_lines(
    run: Run, folder: Path, engine: str
) -> None:
    text = 'Deal ID,Stage,Amount,Probability (%)\nA,Talk,"$10,000",65\nB,Talk,"€40,000",20\n'
    text += 'C,Talk,"30,000",20\n,,,\n,Talk,$5.50,10\nTotal,,$70.50,\n'
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    suggested = ("pipeline", "deals.csv", *PLAYBOOK, "--engine", engine, "--suggest")

    told = run(*suggested, "new.toml")
    chinese = run("--lang", "zh", *suggested, "zh.toml")
    refused = run(*CHECKED, "--decimal", ".", "--engine", engine)
    draft = (folder / "new.toml").read_text(encoding="utf-8")

    of_rows = (
        'In "Deal ID" 1 of 5 rows has no key (line 6): remove the row, or give it a key',
        "1 amount has no currency (line 4: '30,000'): say currency = \"USD\" in the map, above its",
        "1 row looks like a sum and not like a deal (line 7: 'Total'): remove it",
    )
    for said in of_rows:
        assert said in told.out
        assert f"# {said}" in draft
    assert "1 个金额没有币种（第 4 行：'30,000'）：如果是 USD" in chinese.out
    assert "1 行看似合计，不是项目（第 7 行：'Total'）：请删除" in chinese.out
    assert "#   --percent 'Probability (%)'" in draft
    assert "number the rows" not in draft
    assert f'key = "Deal ID"; {of_rows[0]}' in refused.err


def test_the_currency_in_the_map_settles_amounts_without_one(run: Run, folder: Path) -> None:
    text = "Deal ID,Stage,Amount\nA,Talk,$10.50\nB,Talk,€40.50\nC,Talk,30.50\n"
    (folder / "deals.csv").write_text(text, encoding="utf-8")
    words = (*CHECKED, "--map", "map.toml", "--json")
    tables = 'key = "Deal ID"\nstage = "Stage"\n[columns]\namount = "Amount"\n'
    unknown = {}
    for name, said in {"without": "", "with": 'currency = "USD"\n'}.items():
        (folder / "map.toml").write_text(said + tables, encoding="utf-8")
        run(*words, f"{name}.json")
        counts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["counts"]
        found = counts["hygiene.amount_convertible"]
        unknown[name] = found["no"] + found["unknown"]

    assert unknown == {"without": 2, "with": 1}


def test_labels_of_another_process_lead_to_a_playbook_of_ones_own(run: Run, folder: Path) -> None:
    text = "Deal ID,Stage\nA,Lead\nB,Proposal\nC,Talk\n"
    (folder / "deals.csv").write_text(text, encoding="utf-8")

    most = run(*CHECKED)
    chinese = run("--lang", "zh", *CHECKED)
    (folder / "deals.csv").write_text(text.replace("Proposal", "Sign"), encoding="utf-8")
    few = run(*CHECKED)

    assert (
        "write a playbook with them, which takes ten lines (docs/tutorials/command.md" in most.err
    )
    assert "请用它们写一份流程" in chinese.err
    assert few.code == 2
    assert "write a playbook" not in few.err


def test_where_few_rows_lack_a_key_nobody_has_to_number_them(run: Run, folder: Path) -> None:
    rows = "Deal ID,Stage\nA,Talk\nB,Talk\n,Talk\n"
    (folder / "deals.csv").write_text(rows, encoding="utf-8")
    (folder / "map.toml").write_text('key = "Deal ID"\nstage = "Stage"\n', encoding="utf-8")

    told = run(*CHECKED, "--map", "map.toml")
    chinese = run("--lang", "zh", *CHECKED, "--map", "map.toml")

    assert "1 row without a key, on line 4; remove the row, or give it a key\n" in told.err
    assert "1 行没有键，位于第 4 行；请删除该行，或为其填写键" in chinese.err
