"""A database into files and back: a collection is a gzip of BSON documents, encrypted with age, with its SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import bson
import pyrage
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from voxctl.backup.manifest import MANIFEST, STAMP, Dumped, Manifest
from voxctl.backup.place import Place
from voxctl.output import CommandError

BATCH = 500
NAME_ONLY = ("v", "ns", "key")
Progress = Callable[[str, int], None]


def dump(client: MongoClient[Any], database: str, place: Place, key: pyrage.x25519.Identity, say: Progress) -> str:
    """Back up a database; the manifest is written when everything else is there. Returns its stamp.

    Raises: CommandError.
    """
    now = datetime.now(UTC)
    stamp = now.strftime(STAMP)
    # Raw: what a document holds is copied byte by byte, known to this release or not.
    db = client.get_database(database, codec_options=bson.CodecOptions(document_class=RawBSONDocument))
    try:
        snapshot = bool(client.admin.command("hello").get("setName"))
        with client.start_session(snapshot=True) if snapshot else client.start_session() as session:
            collections = {
                name: _dump_collection(db, name, session if snapshot else None, place, stamp, key, say)
                for name in sorted(db.list_collection_names())
                if not name.startswith("system.")
            }
        meta = client[database]["meta"].find_one({"_id": "schema"}) or {}
    except PyMongoError as error:
        raise CommandError(f"the database could not be read: {error}") from None
    if not collections:
        raise CommandError(f"database {database} is empty: is MONGODB_DB right?")
    manifest = Manifest(
        created=now,
        database=database,
        schema_version=int(meta.get("schema_version", 0)),
        snapshot=snapshot,
        collections=collections,
    )
    with tempfile.TemporaryDirectory(prefix="vox-backup-") as folder:
        path = Path(folder) / MANIFEST
        path.write_text(manifest.model_dump_json(indent=1))
        place.put(f"{stamp}/{MANIFEST}", path)
    return stamp


def _dump_collection(
    db: Database[Any],
    name: str,
    session: ClientSession | None,
    place: Place,
    stamp: str,
    key: pyrage.x25519.Identity,
    say: Progress,
) -> Dumped:
    count = 0
    with tempfile.TemporaryDirectory(prefix="vox-backup-") as folder:
        plain, sealed = Path(folder) / "plain", Path(folder) / "sealed"
        with gzip.open(plain, "wb", compresslevel=6) as file:
            for document in db[name].find({}, session=session, sort=[("_id", 1)]):
                file.write(document.raw)
                count += 1
        pyrage.encrypt_file(str(plain), str(sealed), [key.to_public()])
        file_name = f"{stamp}/{name}.bson.gz.age"
        place.put(file_name, sealed)
        say(name, count)
        return Dumped(
            file=file_name,
            count=count,
            bytes=sealed.stat().st_size,
            sha256=_sha256(sealed),
            indexes={
                index: {"key": list(facts["key"]), **{k: v for k, v in facts.items() if k not in NAME_ONLY}}
                for index, facts in db[name].with_options(bson.CodecOptions()).index_information().items()
            },
        )


def read_manifest(place: Place, stamp: str) -> Manifest:
    """Raises: CommandError."""
    with tempfile.TemporaryDirectory(prefix="vox-backup-") as folder:
        path = Path(folder) / MANIFEST
        place.get(f"{stamp}/{MANIFEST}", path)
        try:
            return Manifest.model_validate_json(path.read_text())
        except ValueError:
            raise CommandError(f"{place.url}/{stamp}/{MANIFEST} is not a manifest of a backup") from None


def verify(manifest: Manifest, place: Place) -> None:
    """Read every file back and compare its hash. Raises: CommandError that names the first bad one."""
    with tempfile.TemporaryDirectory(prefix="vox-backup-") as folder:
        path = Path(folder) / "sealed"
        for name, dumped in manifest.collections.items():
            place.get(dumped.file, path)
            if _sha256(path) != dumped.sha256:
                raise CommandError(f"{dumped.file} ({name}) is damaged: its SHA-256 is not that of the manifest")


def load(
    manifest: Manifest, place: Place, key: pyrage.x25519.Identity, into: Database[Any], *, only: str = "", say: Progress
) -> None:
    """Write the collections (or `only` one) into a database, build their indexes, compare the counts.

    Raises: CommandError.
    """
    for name, dumped in manifest.collections.items():
        if only and name != only:
            continue
        with tempfile.TemporaryDirectory(prefix="vox-backup-") as folder:
            sealed, plain = Path(folder) / "sealed", Path(folder) / "plain"
            place.get(dumped.file, sealed)
            try:
                pyrage.decrypt_file(str(sealed), str(plain), [key])
            except pyrage.DecryptError:
                raise CommandError(f"{dumped.file} was encrypted for another key") from None
            try:
                _insert(plain, into, name)
                _build_indexes(into, name, dumped)
                found = into[name].count_documents({})
            except (PyMongoError, InvalidBSON, gzip.BadGzipFile) as error:
                raise CommandError(f"{name} could not be restored: {error}") from None
        if found != dumped.count:
            raise CommandError(f"{name} has {found} documents after the restore, and {dumped.count} in the backup")
        say(name, found)


def _insert(plain: Path, into: Database[Any], name: str) -> None:
    as_written = bson.CodecOptions(document_class=RawBSONDocument)
    collection = into.get_collection(name, codec_options=as_written)
    batch: list[RawBSONDocument] = []
    with gzip.open(plain, "rb") as file:
        for document in bson.decode_file_iter(cast("IO[bytes]", file), as_written):
            batch.append(document)
            if len(batch) == BATCH:
                collection.insert_many(batch)
                batch = []
    if batch:
        collection.insert_many(batch)


def _build_indexes(into: Database[Any], name: str, dumped: Dumped) -> None:
    for index, facts in dumped.indexes.items():
        if index == "_id_":
            continue
        options = {key: value for key, value in facts.items() if key != "key"}
        into[name].create_index([(field, direction) for field, direction in facts["key"]], name=index, **options)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
