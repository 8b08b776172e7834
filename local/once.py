"""One request of each action, as a browser would send it, and what the demo then holds."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api._actions import ACTIONS
from local import web


@dataclass(frozen=True)
class Client:
    """Asks the local server at `port`, with `token`."""

    port: int
    token: str

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a GET of `path`."""
        connection = http.client.HTTPConnection(web.ADDRESS, self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def data(self, action: str) -> Any:
        """Return what `action` answers; an empty object when it answers no JSON."""
        status, body = self.get(f"/api/{action}")
        return json.loads(body).get("data", {}) if status == 200 else {}


def ask_all(client: Client) -> dict[str, int]:
    """Return the HTTP status of each action, asked once."""
    examples = _examples(client)
    statuses = {}
    for action in ACTIONS.values():
        needed = [each.name for each in action.parameters if each.is_required]
        query = urlencode({name: examples[name] for name in needed if name in examples})
        statuses[action.name] = client.get(f"/api/{action.name}" + (f"?{query}" if query else ""))[
            0
        ]
    return statuses


def _examples(client: Client) -> dict[str, str]:
    """Return values for parameters without which an action cannot be asked."""
    newest = client.data("analyze").get("items", [])
    return {"id": newest[0]["log_entry_id"]} if newest else {}
