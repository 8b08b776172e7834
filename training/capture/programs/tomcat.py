"""Apache Tomcat with an inventory application in JSP: the Java side of the capture."""

import http.client
import shutil
from pathlib import Path
from urllib.parse import quote

from training.capture.box import APPS, ROOT, listening
from training.capture.program import Chore, FaultKind, Program

SOURCE = APPS / "inventory"
SERVER = """\
<Server port="-1">
  <Listener className="org.apache.catalina.startup.VersionLoggerListener"/>
  <Listener className="org.apache.catalina.core.JreMemoryLeakPreventionListener"/>
  <Listener className="org.apache.catalina.core.ThreadLocalLeakPreventionListener"/>
  <Service name="Catalina">
    <Connector port="8081" address="127.0.0.1" protocol="HTTP/1.1" maxThreads="8"
      minSpareThreads="2" acceptCount="10" connectionTimeout="5000"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="true" unpackWARs="true">
        <Valve className="org.apache.catalina.valves.AccessLogValve" directory="{log}"
          prefix="tomcat-access" suffix=".log" rotatable="false" buffered="false"
          pattern="%h %l %u %t &quot;%r&quot; %s %b %D"/>
      </Host>
    </Engine>
  </Service>
</Server>
"""
CONTEXT = """\
<Context reloadable="true">
  <Resource name="jdbc/shop" auth="Container" type="javax.sql.DataSource" maxTotal="4"
    maxWaitMillis="1500" testOnBorrow="true" validationQuery="select 1"
    driverClassName="org.postgresql.Driver" url="jdbc:postgresql://127.0.0.1:5432/shop"
    username="shop" password="{password}"/>
</Context>
"""
LOGGING = """\
handlers = org.apache.juli.FileHandler
.handlers = org.apache.juli.FileHandler
org.apache.juli.FileHandler.level = ALL
org.apache.juli.FileHandler.directory = {log}
org.apache.juli.FileHandler.prefix = tomcat
org.apache.juli.FileHandler.suffix = .log
org.apache.juli.FileHandler.rotatable = false
org.apache.juli.FileHandler.bufferSize = -1
org.apache.juli.FileHandler.formatter = org.apache.juli.OneLineFormatter
.level = INFO
inventory.level = ALL
org.apache.catalina.session.level = FINE
org.apache.catalina.startup.level = FINE
org.apache.jasper.level = FINE
"""
OWN = ("tomcat", "tomcat-access")


class Tomcat(Program):
    """Tomcat on port 8081; its pool reads the shop's database."""

    name = "tomcat"
    packages = ("tomcat10", "libpostgresql-jdbc-java", "openjdk-17-jre-headless")
    stems = OWN
    version_command = ("/usr/share/tomcat10/bin/version.sh",)
    needs = ("postgresql",)
    patience = 90

    def prepare(self) -> None:
        """Lay out the instance."""
        self.home = self.box.home("tomcat", "tomcat")
        for name in ("conf", "webapps/inventory", "work", "temp", "lib", "logs"):
            (self.home / name).mkdir(parents=True)
        for name in ("web.xml", "catalina.properties"):
            shutil.copy(f"/etc/tomcat10/{name}", self.home / "conf" / name)
        driver = Path("/usr/share/java/postgresql.jar").resolve()
        (self.home / "lib/postgresql.jar").symlink_to(driver)
        log = ROOT / "log"
        self.box.write(self.home / "conf/server.xml", SERVER.format(log=log))
        self.box.write(self.home / "conf/logging.properties", LOGGING.format(log=log))
        context = CONTEXT.format(password=self.box.password("shop"))
        self.box.write(self.home / "conf/context.xml", context, "tomcat", 0o600)
        for page in SOURCE.glob("*.jsp"):
            shutil.copy(page, self.home / "webapps/inventory" / page.name)
        self.box.must(["chown", "-R", "tomcat:", self.home])

    def start(self) -> None:
        """Start in the foreground with a small heap."""
        self.daemon = self.box.spawn(
            ["/usr/share/tomcat10/bin/catalina.sh", "run"],
            user="tomcat",
            env={"CATALINA_BASE": str(self.home), "CATALINA_HOME": "/usr/share/tomcat10",
                 "CATALINA_OPTS": "-Xmx96m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
                 "-Duser.language=en"},
        )  # fmt: skip

    def ready(self) -> bool:
        """Tell whether the application answers."""
        if not listening(8081):
            return False
        try:
            return self._ask("/inventory/") == 200
        except (OSError, http.client.HTTPException):
            return False

    def work(self) -> list[Chore]:
        """Look stock up, import notes, forecast, deploy another application."""
        return [
            Chore("stock", 0.7, self._stock),
            Chore("import", 4, self._import),
            Chore("forecast", 8, self._forecast),
            Chore("missing page", 20, lambda: self._ask("/inventory/none.jsp")),
            Chore("missing product", 15, lambda: self._ask("/inventory/stock.jsp?product=9999")),
            Chore("bad number", 60, lambda: self._ask("/inventory/stock.jsp?product=12a")),
            Chore("deploy", 120, self._deploy, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Exhaust heap, threads and pool; break pages; kill it."""
        both = (*OWN, "haproxy")
        return [
            FaultKind("tomcat-heap-exhausted", "tomcat", both, self._exhaust_heap),
            FaultKind("tomcat-threads-exhausted", "tomcat-access", both, self._exhaust_threads),
            FaultKind("tomcat-faulty-page", "tomcat", both, self._break_page),
            FaultKind("tomcat-bad-input", "tomcat", both, self._bad_input),
            FaultKind("tomcat-killed", "tomcat", both, lambda: self.crash(4, 7)),
            FaultKind("tomcat-malformed-requests", "tomcat", both, self._malformed),
            FaultKind("tomcat-broken-deployment", "tomcat", OWN, self._deploy_rubbish),
        ]

    def _ask(self, path: str, timeout: float = 6) -> int:
        port = 80 if "haproxy" in self.box.selected and self.box.rng.random() < 0.5 else 8081
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            answer.read()
            return answer.status
        finally:
            client.close()

    def _stock(self) -> None:
        self._ask(f"/inventory/stock.jsp?product={self.box.rng.randint(1, 300)}")

    def _import(self) -> None:
        rows = [f"{self.box.rng.randint(1, 300)};{self.box.rng.randint(0, 50)}" for _ in range(4)]
        if self.box.rng.random() < 0.2:
            rows.append("17;")
        self._ask("/inventory/import.jsp?note=" + quote(",".join(rows)))

    def _forecast(self) -> None:
        self._ask(f"/inventory/forecast.jsp?days={self.box.rng.choice((7, 14, 30, 70))}")

    def _deploy(self) -> None:
        """Deploy a small application and undeploy it again."""
        app = self.home / "webapps/notes"
        self.box.write(app / "index.html", "<p>notes</p>", "tomcat")
        self.box.stopping.wait(13)
        shutil.rmtree(app)

    def _exhaust_heap(self) -> None:
        for _ in range(5):
            for days in (400, 700, 2000):
                self.attempt(self._ask, f"/inventory/forecast.jsp?days={days}", 10)
            self.box.pause(0.8)

    def _exhaust_threads(self) -> None:
        slow = [
            self.box.spawn(["/usr/bin/python3", "-c", "import urllib.request as r; r.urlopen("
                            "'http://127.0.0.1:8081/inventory/forecast.jsp?days=1&ms=9000')"])
            for _ in range(14)
        ]  # fmt: skip
        for client in slow:
            client.wait(40)

    def _break_page(self) -> None:
        """Deploy a page that does not compile, then one that fails at run time."""
        page = self.home / "webapps/inventory/stock.jsp"
        good = page.read_text(encoding="utf-8")
        for old, new in (("int product =", "int produkt ="), ("rows.getInt(1)", "rows.getInt(9)")):
            page.write_text(good.replace(old, new), encoding="utf-8")
            for _ in range(6):
                self.attempt(self._stock)
                self.box.pause(1)
        page.write_text(good, encoding="utf-8")
        self.attempt(self._stock)

    def _bad_input(self) -> None:
        pages = [
            "stock.jsp?product=",
            "stock.jsp?product=7x",
            "stock.jsp",
            "import.jsp?note=3%3B-9",
            "import.jsp",
            "import.jsp?note=1%3Bx",
            "forecast.jsp?days=-1&ms=-5",
            "forecast.jsp",
        ]
        for _ in range(45):
            self.attempt(self._ask, f"/inventory/{self.box.rng.choice(pages)}")
            self.box.pause(0.2)

    def _malformed(self) -> None:
        flood = (b"GET /a|b HTTP/1.1\r\nHost: x\r\n\r\n", b"G\x00T / HTTP/1.1\r\n\r\n",
                 b"\x16\x03\x01\x00\xa5\x01\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
                 b"GET /%2e%2e%2fx HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/7\r\n\r\n",
                 b"GET /" + b"y" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")  # fmt: skip
        for _ in range(70):
            self.box.send(8081, self.box.rng.choice(flood))
            self.box.pause(0.12)

    def _deploy_rubbish(self) -> None:
        war = self.box.write(self.home / "webapps/returns.war", "not an archive", "tomcat")
        bad = self.home / "webapps/audit/WEB-INF/web.xml"
        self.box.write(bad, "<web-app><listener><listener-class>no.Such</listener-class>"
                       "</listener></web-app>", "tomcat")  # fmt: skip
        self.box.pause(14)
        war.unlink()
        shutil.rmtree(bad.parent.parent)
        self.box.pause(11)
