"""A console that shadows the API, hands out files outside its folder, or is cached past an update (B3)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from voxbridge.console import SAFETY, config_js, content_policy
from voxbridge.settings import BridgeSettings

pytestmark = [pytest.mark.integration]

NGINX = Path(__file__).resolve().parents[4] / "deploy/images/voxui/nginx.conf"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "brand").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Vox</title>")
    (folder / "assets" / "index-B7f3kQ2x.js").write_text("export {}")
    (folder / "robots.txt").write_text("User-agent: *")
    (folder / "brand" / "logo.png").write_bytes(b"built in")
    (tmp_path / "secret.txt").write_text("outside")
    return folder


async def test_files_are_served_and_paths_of_the_router_get_the_index(make_bridge, dist: Path) -> None:
    async with make_bridge(voxui_dist=str(dist)) as bridge:
        for path in ("/", "/login", "/dashboard/calls/123", "/dashboard/settings/fleet/"):
            answer = await bridge.nobody.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
            assert "<title>Vox" in answer.text
        script = await bridge.nobody.get("/assets/index-B7f3kQ2x.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await bridge.nobody.get("/robots.txt")).headers["cache-control"] == "no-cache"
        assert (await bridge.nobody.head("/robots.txt")).status_code == 200


async def test_texts_are_sent_compressed_to_who_takes_them_and_pictures_as_they_are(make_bridge, dist: Path) -> None:
    script, picture = "export const words = [" + "'word', " * 1_000 + "]", bytes(2_000)
    (dist / "assets" / "big-B7f3kQ2x.js").write_text(script)
    (dist / "brand" / "big.png").write_bytes(picture)
    async with make_bridge(voxui_dist=str(dist)) as bridge:
        answer = await bridge.nobody.get("/assets/big-B7f3kQ2x.js", headers={"Accept-Encoding": "gzip"})
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert int(answer.headers["content-length"]) < len(script) / 10
        assert answer.text == script
        plain = await bridge.nobody.get("/assets/big-B7f3kQ2x.js", headers={"Accept-Encoding": "identity"})
        assert ("content-encoding" in plain.headers, plain.text) == (False, script)
        shown = await bridge.nobody.get("/brand/big.png", headers={"Accept-Encoding": "gzip"})
        assert ("content-encoding" in shown.headers, shown.content) == (False, picture)


async def test_the_api_is_never_shadowed(make_bridge, dist: Path) -> None:
    async with make_bridge(voxui_dist=str(dist)) as bridge:
        for path, status in [("/api/v1/nothing", 404), ("/api", 404), ("/api/v2/users", 404), ("/health/nothing", 404)]:
            answer = await bridge.nobody.get(path)
            assert (answer.status_code, answer.json()["error"]) == (status, "not_found"), path
        assert (await bridge.nobody.get("/api/v1/auth/login")).status_code == 405
        assert (await bridge.nobody.post("/dashboard")).status_code == 404
        assert (await bridge.nobody.get("/health")).json()["status"] == "ok"
        assert (await bridge.nobody.get("/assets/missing.js")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/brand/../../secret.txt", "/%00.txt"]
)
async def test_nothing_outside_the_folder_is_served(make_bridge, dist: Path, path: str) -> None:
    async with make_bridge(voxui_dist=str(dist)) as bridge:
        assert "outside" not in (await bridge.nobody.get(path)).text


async def test_the_operators_brand_folder_goes_before_the_built_one(make_bridge, dist: Path, tmp_path: Path) -> None:
    async with make_bridge(voxui_dist=str(dist)) as bridge:
        assert (await bridge.nobody.get("/brand/logo.png")).content == b"built in"
        brand = tmp_path / "data" / "brand"
        brand.mkdir(parents=True)
        (brand / "logo.png").write_bytes(b"ours")
        assert (await bridge.nobody.get("/brand/logo.png")).content == b"ours"
        assert (await bridge.nobody.get("/brand/theme.css")).status_code == 404


async def test_config_js_is_written_from_the_environment(make_bridge, dist: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    async with make_bridge(voxui_dist=str(dist), voxui_brand_name=evil, voxui_primary_color="#112233") as bridge:
        answer = await bridge.nobody.get("/config.js")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "<" not in answer.text
        values = json.loads(answer.text.removeprefix("window.__VOX_CONFIG__ = ").rstrip().rstrip(";"))
        assert values["brandName"] == evil
        assert (values["primary"], values["apiUrl"], values["agentDesk"]) == ("#112233", "/api/v1", False)
        assert "background" not in values


async def test_the_page_runs_no_script_of_others_is_framed_by_nobody_and_may_listen(make_bridge, dist: Path) -> None:
    async with make_bridge(voxui_dist=str(dist)) as bridge:
        for path in ("/", "/login", "/assets/index-B7f3kQ2x.js", "/config.js", "/brand/logo.png"):
            headers = (await bridge.nobody.get(path)).headers
            policy = directives(headers["content-security-policy"])
            assert (policy["script-src"], policy["default-src"]) == (["'self'"], ["'self'"]), path
            assert (policy["frame-ancestors"], policy["object-src"], policy["base-uri"]) == (["'none'"],) * 3
            assert headers["x-frame-options"] == "DENY"
            assert "microphone=(self)" in headers["permissions-policy"]
            assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize(
    ("trusted", "plain_allowed"), [("203.0.113.0/24", False), ("10.0.0.0/8", True)], ids=["trusted proxy", "stranger"]
)
async def test_a_page_that_came_encrypted_may_not_speak_in_the_clear(
    make_bridge, dist: Path, trusted: str, plain_allowed: bool
) -> None:
    """Whether it came encrypted is believed of a trusted proxy only."""
    async with make_bridge(voxui_dist=str(dist), trusted_proxies=trusted) as bridge:
        answer = await bridge.nobody.get("/", headers={"X-Forwarded-Proto": "https"})
        allowed = directives(answer.headers["content-security-policy"])["connect-src"]
        assert ("ws:" in allowed, "http:" in allowed) == (plain_allowed, plain_allowed)
        assert "wss:" in allowed


def test_nginx_in_the_console_s_image_sends_the_same_headers() -> None:
    conf = NGINX.read_text()
    sent = dict(re.findall(r'add_header ([A-Za-z-]+) "?([^"]*?)"? always;', conf))
    assert re.search(r'map \$http_x_forwarded_proto\$scheme \$plain \{ ~\^https ""; default " http: ws:"; \}', conf)
    assert {name: sent[name] for name in SAFETY} == SAFETY
    assert sent["Content-Security-Policy"].replace("$plain", "") == content_policy(encrypted=True)
    assert sent["Content-Security-Policy"].replace("$plain", " http: ws:") == content_policy(encrypted=False)


def directives(policy: str) -> dict[str, list[str]]:
    """Sources by directive."""
    return {words[0]: words[1:] for words in (part.split() for part in policy.split(";"))}


async def test_without_a_built_console_the_root_says_so_in_json(make_bridge, tmp_path: Path) -> None:
    for dist in ("", str(tmp_path / "nowhere")):
        async with make_bridge(voxui_dist=dist) as bridge:
            answer = await bridge.nobody.get("/")
            assert (answer.status_code, answer.json()["console"]) == (200, "not built")
            assert (await bridge.nobody.get("/login")).status_code == 404


def test_every_console_variable_reaches_config_js() -> None:
    fields = {name for name in BridgeSettings.model_fields if name.startswith("voxui_")} - {"voxui_dist"}
    required = {"jwt_secret": "j" * 40, "settings_encryption_key": "k", "voxcore_secret": "s"}
    changed = {name: True if name == "voxui_adk_enabled" else f"value-of-{name}" for name in fields}
    text = config_js(BridgeSettings(_env_file=None, **required, **changed))
    assert all(f"value-of-{name}" in text for name in fields - {"voxui_adk_enabled"})
    assert '"agentDesk": true' in text
