"""The statistics of an installation."""

from assistant.app.application import App
from assistant.domain.statistics import Statistics, compute
from assistant.statistics_ports import DeskRecords


class StatisticsDesk:
    """Counts what people did. Nothing of it is kept: each call reads the store again."""

    def __init__(self, app: App, records: DeskRecords) -> None:
        self._records = records
        self._readers = app.rubrics.certification.relecture.evaluateurs
        self.least = app.settings.statistics_min_sample
        self.quick = app.settings.untouched_seconds

    def figures(self, epreuve: str = "") -> Statistics:
        """The figures, of one épreuve when it is named.

        What one reader may not yet know of another's rulings is not counted yet.
        Raises: `StoreUnavailable`.
        """
        readings = [
            reading
            for reading in self._records.readings()
            if reading.assessment.shows_others(self._readers)
            and (not epreuve or reading.epreuve == epreuve)
        ]
        return compute(readings, self._records.origins(), quick=self.quick)
