"""Expected failures: the root of the tree, and the ones of ingestion.

UserFacingError
├── IngestError              ingest/errors.py
│   ├── UnsupportedFormat
│   ├── EmptyFile
│   ├── WrongExtension
│   ├── PictureUnavailable
│   ├── CorruptedFile
│   ├── EncryptedFile
│   ├── FileTooLarge
│   ├── UnsafeFile
│   ├── NothingReadable
│   ├── FileUnavailable
│   ├── ReadingTimedOut
│   └── ReadingCrashed
└── ReviewError              assistant/errors.py
"""

from typing import ClassVar


class UserFacingError(Exception):
    """A failure we foresee: `str(error)` goes to the log, `user_message` to the assessor."""

    template_fr: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, **fields: str) -> None:
        super().__init__(detail)
        self.fields = fields
        self.user_message = self.template_fr.format(**fields)


class IngestError(UserFacingError):
    """A candidate's file could not be turned into text."""

    def __init__(self, detail: str, *, filename: str, **fields: str) -> None:
        super().__init__(detail, filename=filename, **fields)
        self.filename = filename


class UnsupportedFormat(IngestError):
    """No reader opens this kind of file."""

    template_fr = (
        "Le fichier « {filename} » n'est pas dans un format pris en charge. "
        "{advice} Formats lus : {formats}."
    )


class EmptyFile(IngestError):
    """The file has no bytes."""

    template_fr = (
        "Le fichier « {filename} » est vide (0 octet). "
        "Enregistrez-le à nouveau depuis le logiciel d'origine, puis déposez-le."
    )


class WrongExtension(IngestError):
    """The bytes are not what the extension announces."""

    template_fr = (
        "Le fichier « {filename} » porte l'extension {suffix}, mais son contenu est {actual}. "
        "Renommez-le avec la bonne extension ou enregistrez-le au format annoncé."
    )


class PictureUnavailable(IngestError):
    """A page or an image of a readable file cannot be shown as a picture."""

    template_fr = (
        "Une page ou une image du fichier « {filename} » ne peut pas être montrée ({cause}). "
        "Le reste du fichier n'est pas concerné."
    )


class CorruptedFile(IngestError):
    """The container or its main part cannot be opened."""

    template_fr = (
        "Le fichier « {filename} » est endommagé et ne peut pas être ouvert. "
        "Ouvrez-le dans son logiciel, réparez-le, enregistrez-en une nouvelle copie et "
        "déposez-la."
    )


class EncryptedFile(IngestError):
    """A password is needed to read the file."""

    template_fr = (
        "Le fichier « {filename} » est protégé par un mot de passe. "
        "Enregistrez-en une copie sans protection, puis déposez-la."
    )


class FileTooLarge(IngestError):
    """The file, or what it unpacks to, exceeds a limit of the settings."""

    template_fr = (
        "Le fichier « {filename} » est trop volumineux ({size} ; limite : {limit}). "
        "Allégez-le (compressez les images, découpez-le), puis déposez-le à nouveau."
    )


class UnsafeFile(IngestError):
    """The file is built in a way no office program writes, and that can harm a reader."""

    template_fr = (
        "Le fichier « {filename} » n'a pas été ouvert : sa construction est dangereuse ({cause}). "
        "Enregistrez-en une nouvelle copie depuis votre logiciel, puis déposez-la."
    )


class NothingReadable(IngestError):
    """The file opens, but holds no text that could be read."""

    template_fr = (
        "Le fichier « {filename} » s'ouvre, mais aucun texte n'a pu y être lu ({cause}). {mend}"
    )


class FileUnavailable(IngestError):
    """The system refuses to hand over the file's bytes."""

    template_fr = (
        "Le fichier « {filename} » n'a pas pu être ouvert sur ce poste ({cause}). "
        "Vérifiez qu'il n'est pas utilisé par un autre logiciel et que vous avez le droit de le "
        "lire, puis relancez."
    )


class ReadingTimedOut(IngestError):
    """Reading took more time than a file of that size is allowed."""

    template_fr = (
        "Le fichier « {filename} » n'a pas été lu : sa lecture a été arrêtée après {seconds} s. "
        "Sa construction est anormale ou il est très long. Découpez-le ou enregistrez-en une "
        "nouvelle copie depuis son logiciel (« Exporter en PDF », par exemple), puis déposez-la."
    )


class ReadingCrashed(IngestError):
    """The process that read the file died: a flaw of a reader, or a file made to cause it."""

    template_fr = (
        "Le fichier « {filename} » n'a pas été lu : le lecteur s'est arrêté ({cause}). "
        "Ouvrez-le dans son logiciel, enregistrez-en une nouvelle copie et déposez-la ; si cela "
        "se répète, convertissez-le en PDF."
    )
