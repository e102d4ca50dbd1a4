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

import errno
from typing import ClassVar, Final


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


#: Why the system refused, in the words of whoever reads the message.
_SYSTEM_FR: Final = {
    errno.EACCES: "l'accès est refusé",
    errno.EADDRINUSE: "l'adresse est déjà prise",
    errno.EADDRNOTAVAIL: "l'adresse n'est pas celle de cette machine",
    errno.EDQUOT: "votre quota de disque est atteint",
    errno.EEXIST: "un fichier de ce nom existe déjà",
    errno.EFBIG: "le disque n'accepte pas un fichier aussi grand",
    errno.EIO: "le disque signale une erreur matérielle",
    errno.EISDIR: "c'est un dossier, pas un fichier",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.ENAMETOOLONG: "le nom est trop long",
    errno.ENOENT: "le fichier ou le dossier est introuvable",
    errno.ENOSPC: "le disque est plein",
    errno.ENOTDIR: "un fichier occupe la place d'un dossier",
    errno.EPERM: "l'opération n'est pas permise",
    errno.EROFS: "le disque est en lecture seule",
}
#: Those that say that the disk itself takes nothing more.
_OF_THE_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)


def system_cause_fr(error: OSError) -> str:
    """Why the system refused; its own words when the error is not one that we expect."""
    return _SYSTEM_FR.get(error.errno or 0) or error.strerror or type(error).__name__


def is_of_the_disk(error: OSError) -> bool:
    """Whether the disk is full, read-only, over its quota or failing."""
    return error.errno in _OF_THE_DISK
