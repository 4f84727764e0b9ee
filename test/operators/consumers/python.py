"""Runs the Python consumer: each line of the input is one call of SP-API, or makes it forget everything."""

import os
import pathlib
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "examples/consumer/python"))
sys.dont_write_bytecode = True
from access_token import AccessTokens  # noqa: E402

amazon = os.environ["AMAZON"]


def begin():
    return AccessTokens(
        os.environ["SECRET_ID"],
        "Atzr|a",
        f"{amazon}/token",
        client_id_field=os.environ["CLIENT_ID_FIELD"],
        client_secret_field=os.environ["CLIENT_SECRET_FIELD"],
    )


def send(token):
    request = urllib.request.Request(f"{amazon}/orders", headers={"x-amz-access-token": token})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


tokens = begin()
for line in sys.stdin:
    if line.strip() == "forget":
        tokens = begin()
    try:
        print(tokens.call(send)[0], flush=True)
    except RuntimeError as error:
        print(error, flush=True)
