"""The page: choose a dossier, review it, read the proof, decide, export.

Handlers are thin: plain values in, one `Desk` method, plain values out. What is on screen is
always read back from the store, so that a reload shows exactly what was kept.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final
from urllib.parse import quote

from assistant.app import Desk, JudgeName, build_app, build_people
from assistant.settings import Settings, bundled_asset, silence_libraries
from assistant.web import GRADIO_PATH, create_app, serve
from ingest.errors import UserFacingError

silence_libraries()  # before the first import of Gradio

import gradio as gr  # noqa: E402  (see the line above)

_CSS: Final = bundled_asset("screen/page.css")
_SELECT_JS: Final = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-criterion]');
  if (button) { trigger('select', { value: button.dataset.criterion }); }
});
"""
_NO_ONE: Final = {"dossier": "", "epreuve": "", "criterion": "", "assessor": ""}


@contextmanager
def shown_errors() -> Iterator[None]:
    """A foreseen failure becomes a message on the page; any other crashes loudly."""
    try:
        yield
    except UserFacingError as error:
        raise gr.Error(error.user_message, title="Impossible") from error


class Page:
    """The components and their handlers, over one `Desk`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    # --- what is on screen -------------------------------------------------------------------

    def restore(self, kept: dict[str, str] | None) -> list[Any]:
        """On opening or reloading: the same dossier, épreuve, criterion and name as before."""
        kept = {**_NO_ONE, **(kept or {})}
        known = [value for _, value in self.desk.dossier_choices()]
        dossier = kept["dossier"] if kept["dossier"] in known else (known[0] if known else "")
        assessor = kept["assessor"] or self.desk.assessor
        return [
            gr.Dropdown(choices=self.desk.dossier_choices(), value=dossier or None),
            assessor,
            *self.choose_dossier(dossier, kept["epreuve"], kept["criterion"], assessor),
        ]

    def choose_dossier(
        self, dossier: str, epreuve: str, criterion: str, assessor: str
    ) -> list[Any]:
        """Show a dossier, keeping the épreuve when it has it."""
        with shown_errors():
            choices = self.desk.epreuve_choices(dossier)
            values = [value for _, value in choices]
            epreuve = epreuve if epreuve in values else (values[0] if values else "")
            names = self.desk.file_names(dossier) if dossier else []
            return [
                gr.Dropdown(choices=choices, value=epreuve or None),
                self.desk.dossier_html(dossier),
                gr.Dropdown(choices=names, value=names[0] if names else None),
                *self.choose_epreuve(dossier, epreuve, criterion, assessor),
            ]

    def choose_epreuve(
        self, dossier: str, epreuve: str, criterion: str, assessor: str
    ) -> list[Any]:
        """Show an épreuve, keeping the criterion when it has it."""
        if epreuve and not criterion.startswith(f"{epreuve}/"):
            criterion = self.desk.first_criterion(epreuve)
        return self.choose_criterion(dossier, epreuve, criterion, assessor)

    def choose_criterion(
        self, dossier: str, epreuve: str, criterion: str, assessor: str
    ) -> list[Any]:
        """Show a criterion with what this person was typing about it."""
        kept = {"dossier": dossier, "epreuve": epreuve, "criterion": criterion}
        place = (dossier, epreuve, criterion, assessor)
        return [
            criterion,
            {**kept, "assessor": assessor},
            self.desk.typing(*place, "motif"),
            self.desk.typing(*place, "commentaire"),
            None,
            _export_links(dossier, epreuve),
            *self.refresh(dossier, epreuve, criterion),
        ]

    def select(self, dossier: str, epreuve: str, assessor: str, event: gr.EventData) -> list[Any]:
        """A click in the list of criteria."""
        return self.choose_criterion(dossier, epreuve, str(event.value), assessor)

    def refresh(self, dossier: str, epreuve: str, criterion: str) -> list[Any]:
        """The parts that follow the store: list, card, buttons, progress."""
        with shown_errors():
            job = self.desk.job(dossier, epreuve) if dossier and epreuve else None
            running = job is not None and job.running
            shown = self.desk.shown_key(dossier, epreuve, criterion)
            return [
                self.desk.list_html(dossier, epreuve, criterion),
                self.desk.card_html(dossier, epreuve, criterion),
                shown,
                gr.Button(interactive=bool(shown)),
                gr.Button(interactive=bool(dossier and epreuve) and not running),
                gr.Markdown(_progress(job), visible=job is not None),
                gr.Timer(active=running),
            ]

    # --- what a person does ------------------------------------------------------------------

    def deposit(self, files: list[str] | None, assessor: str) -> list[Any]:
        """Uploaded files become a dossier, shown at once."""
        with shown_errors():
            dossier = self.desk.deposit(files or [])
            choices = gr.Dropdown(choices=self.desk.dossier_choices(), value=dossier)
            return [choices, None, *self.choose_dossier(dossier, "", "", assessor)]

    def assign(
        self,
        dossier: str,
        epreuve: str,
        criterion: str,
        assessor: str,
        name: str,
        role: str,
        epreuves: list[str],
    ) -> list[Any]:
        """A person corrects what a file is."""
        with shown_errors():
            if not (dossier and name):
                raise gr.Error("Choisissez d'abord un dossier et un fichier.")
            self.desk.assign(dossier, name, role, epreuves)
            return self.choose_dossier(dossier, epreuve, criterion, assessor)

    def start(self, dossier: str, epreuve: str, judge: JudgeName, criterion: str) -> list[Any]:
        """Start the review beside the page."""
        with shown_errors():
            if not (dossier and epreuve):
                raise gr.Error("Choisissez d'abord un dossier et une épreuve.")
            if not self.desk.start(dossier, epreuve, judge):
                gr.Info("Un pré-examen de cette épreuve est déjà en cours.")
        return self.refresh(dossier, epreuve, criterion)

    def confirm(
        self,
        dossier: str,
        epreuve: str,
        criterion: str,
        assessor: str,
        shown: str,
        comment: str,
    ) -> list[Any]:
        """The draft's verdict becomes this person's decision; on to the next open criterion."""
        with shown_errors():
            self.desk.decide(
                dossier,
                epreuve,
                criterion,
                assessor=assessor,
                action="accept",
                comment=comment,
                shown_key=shown,
            )
            following = self.desk.next_open(dossier, epreuve, criterion)
        gr.Info("Décision enregistrée.")
        return self.choose_criterion(dossier, epreuve, following, assessor)

    def override(
        self,
        dossier: str,
        epreuve: str,
        criterion: str,
        assessor: str,
        shown: str,
        verdict: str | None,
        reason: str,
        comment: str,
    ) -> list[Any]:
        """Another verdict than the draft's, with its reason."""
        with shown_errors():
            if not verdict:
                raise gr.Error("Choisissez votre verdict.")
            self.desk.decide(
                dossier,
                epreuve,
                criterion,
                assessor=assessor,
                action="override",
                verdict=verdict,
                reason=reason,
                comment=comment,
                shown_key=shown,
            )
        gr.Info("Décision enregistrée.")
        return self.choose_criterion(dossier, epreuve, criterion, assessor)

    def keep_typing(self, field: str) -> Callable[[str, str, str, str, str], None]:
        """A handler that keeps each keystroke of one field."""

        def keep(dossier: str, epreuve: str, criterion: str, assessor: str, text: str) -> None:
            with shown_errors():
                self.desk.save_typing(dossier, epreuve, criterion, assessor, field, text)

        return keep


def _export_links(dossier: str, epreuve: str) -> str:
    """Served by a route that asks who wants them, never from Gradio's cache of files."""
    if not (dossier and epreuve):
        return ""
    place = escape(f"/dossier/{quote(dossier, safe='')}/{quote(epreuve, safe='')}")
    return (
        f'<p><a href="{place}/grille.docx" download>Exporter la grille (Word)</a> · '
        f'<a href="{place}/grille.json" download>Exporter tout (JSON)</a></p>'
    )


def _progress(job: Any) -> str:
    if job is None:
        return ""
    if job.error_fr:
        return f"**Pré-examen arrêté.** {job.error_fr}"
    failed = f", dont {job.failed} en échec" if job.failed else ""
    verb = "Pré-examen en cours" if job.running else "Pré-examen terminé"
    return f"**{verb}** : {job.done} critère(s) sur {job.total}{failed}."


def build_page(desk: Desk) -> Any:
    """Lay the page out and wire it."""
    page = Page(desk)
    with gr.Blocks(title="preuve — pré-examen des dossiers") as blocks:
        kept = gr.BrowserState(_NO_ONE, storage_key="preuve", secret="preuve")
        criterion, shown = gr.State(""), gr.State("")
        timer = gr.Timer(1.0, active=False)
        gr.HTML(
            "<h1>preuve</h1><p>Pré-examen critère par critère. L'assistant propose, "
            "vous décidez.</p>",
            elem_id="titre",
        )
        with gr.Row(equal_height=False):
            with gr.Column(scale=3, min_width=300):
                dossier = gr.Dropdown(label="Dossier", choices=[], interactive=True)
                epreuve = gr.Dropdown(label="Épreuve", choices=[], interactive=True)
                judge = gr.Radio(label="Moteur", choices=desk.judge_choices(), value="embedded")
                run = gr.Button("Pré-examiner l'épreuve", variant="primary")
                progress = gr.Markdown(visible=False)
                with gr.Accordion("Fichiers du dossier", open=False):
                    files_html = gr.HTML()
                    file_name = gr.Dropdown(label="Corriger un fichier", choices=[])
                    role = gr.Radio(
                        label="Il s'agit d'un",
                        choices=["livrable", "brief", "annexe"],
                        value="livrable",
                    )
                    answers = gr.Dropdown(
                        label="Pour les épreuves", choices=desk.all_epreuves(), multiselect=True
                    )
                    correct = gr.Button("Enregistrer cette correction", size="sm")
                with gr.Accordion("Déposer un dossier", open=False):
                    upload = gr.File(
                        label="Livrables et brief d'un candidat",
                        file_count="multiple",
                        type="filepath",
                    )
                    deposit = gr.Button("Ouvrir ces fichiers", size="sm")
            with gr.Column(scale=4, min_width=340):
                listing = gr.HTML(js_on_load=_SELECT_JS, elem_id="liste")
            with gr.Column(scale=6, min_width=420):
                card = gr.HTML(elem_id="fiche")
                with gr.Group():
                    assessor = gr.Textbox(
                        label="Votre nom (il signe vos décisions)", max_lines=1, elem_id="nom"
                    )
                    confirm = gr.Button("Confirmer la proposition", variant="primary")
                    verdict = gr.Radio(
                        label="Ou donner un autre verdict", choices=desk.verdict_choices()
                    )
                    reason = gr.Textbox(label="Motif (obligatoire pour un autre verdict)", lines=2)
                    comment = gr.Textbox(label="Commentaire (facultatif)", lines=1)
                    override = gr.Button("Enregistrer mon verdict")
                exports = gr.HTML(elem_id="exports")

        live = [listing, card, shown, confirm, run, progress, timer]
        on_criterion = [criterion, kept, reason, comment, verdict, exports, *live]
        on_dossier = [epreuve, files_html, file_name, *on_criterion]
        place = [dossier, epreuve, criterion, assessor]

        blocks.load(page.restore, [kept], [dossier, assessor, *on_dossier])
        dossier.input(page.choose_dossier, place, on_dossier)
        epreuve.input(page.choose_epreuve, place, on_criterion)
        assessor.input(page.choose_criterion, place, on_criterion, trigger_mode="always_last")
        listing.select(page.select, [dossier, epreuve, assessor], on_criterion)
        run.click(page.start, [dossier, epreuve, judge, criterion], live)
        timer.tick(page.refresh, [dossier, epreuve, criterion], live, show_progress="hidden")
        deposit.click(page.deposit, [upload, assessor], [dossier, upload, *on_dossier])
        correct.click(page.assign, [*place, file_name, role, answers], on_dossier)
        confirm.click(page.confirm, [*place, shown, comment], on_criterion)
        override.click(page.override, [*place, shown, verdict, reason, comment], on_criterion)
        for field, name in ((reason, "motif"), (comment, "commentaire")):
            field.input(
                page.keep_typing(name),
                [*place, field],
                None,
                trigger_mode="always_last",
                show_progress="hidden",
            )
    return blocks


def main() -> None:
    """Serve the site on this machine until interrupted."""
    settings = Settings.load()
    # Uploads pass through a folder of ours, so that erasing a candidate reaches them too.
    os.environ["GRADIO_TEMP_DIR"] = str(settings.data_dir / "tmp" / "gradio")
    app = build_app(settings)
    web = create_app(app, settings, build_people(settings))
    blocks = build_page(web.state.site.desk)
    blocks.queue(default_concurrency_limit=8)
    gr.mount_gradio_app(
        web,
        blocks,
        GRADIO_PATH,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        max_file_size=settings.max_file_mb * 1_000_000,
        allowed_paths=[],
        show_error=False,  # an unforeseen failure is told in the log, not on the page
        ssr_mode=False,
        mcp_server=False,
        theme=gr.themes.Base(
            font=["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"],
            font_mono=["ui-monospace", "Consolas", "monospace"],
        ),
        css_paths=[_CSS],
    )
    serve(web, settings)


if __name__ == "__main__":
    main()
