"""Input that nobody thought of: an unexpected error, or a status code that the API's description does not name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from voxctl.children import free_port

pytestmark = [pytest.mark.integration]
HERE = Path(sys.executable).parent


def test_generated_requests_get_documented_codes_and_never_an_unexpected_error(
    bridge_settings, registry, tmp_path: Path
) -> None:
    settings = bridge_settings()
    names = ("mongodb_uri", "mongodb_db", "redis_url", "jwt_secret", "settings_encryption_key", "voxcore_secret",
             "first_admin_email", "first_admin_password", "vox_data_dir")  # fmt: skip
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    env = {name.upper(): str(getattr(settings, name)) for name in names}
    env |= {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "REGISTRY_URL": registry.url,
        "SEED_DEMO": "true",
        "PATH": os.environ["PATH"],
    }
    log = tmp_path / "voxbridge.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "voxbridge.main"], env=env, cwd=tmp_path, stdout=out, stderr=out
        )
    try:
        token = _log_in(base, settings.first_admin_email, settings.first_admin_password, process)
        run = subprocess.run(
            [
                str(HERE / "schemathesis"), "run", f"{base}/openapi.json", "--max-examples", "6", "--seed", "1",
                "-H", f"Authorization: Bearer {token}", "-H", "X-VoxCore-Secret: first-service-secret",
                "--phases", "examples,fuzzing", "--checks", "status_code_conformance", "--request-timeout", "60",
                "--suppress-health-check", "all", "--continue-on-failure",
                "--exclude-path", "/api/v1/events/stream",  # it never ends; it has its own tests
            ],
            capture_output=True, text=True, timeout=280, cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "120"},
        )  # fmt: skip
    finally:
        process.terminate()
        process.wait(60)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    failed = [line for line in log.read_text().splitlines() if '"request.failed"' in line]
    assert not failed, failed[0]


def _log_in(base: str, email: str, password: str, process: subprocess.Popen[bytes]) -> str:
    body = json.dumps({"email": email, "password": password}).encode()
    ask = urllib.request.Request(f"{base}/api/v1/auth/login", body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(ask, timeout=10) as answer:
                return json.load(answer)["access_token"]
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
