"""The vendor's Python client as a black box: create, list, read, update and delete tokens."""

from served import API_KEY, EMAIL, PASSWORD, VALUE, connect, finish, refused, step

client = connect()
body = step("log in", client.login(EMAIL, PASSWORD), 200)
assert body["user"]["authtoken"]

stack = client.stack(API_KEY)
branch = {"module": "branch", "branches": ["main", "development"], "acl": {"read": True}}
alias = {"module": "branch_alias", "branch_aliases": ["deploy", "release"], "acl": {"read": True}}
environment = {"module": "environment", "environments": ["production"], "acl": {"read": True}}

# Delivery tokens
draft = {"token": {"name": "py delivery", "description": "first", "scope": [environment, branch, alias]}}
token = step("create a delivery token", stack.delivery_token().create(draft), 201)["token"]
assert VALUE.fullmatch(token["token"]) and token["scope"][0]["environments"][0]["name"] == "production"
uid = token["uid"]
refused("a taken name", stack.delivery_token().create(draft), 422, key="name")
listed = step("list delivery tokens", stack.delivery_token().find(), 200)["tokens"]
assert uid in [item["uid"] for item in listed]
read = step("read a delivery token", stack.delivery_token(uid).fetch(), 200)["token"]
assert read["token"] == token["token"]
draft["token"]["name"] = "py delivery renamed"
draft["token"]["scope"][0]["environments"] = ["staging"]
updated = step("update a delivery token", stack.delivery_token(uid).update(draft), 200)
assert updated["notice"] and updated["token"]["name"] == "py delivery renamed"
no_branch = {"token": {"name": "py no branch", "scope": [environment]}}
refused("a scope without branches", stack.delivery_token().create(no_branch), 422, 141, "scope.branch_or_alias")
nowhere = {"token": {"name": "py nowhere", "scope": [{**environment, "environments": ["nowhere"]}, branch]}}
refused("an unknown environment", stack.delivery_token().create(nowhere), 422)
nameless = {"token": {"scope": [environment, branch]}}
refused("a token without a name", stack.delivery_token().create(nameless), 422, 141, "name")
done = step("delete a delivery token", stack.delivery_token(uid).delete(), 200)
assert done["notice"]
refused("a deleted delivery token", stack.delivery_token(uid).fetch(), 422)

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
value, uid = token["token"], token["uid"]
listed = step("list management tokens", stack.management_token().find(), 200)["tokens"]
assert all("token" not in item for item in listed) and uid in [item["uid"] for item in listed]
read = step("read a management token", stack.management_token(uid).fetch(), 200)["token"]
assert "token" not in read and read["expires_on"] == "2099-12-10"
draft["token"]["expires_on"] = "2099-12-31"
updated = step("update a management token", stack.management_token(uid).update(draft), 200)["token"]
assert updated["expires_on"] == "2099-12-31"
holder = connect(management_token=value).stack(API_KEY)
step("read content types with a management token", holder.content_types().find(), 200)
refused("tokens, with a management token", holder.delivery_token().find(), 403)
refused("settings, with a management token", holder.settings(), 403)
step("delete a management token", stack.management_token(uid).delete(), 200)
refused("a deleted management token", stack.management_token(uid).fetch(), 422)
refused("a credential that was deleted", holder.content_types().find(), 401, 105, "authorization")

refused("a wrong api_key", client.stack("blt" + "0" * 16).delivery_token().find(), 412, 109, "api_key")
# `client.logout()` of this version fails in its own code before it sends anything.
step("log out", client.client.delete("user-session"), 200)
# One header map serves all handles of this client: the newest stack counts, so it is opened again.
stack = client.stack(API_KEY)
refused("a dead authtoken", stack.delivery_token().find(), 401, 105, "authtoken")
finish()
