"""Databases on a PostgreSQL server that others use too: only the project's are touched.

The other server is a second one of the project's own kind, in a folder that goes away.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from harness import databases, odoo_process, postgres, project
from harness.__main__ import main


@pytest.fixture(scope="module")
def other_server():
    """A second PostgreSQL; its socket's folder, as PGHOST wants it."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PGHOST", raising=False)
        patch.setattr(project, "DEV", folder)
        patch.setattr(postgres, "PGDATA", folder / "pg")
        server = postgres.postgres()
        yield server
        postgres.pg_ctl("pg_ctl", "-w", "-m", "fast", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def shared(other_server, tmp_path, monkeypatch):
    """An environment of its own that uses the other server."""
    for name, value in other_server.items():
        monkeypatch.setenv(f"PG{name.upper()}", str(value))
    monkeypatch.setattr(project, "DEV", tmp_path)
    monkeypatch.setattr(project, "CONF", tmp_path / "odoo.conf")
    monkeypatch.setattr(project, "LOGS", tmp_path / "log")
    # Odoo itself is of no interest here: it takes a minute.
    monkeypatch.setattr(odoo_process, "odoo", _leave_a_file)
    yield
    for [db] in postgres.run_sql(
        "SELECT datname FROM pg_database WHERE NOT datistemplate"
        " AND datname != 'postgres'"
    ):
        postgres.run_sql(f'DROP DATABASE "{db}" WITH (FORCE)')


def _leave_a_file(_option, db, *_args, **_options):
    """What is left of Odoo after it has installed something."""
    folder = odoo_process.data() / "filestore" / db
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").write_text(db)


def _databases():
    rows = postgres.run_sql(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE NOT datistemplate AND datname != 'postgres'"
    )
    return dict(rows)


@pytest.mark.usefixtures("shared")
def test_somebody_elses_demo_stays():
    """``make demo`` makes a database beside the one that is called demo already."""
    postgres.run_sql("CREATE DATABASE demo")
    main(["db", "demo", "--demo", "--install"])
    main(["db", "demo", "--demo", "--install"])
    found = _databases()
    assert found.pop("demo") is None
    template, made = sorted(found, reverse=True)
    assert made == postgres.name("demo") == "dropship_link_demo"
    assert template.startswith("dropship_link_template_demo_")
    assert set(found.values()) == {postgres.mark()}
    databases.drop("demo")
    assert set(_databases()) == {"demo", template}


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("comment", [None, "made by the checkout in /somewhere/else"])
def test_database_without_the_mark_stays(comment):
    """One that only has such a name is neither dropped nor used: it says why."""
    postgres.run_sql("CREATE DATABASE dropship_link_demo")
    if comment:
        postgres.run_sql("COMMENT ON DATABASE dropship_link_demo IS %s", comment)
    for use in (
        lambda: databases.drop("demo"),
        lambda: postgres.exists("demo"),
        lambda: databases.database("demo"),
        lambda: databases.copy("demo", "copy"),
        lambda: odoo_process.odoo_command("-d", "demo"),
        lambda: main(["db", "demo"]),
        lambda: main(["start", "demo"]),
    ):
        with pytest.raises(
            project.Failure, match=r"dropship_link_demo .* unset PGHOST"
        ):
            use()
    assert _databases()["dropship_link_demo"] == comment


@pytest.mark.usefixtures("shared")
def test_each_server_has_files_of_its_own(monkeypatch):
    """Databases of one name on both servers do not take each other's attachments."""
    own = project.DEV / "data" / "filestore/demo"
    own.mkdir(parents=True)
    (own / "file").write_text("own")
    databases.database("demo", install=True)
    there = odoo_process.data() / "filestore" / postgres.name("demo")
    assert (there / "file").read_text() == postgres.name("demo")
    assert f"data_dir = {odoo_process.data()}\n" in project.CONF.read_text()
    databases.drop("demo")
    assert not there.exists()
    assert (own / "file").read_text() == "own"
    monkeypatch.delenv("PGHOST")
    assert odoo_process.data() == project.DEV / "data"
    assert postgres.name("demo") == "demo"


@pytest.mark.usefixtures("shared")
def test_files_of_a_database_that_is_gone():
    """A template that somebody dropped by hand is made again over its old files."""
    made = databases.template()
    postgres.run_sql(f'DROP DATABASE "{made}"')
    assert databases.template() == made
    assert (odoo_process.data() / "filestore" / made / "file").exists()


def test_server_that_does_not_answer(monkeypatch, tmp_path):
    """Words instead of a traceback."""
    monkeypatch.setenv("PGHOST", str(tmp_path))
    with pytest.raises(project.Failure, match="unset it to use one in"):
        postgres.exists("demo")


def test_own_server_keeps_its_names(monkeypatch):
    """Nobody else has databases in .dev."""
    monkeypatch.delenv("PGHOST", raising=False)
    assert postgres.name("demo") == "demo"
    assert odoo_process.data() == project.DEV / "data"
    # Whatever PGPORT says: many people have that set as well.
    monkeypatch.setenv("PGPORT", "1")
    assert postgres.exists("postgres")
    assert os.environ["PGPORT"] == "1"
