"""How soon a bot is heard in a browser test call, and how much the console itself delays its sound (T2).

    make ui && python bench/console_test_call.py [--calls 20]

Starts a stack of its own and calls the demo bot again and again with Chromium (or its path in CHROMIUM), whose
microphone is a recorded silence. `first sound`: from the press of "Start the call" to the first sound of the bot at the
loudspeaker. `playback delay`: from the arrival of a sample at the socket to the same sample at the loudspeaker, at the
beginning of the greeting; the page's buffer and the browser's own way to the device are both in it. Writes a dated file
to bench/results; exit 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import wave
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
from bridgebench.report import write
from callbench.figures import spread
from playwright.sync_api import Page, expect, sync_playwright
from voxctl.children import free_port

from tests.browser.conftest import ADMIN, chromium_path, signed_in
from tests.browser.customer import RATE_HZ, silence
from tests.stacks import ROOT, VoxUp, vox_up

FIRST_SOUND_MS, PLAYBACK_DELAY_MS = 1_500.0, 120.0
# Of full scale: a voice, not the noise around it.
LOUD = 0.02
EAR = f"""
registerProcessor('ear', class extends AudioWorkletProcessor {{
  process(inputs) {{
    const at = inputs[0]?.[0]?.findIndex((sample) => Math.abs(sample) > {LOUD}) ?? -1;
    if (at < 0) return true;
    this.port.postMessage((currentFrame + at) / sampleRate);
    return true;
  }}
}});
"""
WATCH = f"""(() => {{
  const seen = (window.seen = {{ pressed: null, came: null, played: null }});
  addEventListener('click', ({{ target }}) => {{
    if (target.closest('button')?.textContent.includes('Start the call')) seen.pressed = performance.now();
  }}, true);
  window.WebSocket = class extends WebSocket {{
    constructor(...how) {{
      super(...how);
      this.addEventListener('message', ({{ data }}) => {{
        const now = performance.now();
        const frame = JSON.parse(data);
        if (seen.came !== null || frame.event !== 'reverse-media') return;
        const bytes = Uint8Array.from(atob(frame.payload), (char) => char.charCodeAt(0));
        const samples = new Int16Array(bytes.buffer);
        const at = samples.findIndex((sample) => Math.abs(sample) > {LOUD} * 32768);
        // The frame came whole: played at once, this sample would be heard so much later.
        if (at >= 0) seen.came = now + at / 8;
      }});
    }}
  }};
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {{
    if (target instanceof AudioDestinationNode && target.context.sampleRate === 8000) {{
      const {{ context }} = target;
      const script = new Blob([{json.dumps(EAR)}], {{ type: 'text/javascript' }});
      void context.audioWorklet.addModule(URL.createObjectURL(script)).then(() => {{
        const ear = new AudioWorkletNode(context, 'ear', {{ numberOfOutputs: 0 }});
        ear.port.onmessage = ({{ data }}) => {{
          if (seen.played !== null) return;
          const {{ contextTime, performanceTime }} = context.getOutputTimestamp();
          seen.played = performanceTime + (data - contextTime) * 1000;
        }};
        connect.call(this, ear);
      }});
    }}
    return connect.call(this, target, ...rest);
  }};
}})()"""


def call(page: Page) -> tuple[float, float]:
    """(first sound, playback delay) of one call, milliseconds."""
    page.goto("/dashboard/bots/demo?test=yes")
    dialog = page.get_by_role("dialog")
    start = dialog.get_by_role("button", name="Start the call")
    expect(start).to_be_enabled()
    # A person reads the dialog before they press.
    page.wait_for_timeout(1_000)
    start.click()
    page.wait_for_function("() => seen.played !== null", timeout=30_000)
    seen: dict[str, float] = page.evaluate("seen")
    dialog.get_by_role("button", name="Hang up").click()
    # The seat is free again when the result is stored.
    expect(dialog.get_by_role("link", name="Open the call")).to_be_visible(timeout=60_000)
    return seen["played"] - seen["pressed"], seen["played"] - seen["came"]


def calls(stack: VoxUp, count: int, folder: Path) -> list[tuple[float, float]]:
    api_url = stack.stack["api_url"]
    password = (stack.data / "first-admin").read_text().strip()
    answer = httpx.post(f"{api_url}/auth/login", json={"email": ADMIN, "password": password}, timeout=30)
    base = api_url.removesuffix("/api/v1")
    quiet = folder / "quiet.wav"
    with wave.open(str(quiet), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(silence(10))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={quiet}",
            ],
        )
        # The page's policy forbids scripts of others, and the ear is one.
        page = browser.new_context(
            bypass_csp=True, base_url=base, storage_state=signed_in(base, answer.json()["access_token"])
        ).new_page()
        page.add_init_script(WATCH)
        call(page)  # the first one loads what the next ones have
        found = [call(page) for _ in range(count)]
        browser.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20)
    asked = parser.parse_args()
    if not (ROOT / "services/voxui/dist/index.html").is_file():
        raise SystemExit("the console is not built: make ui")
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="vox-test-call-") as name:
        folder = Path(name)
        (folder / "stack").mkdir()
        with vox_up(folder / "stack", free_port, "--no-call", workers=2) as stack:
            stack.wait_for("stack.waiting")
            found = calls(stack, asked.calls, folder)
    first, delay = zip(*found, strict=True)
    lines = [
        spread("first_sound", "press to the first sound of the bot", first, goals={"p95": FIRST_SOUND_MS}),
        spread("playback_delay", "sample at the socket to loudspeaker", delay, goals={"p95": PLAYBACK_DELAY_MS}),
    ]
    for line in lines:
        print(line.printed())
    report = {"load_before": load, "calls": asked.calls, "figures": [line.as_json() for line in lines]}
    write(Path(__file__).parent / "results", "console_test_call", "", datetime.now(UTC), report)
    return 1 if any(line.verdict == "missed" for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
