"""What is remembered of objects that never change."""

from assistant.domain.once import once_per_object
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from ingest.types import Frozen


class Page(Frozen):
    text: str


def test_an_object_is_looked_at_once_and_its_equal_looked_at_again() -> None:
    seen: list[str] = []

    @once_per_object
    def length(page: Page) -> int:
        seen.append(page.text)
        return len(page.text)

    page, equal = Page(text="un"), Page(text="un")
    assert [length(page), length(page), length(equal)] == [2, 2, 2]
    assert seen == ["un", "un"]


def test_a_grid_mended_in_memory_has_another_hash() -> None:
    rubric = load_rubric_set(Settings(_env_file=None).rubrics_path).rubrics[0]
    before = rubric.content_hash
    mended = rubric.model_copy(update={"titre": rubric.titre + " (suite)"})
    assert mended.content_hash != before
    assert rubric.content_hash == before
