"""The pages served over HTTP: FastAPI, our own HTML, and the door to Gradio's pages."""

from assistant.web.app import create_app
from assistant.web.serving import serve
from assistant.web.site import GRADIO_PATH, Site

__all__ = ["GRADIO_PATH", "Site", "create_app", "serve"]
