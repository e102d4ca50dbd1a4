"""What a document holds by the hundred thousand shares its notes, and stays its own otherwise."""

from ingest.types import Box, Channel, Locator


def test_equal_notes_are_one_object_and_a_copy_has_its_own():
    one, two = Locator(file="a.docx", page=1), Locator(file="b.docx", page=2)
    assert one.__pydantic_fields_set__ is two.__pydantic_fields_set__

    copied = one.model_copy(update={"channel": Channel.FOOTNOTE})
    assert copied.model_fields_set == {"file", "page", "channel"}
    assert one.model_fields_set == {"file", "page"}


def test_objects_read_from_json_share_them_too():
    box = Box(page=1, left=0, top=0, right=1, bottom=1)
    again = Box.model_validate_json(box.model_dump_json())
    assert again == box
    assert again.__pydantic_fields_set__ is box.__pydantic_fields_set__
