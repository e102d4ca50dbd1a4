"""The lines of a file of answers: which request each answers, and what became of it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from assistant.adapters.batch_format import AnswerLine, RequestId, place_digest
from assistant.domain.finding import Finding
from assistant.domain.rubric import RubricSet
from ingest.types import Frozen

_ALIEN_FR: Final = "« {id} » n'est pas un identifiant écrit par « preuve requests export »."
_UNKNOWN_FR: Final = (
    "La demande « {id} » ne vient d'aucun dossier connu de cette installation. Indiquez le "
    "dossier à la suite du fichier de réponses, ou ouvrez-le d'abord avec « preuve review »."
)
_TWICE_FR: Final = "La demande « {id} » a déjà sa réponse à la ligne {first}."
_SHOWN: Final = 80


class LineState(StrEnum):
    """What became of a line of answers, in the words that are shown."""

    IMPORTED = "reprise"
    KEPT = "déjà reprise"
    WAITING = "en attente"
    FAILED = "échec"
    REFUSED = "refusée"


class LineOutcome(Frozen):
    """One line: what became of it, and why. Dossier and épreuve are empty when unknown."""

    number: int
    state: LineState
    dossier_id: str = ""
    epreuve: str = ""
    criterion_id: str = ""
    message_fr: str = ""
    finding: Finding | None = None

    @property
    def bad(self) -> bool:
        return self.state in (LineState.FAILED, LineState.REFUSED)


class Place(Frozen):
    """Where an answer belongs."""

    dossier_id: str
    epreuve: str
    criterion_id: str


class Asked(NamedTuple):
    """An answer to a request of ours."""

    line: AnswerLine
    request: RequestId
    place: Place


class SortedLines(NamedTuple):
    """The lines that answer nothing we asked, and the others by dossier and épreuve."""

    refused: tuple["LineOutcome", ...]
    by_dossier: Mapping[str, Mapping[str, tuple[Asked, ...]]]


def places(dossier_ids: Iterable[str], rubrics: RubricSet) -> dict[str, Place]:
    """Every criterion of these dossiers, by its digest, without opening any."""
    return {
        place_digest(dossier_id, rubric.id, criterion.id): Place(
            dossier_id=dossier_id, epreuve=rubric.id, criterion_id=criterion.id
        )
        for dossier_id in dossier_ids
        for rubric in rubrics.rubrics
        for criterion in rubric.criteres
    }


def sorted_lines(lines: Iterable[AnswerLine], known: Mapping[str, Place]) -> SortedLines:
    """Find what each line answers among the known places."""
    refused_lines: list[LineOutcome] = []
    todo: dict[str, dict[str, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    first: dict[str, int] = {}
    for line in lines:
        request = RequestId.parse(line.custom_id)
        place = known.get(request.place) if request else None
        shown_id = shown(line.custom_id)
        if not line.custom_id:
            refused_lines.append(refused(line, f"Ligne illisible : {line.problem_fr}."))
        elif line.custom_id in first:
            message = _TWICE_FR.format(id=shown_id, first=first[line.custom_id])
            refused_lines.append(refused(line, message, place))
        elif request is None:
            refused_lines.append(refused(line, _ALIEN_FR.format(id=shown_id)))
        elif place is None:
            refused_lines.append(refused(line, _UNKNOWN_FR.format(id=shown_id)))
        else:
            todo[place.dossier_id][place.epreuve].append(Asked(line, request, place))
        first.setdefault(line.custom_id, line.number)
    return SortedLines(
        refused=tuple(refused_lines),
        by_dossier={d: {e: tuple(a) for e, a in by.items()} for d, by in todo.items()},
    )


def shown(text: str) -> str:
    """Words of the file that a message repeats: short, and on one line."""
    return re.sub(r"[^\w.:@/+-]+", " ", text)[:_SHOWN].strip()


def refused(line: AnswerLine, message: str, place: Place | None = None) -> LineOutcome:
    """A line that is not used."""
    if place is None:
        return LineOutcome(number=line.number, state=LineState.REFUSED, message_fr=message)
    return outcome(line, LineState.REFUSED, place, message)


def outcome(
    line: AnswerLine,
    state: LineState,
    place: Place,
    message: str = "",
    finding: Finding | None = None,
) -> LineOutcome:
    """What became of a line that answers a request of ours."""
    return LineOutcome(
        number=line.number,
        state=state,
        dossier_id=place.dossier_id,
        epreuve=place.epreuve,
        criterion_id=place.criterion_id,
        message_fr=message,
        finding=finding,
    )
