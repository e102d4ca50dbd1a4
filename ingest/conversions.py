"""What to do of a file that no reader opens, by its extension: the mend a person can follow."""

from typing import Final

from ingest.errors import UnsupportedFormat

_OLD_OFFICE: Final = (
    "Ouvrez-le dans {program}, « Fichier › Enregistrer sous », choisissez .{target}, "
    "puis déposez la copie."
)
_IWORK: Final = (
    "Ouvrez-le dans {program}, « Fichier › Exporter vers › {target} », puis déposez la copie."
)
_LINK: Final = (
    "Ce fichier n'est qu'un lien vers un document en ligne, qui n'est jamais ouvert : "
    "téléchargez le document (« Fichier › Télécharger », en .docx, .pdf, .pptx ou .xlsx) "
    "et déposez-le."
)
_PICTURE: Final = "Enregistrez l'image en .png ou .jpg, puis déposez la copie."
_SOUND: Final = (
    "Un enregistrement n'est ni écouté ni regardé : déposez-en une transcription "
    "(.docx ou .txt) et montrez-le à l'évaluateur."
)
_ARCHIVE: Final = "Décompressez l'archive, puis déposez les fichiers, ou faites-en un .zip."
_SOURCE: Final = "Exportez-le en .pdf, puis déposez la copie."
_MACROS: Final = (
    "Il peut contenir des macros : « Fichier › Enregistrer sous », choisissez .{target}, "
    "puis déposez la copie."
)
_ANY: Final = "Convertissez-le, puis déposez-le à nouveau."


def _each(extensions: str, advice: str) -> dict[str, str]:
    return {f".{extension}": advice for extension in extensions.split()}


_ADVICE: Final = {
    **_each("doc rtf wps dot dotx", _OLD_OFFICE.format(program="Word", target="docx")),
    **_each("ppt pps ppsx pot potx", _OLD_OFFICE.format(program="PowerPoint", target="pptx")),
    **_each("xls xlsb xlt xltx tsv", _OLD_OFFICE.format(program="Excel", target="xlsx")),
    **_each("docm", _MACROS.format(target="docx")),
    **_each("pptm ppsm", _MACROS.format(target="pptx")),
    **_each("pages", _IWORK.format(program="Pages", target="Word")),
    **_each("key", _IWORK.format(program="Keynote", target="PowerPoint")),
    **_each("numbers", _IWORK.format(program="Numbers", target="Excel")),
    **_each("url webloc gdoc gsheet gslides lnk desktop", _LINK),
    **_each("heic heif webp gif bmp tif tiff svg avif", _PICTURE),
    **_each("mp4 mov avi mkv webm m4v mp3 wav m4a ogg aac", _SOUND),
    **_each("rar 7z tar gz tgz bz2 xz", _ARCHIVE),
    **_each("psd ai indd pub odg vsd vsdx sketch fig xd tex xps epub", _SOURCE),
}


def unsupported(filename: str, suffix: str, formats_fr: str) -> UnsupportedFormat:
    """The error for a file whose extension (`suffix`, lower case, with its dot) is not read."""
    return UnsupportedFormat(
        suffix, filename=filename, formats=formats_fr, advice=_ADVICE.get(suffix, _ANY)
    )
