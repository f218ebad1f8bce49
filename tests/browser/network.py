"""The way between a page and the API: as it is, so slow that nothing comes, or with a fault at its end."""

from __future__ import annotations

from playwright.sync_api import Page, Route

# Without these the frame around a screen is not there: who I am, and the zone of its times.
_FRAME = ("/auth/me", "/settings/display")


class Network:
    """Passes requests of a page on until told otherwise."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._state = "open"
        page.route("**/api/v1/**", self._on_request)

    def _on_request(self, route: Route) -> None:
        if self._state == "open" or route.request.url.partition("?")[0].endswith(_FRAME):
            route.continue_()
        elif self._state == "broken":
            self._fail(route)
        else:
            self._held.append(route)

    def hold(self) -> None:
        """Requests stay unanswered."""
        self._state = "held"

    def fail(self) -> None:
        """Requests fail by a fault of the server, those that are held too.

        Not by a server that is away: a page watches for that one, and mends itself before anybody presses a button.
        """
        self._state = "broken"
        for route in self._held:
            self._fail(route)
        self._held.clear()

    def _fail(self, route: Route) -> None:
        route.fulfill(status=500, json={"error": "internal_error", "message": "Something broke.", "detail": None})

    def open(self) -> None:
        """Requests are answered, those that are held too."""
        self._state = "open"
        for route in self._held:
            route.continue_()
        self._held.clear()
