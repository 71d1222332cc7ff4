"""When what is due: the daily sync and the reports of a district as moments in time.

Times of the configuration are local ones of the district; moments are UTC, so that a change of the clocks neither loses
a run nor doubles it: a time that does not exist that day comes an hour later, of one that comes twice the first counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sheets_sync.config import Config

REPORT_MONTHS = ("06", "12")
_YEAR_AND_MORE = 400  # days looked through for the next or the last one


class ReportDue(NamedTuple):
    """Reports that fall due: of the district with all its organisations (``organisation`` ""), or of one organisation
    whose due day is another."""

    at: datetime
    period: str
    organisation: str
    due: date


@dataclass(frozen=True)
class Timetable:
    """The moments of a configuration."""

    config: Config

    @property
    def zone(self) -> tzinfo | None:
        """The district's time zone; None is the machine's."""
        name = self.config.schedule.time_zone
        if not name:
            return None
        from zoneinfo import ZoneInfo

        return ZoneInfo(name)

    def day_of(self, moment: datetime) -> date:
        """The district's date at a moment."""
        return moment.astimezone(self.zone).date()

    def moment(self, day: date, at: time) -> datetime:
        """The moment of a local time on a day."""
        zone = self.zone
        local = datetime.combine(day, at, zone) if zone else datetime.combine(day, at).astimezone()
        return local.astimezone(UTC)

    def next_daily(self, after: datetime) -> datetime | None:
        """The first daily sync later than a moment; None when every day is a day off."""
        for day in self._days(self.day_of(after), 1):
            if day not in self.config.schedule.days_off:
                at = self.moment(day, self.config.schedule.daily)
                if at > after:
                    return at
        return None

    def last_daily(self, until: datetime) -> datetime | None:
        """The last daily sync that was due by a moment."""
        for day in self._days(self.day_of(until), -1):
            if day not in self.config.schedule.days_off:
                at = self.moment(day, self.config.schedule.daily)
                if at <= until:
                    return at
        return None

    def reports(self, year: int) -> list[ReportDue]:
        """The reports of a calendar year, in the order of their moments."""
        found = []
        for month in REPORT_MONTHS:
            period = f"{year}-{month}"
            district = self.config.due.on(period)
            found.append(self._report(period, "", district))
            for organisation in self.config.organisations:
                due = self.config.due_of(organisation.id).on(period)
                if due != district:
                    found.append(self._report(period, organisation.id, due))
        return sorted(found)

    def _report(self, period: str, organisation: str, due: date) -> ReportDue:
        return ReportDue(self.moment(due, self.config.schedule.report_at), period, organisation, due)

    def next_report(self, after: datetime) -> ReportDue:
        """The first report later than a moment."""
        year = self.day_of(after).year
        return next(one for y in (year - 1, year, year + 1, year + 2) for one in self.reports(y) if one.at > after)

    def last_reports(self, until: datetime) -> list[ReportDue]:
        """Of the district and of each organisation with a due day of its own, the last report due by a moment."""
        year = self.day_of(until).year
        last: dict[str, ReportDue] = {}
        for y in (year - 2, year - 1, year):
            for one in self.reports(y):
                if one.at <= until:
                    last[one.organisation] = one
        return sorted(last.values())

    @staticmethod
    def _days(first: date, step: int) -> Iterator[date]:
        # a day earlier on the way forth, a day later on the way back: the first moment compared decides
        for count in range(-1, _YEAR_AND_MORE):
            yield first + timedelta(days=count * step)


def began(run: Mapping[str, Any] | None) -> datetime | None:
    """The moment a recorded run began: its time is the machine's local one. Of an hour that comes twice the first is
    taken, so that a doubt ends in one sync too many rather than in none."""
    try:
        return datetime.fromisoformat(str((run or {})["started"])).astimezone(UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
