"""`preuve comptes`, run in this process on a folder of its own."""

import re

import pytest
from typer.testing import CliRunner

from assistant.app import build_app, build_people
from assistant.cli import cli
from assistant.domain.access import Link
from assistant.domain.person import Role
from assistant.errors import LoginFailed
from assistant.ports import DossierRecord
from tests.sample_findings import MOMENT
from tests.web import settings_for

PHRASE = "trois tortues lentes"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, typed=""):
    return CliRunner().invoke(cli, ["comptes", *arguments], input=typed)


def test_an_account_is_made_listed_closed_and_reopened_and_its_password_stays_unseen(folder):
    made = run("ajouter", "ada", "--nom", "Ada Lovelace", "--role", "evaluateur", typed=PHRASE)
    assert made.exit_code == 0, made.output
    listed = run("lister").output
    assert "Ada Lovelace" in listed
    assert PHRASE not in made.output + listed
    accounts = build_people(settings_for(folder)).accounts
    session = accounts.log_in("ada", PHRASE, "::1")
    assert run("desactiver", "ada").exit_code == 0
    assert accounts.of_session(session) is None
    assert "désactivé" in run("lister").output
    assert run("reactiver", "ADA").exit_code == 0
    assert run("role", "ada", "arbitre").exit_code == 0
    assert accounts.find("ada").role is Role.ARBITER
    assert run("mot-de-passe", "ada", typed="une tout autre phrase\n").exit_code == 0
    with pytest.raises(LoginFailed):
        accounts.log_in("ada", PHRASE, "::1")
    assert accounts.log_in("ada", "une tout autre phrase", "::1")


def test_a_refusal_says_what_to_do_and_changes_nothing(folder):
    short = run("ajouter", "ada", "--nom", "Ada", "--role", "admin", typed="court\n")
    assert short.exit_code == 1
    assert "12 caractères" in short.output
    assert "Aucun compte" in run("lister").output
    assert run("desactiver", "personne").exit_code == 1
    assert run("ajouter", "ada", "--nom", "Ada", "--role", "roi", typed=PHRASE).exit_code == 2


def test_a_dossier_is_given_to_someone_and_taken_back(folder):
    app, people = build_app(settings_for(folder)), build_people(settings_for(folder))
    people.accounts.add("ada", "Ada", Role.EVALUATOR, None)
    people.accounts.add("zoe", "Zoé", Role.ARBITER, None)
    app.store.save_dossier(
        DossierRecord(
            id="D-1", label="d", folder="/d", epreuves=("E1.2", "E3.1"), updated_at=MOMENT
        )
    )
    given = run("affecter", "ada", "D-1", "--par", "Camille")
    assert given.exit_code == 0, given.output
    assert "Confié à « ada » pour évaluation : dossier D-1." in given.output
    assert run("affecter", "zoe", "D-1", "-e", "E3.1", "--arbitre").exit_code == 0
    ada, zoe = (people.accounts.find(login).person for login in ("ada", "zoe"))
    assert people.grants.links(ada, "D-1", "E3.1") == {Link.EVALUATOR}
    assert people.grants.links(zoe, "D-1", "E1.2") == frozenset()
    listed = " ".join(run("attributions").output.split())
    assert re.search(r"D-1 \W*E3.1 .*Ada .*Zoé", listed)
    assert run("retirer", "ada", "D-1", "-e", "E3.1").exit_code == 0
    assert people.grants.linked(ada) == {("D-1", "E1.2"): {Link.EVALUATOR}}
    for refused, word in (
        (("affecter", "ada", "D-2"), "D-1"),
        (("affecter", "ada", "D-1", "--arbitre"), "le rôle"),
        (("affecter", "ada", "D-1", "-e", "E9"), "E1.2, E3.1"),
        (("affecter", "personne", "D-1"), "personne"),
    ):
        answer = run(*refused)
        assert answer.exit_code == 1
        assert word in answer.output
