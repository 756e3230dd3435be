"""Databases and servers of the development environment that ``dev/setup.py`` made.

Run by the virtual environment's Python, from the root of the project::

    .dev/venv/bin/python -m harness db NAME [--demo] [--install]
    .dev/venv/bin/python -m harness name NAME
    .dev/venv/bin/python -m harness start NAME [--update] [--workers N] [--smtp-port P]
    .dev/venv/bin/python -m harness configure | status | stop

Tests that need a server of their own use the same functions::

    from harness import databases, servers

    databases.database("outside", install=True)
    with servers.serve("outside", workers=2, smtp_port=2525) as server:
        requests.get(server.url)
"""

import argparse
import os
import sys

from harness import odoo_process, project
from harness.databases import database
from harness.postgres import exists, name, shared_host
from harness.project import Failure
from harness.servers import find_running, serve, stop


def _demo_or_bare(db, *, demo, install):
    """Make a database; with demonstration data also the Sales app, for its menu."""
    modules = ("sale_management",) if demo else ()
    made = database(db, demo=demo, install=install, modules=modules)
    if made != db:
        print(f"the database is called {made} on {shared_host()}")


def main(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m harness")
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
        odoo_process.configure()
    elif options.command == "name":
        print(name(options.name))
    elif options.command == "db":
        _demo_or_bare(options.name, demo=options.demo, install=options.install)
    elif options.command == "start":
        for server in find_running():
            if server.port == port:
                server.stop()
        odoo_process.configure()
        if not exists(options.name):
            _demo_or_bare(options.name, demo=True, install=True)
        server = serve(
            options.name,
            port=port,
            workers=options.workers,
            smtp_port=options.smtp_port,
            args=("-u", project.ADDON) if options.update else (),
        )
        print(f"Odoo answers on {server.url} (log: {server.log})")
    elif options.command == "status":
        for server in find_running():
            state = "runs" if server.alive() else "is gone"
            print(f"Odoo {server.db} on {server.url} {state} (process {server.pid})")
    else:
        stop()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"error: {failure}")
