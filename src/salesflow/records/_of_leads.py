"""Facts of leads and projects, and of the judgements on a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow import terms
from salesflow.records._group import (
    Declares,
    Pile,
    RecordFact,
    RecordGroup,
    greatest,
    latest,
    named,
    newest,
    the_latest,
)
from salesflow.text import Text, both, filled

if TYPE_CHECKING:
    from salesflow.domain import (
        AccountProfile,
        Lead,
        ProjectSheet,
        StageForm,
    )

_BASICS: Final = ("source", "industry", "company_size", "first_contact_on")
_PARTS_OF_A_SHEET: Final = (
    "customer",
    "description",
    "information_source",
    "market",
    "market_importance",
    "expected_amount",
    "expected_gross_profit",
    "team",
)
_PARTS_OF_A_HEAD: Final = ("region", "code", "quotation_staff", "department")


_lead: Final[Declares[Lead]] = Declares("lead")

LEAD: Final = RecordGroup(
    "lead",
    both(en="lead", zh="线索"),
    ("Lead",),
    the_latest("`received_on`", "`received_on`"),
    latest("Lead", lambda lead: lead.received_on),
    (
        _lead.choice(
            "channel",
            both(en="the channel of the lead", zh="线索渠道"),
            terms.LEAD_CHANNELS,
            lambda lead: lead.channel,
        ),
        _lead.choice(
            "grade",
            both(en="the potential of the lead", zh="线索的潜力等级"),
            terms.LEVELS,
            lambda lead: lead.graded or lead.advised.result,
            unsaid=lambda lead: named(*lead.advised.missing),
        ),
        _lead.choice(
            "industry_fit",
            both(en="how well the lead's industry fits", zh="线索的行业匹配度"),
            terms.LEVELS,
            lambda lead: lead.profile.industry_fit,
        ),
        _lead.choice(
            "pain_point",
            both(en="how strong the lead's pain is", zh="线索的痛点强度"),
            terms.LEVELS,
            lambda lead: lead.profile.pain_point,
        ),
        _lead.choice(
            "budget_size",
            both(en="the size of the lead's budget", zh="线索的预算规模"),
            terms.LEVELS,
            lambda lead: lead.profile.budget_size,
        ),
        _lead.choice(
            "decision_chain",
            both(en="how completely the lead's decision chain is known", zh="线索的决策链清晰度"),
            terms.LEVELS,
            lambda lead: lead.profile.decision_chain,
        ),
        _lead.count(
            "missing",
            both(en="the number of fields missing in the lead's file", zh="线索档案的缺项数"),
            lambda lead: named(*lead.missing),
        ),
        _lead.count(
            "basics_missing",
            both(
                en="the number of basic facts missing in the lead's file",
                zh="线索档案中基础信息的缺项数",
            ),
            lambda lead: named(*(part for part in _BASICS if getattr(lead, part) is None)),
        ),
        _lead.flag(
            "communication_planned",
            both(en="whether the first talks with the lead are planned", zh="是否已有初步沟通计划"),
            lambda lead: lead.communication_plan is not None,
        ),
        _lead.flag(
            "first_owner_named",
            both(en="whether the lead has a first owner", zh="是否已指定首次对接负责人"),
            lambda lead: lead.first_owner is not None,
        ),
        _lead.day(
            "received_on",
            both(en="the day the lead came", zh="线索获取日期"),
            lambda lead: lead.received_on,
        ),
        _lead.day(
            "first_contact_on",
            both(en="the day of the lead's first contact", zh="线索的首次接触日期"),
            lambda lead: lead.first_contact_on,
        ),
        _lead.day(
            "handed_on",
            both(en="the day the lead was handed on", zh="线索移交日期"),
            lambda lead: lead.handed_on,
        ),
    ),
)


_profile: Final[Declares[AccountProfile]] = Declares("profile")

PROFILE: Final = RecordGroup(
    "profile",
    both(en="customer's file", zh="客户档案"),
    ("AccountProfile",),
    both(en="one for a deal", zh="每个项目一份"),
    latest("AccountProfile", lambda _: None),
    (
        _profile.count(
            "missing",
            both(en="the number of parts missing in the customer's file", zh="客户档案的缺项数"),
            lambda profile: named(*profile.missing),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Forms:
    """The judgement forms of a project.

    Attributes:
        latest: The one that was judged last.
        all: All of them.
    """

    latest: StageForm
    all: tuple[StageForm, ...]

    def situation(self, stage: str) -> bool | None:
        """Whether that of a stage is written down; None where the stage has no form."""
        found = {form.actual_situation is not None for form in self.all if form.stage == stage}
        return True in found if found else None


def _forms(pile: Pile) -> _Forms | None:
    forms: tuple[StageForm, ...] = pile.all("StageForm")
    last = newest(forms, lambda form: greatest(it.on for it in form.judgements))
    return None if last is None else _Forms(last, forms)


_STAGES: Final[Mapping[str, Text]] = {
    "initiation": both(en="Initiation", zh="项目立项"),
    "first_contact": both(en="First contact", zh="初步接触"),
    "solution_design": both(en="Solution design", zh="方案设计"),
    "reference_showcase": both(en="Reference showcase", zh="业绩展示"),
    "solution_confirmation": both(en="Solution confirmation", zh="方案确认"),
    "project_evaluation": both(en="Project evaluation", zh="项目评估"),
    "negotiation": both(en="Negotiation", zh="商务谈判"),
    "signing": both(en="Signing", zh="签约成交"),
}
_SITUATION: Final = both(
    en="whether the situation of the stage “{stage}” is written down",
    zh="是否已填写“{stage}”阶段的实际状况",
)
_FORM_OF: Final = both(en="form of the stage “{stage}”", zh="“{stage}”阶段的判断表")


def _situation(stage: str, title: Text) -> RecordFact[_Forms]:
    return _form.flag(
        stage,
        filled(_SITUATION, stage=title),
        lambda forms: forms.situation(stage),
        unsaid=lambda _: (filled(_FORM_OF, stage=title),),
    )


_form: Final[Declares[_Forms]] = Declares("stage_form")

STAGE_FORM: Final = RecordGroup(
    "stage_form",
    both(en="judgement form", zh="阶段判断表"),
    ("StageForm",),
    both(
        en="the latest by its latest judgement; of a stage the forms of that stage",
        zh="取判断日期最晚的一份；各阶段的实际状况取该阶段的判断表",
    ),
    _forms,
    (
        _form.text(
            "stage",
            both(en="the stage of the latest judgement form", zh="最近一份判断表的阶段"),
            lambda forms: forms.latest.stage,
        ),
        _form.flag(
            "situation_written",
            both(en="whether the judgement form describes the situation", zh="是否已填写实际状况"),
            lambda forms: forms.latest.actual_situation is not None,
        ),
        _form.count(
            "missing_roles",
            both(en="the number of roles that have not judged", zh="尚未判断的角色数"),
            lambda forms: forms.latest.missing_roles,
        ),
        _form.count(
            "without_follow_up",
            both(en="the number of judgements without a follow-up", zh="未提出跟进措施的判断数"),
            lambda forms: forms.latest.without_follow_up,
        ),
        *(_situation(stage, title) for stage, title in _STAGES.items()),
    ),
)


_project: Final[Declares[ProjectSheet]] = Declares("project")

PROJECT: Final = RecordGroup(
    "project",
    both(en="project sheet", zh="项目立项表"),
    ("ProjectSheet",),
    the_latest("`set_up_on`", "`set_up_on`"),
    latest("ProjectSheet", lambda sheet: sheet.set_up_on),
    (
        _project.day(
            "set_up_on",
            both(en="the day the project was set up", zh="项目立项日期"),
            lambda sheet: sheet.set_up_on,
        ),
        _project.count(
            "missing",
            both(en="the number of parts missing in the project sheet", zh="项目立项表的缺项数"),
            lambda sheet: named(*(part for part in _PARTS_OF_A_SHEET if not getattr(sheet, part))),
        ),
        _project.count(
            "head_missing",
            both(
                en="the number of fields missing in the head of the project sheet",
                zh="项目立项表表头的缺项数",
            ),
            lambda sheet: named(
                *(part for part in _PARTS_OF_A_HEAD if getattr(sheet.head, part) is None)
            ),
        ),
        _project.flag(
            "sponsor_named",
            both(en="whether the project has a sponsor", zh="是否已指定项目责任高管"),
            lambda sheet: sheet.sponsor is not None,
        ),
        _project.choice(
            "importance",
            both(en="the importance of the project", zh="项目重要程度"),
            terms.LEVELS,
            lambda sheet: sheet.graded,
        ),
        _project.count(
            "team",
            both(en="the number of people who work on the project", zh="项目组人数"),
            lambda sheet: tuple(it.person for it in sheet.team),
        ),
        _project.count(
            "control_points",
            both(en="the number of control points of the project", zh="项目控制点数"),
            lambda sheet: tuple(it.title for it in sheet.control_points),
        ),
    ),
)

OF_LEADS: Final = (LEAD, PROFILE, PROJECT, STAGE_FORM)
