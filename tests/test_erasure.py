"""What is erased leaves no byte in what the program wrote, and the journal still holds."""

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest

from assistant.adapters.sql_erasure import KEPT, keyed_tables, tombstone_name
from assistant.adapters.sql_models import Base
from assistant.app import App, build_app
from assistant.domain.journal import JournalAction
from assistant.domain.verdict import Verdict
from assistant.errors import UnknownDossier
from assistant.settings import Settings

EPREUVE = "E3.1"
#: Words that stand nowhere but in what the first candidate handed in, or in what was said of it.
TRACES = ("kumquatologie", "Zéphyrine", "oryctérope", "tarsier")


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    scratch = tmp_path / "temporaire"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path / "données"
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def app(data_dir: Path) -> App:
    return build_app(Settings(data_dir=data_dir))


def handed_in(folder: Path, word: str) -> Path:
    document = docx.Document()
    document.core_properties.author = "Zéphyrine Quatremarre" if word == TRACES[0] else "Anne"
    document.add_heading("Bilan de la campagne", 1)
    document.add_paragraph(f"La campagne {word} a touché 12 000 personnes pour 300 € dépensés.")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "Portée"
    table.rows[0].cells[1].text = f"12 000 ({word})"
    path = folder / f"{EPREUVE}_bilan-{word}.docx"
    document.save(str(path))
    return path


def lived(app: App, tmp_path: Path, word: str) -> str:
    """A dossier deposited, reviewed, ruled on, exported."""
    dossier = app.library.deposit([handed_in(tmp_path, word)])
    app.review(dossier, EPREUVE)
    criterion = app.rubric(EPREUVE).criteres[0].id
    app.decide(
        dossier.id,
        criterion,
        epreuve=EPREUVE,
        assessor="Anne Martin",
        action="override",
        verdict=other_verdict(app, dossier.id, criterion),
        reason=f"Vu : {TRACES[2] if word == TRACES[0] else 'rien'}",
    )
    typed = TRACES[3] if word == TRACES[0] else "rien"
    app.save_note(dossier.id, criterion, epreuve=EPREUVE, author="Anne", text=typed)
    app.export(dossier.id, EPREUVE, "docx")
    return dossier.id


def other_verdict(app: App, dossier_id: str, criterion: str) -> Verdict:
    draft = app.finding(dossier_id, EPREUVE, criterion)
    return Verdict.NOT_MET if draft and draft.verdict is Verdict.MET else Verdict.MET


def found_in(root: Path) -> list[tuple[str, str]]:
    """Which traces stand in which files, in the encodings that a file or a database may use."""
    found = []
    for path in root.rglob("*"):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        for word in TRACES:
            forms = (word.encode(), word.encode("utf-16-le"), json.dumps(word).strip('"').encode())
            if any(form in raw for form in forms) or word in path.name:
                found.append((path.name, word))
    return found


@pytest.mark.slow
def test_no_byte_of_an_erased_candidate_stays_in_what_the_program_wrote(
    app: App, data_dir: Path, tmp_path: Path
):
    erased = lived(app, tmp_path, TRACES[0])
    kept = lived(app, tmp_path, "babiroussa")
    written = {word for root in (data_dir, tmp_path / "temporaire") for _, word in found_in(root)}
    assert {TRACES[0], TRACES[2], TRACES[3]} <= written, "the scan sees what is there"

    done = app.holdings.erase(app.holdings.of(erased), actor="Anne Martin", reason="demande")

    assert done.rows > 0
    assert done.left == ()
    assert found_in(data_dir) == []
    assert found_in(tmp_path / "temporaire") == []
    assert app.report(kept, EPREUVE).decided == 1
    with pytest.raises(UnknownDossier):
        app.report(erased, EPREUVE)
    verification = app.audit.verify()
    assert verification.faults == ()
    assert verification.erased > 0


@pytest.mark.slow
def test_the_journal_keeps_a_tombstone_that_names_nobody(app: App, tmp_path: Path):
    erased = lived(app, tmp_path, TRACES[0])
    app.holdings.erase(app.holdings.of(erased), actor="Anne Martin", reason="demande")
    events = [e.event for e in app.audit.entries() if e.action == JournalAction.ERASURE.value]
    assert len(events) == 1
    assert events[0] is not None
    assert events[0].facts["dossiers"] == tombstone_name(erased)
    assert erased not in json.dumps([e.model_dump() for e in app.audit.entries()])


@pytest.mark.slow
def test_everything_held_about_a_person_is_given_in_one_file(app: App, tmp_path: Path):
    dossier = lived(app, tmp_path, TRACES[0])
    lived(app, tmp_path, "babiroussa")
    with zipfile.ZipFile(BytesIO(app.holdings.archive(app.holdings.of(dossier)))) as archive:
        rows = json.loads(archive.read("donnees.json"))
        names = archive.namelist()
    assert {"dossiers", "findings", "decisions", "notes", "journal"} <= rows.keys()
    text = json.dumps(rows, ensure_ascii=False)
    assert TRACES[2] in text
    assert "babiroussa" not in text
    assert any(name.endswith(".docx") for name in names)


def test_the_name_of_an_erased_candidate_leaves_the_tables_of_cohorts_and_no_other_does(
    app: App, data_dir: Path, tmp_path: Path
):
    for name in ("QUATREMARRE Zéphyrine", "MARTIN Anne"):
        (tmp_path / "promo" / name).mkdir(parents=True)
        handed_in(tmp_path / "promo" / name, TRACES[0] if name[0] == "Q" else "babiroussa")
    with app.cohorts().cohort(tmp_path / "promo", judge="embedded") as cohort:
        cohort.plan()
        table = cohort.pseudonyms
    assert "QUATREMARRE" in table.read_text(encoding="utf-8-sig")
    app.library.open(tmp_path / "promo" / "QUATREMARRE Zéphyrine")
    app.holdings.erase(app.holdings.of("QUATREMARRE Zéphyrine"), actor="A", reason="r")
    assert found_in(data_dir) == []
    left = table.read_bytes()
    assert b"QUATREMARRE" not in left
    assert left.decode("utf-8-sig").splitlines()[0] == "identifiant;candidat;dossier"
    assert "MARTIN Anne" in left.decode("utf-8-sig")


def test_a_folder_that_is_not_ours_is_left_and_said(app: App, tmp_path: Path):
    folder = tmp_path / "cand-042_QUATREMARRE"
    folder.mkdir()
    handed_in(folder, TRACES[0])
    app.library.open(folder)
    done = app.holdings.erase(app.holdings.of("CAND-042_quatremarre"), actor="A", reason="r")
    assert done.left == (str(folder),)
    assert folder.is_dir()


def test_deleting_without_an_erasure_is_still_refused(app: App, data_dir: Path, tmp_path: Path):
    lived(app, tmp_path, TRACES[0])
    base = sqlite3.connect(data_dir / "preuve.sqlite3")
    with pytest.raises(sqlite3.IntegrityError):
        base.execute("DELETE FROM decisions")
    base.close()


def test_an_unknown_candidate_is_said_and_nothing_is_erased(app: App):
    with pytest.raises(UnknownDossier):
        app.holdings.of("personne")


def test_every_table_is_erased_by_dossier_or_says_why_it_is_not():
    keyed = {table.name for table in keyed_tables()} | {"journal", "erasures"}
    unknown = Base.metadata.tables.keys() - keyed - KEPT.keys()
    assert not unknown, f"say in KEPT why erasing a candidate leaves {unknown}"
