"""A message's content as the chat completions API takes it: text, or text and pictures.

Source: platform.openai.com/docs/guides/images-vision. Pictures go inside the request, as data
addresses: nothing is put where a provider would fetch it.
"""

import base64
from typing import Any

from assistant.domain.picture import Picture
from assistant.ports import Message


def content_of(message: Message) -> str | list[str | dict[Any, Any]]:
    """Plain text when there is no picture, which every server accepts."""
    if not message.pictures:
        return message.text
    parts: list[str | dict[Any, Any]] = [{"type": "text", "text": message.text}]
    for number, picture in enumerate(message.pictures, start=1):
        parts.append({"type": "text", "text": f"Image {number} :"})
        parts.append({"type": "image_url", "image_url": {"url": _address(picture)}})
    return parts


def _address(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
