"""Reads `rubrics/`: a certification, its grids, its tables, or all that is wrong with them."""

from assistant.rubric_loader.loading import CERTIFICATION, check_file, check_folder, load_rubric_set
from assistant.rubric_loader.problems import RubricProblem

__all__ = ["CERTIFICATION", "RubricProblem", "check_file", "check_folder", "load_rubric_set"]
