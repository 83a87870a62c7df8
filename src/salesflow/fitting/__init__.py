"""Which built-in playbook fits: a few answers about how a company sells, and what they leave.

For each built-in playbook there is one rule over the answers: a rule as playbooks have them, with
the same three verdicts and the same reasons. Which playbook suits whom is our reading; the
documents behind the playbooks seldom say it. No playbook is loaded for it.
"""

from salesflow.fitting._catalogue import FittingQuestion, fitting_questions
from salesflow.fitting._fits import PlaybookFit, fitting_playbooks

__all__ = ["FittingQuestion", "PlaybookFit", "fitting_playbooks", "fitting_questions"]
