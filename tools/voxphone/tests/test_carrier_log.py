"""Whoever says that nobody was called twice must be contradicted by the carrier's own book, or by nobody."""

import pytest

from .carrier_network import network

pytestmark = [pytest.mark.contract]
LOG = "/v1/accounts/acme/log"


async def test_the_log_counts_every_order_and_every_end(net):
    await net.until_over(await net.place("a1", to="+15550190"))
    await net.place("a1", to="+15550101")
    await net.place("a2", to="+15550193")
    counts = (await net.http.get(LOG)).json()
    assert counts["answers"] == {"idempotency_conflict": 1, "invalid_number": 1, "placed": 1}
    assert (counts["orders"], counts["calls"], counts["answered"], counts["active"]) == (3, 1, 0, 0)
    assert counts["results"] == {"busy": 1}
    assert (counts["most_calls_of_one_client_ref"], counts["overlapping_calls"]) == (1, 0)


async def test_two_calls_to_one_number_at_a_time_are_on_record(net):
    first = await net.place("a1", to="+15550196")
    await net.until(first.json()["call_ref"], "ringing")
    await net.until_over(await net.place("a2", to="+15550196"))
    counts = (await net.http.get(LOG)).json()
    assert counts["overlapping_calls"] == 1
    assert (counts["overlaps"][0]["client_ref"], counts["overlaps"][0]["other_client_ref"]) == ("a2", "a1")


async def test_a_number_that_is_free_again_does_not_overlap(net):
    await net.until_over(await net.place("a1", to="+15550190"))
    await net.until_over(await net.place("a2", to="+15550190"))
    assert (await net.http.get(LOG)).json()["overlapping_calls"] == 0


async def test_orders_are_read_in_pages_and_by_reference(tmp_path, speech):
    async with network(tmp_path, speech) as net:
        for i in range(5):
            await net.place(f"a{i}", to=f"+1555{i:04}96")
        page = (await net.http.get(f"{LOG}/orders", params={"limit": 3})).json()
        rest = (await net.http.get(f"{LOG}/orders", params={"limit": 3, "after": page["next_after"]})).json()
        assert [order["client_ref"] for order in page["items"] + rest["items"]] == [f"a{i}" for i in range(5)]
        assert rest["next_after"] is None
        mine = (await net.http.get(f"{LOG}/orders", params={"client_ref": "a3"})).json()["items"]
        assert [(order["client_ref"], order["answer"]) for order in mine] == [("a3", "placed")]
