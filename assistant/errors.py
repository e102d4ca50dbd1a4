"""Expected failures of the review; the tree starts in `ingest.errors`.

ReviewError
├── RubricInvalid            a rubric file is not what the schema asks
├── UnknownEpreuve
├── UnknownCriterion
├── UnknownDossier
├── DossierNotFound          the path is not there
├── NoDeliverable
│   ├── NothingToReview      briefs alone were deposited
│   └── NothingHandedIn      a self-check without a file
├── SelfCheckLimit           the day's self-checks are used
├── DraftUnreadable          no file of a self-check could be read
├── UnknownDraft
├── ReadingStopped           a running review was asked to end
├── ManifestInvalid
├── SettingsInvalid
├── AccountError
│   ├── AccountRefused       a new account's identifier or name cannot be used
│   ├── AccountExists
│   ├── UnknownAccount
│   ├── PasswordRefused      too easy to guess
│   ├── LoginFailed
│   └── LoginPaused          too many failures: wait
├── ServingRefused
│   ├── PublicWithoutAccounts  anyone could reach the page
│   └── AddressUnavailable   the port is taken, or the address is not ours
├── StoreUnavailable
│   ├── StoreBusy            retryable
│   ├── StoreDamaged
│   ├── StoreTooRecent
│   └── StoreServerUnavailable
├── DiskUnusable             full, read-only, or over its quota
├── PageUnavailable          a file that has no such page to show
├── PdfNeedsOffice           no LibreOffice to make a PDF with
├── LetterNotReady           the épreuve is not signed
├── DecisionRefused
├── DecisionConflict         the same person has ruled elsewhere meanwhile
├── ReadingRefused           the state of the épreuve, or another person's seat, forbids it
├── ReadingChanged           retryable: someone acted on the épreuve meanwhile
├── AssignmentRefused        this person may not read, or settle, this épreuve
├── UnknownPrompt
├── CohortInvalid            a cohort's folder, zip or list that cannot be used
├── UnknownCohort            none of that id was planned here
├── CohortBusy               another process is running it
├── CohortEntrusted          workers on other machines are running it
├── EngineNeedsServer        several machines need a shared database
├── BudgetUnusable           a budget that nothing can be held to
├── AnswersUnreadable        a file of answers that cannot be opened
├── EvaluationError
│   ├── EvalSetInvalid       a labelled set that cannot be used
│   ├── MeasuresInvalid      a file of measures that cannot be read or compared
│   └── EvaluationNeedsLibrary
└── ModelError
    ├── AssistantStopped     someone pressed the stop button: nothing is drafted
    ├── ModelNotConfigured
    ├── ModelUnavailable     retryable: unreachable, 429, 5xx, time-out
    ├── ModelKeyRefused
    ├── ModelNotFound
    ├── ModelQuotaExceeded
    ├── ModelRequestRejected
    ├── ModelCannotSee
    ├── ModelContextExceeded
    ├── BatchEndpointMissing the server has no batch endpoint
    ├── ModelRefused         the model declined to answer
    ├── ModelReplyInvalid    retryable
    └── RecordedAnswerUnusable  retryable: an answer imported from a file
"""

from typing import Final

from ingest.errors import UserFacingError, is_of_the_disk, system_cause_fr


class ReviewError(UserFacingError):
    """A review could not be made, shown or recorded."""


class RubricInvalid(ReviewError):
    """A rubric file does not follow the schema."""

    template_fr = "La grille « {file} » n'est pas valide :\n{problems}"


class UnknownEpreuve(ReviewError):
    """No rubric has this id."""

    template_fr = "L'épreuve « {epreuve} » n'existe pas. Épreuves connues : {known}."


class UnknownCriterion(ReviewError):
    """No criterion of the rubric has this id."""

    template_fr = "Le critère « {criterion} » n'existe pas dans l'épreuve {epreuve}."


class UnknownDossier(ReviewError):
    """The store holds no dossier under this id."""

    template_fr = "Le dossier « {dossier} » est inconnu. Dossiers connus : {known}."


class DossierNotFound(ReviewError):
    """The folder or file is not there."""

    template_fr = "Le dossier « {path} » est introuvable. Vérifiez le chemin."


class SelfCheckLimit(ReviewError):
    """A candidate has used the day's self-checks."""

    template_fr = (
        "Pour aujourd'hui, c'est tout : {used}. Reprenez votre brouillon au calme et revenez "
        "demain ; les résultats déjà obtenus restent affichés."
    )


class ReadingStopped(ReviewError):
    """A running review was asked to end."""

    template_fr = "La lecture a été arrêtée avant sa fin. Relancez-la si vous en avez besoin."


class UnknownDraft(ReviewError):
    """No such draft in this person's space."""

    template_fr = (
        "Ce brouillon n'existe pas ou n'existe plus : il a peut-être été supprimé à la fin de son "
        "délai."
    )


class NoDeliverable(ReviewError):
    """Nothing in the dossier answers an épreuve."""

    template_fr = (
        "Le dossier « {dossier} » ne contient aucun livrable à examiner. {cause} "
        "Ajoutez le livrable du candidat, ou indiquez l'épreuve avec --epreuve."
    )


class NothingToReview(NoDeliverable):
    """What was deposited on the page is made of briefs alone, by their names."""

    template_fr = (
        "Aucun livrable parmi ces fichiers : d'après leur nom, ce sont des briefs. Ajoutez le "
        "livrable du candidat, ou renommez-le sans le mot « brief »."
    )


class NothingHandedIn(NoDeliverable):
    """A self-check was asked for without a file."""

    template_fr = "Aucun livrable reçu : choisissez votre fichier, puis recommencez."


class DraftUnreadable(ReviewError):
    """None of the files handed in for a self-check could be read."""

    template_fr = "{problems} Rien n'a été gardé ni décompté de vos autocontrôles du jour."


class ManifestInvalid(ReviewError):
    """The dossier's manifest cannot be understood."""

    template_fr = "Le manifeste « {file} » n'est pas valide : {problem}"


class SettingsInvalid(ReviewError):
    """A setting has a value that cannot be used."""

    template_fr = "Réglage invalide : {problem}"


class AccountError(ReviewError):
    """An account cannot be made, found or opened."""


class AccountRefused(AccountError):
    """The identifier or the name of a new account cannot be used."""

    template_fr = "Le compte « {login} » n'est pas créé : {problem}"


class AccountExists(AccountError):
    """The identifier or the name is another account's."""

    template_fr = (
        "Un compte porte déjà l'identifiant « {login} » ou le nom « {name} ». Choisissez-en "
        "d'autres : ce nom signe les décisions, et ne peut être celui de deux personnes."
    )


class UnknownAccount(AccountError):
    """No account has this identifier."""

    template_fr = "Aucun compte n'a l'identifiant « {login} » ; « preuve comptes lister » les dit."


class PasswordRefused(AccountError):
    """The new password is too easy to guess."""

    template_fr = "Ce mot de passe n'est pas accepté : {problem}"


class LoginFailed(AccountError):
    """The identifier and the password do not go together; nothing says which is wrong."""

    template_fr = "L'identifiant ou le mot de passe n'est pas le bon."


class LoginPaused(AccountError):
    """Too many failures for this account or from this address."""

    template_fr = "Trop d'essais ont échoué. Réessayez dans {wait}."


class ServingRefused(ReviewError):
    """The page cannot be served as the settings ask."""


class PublicWithoutAccounts(ServingRefused):
    """The page would listen beyond this machine, and anyone could open it."""

    template_fr = (
        "La page n'est pas servie sur « {host} » : d'autres machines pourraient l'ouvrir, et "
        "aucun compte n'est défini. Créez-en un (« preuve comptes ajouter ») ou confiez "
        "l'identité à un serveur mandataire (PREUVE_AUTH_HEADER et PREUVE_TRUSTED_PROXIES) ; "
        "ou servez la page sur 127.0.0.1 (PREUVE_HOST), pour cette machine seule."
    )


class AddressUnavailable(ServingRefused):
    """The address cannot be listened on."""

    template_fr = (
        "La page ne peut pas être servie sur « {host} », port {port} ({cause}). Le port est "
        "peut-être déjà pris par une autre fenêtre de preuve : fermez-la, ou choisissez-en un "
        "autre avec --port."
    )


class StoreUnavailable(ReviewError):
    """The database cannot be opened or written."""

    template_fr = (
        "La base de données ne peut pas être utilisée ({cause}). Vérifiez que le dossier "
        "« {path} » est accessible en écriture et que le disque n'est pas plein, puis relancez."
    )


class StoreBusy(StoreUnavailable):
    """Another program keeps the database locked, longer than it is reasonable to wait."""

    retryable = True
    template_fr = (
        "La base de données « {path} » est restée occupée par un autre programme ({cause}). "
        "Ce qui est déjà enregistré est conservé : fermez les autres fenêtres ou commandes qui "
        "l'utilisent, puis recommencez."
    )


class StoreDamaged(StoreUnavailable):
    """The file is not a database, or not one of ours, or its pages are corrupted."""

    template_fr = (
        "Le fichier « {path} » n'est pas une base de données utilisable ({cause}). Il n'a pas "
        "été modifié. Remettez à sa place une copie de sauvegarde, ou déplacez-le pour repartir "
        "d'une base vide."
    )


class StoreTooRecent(StoreUnavailable):
    """A newer version of the program has already migrated this database."""

    template_fr = (
        "La base de données « {path} » vient d'une version plus récente de preuve "
        "(schéma {cause}). Mettez preuve à jour, puis relancez. Rien n'y a été modifié."
    )


class StoreServerUnavailable(StoreUnavailable):
    """The database server does not answer, or refuses."""

    template_fr = (
        "Le serveur de base de données « {path} » ne peut pas être utilisé ({cause}). Vérifiez "
        "son adresse, le compte et l'espace disque avec la personne qui l'administre, puis "
        "relancez."
    )


class DiskUnusable(ReviewError):
    """A file could not be written because of the disk itself."""

    template_fr = (
        "L'écriture sur le disque a échoué : {cause}{where}. Ce qui était déjà enregistré est "
        "conservé. Libérez de la place ou rétablissez l'accès, puis recommencez."
    )


def disk_failure(error: OSError) -> DiskUnusable | None:
    """The foreseen failure behind an error of the system; None when it is not the disk's."""
    if not is_of_the_disk(error):
        return None
    where = f" (« {error.filename} »)" if error.filename else ""
    return DiskUnusable(str(error), cause=system_cause_fr(error), where=where)


class DecisionRefused(ReviewError):
    """A decision breaks a rule."""

    template_fr = "La décision n'est pas enregistrée : {cause}"


class PageUnavailable(ReviewError):
    """A file of the dossier cannot be shown as a page."""

    template_fr = "Cette page ne peut pas être montrée. Le texte du fichier reste lisible à côté."


class PdfNeedsOffice(ReviewError):
    """A PDF was asked for and LibreOffice is not installed, or failed."""

    template_fr = (
        "Le PDF est fabriqué par LibreOffice, qui {cause}. Installez-le (paquet « libreoffice »), "
        "ou exportez la grille en Word et enregistrez-la en PDF depuis votre traitement de texte."
    )


class LetterNotReady(ReviewError):
    """The candidate's letter holds human decisions only, all of them, signed."""

    template_fr = (
        "La lettre au candidat s'écrit à partir des seules décisions humaines, une fois l'épreuve "
        "{epreuve} finalisée. Décidez de tous les critères, finalisez, puis exportez la lettre."
    )


class DecisionConflict(ReviewError):
    """The person has ruled on this criterion from another window since this one was shown."""

    template_fr = (
        "Vous avez décidé de ce critère dans une autre fenêtre depuis que celle-ci l'affiche. "
        "Rien n'a été remplacé : comparez les deux, puis décidez."
    )


class ReadingRefused(ReviewError):
    """What is asked of an épreuve's reading is not possible now, or not for this person."""

    template_fr = "C'est impossible pour le moment : {cause}"


class AssignmentRefused(ReviewError):
    """An épreuve cannot be entrusted to this person, or not so."""

    template_fr = "L'attribution n'est pas faite : {cause}"


class ReadingChanged(ReviewError):
    """Someone took, submitted, signed or reopened the épreuve since it was shown."""

    retryable = True
    template_fr = (
        "Cette épreuve a changé d'état depuis que votre page l'affiche. Rechargez-la, relisez, "
        "puis recommencez."
    )


class UnknownPrompt(ReviewError):
    """No prompt file has this id."""

    template_fr = "La consigne « {prompt} » est introuvable. Consignes connues : {known}."


class CohortInvalid(ReviewError):
    """A cohort's folder, archive or list is not there, or says nothing that can be used."""

    template_fr = "La cohorte « {path} » ne peut pas être traitée : {problem}"


class UnknownCohort(ReviewError):
    """No cohort of that id was planned here."""

    template_fr = "La cohorte « {cohort} » n'est pas connue de cette installation."


class CohortBusy(ReviewError):
    """Another process, of this machine or of one on the same database, has the same cohort."""

    template_fr = (
        "La cohorte « {path} » est déjà en cours de traitement par une autre commande. Attendez "
        "qu'elle finisse, ou arrêtez-la (Ctrl+C) : ce qui est fait sera repris."
    )


class CohortEntrusted(ReviewError):
    """Workers on other machines are at work on the cohort."""

    template_fr = (
        "La cohorte « {path} » est confiée à des postes de travail : l'examiner aussi d'ici "
        "paierait deux fois. Ajoutez « --engine procrastinate » pour suivre leur travail, ou "
        "« --annuler » pour le leur reprendre."
    )


class EngineNeedsServer(ReviewError):
    """What several machines share is missing."""

    template_fr = (
        "Répartir une cohorte sur plusieurs machines demande une base PostgreSQL partagée, et "
        "{problem} Sur une seule machine, « preuve batch » sans --engine suffit."
    )


class BudgetUnusable(ReviewError):
    """A budget that cannot be read, or cannot be held because no price is known."""

    template_fr = "Le budget « {budget} » ne peut pas être tenu : {problem}"


class AnswersUnreadable(ReviewError):
    """A file of recorded answers is not there, or holds none."""

    template_fr = "Le fichier de réponses « {path} » ne peut pas être importé : {problem}"


class EvaluationError(ReviewError):
    """The quality of the drafts could not be measured."""


class EvalSetInvalid(EvaluationError):
    """A labelled set is not there, or its files cannot be used at all."""

    template_fr = "Le jeu d'évaluation « {path} » ne peut pas être utilisé : {problem}"


class MeasuresInvalid(EvaluationError):
    """A file of measures cannot be read, or does not bear on the same labels."""

    template_fr = "Les mesures « {path} » ne peuvent pas être utilisées : {problem}"


class EvaluationNeedsLibrary(EvaluationError):
    """The library of metrics, an optional part of the installation, is not there."""

    template_fr = (
        "La mesure de la qualité demande la bibliothèque {library}, qui n'est pas installée. "
        'Installez-la avec : pip install "preuve[eval]"'
    )


class ModelError(ReviewError):
    """The language model gave no usable answer."""


class AssistantStopped(ModelError):
    """The whole assistant was stopped: no draft is made, no request goes to a model."""

    template_fr = (
        "L'assistant est arrêté depuis le {since} : aucune proposition n'est faite, rien n'est "
        "envoyé à un modèle. Les décisions restent possibles. L'administration le remet en marche "
        "sur la page « Arrêt de l'assistant », ou avec « preuve reprise »."
    )


class ModelNotConfigured(ModelError):
    """The language model was asked for and no endpoint is configured."""

    template_fr = (
        "Aucun modèle de langage n'est configuré. Renseignez PREUVE_LLM_MODEL et "
        "PREUVE_LLM_API_KEY (ou PREUVE_LLM_BASE_URL pour un serveur local) dans "
        "l'environnement ou le fichier .env, ou utilisez --judge embedded. "
        "« preuve doctor » dit ce qui manque."
    )


class ModelUnavailable(ModelError):
    """The endpoint did not answer: unreachable, overloaded, rate-limited or too slow."""

    retryable = True
    template_fr = (
        "Le modèle de langage n'a pas répondu ({cause}). Ce qui est déjà fait est conservé : "
        "relancez la même commande pour reprendre ; « preuve doctor » teste la connexion."
    )


class ModelKeyRefused(ModelError):
    """The endpoint refuses the key."""

    template_fr = (
        "Le serveur {host} refuse la clé d'accès. Vérifiez PREUVE_LLM_API_KEY, ses droits et "
        "son crédit."
    )


class ModelNotFound(ModelError):
    """The endpoint does not know the model or the address."""

    template_fr = (
        "Le serveur {host} ne connaît pas le modèle « {model} » (ou l'adresse est fausse). "
        "Vérifiez PREUVE_LLM_MODEL et PREUVE_LLM_BASE_URL."
    )


class ModelQuotaExceeded(ModelError):
    """The account has no credit or no quota left: waiting does not help."""

    template_fr = (
        "Le crédit ou le quota du compte est épuisé chez {host}. Rechargez-le ou changez "
        "PREUVE_LLM_API_KEY, puis relancez la même commande : ce qui est déjà fait est conservé."
    )


class ModelRequestRejected(ModelError):
    """The endpoint rejects the request in every form we know of."""

    template_fr = (
        "Le serveur {host} rejette la demande ({cause}). Vérifiez que PREUVE_LLM_BASE_URL est "
        "bien une API compatible OpenAI (elle finit souvent par /v1) et que le modèle "
        "« {model} » est un modèle de conversation ; « preuve doctor » teste la connexion."
    )


class ModelCannotSee(ModelError):
    """The model, or the server in front of it, refuses pictures."""

    template_fr = (
        "Le modèle « {model} » de {host} n'accepte pas les images ({cause}). Choisissez un modèle "
        "qui les lit, ou remettez PREUVE_LLM_VISION=off : les critères à voir vous seront laissés."
    )


class ModelContextExceeded(ModelError):
    """The request is longer than the model accepts."""

    template_fr = (
        "Le dossier est trop long pour le modèle « {model} ». Baissez "
        "PREUVE_LLM_CONTEXT_TOKENS à la taille réelle de son contexte, ou choisissez un modèle "
        "à contexte plus long."
    )


class BatchEndpointMissing(ModelError):
    """The server answers requests one by one, and no files of them."""

    template_fr = (
        "Le serveur {host} n'a pas d'API de lots (/files et /batches). Relancez sans "
        "--endpoint batch : les demandes partiront une à une."
    )


class ModelRefused(ModelError):
    """The model declined to answer."""

    template_fr = (
        "Le modèle a refusé de répondre pour ce critère ({cause}). Examinez-le à la main, ou "
        "relancez avec un autre modèle."
    )


class ModelReplyInvalid(ModelError):
    """The reply is not what was asked, after the allowed number of attempts."""

    retryable = True
    template_fr = (
        "La réponse du modèle est inutilisable pour ce critère ({cause}). Relancez ; si cela "
        "se répète, choisissez un autre modèle."
    )


class RecordedAnswerUnusable(ModelError):
    """A recorded answer holds no reply: the provider failed, or the line is incomplete."""

    retryable = True
    template_fr = (
        "La réponse enregistrée ne peut pas être reprise pour ce critère ({cause}). « preuve "
        "requests export » écrit à nouveau cette demande : renvoyez-la, puis importez sa réponse."
    )


#: After one of these, criteria that were asked about in one request are asked about one by one.
ASK_ALONE: Final = (ModelReplyInvalid, ModelContextExceeded, ModelRefused)
