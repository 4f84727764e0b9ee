"""Access tokens for the Selling Partner API, across rotations of the client secret."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3


class AccessTokens:
    def __init__(
        self,
        secret_id,
        refresh_token,
        token_url="https://api.amazon.com/auth/o2/token",
        client_id_field="clientId",
        client_secret_field="clientSecret",
    ):
        """The fields are the keys of the secret's JSON object, as in the props of the application."""
        self._secrets = boto3.client("secretsmanager")
        self._secret_id = secret_id
        self._refresh_token = refresh_token
        self._token_url = token_url
        self._fields = client_id_field, client_secret_field
        self._current = None
        self._token = None
        self._until = 0.0

    def get(self):
        """For the header x-amz-access-token."""
        if self._token is None or time.time() > self._until:
            self._mint()
        return self._token

    def call(self, send):
        """Calls SP-API with a token; after a 403 once more, with the secret read anew. `send` returns (status, body)."""
        answer = send(self.get())
        if answer[0] != 403:
            return answer
        self._current = None
        self._token = None
        return send(self.get())

    def _mint(self):
        if self._current is not None and self._exchange(self._current):
            return
        for stage in ("AWSCURRENT", "AWSPREVIOUS"):
            credentials = self._read(stage)
            if credentials is not None and self._exchange(credentials):
                self._current = credentials
                return
        raise RuntimeError("LWA takes neither the current nor the previous client secret")

    def _read(self, stage):
        try:
            answer = self._secrets.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
            secret = json.loads(answer["SecretString"])
            return tuple(secret[field] for field in self._fields)
        except self._secrets.exceptions.ResourceNotFoundException:
            if stage == "AWSPREVIOUS":
                return None
            raise

    def _exchange(self, credentials):
        """False: LWA does not know this client secret."""
        client_id, client_secret = credentials
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "client_id": client_id,
            "client_secret": client_secret,
        }
        request = urllib.request.Request(self._token_url, urllib.parse.urlencode(form).encode())
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                body = json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error).get("error")
            if problem == "invalid_client":
                return False
            raise RuntimeError(f"LWA answers {error.code} {problem}") from None
        self._token = body["access_token"]
        self._until = time.time() + body["expires_in"] - 60
        return True
