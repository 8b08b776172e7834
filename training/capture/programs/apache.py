"""Apache's web server with the intranet: passwords, CGI, a proxied page."""

import http.client
import shutil
import signal
from base64 import b64encode

from training.capture.box import APPS, ROOT, end, listening, strike
from training.capture.program import Chore, FaultKind, Program

MODULES = """
    alias auth_basic authn_core authn_file authz_core authz_host authz_user autoindex cgi dir env
    mime mpm_event proxy proxy_http reqtimeout rewrite status
"""
CONFIGURATION = """\
ServerRoot "{home}"
ServerName app01
Listen 127.0.0.1:8082
PidFile {home}/apache.pid
Mutex file:{home}
User www-data
Group www-data
LogLevel {level}
ErrorLog {log}/apache-error.log
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" vhost
CustomLog {log}/apache-access.log vhost
StartServers 1
ServerLimit 2
ThreadsPerChild {threads}
MaxRequestWorkers {workers}
MinSpareThreads 2
MaxSpareThreads 12
Timeout 5
RequestReadTimeout header=4 body=4
TypesConfig /etc/mime.types
DocumentRoot "{home}/html"
<Directory "{home}/html">
    Options Indexes
    AllowOverride All
    Require all granted
</Directory>
Alias /intranet "{home}/html"
<Location /intranet/staff>
    AuthType Basic
    AuthName "staff"
    AuthUserFile {home}/passwords
    Require valid-user
</Location>
<Location /intranet/board>
    Require ip 10.9.9.9
</Location>
ScriptAlias /cgi/ "{home}/cgi/"
<Directory "{home}/cgi">
    Require all granted
</Directory>
<Location /intranet/lunch>
    ProxyPass http://127.0.0.1:8082/files connectiontimeout=2 timeout=4
</Location>
"""
OWN = ("apache-access", "apache-error")


class Apache(Program):
    """`apache2` on port 8082."""

    name = "apache"
    packages = ("apache2-bin", "apache2-utils", "media-types")
    stems = OWN
    version_command = ("/usr/sbin/apache2", "-v")

    def prepare(self) -> None:
        """Write configuration, pages, programs and passwords."""
        self.home = self.box.home("apache", "www-data")
        for i in range(1, 25):
            self.box.write(self.home / f"html/page{i}.html", f"<p>page {i}</p>" * i)
        self.box.write(self.home / "html/index.html", "<p>intranet</p>")
        self.box.write(self.home / "html/staff/list.html", "<p>staff</p>")
        self.box.write(self.home / "html/files/readme.txt", "files")
        (self.home / "cgi").mkdir()
        shutil.copy(APPS / "intranet/holidays.py", self.home / "cgi/holidays.py")
        (self.home / "cgi/holidays.py").chmod(0o755)
        for user in ("erin", "frank"):
            flags = "-bB" if (self.home / "passwords").exists() else "-cbB"
            self.box.must(
                ["htpasswd", flags, self.home / "passwords", user, self.box.password(user)]
            )
        self._configure()

    def start(self) -> None:
        """Start in the foreground."""
        command = ["/usr/sbin/apache2", "-DFOREGROUND", "-f", self._file]
        self.daemon = self.box.spawn(command, output="apache-error")

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        return listening(8082)

    def work(self) -> list[Chore]:
        """Browse, log in, run the CGI program, meet what is missing; reload, look closer."""
        return [
            Chore("page", 1.0, lambda: self._ask(f"/intranet/page{self._number(24)}.html")),
            Chore("missing page", 12, lambda: self._ask(f"/intranet/memo{self._number(99)}.doc")),
            Chore("staff", 3, lambda: self._staff("erin", self.box.password("erin"))),
            Chore("mistyped password", 30, lambda: self._staff("frank", "wrong")),
            Chore("calendar", 5, lambda: self._ask(f"/cgi/holidays.py?year={self._year()}")),
            Chore("board", 45, lambda: self._ask("/intranet/board")),
            Chore("listing", 20, lambda: self._ask("/intranet/files/")),
            Chore("lunch", 9, lambda: self._ask("/intranet/lunch/readme.txt")),
            Chore("reload", 100, lambda: self.signal(signal.SIGUSR1), disruptive=True),
            Chore("look closer", 120, self._look_closer, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Guess, break the CGI program, rules and configuration, exhaust, kill children."""
        return [
            FaultKind("apache-password-guessing", "apache-error", OWN, self._guess),
            FaultKind("apache-cgi-failing", "apache-error", OWN, self._break_cgi),
            FaultKind("apache-bad-access-file", "apache-error", OWN, self._break_rules),
            FaultKind("apache-workers-exhausted", "apache-error", OWN, self._exhaust),
            FaultKind("apache-children-crash", "apache-error", OWN, self._crash_children),
            FaultKind("apache-bad-configuration", "apache-error", OWN, self._misconfigure),
            FaultKind("apache-malformed-requests", "apache-access", OWN, self._malformed),
        ]

    def _number(self, most: int) -> int:
        return self.box.rng.randint(1, most)

    def _year(self) -> int:
        return self.box.rng.choice((2025, 2026, 2026, 2027, 1899))

    def _configure(self, level: str = "info", workers: int = 12, extra: str = "") -> None:
        modules = "".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
            for name in MODULES.split()
        )
        text = CONFIGURATION.format(
            home=self.home, log=ROOT / "log", level=level, workers=workers, threads=min(6, workers)
        )
        self._file = self.box.write(self.home / "apache.conf", modules + text + extra)

    def _ask(self, path: str, **headers: str) -> None:
        port = 80 if "haproxy" in self.box.selected and path.startswith("/intranet") else 8082
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=6)
        try:
            client.request("GET", path, headers={"User-Agent": "office/1.0", **headers})
            client.getresponse().read()
        finally:
            client.close()

    def _staff(self, user: str, password: str) -> None:
        account = b64encode(f"{user}:{password}".encode()).decode()
        self._ask("/intranet/staff/list.html", Authorization=f"Basic {account}")

    def _look_closer(self) -> None:
        self._configure(level="debug")
        self.signal(signal.SIGUSR1)
        self.box.stopping.wait(12)
        self._configure()
        self.signal(signal.SIGUSR1)

    def _guess(self) -> None:
        for _ in range(60):
            user = self.box.rng.choice(("erin", "frank", "admin", "root", "guest", "boss"))
            self.attempt(self._staff, user, f"guess{self._number(999)}")
            self.box.pause(0.1)

    def _break_cgi(self) -> None:
        """Release a CGI program that raises, one that prints no header, one without rights."""
        path = self.home / "cgi/holidays.py"
        good = path.read_text(encoding="utf-8")
        raising = good.replace("year = int(", "year = integer(")
        headless = good.replace("Content-Type", "Content Typ")
        for text, mode in ((raising, 0o755), (headless, 0o755), (good, 0o644)):
            path.write_text(text, encoding="utf-8")
            path.chmod(mode)
            for _ in range(6):
                self.attempt(self._ask, f"/cgi/holidays.py?year={self._year()}")
                self.box.pause(0.5)
        path.chmod(0o755)

    def _break_rules(self) -> None:
        path = self.home / "html/.htaccess"
        for rule in ("RewriteEngin on", "Require grantd", "RewriteRule ^( - [F]"):
            self.box.write(path, f"{rule}\n", "www-data")
            for _ in range(7):
                self.attempt(self._ask, f"/intranet/page{self._number(24)}.html")
                self.box.pause(0.5)
        path.unlink()

    def _exhaust(self) -> None:
        self._configure(workers=4)
        self.restart()
        for _ in range(2):
            held = [self.box.connect(8082) for _ in range(30)]
            for client in held[::2]:
                client.sendall(b"GET / HTTP/1.1\r\n")
            self.box.pause(5)
            for client in held:
                client.close()
        self._configure()
        self.restart()

    def _crash_children(self) -> None:
        for sign in (signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT, signal.SIGBUS):
            strike(self.workers(), sign)
            self.box.pause(2.2)

    def _misconfigure(self) -> None:
        for bad in ("Listn 8083\n", "<Location /x>\n", "LoadModule no_module mod_no.so\n"):
            self._configure(extra=bad)
            self.signal(signal.SIGUSR1)
            self.box.pause(2)
            if not self.alive():
                self.start()
                self.box.pause(1)
        self._configure()
        end(self.daemon)
        self.start()
        self.wait_ready()

    def _malformed(self) -> None:
        flood = (
            b"GET / HTTP/9.9",
            b"\x16\x03\x01\x00\xa5\x01",
            b"BOGUS",
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x",
            b"GET /\x01 HTTP/1.1",
            b"GET /%2e%2e%2f%2e%2e%2fetc/passwd HTTP/1.1\r\nHost: x",
            b"GET / HTTP/1.1\r\nHost: x y",
            b"GET / HTTP/1.1\r\nBad Header",
        )
        for _ in range(90):
            self.box.send(8082, self.box.rng.choice(flood) + b"\r\n\r\n")
            self.box.pause(0.1)
