"""Judge with PyPI `autorubric`, as its README does. Reads a job on stdin."""

import asyncio
import json
import sys
import time

from autorubric import LLMConfig, Rubric
from autorubric.graders import CriterionGrader
from telling import tell


async def judge(job: dict) -> int:
    """How many criteria have a verdict."""
    model = LLMConfig(model="openai/essai", api_base=job["url"], api_key="essai")
    rubric = Rubric.from_dict([{"weight": 1.0, "requirement": text} for text in job["criteria"]])
    grader = CriterionGrader(judge_model_config=model)
    report = await rubric.grade(to_grade=job["text"], grader=grader)
    verdicts = [str(getattr(one.final_verdict, "value", "")) for one in report.report or ()]
    return sum(verdict in ("MET", "UNMET") for verdict in verdicts)


job = json.load(sys.stdin)
started, computed = time.monotonic(), time.process_time()
answered = asyncio.run(judge(job))  # it answers for its own failures
tell(answered, "", time.monotonic() - started, time.process_time() - computed)
