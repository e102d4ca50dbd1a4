"""Documents, criteria and contexts for the tests of the checks, made by hand."""

from collections.abc import Sequence

from assistant.checks.context import CheckContext
from assistant.checks.registry import CHECKS
from assistant.domain.case import ComparedPiece
from assistant.domain.finding import CheckOutcome, CheckResult
from assistant.domain.rubric import (
    Appreciation,
    Attendu,
    Bloc,
    CatalogueEntry,
    Certification,
    Controles,
    CriteriaGroup,
    Criterion,
    Evaluable,
    Lecture,
    Portee,
    Rubric,
)
from assistant.domain.verdict import Verdict
from ingest.building import DocumentBuilder
from ingest.types import BlockKind, Document, Locator, SourceFile

Rows = Sequence[Sequence[str]]

CERTIFICATION = Certification(
    id="essai",
    titre="Certification d'essai",
    version="1",
    blocs=(Bloc(id="B1", titre="Bloc", epreuves=("X1", "X2")),),
    echelle={verdict: Appreciation(libelle=verdict.value) for verdict in Verdict},
    controles=tuple(CatalogueEntry(code=code, verifie=code, force="C") for code in CHECKS),
)


def document(*items: str | Rows, name: str = "livrable.docx") -> Document:
    """Paragraphs, « # titres » and tables (lists of rows), in order. Empty cells make no block."""
    builder = DocumentBuilder(SourceFile.from_bytes(name, name.encode()), format_name="docx")
    path: tuple[str, ...] = ()
    tables = 0
    for item in items:
        if isinstance(item, str) and item.startswith("# "):
            path = (item[2:],)
            builder.add(BlockKind.HEADING, item[2:], Locator(file=name, heading_path=path), level=1)
        elif isinstance(item, str):
            builder.add(BlockKind.PARAGRAPH, item, Locator(file=name, heading_path=path))
        else:
            tables += 1
            _add_table(builder, item, name, path, tables)
    return builder.build()


def _add_table(
    builder: DocumentBuilder, rows: Rows, name: str, path: tuple[str, ...], table: int
) -> None:
    for r, row in enumerate(rows, start=1):
        for c, text in enumerate(row, start=1):
            where = Locator(file=name, heading_path=path, table=table, row=r, column=c)
            builder.add(BlockKind.TABLE_CELL, text, where)


def criterion(code: str, *attendus: str, controles: str = "") -> Criterion:
    texts = attendus or ("L'attendu est présent.",)
    return Criterion(
        id="X1/groupe/CE1",
        ce=1,
        texte="Le critère d'essai.",
        evaluable=Evaluable.DOCUMENT,
        lecture=Lecture(portees=(Portee.CIBLEE,)),
        attendus=tuple(
            Attendu(numero=i, texte=text, etoile=True) for i, text in enumerate(texts, start=1)
        ),
        controles=Controles(codes=(code,), texte=controles or code),
    )


def run(
    code: str,
    *deliverables: Document,
    pieces: dict[str, Document] | None = None,
    attendus: Sequence[str] = (),
    controles: str = "",
    epreuve: str = "X1",
) -> list[CheckResult]:
    """Everything that one check says of these documents."""
    tested = criterion(code, *attendus, controles=controles)
    rubric = Rubric(
        certification="essai",
        id=epreuve,
        titre="Épreuve",
        bloc="B1",
        version="1",
        competences=(),
        groupes=(CriteriaGroup(id="groupe", titre="Groupe", criteres=(tested,)),),
    )
    context = CheckContext(
        code=code,
        criterion=tested,
        rubric=rubric,
        certification=CERTIFICATION,
        deliverables=deliverables,
        pieces=tuple(
            ComparedPiece(nom=nom, documents=(piece,)) for nom, piece in (pieces or {}).items()
        ),
    )
    return list(CHECKS[code](context))


def gaps(results: Sequence[CheckResult], strength: str | None = None) -> list[CheckResult]:
    return [
        result
        for result in results
        if result.outcome is CheckOutcome.DISCREPANCY and strength in (None, result.strength)
    ]


def outcomes(results: Sequence[CheckResult]) -> set[str]:
    return {result.outcome.value for result in results}
