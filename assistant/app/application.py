"""The use cases of the product, each one method. The page and the command line call nothing else."""

import json
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from assistant import decisions
from assistant.app.cases import EpreuveBench
from assistant.app.intake import READER_VERSION, open_folder, upload_pseudonym
from assistant.app.judges import JudgeName, build_index, build_judge
from assistant.app.runner import EpreuveRunner, OnResult, unreadable_findings
from assistant.domain.decision import HumanDecision
from assistant.domain.dossier import Dossier, DossierSummary
from assistant.domain.finding import CriterionFinding, Finding
from assistant.domain.report import Report, build_report
from assistant.domain.rubric import Rubric, RubricSet
from assistant.domain.verdict import Verdict
from assistant.dossiers import MANIFEST_NAME, Assignment
from assistant.errors import UnknownCriterion, UnknownDossier, UnknownEpreuve
from assistant.ports import Clock, DossierRecord, ReviewStore
from assistant.reporting import grid_docx, report_json
from assistant.settings import Settings
from ingest.types import Frozen
