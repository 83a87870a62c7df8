"""Due dates: what a playbook's cadences ask for, and when."""

from salesflow.schedule._calendar import CalendarEnds, NamedDays, WorkCalendar, on_workday
from salesflow.schedule._due_dates import duties
from salesflow.schedule._duty import Duty
from salesflow.schedule._holidays import CountryCalendar, country_calendar
from salesflow.schedule._span import added

__all__ = [
    "CalendarEnds",
    "CountryCalendar",
    "Duty",
    "NamedDays",
    "WorkCalendar",
    "added",
    "country_calendar",
    "duties",
    "on_workday",
]
