"""The papers of conformity, written from the grids, the prompts, the settings and the measures.

Nothing of them is typed twice: what a text asks and what a risk is are rows of data, each with the
tests that show it; figures come from the files that the evaluation wrote.
"""

from assistant.conformity.facts import Facts, gathered
from assistant.conformity.papers import PAPERS, papers
from assistant.conformity.rows import Obligation, Risk, obligations, risks

__all__ = ["PAPERS", "Facts", "Obligation", "Risk", "gathered", "obligations", "papers", "risks"]
