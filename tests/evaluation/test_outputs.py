"""Tables, report, page and files: the same figures everywhere, and nothing that leaks or breaks."""

import datetime as dt
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from assistant.errors import MeasuresInvalid
from assistant.evaluation import wording
from assistant.evaluation.comparison import compare
from assistant.evaluation.figures import measure
from assistant.evaluation.files import measurement_json, read_run, write_text
from assistant.evaluation.gate import run_gate
from assistant.evaluation.harness import rubrics_hash
from assistant.evaluation.html import report_html
from assistant.evaluation.labels import SetProblem
from assistant.evaluation.markdown import quality_page
from assistant.evaluation.run import RetrievalHit
from assistant.evaluation.sets import load_set
from assistant.evaluation.svg import Bar, Series, bar_chart, line_chart
from assistant.evaluation.terminal import comparison_view, figures_view, gate_view, problems_view
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from tests.evaluation.sets import MET, NOT_MET, PARTIAL, UNKNOWN, row, rows, run

DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def measured():
    hit = RetrievalHit(rank=2, used=8, seen=True, seen_by_attendu=True, share_given=0.4)
    looked_at = [
        row(gold, draft, candidate=f"v{n}", part="regarder", certainty=n / 8, retrieval=hit)
        for n, (gold, draft) in enumerate([(MET, MET), (PARTIAL, MET), (NOT_MET, UNKNOWN)] * 2)
    ]
    held_out = [
        row(gold, draft, candidate=f"g{n}", certainty=n / 8, retrieval=hit)
        for n, (gold, draft) in enumerate([(MET, PARTIAL), (PARTIAL, PARTIAL), (MET, None)] * 2)
    ]
    return run([*looked_at, *held_out])


def printed(view):
    console = Console(width=100, record=True, file=open("/dev/null", "w", encoding="utf-8"))
    console.print(view)
    return console.export_text()


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (0.4549, "share", "45,5\u00a0%"),
        (1.0, "share", "100,0\u00a0%"),
        (0.275, "kappa", "0,28"),
        (-0.141, "ranks", "\u22120,14"),
        (0.141, "ranks", "+0,14"),
        (-0.001, "ranks", "0,00"),
        (None, "share", "—"),
    ],
)
def test_figures_are_written_as_french_ones(value, kind, expected):
    assert wording.number(value, kind) == expected


def test_the_commonest_confusions_are_said_in_words():
    table = ((5, 2, 0, 9, 0), (0, 1, 0, 0, 0), (1, 0, 3, 0, 0), (0, 0, 0, 2, 0))

    assert wording.most_confused(table, 2) == [
        "9 fois « acquis » dit « non évaluable »",
        "2 fois « acquis » dit « partiel »",
    ]


def test_the_terminal_the_report_and_the_page_say_the_same_agreement(measured):
    figures = measure(measured)
    texts = (
        printed(figures_view(measured, figures)),
        report_html(measured, figures, "preuve eval essai", DAY),
        quality_page(measured, figures, "preuve eval essai", DAY),
    )

    for part in figures.parts:
        shown = wording.measure_text(part.overall["agreement"])
        for text in texts:
            assert shown in text
            assert wording.PART_LABELS[part.part] in text


def test_the_page_is_dated_gives_its_command_and_its_limits(measured):
    limited = measured.model_copy(
        update={"set": measured.set.model_copy(update={"limits": ("Un seul auteur attentif.",)})}
    )

    page = quality_page(limited, measure(limited), "preuve eval essai --judge embedded", DAY)

    assert "Mesuré le 02/03/2026" in page
    assert "preuve eval essai --judge embedded" in page
    assert "- Un seul auteur attentif." in page
    assert "## Ce que ces chiffres ne montrent pas" in page


def test_every_table_of_the_page_is_whole(measured):
    page = quality_page(measured, measure(measured), "preuve eval essai", DAY)

    tables = re.findall(r"(?:^\|.*\|\n)+", page, flags=re.MULTILINE)
    assert len(tables) >= 12
    for table in tables:
        assert len({line.count("|") for line in table.strip().splitlines()}) == 1


class Outside(HTMLParser):
    """Collects what would make a browser fetch or run something, and unclosed tags."""

    def __init__(self):
        super().__init__()
        self.found, self.open = [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "link", "iframe", "img", "object"):
            self.found.append(tag)
        self.found += [value for name, value in attrs if name in ("src", "href") and value]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_errors_that_checks_computed_are_listed_beside_their_label():
    table = [
        row(NOT_MET, NOT_MET, candidate="a|b", gaps=("DET-SOMME", "DET-PLAFOND")),
        row(MET, MET, candidate="c"),
    ]
    page = quality_page(run(table), measure(run(table)), "preuve eval essai", DAY)
    section = page.split("## Les erreurs qu'un contrôle a calculées")[1].split("\n## ")[0]
    assert "Aucun n'est étiqueté « acquis »" in section
    assert "| a\\|b |" in section
    assert "| non acquis | DET-SOMME, DET-PLAFOND |" in section
    assert "| c |" not in section

    wrong = run([row(MET, NOT_MET, candidate="d", gaps=("DET-ROI",))])
    assert "1 étiqueté(s) « acquis » : à relire" in quality_page(wrong, measure(wrong), "x", DAY)


def test_the_report_needs_nothing_outside_itself_and_is_well_formed(measured):
    html = report_html(measured, measure(measured), "preuve eval essai", DAY)

    parser = Outside()
    parser.feed(html)
    assert parser.found == []
    assert parser.open == []
    assert html.count("<svg") >= 6  # three plots for each part
    assert "url(" not in html


def test_names_of_a_set_are_text_in_the_report_and_in_the_terminal():
    hostile = "<script>alert(1)</script>[bold]"
    made_of = [row(MET, NOT_MET, candidate=hostile, criterion=hostile)]
    problems = (SetProblem(line=2, message_fr=hostile),)
    named = run(made_of, problems=problems)
    named = named.model_copy(update={"set": named.set.model_copy(update={"title": hostile})})

    html = report_html(named, measure(named), hostile, DAY)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "[bold]" in printed(figures_view(named, measure(named)))
    assert hostile in printed(problems_view(problems))


def test_a_plot_without_points_is_left_out_and_labels_are_escaped():
    assert line_chart("t", [], x_label="x", y_label="y", x_percent=True) == ""
    assert bar_chart("t", [], []) == ""
    drawn = bar_chart("t", [Bar(label="<b>", value=0.5)], [])
    assert "&lt;b&gt;" in drawn
    assert "<b>" not in drawn


def test_a_line_is_drawn_where_its_values_are():
    drawn = line_chart(
        "t",
        [Series(label="s", points=((0.0, 0.0), (1.0, 1.0)))],
        x_label="x",
        y_label="y",
        x_percent=True,
    )

    assert 'points="56.0,252.0 624.0,16.0"' in drawn


def test_measures_are_read_back_as_they_were_written(tmp_path, measured):
    path = write_text(tmp_path / "neuf" / "mesures.json", measurement_json(measured))

    assert read_run(path) == measured


def test_a_file_of_measures_has_one_row_per_line(measured):
    text = measurement_json(measured)

    assert sum(line.startswith("   {") for line in text.splitlines()) == len(measured.rows)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": "preuve-mesures/9", "run": {}}', "pas du JSON"]
)
def test_what_is_not_a_file_of_measures_is_refused_in_french(tmp_path, content):
    path = tmp_path / "mesures.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(MeasuresInvalid) as refusal:
        read_run(path)

    assert "ce n'est pas un fichier de mesures" in refusal.value.user_message


def test_measures_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(MeasuresInvalid, match="illisible"):
        read_run(tmp_path / "rien.json")


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "fichier").write_text("")

    with pytest.raises(MeasuresInvalid, match="écriture impossible"):
        write_text(tmp_path / "fichier" / "mesures.json", "{}")


def test_a_comparison_says_which_differences_are_noise():
    before = rows([(MET, NOT_MET)] * 40 + [(MET, MET)] * 40, candidates=8)
    after = [r.model_copy(update={"draft": MET}) for r in before]

    text = printed(comparison_view(compare(run(before), run(after))))

    assert "au-delà du bruit" in text
    assert "40 deviennent justes, 0 cessent de l'être" in text


def test_the_gate_says_what_fell_and_what_to_do():
    gate = run_gate(run(rows([(MET, MET)])), run(rows([(MET, NOT_MET)])))

    text = printed(gate_view(gate))

    assert "Accord exact : 100,0\u00a0% → 0,0\u00a0%" in text
    assert "--save-baseline" in text


def test_the_published_page_is_of_the_labels_and_grids_that_are_here(cohort):
    """`make eval` writes it again; figures of other labels or grids must not stay published."""
    page = (cohort.parent.parent / "docs" / "quality.md").read_text(encoding="utf-8")
    eval_set = load_set(cohort)
    rubrics = load_rubric_set(Settings(_env_file=None).rubrics_path)

    assert f"`{eval_set.labels_hash[:12]}`" in page
    assert f"`{rubrics_hash(rubrics)[:12]}`" in page
    assert "preuve eval eval_sets/cohorte-exemple --judge embedded" in page
    for limit in eval_set.description.limites:
        assert f"- {limit}" in page
