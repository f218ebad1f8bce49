"""What a build is given: the sources that its Dockerfile copies, and of the wheels those that its lists name."""

from __future__ import annotations

import io
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

IMAGES = Path("deploy") / "images"
WHEELS = Path("build") / "wheels"
# Those of the tools that build: in a folder of their own, so that all images share the layer that is made from it.
TOOLS = WHEELS / "tools"
# Copied by the target `prebuilt` of voxui; comes from `make ui`, or is the page that says there is no console yet.
CONSOLE = Path("build") / "console"
CONSOLES = (Path("services") / "voxui" / "dist", Path("services") / "voxui" / "placeholder")


@dataclass(frozen=True)
class Image:
    """One image of ours: its Dockerfile and the checkout it is built from."""

    root: Path
    name: str
    target: str = ""

    @property
    def dockerfile(self) -> Path:
        return IMAGES / self.name / "Dockerfile"

    @cached_property
    def sources(self) -> tuple[Path, ...]:
        """Paths that the Dockerfile copies from the checkout, up to the end of the stage that is wanted: older
        builders go through every stage before it."""
        found: list[Path] = []
        text = (self.root / self.dockerfile).read_text().replace("\\\n", " ")
        if self.target:
            before, _, after = text.partition(f" AS {self.target}\n")
            text = before + "\n" + after.split("\nFROM ")[0]
        for line in text.splitlines():
            if line.startswith("COPY ") and "--from=" not in line:
                found += [Path(word) for word in line.split()[1:-1] if not word.startswith("--")]
        return tuple(dict.fromkeys(found))

    @property
    def missing(self) -> list[str]:
        """Sources that this checkout does not have: the image's part is not built yet."""
        given = {WHEELS, TOOLS, CONSOLE}
        return [str(path) for path in self.sources if path not in given and not (self.root / path).exists()]

    def tar(self, seconds: int) -> bytes:
        """The context as an archive that depends on nothing but the content: no owner, no umask, one time for all."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name, path in sorted(self._files().items()):
                info = tarfile.TarInfo(name)
                info.mtime = seconds
                if path is None:
                    info.type, info.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(info)
                    continue
                info.size = path.stat().st_size
                info.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                with path.open("rb") as content:
                    archive.addfile(info, content)
        return out.getvalue()

    def _files(self) -> dict[str, Path | None]:
        """Name in the archive -> file, None for a folder that must be there though it is empty."""
        files: dict[str, Path | None] = {str(self.dockerfile): self.root / self.dockerfile}
        for source in self.sources:
            if source in (WHEELS, TOOLS):
                files[str(source)] = None
                listed = "python" if source == TOOLS else self.name
                files |= {str(source / wheel.name): wheel for wheel in self._wheels(source, listed)}
            elif source == CONSOLE:
                built = next(path for path in CONSOLES if (self.root / path / "index.html").is_file())
                folder = self.root / built
                files |= {str(CONSOLE / p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
            else:
                files |= {name: self.root / name for name in _kept_by_git(self.root, source)}
        return files

    def _wheels(self, folder: Path, listed: str) -> list[Path]:
        lines = (self.root / IMAGES / listed / "packages.txt").read_text().splitlines()
        names = {line for line in lines if not line.startswith("#")}
        wheels = (self.root / folder).glob("*.whl")
        return [wheel for wheel in wheels if canonicalize_name(parse_wheel_filename(wheel.name)[0]) in names]


def _kept_by_git(root: Path, source: Path) -> list[str]:
    """Files of a folder that git tracks or would track, without tests."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", str(source)],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = [name for name in listed.split("\0") if name and (root / name).is_file()]
    return [name for name in names if "tests" not in Path(name).parts]
