"""A cohort before it is run: who is in it, what is wrong with it, what it will take.

Nothing here opens a candidate's file or calls a model.
"""

from assistant.cohort.anomalies import Anomaly, AnomalyKind, FileSighting, across, of_dossier
from assistant.cohort.estimate import (
    BlankRequest,
    BlankRequests,
    Calibration,
    Estimate,
    Estimator,
    RequestShape,
)
from assistant.cohort.money import parse_euros
from assistant.cohort.similarity import (
    Closeness,
    ClosePassage,
    CommonText,
    PassageSide,
    close_passages,
    many,
)
from assistant.cohort.source import Candidate, CohortSource, ListedFile, read_folder, read_listing
from assistant.cohort.windows import ComparedText, Sentence, sentences_of

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "BlankRequest",
    "BlankRequests",
    "Calibration",
    "Candidate",
    "ClosePassage",
    "Closeness",
    "CohortSource",
    "CommonText",
    "ComparedText",
    "Estimate",
    "Estimator",
    "FileSighting",
    "ListedFile",
    "PassageSide",
    "RequestShape",
    "Sentence",
    "across",
    "close_passages",
    "many",
    "of_dossier",
    "parse_euros",
    "read_folder",
    "read_listing",
    "sentences_of",
]
