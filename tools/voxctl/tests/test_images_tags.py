"""Names, tags and what may be removed: functions of what is there."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxctl.images.reference import Reference
from voxctl.images.retention import Gone, OnHost, to_remove, to_remove_on_host
from voxctl.images.tags import day_of, dirty_tag, is_release, newest_first, next_tag
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

DAY = datetime.date(2026, 2, 5)
DIGESTS = [f"sha256:{number:064x}" for number in range(40)]


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag"),
    [
        ("registry.example.com/vox/voxcore:2026.02.05-2", "registry.example.com", "vox/voxcore", "2026.02.05-2"),
        ("10.0.0.5:5000/team/vox/voxcore:dev", "10.0.0.5:5000", "team/vox/voxcore", "dev"),
        ("localhost/vox/voxui:dev", "localhost", "vox/voxui", "dev"),
        ("vox/voxcore:dev", "", "vox/voxcore", "dev"),
    ],
)
def test_a_name_is_read_as_docker_reads_it(text: str, registry: str, repository: str, tag: str) -> None:
    ref = Reference.parse(text)
    assert (ref.registry, ref.repository, ref.tag) == (registry, repository, tag)
    assert str(ref) == text
    assert str(ref.pinned(DIGESTS[1])) == f"{text.rpartition(':')[0]}@{DIGESTS[1]}"


@pytest.mark.parametrize(
    "text", ["voxcore", "vox/voxcore", "Vox/voxcore:dev", "vox/voxcore:", "vox/voxcore@sha256:12", "a b:dev", ""]
)
def test_what_names_no_image_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is no image"):
        Reference.parse(text)


def test_the_tenth_release_of_a_day_comes_after_the_ninth() -> None:
    tags = ["2026.02.05-9", "latest", "2026.02.05-10", "2026.02.04-3", "dev-0123456789ab-dirty"]
    assert newest_first(tags) == ["2026.02.05-10", "2026.02.05-9", "2026.02.04-3"]
    assert next_tag(tags, DAY) == "2026.02.05-11"
    assert next_tag([], DAY) == "2026.02.05-1"


@pytest.mark.parametrize(
    "tag", ["2026.02.30-1", "2026.2.5-1", "2026.02.05-0", "2026.02.05", "v2026.02.05-1", "staging"]
)
def test_what_looks_like_a_release_and_is_none(tag: str) -> None:
    assert not is_release(tag)


def test_a_tree_with_changes_has_a_tag_that_says_so() -> None:
    assert dirty_tag("0123456789abcdef0123456789abcdef01234567-dirty") == "dev-0123456789ab-dirty"


def releases(count: int, *, age: int) -> dict[str, str]:
    """So many releases, one a day, the newest `age` days old."""
    days = [DAY - datetime.timedelta(days=age + back) for back in range(count)]
    return {f"{day:%Y.%m.%d}-1": DIGESTS[place] for place, day in enumerate(days)}


def test_old_releases_go_and_the_last_ten_stay_however_old() -> None:
    tags = releases(12, age=100)
    oldest = newest_first(tags)[10:]
    assert {gone.tags for gone in to_remove(tags, today=DAY, used=())} == {(tag,) for tag in oldest}


def test_thirty_days_stay_however_many_they_are() -> None:
    assert to_remove(releases(30, age=0), today=DAY, used=()) == []


@pytest.mark.parametrize("by", ["tag", "digest"])
def test_what_a_host_uses_stays_by_tag_and_by_digest(by: str) -> None:
    tags = releases(12, age=100)
    oldest = newest_first(tags)[-1]
    used = {oldest if by == "tag" else tags[oldest]}
    assert oldest not in {tag for gone in to_remove(tags, today=DAY, used=used) for tag in gone.tags}


def test_a_manifest_with_a_pointer_stays_since_removing_it_removes_every_tag() -> None:
    tags = releases(12, age=100)
    oldest = newest_first(tags)[-1]
    tags["staging"] = tags[oldest]
    assert oldest not in {tag for gone in to_remove(tags, today=DAY, used=()) for tag in gone.tags}


def test_a_try_of_development_goes_with_all_its_tags() -> None:
    tags = {"dev-0123456789ab-dirty": DIGESTS[0], "dev-abcdef012345-dirty": DIGESTS[0], "somebody-else": DIGESTS[1]}
    gone = [Gone(DIGESTS[0], ("dev-0123456789ab-dirty", "dev-abcdef012345-dirty"))]
    assert to_remove(tags, today=DAY, used=()) == gone


TAGS = st.one_of(
    st.builds(
        lambda back, n: f"{DAY - datetime.timedelta(days=back):%Y.%m.%d}-{n}", st.integers(0, 90), st.integers(1, 3)
    ),
    st.sampled_from(["staging", "production", "incoming", "latest", "dev-0123456789ab-dirty"]),
)


@given(tags=st.dictionaries(TAGS, st.sampled_from(DIGESTS), max_size=40), used=st.sets(st.sampled_from(DIGESTS)))
def test_nothing_that_is_needed_is_ever_removed(tags: dict[str, str], used: set[str]) -> None:
    gone = to_remove(tags, today=DAY, used=used)
    digests = {each.digest for each in gone}
    assert not digests & used
    kept = [tag for tag in tags if tags[tag] not in digests]
    assert {"staging", "production", "incoming", "latest"} & set(tags) <= set(kept)
    assert len(newest_first(kept)) >= min(10, len(newest_first(tags)))
    assert all(tag in kept for tag in newest_first(tags) if (DAY - day_of(tag)).days <= 30)


def test_a_host_keeps_its_last_releases_and_everything_that_a_container_has() -> None:
    images = [
        OnHost(f"id{number}", "voxcore", f"2026.02.0{number}-1", in_use=number == 1, names=(f"n{number}",))
        for number in range(1, 8)
    ]
    images.append(OnHost("id8", "voxcore", "dev-0123456789ab-dirty", in_use=False))
    gone = to_remove_on_host(images, keep=3, used={"2026.02.02-1"})
    assert [image.id for image in gone] == ["id8", "id3", "id4"]
