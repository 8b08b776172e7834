"""Install the schema: numbered migrations once, functions, views and roles whenever they changed.

Functions come before views: a view may use functions, but no view another one, so that each can be
dropped and made anew by itself.

Everything happens in one transaction under a lock: an interrupted run leaves nothing half done,
and of two runs at once the second waits and then finds nothing to do.
"""

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

from sql import objects
from sql.database import Database
from sql.errors import DatabaseError

HERE = Path(__file__).parent


class SchemaError(DatabaseError):
    """The installed schema is not one that these files can bring up to date."""


def checksum(path: Path) -> str:
    """Return the sha256 of the text in `path`, line endings unified."""
    return hashlib.sha256(path.read_text(encoding="utf-8").encode()).hexdigest()


def migrate(database: Database) -> list[str]:
    """Bring the schema up to date; return the names of what was applied, empty when current."""
    with database.transaction():
        database.execute("schema.lock")
        refuse_other_encodings(database)
        applied = ledger(database)
        refuse_foreign_objects(database, applied)
        database.execute("schema.create_ledger")
        database.execute("schema.search_path")
        done = apply_migrations(database, applied)
        forced = bool(done)  # A table that changed may have taken its views with it.
        for folder in ("functions", "views"):
            paths = sorted((HERE / folder).glob("*.sql"))
            done += apply_again(database, applied, paths, forced)
        done += retire(database, applied)
        if database.value("schema.may_grant"):
            # A view made anew has lost its grants.
            granted = apply_again(database, applied, [HERE / "roles.sql"], forced=bool(done))
            if granted:
                hand_over(database)
            done += granted
    return done


def ledger(database: Database) -> dict[str, str]:
    """Return name and checksum of what was applied so far; empty before the first installation."""
    if not database.value("schema.ledger_exists"):
        return {}
    return {row["name"]: row["checksum"] for row in database.rows("schema.applied")}


def refuse_other_encodings(database: Database) -> None:
    """Raise SchemaError unless the database keeps UTF-8: others lack letters that reasons need, or
    (SQL_ASCII) take bytes that are text nowhere, at which every later batch would stop."""
    encoding = database.value("schema.encoding")
    if encoding != "UTF8":
        raise SchemaError(
            f"the database is encoded in {encoding}, expected UTF8; nothing was changed: make "
            "another with `create database NAME encoding 'UTF8' template template0`"
        )


def refuse_foreign_objects(database: Database, applied: Collection[str]) -> None:
    """Raise SchemaError where objects that are not ours stand in the way of what is to be made.

    `applied` is what the ledger has, empty before the first installation.
    """
    ours = {name for names in objects.installed(applied).values() for name in names}
    if not applied:
        ours.clear()
    wanted = sorted(set(objects.names()) - ours)
    names = [row["name"] for row in database.rows("schema.clashing", names=wanted)]
    if names:
        raise SchemaError(
            f"schema {database.schema!r} already has {', '.join(names)}, not made by Logkiln; "
            "nothing was changed: set LOGKILN_SCHEMA to another schema, or rename them"
        )


def migrations() -> list[Path]:
    """Return the migration files in the order of their numbers."""
    return sorted((HERE / "migrations").glob("*.sql"))


def refuse_newer(applied: Iterable[str]) -> None:
    """Raise SchemaError when the ledger has migrations that are not among the files."""
    known = {path.stem for path in migrations()}
    if newer := sorted(name for name in applied if name[0].isdigit() and name not in known):
        raise SchemaError(
            f"the database has migrations {', '.join(newer)} that this checkout lacks: "
            "it was installed by a newer version; update the checkout"
        )


def apply_migrations(database: Database, applied: dict[str, str]) -> list[str]:
    """Run each migration that the ledger lacks; raise SchemaError if one has changed since."""
    refuse_newer(applied)
    done = []
    for path in migrations():
        digest = checksum(path)
        if path.stem not in applied:
            database.run_text(path.read_text(encoding="utf-8"))
            database.execute("schema.record", name=path.stem, checksum=digest)
            done.append(path.stem)
        elif applied[path.stem] != digest:
            raise SchemaError(
                f"migration {path.stem} was changed after it was applied (now {digest[:12]}, "
                f"applied {applied[path.stem][:12]}): restore the file; put changes in a new one"
            )
    return done


def apply_again(
    database: Database, applied: dict[str, str], paths: Iterable[Path], forced: bool
) -> list[str]:
    """Run each re-runnable file that changed since it was last run, or all when `forced`."""
    done = []
    for path in paths:
        name, digest = path.relative_to(HERE).with_suffix("").as_posix(), checksum(path)
        if forced or applied.get(name) != digest:
            database.run_text(path.read_text(encoding="utf-8"))
            database.execute("schema.record", name=name, checksum=digest)
            done.append(name)
    return done


def hand_over(database: Database) -> None:
    """Give what the connected user owns to logkiln_owner, if it may: then its members migrate."""
    if database.value("schema.may_hand_over"):
        for row in database.rows("schema.not_handed_over", names=objects.names()):
            database.execute_on(f"schema.give_{row['kind']}", name=row["name"])


def retire(database: Database, applied: Iterable[str]) -> list[str]:
    """Drop the views and functions that an earlier version had and these files lack."""
    done = []
    for name in sorted(applied, reverse=True):  # Views before the functions that they use.
        folder, _, stem = name.partition("/")
        if folder in ("views", "functions") and not (HERE / f"{name}.sql").exists():
            kind = database.value("schema.kind", name=stem)
            if kind is not None:
                database.execute_on(f"schema.drop_{kind}", name=stem)
            database.execute("schema.forget", name=name)
            done.append(f"without {name}")
    return done
