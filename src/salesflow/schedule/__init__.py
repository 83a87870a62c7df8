"""Due dates: what a playbook's cadences ask for, and when."""

from salesflow.schedule._calendar import WorkCalendar, on_workday
from salesflow.schedule._due import Duty, duties
from salesflow.schedule._span import added

__all__ = ["Duty", "WorkCalendar", "added", "duties", "on_workday"]
