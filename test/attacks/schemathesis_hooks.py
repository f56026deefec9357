"""Signs in as each route asks: by Signature Version 4 of AWS IAM, or by a token of the local issuer."""

import datetime
import hashlib
import hmac
import os
from urllib.parse import parse_qsl, quote, urlsplit

import requests
import schemathesis

REGION, SERVICE = "us-east-1", "execute-api"


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


class SignatureVersion4(requests.auth.AuthBase):
    """AWS General Reference, "Create a signed AWS API request", by the credentials of the local run."""

    def __call__(self, request):
        url = urlsplit(request.url)
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        body = request.body or b""
        query = sorted((quote(name, "~"), quote(value, "~")) for name, value in parse_qsl(url.query, keep_blank_values=True))
        canonical = "\n".join(
            [
                request.method,
                quote(url.path or "/", "/~"),
                "&".join("=".join(pair) for pair in query),
                f"host:{url.netloc}",
                f"x-amz-date:{time}",
                "",
                "host;x-amz-date",
                _sha256(body.encode() if isinstance(body, str) else body),
            ]
        )
        scope = f"{time[:8]}/{REGION}/{SERVICE}/aws4_request"
        key = b"AWS4local"
        for part in scope.split("/"):
            key = _hmac(key, part)
        signature = _hmac(key, "\n".join(["AWS4-HMAC-SHA256", time, scope, _sha256(canonical.encode())])).hex()
        request.headers["X-Amz-Date"] = time
        request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential=local/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
        return request


class PlayerToken(requests.auth.AuthBase):
    """A token of the local issuer, which the test has asked for."""

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {os.environ['PLAYER_TOKEN']}"
        return request


def asks_for(scheme):
    return lambda context: {scheme: []} in context.operation.definition.raw.get("security", [])


schemathesis.auth.set_from_requests(SignatureVersion4()).apply_to(asks_for("sigv4"))
schemathesis.auth.set_from_requests(PlayerToken()).apply_to(asks_for("player"))


def made_possible(value):
    """A body whose times are near enough to be taken, and whose time zone exists."""
    today = datetime.datetime.now(datetime.timezone.utc)
    near = {
        "timeZone": "Asia/Seoul",
        **dict.fromkeys(("occurredAt", "time", "changedAt"), today.isoformat()),
        "from": today.date().isoformat(),
        "until": (today.date() + datetime.timedelta(days=10)).isoformat(),
    }
    if isinstance(value, dict):
        return {name: near[name] if name in near else made_possible(each) for name, each in value.items()}
    return [made_possible(each) for each in value] if isinstance(value, list) else value


@schemathesis.hook
def before_call(context, case, kwargs):
    """What is meant to be accepted is made so in what no schema can say."""
    if not case.meta.generation.mode.is_positive:
        return
    if isinstance(case.body, (dict, list)):
        case.body = made_possible(case.body)
    if case.query:
        # A cursor is good for the list that gave it.
        case.query.pop("cursor", None)
