"""The shop's visitors: not a program with a log, but the traffic that makes others write."""

import http.client
import json

from training.capture.program import Chore, Program

AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15",
    "curl/7.88.1",
    "shop-mobile/3.2",
    "Monitoring/1.0",
)


class Visitors(Program):
    """People and scripts that use the shop through nginx."""

    name = "visitors"
    needs = ("nginx",)
    hands = 3

    def work(self) -> list[Chore]:
        """Browse, search, order, fail to log in, ask for what is not there."""
        return [
            Chore("home", 0.6, lambda: self._get("/")),
            Chore("product", 0.35, lambda: self._get(f"/products/{self._number(1, 300)}")),
            Chore("static", 0.5, self._static),
            Chore("search", 1.2, self._search),
            Chore("order", 0.8, self._order),
            Chore("show order", 1.0, lambda: self._get(f"/orders/{self._number(1, 500)}")),
            Chore("login", 2.0, lambda: self._login("letmein")),
            Chore("mistyped login", 14, lambda: self._login("letmeni")),
            Chore("report", 9, lambda: self._get(f"/report?days={self._number(1, 30)}")),
            Chore("missing page", 6, lambda: self._get(f"/old/page{self._number(1, 60)}.html")),
            Chore("missing product", 8, lambda: self._get(f"/products/{self._number(301, 340)}")),
            Chore("forbidden page", 40, lambda: self._get("/private/accounts.csv")),
            Chore("health", 5, lambda: self._get("/healthz")),
            Chore("client gives up", 30, self._give_up),
        ]

    def _number(self, low: int, high: int) -> int:
        return self.box.rng.randint(low, high)

    def _ask(self, method: str, path: str, body: str | None = None, timeout: float = 6) -> None:
        source = (f"127.0.1.{self._number(10, 60)}", 0)
        entrances = (80, 80, 8080) if "haproxy" in self.box.selected else (8080,)
        port = self.box.rng.choice(entrances)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout, source_address=source)
        try:
            headers = {"User-Agent": self.box.rng.choice(AGENTS), "Host": "shop.example"}
            client.request(method, path, body, headers)
            client.getresponse().read()
        finally:
            client.close()

    def _get(self, path: str) -> None:
        self._ask("GET", path)

    def _static(self) -> None:
        names = ["shop.css", "shop.js", "logo.png"] * 8 + ["lgoo.png"]
        self._get(f"/static/{self.box.rng.choice(names)}")

    def _search(self) -> None:
        words = self.box.rng.choice(
            ["12", "product", "17", "25", "gift", "99", "uct+2"] * 5 + ["x"]
        )
        self._get(f"/search?q={words}")

    def _order(self) -> None:
        pieces = {str(self._number(1, 300)): self._number(1, 9) for _ in range(self._number(1, 4))}
        self._ask(
            "POST", "/orders", json.dumps({"customer": self._number(1, 400), "lines": pieces})
        )

    def _login(self, password: str) -> None:
        email = f"c{self._number(1, 400)}@example.org"
        self._ask("POST", "/login", json.dumps({"email": email, "password": password}))

    def _give_up(self) -> None:
        self._ask("GET", "/report?days=400", timeout=0.05)
