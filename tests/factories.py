"""Small valid objects for tests: a certification of another trade, documents made of lines."""

from collections.abc import Sequence
from datetime import UTC, datetime

from assistant.domain.case import (
    AttenduJudgement,
    ComparedPiece,
    CriterionCase,
    Judgement,
    Passage,
    Passages,
)
from assistant.domain.finding import CheckResult, EngineId
from assistant.domain.rubric import (
    Appreciation,
    Attendu,
    Bloc,
    Certification,
    Competence,
    CriteriaGroup,
    Criterion,
    Evaluable,
    Lecture,
    Portee,
    Rubric,
    RubricSet,
    Seuils,
)
from assistant.domain.verdict import AttenduStatus, Verdict, VerdictRule
from ingest.building import DocumentBuilder
from ingest.chunking import Chunk
from ingest.types import BlockKind, Document, Locator, SourceFile, UnreadPart

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FixedClock:
    """Always the same time."""

    def now(self) -> datetime:
        return NOON


def document(*lines: str, name: str = "fournil.docx", unread: float = 0.0) -> Document:
    """Each line is a paragraph; « # Titre » is a heading, « a | b » a table row."""
    builder = DocumentBuilder(
        SourceFile.from_bytes(name, "\n".join((name, *lines)).encode()), format_name="docx"
    )
    path: tuple[str, ...] = ()
    row = 0
    for number, line in enumerate(lines, start=1):
        place = Locator(file=name, heading_path=path, paragraph=number)
        if line.startswith("# "):
            path = (line[2:],)
            builder.add(
                BlockKind.HEADING,
                line[2:],
                place.model_copy(update={"heading_path": path}),
                level=1,
            )
        elif " | " in line:
            row += 1
            for column, cell in enumerate(line.split(" | "), start=1):
                builder.add(
                    BlockKind.TABLE_CELL,
                    cell,
                    place.model_copy(
                        update={"paragraph": None, "table": 1, "row": row, "column": column}
                    ),
                )
        else:
            builder.add(BlockKind.PARAGRAPH, line, place)
    if unread:
        builder.unread.append(
            UnreadPart(
                locator=Locator(file=name, page=2), reason_fr="page illisible", weight=unread
            )
        )
    return builder.build()


def whole(text: Document) -> Chunk:
    """The document as one chunk."""
    return Chunk(
        id=text.sha256[:12],
        sha256=text.sha256,
        text=text.text,
        start=0,
        end=len(text.text),
        locator=text.blocks[0].locator,
    )


def criterion(
    number: int = 1,
    *,
    attendus: Sequence[tuple[str, bool]] = (("La farine est pesée et notée.", True),),
    evaluable: Evaluable = Evaluable.DOCUMENT,
    portees: tuple[Portee, ...] = (Portee.CIBLEE,),
    pieces: tuple[str, ...] = (),
    reperage: tuple[str, ...] = ("farine", "pesée"),
) -> Criterion:
    return Criterion(
        id=f"P1/petrissage/CE{number}",
        ce=number,
        texte="La recette est suivie et les pesées sont notées.",
        evaluable=evaluable,
        lecture=Lecture(portees=portees, pieces=pieces),
        attendus=tuple(
            Attendu(numero=i, texte=text, etoile=star)
            for i, (text, star) in enumerate(attendus, start=1)
        ),
        reperage=reperage,
    )


def certification() -> Certification:
    return Certification(
        id="boulangerie",
        titre="Boulangerie",
        version="1",
        blocs=(Bloc(id="B1", titre="Pétrir", epreuves=("P1",)),),
        competences=(Competence(id="K1", texte="Pétrir une pâte."),),
        seuils=Seuils(regle=VerdictRule(erreurs_de_fond=("DET-SOMME",))),
        echelle={
            Verdict.MET: Appreciation(libelle="Réussi"),
            Verdict.PARTIALLY_MET: Appreciation(libelle="En cours"),
            Verdict.NOT_MET: Appreciation(libelle="À revoir"),
            Verdict.NOT_ASSESSABLE: Appreciation(libelle="Non vu"),
        },
    )


def rubric(*criteria: Criterion) -> Rubric:
    return Rubric(
        certification="boulangerie",
        id="P1",
        titre="Le pétrissage",
        bloc="B1",
        version="1",
        competences=("K1",),
        groupes=(CriteriaGroup(id="petrissage", titre="Pétrissage", criteres=criteria),),
    )


def rubric_set(*criteria: Criterion) -> RubricSet:
    return RubricSet(certification=certification(), rubrics=(rubric(*criteria),))


def case(
    *documents: Document,
    asked: Criterion | None = None,
    pieces: tuple[ComparedPiece, ...] = (),
    missing: tuple[str, ...] = (),
    checks: tuple[CheckResult, ...] = (),
) -> CriterionCase:
    asked = asked or criterion()
    numbers = tuple(a.numero for a in asked.attendus)
    chunks = [whole(d) for d in documents]
    return CriterionCase(
        certification=certification(),
        rubric=rubric(asked),
        criterion=asked,
        deliverables=documents,
        pieces=pieces,
        missing_pieces=missing,
        passages=Passages(
            passages=tuple(Passage(chunk=c, score=1.0, attendus=numbers) for c in chunks),
            queries=(asked.texte,),
        ),
        checks=checks,
    )


class FixedJudge:
    """A judge that always gives the same word on each attendu."""

    def __init__(
        self,
        status: AttenduStatus,
        *quotes: str,
        engine: str = "llm",
        verdict: Verdict | None = None,
    ) -> None:
        self.status = status
        self.quotes = quotes
        self.verdict = verdict
        self.engine = EngineId.model_validate({"engine": engine, "version": "test/1"})
        self.calls = 0

    def assess(self, case: CriterionCase) -> Judgement:
        self.calls += 1
        return Judgement(
            attendus=tuple(
                AttenduJudgement(numero=a.numero, quotes=self.quotes, status=self.status)
                for a in case.criterion.attendus
            ),
            rationale="Parce que.",
            verdict=self.verdict,
        )
