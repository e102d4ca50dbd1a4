"""Measures how planted copies are found: python -m tools.bench_similarity.

Passages of the example deliverables are planted in other candidates' texts, rewritten to several
degrees; each deliverable counts as a candidate. Everything found that was not planted is noise.
"""

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from assistant.cohort import ComparedText, Sentence, close_passages, sentences_of
from assistant.reading import build_reader
from assistant.settings import Settings
from ingest.types import Frozen

PLANTED: Final = 120
_SEED: Final = 11
_FEWEST_WORDS: Final = 20
_MARK: Final = "copie plantée "


class Degree(Frozen):
    """How much a copy is rewritten: the share of its words changed, left out or added."""

    name: str
    share: float


DEGREES: Final = (
    Degree(name="mot pour mot", share=0.0),
    Degree(name="un mot sur dix changé", share=0.1),
    Degree(name="un mot sur cinq changé", share=0.2),
    Degree(name="trois mots sur dix changés", share=0.3),
    Degree(name="quatre mots sur dix changés", share=0.4),
    Degree(name="un mot sur deux changé", share=0.5),
)


class Row(Frozen):
    """What was found at one degree. `unplanted` counts passages that were not planted."""

    degree: str
    planted: int
    found: int
    unplanted: int
    seconds: float

    @property
    def recall(self) -> float:
        return self.found / self.planted

    @property
    def line(self) -> str:
        share = f"{self.recall * 100:.0f} %"
        return f"| {self.degree} | {self.planted} | {self.found} | {share} | {self.unplanted} |"


def measure(planted: int = PLANTED, degrees: Sequence[Degree] = DEGREES) -> Iterator[Row]:
    """One row per degree, the same passages being planted at each."""
    for degree in degrees:
        texts = _with_copies(planted, degree.share)
        start = time.perf_counter()
        found = close_passages(texts).passages
        places = [{p.left.place_fr, p.right.place_fr} for p in found]
        yield Row(
            degree=degree.name,
            planted=planted,
            found=sum(any(f"{_MARK}{n}" in where for where in places) for n in range(planted)),
            unplanted=sum(not any(w.startswith(_MARK) for w in where) for where in places),
            seconds=time.perf_counter() - start,
        )


def _with_copies(planted: int, share: float) -> list[ComparedText]:
    chance = random.Random(_SEED)
    made = list(_texts())
    stretches = [
        (number, place)
        for number, text in enumerate(made)
        for place in range(len(text.sentences))
        if _stretch(text, place)
    ]
    words = [w for text in made for s in text.sentences for w in s.text.split() if len(w) > 3]
    rewriting = random.Random(_SEED)
    for copy, (source, place) in enumerate(chance.sample(stretches, planted)):
        target = chance.choice([n for n in range(len(made)) if n != source])
        added = tuple(
            Sentence(
                text=_rewritten(sentence.text, share, rewriting, words),
                place_fr=f"{_MARK}{copy}",
                part=1_000_000 + copy,
            )
            for sentence in _stretch(_texts()[source], place)
        )
        host = made[target]
        made[target] = host.model_copy(update={"sentences": (*host.sentences, *added)})
    return made


def _stretch(text: ComparedText, place: int) -> tuple[Sentence, ...]:
    """Two sentences of prose of one section; empty when there are none there."""
    found = text.sentences[place : place + 2]
    prose = all(" | " not in s.text and s.part == found[0].part for s in found)
    return found if prose and sum(len(s.stems) for s in found) >= _FEWEST_WORDS else ()


def _rewritten(text: str, share: float, chance: random.Random, words: Sequence[str]) -> str:
    """Of the words to be changed, most are replaced; some are left out, or get another beside."""
    out: list[str] = []
    for word in text.split():
        drawn = chance.random()
        if drawn >= share:
            out.append(word)
        elif drawn < 0.7 * share:
            out.append(chance.choice(words))
        elif drawn < 0.85 * share:
            out += [word, chance.choice(words)]
    return " ".join(out)


@cache
def _texts() -> tuple[ComparedText, ...]:
    settings = Settings(_env_file=None)
    reader = build_reader(settings, cached=False)
    return tuple(
        ComparedText(
            dossier_id=f"T-{number:02d}",
            epreuve=path.name[:4],
            sentences=sentences_of(reader.read(reader.load(path, path.name))),
        )
        for number, path in enumerate(sorted(settings.examples_path.glob("cand-*/E*")))
    )


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planted", type=int, default=PLANTED)
    rows = list(measure(parser.parse_args().planted))
    print("| Réécriture de la copie | Plantées | Trouvées | Rappel | En trop |")
    print("|---|---|---|---|---|")
    for row in rows:
        print(row.line)


if __name__ == "__main__":
    main()
