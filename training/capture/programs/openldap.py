"""OpenLDAP, the directory of people, logging through syslog."""

import os

from training.capture.program import Chore, FaultKind, Program

CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {home}/slapd.pid
argsfile {home}/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
loglevel {level}
sizelimit 60
idletimeout 20
database mdb
maxsize {size}
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
rootpw {password}
directory {data}
index objectClass,uid eq
access to attrs=userPassword by self write by anonymous auth by * none
access to * by users read by anonymous auth
"""
OWN = ("slapd",)
BASE = "dc=example,dc=org"
ADMIN = f"cn=admin,{BASE}"


class OpenLdap(Program):
    """`slapd` on port 389."""

    name = "openldap"
    packages = ("slapd", "ldap-utils")
    stems = OWN
    version_command = ("dpkg-query", "-W", "slapd")
    needs = ("rsyslog",)

    def prepare(self) -> None:
        """Write configuration and people."""
        self.home = self.box.home("slapd", "openldap")
        (self.home / "data").mkdir()
        self._configure()
        people = "".join(self._person(f"user{i}") for i in range(1, 161))
        tree = (
            f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\n"
            f"o: Example\n\ndn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people\n\n"
        )
        file = self.home / "slapd.conf"
        self.box.must(["slapadd", "-q", "-f", file], text=tree + people)
        self.box.must(["chown", "-R", "openldap:", self.home])

    def start(self) -> None:
        """Start in the foreground."""
        self.daemon = self.box.spawn(
            ["/usr/sbin/slapd", "-d", "0", "-h", "ldap://127.0.0.1:389", "-u", "openldap",
             "-g", "openldap", "-f", self.home / "slapd.conf"]
        )  # fmt: skip

    def ready(self) -> bool:
        """Tell whether it answers."""
        return self._client("ldapwhoami", "-x") == 0

    def work(self) -> list[Chore]:
        """Bind, search, change people, restart at other log levels."""
        return [
            Chore("login", 2, self._login),
            Chore("search", 2.5, self._search),
            Chore("mistyped password", 40, lambda: self._bind("user3", "wrong")),
            Chore("change", 9, self._change),
            Chore("unindexed search", 20, lambda: self._find("(telephoneNumber=44)")),
            Chore("everybody", 45, lambda: self._find("(objectClass=*)")),
            Chore("other level", 150, self._other_level, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Guess passwords, fill the database, garble, flood, kill."""
        return [
            FaultKind("ldap-password-guessing", "slapd", OWN, self._guess),
            FaultKind("ldap-database-full", "slapd", OWN, self._fill),
            FaultKind("ldap-garbled-protocol", "slapd", OWN, self._garble),
            FaultKind("ldap-killed", "slapd", OWN, lambda: self.crash(3, 6)),
            FaultKind("ldap-schema-violations", "slapd", OWN, self._violate),
            FaultKind("ldap-harvesting", "slapd", OWN, self._harvest),
        ]

    def _configure(self, level: str = "stats", size: int = 8_000_000) -> None:
        text = CONFIGURATION.format(
            home=self.home, level=level, size=size, password=self.box.password("ldap"),
            data=self.home / "data",
        )  # fmt: skip
        self.box.write(self.home / "slapd.conf", text, "openldap", 0o600)

    def _person(self, uid: str) -> str:
        return (
            f"dn: uid={uid},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\n"
            f"cn: {uid}\nsn: {uid}\nmail: {uid}@example.org\n"
            f"userPassword: {self.box.password('people')}\n\n"
        )

    def _client(self, *words: object, text: str = "") -> int:
        return self.box.run([words[0], "-H", "ldap://127.0.0.1", *words[1:]], text=text).returncode

    def _as(self, dn: str, password: str) -> list[str]:
        return ["-x", "-D", dn, "-w", password]

    def _bind(self, user: str, password: str) -> None:
        self._client("ldapwhoami", *self._as(f"uid={user},ou=people,{BASE}", password))

    def _login(self) -> None:
        self._bind(f"user{self.box.rng.randint(1, 160)}", self.box.password("people"))

    def _find(self, query: str, *wanted: str) -> None:
        account = self._as(ADMIN, self.box.password("ldap"))
        self._client("ldapsearch", "-LLL", *account, "-b", BASE, query, *wanted)

    def _search(self) -> None:
        number = self.box.rng.randint(1, 190)
        query = self.box.rng.choice(("(uid=user{})", "(mail=user{}@example.org)", "(sn=user{}*)"))
        self._find(query.format(number), "cn", "mail")

    def _change(self) -> None:
        number = self.box.rng.randint(1, 160)
        text = (
            f"dn: uid=user{number},ou=people,{BASE}\nchangetype: modify\n"
            f"replace: telephoneNumber\ntelephoneNumber: {self.box.rng.randint(10, 99)}\n"
        )
        self._modify(text)

    def _modify(self, text: str) -> int:
        return self._client("ldapmodify", *self._as(ADMIN, self.box.password("ldap")), text=text)

    def _other_level(self) -> None:
        self._configure(level=self.box.rng.choice(("stats trace", "stats filter", "stats conns")))
        self.restart()
        self.box.stopping.wait(5)
        self._configure()
        self.restart()

    def _guess(self) -> None:
        for _ in range(50):
            user = self.box.rng.choice(("user1", "user2", "admin", "root", "ceo", "user150"))
            self._bind(user, f"guess{self.box.rng.randint(0, 999)}")
            self.box.pause(0.15)

    def _fill(self) -> None:
        """Leave the database no room to grow, and add people until it is full."""
        self._configure(size=300_000)
        self.restart()
        for i in range(12):
            people = [f"temp{i}x{j}" for j in range(40)]
            self._client(
                "ldapadd", "-c", *self._as(ADMIN, self.box.password("ldap")),
                text="".join(self._person(uid) for uid in people),
            )  # fmt: skip
            self.box.pause(0.5)
        self._configure()
        self.restart()

    def _garble(self) -> None:
        rubbish = (
            b"GET / HTTP/1.1\r\n\r\n",
            b"0\x0c\x02\x01\x01`\x07\x02\x01\x09\x04\x00\x80\x00",
            b"0\x84\xff\xff\xff\xff",
            os.urandom(30),
            b"0\x05\x02\x01\x01\x42\x00",
        )
        for _ in range(70):
            self.box.send(389, self.box.rng.choice(rubbish), patience=0.3)
            self.box.pause(0.1)

    def _violate(self) -> None:
        for i in range(25):
            dn = f"dn: uid=odd{i},ou=people,{BASE}\n"
            self._modify(f"{dn}changetype: add\nobjectClass: inetOrgPerson\nuid: odd{i}\n")
            self._modify(f"{dn}changetype: add\nobjectClass: nosuchClass\nuid: odd{i}\n")
            self._modify(f"{dn}changetype: delete\n")
            self.box.pause(0.3)

    def _harvest(self) -> None:
        """Read the whole directory letter by letter, against the size limit."""
        user = f"uid=user7,ou=people,{BASE}"
        account = self._as(user, self.box.password("people"))
        for i in range(60):
            query = f"(|(uid=*{i % 10}*)(cn=*{i}*))"
            self._client("ldapsearch", "-LLL", *account, "-b", BASE, query, "mail")
            self.box.pause(0.12)
