"""The running server: settings, lanes, models once they are loaded, dialogues, metrics."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import Request

from voxvoice.dialogue.files import Dialogues
from voxvoice.errors import Loading
from voxvoice.lanes import Lanes
from voxvoice.metrics import Metrics
from voxvoice.settings import VoxvoiceSettings

if TYPE_CHECKING:
    from voxvoice.gguf import GgufModel
    from voxvoice.speech import Speech


@dataclass
class Server:
    """What the routes share. `speech` is None while the models load."""

    settings: VoxvoiceSettings
    dialogues: Dialogues
    lanes: Lanes = field(default_factory=Lanes)
    metrics: Metrics = field(default_factory=Metrics)
    speech: "Speech | None" = None
    gguf: "GgufModel | None" = None

    def ready(self) -> "Speech":
        """Raises: Loading."""
        if self.speech is None:
            raise Loading(headers={"Retry-After": "1"})
        return self.speech


def server_of(request: Request) -> Server:
    """The server a request came to."""
    return request.app.state.server
