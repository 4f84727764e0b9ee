"""Runs python-amazon-sp-api: each line of the input is one call of SP-API. Before it, `forget` makes a new client, and
`later` lets the library forget its access tokens, as it does within the hour."""

import os
import sys

from sp_api.api import Orders
from sp_api.auth import AccessTokenClient, access_token_client

amazon = os.environ["AMAZON"]
AccessTokenClient.scheme, AccessTokenClient.host = amazon.split("//")
AccessTokenClient.scheme += "//"
AccessTokenClient.path = "/token"


def begin():
    client = Orders()
    client.endpoint = amazon
    return client


orders = None
for line in sys.stdin:
    if line.strip() != "call":
        access_token_client.cache.clear()
    try:
        if orders is None or line.strip() == "forget":
            orders = begin()
        orders.get_orders(CreatedAfter="2026-01-01")
        print(200, flush=True)
    except Exception as error:
        print(type(error).__name__, flush=True)
