"""Takes the screenshots of docs/console from a stack of its own, with real calls and campaigns on simulated telephones.

    make ui && python bench/console_screenshots.py [--out docs/console/images] [--only monitor,fleet]

Needs Chromium (or its path in CHROMIUM). Takes five minutes; nothing in a picture is drawn or made up: lists are
uploaded by the wizard, people of voxphone answer, the microphone of the browser plays a spoken customer.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright
from voxctl.children import free_port

from tests.browser.customer import write_customer
from tests.stacks import ROOT, VoxUp, vox_up

ADMIN = "admin@example.com"
WORKERS = 6
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
COLOURS = 128
# Patient: other work may run on the same machine.
WITHIN_S = 900.0
OURS = "+15550199"
ALL_DAY = {"start": "00:00", "end": "00:00", "timezone": "UTC"}
# The last two digits say who answers: see the README of voxphone.
PEOPLE = (
    "Ana Lindt", "Ben Okafor", "Chandra Iyer", "Dana Moreau", "Eli Novak", "Fatima Zahra", "Goran Petrov", "Hana Sato",
    "Ines Duarte", "Jonas Weber", "Kavya Nair", "Liam Byrne", "Mara Conti", "Nikhil Rao", "Olga Ivanova", "Paul Meyer",
)  # fmt: skip
ENDINGS = ("00", "13", "02", "00", "91", "07", "00", "90", "13", "00", "92", "00", "02", "00", "13", "91")
FAULTY = "phone_number,name,order\n" + "\n".join(
    [
        "+15551100100,Ana Lindt,4471",
        "12,Ben Okafor,4472",
        "+15551100100,Ana Lindt,4471",
        "+15551100102,Chandra Iyer,4473",
        "n/a,Dana Moreau,4474",
        "+15551100113,Eli Novak,4475",
        "+15550133,Fatima Zahra,4476",
    ]
)
FORBIDDEN = ["+15550133", "+15550134", "+49 30 901820", "+44 20 7946 0018"]


@dataclass
class Studio:
    """A stack, a signed-in page before it, and where pictures go."""

    api_url: str
    page: Page
    context: BrowserContext
    out: Path
    only: Collection[str]

    def api(self, method: str, path: str, **more: Any) -> Any:
        token = self.page.evaluate("localStorage.getItem('vox_token')")
        answer = httpx.request(
            method, self.api_url + path, headers={"Authorization": f"Bearer {token}"}, timeout=60, **more
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def shoot(self, name: str) -> None:
        """The window as it is now, in few colours."""
        if self.only and name not in self.only:
            return
        self.page.get_by_role("status", name="Loading").first.wait_for(state="hidden")
        self.page.mouse.move(0, 0)
        picture = Image.open(io.BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
        file = self.out / f"{name}.png"
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file.name:24} {file.stat().st_size / 1000:6.1f} kB")

    def wait_until(self, what: Callable[[], bool], within_s: float = WITHIN_S) -> None:
        deadline = time.monotonic() + within_s
        while not what():
            if time.monotonic() > deadline:
                raise SystemExit("the stack did not come as far as a picture needs")
            self.page.wait_for_timeout(300)


def list_of(count: int, area: str) -> str:
    rows = (f"+1555{area}{n:02d}0{ENDINGS[n % 16]},{PEOPLE[n % 16]},{4471 + n}" for n in range(count))
    return "\n".join(("phone_number,name,order", *rows)) + "\n"


def make_campaign(studio: Studio, name: str, contacts: int, area: str, concurrency: int) -> str:
    config = {
        "concurrency_limit": concurrency, "campaign_mode": "multi_day", "time_window": ALL_DAY,
        "redial_rules": {"max_attempts": 2, "retry_delay_minutes": 30}, "amd": {"enabled": True},
    }  # fmt: skip
    body = {"name": name, "bot_id": "demo", "number_pool": [OURS], "config": config}
    campaign_id = str(studio.api("POST", "/campaigns", json=body)["campaign_id"])
    file = {"file": ("customers.csv", list_of(contacts, area).encode(), "text/csv")}
    studio.api("POST", f"/campaigns/{campaign_id}/upload", files=file)
    return campaign_id


def furnish(studio: Studio) -> None:
    """What a house has that works with Vox: colleagues, bots, people who do not want to be called."""
    for name, email, role in (
        ("Asha Rao", "asha@example.com", "admin"),
        ("Tom Keller", "tom@example.com", "supervisor"),
    ):
        person = {"name": name, "email": email, "role": role, "password": "a long password for pictures"}
        studio.api("POST", "/auth/register", json=person)
    copy = studio.api("POST", "/bots/demo/clone")
    studio.api("PUT", f"/bots/{copy['bot_id']}", json={"name": "Delivery reminders"})
    studio.api("POST", "/dnc", json={"phone_numbers": FORBIDDEN, "reason": "Asked by letter"})


def talk(studio: Studio) -> None:
    page = studio.page
    page.goto("/dashboard/bots/demo?test=yes")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Start the call").click()
    dialog.get_by_text("after your last word").wait_for()
    studio.shoot("test-call")
    dialog.get_by_text("The bot hung up").wait_for()
    dialog.get_by_role("link", name="Open the call").wait_for()


def make_by_wizard(studio: Studio, folder: Path) -> None:
    """A campaign from a list with faults."""
    page = studio.page
    faulty = folder / "customers.csv"
    faulty.write_text(FAULTY)
    page.goto("/dashboard/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Delivery reminders, week 48")
    page.get_by_label("Bot", exact=True).select_option(label="Delivery reminders")
    page.get_by_role("button", name="Number pool").click()
    page.get_by_label("+1 555 0199").check()
    page.get_by_role("button", name="Contacts").click()
    page.get_by_label("CSV file of contacts").set_input_files(faulty)
    page.get_by_role("region", name="First rows of the file").wait_for()
    studio.shoot("wizard-contacts")
    page.get_by_role("button", name="Dialler").click()
    studio.shoot("wizard-dialler")
    page.get_by_role("button", name="Create campaign").click()
    page.get_by_role("table", name="Rows that were left out").wait_for()
    studio.shoot("wizard-result")
    page.get_by_role("button", name="Open the campaign").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("dialog").wait_for()
    studio.shoot("start")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()


def watch(studio: Studio, campaign_id: str) -> None:
    """While it runs: the monitor, the seats with a host that is drained, the phone in somebody's hand."""
    page = studio.page
    studio.api("POST", f"/campaigns/{campaign_id}/start")

    def under_way() -> bool:
        stats = studio.api("GET", f"/campaigns/{campaign_id}")["stats"]
        return stats["completed"] >= 6 and stats["in_flight"] >= 3

    page.goto(f"/dashboard/campaigns/{campaign_id}")
    studio.wait_until(under_way)
    page.wait_for_timeout(3_000)
    studio.shoot("monitor")
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    studio.shoot("monitor-phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    studio.api("POST", "/fleet/drain", json={"selector": "host:local-6", "reason": "Memory is replaced"})
    page.goto("/dashboard/fleet")
    page.wait_for_timeout(3_000)
    studio.shoot("fleet")
    page.goto("/dashboard")
    page.wait_for_timeout(2_000)
    studio.shoot("overview")
    page.goto(f"/dashboard/campaigns/{campaign_id}?tab=contacts")
    page.get_by_role("row").filter(has_text="Completed").first.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("link", name="Open call").first.wait_for()
    studio.shoot("contact")


def read(studio: Studio) -> None:
    """What stays afterwards."""
    page = studio.page
    page.goto("/dashboard/calls")
    page.get_by_role("table", name="Calls").wait_for()
    studio.shoot("calls")
    longest = max(
        studio.api("GET", "/calls?limit=100&status=completed")["items"], key=lambda c: c["call_duration_seconds"] or 0
    )
    page.goto(f"/dashboard/calls/{longest['session_id']}")
    lines = page.get_by_role("list", name="Transcript").get_by_role("button")
    page.get_by_role("button", name="Play", exact=True).and_(page.locator(":enabled")).wait_for()
    lines.nth(3).click()
    page.get_by_role("button", name="Pause").click()
    page.evaluate("window.scrollTo(0, 0)")
    studio.shoot("call")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    studio.shoot("call-dark")
    page.emulate_media(color_scheme="light")
    for path, name in (("bots/demo", "bot"), ("do-not-call", "do-not-call"), ("audit-log", "audit-log")):
        page.goto(f"/dashboard/{path}")
        page.wait_for_timeout(800)
        studio.shoot(name)


@contextmanager
def opened(stack: VoxUp, out: Path, only: Collection[str]) -> Iterator[Studio]:
    api_url = str(stack.stack["api_url"])
    customer = write_customer(stack.stack["voice_url"], stack.data.parent / "customer.wav")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=[
                "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={customer}%noloop", "--autoplay-policy=no-user-gesture-required",
            ],
        )  # fmt: skip
        context = browser.new_context(
            base_url=api_url.removesuffix("/api/v1"), viewport=WIDE, color_scheme="light", reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(WITHIN_S * 1_000)
        studio = Studio(api_url, page, context, out, only)
        page.goto("/login")
        page.get_by_label("Email").fill(ADMIN)
        page.get_by_label("Password", exact=True).fill((stack.data / "first-admin").read_text().strip())
        studio.shoot("sign-in")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/dashboard")
        yield studio
        browser.close()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    words.add_argument("--out", type=Path, default=ROOT / "docs/console/images")
    words.add_argument("--only", default="", help="names of pictures, with commas between them")
    given = words.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    only = [name for name in given.only.split(",") if name]
    with (
        tempfile.TemporaryDirectory() as folder,
        vox_up(Path(folder), free_port, "--no-call", workers=WORKERS) as stack,
    ):
        stack.wait_for("stack.waiting")
        with opened(stack, given.out, only) as studio:
            furnish(studio)
            talk(studio)
            make_by_wizard(studio, Path(folder))
            make_campaign(studio, "Autumn survey", 10, "21", 4)
            watch(studio, make_campaign(studio, "Parcel notices", 48, "22", 5))
            read(studio)
    print(f"{sum(file.stat().st_size for file in given.out.glob('*.png')) / 1000:.0f} kB in all")


if __name__ == "__main__":
    main()
