"""Starts MiniStack with two rules of Secrets Manager that it lacks, and that AWS documents for PutSecretValue.

A label that is on another version moves to the new one. A second value under a known ClientRequestToken is refused.
"""

from ministack.app import main
from ministack.core.responses import error_response_json
from ministack.services import secretsmanager

put_secret_value = secretsmanager._put_secret_value


def put_secret_value_as_documented(data):
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    token = data.get("ClientRequestToken")
    if secret is None or secret.get("DeletedDate"):
        return put_secret_value(data)
    known = secret["Versions"].get(token)
    if known is not None:
        if known["SecretString"] != data.get("SecretString"):
            return error_response_json("ResourceExistsException", "A version with this token has another value.", 400)
        return secretsmanager.json_response(
            {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token, "VersionStages": list(known["Stages"])}
        )
    before = list(secret["Versions"].values())
    answer = put_secret_value(data)
    for version in before:
        version["Stages"] = [
            label
            for label in version["Stages"]
            if label in ("AWSCURRENT", "AWSPREVIOUS") or label not in data.get("VersionStages", [])
        ]
    return answer


secretsmanager._put_secret_value = put_secret_value_as_documented
main()
