"""Turns the référentiel's source files into the grids of `rubrics/`, and proves it lost nothing."""
