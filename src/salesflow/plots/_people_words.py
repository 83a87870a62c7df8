"""The words of the relationship map."""

from __future__ import annotations

from typing import Final

from salesflow.text import Language

# Each in English and in Chinese.
ROLES: Final[dict[str, tuple[str, str]]] = {
    "economic_buyer": ("economic buyer", "经济决策者"),
    "champion": ("champion", "拥护者"),
    "technical_buyer": ("technical buyer", "技术把关者"),
    "user_buyer": ("user buyer", "使用者"),
    "business_lead": ("business lead", "业务负责人"),
    "procurement": ("procurement", "采购人员"),
    "inside_supporter": ("inside supporter", "内部支持者"),
    "influencer": ("influencer", "影响者"),
}
ATTITUDES: Final[dict[str | None, tuple[str, str]]] = {
    "champion": ("champion", "拥护我方"),
    "supporter": ("supporter", "支持我方"),
    "neutral": ("neutral", "中立"),
    "opponent": ("opponent", "反对我方"),
    None: ("not known", "态度未知"),
}
COVERAGE: Final[dict[str | None, tuple[str, str]]] = {
    "in_depth": ("talked in depth", "已深入沟通"),
    "multiple": ("talked several times", "已多次沟通"),
    "brief": ("talked briefly", "仅简短沟通"),
    "no_contact": ("no contact", "未曾接触"),
    None: ("contact not known", "接触情况未知"),
}
INFLUENCE: Final[dict[str | None, tuple[str, str]]] = {
    "high": ("high", "高"),
    "medium": ("medium", "中"),
    "low": ("low", "低"),
    None: ("not known", "未知"),
}

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Relationship map: {customer}",
        "nobody": "There is nobody on the map yet.",
        "deciders": "Those who decide: {covered} of {n} covered",
        "no_decider": "Nobody who decides is on the map",
        "single": "The deal hangs on one person at most",
        "missing": "Missing: {roles}",
        "more": "{n} of {all:,} people are shown",
        "borders": "Border: thick, talked more than once; thin, briefly; dashed, never or unknown.",
        "comma": ", ",
        "missing_role": "? {role}",
        "no_role": "role not known",
        "listens": "{target} listens to {source}",
        "weighs": "weight: {influence}",
        "influence_line": "Influence",
        "name": "Name",
        "job": "Job title",
        "role": "Buying role",
        "attitude": "Attitude to us",
        "coverage": "Coverage",
        "talked": "Last talk",
        "cares": "Cares about",
        "relationship": "Relationship",
        "relationship_strong": "strong",
        "relationship_medium": "medium",
        "relationship_weak": "weak",
        "relationship_none": "none",
        "relationship_None": "not known",
        "influence": "Weight in the decision",
        "note": "Note",
    },
    "zh": {
        "title": "客户关系图：{customer}",
        "nobody": "关系图上还没有人。",
        "deciders": "决策人：共 {n} 位，已覆盖 {covered} 位",
        "no_decider": "关系图上没有决策人",
        "single": "项目至多只维系在一个人身上",
        "missing": "缺少：{roles}",
        "more": "共 {all:,} 人，仅显示 {n} 人",
        "borders": "边框：粗线为多次沟通，细线为仅简短沟通，虚线为未接触或未知。",
        "comma": "、",
        "missing_role": "? {role}",
        "no_role": "角色未知",
        "listens": "{target} 听取 {source} 的意见",
        "weighs": "影响力：{influence}",
        "influence_line": "影响关系",
        "name": "姓名",
        "job": "职务",
        "role": "采购角色",
        "attitude": "对我方的态度",
        "coverage": "沟通情况",
        "talked": "最近沟通",
        "cares": "关注点",
        "relationship": "关系",
        "relationship_strong": "牢固",
        "relationship_medium": "一般",
        "relationship_weak": "薄弱",
        "relationship_none": "没有关系",
        "relationship_None": "未知",
        "influence": "决策影响力",
        "note": "备注",
    },
}
