"""The installation on a PostgreSQL server: one setting, and what stays on the machine."""

from collections.abc import Iterator

import pytest

from assistant.errors import SettingsInvalid
from assistant.settings import Settings
from tests.cohorts import Silent, generate, installation
from tests.postgresql import new_database, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as folder:
        yield folder


def test_another_kind_of_database_is_refused_without_repeating_its_address(monkeypatch):
    monkeypatch.setenv("PREUVE_DATABASE_URL", "mysql://ada:tres-secret@base/preuve")
    with pytest.raises(SettingsInvalid) as refused:
        Settings.load()

    assert "PREUVE_DATABASE_URL" in refused.value.user_message
    assert "postgresql://" in refused.value.user_message
    assert "secret" not in refused.value.user_message + str(refused.value)


def test_a_space_apart_keeps_its_database_in_its_own_folder(tmp_path):
    settings = Settings(_env_file=None, database_url="postgresql://ada@base/preuve")

    assert settings.database == "postgresql://ada@base/preuve"
    assert settings.apart(tmp_path).database == tmp_path / "preuve.sqlite3"
    assert "ada" not in repr(settings)


@pytest.mark.slow
def test_a_cohort_is_kept_on_the_server_and_nothing_of_it_in_a_file(server, tmp_path):
    url = new_database(server)
    app = installation(tmp_path, database_url=url)
    promo = generate(tmp_path / "promo", 1)
    with app.cohorts().cohort(promo, judge="embedded") as cohort:
        plan = cohort.plan()
        report = cohort.run(plan, Silent())

    elsewhere = installation(tmp_path / "ailleurs", database_url=url)
    (record,) = elsewhere.dossiers()
    drafts = [d for e in record.epreuves for d in elsewhere.store.current_findings(record.id, e)]
    assert len(drafts) == report.drafted == plan.criteria
    assert not list(tmp_path.rglob("*.sqlite3"))
