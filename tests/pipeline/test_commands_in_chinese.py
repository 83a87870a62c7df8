"""Whoever reads only Chinese gets Chinese: no English sentence, and punctuation of Chinese."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

import salesflow as sf
from salesflow.cli._parser import COMMANDS
from salesflow.playbook import diff
from salesflow.playbooks import BUILT_IN
from tests.cli.conftest import Run
from tests.meta.test_one_word_in_chinese import half_width
from tests.pages.reports import KINDS, reports

CHINESE: Final = """\
id = "small"
version = "1"
title = { zh = "小流程" }
languages = ["zh"]
currency = "CNY"

[[stages]]
key = "talk"
title = { zh = "洽谈" }

  [[stages.exit]]
  key = "budget_known"
  title = { zh = "预算已知" }
  rule = "amount > 0"

[[stages]]
key = "sign"
title = { zh = "签约" }
"""
DEALS: Final = """\
编号,阶段,金额,预计成交日期,备注
1,洽谈,100,2026-01-05,N/A
2,奇怪,abc,2026-13-06,无
"""
FILES: Final = {
    "small.toml": CHINESE,
    "broken.toml": 'id = "x"\nversion = 1\nnothing = 2\n[[stages]]\nkey = "A"\n',
    "no.toml": "id = \n",
    "deals.csv": DEALS,
    "good.csv": "编号,阶段,金额,预计成交日期\n1,洽谈,,2026-01-05\n2,赢单,20,2026-01-02\n",
    "torn.csv": "a,b\n1\n",
    "empty.csv": "",
    "map.toml": 'key = "编号"\nstage = "阶段"\n',
    "good.toml": 'key = "编号"\nstage = "阶段"\n[columns]\namount = "金额"\n',
    "twice.toml": 'key = "编号"\nstage = "阶段"\n[columns]\namount = "金额"\nowner = "金额"\n',
    "unfit.toml": 'key = 3\nnone = 1\ncurrency = "RMB"\n[scale]\namount = 0\n[columns]\nx = 4\n',
    "wrong.toml": 'key = "号"\n[columns]\namount = "额"\nfoo = "备注"\n[stages]\n"奇怪" = "sing"\n',
    "values.toml": '[values.stage]\na = "talk"\n[values.foo]\na = 1\n[values."amount"]\nb = 2\n',
    "my.toml": """\
[[checks]]
key = "rich"
title = "钱多"
rule = "amuont > 3"
fail_if = -1
[[checks]]
key = "error"
title = "甲"
max_days = { nowhere = 3 }
unique = [["nobody"]]
[[checks]]
key = "A b"
""",
    "table.toml": "[rich]\nrule = 1\n",
    "rates.csv": "currency,rate\nEUR\n",
    "last.json": "{}",
}
PIPELINE: Final = "--playbook small.toml --as-of 2026-01-31"
COMMANDS_WITH_MISTAKES: Final = (
    "check nowhere.toml",
    "check nowhere",
    "check broken.toml no.toml small.toml",
    "check deals.csv",
    "check small.toml --format xml",
    "test nowhere.toml",
    "test small.toml",
    "new if",
    "new Bad",
    "new small --from nowhere",
    "new small",
    "explain nowhere",
    "explain .",
    "explain broken.toml",
    "explain small.toml -o .",
    "explain small.toml -o small.toml/x",
    "facts small.toml nothing",
    "facts no.toml",
    "diff small.toml nowhere",
    "diagram broken.toml",
    f"pipeline nowhere.csv {PIPELINE}",
    f"pipeline . {PIPELINE}",
    f"pipeline torn.csv {PIPELINE}",
    f"pipeline empty.csv {PIPELINE}",
    f"pipeline deals.csv {PIPELINE}",
    f"pipeline deals.csv {PIPELINE} --map nowhere.toml",
    f"pipeline deals.csv {PIPELINE} --map deals.csv",
    f"pipeline deals.csv {PIPELINE} --map no.toml",
    f"pipeline deals.csv {PIPELINE} --map map.toml",
    f"pipeline deals.csv {PIPELINE} --map unfit.toml",
    f"pipeline deals.csv {PIPELINE} --map wrong.toml",
    f"pipeline deals.csv {PIPELINE} --map values.toml",
    f"pipeline good.csv {PIPELINE} --map twice.toml",
    f"pipeline deals.csv {PIPELINE} --checks my.toml",
    f"pipeline deals.csv {PIPELINE} --checks table.toml",
    f"pipeline deals.csv {PIPELINE} --checks nowhere",
    f"pipeline deals.csv {PIPELINE} --rates rates.csv",
    f"pipeline deals.csv {PIPELINE} --before last.json",
    f"pipeline deals.csv {PIPELINE} --before no.toml",
    f"pipeline deals.csv {PIPELINE} --encoding none",
    f"pipeline deals.csv {PIPELINE} --encoding utf-16",
    f"pipeline deals.csv {PIPELINE} --map map.toml --dates x=ISO --percent 阶段 --decimal y=,",
    f"pipeline deals.csv {PIPELINE} --map map.toml --dates 预计成交日期=QQ --decimal 金额=x",
    f"pipeline good.csv {PIPELINE} --map good.toml --fail-if nothing=3 --warn-if unique=0",
    f"pipeline good.csv {PIPELINE} --map good.toml --html small.toml/x --json .",
    f"pipeline good.csv {PIPELINE} --map good.toml --fail-if error=0",
    "pipeline good.csv --playbook nowhere --as-of 2026-01-31",
    "pipeline good.csv --playbook broken.toml --as-of 2026-01-31",
    "pipeline good.csv --playbook small.toml",
)
_NAMED: Final = re.compile(r"^(salesflow( \w+)?|[\w.]+\.\w+(:\d+)*|nowhere): ")
"""The command, or the file with the place in it: in the form of a compiler's, for editors."""
_QUOTED: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|“[^”\n]*”|\[[^]\n]*\]")
_ENGLISH: Final = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b|\b[A-Z][a-z]+ [a-z]{2,}\b")


def english(said: str) -> list[str]:
    """Two English words beside each other, of which nobody wrote one in quotes."""
    return _ENGLISH.findall(_QUOTED.sub("…", said).replace("salesflow facts", "…"))


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_help_is_in_chinese_with_its_headings(run: Run, command: list[str]) -> None:
    out = run(*command, "--help", "--lang", "zh").out

    assert "\n选项：\n" in out
    assert half_width(out) == []


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("command", COMMANDS_WITH_MISTAKES)
def test_what_is_wrong_is_told_in_chinese_alone(run: Run, command: str) -> None:
    code, out, err = run(*command.split(), "--lang", "zh")

    lines = [_NAMED.sub("", it) for it in (out + err).splitlines()]
    told = [it for it in lines if not re.match(r"用法|  .*\[-| +[A-Z]", it)]
    assert code
    assert re.search("[\u4e00-\u9fff]", "".join(told))
    assert [each for line in told for each in (*english(line), *half_width(line))] == []


@pytest.mark.usefixtures("_folder")
def test_a_file_that_is_checked_is_reported_in_chinese_alone(run: Run) -> None:
    words = f"pipeline good.csv {PIPELINE} --map good.toml --fail-if hygiene=0"
    _, out, err = run(*words.split(), "--junit", "j.xml", "--html", "p.html", "--lang", "zh")

    assert err == ""
    assert half_width(out) == []
    junit = Path("j.xml").read_text("utf-8")
    assert "限度为 0" in junit
    assert "the limit" not in junit
    assert "no column holds" not in junit
    assert '<html lang="zh' in Path("p.html").read_text("utf-8")


@pytest.mark.usefixtures("_folder")
def test_the_comments_of_a_draft_of_a_map_are_in_its_language(run: Run) -> None:
    run(*f"pipeline deals.csv {PIPELINE} --suggest zh.toml --lang zh".split())
    run(*f"pipeline deals.csv {PIPELINE} --suggest en.toml --lang en".split())
    chinese, plain = (Path(it).read_text("utf-8") for it in ("zh.toml", "en.toml"))

    comments = [it[2:] for it in chinese.splitlines() if it.startswith("# ")]
    assert len(comments) >= 5
    assert all(re.search("[\u4e00-\u9fff]", it) for it in comments)
    assert half_width("\n".join(it for it in comments if " = " not in it)) == []
    assert '\n#   stage："奇怪"，1 行\n' in chinese
    assert '\n#   stage: "奇怪", rows: 1\n' in plain
    assert tomllib.loads(chinese) == tomllib.loads(plain)


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(
    ("command", "begins"),
    [
        ("explain small.toml", "# 小流程"),
        ("facts small.toml amount", "amount.currency  choice  标准  金额币种"),
        ("diff small.toml small.toml", "small 1 → small 1\n\n没有变化。"),
        (f"pipeline good.csv {PIPELINE} --map good.toml", "2026-01-31，共 2 个项目"),
        (f"pipeline deals.csv {PIPELINE} --map wrong.toml", "无法这样检查项目。"),
    ],
)
def test_a_playbook_without_english_speaks_its_own_language_where_nobody_says_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, begins: str
) -> None:
    _, out, err = run(*command.split())
    assert (out or err).startswith(begins)
    assert run(*command.split(), "--lang", "en")[1:] != (out, err)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert run(*command.split())[1:] == run(*command.split(), "--lang", "en")[1:]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_has_the_punctuation_of_chinese(kind: str) -> None:
    assert half_width(reports()[kind].summary("zh")) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_handbook_and_a_comparison_have_the_punctuation_of_chinese(name: str) -> None:
    playbook = sf.load_playbook(name)
    handbook = sf.documents.handbook(playbook, "zh")

    assert half_width(re.sub("```.*?```|`[^`]*`", "…", handbook, flags=re.DOTALL)) == []
    assert half_width(diff(sf.load_playbook("simple_selling"), playbook).to_text("zh")) == []
