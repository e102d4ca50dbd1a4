"""The papers themselves, as Markdown: templates filled with facts and rows."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.conformity.facts import CriterionScore, Facts
from assistant.conformity.intervals import Share
from assistant.conformity.rows import limits, obligations, risks
from assistant.domain.bands import Band
from assistant.domain.finding import EngineId
from assistant.domain.verdict import Verdict
from assistant.loopback import hostname, is_loopback
from assistant.reporting.labels import count_fr, fr, list_fr, number_fr, percent_fr

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"

#: The files, in the order in which one reads them.
PAPERS: Final = (
    "README.md",
    "dossier-technique.md",
    "notice-evaluateurs.md",
    "notice-candidats.md",
    "aipd.md",
    "droits-fondamentaux.md",
    "risques.md",
    "obligations.md",
)

_VERDICTS_FR: Final = {
    Verdict.MET: "acquis",
    Verdict.PARTIALLY_MET: "partiel",
    Verdict.NOT_MET: "non acquis",
    Verdict.NOT_ASSESSABLE: "non évaluable",
}


def papers(facts: Facts) -> dict[str, str]:
    """The text of each paper, by the name of its file."""
    shown = {
        "facts": facts,
        "settings": facts.settings,
        "limits": limits(),
        "risks": risks(),
        "obligations": obligations(),
        "say": _Words,
    }
    environment = _environment()
    return {name: fr(environment.get_template(f"{name}.jinja").render(shown)) for name in PAPERS}


@cache
def _environment() -> Environment:
    return Environment(  # Markdown, of our own words and figures: nothing to escape
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


class _Words:
    """What templates say of facts."""

    @staticmethod
    def count(number: int, singular: str, plural: str = "") -> str:
        return count_fr(number, singular, plural)

    @staticmethod
    def number(number: int) -> str:
        return number_fr(number)

    @staticmethod
    def engine(engine: EngineId) -> str:
        if engine.engine == "embedded":
            return f"moteur embarqué {engine.version}, sans modèle génératif"
        return f"modèle de langage {engine.model}, {engine.version}"

    @staticmethod
    def days(days: int | None) -> str:
        """« 30 jours », or that nothing goes by itself."""
        return "jusqu'à effacement demandé" if days is None else count_fr(days, "jour")

    @staticmethod
    def sent(facts: Facts) -> str:
        """What leaves the program and where it goes, as the settings say: whole sentences."""
        settings = facts.settings
        where = [
            f"{what} « {model} », {_place(address)}"
            for what, model, address in (
                ("au modèle de langage", settings.llm_model, settings.llm_base_url),
                (
                    "au modèle de vecteurs",
                    settings.embedding_model,
                    settings.embedding_base_url or settings.llm_base_url,
                ),
            )
            if model
        ]
        if not where:
            return "Rien n'est envoyé : aucun modèle n'est réglé."
        refused = " Toute autre adresse hors de la machine est refusée." * settings.local_only
        return f"Ce qui est envoyé va {' et '.join(where)}.{refused}"

    @staticmethod
    def tests(names: Sequence[str]) -> str:
        """For a table's cell."""
        return "<br>".join(f"`{name}`" for name in names)

    @staticmethod
    def verdicts(facts: Facts) -> str:
        counts = facts.sheet.verdicts
        return list_fr([f"{counts[v]} {_VERDICTS_FR[v]}" for v in Verdict if counts.get(v)])

    @staticmethod
    def kinds(facts: Facts) -> str:
        counts = sorted(facts.sheet.kinds.items(), key=lambda one: (-one[1], one[0]))
        return list_fr([f"{count} .{kind}" for kind, count in counts])

    @staticmethod
    def overall(facts: Facts) -> Share:
        return Share(
            sum(row.draft is row.gold for row in facts.run.rows), max(1, len(facts.run.rows))
        )

    @staticmethod
    def share(share: Share) -> str:
        return percent_fr(share.agreed / share.size)

    @staticmethod
    def scores(facts: Facts) -> str:
        """One line per measured criterion."""
        lines = (_score_line(score) for score in facts.scores if score.share is not None)
        head = (
            "| Critère | Étiquettes | En accord | À 95 % | Abstentions | Défauts dits acquis |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        )
        return "\n".join((*head, *lines))

    @staticmethod
    def unmeasured(facts: Facts) -> str:
        names = [f"`{score.id}`" for score in facts.scores if score.share is None]
        return list_fr(names) if names else "aucun"

    @staticmethod
    def measured(facts: Facts) -> int:
        return sum(score.share is not None for score in facts.scores)

    @staticmethod
    def bands(facts: Facts) -> str:
        """What drafts of each verdict were worth; empty when nobody measured it."""
        if facts.bands is None:
            return ""
        head = ("| Proposition | n | En accord | À 95 % |", "| --- | ---: | ---: | ---: |")
        return "\n".join((*head, *_band_lines(facts.bands.bands)))


def _place(address: str) -> str:
    host = hostname(address) if address else "api.openai.com"
    return f"{host} (cette machine)" if is_loopback(host) else f"{host} (hors de cette machine)"


def _score_line(score: CriterionScore) -> str:
    assert score.share is not None
    low, high = score.share.bounds
    interval = f"{percent_fr(low)} à {percent_fr(high)}"
    cells = (
        f"`{score.id}`",
        str(score.share.size),
        str(score.share.agreed),
        interval,
        str(score.abstained),
        str(score.too_kind),
    )
    return f"| {' | '.join(cells)} |"


def _band_lines(bands: Sequence[Band]) -> Iterator[str]:
    for band in bands:
        if set(band.features) == {"verdict"}:
            word = _VERDICTS_FR[Verdict(band.features["verdict"])]
            if band.low is None or band.high is None:
                yield f"| {word} | {band.size} | — | {band.note_fr} |"
            else:
                bounds = f"{percent_fr(band.low)} à {percent_fr(band.high)}"
                yield f"| {word} | {band.size} | {percent_fr(band.share)} | {bounds} |"
