"""Typed configuration, read once from the environment and `.env`."""

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.domain.value_faults import sentence
from assistant.errors import SettingsInvalid
from assistant.loopback import NOT_LOCAL_FR, hostname, is_loopback

_PACKAGE: Final = Path(__file__).resolve().parent

#: Set before the first import of the libraries concerned: no call home, no download.
QUIET_ENVIRONMENT: Final = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
}


def silence_libraries() -> None:
    """Switch off telemetry and downloads of the libraries that have any."""
    for name, value in QUIET_ENVIRONMENT.items():
        os.environ[name] = value


def bundled(folder: str) -> Path:
    """A data folder of the project: beside the package in a checkout, inside it in a wheel."""
    checkout = _PACKAGE.parent / folder
    return checkout if checkout.is_dir() else _PACKAGE / "_bundle" / folder


def bundled_asset(name: str) -> Path:
    """A file that belongs to the package itself, such as the page's style sheet."""
    return _PACKAGE / name


def _default_data_dir() -> Path:
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "preuve"


_POSTGRESQL: Final = re.compile(r"postgres(ql)?(\+psycopg)?://")

#: The ways of judging with a language model.
LlmMode = Literal["critere", "preuves_puis_verdict", "groupe", "votes", "petit_modele"]


class Settings(BaseSettings):
    """Every setting, its environment variable being `PREUVE_` + its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="PREUVE_",
        env_file=".env",
        env_file_encoding="utf-8",
        # « VARIABLE= » means what its absence means, never an empty value.
        env_ignore_empty=True,
        allow_inf_nan=False,
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir, description="Où sont gardées la base et les traces."
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="Base PostgreSQL partagée (postgresql://…), pour plusieurs machines ; vide : "
        "un fichier SQLite, rien à démarrer.",
    )
    dossiers_dir: Path | None = Field(
        default=None,
        description="Dossier qui contient les cohortes : la page propose de préparer ce qui s'y "
        "trouve. À plusieurs machines, il est partagé, au même chemin sur toutes.",
    )
    worker_lease_seconds: float = Field(
        default=30.0,
        ge=2,
        description="Silence après lequel le dossier d'un poste de travail est repris par un "
        "autre, en secondes.",
    )
    rubrics_dir: Path | None = Field(
        default=None, description="Dossier des grilles ; par défaut, celles du projet."
    )
    certification: str = Field(
        default="community-manager", description="Sous-dossier de la certification à utiliser."
    )
    judge: Literal["embedded", "llm"] = Field(
        default="embedded", description="Moteur par défaut : embarqué ou modèle de langage."
    )
    assessor: str = Field(default="", description="Nom de l'évaluateur par défaut.")
    max_file_mb: int = Field(default=100, ge=1, description="Taille maximale d'un fichier, en Mo.")
    max_pages: int = Field(default=2000, ge=1, description="Nombre maximal de pages d'un PDF.")
    max_unpacked_mb: int = Field(
        default=500,
        ge=1,
        le=500,
        description="Taille maximale, une fois décompressés, d'un fichier bureautique ou de tous "
        "les fichiers d'une archive, en Mo.",
    )
    max_unpacked_ratio: float = Field(
        default=200.0,
        ge=10,
        le=200,
        description="Ce qu'un fichier compressé peut donner, en nombre de fois sa taille.",
    )
    max_archive_files: int = Field(
        default=500, ge=1, le=5000, description="Nombre maximal de fichiers dans une archive."
    )
    max_image_megapixels: int = Field(
        default=60, ge=1, le=60, description="Taille maximale d'une image, en millions de pixels."
    )
    max_cells: int = Field(
        default=400_000,
        ge=1000,
        le=400_000,
        description="Nombre maximal de cellules lues d'un classeur ou d'un .csv ; le reste est "
        "« non lu ».",
    )
    max_characters: int = Field(
        default=20_000_000,
        ge=10_000,
        le=20_000_000,
        description="Longueur maximale du texte d'un fichier, en caractères.",
    )
    max_markup: int = Field(
        default=2_000_000,
        ge=10_000,
        le=2_000_000,
        description="Nombre maximal de balises et d'attributs d'un fichier bureautique.",
    )
    reading_seconds: float = Field(
        default=9.0,
        gt=0,
        description="Temps de calcul accordé à la lecture d'un petit fichier, en secondes.",
    )
    reading_seconds_per_mb: float = Field(
        default=60.0, ge=0, description="Temps de calcul ajouté par Mo du fichier, en secondes."
    )
    reading_memory_mb: int = Field(
        default=1024, ge=256, description="Mémoire accordée à la lecture d'un fichier, en Mo."
    )
    reading_workers: int = Field(
        default=2, ge=1, le=16, description="Nombre de fichiers lus en même temps."
    )
    reading_cache: bool = Field(
        default=True,
        description="Garder ce qui a été lu d'un fichier, pour ne le lire qu'une fois.",
    )
    reading_cache_mb: int = Field(
        default=500, ge=1, description="Taille maximale de ce qui est ainsi gardé, en Mo."
    )

    llm_model: str = Field(default="", description="Nom du modèle, tel que le serveur le connaît.")
    llm_base_url: str = Field(
        default="", description="Adresse de l'API compatible OpenAI ; vide : OpenAI."
    )
    llm_api_key: SecretStr = Field(default=SecretStr(""), description="Clé d'accès.")
    llm_temperature: float = Field(default=0.0, ge=0, le=2, description="Température.")
    llm_seed: int | None = Field(default=None, description="Graine, si le serveur l'accepte.")
    llm_timeout_seconds: float = Field(
        default=120.0, gt=0, description="Délai d'attente d'une réponse, en secondes."
    )
    llm_max_attempts: int = Field(
        default=4, ge=1, le=20, description="Essais par demande (surcharge, réponse invalide)."
    )
    llm_max_output_tokens: int = Field(
        default=4000, ge=64, description="Longueur maximale d'une réponse, en tokens."
    )
    llm_reasoning_tokens: int = Field(
        default=12000,
        ge=0,
        description="Tokens ajoutés à cette longueur pour un modèle d'OpenAI qui raisonne avant de "
        "répondre (o3, gpt-5…).",
    )
    llm_context_tokens: int = Field(
        default=32000, ge=1000, description="Contexte accepté par le modèle, en tokens."
    )
    llm_useful_tokens: int | None = Field(
        default=None,
        ge=1000,
        description="Longueur de demande que le modèle lit bien, en tokens ; vide : tout son "
        "contexte (6 000 en mode petit_modele).",
    )
    llm_mode: LlmMode = Field(
        default="critere",
        description="Manière d'interroger : critere, preuves_puis_verdict, groupe, votes ou "
        "petit_modele.",
    )
    llm_votes: int = Field(
        default=3, ge=2, le=9, description="Lectures de chaque critère, en mode votes."
    )
    llm_second_model: str = Field(
        default="",
        description="Second modèle du même serveur, qui fait une lecture sur deux en mode votes.",
    )
    llm_attendus_per_call: int = Field(
        default=2, ge=1, le=10, description="Attendus par demande, en mode petit_modele."
    )
    llm_concurrency: int = Field(default=4, ge=1, le=64, description="Demandes simultanées.")
    llm_structured_output: Literal["auto", "json_schema", "function", "json_object"] = Field(
        default="auto", description="Forme de sortie structurée ; auto : la meilleure acceptée."
    )
    llm_prompt: str = Field(default="criterion_review.v4", description="Consigne utilisée.")
    llm_vision: Literal["off", "on"] = Field(
        default="off",
        description="Transmettre des pages et des images, pour les critères à voir, à un modèle "
        "qui les lit (modes critere et votes).",
    )
    llm_vision_pictures: int = Field(
        default=6, ge=1, le=30, description="Images transmises par critère, au plus."
    )
    llm_vision_pixels: int = Field(
        default=1280, ge=256, le=4096, description="Grand côté d'une image transmise, en pixels."
    )
    llm_vision_kb: int = Field(
        default=400, ge=20, le=20000, description="Poids d'une image transmise, en ko."
    )
    llm_examples: int = Field(
        default=0,
        ge=0,
        le=5,
        description="Décisions d'évaluateurs sur le même critère, pour d'autres candidats, "
        "montrées au modèle en exemple ; 0 : aucune.",
    )

    llm_requests_per_minute: int = Field(
        default=0, ge=0, description="Limite du fournisseur, en demandes par minute ; 0 : inconnue."
    )
    llm_tokens_per_minute: int = Field(
        default=0, ge=0, description="Limite du fournisseur, en tokens par minute ; 0 : inconnue."
    )
    llm_batch_requests: int = Field(
        default=10_000, ge=1, description="Demandes par fichier confié à l'API de lots, au plus."
    )
    llm_batch_mb: int = Field(
        default=90, ge=1, description="Taille d'un fichier confié à l'API de lots, en Mo, au plus."
    )
    llm_batch_poll_seconds: float = Field(
        default=60.0, gt=0, description="Attente entre deux questions à l'API de lots, en secondes."
    )
    prices_file: Path | None = Field(
        default=None,
        description="Table de prix des modèles (YAML) ; par défaut, celle du projet, à vérifier.",
    )

    embedding_model: str = Field(
        default="", description="Modèle de vecteurs (API OpenAI) ; vide : calcul local."
    )
    embedding_base_url: str = Field(
        default="", description="Adresse de l'API de vecteurs ; vide : celle du modèle de langage."
    )
    embedding_api_key: SecretStr = Field(
        default=SecretStr(""),
        description="Clé de l'API de vecteurs ; vide : celle du modèle, si l'adresse est la même.",
    )

    local_only: bool = Field(
        default=False,
        description="Refuser toute adresse de modèle ou de vecteurs hors de cette machine.",
    )
    self_check_judge: Literal["embedded", "llm"] = Field(
        default="embedded", description="Moteur de l'autocontrôle des candidats."
    )
    self_check_per_day: int = Field(
        default=3, ge=1, le=50, description="Autocontrôles par candidat et par jour."
    )
    self_check_days: int = Field(
        default=30, ge=1, le=365, description="Jours après lesquels un brouillon est supprimé."
    )

    keep_dossiers_days: int | None = Field(
        default=None,
        ge=1,
        description="Jours sans usage après lesquels « preuve purge » efface un dossier ; vide : "
        "jamais.",
    )
    keep_deposits_days: int | None = Field(
        default=None,
        ge=1,
        description="De même, les copies de ses fichiers déposés, le reste du dossier restant.",
    )
    keep_answers_days: int | None = Field(
        default=None,
        ge=1,
        description="De même, les réponses d'un modèle gardées pour finir un critère.",
    )
    keep_cohorts_days: int | None = Field(
        default=None,
        ge=1,
        description="De même, le suivi d'une cohorte : plan, dépenses, lots.",
    )
    keep_journal_days: int | None = Field(
        default=None,
        ge=1,
        description="Jours après lesquels « preuve purge » efface le texte des entrées du journal "
        "qui ne concernent aucun dossier ; vide : jamais.",
    )

    statistics_min_sample: int = Field(
        default=20,
        ge=1,
        description="Nombre d'observations en dessous duquel les statistiques n'affichent pas de "
        "taux.",
    )
    untouched_seconds: float = Field(
        default=10.0,
        gt=0,
        description="Durée, en secondes, en dessous de laquelle une confirmation sans rien ouvrir "
        "est comptée comme telle dans les statistiques.",
    )

    host: str = Field(default="127.0.0.1", description="Adresse d'écoute de la page.")
    public_hosts: str = Field(
        default="",
        description="Noms sous lesquels la page est appelée à travers un mandataire (a.fr, b.fr).",
    )
    trusted_proxies: str = Field(
        default="",
        description="Adresses ou réseaux des mandataires dont les en-têtes font foi (10.0.0.5).",
    )
    auth_header: str = Field(
        default="",
        description="En-tête par lequel le mandataire dit qui est connecté (X-Remote-User).",
    )
    max_upload_mb: int = Field(
        default=500, ge=1, description="Taille maximale d'un envoi, tous fichiers compris, en Mo."
    )
    session_idle_minutes: int = Field(
        default=120, ge=1, description="Fin d'une session inactive, en minutes."
    )
    session_hours: int = Field(
        default=12, ge=1, le=720, description="Durée maximale d'une session, en heures."
    )
    port: int = Field(default=7860, ge=0, le=65535, description="Port de la page.")

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr) -> SecretStr:
        """The address itself is not repeated: it may hold a password."""
        if value.get_secret_value() and not _POSTGRESQL.match(value.get_secret_value()):
            raise ValueError("l'adresse doit commencer par postgresql://")
        return value

    @model_validator(mode="after")
    def _nothing_leaves_the_machine(self) -> Self:
        if self.local_only:
            used = [("LLM", self.llm_base_url)] if self.llm_model else []
            if self.embedding_model:
                used.append(("EMBEDDING", self.embedding_base_url or self.llm_base_url))
            for name, address in used:
                if not is_loopback(hostname(address)):
                    raise ValueError(NOT_LOCAL_FR.format(name=name))
        return self

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment. Raises `SettingsInvalid` with the variables to correct."""
        try:
            return cls()
        except ValidationError as error:
            problems = " ; ".join(
                f"PREUVE_{'_'.join(str(p) for p in e['loc']).upper()} : {sentence(e)}"
                if e["loc"]
                else sentence(e)
                for e in error.errors()
            )
            raise SettingsInvalid(problems, problem=problems) from None

    @cached_property
    def rubrics_path(self) -> Path:
        return (self.rubrics_dir or bundled("rubrics")) / self.certification

    @property
    def prompts_path(self) -> Path:
        return bundled("prompts")

    @property
    def examples_path(self) -> Path:
        return bundled("eval_sets") / "cohorte-exemple"

    @property
    def database_path(self) -> Path:
        return self.data_dir / "preuve.sqlite3"

    @property
    def database(self) -> str | Path:
        """What `SqlReviewStore` opens: the server's address, with its password, or the file."""
        return self.database_url.get_secret_value() or self.database_path

    def apart(self, folder: Path) -> "Settings":
        """The same settings for an installation of its own, whose database is in `folder`."""
        return self.model_copy(update={"data_dir": folder, "database_url": SecretStr("")})

    def environment(self) -> dict[str, str]:
        """The variables that make another process read these very settings, secrets included."""
        told = {}
        for name in Settings.model_fields:
            value = getattr(self, name)
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            if text is not None and str(text):
                told[f"PREUVE_{name.upper()}"] = str(text)
        return told

    @property
    def journal_head_path(self) -> Path:
        return self.data_dir / "journal.tete"

    @property
    def cache_path(self) -> Path:
        return self.data_dir / "cache" / "documents"

    @property
    def llm_configured(self) -> bool:
        """A model name, and either a key or an address of one's own."""
        return bool(self.llm_model and (self.llm_api_key.get_secret_value() or self.llm_base_url))

    @property
    def llm_host(self) -> str:
        """The host that requests go to, for messages: never the whole address, never the key."""
        return urlsplit(self.llm_base_url).netloc.rpartition("@")[2] or "api.openai.com"
