"""MariaDB, with a ledger of stock movements."""

import signal
from pathlib import Path

from training.capture.box import Daemon, end
from training.capture.program import Chore, FaultKind, Program
from training.capture.sandbox import mount_small

CONFIGURATION = """\
[mariadbd]
user = mysql
bind-address = 127.0.0.1
port = 3306
skip-name-resolve
datadir = {data}
socket = /run/mysqld/mysqld.sock
pid-file = {home}/mariadbd.pid
log-warnings = 9
log-bin = movements
binlog-format = STATEMENT
sync-binlog = 0
expire-logs-days = 1
max-binlog-size = 1M
innodb-print-all-deadlocks = ON
innodb-lock-wait-timeout = 3
innodb-log-file-size = 8M
innodb-buffer-pool-size = 24M
max-connections = 12
connect-timeout = 3
wait-timeout = 20
"""
SCHEMA = """\
create database warehouse; use warehouse;
create table movement (id int auto_increment primary key, item int, pieces int, at timestamp
  default now(), key (item)) engine=InnoDB;
create table item (id int primary key, pieces int, label varchar(20)) engine=InnoDB;
create table old_count (id int primary key, pieces int) engine=MyISAM;
insert into item select seq, 1000, concat('item ', seq) from seq_1_to_200;
insert into old_count select seq, 1 from seq_1_to_2000;
grant all on warehouse.* to clerk@'127.0.0.1' identified by '{password}';
"""
OWN = ("mariadb",)


class MariaDb(Program):
    """`mariadbd` on port 3306 with a small disk of its own."""

    name = "mariadb"
    packages = ("mariadb-server", "mariadb-client")
    stems = OWN
    version_command = ("mariadbd", "--version")

    def prepare(self) -> None:
        """Make the data folder."""
        self.home = self.box.home("mariadb", "mysql")
        self.data = self.home / "data"
        mount_small(self.data, 128, "mysql")
        Path("/run/mysqld").mkdir(mode=0o777)
        Path("/run/mysqld").chmod(0o777)
        self._good = CONFIGURATION.format(home=self.home, data=self.data)
        self._file = self.box.write(self.home / "my.cnf", self._good)
        self.box.must(
            ["mariadb-install-db", f"--defaults-file={self._file}", "--user=mysql",
             "--auth-root-authentication-method=socket", "--skip-test-db"]
        )  # fmt: skip

    def start(self) -> None:
        """Start in the foreground, logging to standard error."""
        command = ["/usr/sbin/mariadbd", f"--defaults-file={self._file}"]
        self.daemon = self.box.spawn(command, user="mysql", output="mariadb")

    def ready(self) -> bool:
        """Tell whether it accepts statements."""
        return not self.box.run(["mariadb", "-u", "root", "-e", "select 1"]).returncode

    def populate(self) -> None:
        """Make the tables and the clerk's account."""
        schema = SCHEMA.format(password=self.box.password("clerk"))
        self.box.must(["mariadb", "-u", "root"], text=schema)

    def work(self) -> list[Chore]:
        """Book movements, some in ways that the server warns about, and keep house."""
        return [
            Chore("movement", 1.5, self._move),
            Chore(
                "count", 5, lambda: self._clerk("select item, sum(pieces) from movement group by 1")
            ),
            Chore("unsafe statement", 12, self._unsafe),
            Chore("mistake", 25, lambda: self._clerk("select nosuch from item", "-f")),
            Chore("check", 45, lambda: self._root("check table warehouse.old_count; flush logs")),
            Chore("abandoned connection", 20, self._abandon),
            Chore("purge", 60, lambda: self._root("flush binary logs; flush tables; flush status")),
            Chore("mistyped password", 50, lambda: self._login("clerk", "wrong")),
            Chore("restart", 260, self.restart, disruptive=True),
        ]

    def faults(self) -> list[FaultKind]:
        """Kill it, fill its disk, lock rows crosswise, crowd it, corrupt a table."""
        return [
            FaultKind("mariadb-killed", "mariadb", OWN, lambda: self.crash(3, 6)),
            FaultKind("mariadb-disk-full", "mariadb", OWN, self._fill_disk),
            FaultKind("mariadb-deadlocks", "mariadb", OWN, self._deadlocks),
            FaultKind("mariadb-too-many-connections", "mariadb", OWN, self._crowd),
            FaultKind("mariadb-password-guessing", "mariadb", OWN, self._guess),
            FaultKind("mariadb-table-crashed", "mariadb", OWN, self._damage),
            FaultKind("mariadb-bad-configuration", "mariadb", OWN, self._misconfigure),
        ]

    def _root(self, sql: str) -> None:
        self.box.run(["mariadb", "-u", "root", "-f", "-e", sql])

    def _login(self, user: str, password: str, sql: str = "select 1", *flags: str) -> None:
        self.box.run(
            ["mariadb", "-h", "127.0.0.1", "-u", user, *flags, "warehouse", "-e", sql],
            env={"MYSQL_PWD": password},
        )

    def _clerk(self, sql: str, *flags: str) -> None:
        self._login("clerk", self.box.password("clerk"), sql, *flags)

    def _background(self, sql: str) -> Daemon:
        return self.box.spawn(
            ["mariadb", "-h", "127.0.0.1", "-u", "clerk", "warehouse", "-e", sql],
            env={"MYSQL_PWD": self.box.password("clerk")},
        )

    def _move(self) -> None:
        item, pieces = self.box.rng.randint(1, 200), self.box.rng.randint(-20, 20)
        self._clerk(
            f"start transaction; insert into movement (item, pieces) values ({item}, {pieces});"
            f" update item set pieces = pieces + {pieces} where id = {item}; commit"
        )

    def _unsafe(self) -> None:
        self._clerk(
            self.box.rng.choice(
                ("update item set pieces = pieces limit 3",
                 "insert into movement (item, pieces) select id, 1 from item limit 2",
                 "delete from movement where pieces = 0 limit 5",
                 "update item set label = uuid() where id = 3")
            )
        )  # fmt: skip

    def _abandon(self) -> None:
        client = self._background("select sleep(8)")
        self.box.stopping.wait(0.5)
        end(client, signal.SIGKILL)

    def _fill_disk(self) -> None:
        filler = self.data / "core.1"
        self.box.run(["dd", "if=/dev/zero", f"of={filler}", "bs=16k"], user="mysql")
        for _ in range(5):
            self._background(
                "insert into movement (item, pieces) select seq, 1 from seq_1_to_90000;"
                "insert into old_count select seq + 10000, 1 from seq_1_to_400000"
            )
            self.box.pause(2)
        filler.unlink()
        if not self.alive():  # it may give up when it cannot write its logs
            self.start()
        self.wait_ready()
        self._root(
            "delete from warehouse.old_count where id > 2000; purge binary logs before now()"
        )

    def _deadlocks(self) -> None:
        for i in range(1, 7):
            crosswise = ((i, i + 50), (i + 50, i))
            pair = [
                self._background(
                    f"start transaction; update item set pieces = 1 where id = {first};"
                    f" select sleep(0.4); update item set pieces = 2 where id = {second}; commit"
                )
                for first, second in crosswise
            ]
            for client in pair:
                client.wait(20)

    def _crowd(self) -> None:
        crowd = [self._background("select sleep(9)") for _ in range(20)]
        for _ in range(8):
            self.attempt(self._move)
            self.box.pause(1)
        for client in crowd[::2]:
            end(client, signal.SIGKILL)
        for client in crowd:
            client.wait(20)

    def _guess(self) -> None:
        for _ in range(35):
            user = self.box.rng.choice(("root", "admin", "clerk", "wordpress", "backup", ""))
            self.attempt(self._login, user, f"guess{self.box.rng.randint(0, 999)}")
            self.box.pause(0.2)

    def _damage(self) -> None:
        """Truncate a MyISAM index, use the table, and let it be repaired."""
        self._root("flush tables")
        index = self.data / "warehouse/old_count.MYI"
        with index.open("r+b") as stream:
            stream.truncate(900)
        for _ in range(4):
            self._root("flush tables; select count(*) from warehouse.old_count where id > 5")
            self._root("check table warehouse.old_count")
            self.box.pause(1.5)
        self._root("repair table warehouse.old_count use_frm")

    def _misconfigure(self) -> None:
        self.stop()
        for line in ("innodb-bufer-pool-size = 1G", "port = 22", "datadir = /srv/nowhere",
                     "innodb-log-file-size = much"):  # fmt: skip
            self._file.write_text(f"{self._good}{line}\n", encoding="utf-8")
            self.start()
            self.box.pause(2.5)
            end(self.daemon)
        self._file.write_text(self._good, encoding="utf-8")
        self.start()
        self.wait_ready()
