"""Odoo as a server that answers, on a port of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import psutil

from harness import odoo_process, project
from harness.postgres import command_line, name, stop_postgres
from harness.project import Failure, free_port


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
        return str(project.CONF) in command_line(self.pid)

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
        (project.RUN / f"{self.port}.json").unlink(missing_ok=True)


def find_running():
    """The servers that were started from here, whoever did."""
    found = [
        Server(**json.loads(path.read_text())) for path in project.RUN.glob("*.json")
    ]
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
    for folder in (project.LOGS, project.RUN):
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
    log = project.LOGS / f"server-{db}-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            odoo_process.odoo_command(*map(str, options)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=project.ROOT,
            start_new_session=True,
        )
    server = Server(db, port, process.pid, str(log))
    facts = {"db": db, "port": port, "pid": process.pid, "log": str(log)}
    (project.RUN / f"{port}.json").write_text(json.dumps(facts))
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
    for server in find_running():
        print(f"stopping Odoo on port {server.port}")
        server.stop()
    stop_postgres()
