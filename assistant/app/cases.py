"""Prepares what a judge is given: passages, compared pieces, computed checks."""

from collections.abc import Iterator
from functools import cached_property

from assistant.app.album import Album
from assistant.app.examples import ExampleShelf
from assistant.checks import run_checks
from assistant.domain.case import ComparedPiece, CriterionCase, CriterionScope, Passages
from assistant.domain.dossier import Dossier, FileRole
from assistant.domain.french import stems
from assistant.domain.picture import Picture
from assistant.domain.rubric import Criterion, Piece, RetrievalSettings, Rubric, RubricSet
from assistant.grounding import Grounder
from assistant.ports import ChunkIndex
from assistant.privacy import JudgeView
from assistant.retrieval import DossierIndex, select
from ingest.chunking import Chunk, split
from ingest.types import Document


class EpreuveBench:
    """One épreuve of one dossier, indexed once, ready to give a case for each criterion.

    `album`: where the pictures come from, for a judge that sees. `shelf`: where the examples come
    from, when some are shown.
    """

    def __init__(
        self,
        dossier: Dossier,
        rubric: Rubric,
        rubrics: RubricSet,
        dense: ChunkIndex,
        *,
        album: Album | None = None,
        shelf: ExampleShelf | None = None,
    ) -> None:
        self.dossier = dossier
        self.rubric = rubric
        self._certification = rubrics.certification
        self._deliverables = dossier.deliverables(rubric.id)
        self._dense = dense
        self._album = album
        self._shelf = shelf

    def scope(self, criterion: Criterion) -> CriterionScope:
        """What the criterion is judged on: enough to know whether it was judged already."""
        pieces, missing = self._pieces(criterion)
        return CriterionScope(
            certification=self._certification,
            rubric=self.rubric,
            criterion=criterion,
            deliverables=self._deliverables,
            pieces=pieces,
            missing_pieces=missing,
            context=self._context(pieces),
            examples=self._shelf.of(self.rubric.id, criterion) if self._shelf else (),
        )

    def case(self, scope: CriterionScope) -> CriterionCase:
        """Search and compute: all that a judge may look at."""
        checks = run_checks(
            scope.criterion,
            scope.rubric,
            scope.certification,
            scope.deliverables,
            (*scope.pieces, *scope.context),
        )
        passages = self.passages(scope.criterion)
        pictures, unshown = self._pictures(scope, passages)
        return CriterionCase(
            certification=scope.certification,
            rubric=scope.rubric,
            criterion=scope.criterion,
            deliverables=scope.deliverables,
            pieces=scope.pieces,
            missing_pieces=scope.missing_pieces,
            context=scope.context,
            examples=scope.examples,
            passages=passages,
            checks=checks,
            pictures=pictures,
            unshown_fr=unshown,
        )

    def _pictures(
        self, scope: CriterionScope, passages: Passages
    ) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
        if self._album is None:
            return (), ()
        return self._album.pictures(scope, passages, self.view.covers)

    def passages(self, criterion: Criterion, settings: RetrievalSettings | None = None) -> Passages:
        """What retrieval chooses, with the rubric's settings unless others are tried."""
        found = select(criterion, self._index, settings or self._certification.seuils.recherche)
        return found.model_copy(
            update={
                "passages": tuple(
                    passage.model_copy(update={"chunk": self._chunks[passage.chunk.id]})
                    for passage in found.passages
                )
            }
        )

    @cached_property
    def view(self) -> JudgeView:
        """What judges are shown of this dossier."""
        return JudgeView(self.dossier)

    def prepare(self) -> None:
        """Index now what would be indexed at the first criterion."""
        _ = self._index, self._chunks, self.grounder

    def close(self) -> None:
        """Forget the index: the memory of a dossier that is done is for the next one."""
        if "_index" in self.__dict__:
            self._dense.drop(self._index.scope)

    @cached_property
    def grounder(self) -> Grounder:
        """Finds quotes again in this épreuve's deliverables."""
        briefs = self.dossier.with_role(FileRole.BRIEF)
        return Grounder(
            self._deliverables,
            self._certification.seuils.citations,
            elsewhere=[
                *(("le brief", document.text) for document in briefs),
                ("la grille", "\n".join(_grid_texts(self.rubric))),
            ],
        )

    @cached_property
    def _index(self) -> DossierIndex:
        """Over passages without a name: what an index holds, an embeddings address receives."""
        shown = [
            indexed
            for document in self._deliverables
            for chunk in split(document)
            if (indexed := self.view.chunk(document, chunk)) is not None
        ]
        return DossierIndex(f"{self.dossier.id}/{self.rubric.id}", shown, self._dense)

    @cached_property
    def _chunks(self) -> dict[str, Chunk]:
        return {chunk.id: chunk for document in self._deliverables for chunk in split(document)}

    def _pieces(self, criterion: Criterion) -> tuple[tuple[ComparedPiece, ...], tuple[str, ...]]:
        """What a crossed reading compares with, and what of it the dossier does not hold."""
        found: list[ComparedPiece] = []
        missing: list[str] = []
        for nom in criterion.lecture.pieces if criterion.lecture.croisee else ():
            piece = self._certification.piece(nom) or Piece(nom=nom)
            documents = self._documents_of(piece)
            if documents:
                found.append(ComparedPiece(nom=nom, documents=documents))
            elif not piece.meme_livrable:
                missing.append(nom)
        return tuple(found), tuple(missing)

    def _context(self, pieces: tuple[ComparedPiece, ...]) -> tuple[ComparedPiece, ...]:
        """The brief, unless the criterion compares with it already."""
        compared = {document.sha256 for piece in pieces for document in piece.documents}
        briefs = [d for d in self.dossier.with_role(FileRole.BRIEF) if d.sha256 not in compared]
        return (ComparedPiece(nom="brief", documents=tuple(briefs)),) if briefs else ()

    def _documents_of(self, piece: Piece) -> tuple[Document, ...]:
        own = {document.sha256 for document in self._deliverables}
        candidates = [
            *(self.dossier.with_role(FileRole(piece.role)) if piece.role else ()),
            *(d for epreuve in piece.epreuves for d in self.dossier.deliverables(epreuve)),
        ]
        if not candidates:
            candidates = [d for d in self.dossier.documents.values() if _announces(d, piece.nom)]
        return tuple({d.sha256: d for d in candidates if d.sha256 not in own}.values())


def _announces(document: Document, nom: str) -> bool:
    """Whether a heading of the document names the piece: an extract of it is there."""
    wanted = frozenset(stems(nom))
    return bool(wanted) and any(wanted <= frozenset(stems(h.text)) for h in document.headings)


def _grid_texts(rubric: Rubric) -> Iterator[str]:
    for criterion in rubric.criteres:
        yield criterion.texte
        yield from (attendu.texte for attendu in criterion.attendus)
