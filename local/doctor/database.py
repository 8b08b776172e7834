"""The server, and what is installed on it."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from local.doctor.checkout import crons_of, hours_between
from local.doctor.finding import Finding, Findings, first_sentence
from sql.database import Database, connect, database_url
from sql.errors import DatabaseError, NotInstalled
from sql.migrate import HERE as SQL
from sql.migrate import checksum, migrations

MOST_SKEW = 5.0
"""Seconds between this machine's clock and the server's."""
OLDEST = 140000
"""The least version of PostgreSQL, as `server_version_num` counts."""
WORKFLOW = Path(__file__).parents[2] / ".github" / "workflows" / "ml_analysis.yml"
"""What starts the batches whose punctuality is looked at."""


def check_database() -> Findings:
    """Look at the server and at what is installed on it."""
    try:
        url = database_url()
    except DatabaseError:
        return  # The environment was found wanting already.
    try:
        database = connect(url, "logkiln doctor")
    except DatabaseError as exc:
        yield Finding("fail", "database", str(exc), "check the server and the address")
        return
    with closing(database):
        for check in CHECKS:
            subject = check.__name__.removeprefix("check_")
            try:
                with database.transaction():
                    found = list(check(database))
            except NotInstalled as exc:
                # The checks that follow would meet the same.
                yield Finding("fail", subject, first_sentence(exc), "python -m sql migrate")
                return
            except DatabaseError as exc:
                found = [Finding("fail", subject, str(exc), "connect as the owner of the schema")]
            yield from found


def check_server(database: Database) -> Findings:
    """Look at version, rights, and clock."""
    before = datetime.now(UTC)
    server = database.row("doctor.server")
    skew = abs((server["now"] - before).total_seconds())
    yield Finding("ok", "database", f"PostgreSQL {server['version']}, schema {database.schema}")
    if server["version_number"] < OLDEST:
        yield Finding(
            "fail",
            "database",
            f"PostgreSQL {server['version']} is too old; expected 14 or newer",
            "upgrade the server: https://www.postgresql.org/docs/current/upgrading.html",
        )
    if server["is_replica"] or server["is_read_only"]:
        yield Finding(
            "fail",
            "database",
            "it only takes reading: a replica, or a role that may not write",
            "set DATABASE_URL_UNPOOLED to the primary, as a role that may write",
        )
    if skew > MOST_SKEW:
        yield Finding(
            "warn",
            "clock",
            f"this machine's clock and the server's are {skew:.0f} s apart",
            "timedatectl set-ntp true",
        )
    else:
        yield Finding("ok", "clock", f"{skew:.1f} s from the server's")


def check_schema(database: Database) -> Findings:
    """Compare what is installed with the files of this checkout."""
    applied = {row["name"]: row["checksum"] for row in database.rows("schema.applied")}
    known = {path.stem: path for path in migrations()}
    newer = sorted(name for name in applied if name[0].isdigit() and name not in known)
    changed = sorted(
        name for name, path in known.items() if applied.get(name, "") not in ("", checksum(path))
    )
    files = [path for folder in ("functions", "views") for path in (SQL / folder).glob("*.sql")]
    wanted = known | {path.relative_to(SQL).with_suffix("").as_posix(): path for path in files}
    behind = sorted(name for name, path in wanted.items() if applied.get(name) != checksum(path))
    if newer:
        yield Finding(
            "fail", "schema", f"made by a newer version ({', '.join(newer)})", "git pull --ff-only"
        )
    elif changed:
        yield Finding(
            "fail",
            "schema",
            f"migrations were changed after they were applied: {', '.join(changed)}",
            "git checkout HEAD -- sql/migrations",
        )
    elif behind:
        shown = ", ".join(behind[:3]) + (" …" if len(behind) > 3 else "")
        yield Finding(
            "fail", "schema", f"{len(behind)} files to apply: {shown}", "python -m sql migrate"
        )
    else:
        yield Finding("ok", "schema", f"up to date, {len(applied)} files")


def check_roles(database: Database) -> Findings:
    """Look for the two roles and what they may do."""
    for role in database.rows("doctor.roles"):
        name = role["name"]
        if not role["is_there"]:
            yield Finding(
                "warn",
                "roles",
                f"{name} is missing",
                "python -m sql migrate, as a role that may create roles",
            )
        elif not role["may_work"]:
            yield Finding(
                "fail", "roles", f"{name} lacks rights on the schema", "python -m sql migrate"
            )
        elif role["may_too_much"]:
            yield Finding(
                "fail",
                "roles",
                f"{name} may write predictions; only the batch must",
                f'psql "$DATABASE_URL" -c "revoke all on ml_predictions from {name}"',
            )
        else:
            yield Finding("ok", "roles", f"{name} may do its work and no more")


def check_freshness(database: Database) -> Findings:
    """Look at the latest batch."""
    row = database.row("doctor.freshness")
    if row["last_batch_finished_at"] is None:
        yield Finding("warn", "freshness", "no batch has finished yet", "python -m scoring")
        return
    ago = f"{row['seconds_since_batch'] / 3600:.1f} hours ago"
    if row["is_late"]:
        late = f"{row['seconds_late'] / 3600:.1f} hours late"
        yield Finding(
            "warn",
            "freshness",
            f"logs wait and the batch for them is {late}; the last finished {ago}",
            "python -m scoring",
        )
    else:
        yield Finding("ok", "freshness", f"the last batch finished {ago}")
    if row["last_error"]:
        yield Finding(
            "warn",
            "freshness",
            f"the latest batch failed: {row['last_error']}",
            "python -m scoring",
        )


def check_logs(database: Database) -> Findings:
    """Look for logs that the view over them gives otherwise than it must."""
    found = database.rows("doctor.unfit_logs")
    for row in found:
        yield Finding(
            "fail",
            "logs",
            f"log_source gives logs {row['fault']}: {row['count_unfit']:,}, as {row['examples']}",
            "correct these rows, or the view: docs/adapters.md",
        )
    if not found:
        yield Finding(
            "ok", "logs", "each that the next batch takes has an id and a time of its own"
        )


def check_schedule(database: Database) -> Findings:
    """Compare when the workflow runs with when batches count as due."""
    due = database.value("doctor.hours_between_batches")
    crons = crons_of(WORKFLOW) if WORKFLOW.is_file() else []
    hours = hours_between(crons[0]) if len(crons) == 1 else None
    if hours is not None and hours != due:
        yield Finding(
            "warn",
            "schedule",
            f"{WORKFLOW.name} runs every {hours} hours, and batches are due every {due:g}: "
            "what is late is told wrongly",
            f'psql "$DATABASE_URL" -c "update ml_schedule set run_every = \'{hours} hours\'"',
        )
    else:
        yield Finding("ok", "schedule", f"batches are due every {due:g} hours")


def check_alerts(database: Database) -> Findings:
    """Look at messages that were not delivered."""
    row = database.row("doctor.alerts")
    if row["count_failing"] or row["count_abandoned"]:
        yield Finding(
            "warn",
            "alerts",
            f"{row['count_failing']} messages wait after failures, {row['count_abandoned']} were "
            f"given up in the last week; the last failure: {row['last_error']}",
            "python -m scoring.alerts test",
        )
    else:
        yield Finding("ok", "alerts", f"{row['count_rules']} rules, no message waits")


CHECKS: tuple[Callable[[Database], Findings], ...] = (
    *(check_server, check_schema, check_roles, check_freshness, check_logs),
    *(check_schedule, check_alerts),
)
