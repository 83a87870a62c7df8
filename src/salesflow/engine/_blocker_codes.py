"""Every code that a blocker can have: what it means, and what to do.

The page `blockers.md` of the reference is made of this table; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from salesflow.rules import BlockerCode
from salesflow.text import Text, both


class CodeWords(NamedTuple):
    """What is said of a code.

    Attributes:
        meaning: When a blocker has it.
        fix: What to do about it.
        title: What ought to hold, where that is the same for every deal; such a blocker has the
            `fix` above, too.
    """

    meaning: Text
    fix: Text
    title: Text | None = None


BLOCKER_CODES: Final[Mapping[BlockerCode, CodeWords]] = {
    "no": CodeWords(
        meaning=both(
            en="A value that a rule reads is not what the rule asks for.",
            zh="规则所读取的值不符合要求。",
        ),
        fix=both(
            en="Change the value: fix says what it is and what it must be",
            zh="请修改该值：fix说明现值与要求",
        ),
    ),
    "unknown": CodeWords(
        meaning=both(en="A value that a rule reads is not known.", zh="规则所读取的值未知。"),
        fix=both(en="Find it out and enter it", zh="请了解并填写该值"),
    ),
    "any_of": CodeWords(
        meaning=both(
            en="A rule has alternatives, and too few of them hold.",
            zh="规则有多种可选条件，满足的不够。",
        ),
        fix=both(
            en="Deal with as many entries of any_of as needed says",
            zh="请按needed的数目处理any_of中的条目",
        ),
    ),
    "all_of": CodeWords(
        meaning=both(
            en="One of the alternatives consists of several things.", zh="某一可选条件由多项组成。"
        ),
        fix=both(
            en="Deal with every entry of because, or take another alternative",
            zh="请处理because中的每一项，或改用其他可选条件",
        ),
    ),
    "computed": CodeWords(
        meaning=both(
            en="A rule of the playbook that is not met; or somebody tried to attest it.",
            zh="该条件由流程规则计算且未满足；或有人试图直接确认它。",
        ),
        fix=both(
            en="It follows from the facts of the deal; change those",
            zh="它由商机的事实得出，请更新相应事实",
        ),
        title=both(en="The criterion is attested by a person", zh="该条件由人确认"),
    ),
    "attested": CodeWords(
        meaning=both(
            en="Nobody has attested the criterion yet, or somebody has denied it.",
            zh="该条件尚未确认，或已被否认。",
        ),
        fix=both(en="Attest it in the role that answers for it", zh="请由负责的角色确认"),
    ),
    "decision": CodeWords(
        meaning=both(
            en="The decision to go on is not made, is on hold, or was made against it.",
            zh="尚未决定继续，或已暂缓，或已决定放弃。",
        ),
        fix=both(en="Judge the point in its role", zh="请由相应角色对该决策点作出决定"),
    ),
    "judgement": CodeWords(
        meaning=both(
            en="Too few of the roles that judge the criterion have said go.",
            zh="同意该条件的角色不足。",
        ),
        fix=both(
            en="Judge it in each of the roles that are missing", zh="请由尚未表态的角色作出判断"
        ),
    ),
    "instruments": CodeWords(
        meaning=both(
            en="An instrument for a deal of this size is not complete, or the size is not known.",
            zh="商机规模所要求的工具尚未完成，或规模未知。",
        ),
        fix=both(en="Complete what because lists", zh="请完成because所列各项"),
    ),
    "instrument": CodeWords(
        meaning=both(
            en="An instrument is not complete, or questions of its checklist were not asked.",
            zh="工具尚未完成，或其清单仍有问题未提问。",
        ),
        fix=both(
            en="Ask the questions that are left, then complete it",
            zh="请先提完余下的问题，再完成该工具",
        ),
    ),
    "not_started": CodeWords(
        meaning=both(en="The deal is not started.", zh="商机尚未启动。"),
        fix=both(en="Start or adopt it first", zh="请先启动或接管该商机"),
        title=both(en="The deal has been started", zh="商机已启动"),
    ),
    "already_started": CodeWords(
        meaning=both(en="The deal was started or adopted before.", zh="商机此前已启动或接管。"),
        fix=both(
            en="It was started before; go on from where it is", zh="它已启动，请从当前阶段继续"
        ),
        title=both(en="The deal is not under a playbook yet", zh="商机尚未纳入流程"),
    ),
    "ended": CodeWords(
        meaning=both(en="The deal has ended.", zh="商机已结束。"),
        fix=both(
            en="It has ended; only reopening it changes it", zh="它已结束，只有重新打开才能变动"
        ),
        title=both(en="The deal is still going on", zh="商机仍在进行"),
    ),
    "not_ended": CodeWords(
        meaning=both(
            en="Only a deal that has ended is reopened.", zh="只有已结束的商机才能重新打开。"
        ),
        fix=both(en="It is still going on; move it instead", zh="它仍在进行，请直接移动阶段"),
        title=both(en="The deal has ended", zh="商机已结束"),
    ),
    "already_closed": CodeWords(
        meaning=both(
            en="The deal was won, lost or disqualified before.", zh="商机已赢单、输单或不合格。"
        ),
        fix=both(en="Its outcome is settled already", zh="它的结果已经确定"),
        title=both(en="The deal is open", zh="商机尚未有结果"),
    ),
    "already_there": CodeWords(
        meaning=both(
            en="The deal is already in the stage that the command names.",
            zh="商机已处于命令所指的阶段。",
        ),
        fix=both(en="It is in that stage already", zh="它已处于该阶段"),
        title=both(en="The deal is not yet in that stage", zh="商机尚未处于该阶段"),
    ),
    "already_migrated": CodeWords(
        meaning=both(
            en="The deal already follows this version of the playbook.",
            zh="商机已遵循流程的当前版本。",
        ),
        fix=both(en="It follows this one already", zh="它已遵循当前版本"),
        title=both(
            en="The deal follows another version of the playbook", zh="商机遵循流程的其他版本"
        ),
    ),
    "on_hold": CodeWords(
        meaning=both(en="The deal is on hold.", zh="商机处于暂缓状态。"),
        fix=both(en="Resume it once what it waits for is there", zh="所等待的条件满足后请恢复"),
    ),
    "not_on_hold": CodeWords(
        meaning=both(en="Only a deal on hold is resumed.", zh="只有暂缓的商机才能恢复。"),
        fix=both(en="It is not on hold; it can go on as it is", zh="它并未暂缓，可直接推进"),
        title=both(en="The deal is on hold", zh="商机处于暂缓状态"),
    ),
    "role": CodeWords(
        meaning=both(
            en="The person acts in none of the roles that may do this.",
            zh="此人的角色无权进行此操作。",
        ),
        fix=both(
            en="Have it done by somebody in the role that the blocker names",
            zh="请由所列角色的人员进行",
        ),
    ),
    "not_from_here": CodeWords(
        meaning=both(
            en="The playbook allows it, but not in the present stage.",
            zh="流程允许此操作，但当前阶段不可以。",
        ),
        fix=both(en="Do it in a stage that allows it", zh="请在允许的阶段进行"),
        title=both(en="The present stage allows it", zh="当前阶段允许此操作"),
    ),
    "not_allowed": CodeWords(
        meaning=both(en="The playbook's policy does not allow it.", zh="流程规定不允许此操作。"),
        fix=both(
            en="The policy does not allow it; use the ordinary way",
            zh="规定不允许，请按常规流程进行",
        ),
        title=both(en="The playbook's policy allows it", zh="流程规定允许此操作"),
    ),
    "why_missing": CodeWords(
        meaning=both(
            en="The policy asks for a reason, and the command has no note.",
            zh="流程规定要求说明理由，而命令没有说明。",
        ),
        fix=both(en="Give a note with the reason", zh="请填写说明，写明理由"),
        title=both(en="A reason is given", zh="已说明理由"),
    ),
    "note_missing": CodeWords(
        meaning=both(
            en="The reason for losing or disqualifying asks for a note.",
            zh="所选的输单或不合格原因要求填写说明。",
        ),
        fix=both(en="This reason asks for a note", zh="选择该原因时须填写说明"),
        title=both(en="The reason is explained", zh="已说明原因"),
    ),
    "advisory": CodeWords(
        meaning=both(en="Only a required criterion is waived.", zh="只有必要条件才能豁免。"),
        fix=both(en="It only advises; there is nothing to waive", zh="它只是建议，无须豁免"),
        title=both(en="The criterion is required", zh="该条件为必要条件"),
    ),
    "no_end_here": CodeWords(
        meaning=both(
            en="The process does not end in the present stage.", zh="流程不能在当前阶段结束。"
        ),
        fix=both(en="Go on to a stage where it may end", zh="请推进到可以结束的阶段"),
        title=both(en="The process may end here", zh="流程可在此结束"),
    ),
    "not_reached": CodeWords(
        meaning=both(
            en="The deal was never in the stage that the command names.",
            zh="商机从未到达命令所指的阶段。",
        ),
        fix=both(en="Choose a stage that it reached", zh="请选择它曾到达的阶段"),
        title=both(en="The deal was in that stage", zh="商机确曾到达该阶段"),
    ),
    "not_winning_stage": CodeWords(
        meaning=both(
            en="The deal is not in the stage where deals are won.", zh="商机不在可以赢单的阶段。"
        ),
        fix=both(en="Advance it there first", zh="请先推进到该阶段"),
        title=both(en="The deal is in the stage where deals are won", zh="商机处于可以赢单的阶段"),
    ),
    "winning_skipped": CodeWords(
        meaning=both(
            en="A skip or a later start would pass the stage where deals are won.",
            zh="跳过阶段或从后续阶段开始会越过赢单阶段。",
        ),
        fix=both(en="Win it first; no skip leads past that stage", zh="请先赢单，不能跳过该阶段"),
        title=both(en="A deal is won on the way to what comes after", zh="赢单之后的阶段须先赢单"),
    ),
    "not_here": CodeWords(
        meaning=both(
            en="The present stage does not ask for this decision or judgement.",
            zh="当前阶段不需要此决策或判断。",
        ),
        fix=both(en="Decide it in the stage that asks for it", zh="请在需要此决策的阶段进行决策"),
        title=both(en="The decision is due in the present stage", zh="当前阶段需要作此决策"),
    ),
    "review_in_past": CodeWords(
        meaning=both(
            en="The day of review lies before the day of the command.", zh="复核日期早于命令日期。"
        ),
        fix=both(en="Give a day from today on", zh="请填写今天或以后的日期"),
        title=both(en="The day of review is still to come", zh="复核日期尚未到来"),
    ),
    "answer": CodeWords(
        meaning=both(
            en="The answer does not fit the type of its question.", zh="答案不符合问题的类型。"
        ),
        fix=both(
            en='Give what the question allows, or mark="?"',
            zh='请给出问题允许的答案，或使用mark="?"',
        ),
    ),
    "unmapped": CodeWords(
        meaning=both(
            en="The playbook has no migration for the deal's version, or none for its stage.",
            zh="流程没有该版本或该阶段的迁移定义。",
        ),
        fix=both(en="Add it to the playbook's migrations", zh="请在流程的migrations中补充"),
    ),
    "kept_by_host": CodeWords(
        meaning=both(
            en="The deal is a HostDeal, whose fields cannot be amended.",
            zh="该商机为HostDeal，其字段无法更改。",
        ),
        fix=both(en="Change them in the application", zh="请在业务系统中修改"),
        title=both(
            en="The deal's fields are kept in an Opportunity", zh="商机字段由Opportunity保存"
        ),
    ),
    "own_deal": CodeWords(
        meaning=both(
            en="The owner of the deal would vouch for it, which the playbook rules out.",
            zh="商机负责人试图为自己的商机作保，流程不允许。",
        ),
        fix=both(en="Let somebody else do it", zh="请由他人进行"),
        title=both(en="It is not the owner's own word", zh="不是负责人自己的意见"),
    ),
    "same_person": CodeWords(
        meaning=both(
            en="One person would speak for several roles, where each takes another person.",
            zh="同一人试图代表多个角色，而每个角色须由不同的人代表。",
        ),
        fix=both(en="Let somebody else speak for this role", zh="请由他人代表该角色"),
        title=both(en="Each role is spoken for by another person", zh="每个角色由不同的人代表"),
    ),
    "role_for_oneself": CodeWords(
        meaning=both(
            en="Somebody would have a role that they gave to themselves.",
            zh="有人试图为自己授予角色。",
        ),
        fix=both(en="Let somebody else amend the team", zh="请由他人修改团队成员"),
        title=both(en="Nobody gives a role to themselves", zh="任何人不得为自己授予角色"),
    ),
    "which_point": CodeWords(
        meaning=both(
            en="A judgement names no point, and several are to be decided here.",
            zh="判断未指明决策点，而此处有多个待决策点。",
        ),
        fix=both(
            en="Say which one with point=; the first of them is the key of this blocker",
            zh="请用point=指明；其中第一个即本条的key",
        ),
        title=both(en="It is clear what is decided", zh="已明确决策的对象"),
    ),
    "nothing_to_judge": CodeWords(
        meaning=both(
            en="A role judges where the playbook asks nothing of it.",
            zh="流程在此处并不要求该角色作出判断。",
        ),
        fix=both(
            en="Judge in a stage that asks for it, or put a note on the deal",
            zh="请在需要判断的阶段进行，或在商机上留下说明",
        ),
        title=both(en="The present stage asks for this judgement", zh="当前阶段需要此判断"),
    ),
    "won_too_early": CodeWords(
        meaning=both(
            en="A deal is adopted as won in a stage before the one where deals are won.",
            zh="按已赢单接管商机，但所给阶段在赢单阶段之前。",
        ),
        fix=both(
            en="Adopt it as open, or in the stage where it was won",
            zh="请按未结束接管，或在其赢单的阶段接管",
        ),
        title=both(
            en="The deal is in a stage where deals are won, or past it",
            zh="商机处于可以赢单的阶段或其后的阶段",
        ),
    ),
    "veto": CodeWords(
        meaning=both(en="A hook of the application refused it.", zh="应用程序的钩子拒绝了此操作。"),
        fix=both(en="The blocker's title and fix are the hook's own", zh="title与fix由该钩子给出"),
    ),
}
