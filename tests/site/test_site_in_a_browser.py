"""Every page of the site in a browser, in both languages, on a phone and a desk, light and dark."""

from __future__ import annotations

from typing import Final

import pytest

from tests.pages.conftest import Browser

PHONE, DESK = 360, 1280
WAYS: Final = {"phone, dark": (PHONE, True), "desk, light": (DESK, False)}
QUESTIONS: Final = {
    "": {
        "move on to the next stage": "",  # the first door of the home page
        "check an export": "tutorials/data/",
        "read dates": "tutorials/backtest-and-exports/",
        "forecast a quarter": "recipes/",
        "win rate": "recipes/",
        "who approves": "tutorials/approvals/",
        "public holidays": "tutorials/time/",
        "write a playbook": "tutorials/playbook-author/",
        "django": "tutorials/hosts/",
        "which playbook": "which-playbook/",
        "velocity": "recipes/",
        "airflow": "recipes/",
        "champion": "glossary/",
        "handbook": "for-sales/",
    },
    "zh/": {
        "TAS 20": "handbooks/optimized_sales_process/",
        "回款": "handbooks/ltc/",
        "推进到下一阶段": "recipes/",
        "检查导出": "recipes/",
        "预测一个季度": "recipes/",
        "赢单率": "recipes/",
        "审批": "recipes/",
        "法定节假日": "recipes/",
        "变体流程": "recipes/",
        "django": "recipes/",
        "拥护者": "glossary/",
        "手册": "for-sales/",
    },
}
"""By site, what people ask first, and the page that should be among the first that are listed."""


@pytest.mark.parametrize("way", WAYS)
def test_a_page_is_quiet_whole_and_fits(
    page: str, way: str, browser: Browser, address: str
) -> None:
    width, dark = WAYS[way]

    found = browser.look(f"{address}{page}/", width=width, dark=dark)

    assert found["said"] == []
    assert [it for it in found["asked"] if not it.startswith((address, "data:", "blob:"))] == []
    assert found["wide"] <= width
    assert found["missing"] == []
    assert min(found["diagrams"], default=100) >= 50
    assert found["lang"] == ("zh" if page.partition("/")[0] == "zh" else "en")


@pytest.mark.parametrize(
    ("site", "question"), [(site, it) for site, asked in QUESTIONS.items() for it in asked]
)
def test_the_search_finds_what_people_ask_first(
    site: str, question: str, browser: Browser, address: str
) -> None:
    found = browser.look(f"{address}{site}", width=DESK, search=question)["results"]

    pages = list(dict.fromkeys(it.partition("#")[0] for it in found))
    assert f"{address}{site}{QUESTIONS[site][question]}" in pages[:5]
