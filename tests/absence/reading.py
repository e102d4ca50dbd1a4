"""From the bytes of a deliverable to a finding, by the path a real dossier takes."""

from typing import Final

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import HashingEmbedder
from assistant.adapters.indicator_judge import IndicatorJudge, load_cues
from assistant.app.cases import EpreuveBench
from assistant.domain.dossier import Dossier, DossierFile, FileRole
from assistant.domain.finding import CriterionFinding
from assistant.domain.rubric import RubricSet
from assistant.review import review_criterion
from assistant.rubric_loader import load_rubric_set
from assistant.settings import bundled
from ingest.registry import read
from ingest.types import Document, SourceFile
from tests.absence.documents import Subject
from tests.corpus_docx import p, simple
from tests.factories import FixedClock
from tests.grids import SHIPPED

#: What a crossed reading compares with. It is never a source of quotes.
BRIEF: Final = simple(
    p("Commande de Kerbrat Nautisme", style="Titre1")
    + p("Maëlle Kerbrat, loueuse de kayaks à Morgat, cherche un atelier pour ses réseaux.")
)


class Bench:
    """The embedded engine at work on one deliverable at a time, all in one shared index."""

    def __init__(self) -> None:
        self.rubrics: RubricSet = load_rubric_set(SHIPPED)
        self._dense = ChromaChunkIndex(HashingEmbedder())
        self._judge = IndicatorJudge(load_cues(bundled("prompts") / "embedded_cues.v2.yaml"))
        self._brief = read(SourceFile.from_bytes("brief.docx", BRIEF))

    def draft(self, subject: Subject, data: bytes) -> CriterionFinding:
        """Read the bytes, index them, search, compute, judge and ground, as for a candidate."""
        document = read(SourceFile.from_bytes(f"livrable-{subject.epreuve}.docx", data))
        dossier = self._dossier(subject, document)
        rubric = self.rubrics.rubric(subject.epreuve)
        bench = EpreuveBench(dossier, rubric, self.rubrics, self._dense)
        case = bench.case(bench.scope(rubric.critere(subject.criterion_id)))
        return review_criterion(
            case, self._judge, bench.grounder, FixedClock(), dossier_id=dossier.id, key="k"
        )

    def _dossier(self, subject: Subject, document: Document) -> Dossier:
        files = (
            DossierFile(
                filename=document.filename,
                sha256=document.sha256,
                role=FileRole.DELIVERABLE,
                epreuves=(subject.epreuve,),
            ),
            DossierFile(
                filename=self._brief.filename, sha256=self._brief.sha256, role=FileRole.BRIEF
            ),
        )
        return Dossier(
            id=f"D-{document.sha256[:12]}",
            files=files,
            documents={d.sha256: d for d in (document, self._brief)},
        )
