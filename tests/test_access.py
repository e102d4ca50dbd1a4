"""Role × route × object: what each person gets of their own dossiers, of others', of none."""

import re

import pytest

from assistant.domain.access import RULES, Action, Link, may
from assistant.domain.person import Role
from assistant.web.policy import Needs
from tests.desk import EPREUVE, seed
from tests.test_web import all_routes
from tests.web import (
    add_everyone,
    app_of,
    logged_in,
    people_of,
    site,
    token,
    visitor,
    without_limits,
)

NONE, OWN, EVA, ARB = "none", Link.OWNER, Link.EVALUATOR, Link.ARBITER
EVERY = {NONE, OWN, EVA, ARB}
NOBODY: set[object] = set()

#: Written by hand from what each role comes for, not from the code: the links with which an
#: action on a dossier is allowed. Columns: admin, evaluateur, arbitre, operateur, candidat.
TABLE = {
    Action.READ_DOSSIER: (EVERY, {OWN, EVA, ARB}, {EVA, ARB}, {OWN}, NOBODY),
    Action.DECIDE: (NOBODY, {EVA, ARB}, {EVA, ARB}, NOBODY, NOBODY),
    Action.EVALUATE: (NOBODY, {EVA}, {EVA}, NOBODY, NOBODY),
    Action.ARBITRATE: (NOBODY, NOBODY, {ARB}, NOBODY, NOBODY),
    Action.FINALISE: (NOBODY, {EVA, ARB}, {EVA, ARB}, NOBODY, NOBODY),
    Action.EXPORT: (EVERY, {EVA, ARB}, {EVA, ARB}, {OWN}, NOBODY),
    Action.START_REVIEW: (EVERY, {OWN, EVA, ARB}, NOBODY, {OWN}, NOBODY),
    Action.ASSIGN: (EVERY, NOBODY, NOBODY, NOBODY, NOBODY),
}
#: The roles to which an action about no dossier is open.
OPEN = {
    Action.OWN_ACCOUNT: set(Role),
    Action.OPEN_DESK: set(Role) - {Role.CANDIDATE},
    Action.DEPOSIT: {Role.ADMIN, Role.EVALUATOR, Role.OPERATOR},
    # About no dossier: each person has a space of their own, which `test_self_check.py` tests.
    Action.SELF_CHECK: set(Role),
    Action.SEE_STATISTICS: {Role.ADMIN, Role.EVALUATOR, Role.ARBITER},
    Action.SEE_READERS: {Role.ADMIN},
    Action.STOP_ASSISTANT: {Role.ADMIN},
    # States alone, and to an evaluator those of the dossiers they may read: `test_cohort_page.py`.
    Action.FOLLOW_COHORTS: {Role.ADMIN, Role.EVALUATOR, Role.OPERATOR},
    Action.RUN_COHORTS: {Role.ADMIN, Role.OPERATOR},
}
#: The dossiers of the installation, by the link that everyone has to them.
OBJECTS = (NONE, OWN, EVA, ARB)
#: One more: everyone reads and settles another épreuve of the dossier than the one asked about.
ELSEWHERE, OTHER_EPREUVE = "elsewhere", "E1.2"


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("link", OBJECTS)
def test_an_action_on_a_dossier_is_allowed_exactly_where_the_table_says(action, role, link):
    links = frozenset() if link == NONE else frozenset({link})
    assert may(role, action, links) == (link in TABLE[action][list(Role).index(role)])


@pytest.mark.parametrize("action", OPEN)
def test_an_action_about_no_dossier_is_open_to_the_roles_that_the_table_says(action):
    assert {role for role in Role if may(role, action)} == OPEN[action]


def test_the_tables_know_every_action():
    assert set(TABLE) | set(OPEN) == set(Action) == set(RULES)


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access")
    made = site(folder / "data")
    add_everyone(made)
    without_limits(made)
    dossiers = {}
    for link in OBJECTS:
        dossiers[link] = seed(app_of(made), folder / f"dossier-{link}")
        for role in Role:
            if link != NONE:
                people_of(made).grants.grant(role.value, dossiers[link], link)
    dossiers[ELSEWHERE] = seed(app_of(made), folder / "dossier-ailleurs")
    for role in Role:
        for link in (EVA, ARB):
            people_of(made).grants.grant(role.value, dossiers[ELSEWHERE], link, OTHER_EPREUVE)
    made.state.dossiers = dossiers
    return made


@pytest.fixture(scope="module", params=Role)
def someone(request, web):
    with logged_in(web, request.param) as client:
        home = "/" if request.param is not Role.CANDIDATE else "/compte"
        client.headers["X-Preuve-Jeton"] = token(client, home)
        yield request.param, client


def policy(route) -> Needs | None:
    found = [d.dependency for d in route.dependencies if isinstance(d.dependency, Needs)]
    return found[0] if found else None


ABOUT_A_DOSSIER = [r for r in all_routes() if (p := policy(r)) is not None and p.dossier]


def address(web, route, dossier: str) -> str:
    known = web.state.dossiers[NONE] if dossier == "D-absent" else dossier
    sha256 = app_of(web).library.summary(known).files[0].sha256
    criterion = app_of(web).rubric(EPREUVE).criteres[0].id
    values = {
        "dossier_id": dossier,
        "epreuve": EPREUVE,
        "kind": "json",
        "sha256": sha256,
        "number": "1",
        "rest:path": criterion.removeprefix(f"{EPREUVE}/"),
    }
    path = re.sub(r"{([^}]+)}", lambda m: values[m[1]], route.path)
    return f"{path}?critere={criterion}"


def ask(client, web, route, dossier: str):
    (method,) = route.methods
    body = {} if method in ("POST", "PUT") else None
    return client.request(method, address(web, route, dossier), json=body)


def names(route) -> str:
    return f"{'+'.join(route.methods)} {route.path}"


@pytest.mark.parametrize("route", ABOUT_A_DOSSIER, ids=names)
def test_each_role_gets_of_each_dossier_what_the_table_says(web, someone, route):
    role, client = someone
    absent = ask(client, web, route, "D-absent")
    allowed = TABLE[policy(route).action][list(Role).index(role)]
    assert absent.status_code == 404 or NONE in allowed
    for link, dossier in web.state.dossiers.items():
        answer = ask(client, web, route, dossier)
        refused = answer.status_code == 404 and "ne vous est pas destinée" in answer.text
        expected = link not in allowed if link != ELSEWHERE else NONE not in allowed
        assert refused == expected, (role, link, answer.status_code)
        if refused:  # word for word the answer about a dossier that does not exist
            assert answer.text == absent.text
            assert answer.headers.get("Content-Type") == absent.headers.get("Content-Type")


@pytest.mark.parametrize("route", ABOUT_A_DOSSIER, ids=names)
def test_whoever_is_not_logged_in_gets_nothing_of_any_dossier(web, route):
    with visitor(web) as client:
        client.headers["X-Preuve-Jeton"] = token(client, "/connexion")
        for dossier in (web.state.dossiers[OWN], "D-absent"):
            answer = ask(client, web, route, dossier)
            expected = 401 if route.path.startswith("/api/") else 303
            assert answer.status_code == expected


def test_the_queue_lists_one_s_own_dossiers_and_names_no_other(web, someone):
    role, client = someone
    page = client.get("/", follow_redirects=True).text
    readable = TABLE[Action.READ_DOSSIER][list(Role).index(role)]
    for link, dossier in web.state.dossiers.items():
        expected = link in readable if link != ELSEWHERE else NONE in readable
        assert (dossier in page) == expected


def test_a_file_of_one_dossier_is_not_had_through_another(web, tmp_path_factory):
    """The hash of someone else's file, asked of a dossier of one's own."""
    folder = tmp_path_factory.mktemp("autre") / "dossier"
    stranger = seed(app_of(web), folder)
    (folder / "secret.txt").write_text("Un texte que personne d'autre ne doit lire.", "utf-8")
    app_of(web).library.reopen(stranger)
    secret = {f.filename: f.sha256 for f in app_of(web).library.summary(stranger).files}[
        "secret.txt"
    ]
    with logged_in(web, Role.EVALUATOR) as client:
        for path in (
            f"/api/dossier/{web.state.dossiers[EVA]}/fichier/{secret}",
            f"/api/dossier/{web.state.dossiers[EVA]}/fichier/{secret}/pages",
            f"/dossier/{web.state.dossiers[EVA]}/fichier/{secret}/page/1.png",
            f"/api/dossier/{stranger}/fichier/{secret}",
        ):
            answer = client.get(path)
            assert answer.status_code in (404, 409, 410, 422), path
            assert "personne d" not in answer.text


@pytest.mark.parametrize(
    "part",
    ["..", "../../..", "..%2f..%2fetc%2fpasswd", "%2e%2e", "D-1%00", "..%5c..", "/etc/passwd", "é",
     "' OR 1=1 --", "x" * 5000, "\\", "%"],
)  # fmt: skip
def test_no_path_of_a_file_or_an_export_leads_elsewhere(web, part):
    with logged_in(web, Role.ADMIN) as client:
        own = web.state.dossiers[EVA]
        for path in (
            f"/dossier/{part}/{EPREUVE}/grille.json",
            f"/dossier/{own}/{part}/grille.json",
            f"/dossier/{own}/{EPREUVE}/grille.{part}",
            f"/api/dossier/{own}/fichier/{part}",
            f"/dossier/{own}/fichier/{part}/page/1.png",
            f"/dossier/{own}/fichier/0/page/{part}.png",
        ):
            answer = client.get(path)
            assert answer.status_code < 500, path
            assert "root:" not in answer.text
            assert answer.status_code != 200 or answer.url.path != path


def test_what_is_about_no_dossier_is_open_to_the_roles_that_the_table_says(web, someone):
    role, client = someone
    asked = [r for r in all_routes() if (p := policy(r)) and not p.dossier and "{" not in r.path]
    assert asked
    for route in asked:
        if policy(route).action is Action.OWN_ACCOUNT:
            continue
        action = policy(route).action
        open_ = (
            role in OPEN[action]
            if action in OPEN
            else EVERY == TABLE[action][list(Role).index(role)]
        )
        (method,) = route.methods
        answer = client.request(method, route.path, json={} if method != "GET" else None)
        refused = answer.status_code == 404 and "ne vous est pas destinée" in answer.text
        assert refused == (not open_), (role, names(route), answer.status_code)
