"""`preuve decide`: record one ruling."""

from typing import Annotated

import typer

from assistant.cli.common import application
from assistant.cli.french import Command
from assistant.domain.verdict import Verdict


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("decide", cls=Command)(decide)


def decide(
    dossier: Annotated[str, typer.Argument(help="Identifiant ou chemin du dossier.")],
    critere: Annotated[str, typer.Argument(help="Critère, ex. E1.2/note-cadrage/CE1.")],
    verdict: Annotated[
        Verdict | None,
        typer.Option("--verdict", "-v", help="Votre verdict, s'il diffère de la proposition."),
    ] = None,
    reason: Annotated[
        str, typer.Option("--motif", "-m", help="Motif, obligatoire si vous modifiez.")
    ] = "",
    comment: Annotated[str, typer.Option("--commentaire", help="Commentaire libre.")] = "",
    assessor: Annotated[
        str, typer.Option("--par", help="Votre nom ; par défaut, PREUVE_ASSESSOR.")
    ] = "",
    arbitrage: Annotated[
        bool, typer.Option("--arbitrage", help="Tranche un désaccord entre évaluateurs.")
    ] = False,
) -> None:
    """Enregistre votre décision : sans --verdict, elle confirme la proposition."""
    with application() as app:
        from assistant.app.rulings import Rulings
        from assistant.app.workbench import Workbench

        dossier_id, epreuve = app.library.resolve(dossier), critere.partition("/")[0]
        person = assessor or app.settings.assessor
        rulings = Rulings(app, Workbench(app))
        if arbitrage and app.rubrics.certification.relecture.evaluateurs > 1:
            decision = rulings.settle(
                person, dossier_id, epreuve, critere, verdict, reason=reason, comment=comment
            )
        else:
            rulings.require_free(person, dossier_id, epreuve)
            decision = app.decide(
                dossier_id,
                critere,
                epreuve=epreuve,
                assessor=person,
                action="adjudicate" if arbitrage else "override" if verdict else "accept",
                verdict=verdict,
                reason=reason,
                comment=comment,
            )
        label = app.rubrics.certification.libelle(decision.verdict)
        typer.echo(f"Décision enregistrée : {decision.criterion_id} — {label}.")
