"""PostgreSQL, the shop's database."""

import signal
from pathlib import Path

from training.capture.box import Daemon, end
from training.capture.program import Chore, Program
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
BINARIES = "/usr/lib/postgresql/15/bin"


class PostgreSqlServer(Program):
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
