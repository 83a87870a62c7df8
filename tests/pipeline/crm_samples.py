"""The same pipeline as the exports of many CRMs have it, and the logs of its stages.

The deals are ours; the columns are those that the CRMs publish, as `layouts.toml` says for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesflow.pipeline.exports import Export, cordyscrm, dynamics, odoo, pipedrive, zoho

TEXT = "@OData.Community.Display.V1.FormattedValue"


@dataclass(frozen=True)
class Crm:
    """One CRM, and what its exports look like.

    Attributes:
        export: Ours of it.
        deals: By form, the deals A (won on 31 March), B (lost on 2 May) and C (open).
        history: By form, how A came from Qualify to Propose, Sign and its end, and B to its end.
        labels: What stages are called, where they are not called Qualify, Propose and Sign.
    """

    export: Export
    deals: Mapping[str, Mapping[str, Sequence[Any]]]
    history: Mapping[str, Mapping[str, Sequence[Any]]]
    labels: Mapping[str, str] = field(default_factory=dict)


IDS = ["A", "B", "C"]
AMOUNTS = [1000.0, 200.0, 30.5]
CHANCES = [100, 0, 40]
CREATED = ["2026-01-05T08:00:00Z", "2026-01-06T08:00:00Z", "2026-04-01T08:00:00Z"]
PLAIN = ["2026-01-05 08:00:00", "2026-01-06 08:00:00", "2026-04-01 08:00:00"]
CLOSED = ["2026-03-31", "2026-05-02", None]
EXPECTED = ["2026-03-31", "2026-05-02", "2026-09-30"]
OWNERS = ["li.wei", "li.wei", "wang"]
CUSTOMERS = ["Acme", "Umbrella", "Initech"]
STAGES = ["Sign", "Qualify", "Propose"]
ENDED = ["Closed Won", "Closed Lost", "Propose"]
CHINESE = ["成功", "失败", "方案验证"]

# Of A: three changes after its beginning; of B: one.
MOVED = ["A", "A", "A", "B"]
OLD = ["Qualify", "Propose", "Sign", "Qualify"]
NEW = ["Propose", "Sign", "Closed Won", "Closed Lost"]
AT = [f"2026-0{month}-01T09:00:00Z" for month in (2, 3, 4, 5)]


def _odoo(names: Sequence[str], **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    values: list[Sequence[Any]] = [
        IDS,
        STAGES,
        AMOUNTS,
        CHANCES,
        EXPECTED,
        PLAIN,
        CLOSED,
        OWNERS,
        CUSTOMERS,
    ]
    return dict(zip(names, values, strict=True)) | more


CRMS: Mapping[str, Crm] = {
    "zoho": Crm(
        zoho,
        {
            "interface": {
                "id": IDS,
                "Deal_Name": ["a", "b", "c"],
                "Stage": ENDED,
                "Amount": AMOUNTS,
                "Probability": CHANCES,
                "Closing_Date": EXPECTED,
                "Created_Time": CREATED,
                "Owner.name": OWNERS,
                "Account_Name.name": CUSTOMERS,
            },
            "file": {
                "Record Id": IDS,
                "Deal Owner.id": ["zcrm_1", "zcrm_1", "zcrm_2"],
                "Deal Owner": OWNERS,
                "Deal Name": ["a", "b", "c"],
                "Stage": ["Closed Won", "Closed-Lost to Competition", "Propose"],
                "Amount": ["1,000.00", "200.00", "30.50"],
                "Probability (%)": CHANCES,
                "Closing Date": EXPECTED,
                "Created Time": PLAIN,
                "Account Name": CUSTOMERS,
            },
            "Chinese": {
                "Record Id": IDS,
                "商机所有者": OWNERS,
                "阶段": ["已成交-赢得", "已关闭-丢失", "Propose"],
                "金额": AMOUNTS,
                "可能性 (%)": CHANCES,
                "预计成交日期": EXPECTED,
                "创建时间": PLAIN,
                "账户名称": CUSTOMERS,
            },
        },
        {
            # Of each stage, when it was entered and what came after it.
            "related list": {
                "Potential_Name.id": ["A", "A", "A", "A", "B", "B", "C"],
                "Stage": [*OLD[:3], "Closed Won", "Qualify", "Closed Lost", "Propose"],
                "Modified_Time": [CREATED[0], *AT[:3], CREATED[1], AT[3], CREATED[2]],
                "Moved_To__s": [*NEW[:3], None, "Closed Lost", None, None],
            }
        },
        {"Closed-Lost to Competition": "lost", "已成交-赢得": "won", "已关闭-丢失": "lost"},
    ),
    "pipedrive": Crm(
        pipedrive,
        {
            "interface": {
                "id": IDS,
                "title": ["a", "b", "c"],
                "stage_id": [12, 10, 11],
                "value": AMOUNTS,
                "currency": ["EUR"] * 3,
                "status": ["won", "lost", "open"],
                "probability": CHANCES,
                "add_time": CREATED,
                "close_time": ["2026-03-31T12:00:00Z", "2026-05-02T12:00:00Z", None],
                "expected_close_date": EXPECTED,
                "owner_name": OWNERS,
                "org_name": CUSTOMERS,
            },
            "file": {
                "Deal - ID": IDS,
                "Deal - Title": ["a", "b", "c"],
                "Deal - Stage": STAGES,
                "Deal - Value": AMOUNTS,
                "Deal - Currency of value": ["EUR"] * 3,
                "Deal - Status": ["Won", "Lost", "Open"],
                "Deal - Probability": CHANCES,
                "Deal - Deal created": PLAIN,
                "Deal - Deal closed on": ["2026-03-31 12:00:00", "2026-05-02 12:00:00", None],
                "Deal - Expected close date": EXPECTED,
                "Deal - Owner": OWNERS,
                "Deal - Organization": CUSTOMERS,
                "Organization - Owner": ["boss"] * 3,
            },
        },
        {
            "changelog": {
                "deal_id": ["A", "A", "A", "B"],
                "field_key": ["stage_id", "value", "stage_id", "title"],
                "old_value": ["10", "1", "11", "b"],
                "new_value": ["11", "2", "12", "B"],
                "time": [AT[0], AT[0], AT[1], AT[3]],
            },
            "flow": {
                "object": ["dealChange", "dealChange", "activity"],
                "timestamp": ["2026-02-01 09:00:00", "2026-03-01 09:00:00", "2026-03-02 09:00:00"],
                "data.item_id": ["A", "A", None],
                "data.field_key": ["stage_id", "stage_id", None],
                "data.old_value": ["10", "11", None],
                "data.new_value": ["11", "12", None],
                "data.additional_data.old_value_formatted": ["Qualify", "Propose", None],
                "data.additional_data.new_value_formatted": ["Propose", "Sign", None],
                "data.log_time": ["2026-02-01 09:00:00", "2026-03-01 09:00:00", None],
            },
        },
        {"10": "qualify", "11": "propose", "12": "sign"},
    ),
    "dynamics": Crm(
        dynamics,
        {
            "interface": {
                "opportunityid": IDS,
                "name": ["a", "b", "c"],
                "stepname": ["3-Sign", "1-Qualify", "2-Propose"],
                "estimatedvalue": AMOUNTS,
                "closeprobability": CHANCES,
                "estimatedclosedate": EXPECTED,
                "actualclosedate": CLOSED,
                "createdon": CREATED,
                "statecode": [1, 2, 0],
                "statuscode": [3, 4, 1],
                "_ownerid_value": ["u1", "u1", "u2"],
                f"_ownerid_value{TEXT}": OWNERS,
                f"_customerid_value{TEXT}": CUSTOMERS,
            },
            "file": {
                "(Do Not Modify) Opportunity": IDS,
                "Topic": ["a", "b", "c"],
                "Pipeline Phase": ["3-Sign", "1-Qualify", "2-Propose"],
                "Est. Revenue": AMOUNTS,
                "Probability": CHANCES,
                "Est. Close Date": EXPECTED,
                "Actual Close Date": CLOSED,
                "Created On": PLAIN,
                "Status": ["Won", "Lost", "Open"],
                "Status Reason": ["Won", "Canceled", "In Progress"],
                "Owner": OWNERS,
                "Potential Customer": CUSTOMERS,
            },
        },
        {
            "audit": {
                "AuditRecord._objectid_value": ["A", "A", "A", "B"],
                "AuditRecord.createdon": [AT[0], AT[1], AT[1], AT[3]],
                "OldValue.stepname": ["1-Qualify", "2-Propose", None, None],
                "NewValue.stepname": ["2-Propose", "3-Sign", None, None],
                "NewValue.estimatedvalue": [None, None, 1000.0, 200.0],
            }
        },
    ),
    "odoo": Crm(
        odoo,
        {
            "interface": _odoo(
                [
                    "id",
                    "stage_id/name",
                    "expected_revenue",
                    "probability",
                    "date_deadline",
                    "create_date",
                    "date_closed",
                    "user_id",
                    "partner_name",
                ],
                won_status=["won", "lost", "pending"],
            )
            | {"stage_id": STAGES},
            "file": _odoo(
                [
                    "ID",
                    "Stage",
                    "Expected Revenue",
                    "Probability",
                    "Expected Closing",
                    "Created on",
                    "Closed Date",
                    "Salesperson",
                    "Customer",
                ],
                **{"Is Won": ["Won", "Lost", "Pending"]},
            ),
            "Chinese": _odoo(
                [
                    "ID",
                    "阶段",
                    "预期收益",
                    "概率(%)",
                    "预期结束",
                    "创建时间",
                    "关闭日期",
                    "销售员",
                    "客户",
                ],
                won_status=["won", "lost", "pending"],
            ),
        },
        {
            "tracking": {
                "id": [1, 2, 3],
                "field": ["stage_id", "user_id", "stage_id"],
                "old_value_char": ["Qualify", "li.wei", "Propose"],
                "new_value_char": ["Propose", "wang", "Sign"],
                "res_id": ["A", "A", "A"],
                "date": ["2026-02-01 09:00:00", "2026-02-01 09:00:00", "2026-03-01 09:00:00"],
            },
            "Chinese": {
                "id": [1, 2, 3],
                "field_desc": ["阶段", "销售员", "阶段"],
                "old_value_char": ["Qualify", "li.wei", "Propose"],
                "new_value_char": ["Propose", "wang", "Sign"],
                "res_id": ["A", "A", "A"],
                "date": ["2026-02-01 09:00:00", "2026-02-01 09:00:00", "2026-03-01 09:00:00"],
            },
        },
    ),
    "cordyscrm": Crm(
        cordyscrm,
        {
            "Chinese": {
                "商机名称": ["a", "b", "c"],
                "业务编码": IDS,
                "客户名称": CUSTOMERS,
                "商机来源": ["电话营销", "其他", "Github"],
                "金额": ["1,000.00", "200.00", "30.50"],
                "结束时间": EXPECTED,
                "可能性": ["100%", "0%", "40%"],
                "负责人": OWNERS,
                "商机阶段": CHINESE,
                "最新跟进时间": PLAIN,
                "实际结束时间": CLOSED,
                "创建时间": PLAIN,
            },
            "interface": {
                "id": IDS,
                "name": ["a", "b", "c"],
                "customerName": CUSTOMERS,
                "amount": AMOUNTS,
                "possible": CHANCES,
                "ownerName": OWNERS,
                "stage": ["SUCCESS", "FAIL", "SCHEME_VALIDATION"],
                "stageName": CHINESE,
                "expectedEndTime": EXPECTED,
                "actualEndTime": CLOSED,
                "createTime": PLAIN,
            },
        },
        {
            "log": {
                "resourceId": ["A", "A", "A", "A", "B"],
                "createTime": [PLAIN[0], *(f"2026-0{n}-01 09:00:00" for n in (2, 3, 4, 5))],
                "column": ["amount", "stage", "stage", "stage", "stage"],
                "columnName": ["金额", "商机阶段", "商机阶段", "商机阶段", "商机阶段"],
                "oldValueName": ["1", "需求明确", "方案验证", "商务采购", "需求明确"],
                "newValueName": ["2", "方案验证", "商务采购", "成功", "失败"],
            }
        },
        {"成功": "won", "失败": "lost"},
    ),
}
