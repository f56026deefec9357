"""The same game server in Python, with nothing but its standard library.

    SECRET=whsec_... PORT=8788 python3 samples/game_server.py
"""

import base64
import hashlib
import hmac
import json
import os
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
SECRET = os.environ.get("SECRET")

# How each action ended. A real server keeps this where a restart does not lose it.
ended: dict[str, str] = {}


def is_signed(headers, body: bytes) -> bool:
    """Standard Webhooks: HMAC-SHA256 over id, timestamp and body, with any of the signatures sent."""
    if SECRET is None:
        return True
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(expected, each) for each in headers.get("webhook-signature", "").split(" "))


def carry_out(account_id: str, action: dict) -> str:
    if datetime.now(timezone.utc) > datetime.fromisoformat(action["staleAfter"].replace("Z", "+00:00")):
        return "stale"
    if action["response"] == "kick":
        print(f"{account_id} is kicked", flush=True)
    else:
        print(f"{account_id} reads: {action['text']['ko']} / {action['text']['en']}", flush=True)
    return "done"


class GameServer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections alive

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_signed(self.headers, body):
            return self.answer(401, b"")
        event = json.loads(body)
        action = event["data"]
        # The same event may come twice, and several events may ask for one action.
        if action["actionId"] not in ended:
            ended[action["actionId"]] = carry_out(event["subject"], action)
        reply = {
            "specversion": "1.0",
            "id": action["actionId"],
            "source": "game-server",
            "type": "loginward.action.completed.v1",
            "subject": event["subject"],
            "time": datetime.now(timezone.utc).isoformat(),
            "data": {"actionId": action["actionId"], "outcome": ended[action["actionId"]]},
        }
        self.answer(200, json.dumps(reply).encode())

    def answer(self, status: int, body: bytes):
        self.send_response(status)
        self.send_header("content-type", "application/cloudevents+json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8788"))), GameServer)
    print(f"The game server listens on port {server.server_port}", flush=True)
    server.serve_forever()
