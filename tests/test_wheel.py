"""The wheel, installed by pip where Odoo is and no checkout, plays the story."""

import os
import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from harness import databases, odoo_process, odoo_tests, postgres, project, servers

# Answers with all places from which Odoo would load add-ons, and where ours lies.
WHERE = f"""
import odoo.addons, odoo.addons.{project.ADDON} as addon
print(addon.__file__, *odoo.addons.__path__, sep="\\n")
"""


def run(*command, **options):
    """Run a command; return what it printed, or fail with all that it said."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(addon, folder):
    """Build the wheel of an add-on as it is now, and return its path."""
    options = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    run(sys.executable, "-m", "pip", *options, project.ROOT / addon)
    [path] = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the add-on."""
    return build(project.ADDON, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A Python of its own that has Odoo, what it needs, and the wheel."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder)
    [site] = folder.glob("lib/python3*/site-packages")
    libraries = Path(pytest.__file__).parent.parent
    home = Path(find_spec("odoo.release").origin).parent.parent
    (site / "odoo-home.pth").write_text(f"{libraries}\n{home}\n")
    path = folder / "bin/python"
    # Without dependencies: Odoo from a checkout is none that pip knows.
    install = ["install", "--no-deps", "--no-index", wheel]
    run(sys.executable, "-m", "pip", "--python", path, *install)
    return path


@pytest.fixture
def database(python, monkeypatch):
    """A database with demonstration data, without the add-on; Odoo is the clean one."""

    core = Path(find_spec("odoo.addons.base").origin).parent.parent

    def command(*args, python=(python,)):
        options = ["--addons-path", str(core), "-c", str(odoo_process.configure())]
        # -P: nor are add-ons found in the folder that it starts in.
        return [*python, "-P", "-m", "odoo", *args, *options]

    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(odoo_process, "odoo_command", command)
    db = postgres.name(f"wheel_{os.getpid()}")
    databases.database(db, demo=True, modules=("sale_management",))
    yield db
    databases.drop(db)


@pytest.mark.parametrize("addon", [project.ADDON, *project.companions()])
def test_holds_the_add_on(addon, tmp_path):
    """All files of the add-on are in it, and metadata as PyPI wants it."""
    listed = run("git", "ls-files", addon, cwd=project.ROOT).split()
    with zipfile.ZipFile(build(addon, tmp_path)) as archive:
        names = set(archive.namelist())
        [path] = [name for name in names if name.endswith("/METADATA")]
        metadata = Parser().parsestr(archive.read(path).decode())
    packed = {name for name in names if name.startswith("odoo/")}
    files = set(listed) - {f"{addon}/pyproject.toml"}
    assert packed == {f"odoo/addons/{name}" for name in files}
    manifest = project.manifest(addon)
    assert metadata["Name"] == f"odoo-addon-{addon}"
    assert metadata["Version"].startswith(manifest["version"])
    assert metadata["Summary"] == manifest["summary"]
    assert metadata["License"] == manifest["license"]
    needs = {"odoo==19.0.*"}
    if addon != project.ADDON:
        needs.add(f"odoo-addon-{project.ADDON}==19.0.*")
    assert set(metadata.get_all("Requires-Dist")) == needs
    assert metadata["Description-Content-Type"] == "text/x-rst"


def test_plays_the_story(python, database, tmp_path):
    """It installs from the wheel, which no checkout helps, and does its job."""
    path, *places = run(python, "-P", "-c", WHERE, cwd=tmp_path).split()
    assert path.startswith(f"{python.parent.parent}/lib")
    assert str(project.ROOT) not in places
    log = odoo_process.odoo(
        "-d", database, "-i", project.ADDON, "--with-demo", log="wheel"
    )
    assert odoo_tests.clean_log(log)
    with servers.serve(database) as server:
        text = Path(server.log).read_text()
        [loaded] = [line for line in text.splitlines() if "addons paths" in line]
        assert str(python.parent.parent) in loaded
        assert f"'{project.ROOT}'" not in loaded
        icon = requests.get(
            f"{server.url}/{project.ADDON}/static/description/icon.png", timeout=30
        )
        assert icon.status_code == 200
        story = [sys.executable, "-m", "dev.story"]
        options = ["--url", server.url, "--db", database]
        told = run(*story, *options, cwd=project.ROOT)
        assert "DS-CHAIR 10/10 done, DS-LAMP 4/4 done" in told
