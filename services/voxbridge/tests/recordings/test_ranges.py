"""A player that cannot seek, or gets bytes of the wrong place."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxbridge.recordings.ranges import ByteRange, RangeNotSatisfiable, if_range_holds, parse_range, size_of
from voxbridge.recordings.service import is_safe_key, key_of
from voxbridge.recordings.source import cut

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 0)), ("bytes=0-", (0, 99)), ("bytes=90-200", (90, 99)), ("bytes=-10", (90, 99)),
        ("bytes=-500", (0, 99)), ("bytes = 5 - 7", (5, 7)), ("BYTES=5-7", (5, 7)),
    ],
)  # fmt: skip
def test_one_range_is_a_part(header: str, expected: tuple[int, int]) -> None:
    part = parse_range(header, 100)
    assert part == ByteRange(*expected, 100)
    assert part.content_range == f"bytes {expected[0]}-{expected[1]}/100"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=٣-٤",
        "bytes=" + "9" * 30 + "-",
    ],
)
def test_no_range_several_and_bad_syntax_are_the_whole(header: str | None) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)],
)
def test_what_lies_beyond_the_end_is_refused_with_the_size(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        parse_range(header, size)
    assert refused.value.http_status == 416
    assert refused.value.headers["Content-Range"] == f"bytes */{size}"


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_a_part_never_reaches_outside(first: int, last: int, size: int) -> None:
    try:
        part = parse_range(f"bytes={first}-{last}", size)
    except RangeNotSatisfiable:
        assert first >= size
        return
    if part is None:
        assert last < first
    else:
        assert 0 <= part.start <= part.end < size
        assert part.start == first
        assert part.length == min(last, size - 1) - first + 1


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parse_range(text, 10)
        parse_range(f"bytes={text}", 10)
    except RangeNotSatisfiable:
        pass


@given(st.binary(max_size=500), st.lists(st.integers(1, 60), max_size=12), st.data())
async def test_a_part_is_cut_out_of_any_chunking(whole: bytes, lengths: list[int], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(whole) - 1)))
    end = data.draw(st.integers(start, max(start, len(whole) - 1)))

    async def chunks() -> AsyncIterator[bytes]:
        position = 0
        for length in [*lengths, len(whole)]:
            yield whole[position : position + length]
            position += length

    got = b"".join([chunk async for chunk in cut(chunks(), ByteRange(start, end, len(whole)))])
    assert got == whole[start : end + 1]


def test_if_range_needs_exactly_what_is_stored() -> None:
    modified = "Tue, 24 Nov 2026 16:37:47 GMT"
    assert if_range_holds(None, '"a"', None)
    assert if_range_holds('"a"', '"a"', None)
    assert not if_range_holds('"b"', '"a"', modified)
    assert not if_range_holds('W/"a"', '"a"', None)
    assert not if_range_holds('W/"a"', 'W/"a"', None)
    assert if_range_holds(modified, '"a"', modified)
    assert not if_range_holds("Tue, 24 Nov 2026 16:37:46 GMT", '"a"', modified)


@pytest.mark.parametrize(
    ("text", "size"), [("bytes 0-9/100", 100), ("bytes */7", 7), ("bytes 0-9/*", None), ("x", None), (None, None)]
)
def test_the_size_is_read_from_a_content_range(text: str | None, size: int | None) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("key", ["a.wav", "2026/06/a-b_c.wav", "0d7cbe38-5f6f.wav"])
def test_ordinary_keys_are_safe(key: str) -> None:
    assert is_safe_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../a.wav",
        "a/../b.wav",
        "/etc/passwd",
        "a//b.wav",
        ".hidden",
        "a\\b.wav",
        "a%2e%2e.wav",
        "a\n.wav",
        "a" * 257,
        "ä.wav",
    ],
)
def test_keys_that_could_lead_elsewhere_are_not(key: str) -> None:
    assert not is_safe_key(key)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ({"recording_key": "a.wav", "recording_url": "https://s.example/b.wav"}, "a.wav"),
        ({"recording_url": "https://s.example/bucket/b.wav?sig=1"}, "b.wav"),
        ({"recording_url": "https://s.example/..%2f..%2fetc"}, None),
        ({"recording_key": "../a.wav"}, None),
        ({"recording_url": "http://[bad"}, None),
        ({}, None),
    ],
)
def test_the_key_of_a_call(call: dict, key: str | None) -> None:
    assert key_of(call) == key
