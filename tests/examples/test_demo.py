"""`make demo`: what it prints, on the sample, on a file of one's own, and on bad input."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import salesflow as sf
from tests.hostile import is_seen

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "examples" / "demo.py"
SAMPLE = ROOT / "examples" / "data" / "pipeline.csv"
MAVEN = ROOT.parent / "shared" / "data" / "maven_crm" / "sales_pipeline.csv"


def run(
    *arguments: str | Path, cwd: Path | None = None, locale: str = "C.UTF-8"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONWARNINGS": "error",
            "LC_ALL": locale,
        },
        check=False,
    )


def counts(output: str) -> Mapping[str, tuple[int, int, int]]:
    """Of every check in the table: no, unknown, yes."""
    rows = re.findall(
        r"^(?:error|warning) +([\d,]+) +([\d,]+) +([\d,]+) .*\[(.+)\]$", output, re.MULTILINE
    )
    return {check: (number(no), number(unknown), number(yes)) for no, unknown, yes, check in rows}


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints, run from somewhere else."""
    ended = run(cwd=tmp_path_factory.mktemp("elsewhere"))
    assert (ended.stderr, ended.returncode) == ("", 0)
    return ended.stdout


def test_it_fits_on_a_few_screens(shown: str) -> None:
    assert len(shown.splitlines()) <= 140


def test_it_says_what_will_come_in_and_what_speaks_against_it(shown: str) -> None:
    told = shown.partition("What will come in")[2].partition("deals on 2026-06-30")[0]
    lines = [line.split() for line in told.splitlines()]

    quarter = next(words for words in lines if words[:1] == ["2026-Q3"])
    assert quarter[1:5] == ["0", "1,383,500", "130,000", "0"]
    assert "Committed deals with a required criterion that does not hold: 10" in told


@pytest.fixture(scope="module")
def chinese() -> str:
    ended = run("--lang", "zh")
    assert (ended.stderr, ended.returncode) == ("", 0)
    return ended.stdout


IN_CHINESE = '中文演示：make demo ARGS="--lang zh"'
CHINESE = re.compile("[\u4e00-\u9fff]+")
DATA = re.compile(r"^ *D-\d+.*$|\[[a-z._0-9]+\]$", re.MULTILINE)  # names, as they are in the file


def test_it_speaks_one_language(shown: str, chinese: str) -> None:
    assert CHINESE.findall(DATA.sub("", shown.removesuffix(f"{IN_CHINESE}\n"))) == []
    for phrase in (
        "Decide",
        "decide",
        "Look at",
        "Ask",
        "points",
        "confirmed",
        "Win rate",
        "today",
    ):
        assert phrase not in DATA.sub("", chinese)


@pytest.mark.parametrize(
    ("locale", "arguments", "first"),
    [
        ("C.UTF-8", (), "My deals today, 30 Jun 2026: li.wei"),
        ("de_DE.UTF-8", (), "My deals today, 30 Jun 2026: li.wei"),
        ("zh_CN.UTF-8", (), "我今天的项目，2026-06-30：li.wei"),
        ("zh_CN.UTF-8", ("--lang", "en"), "My deals today, 30 Jun 2026: li.wei"),
        ("C.UTF-8", ("--lang", "both"), "li.wei · 我今天的项目，2026-06-30：li.wei"),
    ],
)
def test_the_language_is_that_of_the_machine_or_the_one_that_is_asked_for(
    locale: str, arguments: tuple[str, ...], first: str
) -> None:
    ended = run(*arguments, locale=locale)
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert first in ended.stdout.splitlines()[1]


def test_in_english_it_ends_with_how_it_is_had_in_chinese(shown: str, chinese: str) -> None:
    assert shown.endswith(f"\n{IN_CHINESE}\n")
    assert IN_CHINESE not in chinese
    assert IN_CHINESE not in run(SAMPLE, "--as-of", "2026-06-30").stdout


def test_in_both_languages_each_message_has_a_line_in_either(shown: str, chinese: str) -> None:
    both = run("--lang", "both").stdout.splitlines()
    for lines in (shown.removesuffix(f"{IN_CHINESE}\n").splitlines(), chinese.splitlines()):
        assert [line for line in lines if not line.startswith("──") and line not in both] == []


def test_it_begins_with_what_a_salesperson_does_today(shown: str, chinese: str) -> None:
    today = shown.partition("1. May this deal")[0]
    assert "  D-1029  Quillstone Insurance  li.wei: Ask the CIO why this year, by 03 Jul" in today
    assert "D-1029  Quillstone Insurance  li.wei：Ask the CIO why this year；07-03 前" in chinese
    assert all("  li.wei: " in line for line in today.splitlines() if line.startswith("  "))
    found = re.search(r"(\d+) open deals; (\d+) of them here, (\d+) can wait", today)
    assert found is not None
    of, here, wait = map(int, found.groups())
    assert of == here + wait
    assert here == sum(line.startswith("  ") for line in today.splitlines())


def test_the_counts_of_a_review_add_up(shown: str, chinese: str) -> None:
    review = shown.partition("1. May this deal")[2].partition("2. Go or no-go")[0]
    found = re.search(
        r"Of (\d+) points (\d+) are met, (\d+) are missing, and (\d+) is advice only", review
    )
    assert found is not None
    of, met, missing, advice = map(int, found.groups())
    assert (of, met, missing, advice) == (11, 5, 5, 1)
    assert of == met + missing + advice
    assert len(re.findall(r"^  \d\. ", review, re.MULTILINE)) == missing
    assert len(re.findall("^  Advice: ", review, re.MULTILINE)) == advice
    assert "共 11 项：已满足 5 项，还缺 5 项，仅供参考 1 项" in chinese


def test_a_review_says_who_has_to_do_what_in_plain_words(shown: str, chinese: str) -> None:
    review = shown.partition("2. Go or no-go")[0]
    assert (
        "1. li.wei: The procurement process and the budget are clear: whether something is known"
        in review
    )
    assert "2. li.wei: to be confirmed: An early value proposition is ready" in review
    assert "3. li.wei: ask the 4 questions left: Compelling event, " in review
    assert "4. li.wei: At most five of the TAS 20 are unknown: " in review
    assert "5. wang.fang: decide, go on, give up or wait: Go or no-go: the project" in review
    assert "A deal of this size needs: TAS 20, discussed and complete (to do)" in review
    assert "1. li.wei：采购流程和预算已明确：是否了解预算情况" in chinese
    assert "5. wang.fang：请决定继续、放弃或暂缓：" in chinese
    for jargon in ("attest", "Denied", "working towards", "None", "none"):
        assert jargon not in review


def test_the_score_says_what_to_ask_next(shown: str, chinese: str) -> None:
    score = shown.partition("2. Go or no-go")[2].partition("3. Three days later")[0]
    assert "UNDECIDED: between 12 and 21 of 25 points" in score
    assert "1. Compelling event (worth 2, and a no means: No go). Why now? " in score
    assert "尚无定论：12 至 21 分（满分 25）" in chinese
    assert "1. 紧迫事件（2 分，若为“否”则放弃）。为什么是现在？" in chinese


def test_the_move_is_accepted_and_its_events_are_told(shown: str, chinese: str) -> None:
    move = shown.partition("3. Three days later")[2].partition("All deals in")[0]
    assert "wang.fang decided: go on (Go or no-go" in move
    assert "li.wei moved on: Demand generation → Opportunity plan" in move
    assert "Accepted: Step 3 of 8, Opportunity plan; in the forecast as stage 2" in move
    assert "Kept as 28 events, which add up to the same deal again" in move
    assert "推进成功：第 3/8 步：项目计划" in chinese


def test_the_sample_pipeline_is_broken_in_every_way_the_checks_know(shown: str) -> None:
    assert "205 deals on 2026-06-30" in shown
    assert "Rows that lie after the day, of which only their dates are checked: 5." in shown
    found = counts(shown)
    broken = {check for check, (no, _, _) in found.items() if no}
    hygiene = """
    stage_known owner_known amount_known close_date_known close_date_not_past close_date_kept
    next_step_known next_step_not_overdue recent_activity contact_known several_contacts deal_age
    entered_after_created won_probability lost_probability closed_date_known closed_not_in_future
    closed_after_created created_not_in_future known_values.account.tier amount_not_negative
    probability_in_range pushes_not_negative activity_not_in_future entered_not_in_future
    open_has_no_close_date
    """
    assert {f"hygiene.{name}" for name in hygiene.split()} <= broken
    assert "exit.demand_generation.procurement_and_budget_clear" in broken
    assert {"size.tas_20", "size.opportunity_plan", "size.tas_plan"} <= set(found)
    # What nobody wrote down is unknown, not a no.
    assert found["exit.demand_generation.first_go_no_go"][:2] == (0, 6)


def test_it_says_which_deals_to_look_at_before_any_table(shown: str) -> None:
    first = shown.partition("Look at these first")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(first) == 6
    assert all(line.startswith("    not so: ") for line in first[1::2])


# ---------------------------------------------------------------------------- a file of one's own


def test_a_file_of_ones_own_begins_with_its_deals_today(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "No,Phase,Value,Opened,owner,next_step,next_step_on,expected_close_on,Kind,Won on\n"
        "A,1=Talk,5,05.01.2026,ann,Call,30.01.2026,01.05.2026,,\n"
        "B,1=Talk,5,05.01.2026,ann,Write,01.05.2026,01.05.2026,,\n"
        "C,1=Talk,5,05.01.2026,bob,,,01.05.2026,,\n"
        "D,1=Talk,5,05.01.2026,,Meet,02.02.2026,01.01.2026,,\n"
        "E,Won,5,05.01.2026,ann,,,01.01.2026,,\n",
    )
    for arguments, expected in (
        (
            (),
            [
                "D: set a new closing date: the old one, 01 Jan, is past",
                "A  ann: Call; was due on 30 Jan",
                "C  bob: agree on a next step, today",
                "4 open deals; 3 of them here, 1 can wait",
            ],
        ),
        (
            ("--owner", "ann", "--lang", "zh"),
            ["A  ann：Call；01-30 已到期", "进行中项目共 2 个：以上 1 个优先，其余 1 个可稍后处理"],
        ),
    ):
        ended = mapped(file, *arguments)
        assert (ended.stderr, ended.returncode) == ("", 0)
        today = ended.stdout.strip().partition("\n\n")[0].splitlines()[1:]
        assert [line.strip() for line in today] == expected


HEAD = "No,Phase,Value,Opened,Kind,Won on\n"
MAP = """
key = "No"
stage = "Phase"
[columns]
amount = "Value"
created_on = "Opened"
closed_on = "Won on"
"account.tier" = "Kind"
[stages]
"1=Talk" = "demand_generation"
Won = "won"
[values."account.tier"]
"Key Account" = "strategic"
"""


def write(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    file = folder / "deals.csv"
    file.write_text(text, encoding=encoding)
    return file


def mapped(file: Path, *more: str, said: str = MAP) -> subprocess.CompletedProcess[str]:
    """The demo of a file and a map beside it, on a day in January."""
    map_file = file.with_suffix(".toml")
    map_file.write_text(said, encoding="utf-8")
    return run(file, "--map", map_file, *("--as-of", "2026-01-31", "--dates", "DD.MM.YYYY"), *more)


def test_a_file_of_ones_own_is_checked_by_its_map(tmp_path: Path) -> None:
    rows = """\
A,1=Talk,60000,05.01.2026,Key Account,
B,1=Talk,,06.01.2026,,
C,Won,70000.50,07.01.2026,regular,08.01.2026
D,Won,90000,07.02.2026,regular,08.02.2026
"""
    ended = mapped(write(tmp_path, HEAD + rows, encoding="utf-8-sig"))
    assert (ended.stderr, ended.returncode) == ("", 0)
    found = counts(ended.stdout)
    assert found["hygiene.amount_known"] == (1, 0, 1)
    assert found["hygiene.created_not_in_future"] == (1, 0, 3)
    assert not any(name.startswith("hygiene.known_values") for name in found)


def test_what_lies_after_the_day_counts_in_no_figure(tmp_path: Path) -> None:
    rows = """\
A,1=Talk,60000,05.01.2026,,
B,Won,70000,07.01.2026,,08.01.2026
C,Won,90000,07.02.2026,,08.02.2026
"""
    ended = mapped(write(tmp_path, HEAD + rows))
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert "\n1=Talk 1, Won 1\n" in ended.stdout
    assert "Win rate: 100.00% (1 of 1 won or lost)" in ended.stdout
    assert "Won value: 70,000 USD" in ended.stdout
    assert "2 deals on 2026-01-31" in ended.stdout


def test_the_win_rate_of_the_sample_is_that_of_the_metrics(shown: str) -> None:
    sample = pl.read_csv(SAMPLE, try_parse_dates=True, infer_schema_length=None)
    deals = sf.pipeline.Source(
        sample.with_columns(pl.col("probability").clip(0, 1)),
        sf.pipeline.FrameMapping.from_file(SAMPLE.with_suffix(".toml")),
    )
    playbook = sf.load_playbook("optimized_sales_process")
    found = sf.pipeline.metrics(deals, playbook, as_of=date(2026, 6, 30))

    assert f"Win rate: {found.win_rate.value:.2%} ({found.won.value} of" in shown


def test_a_file_is_read_as_the_command_reads_it(tmp_path: Path) -> None:
    rows = (
        f"{HEAD.replace(',', ';')}"
        "A;1=Talk;€ 95.000,00;25.01.2026;;\nB;Won;€ 1.000,50;26.01.2026;;27.01.2026\n"
    )
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,rate\nEUR,1.10\n", encoding="utf-8")
    ended = mapped(write(tmp_path, rows), "--rates", str(rates))
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert "Won value: 1,101 USD" in ended.stdout


def test_without_a_map_it_says_what_the_columns_were_taken_for(tmp_path: Path) -> None:
    rows = "编号,阶段,金额\nD-1,赢单,3万\nD-2,输单,2万\n"
    file = write(tmp_path, rows, encoding="gb18030")
    ended = run(file, *("--as-of", "2026-01-30", "--encoding", "gb18030", "--lang", "zh"))
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert re.search("^  key +常用列名.* '编号'$", ended.stdout, re.MULTILINE)
    assert "赢单金额：30,000 USD" in ended.stdout


def test_a_file_of_which_next_to_nothing_is_known_is_not_said_to_be_sound(tmp_path: Path) -> None:
    file = write(tmp_path, "Opportunity ID,Stage,foo\nA,order,1\nB,order,2\n")
    for lang, said in (("en", "Nothing was found by the "), ("zh", "项具备所需的数据列")):
        ended = run(file, "--as-of", "2026-01-30", "--lang", lang)
        assert (ended.stderr, ended.returncode) == ("", 0)
        assert said in ended.stdout
        assert "Nothing was found.\n" not in ended.stdout
        assert "没有发现问题。\n" not in ended.stdout.replace("这些检查没有发现问题。\n", "")


@pytest.mark.parametrize("days", [("1/5/2026", "1/31/2026"), ("5-Jan-2026", "31-Jan-2026")])
def test_days_are_read_in_the_form_that_fits_them_all(
    days: tuple[str, str], tmp_path: Path
) -> None:
    rows = f"A,demand_generation,60000,{days[0]}\nB,demand_generation,60000,{days[1]}\n"
    file = write(tmp_path, f"Opportunity ID,stage,amount,created_on\n{rows}")
    ended = run(file, "--as-of", "2026-01-30")
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert counts(ended.stdout)["hygiene.created_not_in_future"] == (1, 0, 1)


@pytest.mark.skipif(not MAVEN.exists(), reason="the CRM data of Maven Analytics is not here")
def test_the_counts_of_real_crm_data_agree_with_the_expected_ones(tmp_path: Path) -> None:
    map_file = tmp_path / "maven.toml"
    map_file.write_text(MAVEN_MAP, encoding="utf-8")
    ended = run(MAVEN, "--map", map_file, "--as-of", "2017-12-31")
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert "Won 4,238, Lost 2,473, Engaging 1,589, Prospecting 500" in ended.stdout
    assert "Win rate: 63.15% (4,238 of 6,711 won or lost)" in ended.stdout
    assert "Won value: 10,005,534 USD" in ended.stdout
    assert "8,800 deals on 2017-12-31" in ended.stdout
    found = counts(ended.stdout)
    # 500 deals have no date yet; 1,291 of the other open ones are older than any won deal became.
    assert found["hygiene.deal_age"] == (1_291, 500, 1_589 - 1_291)
    assert found["hygiene.amount_known"] == (1_589 + 500, 0, 0)
    assert "hygiene.created_not_in_future" not in found  # nobody was created in the future


MAVEN_MAP = """
key = "opportunity_id"
stage = "deal_stage"
[columns]
amount = "close_value"
created_on = "engage_date"
closed_on = "close_date"
owner = "sales_agent"
"account.name" = "account"
[stages]
Prospecting = "territory_account_plan"
Engaging = "demand_generation"
Won = "won"
Lost = "lost"
"""


# -------------------------------------------------------------------------------------- bad input

GOOD = HEAD + "A,1=Talk,60000,05.01.2026,regular,\n"


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        (GOOD, ("--as-of", "31.1.2026"), ["--as-of: '31.1.2026' is no day", "as 2026-06-30"]),
        (GOOD, ("--rates", "none.csv"), ["The rates cannot be used."]),
        (GOOD, ("--encoding", "utf-99"), ["--encoding: "]),
        (GOOD, ("--playbook", "optimised"), ["There is no playbook 'optimised'"]),
        (GOOD, ("--playbook", "none.toml"), ["'none.toml' cannot be read"]),
        (GOOD, ("--nonsense",), ["not understood: --nonsense"]),
        (GOOD, ("--map",), ["--map: a value is missing"]),
        (GOOD + GOOD[len(HEAD) :], (), ["'A' (2 times)"]),
        (GOOD + "B,Maybe,1,05.01.2026,,\n", (), ["'Maybe' is not a stage (1 row)", "in the map"]),
        (
            HEAD + "A,1=Talk,sixty,soon,,\nB,1=Talk,seventy,2026-01-06,,\n",
            (),
            ["Value: ", "'sixty' (line 2)", "Opened: ", "'soon'"],
        ),
        (GOOD, ("--dates", "Opened=DD.QQ"), ["--dates 'Opened': 'DD.QQ' is not a form"]),
        (GOOD, ("--dates", "DD/MM/YYYY"), ["--dates", "DD.MM.YYYY, DD/MM/YYYY"]),
        ("", (), ["cannot be read as a table"]),
        ("a,b\n1,2,3\n", (), ["cannot be read as a table"]),
    ],
)
def test_bad_input_gives_a_clear_message_and_exit_code_2(
    text: str, more: tuple[str, ...], said: list[str], tmp_path: Path
) -> None:
    ended = mapped(write(tmp_path, text), *more)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert "demo.py: " in ended.stderr
    for words in said:
        assert words in ended.stderr


def test_what_is_wrong_is_told_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    for arguments, said in (
        ((file,), "demo.py: 检查您自己的文件还需要检查日期：--as-of 2026-06-30。\n"),
        (("--nonsense",), "demo.py: 错误：无法识别：--nonsense\n"),
        (("--owner", "ann"), "demo.py: 请写明这些选项所针对的 FILE。\n"),
        ((tmp_path / "none.csv", "--as-of", "2026-01-31"), "没有该文件或文件夹"),
    ):
        ended = run(*arguments, "--lang", "zh")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert said in ended.stderr


@pytest.mark.parametrize(("lang", "said"), [("en", "usage: "), ("zh", "用法：")])
def test_its_help_is_in_the_language_that_was_asked_for(lang: str, said: str) -> None:
    ended = run("--help", "--lang", lang)
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert ended.stdout.startswith(said)
    prose = re.sub(r"--?[\w-]+|[A-Z]{2,}\w*|\{.*\}|\.\w+", "", ended.stdout)
    assert bool(re.search("[\u4e00-\u9fff]", prose)) == (lang == "zh")
    assert bool(re.search(r"\b(the|a|of)\b", prose)) == (lang == "en")


def test_a_file_that_is_not_utf_8_or_is_a_folder_gives_a_clear_message(tmp_path: Path) -> None:
    file = write(tmp_path, "编号,阶段\n1,赢单\n", encoding="gb18030")
    chinese = run(file, "--as-of", "2026-01-31")
    assert (chinese.returncode, chinese.stdout) == (2, "")
    assert "--encoding gb18030" in chinese.stderr
    folder = run(tmp_path, "--as-of", "2026-01-31")
    assert (folder.returncode, folder.stdout) == (2, "")
    assert "is a directory" in folder.stderr


def test_a_terminal_is_told_nothing_by_a_file(tmp_path: Path) -> None:
    rows = "".join(f"\x1b[31m{key}\x9b2J,1=Talk,-5,05.01.2027,\u202eKey Account,\n" for key in "AB")
    ended = mapped(write(tmp_path, HEAD + rows, encoding="utf-8"))
    assert "[31mA" in f"{ended.stdout}{ended.stderr}"
    assert is_seen(f"{ended.stdout}{ended.stderr}")
