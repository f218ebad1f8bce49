"""The network between a page and the API: as it is, so slow that nothing comes, or cut. Nobody answers in its place."""

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
        elif self._state == "cut":
            route.abort("connectionrefused")
        else:
            self._held.append(route)

    def hold(self) -> None:
        """Requests stay unanswered."""
        self._state = "held"

    def cut(self) -> None:
        """Requests fail, those that are held too."""
        self._state = "cut"
        for route in self._held:
            route.abort("connectionrefused")
        self._held.clear()

    def open(self) -> None:
        self._state = "open"
