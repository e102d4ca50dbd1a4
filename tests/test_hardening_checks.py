"""`make check` finds a secret and a known vulnerability, and says what it could not look up."""

import json
from datetime import date

import pytest
from pydantic import ValidationError

from tools import audit_dependencies, scan_secrets
from tools.audit_dependencies import Accepted, Dependency, Report, Vulnerability, judge

TODAY = date(2026, 11, 26)
FLAW = Vulnerability(id="PYSEC-2026-7", aliases=("CVE-2026-7",), fix_versions=("2.0",))
FLAWED = Dependency(name="exemple", version="1.0", vulns=(FLAW,))
SAFE = Dependency(name="sain", version="3.1")
UNKNOWN = Dependency(name="absent", skip_reason="not found on PyPI")


def accepted(until: date, flaw: str = "PYSEC-2026-7", package: str = "exemple") -> Accepted:
    return Accepted(
        id=flaw, package=package, reason="Nous n'appelons pas cette fonction.", until=until
    )


def test_a_found_vulnerability_fails_and_says_what_mends_it():
    finding = judge(Report(dependencies=(SAFE, FLAWED)), (), TODAY)
    assert finding.failed
    assert "PYSEC-2026-7, corrigée en 2.0" in finding.lines[0]
    assert "2 composants vérifiés" in finding.lines[-1]


@pytest.mark.parametrize("flaw", ["PYSEC-2026-7", "CVE-2026-7"])
def test_an_accepted_one_passes_until_its_day_and_not_after(flaw):
    report = Report(dependencies=(FLAWED,))
    assert not judge(report, [accepted(TODAY, flaw)], TODAY).failed
    late = judge(report, [accepted(date(2026, 11, 25), flaw)], TODAY)
    assert late.failed
    assert "25/11/2026" in late.lines[0]


def test_an_acceptance_is_of_one_package_only():
    assert judge(Report(dependencies=(FLAWED,)), [accepted(TODAY, package="sain")], TODAY).failed


def test_a_service_that_knows_no_package_has_not_found_them_safe():
    finding = judge(Report(dependencies=(UNKNOWN,)), (), TODAY)
    assert not finding.failed
    assert "NON VÉRIFIÉES" in finding.lines[0]
    partly = judge(Report(dependencies=(UNKNOWN, SAFE)), (), TODAY)
    assert "1 composants vérifiés sur 2" in partly.lines[-1]


@pytest.mark.parametrize("missing", ["reason", "until"])
def test_an_acceptance_without_a_reason_or_a_day_is_refused(missing, tmp_path):
    entry = {
        "id": "X-1",
        "package": "p",
        "reason": "Une raison assez longue.",
        "until": "2027-01-01",
    }
    path = tmp_path / "acceptees.yaml"
    path.write_text(json.dumps([entry]), encoding="utf-8")
    assert audit_dependencies.load_accepted(path)
    del entry[missing]
    path.write_text(json.dumps([entry]), encoding="utf-8")
    with pytest.raises(ValidationError):
        audit_dependencies.load_accepted(path)


def test_the_accepted_vulnerabilities_of_the_project_can_be_read():
    audit_dependencies.load_accepted()


def test_without_its_service_the_audit_says_so_and_does_not_fail(monkeypatch, capsys):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert audit_dependencies.main([]) == 0
    said = capsys.readouterr().out
    assert "NON VÉRIFIÉES" in said
    assert "NOT AUDITED" in said


def test_a_lock_that_cannot_be_read_is_not_taken_for_a_silent_service(tmp_path, capsys):
    lock = tmp_path / "faux.lock"
    lock.write_text("ceci n'est pas un verrou ===\n", encoding="utf-8")
    assert audit_dependencies.main([str(lock)]) == 1
    assert "pip-audit a échoué" in capsys.readouterr().out


#: Put together here, so that this file is not itself what the scan looks for.
SECRETS = {
    "assistant/cle.py": 'CLE = "'
    + "sk-"
    + "a1B2c3D4e5F6g7H8i9J0"
    + "T3BlbkFJ"
    + "k1L2m3N4o5P6q7R8s9T0"
    + '"\n',
    "tests/data/cle.pem": "-----BEGIN RSA " + "PRIVATE KEY-----\n",
    "docs/aide.md": "postgresql://preuve:" + "motdepasse-du-serveur" + "@base/preuve\n",
    "assistant/mot.py": 'password = "' + "Tr0ub4dor-et-3" + '"\n',
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_where_it_stands_and_nowhere_else(name, tmp_path, capsys):
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("# rien\n" + SECRETS[name], encoding="utf-8")
    (tmp_path / "clair.py").write_text("x = 1\n", encoding="utf-8")
    baseline = tmp_path / "connus.baseline"
    baseline.write_text('{"results": {}}', encoding="utf-8")
    assert scan_secrets.main([], tmp_path, baseline) == 1
    said = capsys.readouterr().out
    assert f"✗ {name}:2 :" in said
    assert said.count("✗") == said.count(f"{name}:2 :"), "nothing is said of another file"

    assert scan_secrets.main(["--accept"], tmp_path, baseline) == 0
    (tmp_path / name).write_text("# une ligne\n# de plus\n" + SECRETS[name], encoding="utf-8")
    assert scan_secrets.main([], tmp_path, baseline) == 0, "moved, it is still the known one"


def test_a_made_up_password_of_a_test_is_no_alert(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text(SECRETS["assistant/mot.py"], encoding="utf-8")
    (tmp_path / "y.py").write_text("", encoding="utf-8")
    assert not scan_secrets.scan(tmp_path).files
