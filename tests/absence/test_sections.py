"""The test data are what they claim: one section per criterion, in words of their own."""

import csv
from itertools import pairwise

import pytest

from assistant.domain.french import stems, words
from assistant.domain.rubric import Criterion
from assistant.rubric_loader import load_rubric_set
from tests.absence.documents import Subject, subjects
from tests.conftest import COHORT
from tests.grids import SHIPPED

#: Words in a row that a candidate may share with the grid by chance.
CHANCE = 4
RUBRICS = load_rubric_set(SHIPPED)
EVERY_SUBJECT = pytest.mark.parametrize("subject", subjects(), ids=lambda s: s.criterion_id)


def criterion_of(subject: Subject) -> Criterion:
    return RUBRICS.rubric(subject.epreuve).critere(subject.criterion_id)


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """All sequences of that many words."""
    listed = words(text)
    return {tuple(listed[i : i + length]) for i in range(len(listed) - length + 1)}


def test_every_criterion_read_whole_has_its_section_and_no_other_has_one():
    read_whole = [c.id for r in RUBRICS.rubrics for c in r.criteres if c.lecture.integrale]
    assert sorted(s.criterion_id for s in subjects()) == sorted(read_whole)


@EVERY_SUBJECT
def test_each_determining_attendu_is_answered_by_one_row(subject):
    assert len(subject.section.rows) == len(criterion_of(subject).etoiles)


@EVERY_SUBJECT
def test_no_section_repeats_the_grid_s_sentences(subject):
    written = "\n".join(subject.section.paragraphs)
    for attendu in criterion_of(subject).attendus:
        assert not runs(written, CHANCE + 1) & runs(attendu.texte, CHANCE + 1)


def test_the_sections_share_about_half_of_the_attendus_words_not_most():
    shares = []
    for subject in subjects():
        for attendu, row in zip(criterion_of(subject).etoiles, subject.section.rows, strict=True):
            wanted = set(stems(attendu.texte))
            shares.append(len(wanted & set(stems(" ".join(row)))) / len(wanted))
    assert sum(shares) / len(shares) < 0.6


def test_no_section_comes_from_the_example_cohort():
    with (COHORT / "gold.csv").open(encoding="utf-8", newline="") as rows:
        quoted = "\n".join(row["citation"] for row in csv.DictReader(rows))
    for subject in subjects():
        written = "\n".join(subject.section.paragraphs)
        assert not runs(written, CHANCE + 2) & runs(quoted, CHANCE + 2), subject.criterion_id


def test_the_surroundings_are_shared_by_an_epreuve():
    for one, other in pairwise(subjects()):
        if one.epreuve == other.epreuve:
            assert one.context == other.context
