"""A report that groups by the wrong day, or in a server's own arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

pytestmark = [pytest.mark.integration]


def test_days_are_cut_in_the_zone_that_is_asked_for(store) -> None:
    col = store.db["calls"]
    col.insert_many(
        [
            {"_id": 1, "at": datetime(2026, 6, 5, 18, 29, tzinfo=UTC), "s": 10, "ok": True},  # 23:59 in India
            {"_id": 2, "at": datetime(2026, 6, 5, 18, 30, tzinfo=UTC), "s": 20, "ok": False},  # 00:00 the next day
            {"_id": 3, "at": datetime(2026, 6, 6, 1, 0, tzinfo=UTC), "s": 30, "ok": True},
        ]
    )
    day = {"$dateTrunc": {"date": "$at", "unit": "day", "timezone": "Asia/Kolkata"}}
    rows = col.aggregate(
        [
            {"$match": {"at": {"$gte": datetime(2026, 6, 1, tzinfo=UTC), "$lt": datetime(2026, 7, 1, tzinfo=UTC)}}},
            {"$group": {"_id": day, "n": {"$sum": 1}, "s": {"$sum": "$s"}, "mean": {"$avg": "$s"},
                        "ok": {"$sum": {"$cond": ["$ok", 1, 0]}}}},
            {"$sort": {"_id": 1}},
        ]
    )  # fmt: skip
    assert list(rows) == [
        {"_id": datetime(2026, 6, 4, 18, 30, tzinfo=UTC), "n": 1, "s": 10, "mean": 10.0, "ok": 1},
        {"_id": datetime(2026, 6, 5, 18, 30, tzinfo=UTC), "n": 2, "s": 50, "mean": 25.0, "ok": 1},
    ]


def test_groups_by_several_fields_keep_them_apart(store) -> None:
    col = store.db["calls"]
    col.insert_many([{"bot": bot, "status": status} for bot in "ab" for status in ("ok", "failed", "ok")])
    rows = col.aggregate([{"$group": {"_id": {"bot": "$bot", "status": "$status"}, "n": {"$sum": 1}}}])
    found = {(row["_id"]["bot"], row["_id"]["status"]): row["n"] for row in rows}
    assert found == {("a", "ok"): 2, ("a", "failed"): 1, ("b", "ok"): 2, ("b", "failed"): 1}


def test_a_pipeline_sorts_limits_projects_and_counts(store) -> None:
    col = store.db["calls"]
    col.insert_many([{"_id": n, "n": n, "x": "y"} for n in range(20)])
    stages = [{"$match": {"n": {"$gte": 5}}}, {"$sort": {"n": -1}}, {"$limit": 3}, {"$project": {"n": 1, "_id": 0}}]
    assert list(col.aggregate(stages)) == [{"n": 19}, {"n": 18}, {"n": 17}]
    assert list(col.aggregate([{"$match": {"n": {"$lt": 4}}}, {"$count": "total"}])) == [{"total": 4}]
    assert sorted(col.distinct("x")) == ["y"]
