"""`vox images scan`: known weaknesses in the packages of images."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from voxctl.checkout import checkout
from voxctl.commands.options import Json
from voxctl.images.build import images as all_images
from voxctl.images.build import name_of, read_file, read_sbom, require_engine
from voxctl.images.scan.advisories import Finding, read_book
from voxctl.images.scan.archive import read_archive
from voxctl.images.scan.packages import Package, packages_of, packages_of_dpkg
from voxctl.images.scan.report import Report, scan
from voxctl.output import EXIT_DONE, EXIT_FAILED, CommandError, Output, escape
from voxctl.settings import ImageSettings

Level = Literal["low", "moderate", "high", "critical"]


def scan_images(
    *names: str,
    tag: str | None = None,
    advisories: Annotated[list[Path], Parameter(negative=())] | None = None,
    level: Level = "high",
    accept: Annotated[list[str], Parameter(negative=())] | None = None,
    sbom: Path | None = None,
    json: Json = False,
) -> int:
    """Hold the packages of images against advisories and the security archive. Exit code 1: something must be done.

    What could not be checked is said in words; it does not change the exit code.

    Parameters
    ----------
    names
        Images: voxbridge, voxcore, standin-mongo, ... Default: all of ours.
    tag
        Release tag. Default: VOX_TAG.
    advisories
        Folder or zip file of OSV files, like the export of an ecosystem. May be given several times.
    level
        Findings of this severity and above fail; one without a severity always does. So does a security update of the
        distribution that an image lacks.
    accept
        Name of an advisory (any of its names) that has been judged and does not fail any more.
    sbom
        Read this list of packages in place of an image.
    """
    output = Output(as_json=json)
    books = [read_book(place) for place in advisories or ()]
    accepted, bad = frozenset(accept or ()), 0
    archive_of = lru_cache(read_archive)
    if sbom:
        lists = iter([(str(sbom), packages_of(_read(sbom)), True)])
    else:
        lists = _lists(output, names, tag or ImageSettings.load().vox_tag)
    for name, packages, listed in lists:
        report = scan(packages, books, archive_of, listed=listed)
        failing = report.bad(level, accepted)
        _show(output, name, report, failing)
        bad += len(failing) + len(report.updates)
    return EXIT_FAILED if bad else EXIT_DONE


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise CommandError(f"cannot read {path} ({error.strerror})") from None


def _lists(output: Output, names: tuple[str, ...], tag: str) -> Iterator[tuple[str, list[Package], bool]]:
    """Image, its packages, and whether they are from its own list. Without names those that cannot be read are told
    and left out.
    """
    require_engine()
    for name in names or [image.name for image in all_images(checkout(), standins=False)]:
        image = name_of(name, tag)
        try:
            try:
                found, listed = packages_of(read_sbom(image)), True
            except CommandError:
                status, release = (read_file(image, path) for path in ("/var/lib/dpkg/status", "/etc/os-release"))
                found, listed = packages_of_dpkg(status, release), False
        except CommandError as error:
            why = f"its packages cannot be read: {str(error).splitlines()[-1]}"
            if names:
                raise CommandError(f"{image}: {why}") from None
            output.emit("scan.left_out", f"[dim]- {image}: left out, {escape(why)}[/]", image=image, why=why)
        else:
            yield image, found, listed


def _show(output: Output, name: str, report: Report, failing: list[Finding]) -> None:
    output.emit(
        "scan.image",
        f"[bold]{escape(name)}[/]  {report.packages} packages, {len(report.findings)} findings "
        f"({len(failing)} fail), {len(report.updates)} security updates missing",
        image=name,
        packages=report.packages,
        findings=len(report.findings),
        failing=len(failing),
        updates=len(report.updates),
    )
    for each in report.findings:
        text = f"{each.package.name} {each.package.version}  {each.severity}  {' '.join(each.ids[:3])}"
        cure = f"mended in {each.fixed}" if each.fixed else "no version mends it"
        output.emit(
            "scan.finding",
            f"{'[red]✗[/]' if each in failing else '-'} {escape(text)}  [dim]{escape(each.summary)}; {escape(cure)}[/]",
            image=name,
            package=each.package.name,
            version=each.package.version,
            severity=each.severity,
            ids=each.ids,
            fixed=each.fixed,
            fails=each in failing,
        )
    for package, newer in report.updates:
        output.emit(
            "scan.update",
            f"[red]✗[/] {escape(package.name)} {escape(package.version)}  the security archive has {escape(newer)}",
            image=name,
            package=package.name,
            version=package.version,
            fixed=newer,
        )
    for source in report.sources:
        output.emit("scan.source", f"  [dim]from {escape(source)}[/]", image=name, source=source)
    for what in report.unchecked:
        output.emit("scan.unchecked", f"  [yellow]not checked:[/] {escape(what)}", image=name, what=what)
