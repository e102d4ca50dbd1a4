"""Log-in, log-out, sessions and who a proxy names, over HTTP."""

from dataclasses import replace

import pytest

from assistant.domain.account import FREE_FAILURES_OF_ACCOUNT
from assistant.domain.person import Role
from assistant.errors import SettingsInvalid
from assistant.web.rates import Rates
from assistant.web.routes.login import safe_path
from tests.web import (
    PHRASES,
    TINY,
    add_everyone,
    log_in,
    logged_in,
    people_of,
    site,
    token,
    visitor,
)

SESSION = "preuve_session"
EVALUATOR = PHRASES[Role.EVALUATOR]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    made = site(tmp_path_factory.mktemp("site"), **TINY)
    add_everyone(made)
    return made


@pytest.fixture
def client(web):
    with visitor(web) as opened:
        yield opened


def test_the_first_account_closes_the_page_to_whoever_is_not_logged_in(tmp_path):
    web = site(tmp_path, **TINY)
    with visitor(web) as client:
        assert client.get("/").status_code == 200
        people_of(web).accounts.add("ada", "Ada", Role.EVALUATOR, EVALUATOR)
        closed = client.get("/?tri=nom")
        assert closed.status_code == 303
        assert closed.headers["Location"] == "/connexion?suite=/%3Ftri%3Dnom"
        assert client.get("/dossier/D-1/E1.2/grille.docx").status_code == 303


def test_who_logs_in_goes_on_to_the_page_that_was_asked_for(client):
    form = client.get("/connexion?suite=/compte").text
    assert 'value="/compte"' in form
    answer = log_in(client, "evaluateur", EVALUATOR, "/compte")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/compte")
    assert "Personne evaluateur" in client.get("/compte").text
    assert client.get("/connexion?suite=/compte").headers["Location"] == "/compte"


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "",
     "/\t/evil.example", "\\\\evil.example", "/a\r\nSet-Cookie: x=y"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(client, wanted):
    assert safe_path(wanted) == "/"
    assert log_in(client, "evaluateur", EVALUATOR, wanted).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_identifier_give_the_same_page(web):
    pages = []
    for login in ("evaluateur", "personne00"):
        with visitor(web, address="192.0.2.44") as client:
            answer = log_in(client, login, "pas le bon du tout")
            assert answer.status_code == 403
            assert client.cookies.get(SESSION) is None
            pages.append(answer.text.replace(login, "").replace(token(client, "/connexion"), ""))
    assert pages[0] == pages[1]


def test_repeated_failures_are_told_to_wait(tmp_path):
    web = site(tmp_path, **TINY)
    add_everyone(web)
    with visitor(web) as client:
        for _ in range(FREE_FAILURES_OF_ACCOUNT):
            assert log_in(client, "evaluateur", "faux").status_code == 403
        paused = log_in(client, "evaluateur", EVALUATOR)
        assert paused.status_code == 429
        assert "Réessayez dans" in paused.text
        assert log_in(client, "arbitre", PHRASES[Role.ARBITER]).status_code == 303


def test_a_flood_of_log_ins_from_one_address_is_slowed_before_any_password_is_looked_at(tmp_path):
    web = site(tmp_path, **TINY)
    add_everyone(web)
    web.state.site = replace(web.state.site, rates=Rates(clock=lambda: 0.0))
    with visitor(web, address="192.0.2.9") as client:
        jeton = token(client, "/connexion")
        form = {"identifiant": "x", "mot_de_passe": "", "jeton": jeton}
        statuses = [
            client.post("/connexion", data=form | {"identifiant": f"x{n}"}).status_code
            for n in range(22)
        ]
    assert statuses[-1] == 429
    assert 403 in statuses


def test_a_cookie_planted_before_log_in_opens_nothing_afterwards(client, web):
    client.cookies.set(SESSION, "chosen-by-an-attacker", domain="127.0.0.1")
    answer = log_in(client, "evaluateur", EVALUATOR)
    given = [v for v in answer.headers.get_list("Set-Cookie") if v.startswith(f"{SESSION}=")]
    assert len(given) == 1
    assert "HttpOnly" in given[0]
    assert "SameSite=Lax" in given[0]
    assert "chosen-by-an-attacker" not in given[0]
    with visitor(web) as attacker:
        attacker.cookies.set(SESSION, "chosen-by-an-attacker", domain="127.0.0.1")
        assert attacker.get("/").status_code == 303


def test_log_in_changes_the_token_and_ends_the_session_one_had(client, web):
    before = token(client, "/connexion")
    log_in(client, "evaluateur", EVALUATOR)
    first = client.cookies[SESSION]
    jeton = token(client)
    assert jeton != before
    form = {"identifiant": "arbitre", "mot_de_passe": PHRASES[Role.ARBITER], "jeton": jeton}
    client.post("/connexion", data=form)
    assert client.cookies[SESSION] != first
    assert people_of(web).accounts.of_session(first) is None


def test_over_https_cookies_are_secure_and_bound_to_the_host(web):
    with visitor(web, origin="https://127.0.0.1") as client:
        answer = log_in(client, "evaluateur", EVALUATOR)
        cookies = answer.headers.get_list("Set-Cookie")
        assert cookies
        assert all(c.startswith("__Host-") and "; Secure" in c for c in cookies)
        assert "Strict-Transport-Security" in answer.headers
        assert client.get("/compte").status_code == 200


def test_log_out_ends_the_session_on_the_server_and_needs_the_token(web):
    with logged_in(web, Role.EVALUATOR) as client:
        session = client.cookies[SESSION]
        assert client.post("/deconnexion").status_code == 403
        assert client.get("/deconnexion").status_code == 405
        assert client.get("/compte").status_code == 200
        answer = client.post("/deconnexion", data={"jeton": token(client)})
        assert answer.headers["Location"] == "/connexion"
        assert answer.headers["Clear-Site-Data"] == '"storage"'
        client.cookies.set(SESSION, session, domain="127.0.0.1")
        assert client.get("/compte").status_code == 303


def test_the_token_of_another_visitor_or_another_session_is_refused(web):
    with logged_in(web, Role.EVALUATOR) as client, logged_in(web, Role.ARBITER) as other:
        stolen = token(other)
        for jeton in (stolen, "", "0" * 64, "é"):
            refused = client.post("/deconnexion", data={"jeton": jeton})
            assert refused.status_code == 403
            assert "Rechargez la page" in refused.text
        assert client.get("/compte").status_code == 200


def test_a_form_from_another_site_logs_nobody_in_or_out(web):
    with logged_in(web, Role.EVALUATOR) as client:
        headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
        form = {"jeton": token(client)}
        assert client.post("/deconnexion", data=form, headers=headers).status_code == 403
        assert client.get("/compte").status_code == 200


def test_a_form_of_our_own_pages_is_accepted_as_browsers_send_it_without_a_referrer(web):
    with logged_in(web, Role.EVALUATOR) as client:
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        form = {"jeton": token(client)}
        assert client.post("/deconnexion", data=form, headers=headers).status_code == 303


def test_a_request_that_says_nothing_of_its_origin_changes_nothing(web):
    with logged_in(web, Role.EVALUATOR) as client:
        form = {"jeton": token(client)}
        del client.headers["Origin"], client.headers["Sec-Fetch-Site"]
        assert client.post("/deconnexion", data=form).status_code == 403


def test_a_person_changes_their_password_and_other_sessions_close(tmp_path):
    web = site(tmp_path, **TINY)
    add_everyone(web)
    with logged_in(web, Role.CANDIDATE) as client, logged_in(web, Role.CANDIDATE) as other:
        new = "deux loutres qui nagent"

        def change(**form: str):
            return client.post(
                "/compte/mot-de-passe", data={"jeton": token(client, "/compte"), **form}
            )

        old = PHRASES[Role.CANDIDATE]
        assert change(actuel="faux", nouveau=new, encore=new).status_code == 403
        different = change(actuel=old, nouveau=new, encore="autre")
        assert "les deux saisies diffèrent" in different.text
        assert "12 caractères" in change(actuel=old, nouveau="court", encore="court").text
        assert change(actuel=old, nouveau=new, encore=new).status_code == 303
        assert "est changé" in client.get("/compte?change=oui").text
        assert other.get("/compte").status_code == 303
    with visitor(web) as client:
        assert log_in(client, "candidat", old).status_code == 403
        assert log_in(client, "candidat", new).status_code == 303


def test_a_closed_account_is_out_at_its_next_request(tmp_path):
    web = site(tmp_path, **TINY)
    add_everyone(web)
    with logged_in(web, Role.EVALUATOR) as client:
        people_of(web).accounts.set_active("evaluateur", False)
        assert client.get("/").status_code == 303


def test_an_identifier_typed_with_markup_is_shown_as_text(client):
    answer = log_in(client, '"><script>alert(1)</script>', "faux")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


# --- behind a reverse proxy ------------------------------------------------------------------

PROXY = {"auth_header": "X-Remote-User", "trusted_proxies": "192.0.2.10, 10.1.0.0/16"}


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    web = site(tmp_path_factory.mktemp("proxy"), **TINY, **PROXY)
    people_of(web).accounts.add("ada", "Ada Lovelace", Role.EVALUATOR, None)
    people_of(web).accounts.add("out", "Sortie", Role.ADMIN, None)
    people_of(web).accounts.set_active("out", False)
    return web


@pytest.mark.parametrize("address", ["192.0.2.10", "10.1.200.3"])
def test_the_person_whom_a_trusted_proxy_names_is_in(behind, address):
    with visitor(behind, address=address) as client:
        page = client.get("/compte", headers={"X-Remote-User": "Ada"})
        assert "Ada Lovelace" in page.text
        assert "Se déconnecter" not in page.text
        assert "Nouveau mot de passe" not in page.text


@pytest.mark.parametrize("address", ["192.0.2.11", "127.0.0.1", "10.2.0.1", "::1", "testclient"])
def test_the_header_of_anyone_else_is_not_believed(behind, address):
    with visitor(behind, address=address) as client:
        headers = {"X-Remote-User": "ada", "X-Forwarded-For": "192.0.2.10"}
        page = client.get("/compte", headers=headers)
        assert page.status_code == 403
        assert "Ada Lovelace" not in page.text


@pytest.mark.parametrize("name", ["", " ", "personne", "out", "local", "ada,out", "ada\tout"])
def test_a_trusted_proxy_that_names_nobody_we_know_lets_nobody_in(behind, name):
    with visitor(behind, address="192.0.2.10") as client:
        assert client.get("/compte", headers={"X-Remote-User": name}).status_code == 403


def test_two_headers_that_name_two_people_let_nobody_in(behind):
    with visitor(behind, address="192.0.2.10") as client:
        headers = [("X-Remote-User", "ada"), ("X-Remote-User", "out")]
        assert client.get("/compte", headers=headers).status_code == 403
        assert client.get("/compte").status_code == 403


def test_the_forms_of_our_own_log_in_are_not_there_behind_a_proxy(behind):
    with visitor(behind, address="192.0.2.10") as client:
        client.headers["X-Remote-User"] = "ada"
        jeton = token(client)
        form = {"identifiant": "ada", "mot_de_passe": "x", "jeton": jeton}
        assert client.post("/connexion", data=form).status_code == 404
        assert client.post("/compte/mot-de-passe", data=form).status_code == 404


def test_a_proxy_s_word_on_the_address_and_the_scheme_is_believed_and_no_one_else_s(tmp_path):
    web = site(tmp_path, **TINY, trusted_proxies="192.0.2.10")
    add_everyone(web)
    forwarded = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}
    with visitor(web, address="192.0.2.10") as client:
        answer = client.get("/connexion", headers=forwarded)
        assert "__Host-preuve_visite" in answer.headers["Set-Cookie"]
    with visitor(web, address="192.0.2.66") as client:
        answer = client.get("/connexion", headers=forwarded)
        assert "__Host-" not in answer.headers["Set-Cookie"]


def test_a_header_without_trusted_proxies_is_refused_at_start(tmp_path):
    with pytest.raises(SettingsInvalid) as refused:
        site(tmp_path, **TINY, auth_header="X-Remote-User")
    assert "PREUVE_TRUSTED_PROXIES" in refused.value.user_message
    with pytest.raises(SettingsInvalid):
        site(tmp_path, **TINY, trusted_proxies="pas une adresse")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_without_accounts_a_request_relayed_by_a_proxy_is_refused(tmp_path, header):
    with visitor(site(tmp_path, **TINY)) as client:
        refused = client.get("/", headers={header: "203.0.113.5"})
        assert refused.status_code == 403
        assert "preuve comptes ajouter" in refused.text


def test_without_accounts_another_machine_is_refused_whatever_it_says(tmp_path):
    with visitor(site(tmp_path, **TINY), address="192.0.2.7") as client:
        assert client.get("/").status_code == 403


def test_a_public_name_is_accepted_when_it_is_a_setting(tmp_path):
    web = site(tmp_path, **TINY, public_hosts="preuve.exemple.fr, autre.exemple.fr")
    add_everyone(web)
    with visitor(web) as client:
        assert client.get("/connexion", headers={"Host": "PREUVE.exemple.fr"}).status_code == 200
        assert client.get("/connexion", headers={"Host": "x.exemple.fr"}).status_code == 421
