"""Labelled sets are read from a description or from a bare cohort; faults are told."""

import pytest

from assistant.app.laboratory import laboratory
from assistant.errors import EvalSetInvalid
from assistant.evaluation.labels import read_labels
from assistant.evaluation.sets import load_set
from assistant.evaluation.validation import check_set
from assistant.settings import Settings
from tests.evaluation.sets import (
    CRITERIA,
    DELIVERABLE,
    GOLD_COLUMNS,
    labels_of,
    word_file,
    write_cohort,
    write_csv,
)

ALICE, BOB = "cand-a_ALICE", "cand-b_BOB"


@pytest.fixture
def checked(tmp_path):
    """The problems of a set, as the real application opens its dossiers."""

    def check(folder):
        settings = Settings(_env_file=None, data_dir=tmp_path / "data")
        with laboratory(settings, "embedded") as lab:
            return check_set(load_set(folder), lab)

    return check


def changed(number, **fields):
    """Alice's labels, one of them changed."""
    labels = labels_of(ALICE)
    labels[number].update(fields)
    return labels


def messages(problems):
    return [str(problem) for problem in problems]


def test_a_described_set_gives_each_candidate_a_part(tmp_path):
    described = {"nom": "essai", "version": "2", "parties": {"regarder": [ALICE], "garder": [BOB]}}
    eval_set = load_set(write_cohort(tmp_path, [ALICE, BOB], described=described))

    assert (eval_set.name, eval_set.description.version) == ("essai", "2")
    assert eval_set.part_of(ALICE) == "regarder"
    assert eval_set.part_of(BOB) == "garder"


def test_a_candidate_of_no_part_is_held_out(tmp_path):
    described = {"nom": "essai", "version": "1", "parties": {"regarder": [ALICE]}}
    eval_set = load_set(write_cohort(tmp_path, [ALICE, BOB], described=described))

    assert eval_set.part_of(BOB) == "garder"


def test_a_bare_cohort_is_a_set_held_out_as_a_whole_and_says_what_it_lacks(tmp_path):
    eval_set = load_set(write_cohort(tmp_path / "promo été 2026", [ALICE]))

    assert eval_set.name == "promo--t--2026"
    assert eval_set.part_of(ALICE) == "garder"
    assert "sans set.yaml" in eval_set.description.limites[0]


def test_the_dossiers_and_labels_of_a_set_may_stand_elsewhere(tmp_path):
    write_cohort(tmp_path / "dossiers", [ALICE])
    (tmp_path / "dossiers" / "gold.csv").rename(tmp_path / "etiquettes.csv")
    (tmp_path / "set.yaml").write_text(
        "nom: loin\nversion: '1'\ndossiers: dossiers\netiquettes: etiquettes.csv\n"
    )

    eval_set = load_set(tmp_path / "set.yaml")

    assert len(eval_set.labels) == 3
    assert eval_set.folder_of(ALICE) == tmp_path / "dossiers" / ALICE


def test_names_are_compared_whatever_their_normal_form(tmp_path):
    write_cohort(tmp_path, ["cand_E\u0301lodie"])  # decomposed, as macOS writes it

    eval_set = load_set(tmp_path)

    assert eval_set.candidates == ("cand_\u00c9lodie",)
    assert eval_set.folder_of("cand_\u00c9lodie") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nom: x\n", "version"),
        ("nom: x\nversion: '1'\nsurprise: 1\n", "surprise"),
        ("nom: [\n", "YAML illisible ligne"),
        ("nom: 'a b'\nversion: '1'\n", "nom"),
        ("nom: x\nversion: '1'\nparties: {regarder: [a], garder: [a]}\n", "dans les deux parties"),
        ("nom: x\nversion: '1'\nparties: {cacher: [a]}\n", "parties"),
        ("nom: x\nversion: '1'\ndossiers: nulle-part\n", "nulle-part"),
    ],
)
def test_a_faulty_description_is_refused_with_its_cause(tmp_path, text, said):
    write_cohort(tmp_path, [ALICE])
    (tmp_path / "set.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(EvalSetInvalid) as refusal:
        load_set(tmp_path)

    assert said in refusal.value.user_message


def test_a_path_without_a_set_is_refused(tmp_path):
    with pytest.raises(EvalSetInvalid, match="rien ne se trouve"):
        load_set(tmp_path / "rien")
    with pytest.raises(EvalSetInvalid, match="gold.csv"):
        load_set(tmp_path)


def test_labels_with_semicolons_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_bytes(
        b"\xef\xbb\xbf" + ";".join(GOLD_COLUMNS).encode() + b"\r\na;f.docx;E;E/g/CE1;acquis;;\r\n"
    )

    ((label,), problems) = read_labels(path)

    assert (label.candidat, label.critere, label.line) == ("a", "E/g/CE1", 2)
    assert problems == ()


def test_a_citation_over_two_lines_does_not_shift_line_numbers(tmp_path):
    path = tmp_path / "gold.csv"
    first, second = labels_of(ALICE)[:2]
    write_csv(path, GOLD_COLUMNS, [{**first, "citation": "un\ndeux"}, second])

    labels, _ = read_labels(path)

    assert [label.line for label in labels] == [2, 4]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"candidat,fichier\n", "colonnes absentes"), (b"candidat\xe9", "UTF-8")],
)
def test_a_labels_file_that_cannot_be_used_is_refused(tmp_path, content, said):
    path = tmp_path / "gold.csv"
    path.write_bytes(content)

    with pytest.raises(EvalSetInvalid, match=said):
        read_labels(path)


def test_labels_that_follow_their_files_have_no_problem(tmp_path, checked):
    assert checked(write_cohort(tmp_path, [ALICE, BOB])) == ()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (changed(1, verdict="validé"), "verdict « validé » inconnu"),
        (changed(1, epreuve="E9.9"), "épreuve « E9.9 » inconnue"),
        (changed(1, critere_id="E3.1/analyse-campagne/CE9"), "CE9 » inconnu de l'épreuve E3.1"),
        (changed(1, fichier="autre.docx"), "fichier « autre.docx » absent du dossier"),
        (changed(1, candidat="cand-z"), "aucun dossier de ce nom"),
        (changed(1, citation="51 conversions, 900 € de dépense"), "citation introuvable"),
        (changed(1, critere_id=CRITERIA[0]), "déjà étiqueté à la ligne 2"),
        (labels_of(ALICE)[:2], f"sans étiquette : {CRITERIA[2]}"),
    ],
)
def test_a_label_that_does_not_match_the_files_is_found(tmp_path, checked, labels, said):
    problems = checked(write_cohort(tmp_path, [ALICE], labels))

    assert any(said in message for message in messages(problems))
    assert any(problem.severity == "erreur" for problem in problems)


def test_a_problem_names_its_line(tmp_path, checked):
    (problem,) = checked(write_cohort(tmp_path, [ALICE], changed(2, citation="jamais écrit")))

    assert problem.line == 4


def test_a_citation_is_found_whatever_its_typography(tmp_path, checked):
    labels = changed(0, citation="1\u00a0250 clics,  50 conversions,\u202f900 € de dépense")

    assert checked(write_cohort(tmp_path, [ALICE], labels)) == ()


def test_a_favourable_verdict_without_a_citation_is_remarked_upon(tmp_path, checked):
    (problem,) = checked(write_cohort(tmp_path, [ALICE], changed(0, citation="")))

    assert (problem.severity, problem.line) == ("remarque", 2)


def test_a_deliverable_nobody_labelled_is_remarked_upon(tmp_path, checked):
    folder = write_cohort(tmp_path, [ALICE])
    word_file(folder / ALICE / "E2.1_calendrier.docx", "Calendrier du mois de mars 2026.")

    (problem,) = checked(folder)

    assert problem.severity == "remarque"
    assert "E2.1_calendrier.docx" in problem.message_fr


def test_an_unreadable_file_is_told_once_for_all_its_labels(tmp_path, checked):
    folder = write_cohort(tmp_path, [ALICE])
    (folder / ALICE / DELIVERABLE).write_bytes(b"")

    problems = checked(folder)

    assert [DELIVERABLE in message for message in messages(problems)] == [True]


def test_a_label_for_an_epreuve_the_file_does_not_answer_is_found(tmp_path, checked):
    folder = write_cohort(tmp_path, [ALICE])
    manifest = folder / "cohorte.csv"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("livrable,E3.1", "livrable,E3.2")
    )

    assert any("n'est pas rattaché à l'épreuve E3.1" in m for m in messages(checked(folder)))


def test_a_part_that_names_nobody_is_found(tmp_path, checked):
    described = {"nom": "essai", "version": "1", "parties": {"regarder": ["cand-x"]}}

    (problem,) = checked(write_cohort(tmp_path, [ALICE], described=described))

    assert "cand-x" in problem.message_fr


@pytest.mark.slow
def test_the_example_cohort_s_labels_follow_its_files(cohort, checked):
    assert checked(cohort) == ()
