"""For every criterion read whole: its section is found, missed when removed, found elsewhere.

The embedded judge knows words and concrete elements, not meaning. Where that makes it blunt, the
lists below name the criterion and the reason, and the tests fail as soon as one is out of date.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from assistant.domain.finding import AttenduFinding, CriterionFinding, Evidence
from assistant.domain.french import stems
from assistant.domain.verdict import AttenduStatus, Verdict
from ingest.types import Channel
from tests.absence.documents import (
    ELSEWHERE,
    Subject,
    subjects,
    with_section,
    without_section,
)
from tests.absence.reading import Bench

pytestmark = pytest.mark.slow

EVERY_SUBJECT = pytest.mark.parametrize("subject", subjects(), ids=lambda s: s.criterion_id)
ORDER = (Verdict.NOT_MET, Verdict.PARTIALLY_MET, Verdict.MET)

#: (criterion, attendu) that other parts seem to answer once the section is gone, and why.
STILL_SEEN = {
    ("E2.5.2/compte-rendu-crise/CE1", 2): (
        "« Chaque étape porte… » : le verbe « portait » et le mot « réponses » d'une autre partie "
        "suffisent à dépasser le seuil."
    ),
}
#: (criterion, attendu) that a list of names shows without any of the attendu's words.
NEEDS_ITS_HEADING = {
    ("E1.1/systeme-veille/CE4", 1): (
        "Une bibliographie montre éditeur, titre, adresse et date sans les nommer : sans le titre "
        "« Nos sources », il ne reste aucun de ces mots."
    ),
}
#: (criterion, place) where a check of the layout makes the draft more careful than elsewhere.
MORE_CAREFUL = {
    ("E3.2/plan-actions/CE2", "tableau"): (
        "DET-PLAN lit le tableau, dont les colonnes ne sont pas celles d'un plan d'actions."
    ),
}
#: Criteria whose removal does not change the draft when the rest of the épreuve is there: another
#: section answers the same attendus in nearly the same words.
MASKED_BY_A_NEIGHBOUR = {
    "E1.1/systeme-veille/CE4": "la période datée (CE5) cite sources et dates",
    "E1.3/charte-editoriale/CE3": "les chartes voisines sont faites de règles et de modèles",
    "E1.3/charte-moderation/CE2": "les réponses par message (CE1) disent les mêmes mesures",
    "E2.2/contenus/CE2": "les exigences des réseaux donnent les mêmes dimensions",
    "E2.3/strategie-publicitaire/CE1": "la cohérence (CE2) reprend objectif, cible et budget",
    "E2.4/gestion-partenariat/CE1": "le dossier remis dit contrepartie, dates et droits",
    "E2.4/presentation-influenceurs/CE1": "la lettre d'accord dit livrables, dates et montant",
    "E2.5.2/compte-rendu-crise/CE1": "les échanges (CE2) sont horodatés et nommés",
    "E3.2/tableau-bord/CE1": "l'analyse et ses objectifs reprennent les mêmes indicateurs",
    "E3.2/plan-actions/CE1": "le plan daté (CE2) nomme les mêmes responsables",
    "E3.2/plan-actions/CE2": "la feuille de route (CE1) nomme les mêmes actions",
}


@pytest.fixture(scope="module")
def draft() -> Callable[[Subject, bytes], CriterionFinding]:
    """Draft a finding; the same document is read, indexed and judged once."""
    return cache(Bench().draft)


def starred(finding: CriterionFinding) -> list[AttenduFinding]:
    return [attendu for attendu in finding.attendus if attendu.etoile]


def rank(attendu: AttenduFinding) -> int:
    assert attendu.status.rank is not None, attendu
    return attendu.status.rank


def names(question: str, expected: str) -> bool:
    """Whether the question is about that attendu: half of its words at least."""
    wanted = frozenset(stems(expected))
    return len(wanted & frozenset(stems(question))) >= len(wanted) / 2


def is_no_better(verdict: Verdict, reference: Verdict) -> bool:
    """What could not be judged is neither better nor worse than what could."""
    if Verdict.NOT_ASSESSABLE in (verdict, reference):
        return verdict is not Verdict.MET
    return ORDER.index(verdict) <= ORDER.index(reference)


def stands_under(title: str, evidence: Evidence) -> bool:
    return any(title in heading for heading in evidence.locator.heading_path)


def stands_in(place: str, subject: Subject, evidence: Evidence) -> bool:
    where = evidence.locator
    match place:
        case "annexe":
            return stands_under(f"Annexe 1 – {subject.section.title}", evidence)
        case "tableau":
            return where.table == 1 and where.row is not None
        case "note":
            return where.channel is Channel.FOOTNOTE and where.note == "1"
        case _:
            return where.channel is Channel.TEXT_BOX


@EVERY_SUBJECT
def test_every_determining_attendu_is_seen_in_its_section(subject, draft):
    for attendu in starred(draft(subject, with_section(subject))):
        assert attendu.status in (AttenduStatus.LOCATED, AttenduStatus.TO_CHECK), attendu
        assert any(stands_under(subject.section.title, e) for e in attendu.evidence), attendu


def test_four_attendus_out_of_five_are_plainly_located(draft):
    seen = [a.status for s in subjects() for a in starred(draft(s, with_section(s)))]
    assert seen.count(AttenduStatus.LOCATED) / len(seen) >= 0.8


@EVERY_SUBJECT
def test_without_its_section_the_draft_is_worse(subject, draft):
    before, after = draft(subject, with_section(subject)), draft(subject, without_section(subject))
    assert is_no_better(after.verdict, before.verdict)
    pairs = list(zip(starred(before), starred(after), strict=True))
    assert all(rank(now) <= rank(then) for then, now in pairs)
    assert sum(rank(now) for _, now in pairs) < sum(rank(then) for then, _ in pairs)
    missed = {now.numero for _, now in pairs if now.status is AttenduStatus.NOT_LOCATED}
    still_seen = {n for id_, n in STILL_SEEN if id_ == subject.criterion_id}
    assert missed == {now.numero for _, now in pairs} - still_seen


@EVERY_SUBJECT
def test_without_its_section_the_draft_says_what_was_searched_and_where(subject, draft):
    finding = draft(subject, without_section(subject))
    search = finding.search
    assert search is not None
    assert set(search.queries) >= {attendu.texte for attendu in finding.attendus}
    assert search.documents == (f"livrable-{subject.epreuve}.docx",)
    assert search.sections == tuple(part.title for part in subject.context)
    assert search.coverage == 1.0
    assert not search.unread
    around = "\n".join(line for part in subject.context for line in part.paragraphs)
    assert search.nearest
    assert all(near.quote.splitlines()[-1] in around for near in search.nearest)


@EVERY_SUBJECT
def test_without_its_section_the_draft_tells_what_to_ask_and_what_is_missing(subject, draft):
    finding = draft(subject, without_section(subject))
    missed = [a for a in starred(finding) if a.status is AttenduStatus.NOT_LOCATED]
    assert set(finding.missing) >= {attendu.texte for attendu in missed}
    asked = [a for a in starred(finding) if a.status is not AttenduStatus.LOCATED]
    assert 0 < len(finding.oral_questions) <= 3
    about_checks = sum(question.startswith("Un contrôle") for question in finding.oral_questions)
    named = [a for a in asked if any(names(q, a.texte) for q in finding.oral_questions)]
    assert len(named) >= min(len(asked), 3 - about_checks)


@EVERY_SUBJECT
@pytest.mark.parametrize("place", ELSEWHERE)
def test_put_back_elsewhere_it_is_found_again_and_there(place, subject, draft):
    before = draft(subject, with_section(subject))
    after = draft(subject, ELSEWHERE[place](subject))
    careful = (subject.criterion_id, place) in MORE_CAREFUL
    lost = set()
    for then, now in zip(starred(before), starred(after), strict=True):
        if now.status is AttenduStatus.NOT_LOCATED:
            lost.add(now.numero)
            continue
        assert any(stands_in(place, subject, e) for e in now.evidence), now
        assert now.status is (AttenduStatus.TO_CHECK if careful else then.status)
    blunt = place in (
        "note",
        "zone de texte",
        "tableau",
    )  # no heading is left beside the section's words
    expected = {n for id_, n in NEEDS_ITS_HEADING if id_ == subject.criterion_id and blunt}
    assert lost == expected


@EVERY_SUBJECT
def test_among_the_other_sections_of_its_epreuve_it_is_missed_unless_one_says_the_same(
    subject, draft
):
    neighbours = (
        other.section
        for other in subjects()
        if other.epreuve == subject.epreuve and other is not subject
    )
    crowded = replace(subject, context=(*subject.context, *neighbours))
    before, after = draft(crowded, with_section(crowded)), draft(crowded, without_section(crowded))
    pairs = list(zip(starred(before), starred(after), strict=True))
    assert is_no_better(after.verdict, before.verdict)
    assert all(rank(now) <= rank(then) for then, now in pairs)
    worse = any(rank(now) < rank(then) for then, now in pairs)
    assert worse is (subject.criterion_id not in MASKED_BY_A_NEIGHBOUR)
