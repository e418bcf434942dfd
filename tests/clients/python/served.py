"""What the scripts share: a client of the service, and steps that are counted.

Needs CS_SCHEME, CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD. Prints one line for each step that held.
"""

import os
import re

import contentstack_management

API_KEY = os.environ["CS_API_KEY"]
EMAIL = os.environ["CS_EMAIL"]
PASSWORD = os.environ["CS_PASSWORD"]
UID = re.compile(r"blt[0-9a-f]{16}")
VALUE = re.compile(r"cs[0-9a-f]{24}")
_steps = 0


def connect(**more):
    """A client of its own. One header map serves all handles of a client: the stack that was opened last counts."""
    host = f"{os.environ['CS_HOST']}:{os.environ['CS_PORT']}"
    return contentstack_management.Client(host=host, scheme=f"{os.environ['CS_SCHEME']}://", timeout=10, **more)


def log_in():
    """A client with a session of the owner of the demo stack."""
    client = connect()
    answer = client.login(EMAIL, PASSWORD)
    assert answer.status_code == 200, answer.status_code
    return client


def step(name, answer, status, code=None, key=None):
    """Checks status, error code and a key of `errors`, counts the step, gives back the body."""
    global _steps
    body = answer.json()
    seen = f"{name}: {answer.status_code} {body.get('error_code')} {sorted(body.get('errors') or {})}"
    assert answer.status_code == status, seen
    assert code is None or body["error_code"] == code, seen
    assert key is None or key in body["errors"], seen
    _steps += 1
    print(f"ok {_steps} {name}")
    return body


def refused(name, answer, status, code=None, key=None):
    """A step that is to be refused."""
    return step(f"refused: {name}", answer, status, code, key)


def finish():
    """Says that all steps held."""
    print(f"{_steps} passed, 0 failed")
