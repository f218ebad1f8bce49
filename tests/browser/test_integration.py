"""What other programs and networks need: a key that opens and is taken back, a carrier with its numbers."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]


def test_an_api_key_is_shown_once_opens_and_opens_no_more(open_window: Callable[..., Window], console: Console) -> None:
    page = open_window().page
    page.goto("/dashboard/api-keys")
    page.get_by_role("button", name="Create key").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("CRM")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    shown = page.get_by_label("API key", exact=True)
    expect(shown).to_contain_text("vx_")
    key = shown.inner_text().strip()
    page.get_by_role("button", name="I have stored it").click()
    row = page.get_by_role("row").filter(has_text="CRM")
    expect(row).to_contain_text("Active")
    expect(page.get_by_text("Your new key")).to_be_hidden()
    assert key not in page.content()

    def opens() -> int:
        # A number that nobody can be called at: what the key may do is decided before.
        body = {"bot_id": "demo", "to_number": "12"}
        url = f"{console.api_url}/sip/dialout"
        return httpx.post(url, json=body, headers={"X-API-Key": key}, timeout=30).status_code

    never = row.get_by_text("Never", exact=True)
    expect(never).to_have_count(2)  # expires, was used
    assert opens() == 422
    page.reload()
    expect(never).to_have_count(1)
    page.get_by_role("button", name="Actions for CRM").click()
    page.get_by_role("menuitem", name="Deactivate").click()
    dialog = page.get_by_role("dialog", name="Deactivate the key CRM?")
    expect(dialog).to_contain_text("programs that use it are refused")
    dialog.get_by_role("button", name="Deactivate").click()
    expect(row).to_contain_text("Inactive")
    assert opens() == 403
    page.get_by_role("button", name="Actions for CRM").click()
    page.get_by_role("menuitem", name="Activate").click()
    page.get_by_role("dialog").get_by_role("button", name="Activate").click()
    expect(row).to_contain_text("Active")
    assert opens() == 422


def test_a_carrier_is_added_with_a_number_and_says_why_it_cannot_be_synced(open_window: Callable[..., Window]) -> None:
    """Without LiveKit here, which is what a sync writes the trunks to."""
    window = open_window()
    page = window.page
    page.goto("/dashboard/carriers")
    page.get_by_role("link", name="Add carrier").click()
    page.get_by_label("Name", exact=True).fill("Trunk of the city")
    page.get_by_label("Way").select_option("livekit_sip")
    page.get_by_role("button", name="Create carrier").click()
    expect(page.get_by_label("SIP address")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("SIP address").fill("sip.example.com:5060")
    page.get_by_role("button", name="Create carrier").click()
    expect(page.get_by_role("heading", name="Trunk of the city")).to_be_visible()
    expect(page.get_by_text("No number yet")).to_be_visible()

    page.get_by_role("button", name="Add number").first.click()
    dialog = page.get_by_role("dialog", name="Add a number")
    dialog.get_by_label("Number", exact=True).fill("+1 555 0199")
    dialog.get_by_role("button", name="Add number").click()
    expect(dialog.get_by_role("alert")).to_contain_text("belongs to the carrier voxphone")
    dialog.get_by_label("Number", exact=True).fill("+1 555 0777")
    dialog.get_by_label("Inbound bot").select_option("demo")
    dialog.get_by_role("button", name="Add number").click()
    number = page.get_by_role("table", name="Numbers").get_by_role("row").filter(has_text="+1 555 0777")
    expect(number).to_contain_text("Vox Parcels")

    page.get_by_role("button", name="Sync").click()
    expect(page.get_by_role("alert").filter(has_text="LIVEKIT_URL")).to_be_visible()
    expect(page.get_by_role("button", name="Sync")).to_be_enabled()
    page.get_by_role("link", name="Carriers").first.click()
    row = page.get_by_role("table", name="Carriers").get_by_role("row").filter(has_text="Trunk of the city")
    expect(row).to_contain_text("Pending")
    window.forgive("409", "503")
