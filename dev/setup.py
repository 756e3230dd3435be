"""Fetch what developing the add-on needs into the git-ignored folder ``.dev``.

Needs Python 3.11 to 3.13 and nothing else: system tools, the virtual environment,
Odoo 19.0 and the lint tools are found or fetched, each once. Run it as often as you
like; when nothing is missing it takes a second.

Environment: ``ODOO_HOME`` names an existing Odoo 19.0 (a checkout, or a folder that
holds the Python package ``odoo``); ``PGHOST`` names an existing PostgreSQL server.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
VENV = DEV / "venv"
PYTHON = VENV / "bin" / "python"
SERIES = "19.0"
REQUIREMENTS = [ROOT / "dev/requirements.txt", ROOT / "dev/requirements-test.txt"]
# Command to look for: Debian package that brings it.
TOOLS = {
    "chromium": "chromium",
    "git": "git",
    "msgmerge": "gettext",
    "npm": "npm",
    "pdftotext": "poppler-utils",
    "wkhtmltopdf": "wkhtmltopdf",
}
# Web libraries that Debian's Odoo only links to.
LIBRARIES = [
    "fonts-font-awesome",
    "fonts-glyphicons-halflings",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
]
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Debian strips this file from Odoo; without it the browser console logs an error.
SEGMENTATION = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
SEGMENTATION_PACKAGE = "@mediapipe/selfie_segmentation@0.1.1675465747"
# Debian's package manager serves one at a time.
APT = threading.Lock()


def fail(text):
    """Stop with words for the person at the terminal."""
    sys.exit(f"error: {text}")


def say(step, text):
    """Print one line of progress at once."""
    print(f"{step}: {text}", flush=True)


def run(*command, **options):
    """Run a command, quietly unless it fails; return what it printed."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )
    if done.returncode:
        output = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        fail(f"{' '.join(map(str, command[:4]))} ... failed:\n{output}")
    return done.stdout


def watch(step, command, how_far, **options):
    """Run a command that takes long and say how far it is when that changes."""
    log = DEV / f"{step.lower()}.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, **options)
        last, spoke = None, time.monotonic()
        while process.poll() is None:
            time.sleep(0.2)
            if time.monotonic() - spoke > 3 and (now := how_far(log)) != last:
                say(step, now)
                last, spoke = now, time.monotonic()
    if process.returncode:
        tail = "\n".join(log.read_text().splitlines()[-10:])
        return f"{' '.join(map(str, command[:3]))} ... failed:\n{tail}"
    return None


def digest(*parts):
    """A short name for what the parts (files or texts) hold."""
    texts = [p.read_text() if isinstance(p, Path) else str(p) for p in parts]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def is_linked(folder):
    """Whether a folder is, by a link, that of another checkout, which keeps it.

    Made anew through the link, it would be gone for all who use it.
    """
    found = folder.resolve()
    if found == folder:
        return False
    if not found.exists():
        fail(f"{folder} leads to {found}, which is not there; remove the link")
    say("linked", f"{folder.name} is {found}, and stays as it is")
    return True


def apt_install(*packages):
    """Install system packages, or say which command does."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() or not shutil.which("apt-get"):
        fail(
            f"missing on this machine: {', '.join(packages)}. Install them, on Debian:"
            f"\n  sudo apt-get update && sudo {' '.join(command)}"
        )
    say("system", f"installing {len(packages)} packages: {', '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def how_far(log):
        done = len(re.findall(r"^Setting up ", log.read_text(), re.MULTILINE))
        total = re.search(r"(\d+) newly installed", log.read_text())
        return f"{done}/{total[1]} packages set up" if total else "reading lists"

    with APT:
        # One unreachable source must not stop what the others can give.
        subprocess.run(["apt-get", "update", "-qq"], env=env, check=False)
        if error := watch("system", command, how_far, env=env):
            fail(error)


def system():
    """Find the tools that pip and npm can't bring, and install the missing ones."""
    if missing := [
        package for tool, package in TOOLS.items() if not shutil.which(tool)
    ]:
        apt_install(*missing)


def venv():
    """Make the virtual environment and install the pinned packages into it."""
    if is_linked(VENV):
        return
    stamp = VENV / "installed"
    wanted = digest(sys.version, str(VENV), *REQUIREMENTS)
    if stamp.exists() and stamp.read_text() == wanted and PYTHON.exists():
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        fail(
            f"this is Python {version}; call make with PYTHON=... of 3.11, 3.12 or 3.13"
        )
    say("python", f"virtual environment with Python {version}")
    if not find_spec("ensurepip"):
        apt_install(f"python{version}-venv")
    run(sys.executable, "-m", "venv", "--clear", VENV)

    def how_far(log):
        text = log.read_text()
        if "Installing collected" in text:
            return "installing them"
        return f"{len(re.findall(r'^Collecting ', text, re.MULTILINE))} packages found"

    command = [PYTHON, "-m", "pip", "install", "--no-color", "--progress-bar=off"]
    for path in REQUIREMENTS:
        command += ["-r", path]
    if error := watch("python", command, how_far):
        fail(error)
    stamp.write_text(wanted)


def series(folder):
    """The series of the Odoo in a folder, or nothing."""
    release = Path(folder) / "odoo/release.py"
    found = release.exists() and re.search(
        r"^version_info = \((\d+), (\d+)", release.read_text(), re.MULTILINE
    )
    return f"{found[1]}.{found[2]}" if found else None


def odoo():
    """Find or fetch Odoo; return the folder that holds its package."""
    unpacked = DEV / "odoo/usr/lib/python3/dist-packages"
    if home := os.environ.get("ODOO_HOME"):
        home = Path(home).resolve()
        if series(home) != SERIES:
            fail(f"ODOO_HOME={home} holds Odoo {series(home)}; {SERIES} is needed")
    else:
        spec = find_spec("odoo")
        folders = [
            Path(p).parent for p in (spec and spec.submodule_search_locations) or []
        ]
        home = next((f for f in folders if series(f) == SERIES), unpacked)
    if home == unpacked and not unpacked.exists():
        fetch_odoo()
    if home == unpacked and not (unpacked / SEGMENTATION).exists():
        fetch_segmentation(unpacked / SEGMENTATION)
    return home


def link_odoo(home):
    """Put Odoo on the virtual environment's path."""
    if VENV.resolve() != VENV:
        return
    (site,) = VENV.glob("lib/python3*/site-packages")
    link = site / "odoo-home.pth"
    if not link.exists() or link.read_text() != f"{home}\n":
        link.write_text(f"{home}\n")
        say("odoo", f"{SERIES} from {home}")


def debian_mirror():
    """The address and suite of the Debian mirror that this machine's apt uses."""
    if not shutil.which("apt-get"):
        return None
    query = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(CODENAME) $(REPO_URI)"]
    query.append("Created-By: Packages")
    lines = run(*query).split("\n")
    if not any(lines) and os.geteuid() == 0:
        run("apt-get", "update", "-qq")
        lines = run(*query).split("\n")
    for line in lines:
        origin, codename, address = (*line.split(), "", "", "")[:3]
        if origin == "Debian" and "-" not in codename:
            return address, codename
    return None


def fetch_odoo():
    """Download Debian's Odoo and the libraries that it links to, and unpack them.

    It uses apt with lists and a cache of its own, so it needs no root and leaves the
    machine's sources alone. Only Debian's unstable suite, sid, has Odoo 19.0.
    """
    if not (mirror := debian_mirror()):
        fail(
            "this machine has no Debian mirror to fetch Odoo from. Get Odoo"
            f" {SERIES} (for example: git clone -b {SERIES} --depth 1"
            " https://github.com/odoo/odoo), then set ODOO_HOME to its folder."
        )
    address, codename = mirror
    # Font Awesome 4.7, whose files Odoo links to, is in these suites and no later one.
    suite = codename if codename in ("bookworm", "trixie") else "trixie"
    apt, files = DEV / "apt", DEV / "apt/files"
    for folder in ("lists/partial", "cache/archives/partial", "files"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (apt / "sources.list").write_text(
        "".join(f"deb {signed}{address} {name} main\n" for name in ("sid", suite))
    )
    (apt / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{apt}/sources.list";\nDir::Etc::sourceparts "-";\n'
        f'Dir::State::lists "{apt}/lists";\nDir::Cache "{apt}/cache";\n'
        f'APT::Default-Release "{suite}";\nAcquire::Languages "none";\n'
        # Its folders may lie where apt's own user can't go.
        + ('APT::Sandbox::User "root";\n' if os.geteuid() == 0 else "")
    )
    options = {"cwd": files, "env": {**os.environ, "APT_CONFIG": f"{apt}/apt.conf"}}
    say("odoo", "reading Debian's package lists")
    error = watch("apt", ["apt-get", "update", "-q"], lambda log: "updating", **options)
    if error or "NO_PUBKEY" in (DEV / "apt.log").read_text():
        fail(
            f"{error}\nIf a signature could not be verified, the machine's keyring is"
            " too old: apt-get install debian-archive-keyring"
        )
    packages = ["odoo-19", *LIBRARIES]
    listing = run("apt-get", "download", "--print-uris", *packages, **options)
    total = sum(
        int(size) for size in re.findall(r" (\d+) \w+:\w+$", listing, re.MULTILINE)
    )

    def how_far(_log):
        done = sum(f.stat().st_size for f in files.glob("*.deb"))
        return f"{done >> 20} of {total >> 20} MB ({100 * done // total} %)"

    # apt goes on with a file that is there in part and checks the sum at the end.
    for attempt in ("first", "second"):
        error = watch("odoo", ["apt-get", "download", *packages], how_far, **options)
        if not error:
            break
        say("odoo", f"{attempt} try: {error}")
        for file in files.glob("*.deb"):
            file.unlink()
    else:
        fail(error)
    fresh = DEV / "odoo.new"
    shutil.rmtree(fresh, ignore_errors=True)
    debs = sorted(files.glob("*.deb"))
    for number, deb in enumerate(debs, 1):
        say("odoo", f"unpacking {number}/{len(debs)} {deb.name.split('_')[0]}")
        run("dpkg", "-x", deb, fresh)
    if series(fresh / "usr/lib/python3/dist-packages") != SERIES:
        fail(f"Debian's odoo-19 is no longer {SERIES}; set ODOO_HOME to one that is")
    fresh.rename(DEV / "odoo")
    shutil.rmtree(apt)


def fetch_segmentation(target):
    """Put back the script that Debian strips; all but video calls work without it."""
    folder = DEV / "segmentation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = ["npm", "pack", "--silent", SEGMENTATION_PACKAGE]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        say("odoo", f"without {target.name}, which npm could not fetch: {done.stderr}")
        return
    shutil.unpack_archive(folder / done.stdout.split()[-1], folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "package" / target.name, target)
    shutil.rmtree(folder)
    say("odoo", f"put back {target.name}")


def node():
    """Install the pinned lint tools of npm."""
    folder, sources = DEV / "node", ROOT / "dev/node"
    if is_linked(folder):
        return
    files = sorted(f for f in sources.iterdir() if f.is_file())
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == digest(*files):
        return
    say("node", "installing the lint tools")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sources, folder)
    run("npm", "ci", "--no-audit", "--no-fund", cwd=folder)
    stamp.write_text(digest(*files))


def main():
    """Take all steps, those of pip beside the others: each waits for its downloads."""
    DEV.mkdir(exist_ok=True)
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(venv)
        system()
        home = odoo()
        node()
        made.result()
    link_odoo(home)


if __name__ == "__main__":
    main()
