"""Finds the gold labels that do not match the files of their set."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from assistant.domain.dossier import Dossier
from assistant.domain.rubric import Rubric, RubricSet
from assistant.domain.verdict import Verdict
from assistant.errors import DossierNotFound, ManifestInvalid, NoDeliverable
from assistant.evaluation.citations import locate
from assistant.evaluation.labels import GoldLabel, SetProblem
from assistant.evaluation.sets import EvalSet
from assistant.evaluation.subject import Subject
from ingest.types import Document

_PROVEN: Final = (Verdict.MET, Verdict.PARTIALLY_MET)


def check_set(eval_set: EvalSet, subject: Subject) -> tuple[SetProblem, ...]:
    """All problems, in the order of the labels' lines. Raises: `EvalSetInvalid`."""
    problems = list(set_problems(eval_set, subject.rubrics))
    for candidate in eval_set.candidates:
        labels = eval_set.labels_of(candidate)
        problems += candidate_problems(
            labels, open_candidate(candidate, eval_set, subject), subject
        )
    return in_order(problems)


def in_order(problems: Iterable[SetProblem]) -> tuple[SetProblem, ...]:
    """By line of the labels' file, those of the whole set first."""
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.message_fr)))


def open_candidate(candidate: str, eval_set: EvalSet, subject: Subject) -> Dossier | str:
    """The candidate's dossier, or why it cannot be opened, in French.

    Raises: what would stop every dossier (`StoreUnavailable`).
    """
    folder = eval_set.folder_of(candidate)
    if folder is None:
        return f"candidat « {candidate} » : aucun dossier de ce nom dans le jeu."
    try:
        return subject.open(folder)
    except (DossierNotFound, ManifestInvalid, NoDeliverable) as error:
        return f"{candidate} : {error.user_message}"


def set_problems(eval_set: EvalSet, rubrics: RubricSet) -> Iterator[SetProblem]:
    """What the labels' file and the set's description show by themselves."""
    yield from eval_set.label_problems
    yield from _doubled(eval_set.labels)
    yield from _incomplete(eval_set.labels, rubrics)
    yield from _unknown_parts(eval_set)


def _doubled(labels: Sequence[GoldLabel]) -> Iterator[SetProblem]:
    first: dict[tuple[str, str, str, str], int] = {}
    for label in labels:
        key = (label.candidat, label.fichier, label.epreuve, label.critere)
        if key in first:
            message = f"critère {label.critere} déjà étiqueté à la ligne {first[key]}."
            yield SetProblem(line=label.line, message_fr=message)
        first.setdefault(key, label.line)


def _incomplete(labels: Sequence[GoldLabel], rubrics: RubricSet) -> Iterator[SetProblem]:
    """Every criterion of an épreuve must be labelled for each file that answers it."""
    groups: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for label in labels:
        groups[label.candidat, label.fichier, label.epreuve].add(label.critere)
    for (candidate, filename, epreuve), labelled in groups.items():
        rubric = _rubric(rubrics, epreuve)
        missing = [c.id for c in rubric.criteres if c.id not in labelled] if rubric else []
        if missing:
            message = f"{candidate}, {filename}, {epreuve} : sans étiquette : {', '.join(missing)}."
            yield SetProblem(message_fr=message)


def _unknown_parts(eval_set: EvalSet) -> Iterator[SetProblem]:
    for part, names in eval_set.description.parties.items():
        for name in names:
            if name not in eval_set.candidates:
                message = f"partie « {part} » : le candidat « {name} » n'a aucune étiquette."
                yield SetProblem(message_fr=message)


def candidate_problems(
    labels: Sequence[GoldLabel], dossier: Dossier | str, subject: Subject
) -> Iterator[SetProblem]:
    """What one candidate's labels say that the files do not; `dossier` may be why it is not open.

    `labels` holds at least one label, all of one candidate.
    """
    if isinstance(dossier, str):
        yield SetProblem(line=labels[0].line, message_fr=dossier)
        return
    unread: set[str] = set()
    for label in labels:
        yield from _label_problems(label, dossier, subject.rubrics, unread)
    yield from _unlabelled(labels, dossier)


def _label_problems(
    label: GoldLabel, dossier: Dossier, rubrics: RubricSet, unread: set[str]
) -> Iterator[SetProblem]:
    """`unread` remembers the files already told, so that each is told once."""
    rubric = _rubric(rubrics, label.epreuve)
    if rubric is None:
        known = ", ".join(rubrics.certification.epreuves)
        yield _at(label, f"épreuve « {label.epreuve} » inconnue (connues : {known}).")
    elif label.critere not in {critere.id for critere in rubric.criteres}:
        yield _at(label, f"critère « {label.critere} » inconnu de l'épreuve {label.epreuve}.")
    document = document_of(label, dossier)
    if document is None:
        if label.fichier not in unread:
            unread.add(label.fichier)
            yield _at(label, _why_no_document(label, dossier))
        return
    if rubric is not None and document not in dossier.deliverables(label.epreuve):
        message = f"« {label.fichier} » n'est pas rattaché à l'épreuve {label.epreuve}."
        yield _at(label, message)
    if label.citation and not locate(label.citation, document):
        yield _at(label, f"citation introuvable dans « {label.fichier} » : « {label.citation} ».")
    if not label.citation and label.verdict in _PROVEN:
        message = f"verdict « {label.verdict} » sans citation : seule une absence n'en a pas."
        yield SetProblem(line=label.line, severity="remarque", message_fr=message)


def _unlabelled(labels: Sequence[GoldLabel], dossier: Dossier) -> Iterator[SetProblem]:
    labelled = Counter((label.fichier, label.epreuve) for label in labels)
    for file in dossier.files:
        for epreuve in file.epreuves:
            if (file.filename, epreuve) not in labelled:
                message = f"{labels[0].candidat}, {file.filename}, {epreuve} : aucune étiquette."
                yield SetProblem(severity="remarque", message_fr=message)


def document_of(label: GoldLabel, dossier: Dossier) -> Document | None:
    """The labelled file's text; None when the dossier does not hold it or could not read it."""
    for file in dossier.files:
        if file.filename == label.fichier:
            return dossier.documents[file.sha256]
    return None


def _why_no_document(label: GoldLabel, dossier: Dossier) -> str:
    for failure in dossier.failures:
        if failure.filename == label.fichier:
            return failure.message_fr
    return f"fichier « {label.fichier} » absent du dossier « {label.candidat} »."


def _rubric(rubrics: RubricSet, epreuve: str) -> Rubric | None:
    return next((rubric for rubric in rubrics.rubrics if rubric.id == epreuve), None)


def _at(label: GoldLabel, message: str) -> SetProblem:
    return SetProblem(line=label.line, message_fr=message)
