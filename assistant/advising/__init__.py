"""What to ask at the soutenance, and the one thing a candidate can do, for what is left open.

Both are built from the grid's own words (the attendu, the proof it expects) and from what the
finding shows (a place, a failed check, a part not read). They say what is looked for and where,
never how it was judged: the candidate reads the advice before anyone has decided.
"""

from assistant.advising.advice import advice, next_step
from assistant.advising.questions import MAX_QUESTIONS, questions

__all__ = ["MAX_QUESTIONS", "advice", "next_step", "questions"]
