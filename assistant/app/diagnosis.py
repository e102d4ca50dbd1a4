"""`preuve doctor`: each part of the installation, tried for real."""

import shutil
from collections.abc import Iterator
from typing import Literal

from assistant.agreement import agreed
from assistant.errors import ModelError, SettingsInvalid
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from ingest.errors import UserFacingError
from ingest.types import Frozen


class HealthCheck(Frozen):
    """One line of the diagnosis. « manque »: something asked for does not work."""

    name: str
    state: Literal["ok", "info", "manque"]
    message: str


def diagnose() -> tuple[HealthCheck, ...]:
    """Try the settings, the grids, the store, the readers' helpers and the language model."""
    try:
        settings = Settings.load()
    except SettingsInvalid as error:
        return (HealthCheck(name="Réglages", state="manque", message=error.user_message),)
    return tuple(_all(settings))


def _all(settings: Settings) -> Iterator[HealthCheck]:
    yield _rubrics(settings)
    yield _store(settings)
    switch = _switch(settings)
    yield switch
    yield _ocr()
    yield _office()
    yield from _model(settings, stopped=switch.state != "ok")
    yield _embeddings(settings)


def _rubrics(settings: Settings) -> HealthCheck:
    try:
        rubrics = load_rubric_set(settings.rubrics_path)
    except UserFacingError as error:
        return HealthCheck(name="Grilles", state="manque", message=error.user_message)
    total = sum(len(rubric.criteres) for rubric in rubrics.rubrics)
    text = f"{rubrics.certification.titre} : {len(rubrics.rubrics)} épreuves, {total} critères."
    return HealthCheck(name="Grilles", state="ok", message=text)


def _store(settings: Settings) -> HealthCheck:
    from assistant.adapters.sql_store import SqlReviewStore

    try:
        store = SqlReviewStore(settings.database)
        known = len(store.dossiers())
    except UserFacingError as error:
        return HealthCheck(name="Base de données", state="manque", message=error.user_message)
    text = f"{store.database.place.name} ({agreed(f'{known} dossier(s) connu(s)')})."
    return HealthCheck(name="Base de données", state="ok", message=text)


def _switch(settings: Settings) -> HealthCheck:
    from assistant.adapters.sql_store import SqlReviewStore
    from assistant.adapters.sql_switch import SqlSwitch

    try:
        store = SqlReviewStore(settings.database)
        SqlSwitch(store.database, store.journal).require_on()
    except UserFacingError as error:
        return HealthCheck(name="Assistant", state="info", message=error.user_message)
    return HealthCheck(name="Assistant", state="ok", message="En marche.")


def _ocr() -> HealthCheck:
    from ingest.formats.ocr import find_tesseract

    if find_tesseract() is not None:
        text = "Tesseract et le français sont installés : les pages numérisées sont lues."
        return HealthCheck(name="Reconnaissance de texte", state="ok", message=text)
    text = (
        "Tesseract (avec le français) n'est pas installé : les pages numérisées seront signalées "
        "« non lues ». Debian ou Ubuntu : sudo apt install tesseract-ocr tesseract-ocr-fra."
    )
    return HealthCheck(name="Reconnaissance de texte", state="info", message=text)


def _office() -> HealthCheck:
    if shutil.which("soffice"):
        text = "LibreOffice est installé."
    else:
        text = "LibreOffice n'est pas installé : facultatif, il sert à montrer les pages Word."
    return HealthCheck(name="Mise en page", state="info", message=text)


def _model(settings: Settings, *, stopped: bool) -> Iterator[HealthCheck]:
    name = "Modèle de langage"
    if not settings.llm_configured:
        lacking = "PREUVE_LLM_API_KEY" if settings.llm_model else "PREUVE_LLM_MODEL"
        text = (
            f"Non configuré ({lacking} manque). Le moteur embarqué fait tout le travail, sans "
            "réseau ni clé."
        )
        state: Literal["info", "manque"] = "manque" if settings.judge == "llm" else "info"
        yield HealthCheck(name=name, state=state, message=text)
        return
    from assistant.adapters.openai_chat import OpenAiChatModel

    yield HealthCheck(
        name=name, state="info", message=f"« {settings.llm_model} » sur {settings.llm_host}."
    )
    if stopped:  # nothing goes to the model, not even a question about itself
        return
    try:
        status = OpenAiChatModel(settings).ping()
    except ModelError as error:
        yield HealthCheck(name="Connexion au modèle", state="manque", message=error.user_message)
        return
    reached: Literal["ok", "manque"] = "ok" if status.ok else "manque"
    yield HealthCheck(name="Connexion au modèle", state=reached, message=str(status))


def _embeddings(settings: Settings) -> HealthCheck:
    if settings.embedding_model:
        text = f"« {settings.embedding_model} » par l'API configurée."
    else:
        text = "Calcul local, sans modèle ni téléchargement."
    return HealthCheck(name="Vecteurs de recherche", state="info", message=text)
