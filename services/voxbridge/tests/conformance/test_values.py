"""A store that gives back another value than the one written, or finds other rows than a bound asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

pytestmark = [pytest.mark.integration]
T = datetime(2026, 6, 5, 10, 15, 0, 123_000, tzinfo=UTC)
MS = timedelta(milliseconds=1)

VALUES = {
    "text": "नमस्ते, 200 ₹",
    "empty text": "",
    "int32": 2**31 - 1,
    "int64": 2**53 + 1,
    "negative": -1,
    "float": 41.25,
    "whole float": 3.0,
    "true": True,
    "false": False,
    "null": None,
    "date": T,
    "old date": datetime(1970, 1, 1, tzinfo=UTC),
    "bytes": b"\x00\xff",
    "object id": ObjectId("0123456789abcdef01234567"),
    "list": [1, "two", [3.5, None], {"a": True}],
    "nested": {"a": {"b": {"c": [T, {"d": False}]}}},
    "empty list": [],
    "empty object": {},
}


@pytest.mark.parametrize("name", list(VALUES))
def test_a_value_comes_back_as_it_went(store, name: str) -> None:
    value = VALUES[name]
    col = store.db["values"]
    col.insert_one({"_id": "inserted", "v": value})
    col.update_one({"_id": "set"}, {"$set": {"v": value, "o.v": value}}, upsert=True)
    col.update_one({"_id": "pushed"}, {"$push": {"v": value}}, upsert=True)
    col.replace_one({"_id": "replaced"}, {"v": value}, upsert=True)
    found = {row["_id"]: row["v"] for row in col.find()}
    assert found == {"inserted": value, "set": value, "pushed": [value], "replaced": value}
    for key in ("inserted", "set", "replaced"):
        assert isinstance(found[key], type(value))
        assert isinstance(found[key], bool) == isinstance(value, bool)
    assert col.find_one({"_id": "set"})["o"]["v"] == value


def test_a_key_of_text_stays_the_key(store) -> None:
    col = store.db["values"]
    col.replace_one({"_id": "k"}, {"a": 1}, upsert=True)
    col.replace_one({"_id": "k"}, {"a": 2}, upsert=True)
    assert list(col.find()) == [{"_id": "k", "a": 2}]


def test_order_of_fields_and_a_document_of_some_mebibytes_survive(store) -> None:
    col = store.db["values"]
    big = {"_id": "big", "z": 1, "a": 2, "m": {"y": 1, "b": 2}, "text": "x" * (8 * 1024 * 1024)}
    col.insert_one(dict(big))
    found = col.find_one({"_id": "big"})
    assert list(found) == list(big)
    assert list(found["m"]) == ["y", "b"]
    assert len(found["text"]) == len(big["text"])


@pytest.fixture
def dated(store):
    """Eleven rows a millisecond apart for each of two bots."""
    col = store.db["calls"]
    col.create_index([("created_at", -1), ("_id", -1)])
    col.create_index([("bot_id", 1), ("created_at", -1), ("_id", -1)])
    col.insert_many(
        [{"_id": f"{bot}{n:02d}", "bot_id": bot, "created_at": T + n * MS, "n": n} for bot in "ab" for n in range(11)]
    )
    return col


@pytest.mark.parametrize("sort", [1, -1])
@pytest.mark.parametrize("bot", [None, "a"])
def test_exclusive_bounds_beside_the_rows_find_exactly_the_rows_between(dated, bot, sort) -> None:
    """How every page is read: both bounds are values that no wanted row has."""
    where = {"created_at": {"$gt": T + 2 * MS, "$lt": T + 8 * MS}} | ({"bot_id": bot} if bot else {})
    rows = [row["_id"] for row in dated.find(where).sort([("created_at", sort), ("_id", sort)])]
    bots = [bot] if bot else ["a", "b"]
    assert rows == sorted(
        (f"{b}{n:02d}" for b in bots for n in range(3, 8)), key=lambda i: (i[1:], i[0]), reverse=sort < 0
    )


@pytest.mark.parametrize("bot", [None, "a"])
def test_the_bound_that_the_index_reaches_first_is_found(dated, bot) -> None:
    """`$gt … $lte` on a descending index: the rule for ranges that are not the last field of an index."""
    where = {"created_at": {"$gt": T + 2 * MS, "$lte": T + 8 * MS}} | ({"bot_id": bot} if bot else {})
    assert sorted({row["n"] for row in dated.find(where)}) == list(range(3, 9))


def test_ascending_ranges_are_closed_below_and_open_above(store) -> None:
    col = store.db["outbox"]
    col.create_index([("status", 1), ("next_attempt_at", 1), ("_id", 1)])
    col.insert_many([{"_id": n, "status": "pending", "next_attempt_at": T + n * MS} for n in range(11)])
    where = {"status": "pending", "next_attempt_at": {"$gte": T + 2 * MS, "$lt": T + 8 * MS}}
    assert [row["_id"] for row in col.find(where).sort([("next_attempt_at", 1), ("_id", 1)])] == list(range(2, 8))


def test_dates_are_equal_to_the_millisecond(dated) -> None:
    assert [row["n"] for row in dated.find({"created_at": T + 3 * MS, "bot_id": "a"})] == [3]


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"a": None}, ["missing", "null"]),
        ({"a": {"$exists": True}}, ["list", "null", "one", "text", "two"]),
        ({"a": {"$exists": False}}, ["missing"]),
        ({"a": {"$ne": None}}, ["list", "one", "text", "two"]),
        ({"a": {"$in": [1, "x"]}}, ["list", "one", "text"]),
        ({"a": {"$nin": [1, None]}}, ["text", "two"]),
        ({"a": {"$gt": ""}}, ["text"]),
        ({"a": {"$type": "string"}}, ["text"]),
        ({"$or": [{"a": 1}, {"b.c": 5}]}, ["list", "one", "two"]),
        ({"$and": [{"a": {"$gte": 1}}, {"a": {"$lt": 2}}]}, ["list", "one"]),
        ({"b.c": {"$in": [5, 6]}}, ["two"]),
        ({"l": {"$elemMatch": {"k": 1, "v": 2}}}, ["list"]),
        ({"l.k": 1}, ["list", "one"]),
        ({"a": {"$regex": "^X", "$options": "i"}}, ["text"]),
        ({"a": {"$not": {"$gt": 1}}}, ["list", "missing", "null", "one", "text"]),
        ({"a": {"$size": 2}}, ["list"]),
    ],
    ids=str,
)
def test_filters_find_what_mongodb_finds(store, where: dict, ids: list[str]) -> None:
    col = store.db["rows"]
    col.insert_many(
        [
            {"_id": "one", "a": 1, "l": [{"k": 1, "v": 9}]},
            {"_id": "two", "a": 2, "b": {"c": 5}},
            {"_id": "text", "a": "x"},
            {"_id": "null", "a": None},
            {"_id": "missing"},
            {"_id": "list", "a": [1, 0], "l": [{"k": 1, "v": 2}]},
        ]
    )
    assert sorted(row["_id"] for row in col.find(where)) == ids


def test_projection_keeps_the_shape_and_nested_parts_can_be_left_out(store) -> None:
    col = store.db["rows"]
    col.insert_one({"_id": 1, "o": {"p": 1, "q": 2}, "big": "x", "l": [1, 2, 3, 4]})
    assert col.find_one({}, {"o.p": 1, "_id": 0}) == {"o": {"p": 1}}
    assert col.find_one({}, {"big": 0, "o.q": 0, "l": 0}) == {"_id": 1, "o": {"p": 1}}


def test_prefix_ranges_find_what_begins_so(store) -> None:
    col = store.db["rows"]
    col.create_index("phone_rev")
    col.insert_many([{"_id": text, "phone_rev": text} for text in ("1234", "12345", "1235", "2345", "123")])
    found = col.find({"phone_rev": {"$gte": "1234", "$lt": "1235"}})
    assert sorted(row["_id"] for row in found) == ["1234", "12345"]


def test_counts_stop_at_their_limit(store) -> None:
    col = store.db["rows"]
    col.insert_many([{"_id": n, "even": n % 2 == 0} for n in range(50)])
    assert col.count_documents({}) == 50
    assert col.count_documents({"even": True}, limit=10) == 10
    assert col.count_documents({"even": True}, limit=100) == 25
