"""A log-in that tells who exists, a token that outlives its owner's rights, a password anybody may guess for ever."""

from __future__ import annotations

import time
from datetime import timedelta

import jwt
import pytest

pytestmark = [pytest.mark.integration]
LOGIN, ME, PASSWORD_URL = "/api/v1/auth/login", "/api/v1/auth/me", "/api/v1/auth/me/password"
PASSWORD = "a quiet long pass phrase"
SECRET = "j" * 40


def claims_of(client) -> dict:
    return jwt.decode(client.headers["Authorization"].split()[1], SECRET, algorithms=["HS256"])


def forged(**claims) -> dict[str, str]:
    now = time.time()
    whole = {"sub": "root@example.com", "role": "super_admin", "name": "R", "iat": now, "exp": now + 60} | claims
    whole = {key: value for key, value in whole.items() if value is not None}
    return {"Authorization": f"Bearer {jwt.encode(whole, SECRET, algorithm='HS256')}"}


async def test_a_log_in_answers_a_token_its_lifetime_and_the_user(bridge) -> None:
    await bridge.add_user("supervisor", "Eve@Example.com")
    answer = await bridge.nobody.post(LOGIN, json={"email": " EVE@example.com ", "password": PASSWORD})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["token_type"], body["expires_in"]) == ("bearer", 720 * 60)
    assert body["user"]["email"] == "eve@example.com"
    assert body["user"]["last_login_at"].endswith("Z")
    assert "password" not in answer.text
    claims = jwt.decode(body["access_token"], SECRET, algorithms=["HS256"])
    assert set(claims) == {"sub", "role", "name", "iat", "exp"}
    assert (claims["sub"], claims["role"]) == ("eve@example.com", "supervisor")


async def test_wrong_unknown_and_inactive_are_refused_alike(bridge) -> None:
    user = await bridge.add_user("agent")
    await bridge.admin.post(f"/api/v1/users/{user['user_id']}/deactivate")
    answers = [
        await bridge.nobody.post(LOGIN, json={"email": email, "password": password})
        for email, password in [
            ("root@example.com", "wrong password"),
            ("nobody@example.com", PASSWORD),
            ("agent@example.com", PASSWORD),
            ("no address at all", PASSWORD),
        ]
    ]
    bodies = [{key: value for key, value in a.json().items() if key != "request_id"} for a in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies[0]["error"] == "invalid_credentials"
    assert all(body == bodies[0] for body in bodies)


HOUR = 3600
UNFIT_CLAIMS = {
    "expired": lambda now: {"exp": now - 1},
    "no exp": lambda now: {"exp": None},
    "no iat": lambda now: {"iat": None},
    "no sub": lambda now: {"sub": None},
    "a deleted user": lambda now: {"sub": "gone@example.com"},
    "sub is a number": lambda now: {"sub": 7},
    "iat is text": lambda now: {"iat": "yesterday"},
    "iat is infinite": lambda now: {"iat": 1e400},
    "issued in the future": lambda now: {"iat": now + HOUR, "exp": now + 2 * HOUR},
    "issued before the account": lambda now: {"iat": 1},
}


@pytest.mark.parametrize("name", UNFIT_CLAIMS)
async def test_a_signed_token_with_unfit_claims_is_401_and_never_an_error(bridge, name: str) -> None:
    answer = await bridge.nobody.get(ME, headers=forged(**UNFIT_CLAIMS[name](time.time())))
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer a.b.c", "Basic cm9vdDpyb290", "bearer\tx"])
async def test_other_authorization_headers_are_401(bridge, header: str) -> None:
    assert (await bridge.nobody.get(ME, headers={"Authorization": header})).status_code == 401


async def test_a_token_signed_by_another_key_or_algorithm_is_401(bridge) -> None:
    now = time.time()
    claims = {"sub": "root@example.com", "iat": now, "exp": now + 60}
    for token in (
        jwt.encode(claims, "k" * 40, algorithm="HS256"),
        jwt.encode(claims, SECRET + SECRET, algorithm="HS512"),
        jwt.encode(claims, None, algorithm="none"),
    ):
        answer = await bridge.nobody.get(ME, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_the_stored_role_counts_and_not_the_claim(bridge) -> None:
    await bridge.add_user("agent")
    client = await bridge.log_in("agent@example.com")
    promoted = forged(sub="agent@example.com", role="super_admin")
    assert (await bridge.nobody.get("/api/v1/users", headers=promoted)).status_code == 403
    user = (await client.get(ME)).json()
    await bridge.admin.put(f"/api/v1/users/{user['user_id']}", json={"role": "admin"})
    assert (await client.get("/api/v1/users")).status_code == 200


async def test_tokens_end_with_the_account(bridge) -> None:
    user = await bridge.add_user("admin")
    path = f"/api/v1/users/{user['user_id']}"
    client = await bridge.log_in("admin@example.com")
    await bridge.admin.post(f"{path}/deactivate")
    assert (await client.get(ME)).status_code == 401
    await bridge.admin.post(f"{path}/deactivate")  # on again: the old token stays dead
    assert (await client.get(ME)).status_code == 401
    client = await bridge.log_in("admin@example.com")
    assert (await client.get(ME)).status_code == 200
    await bridge.admin.delete(path)
    assert (await client.get(ME)).status_code == 401


async def test_a_token_ends_by_the_clock(bridge) -> None:
    client = await bridge.log_in("root@example.com", "correct horse battery")
    real = bridge.ctx.clock
    bridge.ctx.clock = lambda: real() + timedelta(minutes=720, seconds=1)
    assert (await client.get(ME)).status_code == 401


async def test_a_new_address_does_not_inherit_the_tokens_of_its_former_owner(bridge) -> None:
    first, second = await bridge.add_user("admin", "one@example.com"), await bridge.add_user("admin", "two@example.com")
    stolen = await bridge.log_in("one@example.com")
    await bridge.admin.delete(f"/api/v1/users/{first['user_id']}")
    moved = await bridge.admin.put(f"/api/v1/users/{second['user_id']}", json={"email": "one@example.com"})
    assert moved.status_code == 200
    assert (await stolen.get(ME)).status_code == 401


async def test_own_account_is_read_and_renamed(bridge) -> None:
    client = await bridge.as_role("agent")
    answer = await client.put(ME, json={"name": "  Grace  "})
    assert (answer.status_code, answer.json()["name"]) == (200, "Grace")
    assert (await client.get(ME)).json()["name"] == "Grace"
    for body in ({"name": ""}, {"name": "x" * 121}, {"name": "a", "role": "admin"}, {"name": None}, {"name": "a\x00b"}):
        assert (await client.put(ME, json=body)).status_code == 422


async def test_a_changed_password_ends_older_tokens_and_the_next_log_in_counts(bridge) -> None:
    client = await bridge.as_role("agent")
    body = {"current_password": PASSWORD, "new_password": "an even longer phrase"}
    assert (await client.put(PASSWORD_URL, json=body)).status_code == 204
    assert (await client.get(ME)).status_code == 401
    fresh = await bridge.log_in("agent@example.com", "an even longer phrase")
    assert (await fresh.get(ME)).status_code == 200


@pytest.mark.parametrize("new", ["too short", "x" * 129, "Agent@Example.com"])
async def test_a_password_has_ten_to_128_characters_and_is_not_the_email(bridge, new: str) -> None:
    client = await bridge.as_role("agent")
    answer = await client.put(PASSWORD_URL, json={"current_password": PASSWORD, "new_password": new})
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")
    assert answer.json()["detail"][0]["loc"] == ["body", "new_password"]


async def test_five_wrong_current_passwords_in_a_quarter_of_an_hour_then_429(bridge) -> None:
    client = await bridge.as_role("agent")
    wrong = {"current_password": "not this one", "new_password": "an even longer phrase"}
    for _ in range(5):
        answer = await client.put(PASSWORD_URL, json=wrong)
        assert (answer.status_code, answer.json()["error"]) == (401, "wrong_password")
    answer = await client.put(PASSWORD_URL, json=wrong | {"current_password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 900


async def test_ten_failed_log_ins_close_an_email_for_every_address_but_not_other_emails(bridge) -> None:
    await bridge.add_user("agent")
    for number in range(10):
        client = bridge.client(address=f"198.51.100.{number}")
        answer = await client.post(LOGIN, json={"email": "agent@example.com", "password": "wrong"})
        assert answer.status_code == 401
    answer = await bridge.nobody.post(LOGIN, json={"email": "AGENT@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) >= 1
    await bridge.log_in("root@example.com", "correct horse battery")


async def test_a_success_clears_the_count_of_the_email(bridge) -> None:
    for _ in range(3):
        for _ in range(9):
            wrong = {"email": "root@example.com", "password": "wrong"}
            assert (await bridge.client().post(LOGIN, json=wrong)).status_code == 401
        await bridge.log_in("root@example.com", "correct horse battery")
        await bridge.ctx.redis.delete(*await bridge.ctx.redis.keys("vox:rl:login_address:*"))


async def test_thirty_failures_close_an_address(bridge) -> None:
    client = bridge.client(address="198.51.100.77")
    for number in range(30):
        answer = await client.post(LOGIN, json={"email": f"u{number}@example.com", "password": "wrong"})
        assert answer.status_code == 401
    answer = await client.post(LOGIN, json={"email": "root@example.com", "password": "correct horse battery"})
    assert answer.status_code == 429
    await bridge.log_in("root@example.com", "correct horse battery")
