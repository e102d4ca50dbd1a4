"""The pages served over HTTP: FastAPI, our own HTML, and the door to Gradio's pages."""

from assistant.domain.access import Action
from assistant.reporting.labels import fr
from assistant.web.app import create_app
from assistant.web.gradio_pages import Guests, Uploads
from assistant.web.serving import serve
from assistant.web.site import GRADIO_PATH, Site

__all__ = [
    "GRADIO_PATH",
    "Action",
    "Guests",
    "Site",
    "Uploads",
    "create_app",
    "fr",
    "serve",
]
