"""Judge with PyPI `autorubric`, as its README does. Reads a job on stdin."""

import asyncio
import json
import os
import sys
import time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would fetch a table of prices

from autorubric import LLMConfig, Rubric  # noqa: E402
from autorubric.graders import CriterionGrader  # noqa: E402


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
try:
    answered, error = asyncio.run(judge(job)), ""
except Exception as failure:  # its own answer to a fault: the whole text is lost
    answered, error = 0, f"{type(failure).__name__}: {failure}"[:200]
print(
    json.dumps(
        {
            "answered": answered,
            "error": error,
            "seconds": time.monotonic() - started,
            "computed": time.process_time() - computed,
        }
    )
)
