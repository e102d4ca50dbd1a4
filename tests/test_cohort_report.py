"""A cohort's HTML report, and what stands out in it: hostile words, a browser, small samples."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from typer.testing import CliRunner

from assistant.app.cohort.results import report_page
from assistant.cli import cli
from assistant.cohort import Closeness, ClosePassage, CommonText, PassageSide
from assistant.cohort.outliers import CohortSpread, EpreuveSpread, TextLength
from assistant.domain.cohort import SpendingRecord
from assistant.domain.verdict import Verdict
from assistant.reporting.cohort_results import CohortResults, EpreuveTable, Problem, ResultCell
from assistant.reporting.outliers import outliers_of, told
from tests.browser import browser
from tests.cohorts import generate
from tests.test_cohort_results import MET, results, row, table

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}</style>\u202egnp.exe"
NOT_MET = ResultCell(draft=Verdict.NOT_MET)
NOW = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)


def side(dossier: str, text: str) -> PassageSide:
    return PassageSide(dossier_id=dossier, epreuve="E1.2", place_fr=text, text=text)


def hostile() -> CohortResults:
    close = ClosePassage(
        left=side("D-1", HOSTILE), right=side("D-2", HOSTILE), same_words=9, words=9
    )
    common = CommonText(dossiers=6, sample=side("D-1", HOSTILE))
    failed = ResultCell(failure_fr=HOSTILE)
    changed = ResultCell(draft=Verdict.NOT_MET, decision=Verdict.MET)
    disputed = ResultCell(draft=Verdict.PARTIALLY_MET, disputed=True)
    rows = [row(n, HOSTILE, changed, failed) for n in range(9)] + [row(9, "Léa", disputed, MET)]
    return results(
        table(*rows),
        label=HOSTILE,
        closeness=Closeness(dossiers=12, texts=12, passages=(close,), common=(common,)),
        problems=(Problem(dossier_id="D-1", name=HOSTILE, epreuve="E1.2", message_fr=HOSTILE),),
        spending=(SpendingRecord(cohort_id="C", run_id="r", model=f"{HOSTILE}|x", started_at=NOW),),
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_whatever_a_name_a_quote_or_a_message_holds_is_text():
    page = report_page(hostile()).decode()
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img", "iframe", "object", "link", "form", "input"}
    assert not any(name.startswith("on") or name in ("src", "style") for name in tags.attributes)
    assert not re.search(r"https?://|url\(|@import", page)
    assert "{{7*7}}" in page
    assert "\u202e" not in page


def test_the_report_asks_nothing_outside_and_is_accessible_with_javascript_or_without(tmp_path):
    path = tmp_path / "rapport.html"
    path.write_bytes(report_page(hostile()))
    with browser() as opened:
        page = opened.new_page(viewport={"width": 1280, "height": 800})
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        assert asked == [path.as_uri()]
        assert said == []
        # The page's own policy refuses axe's script: it is run on a copy without the policy.
        bare = tmp_path / "copie.html"
        bare.write_text(re.sub(r"<meta http-equiv[^>]*>", "", path.read_text(encoding="utf-8")))
        page.goto(bare.as_uri())
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        head = page.locator(".map thead th").first
        assert head.evaluate("e => getComputedStyle(e).position") == "sticky"


def test_drafts_decisions_failures_and_abstentions_are_told_apart_without_colour():
    unseen = ResultCell(draft=Verdict.NOT_ASSESSABLE)
    changed = ResultCell(draft=Verdict.NOT_MET, decision=Verdict.MET)
    page = report_page(
        results(table(row(1, "L", MET, changed), row(2, "M", unseen, ResultCell(failure_fr="x"))))
    ).decode()
    cells = re.findall(r'<td class="([a-z]+(?: d)?)">(<i>.*?|<b>.*?)</td>', page)
    assert cells == [
        ("a", "<i>A</i>"),
        ("a d", "<i>N</i>→<b>A</b>"),
        ("q", "<i>?</i>"),
        ("f", "<i>!</i>"),
    ]


def test_no_candidate_has_a_total_and_their_order_is_the_cohorts():
    page = report_page(
        results(table(row(2, "B", NOT_MET, NOT_MET), row(1, "A", MET, MET)))
    ).decode()
    assert page.index("D-0002") < page.index("D-0001")
    line = re.search(r"<tr><th scope=\"row\">D-0001.*?</tr>", page)
    assert line is not None
    assert re.sub(r"<[^>]*>", " ", line[0]).split() == ["D-0001", "A", "0/2", "A", "A"]


def test_two_hundred_candidates_of_every_criterion_stay_light():
    tables = [table_of(f"E{n}", [row(k, "Léa", *[MET] * 9) for k in range(200)]) for n in range(13)]
    assert len(report_page(results(*tables))) < 2_000_000


def table_of(epreuve: str, rows: list) -> EpreuveTable:
    made = table(epreuve=epreuve)
    heads = tuple(made.heads[0].model_copy(update={"id": f"{epreuve}/CE{n}"}) for n in range(9))
    return made.model_copy(update={"heads": heads, "rows": tuple(rows)})


@pytest.mark.parametrize(("count", "expected"), [(7, 0), (8, 1)])
def test_a_criterion_met_by_nobody_is_told_unless_the_sample_is_small(count, expected):
    tables = (table(*(row(n, "L", NOT_MET, MET) for n in range(count))),)
    found = outliers_of(tables, (), None)
    assert len(found.nobody) == expected
    assert bool(found.withheld) is (expected == 0)


def test_a_text_far_longer_or_shorter_is_told_and_ordinary_spread_is_not():
    ordinary = [length(n, 1800 + 90 * n) for n in range(10)]
    found = outliers_of((), (*ordinary, length(10, 150), length(11, 20_000)), None).lengths
    assert [(odd.length.dossier_id, odd.longer) for odd in found] == [
        ("D-10", False),
        ("D-11", True),
    ]
    assert not outliers_of((), tuple(length(n, 400 * (n + 1)) for n in range(12)), None).lengths
    assert not outliers_of((), (*ordinary[:6], length(6, 150)), None).lengths


def length(number: int, words: int) -> TextLength:
    return TextLength(dossier_id=f"D-{number}", epreuve="E1.2", words=words)


def spread(*shares: float, made: str = "m") -> CohortSpread:
    return CohortSpread(
        epreuves=(EpreuveSpread(epreuve="E1.2", made_by_fr=(made,), shares=shares),)
    )


def test_drafts_that_moved_since_the_last_cohort_are_told_with_the_engine_that_changed():
    now = (table(*(row(n, "L", MET, NOT_MET if n % 2 else MET) for n in range(20))),)
    moved = outliers_of(now, (), spread(*[0.0, 0.5] * 10))
    (shift,) = moved.shifts
    assert (shift.before, shift.now, shift.same_engine) == (0.25, 0.75, False)
    assert "75\u00a0%" in told(moved)[0].message_fr
    assert not outliers_of(now, (), spread(*[0.5, 1.0] * 10)).shifts
    assert not outliers_of(now, (), spread(*[0.0, 0.5] * 4)).shifts


def test_the_command_writes_the_report_and_compares_with_the_last_cohort(tmp_path, monkeypatch):
    promo = generate(tmp_path / "promo", 1)
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "donnees"))
    monkeypatch.setenv("PREUVE_READING_WORKERS", "1")
    report, out = tmp_path / "rapport.html", tmp_path / "sorties"
    last = tmp_path / "avant.json"
    last.write_text(spread(0.5).model_dump_json(), encoding="utf-8")
    common = ["batch", str(promo), "-q", "--judge", "embedded", "--dry-run"]
    ended = CliRunner().invoke(
        cli, [*common, "--rapport", str(report), "--resultats", str(out), "--reference", str(last)]
    )
    assert ended.exit_code == 0, ended.output
    assert report.stat().st_mode & 0o077 == 0
    assert "cohorte précédente" in report.read_text(encoding="utf-8")
    kept = CohortSpread.model_validate_json((out / "repartition.json").read_bytes())
    assert [s.epreuve for s in kept.epreuves] == ["E1.1"]
    refused = CliRunner().invoke(cli, [*common, "--reference", str(report)])
    assert refused.exit_code == 1
    assert "repartition.json" in refused.stderr


def test_a_missing_reference_is_refused_before_anything_is_run(tmp_path: Path):
    ended = CliRunner().invoke(
        cli, ["batch", str(tmp_path), "--reference", str(tmp_path / "rien.json")]
    )
    assert ended.exit_code == 1
    assert "rien.json" in ended.stderr
