"""An update that loses another one, a unique key that lets two in, an error that the driver does not recognise."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pymongo import IndexModel, InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure
from voxbridge.features import FEATURES
from voxbridge.lease import Lease

pytestmark = [pytest.mark.integration]
NOW = datetime(2026, 6, 5, 10, 15, tzinfo=UTC)


def test_the_update_operators_do_what_they_say(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "n": 1, "low": 5, "high": 5, "gone": 1, "l": [1, 2], "s": ["a"]})
    change = {
        "$set": {"o.p": 1, "at": NOW}, "$inc": {"n": 2, "new": 1}, "$unset": {"gone": ""}, "$min": {"low": 3},
        "$max": {"high": 9}, "$push": {"l": {"$each": [3, 4], "$slice": -3}}, "$addToSet": {"s": {"$each": ["a", "b"]}},
    }  # fmt: skip
    done = col.update_one({"_id": 1}, change)
    assert (done.matched_count, done.modified_count) == (1, 1)
    assert col.find_one() == {
        "_id": 1, "n": 3, "low": 3, "high": 9, "l": [2, 3, 4], "s": ["a", "b"], "o": {"p": 1}, "at": NOW, "new": 1,
    }  # fmt: skip
    col.update_one({"_id": 1}, {"$pull": {"s": "a"}})
    assert col.find_one()["s"] == ["b"]


def test_lists_of_objects_grow_within_their_bound(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "log": []})
    for n in range(5):
        col.update_one({"_id": 1}, {"$push": {"log": {"$each": [{"n": n, "at": NOW}], "$slice": -3}}})
    assert [entry["n"] for entry in col.find_one()["log"]] == [2, 3, 4]
    assert col.find_one()["log"][0]["at"] == NOW


def test_one_element_of_a_list_is_changed_by_a_filter(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "l": [{"k": "a", "v": 1}, {"k": "b", "v": 1}]})
    col.update_one({"_id": 1}, {"$set": {"l.$[x].v": 2}}, array_filters=[{"x.k": "b"}])
    assert [item["v"] for item in col.find_one()["l"]] == [1, 2]


def test_a_write_tells_what_it_matched_and_changed(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "a": 1})
    same = col.update_one({"_id": 1}, {"$set": {"a": 1}})
    assert (same.matched_count, same.modified_count) == (1, 0)
    none = col.update_one({"_id": 2}, {"$set": {"a": 1}})
    assert (none.matched_count, none.modified_count, none.upserted_id) == (0, 0, None)
    made = col.update_one({"_id": 2}, {"$set": {"a": 1}, "$setOnInsert": {"b": 2}}, upsert=True)
    assert (made.matched_count, made.upserted_id) == (0, 2)
    again = col.update_one({"_id": 2}, {"$set": {"a": 3}, "$setOnInsert": {"b": 9}}, upsert=True)
    assert (again.matched_count, again.upserted_id) == (1, None)
    assert col.find_one({"_id": 2}) == {"_id": 2, "a": 3, "b": 2}
    assert col.update_many({}, {"$set": {"c": 1}}).modified_count == 2
    assert col.delete_one({"_id": 1}).deleted_count == 1
    assert col.delete_many({"_id": {"$in": [1, 2]}}).deleted_count == 1


def test_find_and_modify_answers_the_document_after(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "a": 1})
    after = col.find_one_and_update({"_id": 1}, {"$set": {"a": 2}}, return_document=ReturnDocument.AFTER)
    assert after == {"_id": 1, "a": 2}
    assert col.find_one_and_update({"_id": 7}, {"$set": {"a": 2}}) is None


def test_a_taken_key_is_a_duplicate_key_error_everywhere(store) -> None:
    col = store.db["users"]
    col.create_index("email", unique=True, name="email")
    col.insert_one({"_id": 1, "email": "a"})
    col.insert_one({"_id": 2, "email": "b"})
    writes = [
        lambda: col.insert_one({"_id": 1, "email": "c"}),
        lambda: col.insert_one({"_id": 3, "email": "a"}),
        lambda: col.update_one({"_id": 2}, {"$set": {"email": "a"}}),
        lambda: col.replace_one({"_id": 2}, {"email": "a"}),
        lambda: col.update_one({"_id": 2, "email": "other"}, {"$set": {"x": 1}}, upsert=True),
    ]
    for write in writes:
        with pytest.raises(DuplicateKeyError) as caught:
            write()
        assert caught.value.code == 11000
    assert {row["_id"]: row["email"] for row in col.find()} == {1: "a", 2: "b"}


def test_an_unordered_bulk_write_does_what_it_can_and_names_what_it_could_not(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1})
    with pytest.raises(BulkWriteError) as caught:
        col.bulk_write(
            [InsertOne({"_id": n}) for n in (0, 1, 2)] + [UpdateOne({"_id": 0}, {"$set": {"a": 1}})], ordered=False
        )
    errors = caught.value.details["writeErrors"]
    assert [(error["index"], error["code"]) for error in errors] == [(1, 11000)]
    assert col.count_documents({}) == 3
    assert col.find_one({"_id": 0})["a"] == 1


def test_a_sparse_unique_index_ignores_rows_without_the_field(store) -> None:
    col = store.db["calls"]
    col.create_index("recording_access_token", unique=True, sparse=True)
    col.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 3, "recording_access_token": "t"}])
    with pytest.raises(DuplicateKeyError):
        col.insert_one({"_id": 4, "recording_access_token": "t"})
    assert col.find_one({"recording_access_token": "t"})["_id"] == 3


def test_a_partial_index_ignores_rows_outside_its_condition(store) -> None:
    col = store.db["campaign_calls"]
    condition = {"current_session_id": {"$gt": ""}}
    col.create_index("current_session_id", unique=True, partialFilterExpression=condition)
    col.insert_many([{"_id": n, "current_session_id": None} for n in range(3)])
    col.insert_one({"_id": 10, "current_session_id": "s"})
    with pytest.raises(DuplicateKeyError):
        col.insert_one({"_id": 11, "current_session_id": "s"})


def test_a_ttl_index_is_declared(store) -> None:
    col = store.db["call_contexts"]
    col.create_index("expires_at", expireAfterSeconds=0, name="expires_at")
    assert col.index_information()["expires_at"]["expireAfterSeconds"] == 0
    col.insert_one({"_id": 1, "expires_at": NOW + timedelta(days=3650)})
    assert col.count_documents({}) == 1


def test_making_an_index_again_is_harmless_and_its_form_is_told(store) -> None:
    col = store.db["calls"]
    models = [
        IndexModel([("bot_id", 1), ("created_at", -1), ("_id", -1)], name="bot"),
        IndexModel([("stream_id", 1)], name="stream_id"),
    ]
    for _ in range(3):
        col.create_indexes(models)
    told = col.index_information()
    assert set(told) == {"_id_", "bot", "stream_id"}
    assert [tuple(part) for part in told["bot"]["key"]] == [("bot_id", 1), ("created_at", -1), ("_id", -1)]


def test_every_index_that_voxbridge_makes_is_accepted(store) -> None:
    for feature in FEATURES:
        for collection, model in feature.indexes:
            store.db[collection].create_indexes([model])
            store.db[collection].create_indexes([model])


def test_mistakes_are_errors_with_mongodbs_codes(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "a": "text"})
    with pytest.raises(OperationFailure) as unknown:
        col.update_one({"_id": 1}, {"$nothing": {"a": 1}})
    assert unknown.value.code == 9
    with pytest.raises(OperationFailure) as wrong_type:
        col.update_one({"_id": 1}, {"$inc": {"a": 1}})
    assert wrong_type.value.code == 14
    with pytest.raises(OperationFailure) as conflict:
        col.update_one({"_id": 1}, {"$set": {"a": 1}, "$unset": {"a": ""}})
    assert conflict.value.code == 40
    with pytest.raises(OperationFailure) as immutable:
        col.update_one({"_id": 1}, {"$set": {"_id": 2}})
    assert immutable.value.code == 66


def test_compare_and_set_has_one_winner_however_many_try(store) -> None:
    """Ten workers lease sixty rows: each row once, whatever the server does under contention."""
    col = store.db["rows"]
    col.create_index([("status", 1), ("row_no", 1)])
    col.insert_many([{"_id": n, "status": "pending", "row_no": n, "lease_id": None} for n in range(60)])

    def work(worker: int) -> list[int]:
        won = []
        while True:
            rows = list(col.find({"status": "pending"}).sort("row_no", 1).limit(5))
            if not rows:
                return won
            for row in rows:
                token = uuid4().hex
                done = col.update_one(
                    {"_id": row["_id"], "status": "pending", "lease_id": None},
                    {"$set": {"status": "leased", "lease_id": token, "owner": worker}},
                )
                if done.modified_count or col.find_one({"_id": row["_id"], "lease_id": token}):
                    won.append(row["_id"])

    with ThreadPoolExecutor(10) as pool:
        won = [row for rows in pool.map(work, range(10)) for row in rows]
    assert sorted(won) == list(range(60))
    owners = {row["_id"]: row["owner"] for row in col.find()}
    assert None not in owners.values()


def test_increments_and_pushes_at_the_same_time_are_all_there(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "n": 0, "l": []})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: col.update_one({"_id": 1}, {"$inc": {"n": 1}, "$push": {"l": n}}), range(80)))
    row = col.find_one()
    assert row["n"] == 80
    assert sorted(row["l"]) == list(range(80))


def test_upserts_of_one_key_at_the_same_time_make_one_row(store) -> None:
    """A duplicate key error may come; the row is there once, and a repeat finds it."""
    col = store.db["rows"]

    def upsert(_: int) -> None:
        for _ in range(20):
            try:
                col.update_one({"_id": "k"}, {"$inc": {"n": 1}, "$setOnInsert": {"made": True}}, upsert=True)
            except DuplicateKeyError:
                continue
            return
        raise AssertionError("twenty repeats were not enough")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(upsert, range(40)))
    assert list(col.find()) == [{"_id": "k", "n": 40, "made": True}]


async def test_the_leader_lease_has_one_owner_on_this_store(store) -> None:
    from pymongo import AsyncMongoClient

    client: AsyncMongoClient = AsyncMongoClient(store.uri)
    leases = [Lease(client[store.db.name]["locks"], "x", take_over_s=15) for _ in range(6)]
    won = await asyncio.gather(*(lease.beat_or_take(f"o{n}") for n, lease in enumerate(leases)))
    assert sum(won) == 1
    await client.close()
