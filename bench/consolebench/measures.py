"""What is measured. Each function returns its lines."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from callbench.figures import Goal, Line, percentile, shown, single, spread
from playwright.sync_api import Browser, Page, Route

from consolebench.stage import Stage
from consolebench.window import Window, between, own_memory_mb, window

ROUNDS = 5
EIGHT_HOURS = 8 * 3_600 // 2
"""Updates of the fleet page in eight hours, one each 2 s."""
FASTER = 20
SAMPLES, WARM = 12, 2
ROWS = "document.querySelector('main tbody tr')"
# Where the menu leads, and what stands on that screen once its data are there.
SCREENS = {
    "Bots": ROWS.replace("tbody tr", 'a[href*="/bots/demo"]'),
    "Calls": ROWS,
    "Campaigns": ROWS,
    "Fleet": ROWS.replace("tbody tr", "[data-seat]"),
    "Carriers": ROWS,
    "Users": ROWS,
    "Settings": ROWS.replace("tbody tr", "form"),
    "Audit log": ROWS,
    "Overview": f"{ROWS} && document.querySelector('main dl dd')",
}
MENU = "nav[aria-label=Main] a"
LINES = "document.querySelectorAll('[aria-label=Transcript] > li')"
LANES = "document.querySelector('[aria-label=\"Position in the recording\"]')"
# The browser tells of a file when it has all of it; the lanes are drawn before that.
FIRST_PIXEL = """async () => {
  const drawn = await window.bench.drawn;
  for (;;) {
    const file = performance.getEntriesByType('resource').find((one) => one.name.includes('/recordings/'));
    if (file) return drawn - file.responseStart;
    await new Promise((soon) => setTimeout(soon, 50));
  }
}"""
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
FAST_TIMERS = """for (const name of ['setTimeout', 'setInterval']) {
  const timer = window[name];
  window[name] = (does, ms, ...more) => timer(does, ms / %d, ...more);
}"""


def routes(browser: Browser, stage: Stage) -> list[Line]:
    """From the click in the menu to the screen's frame, and to its data; first visits and the ones after them."""
    found: dict[str, list[tuple[float, str]]] = {}
    worked: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        with window(browser, stage, "/dashboard/profile") as opened:
            opened.page.get_by_role("heading", name="Profile").wait_for()
            for visit in ("first", "again"):
                for name, is_there in SCREENS.items():
                    heading = f"document.querySelector('main h1')?.textContent === '{name}'"
                    opened.until("frame", heading)
                    opened.until("data", f"{heading} && {is_there}")
                    began = opened.processor_ms()
                    opened.page.locator(MENU, has_text=name).click()
                    for part in ("frame", "data"):
                        found.setdefault(f"{visit}_{part}", []).append((opened.taken(part), name))
                    worked.setdefault(visit, []).append(opened.processor_ms() - began)
    goals = {"frame": {"p95": 200.0}, "data": {"p95": 600.0}}
    return [
        spread(
            f"route_{name}",
            f"route change, {name.replace('_', ' visit, ')}",
            [ms for ms, _ in values],
            goals=goals[name.split("_")[1]],
            note=f"slowest {max(values)[1]}; without it p95 {shown(rest(values))}",
        )
        for name, values in found.items()
    ] + [
        spread(f"route_{visit}_thread", f"route change, {visit} visit: main thread", ms) for visit, ms in worked.items()
    ]


def rest(values: list[tuple[float, str]]) -> float:
    """The 95th percentile of all screens but the slowest."""
    slowest = max(values)[1]
    return percentile([ms for ms, name in values if name != slowest], 0.95)


def filters(browser: Browser, stage: Stage) -> list[Line]:
    """Choices of one filter exclude each other: the first row is another one as soon as the answer is shown."""
    shown: list[float] = []
    with window(browser, stage, "/dashboard/calls?status=completed") as opened:
        row = opened.page.locator("main tbody tr a").first
        row.wait_for()
        for _ in range(ROUNDS):
            for value in ("failed", "voicemail", "completed"):
                before = row.get_attribute("href")
                opened.until("rows", f"{ROWS}?.querySelector('a')?.getAttribute('href') !== '{before}' && {ROWS}")
                opened.page.get_by_label("Status", exact=True).select_option(value)
                shown.append(opened.taken("rows"))
    return [spread("filter_rows", "filter to the rows it finds", shown, goals={"p95": 600.0})]


def interactions(browser: Browser, stage: Stage) -> list[Line]:
    """What people press most, each to the frame that shows it. A key in a filter has a goal of its own."""
    keys: list[float] = []
    worked: dict[str, list[float]] = {}
    presses: dict[str, list[float]] = {}

    def typed(opened: Window, label: str, text: str) -> None:
        field = opened.page.get_by_label(label, exact=True)
        field.click()
        began = opened.processor_ms()
        keys.extend(opened.pressing(lambda: field.press_sequentially(text, delay=120), len(text)))
        worked.setdefault("a key in a filter", []).append((opened.processor_ms() - began) / len(text))

    def pressed(opened: Window, screen: str, *steps: Callable[[Page], Any]) -> None:
        for step in steps:
            began = opened.processor_ms()
            presses.setdefault(screen, []).extend(opened.pressing(lambda do=step: do(opened.page)))
            worked.setdefault(f"a press: {screen}", []).append(opened.processor_ms() - began)

    def button(name: str) -> Callable[[Page], Any]:
        return lambda page: page.get_by_role("button", name=name).first.click()

    def key(name: str) -> Callable[[Page], Any]:
        return lambda page: page.keyboard.press(name)

    for _ in range(ROUNDS):
        with window(browser, stage, "/dashboard/calls") as opened:
            opened.page.locator("main tbody tr").first.wait_for()
            typed(opened, "Last digits of the customer's number", "4711")
            pressed(opened, "calls", key("Enter"), button("Clear 1"), button("More filters"))
            typed(opened, "Call id", "c0ffee")
            opened.page.get_by_label("Call id").fill("")
            pressed(
                opened, "calls", button("Fewer filters"), button("Columns"), key("Escape"), button("Duration"),
                key("Control+k"), key("f"), key("l"), key("Escape"),
            )  # fmt: skip
        with window(browser, stage, "/dashboard/fleet") as opened:
            opened.page.locator("[data-seat]").nth(900).wait_for()
            pressed(
                opened, "fleet, 1,000 seats", button("On a call"), button("On a call"),
                lambda page: page.locator("[data-seat]").nth(500).click(), *[key("ArrowRight")] * 5, key("Enter"),
                button("Drain host"), key("Escape"),
            )  # fmt: skip
        with window(browser, stage, f"/dashboard/calls/{stage.long_call}") as opened:
            opened.page.get_by_label("Search the transcript").wait_for()
            typed(opened, "Search the transcript", "parcel")
            tabs = (lambda page, at=at: page.get_by_role("tab").nth(at).click() for at in (1, 2, 0))
            pressed(opened, "a long call", *tabs)
        with window(browser, stage, "/dashboard?range=30d") as opened:
            opened.page.locator("main dl dd").first.wait_for()
            table = button("Calls per day as a table")
            pressed(opened, "overview", table, table, button("Account"), key("Escape"))
        with window(browser, stage, "/dashboard/bots/demo/edit") as opened:
            opened.page.get_by_role("button", name="Instructions").wait_for()
            steps = ("Instructions", "Voice pipeline", "Tools and integrations", "Identity")
            pressed(opened, "a bot's wizard", *map(button, steps))
    everything = [value for values in presses.values() for value in values]
    return [
        spread("filter_key", "a key in a filter", keys, goals={"p95": 50.0}),
        spread("inp", "a press, all screens (INP)", everything, shares=(0.5, 0.98), goals={"p98": 200.0}),
        *(
            spread(f"press_{name.split()[0]}_{at}", f"a press: {name}", values, shares=(0.5, 0.98))
            for at, (name, values) in enumerate(presses.items())
        ),
        *(
            spread(f"thread_{at}", f"{name}: main thread, 0.2 s after it among it", values)
            for at, (name, values) in enumerate(worked.items())
        ),
    ]


def fleet(browser: Browser, stage: Stage, folder: Path, seconds: float) -> list[Line]:
    """All that the main thread does from one answer of the fleet to the next, while seats change all the time."""
    trace = folder / "trace.json"
    with window(browser, stage, "/dashboard/fleet") as opened:
        opened.page.locator("[data-seat]").nth(900).wait_for()
        opened.page.wait_for_timeout(3_000)
        seats = opened.page.locator("[data-seat]").count()
        browser.start_tracing(page=opened.page, path=trace, categories=TRACED)
        opened.page.wait_for_timeout(seconds * 1_000)
        browser.stop_tracing()
    busy, script = between(trace, "/fleet/status")
    return [
        spread("fleet_update", f"an update of {seats} seats: main thread", busy, goals={"p95": 50.0}),
        spread("fleet_script", f"an update of {seats} seats: its scripts", script, goals={"p95": 50.0}),
    ]


def long_call(browser: Browser, stage: Stage) -> list[Line]:
    """The page of a call of ten minutes, opened from the list of calls; each time in a browser that knows nothing."""
    usable, drawn, seeks, memory, opening, seeking = [], [], [], list[float](), [], []
    link = f'main a[href*="{stage.long_call}"]'
    for _ in range(ROUNDS):
        with window(browser, stage, "/dashboard/calls?phone=0142") as opened:
            page = opened.page
            page.locator(link).first.wait_for()
            opened.until("usable", f"{LINES}.length >= 300 && {LANES}")
            began = opened.processor_ms()
            page.locator(link).first.click()
            usable.append(opened.taken("usable"))
            opening.append(opened.processor_ms() - began)
            page.get_by_role("button", name="Play", exact=True).wait_for()
            drawn.append(page.evaluate(FIRST_PIXEL))
            for at in (40, 120, 200):
                opened.until("seek", f"{LINES}[{at}].querySelector('[aria-current=true]')")
                began = opened.processor_ms()
                page.locator("[aria-label=Transcript] > li button").nth(at).click()
                seeks.append(opened.taken("seek"))
                seeking.append(opened.processor_ms() - began)
            page.get_by_role("button", name="Pause").click()
            memory.append(own_memory_mb(browser))
    return [
        spread("call_usable", "a call of 10 min: click to a page with 300 entries", usable, goals={"p95": 1_000.0}),
        spread("call_lanes", "its lanes: first byte to first pixel", drawn, goals={"p95": 500.0}),
        spread("call_thread", "its main thread until then", opening),
        spread("call_seek_thread", "a click in its transcript: main thread", seeking),
        spread("call_seek", "a click in the transcript to its mark", seeks, goals={"p95": 100.0}),
        spread("call_memory", "its process, whole", memory, "MB", shares=(0.5,), goals={"max": 150.0}),
    ]


def stay(browser: Browser, stage: Stage, seconds: float) -> list[Line]:
    """The fleet page for long, its timers 20 times as fast: each answer is the last one with other seats in calls."""
    rng, answers = random.Random(9), 0

    def changed(route: Route) -> None:
        nonlocal answers, known
        known = known or route.fetch().json()
        for seat in rng.sample(known["seats"], len(known["seats"]) // 20):
            seat["state"] = seat["phase"] = rng.choice(("idle", "busy", "wrapping"))
            seat["epoch"] += 1
        for seat in known["seats"]:
            seat["age_ms"] = rng.randrange(3_000)
        answers += 1
        route.fulfill(json=known)

    known: Any = None
    samples: list[dict[str, float]] = []
    with window(browser, stage, "/login", FAST_TIMERS % FASTER) as opened:
        page = opened.page
        page.route("**/events/stream*", lambda route: route.fulfill(status=404, json={}))
        page.route("**/fleet/status", changed)
        page.goto("/dashboard/fleet")
        page.locator("[data-seat]").nth(900).click()
        for _ in range(SAMPLES):
            page.wait_for_timeout(seconds * 1_000 / SAMPLES)
            samples.append({"answers": answers, **opened.heap()})
            print(samples[-1], flush=True)
    return stayed(samples)


def stayed(samples: list[dict[str, float]]) -> list[Line]:
    """What is filled only once is there by the third sample."""
    first, last = samples[WARM], samples[-1]
    updates = last["answers"] - first["answers"]
    grown = (last["all_mb"] - first["all_mb"]) / updates
    note = f"{updates} updates, {first['nodes']:.0f} to {last['nodes']:.0f} elements"
    growth, heaps = grown * EIGHT_HOURS, [one["all_mb"] for one in samples]
    return [
        single("stay_growth", "growth of the fleet page's heap, in 8 h at 2 s", growth, "MB", goal=Goal(20), note=note),
        single("stay_update", "growth of it, an update", grown * 1e6, "bytes"),
        spread("stay_heap", "the fleet page's heap, garbage taken away", heaps, "MB"),
    ]
