"""Databases of the project: made once as a template, copied for each use.

Own code, as ``click-odoo-initdb`` and ``click-odoo-copydb`` know no mark: on a server
that others use too they drop what has a name like theirs. They also start Odoo for each
copy, and need ``rsync`` for files that are shared instead of copied.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2 import sql

from harness import odoo_process, project
from harness.postgres import exists, mark, name, run_sql
from harness.project import Failure, locked, manifest


def _filestore(db):
    """The folder with the attachments of a database."""
    return odoo_process.data() / "filestore" / name(db)


def drop(db):
    """Remove the database and its files; fail if it is somebody else's."""
    if exists(db):
        run_sql(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name(db))
            )
        )
    shutil.rmtree(_filestore(db), ignore_errors=True)


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
        sql.Identifier(name(db)), sql.Literal(mark())
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


def _begin(db, *, bare):
    """Make a database that Odoo is to fill, or one that has all but further modules."""
    drop(db)
    if bare:
        _create(db, "template0")
        # What Odoo adds to a database that it makes itself, if the user may.
        with contextlib.suppress(psycopg2.Error):
            run_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm", dbname=db)
        return
    source = template()
    with locked(source):
        copy(source, db)


def template(*, demo=False, modules=()):
    """The name of a database with what the add-on depends on, made when missing.

    Its name holds the Odoo release, the modules and whether there is demonstration
    data, so a change of one of them makes another.
    """
    depends = manifest().get("depends", ["stock_dropshipping"])
    more = set(modules) - set(depends)
    modules = sorted({*depends, *modules})
    release = Path(find_spec("odoo.release").origin)
    key = json.dumps(
        [release.read_text(), str(release), str(odoo_process.data()), modules, demo]
    )
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    made = name(f"template_{'demo' if demo else 'bare'}_{digest}")
    with locked(made):
        if not exists(made):
            print(f"database {made}: installing {', '.join(modules)}", flush=True)
            start, new = time.time(), f"{made}_new"
            _begin(new, bare=demo or not more)
            demo_flag = ["--with-demo"] if demo else []
            odoo_process.odoo(
                "-d", new, "-i", ",".join(modules), "--no-http", *demo_flag, log=made
            )
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
    odoo_process.configure()
    db = name(db)
    source = template(demo=demo, modules=modules)
    with locked(source):
        copy(source, db)
    if install:
        print(f"database {db}: installing {project.ADDON}", flush=True)
        demo_flag = ["--with-demo"] if demo else []
        odoo_process.odoo(
            "-d", db, "-i", project.ADDON, "--no-http", *demo_flag, log=f"install-{db}"
        )
    return db
