"""The machine's clock, behind port `Clock`."""

from datetime import UTC, datetime


class SystemClock:
    """The time of this machine, in its own zone, so that a report shows the hour people saw."""

    def now(self) -> datetime:
        return datetime.now(UTC).astimezone()
