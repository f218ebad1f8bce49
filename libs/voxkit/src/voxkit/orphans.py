"""A forked process that does not outlive its parent."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """From now on the system sends this process `number` when its parent ends, `kill -9` included (Linux).

    `parent`: its process id, read before the fork. Ends this process at once when that parent is gone already.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before the system knew whom to tell
        os._exit(0)
