"""A page under a stopwatch: how long after a press something is painted, how long each press keeps the page busy."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, CDPSession, Page

from consolebench.stage import Stage

SHORTEST_MS = 16.0
"""The browser does not report shorter interactions; one that was made and not reported counts as this."""
WITHIN_MS = 30_000
TASK = ("RunTask",)
SCRIPT = ("FunctionCall", "EvaluateScript", "BlinkScheduler_PerformMicrotaskCheckpoint", "MajorGC", "MinorGC")

# `pressed`: when the last press began; `drawn`: when a canvas was first drawn on. `interactions`: the longest part of
# each, to the frame that shows it.
WATCH = """(() => {
  const bench = (window.bench = { pressed: 0, interactions: new Map() });
  for (const kind of ['click', 'keydown', 'change'])
    addEventListener(kind, (event) => { bench.pressed = event.timeStamp; }, { capture: true });
  new PerformanceObserver((list) => {
    for (const { interactionId: id, duration } of list.getEntries())
      if (id) bench.interactions.set(id, Math.max(duration, bench.interactions.get(id) ?? 0));
  }).observe({ type: 'event', durationThreshold: 16 });
  bench.drawn = new Promise((drawn) => {
    const fill = CanvasRenderingContext2D.prototype.fillRect;
    CanvasRenderingContext2D.prototype.fillRect = function (...box) {
      drawn(performance.now());
      return fill.apply(this, box);
    };
  });
})();"""
# A promise of the moment at which what is looked for has been painted. A message comes after the frame of its callback.
UNTIL = """({ name, begins }) => {
  const start = () => (begins === 'navigation' ? 0 : window.bench.pressed);
  const isThere = () => %s;
  window.bench[name] = new Promise((seen) => {
    const look = () => {
      if (!isThere()) return;
      watch.disconnect();
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => seen(performance.now() - start());
        port2.postMessage(0);
      });
    };
    const watch = new MutationObserver(look);
    watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  });
}"""


class Window:
    """A page of a browser that has kept nothing but who is signed in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def processor_ms(self) -> float:
        """What the page's main thread has worked until now, by its own processor's time."""
        metrics = self.cdp.send("Performance.getMetrics")["metrics"]
        return 1_000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def until(self, name: str, is_there: str, *, begins: str = "press") -> None:
        """From now on, look for what the expression says. `taken` gives what it took."""
        self.page.evaluate(UNTIL % is_there, {"name": name, "begins": begins})

    def taken(self, name: str) -> float:
        """Milliseconds from the last press (or the navigation) until it was painted."""
        return float(self.page.evaluate("(name) => window.bench[name]", name))

    def pressing(self, press: Callable[[], None], count: int = 1) -> list[float]:
        """What each of the `count` interactions of `press` took until its frame, milliseconds."""
        self.page.evaluate("window.bench.interactions.clear()")
        press()
        self.page.wait_for_timeout(200)
        found: list[float] = self.page.evaluate("[...window.bench.interactions.values()]")
        return found + [SHORTEST_MS] * max(0, count - len(found))

    def heap(self) -> dict[str, float]:
        """MB after the garbage is gone: objects of the script, and all that hangs on them; elements of the page."""
        self.cdp.send("HeapProfiler.collectGarbage")
        used = self.cdp.send("Runtime.getHeapUsage")
        counted = self.cdp.send("Memory.getDOMCounters")
        parts = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
        return {
            "script_mb": used["usedSize"] / 1e6,
            "all_mb": sum(used.get(part, 0) for part in parts) / 1e6,
            "nodes": counted["nodes"],
            "listeners": counted["jsEventListeners"],
        }


@contextmanager
def window(browser: Browser, stage: Stage, path: str, *scripts: str) -> Iterator[Window]:
    context = browser.new_context(
        base_url=stage.url, viewport={"width": 1440, "height": 900}, storage_state=stage.state
    )
    for script in (WATCH, *scripts):
        context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    page.goto(path)
    try:
        yield Window(page)
    finally:
        context.close()


def own_memory_mb(browser: Browser) -> float:
    """What the largest process of a page has for itself alone, the browser's own code and tables among it."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(psutil.Process(one["id"]).memory_full_info().uss for one in found if one["type"] == "renderer") / 1e6


def between(trace: Path, asked: str) -> tuple[list[float], list[float]]:
    """Of a trace: what the main thread did from each answer of `asked` to the next one, and how much of it was script.

    Milliseconds of its own processor time: on a shared machine others take turns. What came before the first answer
    and after the last one is left out.
    """
    events: list[dict[str, Any]] = json.loads(trace.read_text())["traceEvents"]
    requests = {
        event["args"]["data"]["requestId"]: (event["pid"], event["tid"])
        for event in events
        if event["name"] == "ResourceSendRequest" and event["args"]["data"]["url"].endswith(asked)
    }
    answers = sorted(
        event["ts"]
        for event in events
        if event["name"] == "ResourceFinish" and event["args"]["data"]["requestId"] in requests
    )
    thread = next(iter(requests.values()))
    ran = [event for event in events if (event["pid"], event["tid"]) == thread and "tdur" in event]

    def spent(names: Collection[str]) -> list[float]:
        outer, ends = list[dict[str, Any]](), 0.0
        for event in sorted((one for one in ran if one["name"] in names), key=lambda one: one["ts"]):
            if event["ts"] >= ends:  # else it is a part of the one before
                outer.append(event)
                ends = event["ts"] + event["dur"]
        return [
            sum(event["tdur"] for event in outer if since <= event["ts"] < until) / 1_000
            for since, until in itertools.pairwise(answers)
        ]

    return spent(TASK), spent(SCRIPT)
