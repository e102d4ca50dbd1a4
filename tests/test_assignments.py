"""Who reads and who arbitrates each épreuve of a dossier."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from assistant.adapters.sql_grants import SqlGrants
from assistant.adapters.sql_store import SqlReviewStore
from assistant.domain.access import Link
from assistant.domain.person import Person, Role

ADA = Person(id="ada", name="Ada", role=Role.EVALUATOR)


def of_revision(path: Path, revision: str, *statements: str) -> None:
    """A database as an earlier version left it."""
    config = Config()
    config.set_main_option("script_location", "assistant.adapters:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_dossiers_entrusted_before_epreuves_were_stay_entrusted_whole(tmp_path: Path):
    path = tmp_path / "base.sqlite3"
    old = "INSERT INTO dossier_grants VALUES ('D-1', 'ada', 'evaluator')"
    of_revision(path, "0009", old)
    with SqlReviewStore(path) as store:
        grants = SqlGrants(store.database, store.journal)
        for epreuve in ("E1.2", "E3.1", None):
            assert grants.links(ADA, "D-1", epreuve) == {Link.EVALUATOR}


@pytest.mark.parametrize(
    ("epreuve", "links"), [("E1.2", {Link.EVALUATOR}), ("E3.1", set()), (None, {Link.EVALUATOR})]
)
def test_an_epreuve_entrusted_opens_no_other_of_the_same_dossier(tmp_path: Path, epreuve, links):
    with SqlReviewStore(tmp_path / "base.sqlite3") as store:
        grants = SqlGrants(store.database, store.journal)
        grants.grant("ada", "D-1", Link.EVALUATOR, "E1.2")
        assert grants.links(ADA, "D-1", epreuve) == links
        assert grants.linked(ADA) == {("D-1", "E1.2"): {Link.EVALUATOR}}
