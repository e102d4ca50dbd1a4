"""Expected failures: the root of the tree, and the ones of ingestion.

UserFacingError
├── IngestError              ingest/errors.py
│   ├── UnsupportedFormat
│   ├── EmptyFile
│   ├── WrongExtension
│   ├── CorruptedFile
│   ├── EncryptedFile
│   ├── FileTooLarge
│   ├── UnsafeFile
│   └── NothingReadable
└── ReviewError              assistant/errors.py
"""

from typing import ClassVar


class UserFacingError(Exception):
    """A failure we foresee: `str(error)` goes to the log, `user_message` to the assessor."""

    template_fr: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, **fields: str) -> None:
        super().__init__(detail)
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
        "Formats lus : {formats}. Convertissez-le, puis déposez-le à nouveau."
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
