"""The words of the chart of ageing."""

from __future__ import annotations

from typing import Final

from salesflow.text import Language

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Ageing: how long open deals have been in their stage",
        "open": "Open deals on {day}: {n:,}.",
        "line": "Black line: the most days that the playbook allows.",
        "no_limits": "The playbook sets no most days for these stages.",
        "dashed": "Dashed line: the longest won deal took {days} days from beginning to end.",
        "no_day": "Not shown: {n:,}; the day when they entered the stage is later, or not known.",
        "more_stages": "Stages with open deals: {all}; the first {n} are shown.",
        "nothing": "There are no open deals.",
        "stage": "Stage",
        "deal": "Deal",
        "deals": "Deals",
        "days": "Days in the stage",
        "axis": "days in the stage (small numbers have more room)",
        "age": "Days since it began",
        "state": "State",
        "limit": "Most days",
        "longest": "Longest won deal, days",
        "within": "within the limit",
        "without": "no limit set",
        "past": "past the limit of the stage",
        "old": "older than the longest won deal",
    },
    "zh": {
        "title": "停留时间：进行中的项目在当前阶段停留了多久",
        "open": "{day}，共 {n:,} 个进行中的项目。",
        "line": "黑线：销售流程允许的最长天数。",
        "no_limits": "销售流程没有规定这些阶段的最长天数。",
        "dashed": "虚线：最长的赢单项目从开始到结束用了 {days} 天。",
        "no_day": "有 {n:,} 个项目未显示：进入阶段的日期不明，或晚于统计日期。",
        "more_stages": "有进行中项目的阶段共 {all} 个，仅显示前 {n} 个。",
        "nothing": "没有进行中的项目。",
        "stage": "阶段",
        "deal": "项目",
        "deals": "项目数",
        "days": "阶段停留天数",
        "axis": "在当前阶段停留的天数（较小的数值刻度较宽）",
        "age": "项目总天数",
        "state": "状态",
        "limit": "最长天数",
        "longest": "最长赢单天数",
        "within": "未超期",
        "without": "未规定期限",
        "past": "超过阶段期限",
        "old": "超过最长赢单周期",
    },
}
