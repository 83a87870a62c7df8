"""Due dates: what a playbook's cadences ask for, and when."""

from salesflow.schedule._calendar import (
    USUAL_HOURS,
    CalendarEnds,
    NamedDays,
    OpeningHours,
    WorkCalendar,
)
from salesflow.schedule._due_dates import duties
from salesflow.schedule._duty import Duty, Escalation
from salesflow.schedule._holidays import CountryCalendar, country_calendar
from salesflow.schedule._span import added
from salesflow.schedule._work_time import on_workday

__all__ = [
    "USUAL_HOURS",
    "CalendarEnds",
    "CountryCalendar",
    "Duty",
    "Escalation",
    "NamedDays",
    "OpeningHours",
    "WorkCalendar",
    "added",
    "country_calendar",
    "duties",
    "on_workday",
]
