"""PostgreSQL broken: killed, out of disk, locked up, crowded, corrupted, misconfigured."""

import os
import signal
import time

from training.capture.box import end, kill, strike
from training.capture.program import FaultKind
from training.capture.programs.postgresql import PostgreSqlServer

CLIENTS = ("postgresql", "shop", "gunicorn")


class PostgreSql(PostgreSqlServer):
    """The server of `programs.postgresql` with its faults."""

    def faults(self) -> list[FaultKind]:
        """Kill it, fill its disks, lock its rows, change what its clients rely on."""
        own = ("postgresql",)
        return [
            FaultKind("postgresql-backend-killed", "postgresql", CLIENTS, self._kill_backend),
            FaultKind("postgresql-server-killed", "postgresql", CLIENTS, self._kill_server),
            FaultKind("postgresql-tablespace-full", "postgresql", own, self._fill_archive),
            FaultKind("postgresql-wal-disk-full", "postgresql", CLIENTS, self._fill_wal),
            FaultKind("postgresql-deadlocks", "postgresql", own, self._deadlocks),
            FaultKind("postgresql-lock-timeouts", "postgresql", CLIENTS, self._hold_lock),
            FaultKind("postgresql-too-many-connections", "postgresql", CLIENTS, self._crowd),
            FaultKind("postgresql-bad-configuration", "postgresql", own, self._misconfigure),
            FaultKind("postgresql-wrong-passwords", "postgresql", own, self._guess),
            FaultKind("postgresql-column-renamed", "postgresql", CLIENTS, self._rename),
            FaultKind("postgresql-corrupt-page", "postgresql", CLIENTS, self._corrupt),
            FaultKind("postgresql-terminated-sessions", "postgresql", CLIENTS, self._terminate),
        ]

    def _kill_backend(self) -> None:
        for _ in range(2):
            victim = self._background("select pg_sleep(20)")
            self.box.pause(1)
            pid = self._admin(
                "select pid from pg_stat_activity where query like 'select pg_sleep(20%'"
            )
            if pid.strip():
                strike([int(pid.split()[0])])
            victim.wait(20)
            self.wait_ready()
            self.box.pause(3)

    def _kill_server(self) -> None:
        helpers = self.workers()
        kill(self.daemon)
        strike(helpers)  # they hold the shared memory that a new server refuses to share
        self.box.pause(self.box.rng.uniform(4, 7))
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.start()
        self.wait_ready()

    def _fill_archive(self) -> None:
        filler = self.archive / "filler"
        self.box.run(["dd", "if=/dev/zero", f"of={filler}", "bs=8k"], user="postgres")
        for _ in range(8):
            self._admin(
                "insert into visit (page) select repeat('x', 600) from generate_series(1, 4000)",
                "shop",
            )
            self.box.pause(1.2)
        filler.unlink()
        self._admin("delete from visit where length(page) = 600", "shop")

    def _fill_wal(self) -> None:
        """Leave no room for the next segment: the server panics, and recovers once there is."""
        filler = self.wal / "filler"
        self.box.run(["dd", "if=/dev/zero", f"of={filler}", "bs=64k"], user="postgres")
        for _ in range(12):
            self._admin(
                "select pg_switch_wal(); insert into visit (page) values ('/switch')", "shop"
            )
            self.box.pause(1)
            if self.daemon is None or self.daemon.poll() is not None:
                break
        self.box.pause(2)
        filler.unlink()
        if self.daemon is None or self.daemon.poll() is not None:
            self.start()
        self.wait_ready()

    def _deadlocks(self) -> None:
        for i in range(1, 8):
            update = "update product set stock = stock where id = {}; "
            first = (
                f"begin; {update.format(i)} select pg_sleep(0.4); {update.format(i + 50)} commit"
            )
            second = (
                f"begin; {update.format(i + 50)} select pg_sleep(0.4); {update.format(i)} commit"
            )
            pair = [self._background(first), self._background(second)]
            for client in pair:
                client.wait(15)

    def _hold_lock(self) -> None:
        holder = self._background(
            "begin; lock table product in access exclusive mode; select pg_sleep(11); rollback",
            "postgres",
        )
        for _ in range(3):
            self._psql("shop", "set lock_timeout = '1500ms'; select count(*) from product;")
            self._psql("shop", "set statement_timeout = '900ms'; update product set stock = stock;")
        holder.wait(20)

    def _crowd(self) -> None:
        crowd = [self._background("select pg_sleep(11)") for _ in range(30)]
        for _ in range(9):
            self._analyse("select 1")
            self.box.pause(1)
        for client in crowd:
            client.wait(20)

    def _misconfigure(self) -> None:
        path = self.data / "postgresql.conf"
        good = path.read_text(encoding="utf-8")
        for bad in ("shared_bufers = 64MB\n", "work_mem = 'lots'\n", "max_connections = 2000\n"
                    "autovacuum_naptime = -4\n", "log_line_prefix = unterminated'\n"):  # fmt: skip
            path.write_text(good + bad, encoding="utf-8")
            self.signal(signal.SIGHUP)
            self.box.pause(2.5)
        path.write_text(good, encoding="utf-8")
        self.signal(signal.SIGHUP)

    def _guess(self) -> None:
        end_at = time.monotonic() + self.box.rng.uniform(7, 11)
        while time.monotonic() < end_at:
            user = self.box.rng.choice(("shop", "postgres", "analyst", "root", "admin", "backup"))
            database = self.box.rng.choice(("shop", "postgres", "template1", "prod"))
            self.box.run(["psql", "-X", "-h", "127.0.0.1", "-U", user, database, "-c", "select 1"],
                         env={"PGPASSWORD": f"guess{self.box.rng.randint(0, 999)}"})  # fmt: skip
            self.box.pause(0.15)

    def _rename(self) -> None:
        """Migrate the schema before the program that uses it."""
        self._admin("alter table product rename column price to unit_price", "shop")
        self.box.pause(self.box.rng.uniform(9, 13))
        self._admin("alter table product rename column unit_price to price", "shop")

    def _corrupt(self) -> None:
        """Overwrite a page of a table on disk, read it, and put it back."""
        self._admin("checkpoint", "shop")
        path = self.data / self._admin("select pg_relation_filepath('product')", "shop").strip()
        page = path.read_bytes()[:8192]
        with path.open("r+b") as stream:
            stream.seek(2000)
            stream.write(os.urandom(1000))
        self._restart_cold()
        for _ in range(4):
            self._analyse("select count(*), sum(price) from product")
            self.box.pause(1.5)
        with path.open("r+b") as stream:
            stream.write(page)
        self._restart_cold()

    def _restart_cold(self) -> None:
        self._admin("checkpoint")
        end(self.daemon, signal.SIGQUIT, patience=30)
        self.start()
        self.wait_ready()

    def _terminate(self) -> None:
        """An administrator ends everybody's sessions, again and again."""
        for _ in range(6):
            self._admin(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'"
            )
            self.box.pause(1.5)
