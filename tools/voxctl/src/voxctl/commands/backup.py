"""`vox backup` and `vox restore`: the database into an encrypted backup and back, and the drill that proves it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from voxctl import audit
from voxctl.backup.dump import dump, load, read_manifest, verify
from voxctl.backup.manifest import MANIFEST, Manifest, outdated, stamps_of
from voxctl.backup.place import Place, read_identity
from voxctl.commands.options import Json
from voxctl.output import EXIT_DONE, EXIT_PREFLIGHT, CommandError, Output
from voxctl.settings import ImageSettings, VoxctlSettings

backup = App(name="backup", help="Encrypted backups of the database, and the drill that proves them.")
To = Annotated[str, Parameter(help="file:///folder or s3://bucket?endpoint=… (S3_ACCESS_KEY, S3_SECRET_KEY).")]
IdentityFile = Annotated[Path, Parameter(help="age key, made with `age-keygen -o FILE`; keep a copy offline.")]
Metrics = Annotated[Path | None, Parameter(help="Folder of the node exporter's text files (vox_*.prom).")]
Audit = Annotated[Path, Parameter(name="--audit", help="The audit file of this host.")]

KEY = Path("/etc/vox/backup.key")
AUDIT = Path("/var/lib/vox/audit.jsonl")
SCRATCH = "vox_backup_scratch"
GOAL_S = 30 * 60


@backup.command
def run(
    *, to: To, identity: IdentityFile = KEY, metrics: Metrics = None, audit_file: Audit = AUDIT, json: Json = False
) -> int:
    """Back up the database, read it back, restore one collection to scratch, and forget what is too old.

    A backup that cannot be read fails this run. Kept: the newest of 7 days, 5 weeks, 12 months.
    """
    output, settings = Output(as_json=json), VoxctlSettings.load()
    place, key = place_of(to), read_identity(identity)
    try:
        with mongo(settings) as client:
            stamp = dump(client, settings.mongodb_db, place, key, _say(output, "dumped"))
            manifest = read_manifest(place, stamp)
            verify(manifest, place)
            _restore_one(client, manifest, place, key, output)
        gone = outdated(stamps_of(place.names()))
        place.delete([name for name in place.names() if name.split("/")[0] in gone])
    except CommandError as error:
        audit.record(audit_file, "backup.run", result="failed", reason=str(error))
        raise
    audit.record(audit_file, "backup.run", result="done", reason=f"{to.partition('?')[0]}/{stamp}")
    write_metric(metrics, "vox_backup_newest_timestamp", "Unix time of the newest backup that was read back.")
    documents = sum(dumped.count for dumped in manifest.collections.values())
    output.emit(
        "backup.done",
        f"{stamp}: {documents} documents, read back; {len(gone)} old backups gone",
        stamp=stamp,
        documents=documents,
        removed=gone,
    )
    return EXIT_DONE


@backup.command
def drill(
    *, to: To, identity: IdentityFile = KEY, metrics: Metrics = None, audit_file: Audit = AUDIT, json: Json = False
) -> int:
    """Restore the newest backup into a scratch database, compare counts and indexes, and remove it again."""
    output, settings = Output(as_json=json), VoxctlSettings.load()
    place, key = place_of(to), read_identity(identity)
    began = time.monotonic()
    try:
        stamps = stamps_of(place.names())
        if not stamps:
            raise CommandError(f"there is no backup in {to.partition('?')[0]}: vox backup run")
        manifest = read_manifest(place, stamps[-1])
        verify(manifest, place)
        with mongo(settings) as client, scratch(client) as database:
            load(manifest, place, key, client[database], say=_say(output, "restored"))
            _same_indexes(manifest, client, database)
    except CommandError as error:
        audit.record(audit_file, "backup.drill", result="failed", reason=str(error))
        raise
    took = time.monotonic() - began
    audit.record(audit_file, "backup.drill", result="done", reason=f"{stamps[-1]} in {took:.1f} s")
    write_metric(metrics, "vox_backup_drill_timestamp", "Unix time of the last drill that passed.")
    output.emit("backup.drilled", f"{stamps[-1]} restored and compared in {took:.1f} s", stamp=stamps[-1], seconds=took)
    if took > GOAL_S:
        raise CommandError(
            f"the drill took {took / 60:.0f} minutes, and 30 are the goal: see docs/operations/backups.md"
        )
    return EXIT_DONE


def restore(
    manifest: str,
    *,
    into: Annotated[str, Parameter(help="Database to write into, on the server of MONGODB_URI.")],
    identity: IdentityFile = KEY,
    overwrite: Annotated[bool, Parameter(negative=(), help="Drop what the database holds.")] = False,
    audit_file: Audit = AUDIT,
    json: Json = False,
) -> int:
    """Restore a backup into a database: hashes first, then documents and indexes, then the counts are compared.

    Parameters
    ----------
    manifest
        Its address, like file:///backups/20260203T040000Z/manifest.json
    """
    output, settings = Output(as_json=json), VoxctlSettings.load()
    address, _, query = manifest.partition("?")
    base, _, file = address.rpartition("/")
    base, _, stamp = base.rpartition("/")
    if file != MANIFEST or not stamp:
        raise CommandError(f"{manifest}: give the address of a {MANIFEST}", exit_code=EXIT_PREFLIGHT)
    place = place_of(f"{base}?{query}" if query else base)
    key = read_identity(identity)
    found = read_manifest(place, stamp)
    verify(found, place)
    with mongo(settings) as client:
        there = [name for name in client[into].list_collection_names() if client[into][name].find_one() is not None]
        if there and not overwrite:
            raise CommandError(
                f"database {into} holds data ({', '.join(sorted(there)[:5])}): name an empty one, or give --overwrite",
                exit_code=EXIT_PREFLIGHT,
            )
        client.drop_database(into)
        load(found, place, key, client[into], say=_say(output, "restored"))
    audit.record(audit_file, "restore", result="done", reason=f"{stamp} into {into}")
    output.emit("restore.done", f"{stamp} is restored into {into}: MONGODB_DB={into}", database=into)
    return EXIT_DONE


@contextmanager
def mongo(settings: VoxctlSettings) -> Iterator[MongoClient[Any]]:
    """A client of MONGODB_URI. Raises: CommandError."""
    if not settings.mongodb_uri:
        raise CommandError("MONGODB_URI is empty: name the database server", exit_code=EXIT_PREFLIGHT)
    try:
        with MongoClient(settings.mongodb_uri, serverSelectionTimeoutMS=5_000, tz_aware=True) as client:
            yield client
    except PyMongoError as error:
        raise CommandError(f"MONGODB_URI: {type(error).__name__}: the database does not do its part") from error


@contextmanager
def scratch(client: MongoClient[Any]) -> Iterator[str]:
    """Name of an empty database that is dropped afterwards."""
    name = f"{SCRATCH}_{os.urandom(4).hex()}"
    try:
        yield name
    finally:
        client.drop_database(name)


def place_of(url: str) -> Place:
    """Raises: CommandError."""
    settings = ImageSettings.load()
    return Place(url, access_key=settings.s3_access_key, secret_key=settings.s3_secret_key)


def write_metric(folder: Path | None, name: str, text: str) -> None:
    """One figure for the node exporter; whole or not at all."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{name}.prom.new"
    new.write_text(f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {time.time():.0f}\n")
    new.replace(folder / f"{name}.prom")


def _restore_one(client: MongoClient[Any], manifest: Manifest, place: Place, key: Any, output: Output) -> None:
    smallest = min(
        (name for name, dumped in manifest.collections.items() if dumped.count),
        key=lambda name: manifest.collections[name].bytes,
        default=next(iter(manifest.collections)),
    )
    with scratch(client) as database:
        load(manifest, place, key, client[database], only=smallest, say=_say(output, "read back"))


def _same_indexes(manifest: Manifest, client: MongoClient[Any], database: str) -> None:
    for name, dumped in manifest.collections.items():
        missing = set(dumped.indexes) - set(client[database][name].index_information()) - {"_id_"}
        if missing:
            raise CommandError(f"{name} lacks the indexes {', '.join(sorted(missing))} after the restore")


def _say(output: Output, what: str) -> Any:
    def say(name: str, count: int) -> None:
        output.emit("backup.collection", f"  {what} {name}: {count}", what=what, collection=name, count=count)

    return say
