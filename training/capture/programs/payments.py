"""The payments service, a Node application of ours on Express and pino."""

import http.client
import json
import shutil
import time

from training.capture.box import APPS, kill
from training.capture.program import Chore, FaultKind, Program

SOURCE = APPS / "payments"
RATES = {"EUR": {"fee": 0.01, "fixed": 0.2}, "USD": {"fee": 0.02, "fixed": 0.3}}
AFFECTED = ("payments", "haproxy")


class Payments(Program):
    """`node server.js` on port 4000."""

    name = "payments"
    packages = ("nodejs",)
    node_modules = True
    stems = ("payments",)
    version_command = ("node", "--version")

    def prepare(self) -> None:
        """Deploy the application and its rates."""
        self.home = self.box.home("payments", "www-data")
        shutil.copytree(SOURCE, self.home / "current")
        self._rates(RATES)

    def start(self) -> None:
        """Start in the foreground, logging to standard output."""
        environment = {"RATES": str(self.home / "rates.json"), "LEVEL": "trace"}
        if "redis" in self.box.selected:
            environment["REDIS_PASSWORD"] = self.box.password("redis")
        self.daemon = self.box.spawn(
            ["node", "--max-old-space-size=96", self.home / "current/server.js"],
            user="www-data", output="payments", env=environment,
        )  # fmt: skip

    def ready(self) -> bool:
        """Tell whether it answers."""
        try:
            return self._ask("GET", "/health", None, 4000) == 200
        except (OSError, http.client.HTTPException):
            return False

    def work(self) -> list[Chore]:
        """Charge, refund, send nonsense now and then, deploy."""
        return [
            Chore("charge", 0.9, self._charge),
            Chore(
                "refund",
                7,
                lambda: self._ask("POST", f"/charge/ch{self._number(1, 500)}/refund", "{}"),
            ),
            Chore("bad json", 45, lambda: self._ask("POST", "/charge", "{customer")),
            Chore("deploy", 190, self.restart, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Break its rates, freeze, kill and flood it."""
        return [
            FaultKind("payments-faulty-rates", "payments", AFFECTED, self._break_rates),
            FaultKind("payments-frozen", "payments", AFFECTED, lambda: self.freeze(10)),
            FaultKind("payments-killed", "payments", AFFECTED, lambda: self.crash(4, 8)),
            FaultKind("payments-crash-loop", "payments", AFFECTED, self._crash_loop),
            FaultKind("payments-garbled-requests", "payments", AFFECTED, self._garble),
            FaultKind("payments-card-testing", "payments", AFFECTED, self._test_cards),
        ]

    def _number(self, low: int, high: int) -> int:
        return self.box.rng.randint(low, high)

    def _rates(self, rates: object) -> None:
        self.box.write(self.home / "rates.json", json.dumps(rates), "www-data")

    def _ask(self, method: str, path: str, body: str | None, port: int = 0) -> int:
        entrance = 80 if "haproxy" in self.box.selected else 4000
        client = http.client.HTTPConnection("127.0.0.1", port or entrance, timeout=6)
        try:
            client.request(method, path, body, {"Content-Type": "application/json"})
            answer = client.getresponse()
            answer.read()
            return answer.status
        finally:
            client.close()

    def _charge(self, low: int = 5, high: int = 820) -> None:
        currency = self.box.rng.choice(("EUR", "EUR", "USD"))
        amount = self._number(low * 100, high * 100) / 100
        order = {"customer": self._number(1, 400), "amount": amount, "currency": currency}
        self._ask("POST", "/charge", json.dumps(order))

    def _break_rates(self) -> None:
        """Deploy rates that lack a currency."""
        self._rates({"USD": RATES["USD"]})
        self.restart()
        until = time.monotonic() + self.box.rng.uniform(9, 13)
        while time.monotonic() < until:
            self.attempt(self._charge)
            self.box.pause(0.5)
        self._rates(RATES)
        self.restart()

    def _crash_loop(self) -> None:
        """Deploy rates that are no JSON: it dies at start, again and again."""
        self.box.write(self.home / "rates.json", '{"EUR": {"fee": 0.01,', "www-data")
        kill(self.daemon)
        for _ in range(5):
            self.start()
            self.box.pause(2)
        self._rates(RATES)
        self.start()
        self.wait_ready()

    def _garble(self) -> None:
        bodies = ("{", "[]", "null", '"x"', '{"customer": 1}', '{"amount": "ten"}', "\x00\x01",
                  '{"customer": 3, "amount": 5, "currency": "XXX"}', "1" * 120000)  # fmt: skip
        for _ in range(70):
            self.attempt(self._ask, "POST", "/charge", self.box.rng.choice(bodies))
            self.box.pause(0.12)

    def _test_cards(self) -> None:
        """Try many charges above the limit, and refunds of charges that do not exist."""
        for _ in range(90):
            self.attempt(self._charge, 801, 5000)
            self.attempt(self._ask, "POST", f"/charge/x{self._number(1, 999)}/refund", "{}")
            self.box.pause(0.07)
