"""`vox images`: build the container images, and say what is inside."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from voxctl.checkout import checkout
from voxctl.images.build import build as build_images
from voxctl.images.build import images as all_images
from voxctl.images.build import make_bases, name_of, read_sbom, release, require_engine
from voxctl.output import EXIT_DONE, EXIT_USAGE, CommandError, Output, escape
from voxctl.settings import ImageSettings

images = App(name="images", help="Build the container images, and say what is inside.")


@images.command
def build(
    *names: str,
    tag: str | None = None,
    cache: bool = True,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Build the images of this checkout, all or those named. `make images` fetches their wheels first.

    Parameters
    ----------
    names
        Images to build: voxbridge, voxcore, ... Default: all.
    tag
        Release tag. Default: VOX_TAG.
    cache
        Reuse layers of former builds.
    json
        JSON lines instead of text.
    """
    output = Output(as_json=json)
    settings = ImageSettings.load()
    root = checkout()
    chosen = all_images(root, standins=settings.vox_standins)
    if unknown := set(names) - {image.name for image in chosen}:
        known = ", ".join(image.name for image in chosen)
        raise CommandError(f"no image {', '.join(sorted(unknown))}; there are: {known}", exit_code=EXIT_USAGE)
    require_engine()
    if settings.vox_standins:
        make_bases(root)
    made = release(root, tag or settings.vox_tag)
    wanted = [image for image in chosen if not names or image.name in names]
    for one in build_images(wanted, made, standins=settings.vox_standins, cache=cache):
        if one.left_out:
            output.emit("image.left_out", f"[dim]- {one.name}: left out, {escape(one.left_out)}[/]", **vars(one))
            continue
        text = f"{one.megabytes:.0f} MB, {one.own_megabytes:.0f} MB above its base, {one.seconds:.1f} s"
        output.emit("image.built", f"[green]✓[/] {one.tag}  [dim]{text}[/]", **vars(one))
    return EXIT_DONE


@images.command
def sbom(name: str, *, tag: str | None = None) -> int:
    """Print the list of packages of an image (CycloneDX JSON).

    Parameters
    ----------
    name
        Image: voxbridge, voxcore, ...
    tag
        Release tag. Default: VOX_TAG.
    """
    require_engine()
    print(read_sbom(name_of(name, tag or ImageSettings.load().vox_tag)))
    return EXIT_DONE
