"""An admin who makes himself super_admin, acts on his superiors, or locks the last one out."""

from __future__ import annotations

import asyncio

import pytest
from voxbridge.actors import Actor
from voxbridge.users import service
from voxbridge.users.models import UserChanges

pytestmark = [pytest.mark.integration]
USERS, REGISTER = "/api/v1/users", "/api/v1/auth/register"
PASSWORD = "a quiet long pass phrase"
ROLES = ("agent", "supervisor", "admin", "super_admin")


def new_user(**changes) -> dict:
    return {"email": "new@example.com", "name": "New", "password": PASSWORD, "role": "agent"} | changes


async def test_a_new_user_has_the_documented_fields_and_no_hash(bridge) -> None:
    answer = await bridge.admin.post(
        REGISTER, json=new_user(email="New@Example.COM", agent_languages=["hi", "en", "hi"])
    )
    user = answer.json()
    assert answer.status_code == 201
    assert user["email"] == "new@example.com"
    assert (user["is_active"], user["last_login_at"]) == (True, None)
    assert (user["agent_languages"], user["agent_primary_language"]) == (["hi", "en"], "hi")
    assert len(user["user_id"]) == 32
    assert "hash" not in answer.text
    assert "pass" not in answer.text
    stored = await bridge.ctx.db["users"].find_one({"_id": user["user_id"]})
    assert stored["password_hash"].startswith("$argon2id$")


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no address"},
        {"email": "a@b@c"},
        {"email": "x" * 250 + "@e.example"},
        {"name": ""},
        {"name": "   "},
        {"role": "owner"},
        {"role": None},
        {"password": "short"},
        {"password": "p" * 129},
        {"password": "New@example.com"},
        {"agent_languages": []},
        {"agent_languages": ["English"]},
        {"is_active": False},
    ],
    ids=str,
)
async def test_an_unfit_user_is_422(bridge, change: dict) -> None:
    answer = await bridge.admin.post(REGISTER, json=new_user(**change))
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")


async def test_an_email_is_taken_once_whatever_its_case(bridge) -> None:
    await bridge.add_user("agent", "ada@example.com")
    other = await bridge.add_user("agent", "bob@example.com")
    again = await bridge.admin.post(REGISTER, json=new_user(email="ADA@example.com"))
    moved = await bridge.admin.put(f"{USERS}/{other['user_id']}", json={"email": "Ada@example.com"})
    assert [(a.status_code, a.json()["error"]) for a in (again, moved)] == [(409, "email_taken")] * 2


@pytest.mark.parametrize("actor", ["admin", "super_admin"])
@pytest.mark.parametrize("role", ROLES)
async def test_giving_a_role_needs_at_least_its_rank(bridge, actor: str, role: str) -> None:
    client = bridge.admin if actor == "super_admin" else await bridge.as_role(actor)
    target = await bridge.add_user("agent", "target@example.com")
    allowed = ROLES.index(actor) >= ROLES.index(role)
    made = await client.post(REGISTER, json=new_user(role=role))
    changed = await client.put(f"{USERS}/{target['user_id']}", json={"role": role})
    assert (made.status_code, changed.status_code) == ((201, 200) if allowed else (403, 403))
    if not allowed:
        assert made.json()["error"] == changed.json()["error"] == "rank"


@pytest.mark.parametrize("target_role", ROLES)
async def test_an_admin_acts_only_on_lower_ranks_and_a_super_admin_on_all(bridge, target_role: str) -> None:
    admin = await bridge.as_role("admin")
    target = await bridge.add_user(target_role, "target@example.com")
    path = f"{USERS}/{target['user_id']}"
    lower = ROLES.index(target_role) < ROLES.index("admin")
    expected = {(200 if lower else 403), (204 if lower else 403)}
    answers = [
        await admin.put(path, json={"name": "Changed"}),
        await admin.post(f"{path}/deactivate"),
        await admin.post(f"{path}/reset-password", json={"new_password": "another long one"}),
    ]
    assert {answer.status_code for answer in answers} == expected
    if not lower:
        assert {answer.json()["error"] for answer in answers} == {"rank"}
    assert (await bridge.admin.put(path, json={"name": "By root"})).status_code == 200
    assert (await admin.delete(path)).status_code == 403
    assert (await bridge.admin.delete(path)).status_code == 204


async def test_nobody_acts_on_himself_through_users(bridge) -> None:
    me = (await bridge.admin.get("/api/v1/auth/me")).json()
    path = f"{USERS}/{me['user_id']}"
    answers = [
        await bridge.admin.put(path, json={"name": "I"}),
        await bridge.admin.post(f"{path}/deactivate"),
        await bridge.admin.post(f"{path}/reset-password", json={"new_password": "another long one"}),
        await bridge.admin.delete(path),
    ]
    assert [(a.status_code, a.json()["error"]) for a in answers] == [(403, "self_action")] * 4


async def test_an_unknown_user_is_404(bridge) -> None:
    path = f"{USERS}/{'0' * 32}"
    answers = [
        await bridge.admin.get(path),
        await bridge.admin.put(path, json={"name": "I"}),
        await bridge.admin.post(f"{path}/deactivate"),
        await bridge.admin.post(f"{path}/reset-password", json={"new_password": "another long one"}),
        await bridge.admin.delete(path),
    ]
    assert [(a.status_code, a.json()["error"]) for a in answers] == [(404, "not_found")] * 5


async def test_the_last_active_super_admin_stays(bridge) -> None:
    """The acting one may have lost his rank between his log-in check and the write; the store decides."""
    root = (await bridge.admin.get("/api/v1/auth/me")).json()
    ghost = Actor("user", user_id="someone-else", email="x@example.com", role="super_admin")
    for act in (
        service.change(bridge.ctx, ghost, root["user_id"], UserChanges(role="admin")),
        service.toggle_active(bridge.ctx, ghost, root["user_id"]),
        service.delete(bridge.ctx, ghost, root["user_id"]),
    ):
        with pytest.raises(service.LastSuperAdmin):
            await act
    assert (await bridge.admin.get("/api/v1/auth/me")).json()["role"] == "super_admin"


async def test_two_super_admins_who_demote_each_other_do_not_both_win(bridge) -> None:
    other = await bridge.add_user("super_admin")
    second = await bridge.log_in("super_admin@example.com")
    root = (await bridge.admin.get("/api/v1/auth/me")).json()
    await asyncio.gather(
        bridge.admin.put(f"{USERS}/{other['user_id']}", json={"role": "agent"}),
        second.put(f"{USERS}/{root['user_id']}", json={"role": "agent"}),
    )
    left = await bridge.ctx.db["users"].count_documents({"role": "super_admin", "is_active": True})
    assert left >= 1


async def test_fields_that_are_absent_stay(bridge) -> None:
    user = await bridge.add_user("agent")
    path = f"{USERS}/{user['user_id']}"
    changed = (await bridge.admin.put(path, json={"agent_languages": ["hi", "ta"]})).json()
    assert (changed["name"], changed["role"], changed["agent_primary_language"]) == ("Agent", "agent", "hi")
    changed = (await bridge.admin.put(path, json={"agent_primary_language": "ta"})).json()
    assert changed["agent_primary_language"] == "ta"
    assert (await bridge.admin.put(path, json={"agent_primary_language": "fr"})).json()[
        "agent_primary_language"
    ] == "hi"
    assert (await bridge.admin.put(path, json={})).status_code == 200
    assert (await bridge.admin.put(path, json={"name": None})).status_code == 422
    assert (await bridge.admin.put(path, json={"password_hash": "x"})).status_code == 422
    assert (await bridge.admin.get(path)).json()["name"] == "Agent"


async def test_a_reset_password_works_and_ends_tokens(bridge) -> None:
    client = await bridge.as_role("agent")
    user = (await client.get("/api/v1/auth/me")).json()
    path = f"{USERS}/{user['user_id']}/reset-password"
    assert (await bridge.admin.post(path, json={"new_password": "short"})).status_code == 422
    assert (await bridge.admin.post(path, json={"new_password": "another long one"})).status_code == 204
    assert (await client.get("/api/v1/auth/me")).status_code == 401
    await bridge.log_in("agent@example.com", "another long one")


async def test_the_list_is_filtered_sorted_and_paged(bridge) -> None:
    for number in range(5):
        await bridge.add_user("agent", f"agent{number}@example.com")
    sup = await bridge.add_user("supervisor", "a.b+c@example.com")
    await bridge.admin.post(f"{USERS}/{sup['user_id']}/deactivate")

    async def emails(query: str) -> list[str]:
        return [user["email"] for user in (await bridge.admin.get(f"{USERS}?{query}")).json()["items"]]

    assert await emails("role=agent&sort=-email&limit=2") == ["agent4@example.com", "agent3@example.com"]
    assert await emails("role=agent&sort=-email&limit=2&page=3") == ["agent0@example.com"]
    assert await emails("is_active=false") == ["a.b+c@example.com"]
    assert await emails("q=B%2BC") == ["a.b+c@example.com"]
    assert await emails("q=.*") == []
    assert await emails("q=(((") == []
    page = (await bridge.admin.get(f"{USERS}?limit=3")).json()
    assert (page["page"], page["limit"], page["total"], page["total_capped"], page["next"]) == (1, 3, 7, False, None)
    assert (await bridge.admin.get(f"{USERS}?role=owner")).status_code == 422
