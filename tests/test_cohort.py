"""The whole example cohort through the embedded judge, checked from outside our own readers."""

import re
import unicodedata
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from pypdf import PdfReader

from assistant.app import build_app
from assistant.domain.finding import CriterionFinding
from assistant.settings import Settings
from ingest.types import Channel
from tests.conftest import COHORT

pytestmark = pytest.mark.slow
_IGNORED = re.compile(r"[\s|\u00ad\u200b-\u200d]+")

#: Word numbers its lists when it shows them: the number is on the page, not in the file's text.
_NUMBERING = re.compile(r"^\d+\.\s", re.MULTILINE)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """(folder, dossier, épreuve, findings) of everything in the cohort."""
    data = tmp_path_factory.mktemp("cohort")
    app = build_app(Settings(data_dir=data, _env_file=None))
    results = []
    for folder in sorted(path for path in COHORT.iterdir() if path.is_dir()):
        dossier = app.open(folder)
        for epreuve in dossier.epreuves:
            results.append((folder, dossier, epreuve, app.review(dossier, epreuve)))
    return app, results


def test_every_file_is_read_and_every_criterion_has_exactly_one_finding(reviewed):
    app, results = reviewed
    assert len({folder for folder, *_ in results}) == 8
    for folder, dossier, epreuve, findings in results:
        assert dossier.failures == (), folder.name
        expected = [criterion.id for criterion in app.rubric(epreuve).criteres]
        assert [f.criterion_id for f in findings] == expected
        assert all(isinstance(f, CriterionFinding) for f in findings)


def test_every_shown_quote_is_found_again_by_an_independent_reading_of_the_file(reviewed):
    _, results = reviewed
    texts: dict[Path, str] = {}
    shown = missing = 0
    for folder, _, _, findings in results:
        for finding in findings:
            for evidence in (*finding.evidence, *(e for c in finding.checks for e in c.observed)):
                path = folder / evidence.filename
                if path.suffix == ".xlsx" or evidence.locator.channel is Channel.OCR:
                    continue  # displayed values and recognised words: see their own tests
                text = texts.setdefault(path, independent_text(path))
                shown += 1
                if squeezed(_NUMBERING.sub("", evidence.quote)) not in text:
                    missing += 1
                    print(f"{path.name}: {evidence.quote!r}")
    assert shown > 800
    assert missing == 0


def test_nothing_is_met_without_a_quote_nor_seen_where_nothing_can_be(reviewed):
    app, results = reviewed
    for _, _, epreuve, findings in results:
        for finding in findings:
            evaluable = app.rubric(epreuve).critere(finding.criterion_id).evaluable
            if finding.verdict == "acquis":
                assert finding.evidence
                assert evaluable == "document"
            if finding.verdict == "non_evaluable":
                assert finding.abstention_fr


def squeezed(text: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()


def independent_text(path: Path) -> str:
    """All the text of a file, by other means than our readers, without spaces."""
    if path.suffix == ".pdf":
        pages = (page.extract_text() for page in PdfReader(path).pages)
        return squeezed("".join(pages))
    with zipfile.ZipFile(path) as package:
        parts = [n for n in package.namelist() if n.endswith(".xml")]
        trees = [etree.fromstring(package.read(name)) for name in parts]
    for tree in trees:
        etree.strip_elements(tree, "{*}instrText", with_tail=False)  # field codes are not shown
    return squeezed("".join("".join(tree.itertext()) for tree in trees))
