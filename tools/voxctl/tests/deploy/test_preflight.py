"""What is found out before the first change: here what the outbox of a host says."""

from __future__ import annotations

import pytest
from voxctl.deploy.preflight import waiting

pytestmark = [pytest.mark.unit]

PAGE = """\
# TYPE voxcore_outbox_pending gauge
voxcore_outbox_pending{box="results"} %d
voxcore_outbox_pending{box="recordings"} 40
# TYPE voxcore_outbox_oldest_seconds gauge
voxcore_outbox_oldest_seconds{box="results"} %d
voxcore_outbox_oldest_seconds{box="recordings"} 3600
"""


def test_results_that_are_on_their_way_stop_no_deploy_nor_do_recordings_that_wait_for_their_store() -> None:
    assert waiting("fleet1", PAGE % (3, 2)) == []
    assert waiting("fleet1", PAGE % (0, 0)) == []
    assert waiting("fleet1", "") == []


def test_results_that_are_stuck_are_said_with_their_number_and_their_age() -> None:
    (said,) = waiting("fleet1", PAGE % (7, 300))
    assert said.startswith("fleet1: 7 results wait in its outbox, the oldest for 300 s")
