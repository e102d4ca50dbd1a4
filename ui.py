"""The entry point of the site, and its Gradio page: deposit a dossier, have it drafted.

Handlers are thin: who asks and may they, one `Desk` method, plain values out. What is on screen is
always read back from the store. Reading the drafts and deciding is the desk's (`assistant/web`).
"""

import os
from collections.abc import Callable
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any, Final, ParamSpec
from urllib.parse import quote

from assistant.app import Desk, JudgeName, build_app, build_people
from assistant.settings import Settings, bundled_asset, silence_libraries
from assistant.web import GRADIO_PATH, Action, Guests, Uploads, create_app, fr, serve
from ingest.errors import UserFacingError

silence_libraries()  # before the first import of Gradio
_SETTINGS: Final = Settings.load()
_UPLOADS: Final = Uploads(_SETTINGS)
os.environ["GRADIO_TEMP_DIR"] = str(_UPLOADS.folder)  # read at that import too

import gradio as gr  # noqa: E402  (see the lines above)

_CSS: Final = bundled_asset("screen/page.css")
_NOTHING: Final = {"dossier": "", "epreuve": ""}
#: Seconds between two looks at what was sent and never deposited, and its age when it goes.
_FORGOTTEN: Final = (600, 3600)
#: Gradio has no French words for its upload buttons, and puts one in another.
_NAME_THE_BUTTONS: Final = """() => {
  const every = (selector, change) => document.querySelectorAll(selector).forEach(change);
  const name = () => {
    every('#envoi .icon-button:has(button)', (box) => {
      box.role = "group";
      box.tabIndex = -1;
      box.ariaLabel = "Fichiers envoyés";
      box.removeAttribute("title");
      box.removeAttribute("aria-haspopup");
    });
    every('#envoi [aria-label="Click to upload or drop files"]', (button) => {
      const adds = button.closest(".icon-button");
      button.ariaLabel = adds ? "Ajouter des fichiers" : "Choisir des fichiers";
    });
    every('#envoi [aria-label="File upload"]', (input) => { input.ariaLabel = "Fichiers"; });
    every('.toast-body.error .toast-message-text', (told) => {
      const size = /allowed size of ([0-9.]+)/.exec(told.textContent);
      if (size || /413|too large/i.test(told.textContent)) {
        told.textContent = "Cet envoi est trop volumineux" +
          (size ? ` (${size[1].replace(".", ",")}\u00a0Mo au plus)` : "") +
          ". Envoyez moins de fichiers, ou des images moins lourdes.";
      }
    });
  };
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  name();
}"""
_BANNER: Final = '<div class="bandeau"><a class="marque" href="/">preuve</a></div>'
_STOPPED = (
    "**L’assistant est arrêté** depuis le {since}\u00a0: aucune nouvelle proposition n’est faite. "
    "Vous pouvez toujours déposer, lire et décider."
)
_INTRO: Final = (
    "<h1>Déposer et pré-examiner</h1>"
    "<p>Déposez les fichiers d’un candidat, vérifiez à quoi chacun répond, puis lancez le "
    "pré-examen. L’assistant propose, vous décidez.</p>"
)


P = ParamSpec("P")


def told(handler: Callable[P, list[Any]]) -> Callable[P, Any]:
    """A foreseen failure becomes a message, and the page stays as it is; others crash loudly."""

    @wraps(handler)
    def handle(*given: P.args, **named: P.kwargs) -> Any:
        try:
            return handler(*given, **named)
        except UserFacingError as error:
            gr.Warning(escape(fr(error.user_message)), duration=None, title="Impossible")
            return gr.skip()

    return handle


class NotReady(UserFacingError):
    """Something is to be chosen first."""

    template_fr = "Choisissez d'abord {what}."


class SentAgain(UserFacingError):
    """What was sent has been deposited already."""

    template_fr = "Ces fichiers ont déjà été repris. Envoyez-les à nouveau."


class Page:
    """The components' handlers, over one `Desk`. Each asks what the person may do first."""

    def __init__(self, desk: Desk, guests: Guests) -> None:
        self.desk = desk
        self.guests = guests

    @told
    def banner(self, request: gr.Request) -> list[Any]:
        """The links of the site, which depend on who looks; whether the assistant is stopped."""
        since = self.desk.stopped_since
        stopped = _STOPPED.format(since=f"{since.astimezone():%d/%m/%Y à %H:%M}") if since else ""
        return [
            self.guests.banner(request),
            gr.Markdown(stopped, visible=since is not None),
        ]

    @told
    def restore(self, kept: dict[str, str] | None, request: gr.Request) -> list[Any]:
        """On opening or reloading: the same dossier and épreuve as before."""
        kept = {**_NOTHING, **(kept or {})}
        choices = self._choices(request)
        known = [value for _, value in choices]
        dossier = kept["dossier"] if kept["dossier"] in known else (known[0] if known else "")
        return [
            gr.Dropdown(choices=choices, value=dossier or None),
            *self._shown(dossier, kept["epreuve"]),
        ]

    @told
    def choose_dossier(self, dossier: str, epreuve: str, request: gr.Request) -> list[Any]:
        """Show a dossier, keeping the épreuve when it has it."""
        self._require(request, Action.READ_DOSSIER, dossier)
        return self._shown(dossier, epreuve)

    @told
    def refresh(self, dossier: str, epreuve: str, request: gr.Request) -> list[Any]:
        """The parts that follow a running review."""
        self._require(request, Action.READ_DOSSIER, dossier)
        return [{"dossier": dossier, "epreuve": epreuve}, *self._live(dossier, epreuve)]

    @told
    def deposit(self, files: list[str] | None, request: gr.Request) -> list[Any]:
        """Uploaded files become a dossier of this person's, shown at once."""
        self.guests.require(request, Action.DEPOSIT)
        sent = [Path(file) for file in files or []]
        if not sent:
            raise NotReady("nothing sent", what="les fichiers d'un candidat")
        if not all(file.is_file() for file in sent):
            raise SentAgain("taken already")
        owner = self.guests.depositor(request)
        dossier = self.desk.deposit([str(file) for file in sent], owner)
        self.guests.own(request, dossier)
        _UPLOADS.take(sent)  # the dossier has its own copy
        choices = gr.Dropdown(choices=self._choices(request), value=dossier)
        return [choices, None, *self._shown(dossier, "")]

    @told
    def assign(
        self,
        dossier: str,
        epreuve: str,
        name: str,
        role: str,
        epreuves: list[str],
        request: gr.Request,
    ) -> list[Any]:
        """A person corrects what a file is."""
        if not (dossier and name):
            raise NotReady("nothing chosen", what="un dossier et un fichier")
        self._require(request, Action.START_REVIEW, dossier)
        self.desk.assign(dossier, name, role, epreuves)
        return self._shown(dossier, epreuve)

    @told
    def start(self, dossier: str, epreuve: str, judge: JudgeName, request: gr.Request) -> list[Any]:
        """Start the review beside the page."""
        if not (dossier and epreuve):
            raise NotReady("nothing chosen", what="un dossier et une épreuve")
        self._require(request, Action.START_REVIEW, dossier)
        self.guests.take(request, "pré-examen")
        if not self.desk.start(dossier, epreuve, judge):
            gr.Info("Un pré-examen de cette épreuve est déjà en cours.")
        return self._live(dossier, epreuve)

    def _require(self, request: gr.Request, action: Action, dossier: str) -> None:
        if dossier:
            self.guests.require(request, action, dossier)

    def _choices(self, request: gr.Request) -> list[tuple[str, str]]:
        visible = self.guests.visible(request)
        return [choice for choice in self.desk.dossier_choices() if visible(choice[1])]

    def _shown(self, dossier: str, epreuve: str) -> list[Any]:
        choices = self.desk.epreuve_choices(dossier)
        values = [value for _, value in choices]
        epreuve = epreuve if epreuve in values else (values[0] if values else "")
        names = self.desk.file_names(dossier) if dossier else []
        return [
            gr.Dropdown(choices=choices, value=epreuve or None),
            self.desk.dossier_html(dossier),
            gr.Accordion(visible=bool(names)),
            gr.Dropdown(choices=names, value=names[0] if names else None),
            {"dossier": dossier, "epreuve": epreuve},
            *self._live(dossier, epreuve),
        ]

    def _live(self, dossier: str, epreuve: str) -> list[Any]:
        job = self.desk.job(dossier, epreuve) if dossier and epreuve else None
        running = job is not None and job.running
        return [
            gr.Button(interactive=bool(dossier and epreuve) and not running),
            gr.Markdown(_progress(job), visible=job is not None),
            _next_step(dossier, epreuve),
            gr.Timer(active=running),
        ]


def _next_step(dossier: str, epreuve: str) -> str:
    if not (dossier and epreuve):
        return ""
    place = escape(f"/dossier/{quote(dossier, safe='')}/{quote(epreuve, safe='')}")
    return (
        f'<p class="suite"><a href="{place}">Relire cette épreuve, critère par critère</a></p>'
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
    noun = "critère" if job.done < 2 else "critères"
    return f"**{verb}**\u00a0: {job.done}\u00a0{noun} sur {job.total}{failed}."


def build_page(desk: Desk, guests: Guests) -> Any:
    """Lay the page out and wire it."""
    page = Page(desk, guests)
    with gr.Blocks(
        title="Déposer et pré-examiner — preuve", delete_cache=_FORGOTTEN, analytics_enabled=False
    ) as blocks:
        kept = gr.BrowserState(_NOTHING, storage_key="preuve-depot", secret="preuve")
        timer = gr.Timer(1.0, active=False)
        banner = gr.HTML(_BANNER, elem_id="bandeau")
        gr.HTML(_INTRO, elem_id="titre")
        stopped = gr.Markdown(visible=False)
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=320):
                upload = gr.File(
                    label="Livrables et brief d’un candidat",
                    file_count="multiple",
                    type="filepath",
                    elem_id="envoi",
                )
                deposit = gr.Button("Ouvrir ces fichiers", variant="primary")
                dossier = gr.Dropdown(label="Dossier", choices=[], interactive=True)
                epreuve = gr.Dropdown(label="Épreuve", choices=[], interactive=True)
                judge = gr.Radio(label="Moteur", choices=desk.judge_choices(), value="embedded")
                run = gr.Button("Pré-examiner l’épreuve", variant="primary")
                progress = gr.Markdown(visible=False)
                following = gr.HTML(elem_id="suite")
            with gr.Column(scale=6, min_width=420):
                files_html = gr.HTML(elem_id="fichiers")
                with gr.Accordion(
                    "Corriger ce qu’est un fichier", open=False, visible=False
                ) as correction:
                    file_name = gr.Dropdown(label="Fichier", choices=[])
                    role = gr.Radio(
                        label="Il s’agit d’un",
                        choices=["livrable", "brief", "annexe"],
                        value="livrable",
                    )
                    answers = gr.Dropdown(
                        label="Pour les épreuves", choices=desk.all_epreuves(), multiselect=True
                    )
                    correct = gr.Button("Enregistrer cette correction", size="sm")

        live = [run, progress, following, timer]
        on_epreuve = [kept, *live]
        on_dossier = [epreuve, files_html, correction, file_name, *on_epreuve]
        place = [dossier, epreuve]

        blocks.load(page.banner, None, [banner, stopped], show_progress="hidden")
        blocks.load(page.restore, [kept], [dossier, *on_dossier])
        dossier.input(page.choose_dossier, place, on_dossier)
        epreuve.input(page.refresh, place, on_epreuve)
        timer.tick(page.refresh, place, on_epreuve, show_progress="hidden")
        run.click(page.start, [*place, judge], live)
        deposit.click(page.deposit, [upload], [dossier, upload, *on_dossier])
        correct.click(page.assign, [*place, file_name, role, answers], on_dossier)
    return blocks


def main() -> None:
    """Serve the site until interrupted."""
    web = create_app(build_app(_SETTINGS), _SETTINGS, build_people(_SETTINGS))
    site = web.state.site
    blocks = build_page(site.desk, Guests(site))
    blocks.queue(default_concurrency_limit=8)
    gr.mount_gradio_app(
        web,
        blocks,
        GRADIO_PATH,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        max_file_size=_SETTINGS.max_upload_mb * 1_000_000,  # a file too large is told by its reader
        allowed_paths=[],
        show_error=False,  # an unforeseen failure is told in the log, not on the page
        ssr_mode=False,
        mcp_server=False,
        theme=gr.themes.Base(
            font=["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"],
            font_mono=["ui-monospace", "Consolas", "monospace"],
        ),
        css_paths=[_CSS],
        js=_NAME_THE_BUTTONS,
        head='<link rel="icon" href="/static/preuve.svg" type="image/svg+xml">',
    )
    serve(web, _SETTINGS)


if __name__ == "__main__":
    main()
