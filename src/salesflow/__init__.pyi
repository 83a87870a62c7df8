from typing import Final

from salesflow import (
    documents as documents,
    domain as domain,
    engine as engine,
    errors as errors,
    facts as facts,
    fitting as fitting,
    money as money,
    pipeline as pipeline,
    playbook as playbook,
    plots as plots,
    plugins as plugins,
    qualify as qualify,
    records as records,
    rules as rules,
    schedule as schedule,
    text as text,
)
from salesflow.domain import (
    Account as Account,
    Contact as Contact,
    HostDeal as HostDeal,
    NewOpportunity as NewOpportunity,
    Opportunity as Opportunity,
    Progress as Progress,
    TeamMember as TeamMember,
)
from salesflow.engine import (
    Adopt as Adopt,
    Advance as Advance,
    Amend as Amend,
    Annotation as Annotation,
    Answer as Answer,
    AnyCommand as AnyCommand,
    Attest as Attest,
    CallForecast as CallForecast,
    Command as Command,
    Complete as Complete,
    Decision as Decision,
    Delegate as Delegate,
    Disqualify as Disqualify,
    Engines as Engines,
    Event as Event,
    Hold as Hold,
    Judge as Judge,
    Lose as Lose,
    Migrate as Migrate,
    MoveTo as MoveTo,
    MoveTrack as MoveTrack,
    Reopen as Reopen,
    Request as Request,
    Resume as Resume,
    Retract as Retract,
    Review as Review,
    StageEngine as StageEngine,
    Start as Start,
    Veto as Veto,
    Waive as Waive,
    Win as Win,
    Withdraw as Withdraw,
    facts_of as facts_of,
    read_command as read_command,
    field_history as field_history,
    read_events as read_events,
    stage_history as stage_history,
    write_events as write_events,
)
from salesflow.errors import (
    SalesflowError as SalesflowError,
)
from salesflow.facts import (
    Fact as Fact,
    FactKind as FactKind,
    Facts as Facts,
)
from salesflow.fitting import (
    PlaybookFit as PlaybookFit,
    fitting_playbooks as fitting_playbooks,
    fitting_questions as fitting_questions,
)
from salesflow.money import (
    Money as Money,
    Rates as Rates,
)
from salesflow.pipeline import (
    PipelineReport as PipelineReport,
    check_pipeline as check_pipeline,
)
from salesflow.playbook import (
    Playbook as Playbook,
)
from salesflow.plugins import (
    PlaybookInfo as PlaybookInfo,
    available_playbooks as available_playbooks,
    load_playbook as load_playbook,
)
from salesflow.qualify import (
    Score as Score,
)
from salesflow.records import (
    AnyRecord as AnyRecord,
    record_facts as record_facts,
)
from salesflow.rules import (
    Blocker as Blocker,
    Finding as Finding,
    Rule as Rule,
    Verdict as Verdict,
)
from salesflow.text import (
    Text as Text,
)

__version__: Final[str]
