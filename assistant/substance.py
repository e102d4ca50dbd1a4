"""What a quote adds to what the rubric and the brief already say.

A candidate can copy the criterion, string its key words together, announce, give the result, or
send the reader to an annex that is not there: a judge takes such lines for proof, and they prove
nothing. A short
honest fact (« 2 500 € », « lundi 9 h ») repeats nobody and counts.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import LCSseq

from assistant.domain.french import fold_accents, stem, stems, words
from assistant.domain.once import once_per_object
from assistant.domain.rubric import Criterion, Rubric

RUBRIC_FR: Final = "citation qui répète l'énoncé du critère sans rien y ajouter"
BRIEF_FR: Final = "citation qui recopie la commande du client sans rien y ajouter"
KEYWORDS_FR: Final = "suite de mots-clés du critère, sans contenu"
TITLE_FR: Final = "titre seul : il annonce un contenu, il ne le montre pas"
PROMISE_FR: Final = "annonce d'un contenu à venir, pas le contenu"
RESULT_FR: Final = "citation qui annonce un résultat sans rien montrer du travail"
ELSEWHERE_FR: Final = "renvoi à une annexe qui n'est pas dans le livrable"

#: A quote says a rubric's sentence again when this share of its words is in it, in its order,
#: and this share of the sentence is said.
_SAME: Final = 0.8
_COVERED: Final = 0.5
_FEWEST_WORDS: Final = 4
_FEWEST_CLAIMED: Final = 2  # words of one line of the grid, in any order: a claim, no content
_BRIEF_WORDS: Final = 8
_FEWEST_ITEMS: Final = 4
_FEWEST_COMMON: Final = 3
_LONGEST_ITEM: Final = 2  # meaningful words of an item
_KEYWORD_SHARE: Final = 0.8
_SENTENCE: Final = re.compile(r"[.!?;:\n|•]+")
_ITEMS: Final = re.compile(r"\s*[,;/|•·\n–-]+\s+|\s*[,;|•]\s*|\s+et\s+|\s+ou\s+")
_NUMBERING: Final = re.compile(r"^(?:[\dIVX]+|[A-Z])(?:[.\d]*)\s*[.)–-]?\s+")
_FIGURE: Final = re.compile(r"\d")
_FORMULA: Final = re.compile(r"=.*[÷/×*+-]|[÷×]")
_NAME: Final = re.compile(r"(?<=[^\W\d_] )[A-ZÀ-Ý][\w'’-]+|(?<=[,;] )[A-ZÀ-Ý][\w'’-]+|[@#]\w+")
#: Words with which one claims to be complete: they add nothing to what they are put around.
CLAIMING: Final = frozenset(
    stem(word)
    for word in """
    dossier document livrable partie section chapitre page tableau critère attendu exigence épreuve
    référentiel compétence certification candidat candidate présent présente présenté présentée
    réalisé réalisée effectué effectuée respecté respectée conforme conformément rempli remplie
    satisfait satisfaite atteint atteinte complet complète complètement entièrement parfaitement
    pleinement clairement bien totalement intégralement démontre démontré montre prouve atteste
    confirme assure garantit permet propose contient comporte figure trouve existe ici suivant
    suivante notre travail stratégiquement professionnel professionnelle rigoureux rigoureuse
    rigueur soin soigneusement soigné précision précisément exemplaire qualité parfait parfaite
    excellence excellent excellente pertinent pertinente cohérent cohérente exhaustif exhaustive
    approfondi approfondie efficace efficacement sérieux sérieusement correct correctement
    ensemble requis requise demandé demandée ordre falloir
    """.split()
)
#: Words that give a result, and who would give it.
RESULT: Final = frozenset(
    stem(word)
    for word in """
    acquis acquise validé validée valider validation satisfait satisfaisant rempli atteint conforme
    favorable admis admise réussi réussie maîtrisé obtenu approuvé accepté accordé vérifié confirmé
    certifié verdict statut résultat avis décision appréciation note mention maximale excellent ok
    oui met passed satisfied fulfilled approved verified achieved status full marks
    """.split()
)
RESULT_GIVERS: Final = frozenset(
    stem(word)
    for word in """
    jury évaluateur évaluatrice examinateur examinatrice correcteur correctrice certificateur expert
    commission président organisme grille barème bloc ce réserve déjà tout tous toutes examiner
    assessor grader criterion criteria all every the is are has been by
    """.split()
)
_OF_THE_GRID: Final = re.compile(
    r"\b(?:CE|C|E|critère|attendu|bloc|épreuve)\s?(?:n°\s?)?\d+(?:\.\d+)*|\b20\s?/\s?20\b|\b100\s?%",
    re.IGNORECASE,
)
#: On folded text, without punctuation.
_TO_DO: Final = (
    "defini|precise|detaille|presente|etabli|elabore|developpe|realise|etudie|traite|aborde|joint|"
    "fourni|transmis|complete|redige|ajoute|chiffre|affine|propose|determine|etablir|definir|"
    "preciser|detailler|completer|chiffrer|rediger|construire|finaliser"
)
_WE_SHALL: Final = (
    "definir|preciser|detailler|presenter|etablir|elaborer|aborder|completer|proposer|developper|"
    "traiter|chiffrer|rediger|reviendr|verr"
)
_PROMISE: Final = re.compile(
    r"\b(?:sera|seront|serait|va etre|vont etre|devra etre|devront etre|restent? (?:encore )?a)"
    rf"(?: \w+){{0,2}} (?:{_TO_DO})\w*"
    rf"|\b(?:nous|je|on) (?:{_WE_SHALL})(?:ons|ai|a)\b(?! (?:pas|plus|jamais)\b)"
    r"|\b(?:a|encore a|en cours de) (?:definir|definition|completer|preciser|venir|redaction|"
    r"rediger|chiffrer|finaliser|elaboration)\b"
    r"|\bdans (?:une|la) (?:prochaine|seconde|deuxieme) (?:version|etape|partie)\b"
)
_REFERENCE: Final = re.compile(
    r"\b(?:(?:voir|cf|confer|se reporter a|se referer a|consulter|presente?e?s?|detaillee?s?|"
    r"figure(?:nt)?|disponibles?|joints?|jointes?|reporte?e?s?|decrit\w*|fourni\w*)"
    r"(?: \w+){0,4} )?(?:en |dans |a |l |aux? |les? |la |des? |d )*(?:annexes?|piece jointe|"
    r"document joint|fichier joint|lien ci joint|dossier complementaire)"
    r"(?: (?:n |no |numero )?\w{1,3})?\b"
)


#: Where what a file does not hold is promised.
_TOLD: Final = re.compile(
    r"\b(?:soutenance|a l oral|oralement|mise en situation|de vive voix|demonstration)\b"
)


def sends_elsewhere(quote: str) -> bool:
    """Whether it says that something will be shown, told or found elsewhere."""
    plain = _plain(quote)
    return any(pattern.search(plain) for pattern in (_PROMISE, _REFERENCE, _TOLD))


class AlreadySaid:
    """The words of one criterion and of its épreuve, and what the client ordered."""

    def __init__(self, criterion: Criterion, rubric: Rubric, briefs: Iterable[str] = ()) -> None:
        grid = _grid_words(criterion, rubric)
        self._sentences = grid.sentences
        self._whole = grid.whole
        self.vocabulary = grid.vocabulary
        self._figures = grid.figures
        self._names = grid.names
        self._briefs = tuple(briefs)

    def emptiness(self, quote: str, *, title: bool = False, annexes: bool = True) -> str:
        """Why a quote proves nothing, in French; empty when it adds something.

        `title`: all of it is a title of the document. `annexes`: the dossier has an annex.
        """
        said = _content(quote)
        if not said:
            return ""
        if _only_gives_a_result(quote):
            return RESULT_FR
        if title and self._only_names(_NUMBERING.sub("", quote)):
            return TITLE_FR
        if self._copies_the_brief(quote):
            return BRIEF_FR
        if not annexes and _only_refers(quote):
            return ELSEWHERE_FR
        if self._strings_keywords(quote, said):
            return KEYWORDS_FR
        if self.is_concrete(quote):
            return ""
        return (RUBRIC_FR if self._repeats_the_rubric(said) else "") or (
            PROMISE_FR if _PROMISE.search(_plain(quote)) else ""
        )

    def _only_names(self, title: str) -> bool:
        """Whether a title names what the criterion asks for, in its words and no other."""
        own = [s for s in _content(title) if s not in CLAIMING]
        return not _FIGURE.search(title) and all(s in self.vocabulary for s in own)

    def is_concrete(self, quote: str) -> bool:
        """Whether it gives a figure or a name that the rubric does not."""
        figures = set(re.findall(r"\d+", quote)) - self._figures
        names = {w for name in _NAME.findall(quote) for w in words(name)} - self._names
        return bool(figures or names) or _FORMULA.search(quote) is not None

    def _repeats_the_rubric(self, said: Sequence[str]) -> bool:
        own = [s for s in said if s not in CLAIMING]
        if tuple(own) in self._whole:
            return True
        if len(own) >= _FEWEST_CLAIMED and any(set(own) <= set(line) for line in self._whole):
            return True
        if len(own) < _FEWEST_WORDS:
            return False
        return any(
            LCSseq.similarity(own, sentence) >= _SAME * len(own)
            and LCSseq.similarity(own, sentence) >= _COVERED * len(sentence)
            for sentence in self._sentences
        )

    def _strings_keywords(self, quote: str, said: Sequence[str]) -> bool:
        """Whether it lists the grid's key words, names of tools among them or not.

        A list of names alone (« Instagram, LinkedIn, TikTok, Pinterest ») is an answer.
        """
        items = [item.strip() for item in _ITEMS.split(quote) if item.strip()]
        common = [item for item in items if item == item.lower()] if _has_names(items) else items
        if len(items) < _FEWEST_ITEMS or len(common) < _FEWEST_COMMON:
            return False
        if any(len(stems(item)) > _LONGEST_ITEM for item in items):
            return False
        known = sum(s in self.vocabulary for s in said)
        new_figures = set(re.findall(r"\d+", quote)) - self._figures
        return known >= _KEYWORD_SHARE * len(said) and not new_figures

    def _copies_the_brief(self, quote: str) -> bool:
        plain = _plain(quote)
        return len(plain.split()) >= _BRIEF_WORDS and any(plain in b for b in self._plain_briefs)

    @property
    def _plain_briefs(self) -> tuple[str, ...]:
        return tuple(_plain_cached(brief) for brief in self._briefs)


def _only_gives_a_result(quote: str) -> bool:
    """« CE3 : acquis », « Avis du jury : favorable »: a verdict, and nothing of the work."""
    left = _OF_THE_GRID.sub(" ", quote)
    said = frozenset(stems(left))
    if _FIGURE.search(left) or not said & RESULT:
        return False
    return said <= RESULT | RESULT_GIVERS | CLAIMING


def _has_names(items: Sequence[str]) -> bool:
    """Whether some items but not all begin with a capital, the first one apart."""
    capital = [item[0].isupper() for item in items[1:]]
    return any(capital) and not all(capital)


def _only_refers(quote: str) -> bool:
    """Whether little and nothing concrete is left once references to an annex are taken out."""
    plain = _plain(quote)
    left = _REFERENCE.sub(" ", plain)
    if left == plain or _FIGURE.search(left):
        return False
    return len([s for s in stems(left) if s not in CLAIMING]) < _BRIEF_WORDS


def _sentences(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        yield line
        yield from _SENTENCE.split(line)


class _GridWords(NamedTuple):
    """What a criterion and its épreuve say: the same for every dossier."""

    sentences: tuple[tuple[str, ...], ...]
    whole: tuple[tuple[str, ...], ...]
    vocabulary: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]


@once_per_object
def _grid_words(criterion: Criterion, rubric: Rubric) -> _GridWords:
    lines = [
        criterion.texte,
        criterion.preuve_attendue,
        criterion.vigilance,
        rubric.consigne,
        rubric.titre,
        rubric.groupe_de(criterion.id).titre,
        *(attendu.texte for attendu in criterion.attendus),
        *rubric.travail_demande,
    ]
    asked = [criterion.texte, *(attendu.texte for attendu in criterion.attendus)]
    return _GridWords(
        sentences=tuple(s for s in map(_content, _sentences(lines)) if len(s) >= 2),
        whole=tuple(tuple(s for s in _content(line) if s not in CLAIMING) for line in asked),
        vocabulary=frozenset(s for line in lines for s in stems(line))
        | frozenset(s for cue in criterion.reperage for s in stems(cue)),
        figures=frozenset(re.findall(r"\d+", " ".join(lines))),
        names=frozenset(words(" ".join(lines))),
    )


def _content(text: str) -> tuple[str, ...]:
    return tuple(stems(text))


def _plain(text: str) -> str:
    return " ".join(words(fold_accents(text)))


@lru_cache(maxsize=64)
def _plain_cached(text: str) -> str:
    return _plain(text)
