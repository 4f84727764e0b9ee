"""A plugin for pytest that judges the local cloud by LocalStack's tests: see judge-localstack.mjs."""

import json
import os
import re
from pathlib import Path
from urllib.parse import urlparse

REFUSAL = re.compile(r"The local cloud does not emulate (.+?)\.(?=[\"']|$)", re.MULTILINE)
ENDPOINT = urlparse(os.environ["TEST_AWS_ENDPOINT_URL"])


def pytest_sessionstart():
    """Points also the tests at the local cloud that write their HTTP requests themselves."""
    from localstack import config

    listen = config.HostAndPort(host=ENDPOINT.hostname, port=ENDPOINT.port)
    config.GATEWAY_LISTEN = config.UniqueHostAndPortList([listen])


def pytest_collection_modifyitems(config, items):
    """Only tests that AWS itself has answered judge. LocalStack names them in a file beside each suite."""
    left_out = [item for item in items if item.nodeid not in validated(item.path)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        # Tests wait until the secret is listed. The local cloud lists none.
        if hasattr(item.cls, "_wait_created_is_listed"):
            item.cls._wait_created_is_listed = staticmethod(lambda *_, **__: None)


def validated(suite):
    return json.loads(Path(suite).with_suffix(".validation.json").read_text())


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        with open(os.environ["JUDGE_RESULTS"], "a") as results:
            refused = REFUSAL.search(report.longreprtext) if report.failed else None
            outcome = "refused" if refused else report.outcome
            result = {"test": report.nodeid, "outcome": outcome, "what": refused and refused[1]}
            results.write(json.dumps(result) + "\n")
