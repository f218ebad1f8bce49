"""A child process that does not outlive its parent."""

import ctypes
import os
import platform
import signal

_PR_SET_PDEATHSIG = 1
# Loaded at import: a child runs the function below between fork and exec, where loading a library could deadlock.
_libc = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """From now on the system sends this process `number` when its parent ends, `kill -9` included.

    `parent`: its process id, read before the fork. Ends this process at once when that parent is gone already.
    Outside Linux there is no such signal, and nothing happens.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before the system knew whom to tell
        os._exit(1)
