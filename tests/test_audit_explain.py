"""A complaint is answered from what was kept, in French."""

from pathlib import Path

import pytest

from assistant.app import build_app
from assistant.app.desk_views import Reader
from assistant.app.rulings import Ruling, Rulings
from assistant.app.workbench import Workbench
from assistant.domain.finding import CriterionFinding
from assistant.domain.verdict import Verdict
from assistant.errors import UnknownCriterion
from assistant.settings import Settings
from tests.test_erasure import EPREUVE, TRACES, lived


def test_a_complaint_is_answered_with_who_decided_why_and_on_what_proof(tmp_path: Path) -> None:
    app = build_app(Settings(_env_file=None, data_dir=tmp_path / "données"))
    dossier = lived(app, tmp_path, TRACES[0])
    criterion = app.rubric(EPREUVE).criteres[0].id

    told = app.audit.explain(dossier, criterion)

    assert "Anne Martin" in told
    assert TRACES[2] in told, "the reason that the person gave"
    assert app.rubric(EPREUVE).criteres[0].texte[:40] in told
    assert "embarqué" in told
    assert "aucune entrée" in told.casefold()
    with pytest.raises(UnknownCriterion):
        app.audit.explain(dossier, f"{EPREUVE}/aucun/CE9")


def test_each_act_of_a_reading_is_told_apart_and_whether_the_draft_was_seen(tmp_path: Path) -> None:
    app = build_app(Settings(_env_file=None, data_dir=tmp_path / "données"))
    note = tmp_path / f"{EPREUVE}_analyse.md"
    note.write_text("# Analyse\n\nLe taux d’engagement est de 3,2 % en mai 2026.")
    dossier = app.library.deposit([note]).id
    app.review(app.library.open(Path(app.library.record(dossier).folder)), EPREUVE)
    workbench, ada = Workbench(app), Reader(name="Ada")
    rulings, criterion = Rulings(app, workbench), app.rubric(EPREUVE).criteres[0].id

    def version() -> int:
        return workbench.assessment(dossier, EPREUVE).version

    workbench.choose_blind(ada, True)
    workbench.criterion(ada, dossier, EPREUVE, criterion)
    workbench.choose_blind(ada, False)
    workbench.criterion(Reader(name="Bob"), dossier, EPREUVE, criterion)
    rulings.take(ada, dossier, EPREUVE, version())
    rulings.release(ada, dossier, EPREUVE, version())
    for each in app.rubric(EPREUVE).criteres:
        draft = app.store.current_finding(dossier, EPREUVE, each.id)
        assert isinstance(draft, CriterionFinding)
        rulings.rule(
            ada,
            dossier,
            EPREUVE,
            Ruling(
                criterion_id=each.id,
                verdict=Verdict.NOT_ASSESSABLE,
                reason="Lu en entier.",
                key=draft.provenance.key,
            ),
        )
    rulings.finalise(ada, dossier, EPREUVE, version())
    rulings.reopen(ada, dossier, EPREUVE, version(), "Une page manquait.")

    told = app.audit.explain(dossier, criterion)
    for said in (
        "critère consulté, la proposition cachée (Ada)",
        "critère consulté, la proposition affichée (Bob)",
        "lecture de l’épreuve commencée (Ada)",
        "épreuve rendue, sans décision (Ada)",
        "épreuve finalisée et signée (Ada)",
        "épreuve rouverte (Ada)",
    ):
        assert told.count(said) == (2 if "commencée" in said else 1), told
