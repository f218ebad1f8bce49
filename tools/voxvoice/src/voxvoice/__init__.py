"""Local speech models of Vox behind the OpenAI HTTP API."""

import os

# Read by the native libraries when they load, so it stands before every other import of the package: an idle
# OpenMP thread sleeps instead of spinning, and nothing is ever asked of a model hub.
for _name, _value in {
    "OMP_WAIT_POLICY": "PASSIVE",
    "KMP_BLOCKTIME": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}.items():
    os.environ.setdefault(_name, _value)
