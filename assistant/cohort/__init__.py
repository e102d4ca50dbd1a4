"""A cohort before it is run: who is in it, what is wrong with it, what it will take.

Nothing here opens a candidate's file or calls a model.
"""

from assistant.cohort.anomalies import Anomaly, AnomalyKind, FileSighting, across, of_dossier
from assistant.cohort.estimate import Calibration, Estimate, Estimator, RequestShape
from assistant.cohort.money import parse_euros
from assistant.cohort.source import Candidate, CohortSource, ListedFile, read_folder, read_listing

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "Calibration",
    "Candidate",
    "CohortSource",
    "Estimate",
    "Estimator",
    "FileSighting",
    "ListedFile",
    "RequestShape",
    "across",
    "of_dossier",
    "parse_euros",
    "read_folder",
    "read_listing",
]
