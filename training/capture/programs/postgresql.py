"""PostgreSQL, the shop's database."""

import os
import signal
import time
from pathlib import Path

from training.capture.box import Daemon, children, end, kill
from training.capture.program import Chore, FaultKind, Program
from training.capture.sandbox import mount_small

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = 5432
max_connections = 24
superuser_reserved_connections = 3
unix_socket_directories = '/run/postgresql'
shared_buffers = 32MB
work_mem = 256kB
log_destination = 'stderr'
logging_collector = off
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_min_messages = info
log_connections = on
log_disconnections = on
log_lock_waits = on
deadlock_timeout = 600ms
log_min_duration_statement = 60ms
log_statement = 'ddl'
log_transaction_sample_rate = 0.03
log_temp_files = 0
log_checkpoints = on
log_autovacuum_min_duration = 0
autovacuum_naptime = 15s
checkpoint_timeout = 45s
max_wal_size = 80MB
min_wal_size = 64MB
restart_after_crash = on
"""
SCHEMA = """\
create table customer (id serial primary key, email text unique, credit numeric default 100);
create table product (id serial primary key, name text, price numeric check (price > 0),
  stock int check (stock >= 0));
create table orders (id bigserial primary key, customer_id int references customer,
  total numeric, state text default 'new', placed_at timestamptz default now());
create table order_line (order_id bigint references orders, product_id int references product,
  quantity int, primary key (order_id, product_id));
create table visit (id bigserial, page text, at timestamptz default now());
insert into customer (email) select 'c' || i || '@example.org' from generate_series(1, 400) i;
insert into product (name, price, stock)
  select 'product ' || i, 1 + i % 90, 200000 from generate_series(1, 300) i;
insert into visit (page) select '/products/' || i % 300 from generate_series(1, 20000) i;
alter table visit set tablespace archive;
grant all on all tables in schema public to shop;
grant all on all sequences in schema public to shop;
"""
REPORTS = (
    "select page, count(*), min(at) from visit group by page order by 2 desc",
    "select a.page from visit a join visit b using (page) order by a.at, b.id limit 5000",
    "select c.email, sum(o.total) from customer c join orders o on o.customer_id = c.id"
    " group by 1 order by 2 desc limit 20",
    "select pg_sleep(0.2), count(*) from orders where state = 'new'",
    "explain analyze select * from visit order by page, at desc",
)
# What a person at a prompt gets wrong on an ordinary day.
MISTAKES = (
    "select * form orders",
    "select emial from customer limit 3",
    "insert into product (name, price, stock) values ('gift', 0, 1)",
    "insert into customer (email) values ('c1@example.org')",
    "select 1 / 0",
    "select count(*) from order_lines",
    "select '12x'::int",
    "vacuum full nosuch",
)
CLIENTS = ("postgresql", "shop", "gunicorn")
BINARIES = "/usr/lib/postgresql/15/bin"


class PostgreSql(Program):
    """The `postgres` server on port 5432, with an archive tablespace on a small disk."""

    name = "postgresql"
    packages = ("postgresql-15", "postgresql-client-15")
    stems = ("postgresql",)
    version_command = (f"{BINARIES}/postgres", "--version")

    def prepare(self) -> None:
        """Make the cluster."""
        self.home = self.box.home("postgresql", "postgres", 0o750)
        self.data = self.home / "main"
        self.archive = self.home / "archive"
        self.wal = self.home / "wal"
        mount_small(self.archive, 24, "postgres")
        mount_small(self.wal, 176, "postgres")
        Path("/run/postgresql").mkdir(mode=0o777)
        Path("/run/postgresql").chmod(0o777)
        secret = self.box.write(self.home / "first", self.box.password("postgres"), "postgres")
        places = ["-D", self.data, "-X", self.wal / "pg_wal", "--locale=C.UTF-8"]
        rights = ["-A", "scram-sha-256", "--pwfile", secret, "--data-checksums"]
        self.box.must([f"{BINARIES}/initdb", *places, *rights], user="postgres")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as stream:
            stream.write(CONFIGURATION)

    def start(self) -> None:
        """Start in the foreground, logging to standard error."""
        command = [f"{BINARIES}/postgres", "-D", self.data]
        self.daemon = self.box.spawn(command, user="postgres", output="postgresql")

    def ready(self) -> bool:
        """Tell whether it accepts connections."""
        return not self.box.run([f"{BINARIES}/pg_isready", "-q", "-h", "127.0.0.1"]).returncode

    def stop(self) -> None:
        """Stop with a fast shutdown."""
        end(self.daemon, signal.SIGINT, patience=30)

    def populate(self) -> None:
        """Make the role, the tablespace and the tables."""
        self._admin(
            "set log_statement = none;"  # or the passwords would be in the log
            f" create role shop login password '{self.box.password('shop')}';"
            " create role analyst login connection limit 6 password"
            f" '{self.box.password('analyst')}'"
        )
        self._admin(f"create tablespace archive location '{self.archive}'")
        self._admin("create database shop owner shop")
        self._admin(SCHEMA, database="shop")
        self._admin("grant pg_read_all_data to analyst")

    def work(self) -> list[Chore]:
        """Report, vacuum, dump, mistype, reload, look closer for a while, restart."""
        return [
            Chore("report", 4, lambda: self._analyse(self.box.rng.choice(REPORTS))),
            Chore("mistake", 25, lambda: self._analyse(self.box.rng.choice(MISTAKES))),
            Chore("archive visits", 8, self._visits),
            Chore("vacuum", 50, self._vacuum),
            Chore("index", 90, lambda: self._admin("reindex table visit", "shop")),
            Chore("dump", 110, self._dump),
            Chore("temporary table", 30, self._temporary),
            Chore("reload", 80, self._reload),
            Chore("debugging", 140, self._debug),
        ]

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

    def _psql(self, user: str, sql: str, database: str = "shop", timeout: float = 30) -> str:
        done = self.box.run(
            ["psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-U", user, database],
            text=sql,
            timeout=timeout,
            env={"PGPASSWORD": self.box.password(user)},
        )
        return done.stdout

    def _admin(self, sql: str, database: str = "postgres") -> str:
        return self._psql("postgres", sql + ";\n", database)

    def _analyse(self, sql: str) -> None:
        self._psql("analyst", sql + ";\n")

    def _background(self, sql: str, user: str = "shop") -> Daemon:
        return self.box.spawn(
            ["psql", "-X", "-q", "-h", "127.0.0.1", "-U", user, "shop", "-c", sql],
            env={"PGPASSWORD": self.box.password(user)},
        )

    def _visits(self) -> None:
        count = self.box.rng.randint(50, 400)
        self._admin(
            f"insert into visit (page) select '/products/' || i from generate_series(1, {count}) i;"
            f" delete from visit where id < (select max(id) from visit) - 20000",
            "shop",
        )

    def _vacuum(self) -> None:
        table = self.box.rng.choice(("visit", "product", "orders", "order_line", "pg_class"))
        self._admin(f"vacuum (verbose, analyze) {table}", "shop")

    def _dump(self) -> None:
        self.box.run(
            ["pg_dump", "-h", "127.0.0.1", "-U", "postgres", "-f", "/dev/null", "shop"],
            env={"PGPASSWORD": self.box.password("postgres")},
        )

    def _temporary(self) -> None:
        self._psql(
            "shop",
            "create temp table basket as select * from product;"
            " create index on basket (price); drop table if exists old_basket; drop table basket;",
        )

    def _reload(self) -> None:
        naptime = self.box.rng.choice((12, 15, 20))
        self._admin(f"alter system set autovacuum_naptime = '{naptime}s'")
        self._admin("select pg_reload_conf()")

    def _debug(self) -> None:
        self._admin("alter system set log_min_messages = 'debug1'")
        self._admin("alter system set log_statement = 'mod'")
        self._admin("select pg_reload_conf()")
        self.box.stopping.wait(20)
        self._admin("alter system reset log_min_messages")
        self._admin("alter system reset log_statement")
        self._admin("select pg_reload_conf()")

    def _kill_backend(self) -> None:
        for _ in range(2):
            victim = self._background("select pg_sleep(20)")
            self.box.pause(1)
            pid = self._admin(
                "select pid from pg_stat_activity where query like 'select pg_sleep(20%'"
            )
            if pid.strip():
                os.kill(int(pid.split()[0]), signal.SIGKILL)
            victim.wait(20)
            self.wait_ready()
            self.box.pause(3)

    def _kill_server(self) -> None:
        helpers = children(self.daemon.pid) if self.daemon else []
        kill(self.daemon)
        for pid in helpers:  # they hold the shared memory that a new server refuses to share
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
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
