"""Judge with PyPI `rubric`, one request per criterion, as its README does. Reads a job on stdin."""

import asyncio
import json
import sys
import time

from openai import AsyncOpenAI, OpenAIError
from pydantic import ValidationError
from rubric import Criterion, PerCriterionOutput, Rubric
from rubric.autograders import PerCriterionGrader
from telling import tell


async def judge(job: dict) -> int:
    """How many criteria have a verdict."""
    client = AsyncOpenAI(base_url=job["url"], api_key="essai")

    async def generate(system_prompt: str, user_prompt: str, **_: object) -> PerCriterionOutput:
        answer = await client.chat.completions.create(
            model="essai",
            messages=[
                {"role": "system", "content": system_prompt},
                {"role": "user", "content": user_prompt},
            ],
        )
        return PerCriterionOutput.model_validate_json(answer.choices[0].message.content or "")

    rubric = Rubric([Criterion(weight=1.0, requirement=text) for text in job["criteria"]])
    report = await rubric.grade(job["text"], autograder=PerCriterionGrader(generate))
    return len(report.report or ())


job = json.load(sys.stdin)
started, computed = time.monotonic(), time.process_time()
try:
    answered, error = asyncio.run(judge(job)), ""
except (OpenAIError, ValidationError) as failure:  # it keeps nothing of the text's other criteria
    answered, error = 0, type(failure).__name__
tell(answered, error, time.monotonic() - started, time.process_time() - computed)
