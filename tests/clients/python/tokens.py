"""The vendor's Python client as a black box: create, list, read, update and delete tokens.

Needs CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD. Prints one line for each step that held.
"""

import os
import re

import contentstack_management

VALUE = re.compile(r"cs[0-9a-f]{24}")
steps = 0


def step(name, answer, status):
    """Checks the status of an answer, counts the step, gives back the body."""
    global steps
    assert answer.status_code == status, f"{name}: {answer.status_code} instead of {status}: {sorted(answer.json())}"
    steps += 1
    print(f"ok {steps} {name}")
    return answer.json()


client = contentstack_management.Client(
    host=f"{os.environ['CS_HOST']}:{os.environ['CS_PORT']}", scheme="http://", timeout=10
)
body = step("log in", client.login(os.environ["CS_EMAIL"], os.environ["CS_PASSWORD"]), 200)
assert body["user"]["authtoken"]

stack = client.stack(os.environ["CS_API_KEY"])
branch = {"module": "branch", "branches": ["main", "development"], "acl": {"read": True}}
alias = {"module": "branch_alias", "branch_aliases": ["deploy", "release"], "acl": {"read": True}}
environment = {"module": "environment", "environments": ["production"], "acl": {"read": True}}

# Delivery tokens
draft = {"token": {"name": "py delivery", "description": "first", "scope": [environment, branch, alias]}}
token = step("create a delivery token", stack.delivery_token().create(draft), 201)["token"]
assert VALUE.fullmatch(token["token"]) and token["scope"][0]["environments"][0]["name"] == "production"
uid = token["uid"]
listed = step("list delivery tokens", stack.delivery_token().find(), 200)["tokens"]
assert uid in [item["uid"] for item in listed]
read = step("read a delivery token", stack.delivery_token(uid).fetch(), 200)["token"]
assert read["token"] == token["token"]
draft["token"]["name"] = "py delivery renamed"
draft["token"]["scope"][0]["environments"] = ["staging"]
updated = step("update a delivery token", stack.delivery_token(uid).update(draft), 200)
assert updated["notice"] and updated["token"]["name"] == "py delivery renamed"
no_branch = {"token": {"name": "py no branch", "scope": [environment]}}
error = step("refused: a scope without branches", stack.delivery_token().create(no_branch), 422)
assert error["error_code"] == 141 and "scope.branch_or_alias" in error["errors"]
done = step("delete a delivery token", stack.delivery_token(uid).delete(), 200)
assert done["notice"]

# Management tokens
draft = {
    "token": {
        "name": "py management",
        "description": "for tests",
        "expires_on": "2099-12-10",
        "is_email_notification_enabled": True,
        "scope": [{"module": "content_type", "acl": {"read": "true", "write": "true"}}, branch],
    }
}
token = step("create a management token", stack.management_token().create(draft), 201)["token"]
assert VALUE.fullmatch(token["token"])
uid = token["uid"]
listed = step("list management tokens", stack.management_token().find(), 200)["tokens"]
assert all("token" not in item for item in listed) and uid in [item["uid"] for item in listed]
read = step("read a management token", stack.management_token(uid).fetch(), 200)["token"]
assert "token" not in read and read["expires_on"] == "2099-12-10"
draft["token"]["expires_on"] = "2099-12-31"
updated = step("update a management token", stack.management_token(uid).update(draft), 200)["token"]
assert updated["expires_on"] == "2099-12-31"
step("delete a management token", stack.management_token(uid).delete(), 200)
gone = stack.management_token(uid).fetch()
assert gone.status_code in (404, 422), gone.status_code

error = step("refused: a wrong api_key", client.stack("blt0000000000000000").delivery_token().find(), 412)
assert error["error_code"] == 109
# `client.logout()` of this version fails in its own code before it sends anything.
step("log out", client.client.delete("user-session"), 200)
# One header map serves all handles of this client: the newest stack counts, so it is opened again.
stack = client.stack(os.environ["CS_API_KEY"])
error = step("refused: a dead authtoken", stack.delivery_token().find(), 401)
assert error["error_code"] == 105
print(f"{steps} passed, 0 failed")
