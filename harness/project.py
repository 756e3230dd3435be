"""The project: where its files are, its add-ons, and what all of this folder share."""

import ast
import contextlib
import fcntl
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
CONF = DEV / "odoo.conf"
LOGS = DEV / "log"
RUN = DEV / "run"
BIN = DEV / "venv/bin"
ADDON = "dropship_link"
# Other apps that touch the same documents as the small add-ons' own.
NEIGHBOURS = (
    "mrp_subcontracting_dropshipping",
    "purchase_requisition_sale",
    "purchase_requisition_stock",
    "sale_stock_margin",
    "stock_landed_costs",
)


class Failure(Exception):
    """What went wrong, in words for the person at the terminal."""


@contextlib.contextmanager
def locked(name):
    """Let one process at a time build what all of them share."""
    with (DEV / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def manifest(addon=ADDON):
    """The add-on's manifest, or an empty one before there is any."""
    path = ROOT / addon / "__manifest__.py"
    return ast.literal_eval(path.read_text()) if path.exists() else {}


def companions():
    """The names of the small add-ons beside the main one, each for another app."""
    return sorted(path.parent.name for path in ROOT.glob(f"{ADDON}_*/__manifest__.py"))


def apps():
    """The modules of others that the small add-ons are for."""
    depends = {name for addon in companions() for name in manifest(addon)["depends"]}
    return sorted(depends - {ADDON, *companions()})


def neighbours():
    """The modules of a database in which all add-ons are tried."""
    return (*NEIGHBOURS, *apps())


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


def free_port():
    """A TCP port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
