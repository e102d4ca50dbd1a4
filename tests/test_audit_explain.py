"""A complaint is answered from what was kept, in French."""

from pathlib import Path

import pytest

from assistant.app import build_app
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
