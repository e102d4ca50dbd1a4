"""Memory given back between two dossiers, and where the C library cannot."""

import ctypes

import pytest

from assistant.app.cohort import heap


@pytest.fixture(autouse=True)
def _forgotten():
    heap._trim.cache_clear()
    yield
    heap._trim.cache_clear()


def test_memory_is_given_back_through_the_c_library(monkeypatch):
    asked = []

    class Library:
        @staticmethod
        def malloc_trim(kept):
            asked.append(kept)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)
    heap.give_back()
    heap.give_back()

    assert asked == [0, 0]


def test_nothing_happens_where_the_c_library_has_no_such_call(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())

    heap.give_back()


def test_nothing_happens_where_there_is_no_c_library(monkeypatch):
    def absent(_):
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", absent)

    heap.give_back()
