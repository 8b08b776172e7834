"""An issue on GitHub: opened with the first message, commented on by later ones, closed when over.

Before anything is written, what is there is searched for the message's key: an attempt that came
through and was not noted is found, and not repeated.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scoring.alerts import http, render
from scoring.alerts.errors import ChannelError, DeliveryError
from scoring.alerts.message import Message

LABEL = "logkiln-alert"
LONGEST_BODY = 60_000
"""GitHub takes 65,536 characters."""
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+\Z", re.ASCII)


class GitHub:
    """The issue of one repository that is open and carries the label."""

    name = "github"

    def __init__(self, repository: str, token: str, api: str = "") -> None:
        """Take OWNER/NAME, a token that may write issues, and the address of the API."""
        if not _REPOSITORY.match(repository):
            raise ChannelError(f"ALERT_GITHUB_REPO is {repository!r}; expected OWNER/NAME")
        if not token.isascii() or any(letter <= " " for letter in token):
            raise ChannelError("GITHUB_TOKEN (not shown) has characters that no token has")
        self.base = (api or "https://api.github.com").rstrip("/")
        http.address("GITHUB_API_URL", self.base)
        self.repository, self.token = repository, token

    def send(self, message: Message) -> str | None:
        """Comment on the open issue, or open one; DeliveryError when GitHub does not take it."""
        mark = f"<!-- logkiln {message.key} -->"
        body = f"{render.markdown(message)[:LONGEST_BODY]}\n\n{mark}"
        since = since_before(message.created_at)
        recent = self.ask("GET", f"issues?state=all&labels={LABEL}&since={since}&per_page=20")
        if any(mark in (issue.get("body") or "") for issue in recent):
            return None
        issue = self.open_issue()
        if issue is None:
            self.ask("POST", "issues", {"title": message.title, "body": body, "labels": [LABEL]})
            return None
        comments = self.ask("GET", f"issues/{issue}/comments?since={since}&per_page=50")
        if not any(mark in (comment.get("body") or "") for comment in comments):
            self.ask("POST", f"issues/{issue}/comments", {"body": body})
        return None

    def close(self, reason: str) -> bool:
        """Close the open issue with a comment; return whether there was one."""
        issue = self.open_issue()
        if issue is None:
            return False
        self.ask("POST", f"issues/{issue}/comments", {"body": reason})
        self.ask("PATCH", f"issues/{issue}", {"state": "closed", "state_reason": "completed"})
        return True

    def open_issue(self) -> int | None:
        """Return the number of the open issue, None when there is none."""
        found = self.ask("GET", f"issues?state=open&labels={LABEL}&per_page=5&sort=created")
        numbers = [issue["number"] for issue in found if "pull_request" not in issue]
        return int(numbers[0]) if numbers else None

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return GitHub's answer to a request about the repository."""
        url = urlsplit(f"{self.base}/repos/{self.repository}/{path}")
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer = http.request(method, url, content, headers)
        try:
            return json.loads(answer.body)
        except ValueError as exc:
            raise DeliveryError("answered something that is not JSON", is_lasting=True) from exc


def since_before(created_at: str) -> str:
    """Return the time an hour before: clocks differ, and what is found too much does no harm."""
    moment = datetime.fromisoformat(created_at).astimezone(UTC) - timedelta(hours=1)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
