"""Finding and reading dialogue files."""

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from voxvoice.dialogue.schema import Dialogue

BUILT_IN = Path(str(files("voxvoice") / "dialogues"))


class DialogueError(ValueError):
    """A dialogue file is wrong; one line that names the file and what is wrong in it."""


def read_dialogue(path: Path) -> Dialogue:
    """One file. Raises: DialogueError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Dialogue.model_validate(content)
    except ValidationError as error:
        item = error.errors()[0]
        where = ".".join(str(part) for part in item["loc"])
        raise DialogueError(f"{path}: {where or 'file'}: {item['msg']}") from error
    except yaml.YAMLError as error:
        raise DialogueError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise DialogueError(f"{path}: cannot be read ({error.strerror})") from error


class Dialogues:
    """All dialogues by model name."""

    def __init__(self, dialogues: list[Dialogue]) -> None:
        self._by_name: dict[str, Dialogue] = {}
        for dialogue in dialogues:  # names first: an alias never hides a later file's own name
            for alias in dialogue.aliases:
                self._by_name[alias] = dialogue
        for dialogue in dialogues:
            self._by_name[dialogue.name] = dialogue

    @classmethod
    def load(cls, extra: Path | None = None) -> "Dialogues":
        """The built-in files, then those of folder `extra`, which win. Raises: DialogueError."""
        folders = [BUILT_IN]
        if extra is not None:
            if not extra.is_dir():
                raise DialogueError(f"VOXVOICE_DIALOGUES: {extra} is not a folder; create it or unset the variable")
            folders.append(extra)
        return cls([read_dialogue(path) for folder in folders for path in sorted(folder.glob("*.yaml"))])

    @property
    def names(self) -> list[str]:
        return sorted(self._by_name)

    def get(self, model: str) -> Dialogue | None:
        """The dialogue of a model name; an empty name is `default`."""
        return self._by_name.get(model or "default")
