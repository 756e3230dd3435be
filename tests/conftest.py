"""One database, one Odoo with two workers and one SMTP server for all tests here.

People stay logged in for all tests, as logging in takes longer than most of them. The
contexts of ``pytest-playwright`` last for one test each, so it is not used; and with
``pytest-xdist`` each process would need a server and a database of its own, which two
cores do not make faster.
"""

import contextlib
import os
import re
import time
from email import message_from_bytes, policy
from pathlib import Path

import psycopg2
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import expect, sync_playwright

from harness import databases, odoo_process, postgres, project, servers, shell
from harness.browser import FLAGS, SHOTS, Desks, chromium
from harness.client import Client, Refused
from harness.shop import Shop
from tests.phone import Phone
from tests.rules import TABLES

# A machine that does other things as well answers late now and then.
expect.set_options(timeout=20_000)
# Rounds of a race.
FEWEST, MOST = 6, 30


class Mailbox:
    """Keeps the mail that Odoo hands to the SMTP server."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, _server, _session, envelope):
        """Keep one mail; the name is the SMTP server's."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 OK"

    def wait_for(self, recipient, *texts, seconds=30):
        """Return the one mail to `recipient` with all `texts` in its subject."""
        last = time.monotonic() + seconds
        while time.monotonic() < last:
            found = [
                message
                for recipients, message in self.messages
                if recipient in recipients
                and all(text in message["Subject"] for text in texts)
            ]
            if found:
                assert len(found) == 1, f"{len(found)} times the same mail"
                return found[0]
            time.sleep(0.1)
        subjects = [(to, message["Subject"]) for to, message in self.messages]
        raise AssertionError(f"no mail to {recipient} about {texts}: {subjects}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a picture of every browser that is open when a test fails."""
    report = yield
    item.passed = report.passed
    desks = item.funcargs.get("new_desks") or item.funcargs.get("desks")
    if report.failed and desks:
        for role, person in desks.persons.items():
            person.page.screenshot(path=SHOTS / f"failed-{item.name}-{role}.png")
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_proxy():
    """Requests to this machine must not go to a proxy of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "localhost,127.0.0.1")
        yield


@pytest.fixture(scope="session")
def mailbox():
    """The SMTP server that the database sends its mail to."""
    handler = Mailbox()
    controller = Controller(handler, hostname="127.0.0.1", port=project.free_port())
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def server(mailbox):
    """Odoo with two workers, on a database of its own that goes away afterwards."""
    db = postgres.name(f"out_{os.getpid()}")
    port = project.free_port()
    with contextlib.ExitStack() as stack:
        stack.callback(databases.drop, db)
        # Sales has no menu of its own without the app.
        databases.database(db)
        modules = f"{project.ADDON},sale_management"
        odoo_process.odoo("-d", db, "-i", modules, "--no-http", log=f"install-{db}")
        url = f"http://localhost:{port}"
        facts = shell.run(db, "harness.seed.seed", url, mailbox.port)
        # Without the scheduler, which changes transfers while a test compares rows.
        running = servers.serve(
            db,
            port=port,
            workers=2,
            smtp_port=mailbox.port,
            args=("--max-cron-threads", "0"),
        )
        stack.callback(running.stop)
        running.facts = facts
        yield running


@pytest.fixture(scope="session")
def browser():
    """The Chromium of the system."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def desks(browser, server):
    """The browser of each role, logged in once."""
    opened = Desks(browser, server)
    yield opened
    for person in opened.persons.values():
        person.close()


@pytest.fixture
def new_desks(browser, server):
    """Browsers of the test's own, for people whose settings it changes."""
    opened = Desks(browser, server)
    yield opened
    for person in opened.persons.values():
        person.close()


@pytest.fixture(scope="module")
def phones(browser, server):
    """The phones of the people, each unlocked when it is first needed."""
    opened = {}

    def phone(role):
        if role not in opened:
            opened[role] = Phone(browser, server, server.facts["users"][role])
        return opened[role]

    yield phone
    for person in opened.values():
        person.close()


@pytest.fixture(scope="session")
def people(server):
    """The users by their role, each a `Client` of the external API."""
    users = server.facts["users"]
    return {role: Client(server.port, server.db, user) for role, user in users.items()}


@pytest.fixture(scope="session")
def admin(people):
    return people["admin"]


@pytest.fixture(scope="session")
def sales(people):
    return people["sales"]


@pytest.fixture(scope="session")
def buyer(people):
    return people["buyer"]


@pytest.fixture(scope="session")
def accountant(people):
    return people["accountant"]


@pytest.fixture
def shop(server, people):
    """A customer of the test's own, and the steps of the story for them."""
    return Shop(server.facts, people)


@pytest.fixture
def fingerprint(server):
    """A function whose result differs if anything in the orders' tables does.

    Each change makes a new version of its row, to which PostgreSQL gives a number. It
    takes `values` instead to find that rows were only written as they were, which lasts
    ten times as long.
    """

    def take(values=False):
        version = "md5(t::text)" if values else "xmin::text"
        with (
            contextlib.closing(
                psycopg2.connect(dbname=server.db, **postgres.postgres())
            ) as connection,
            connection.cursor() as cursor,
        ):
            sums = {}
            for table in TABLES:
                cursor.execute(
                    f"SELECT count(*), sum(hashtextextended({version}, id))"
                    f" FROM {table} t"
                )
                sums[table] = cursor.fetchone()
        return sums

    return take


@pytest.fixture
def refused(fingerprint):
    """A context whose call must be refused, readably, and must change nothing."""

    @contextlib.contextmanager
    def expect(pattern):
        before = fingerprint()
        with pytest.raises(Refused) as caught:
            yield caught
        caught.value.assert_readable()
        assert re.search(pattern, caught.value.message), str(caught.value)
        after = fingerprint()
        changed = [table for table in TABLES if before[table] != after[table]]
        assert not changed, f"refused, but changed {changed}"

    return expect


@pytest.fixture
def rounds(server):
    """Rounds of a race, until Odoo has had to try a transaction again.

    Without that, the two calls came one after the other and the test proved nothing.
    """

    def conflicts():
        log = Path(server.log).read_text()
        return len(re.findall(r"tries left, try again in", log))

    def go_on():
        before = conflicts()
        for number in range(MOST):
            if number >= FEWEST and conflicts() > before:
                return
            yield number
        assert conflicts() > before, f"never at once in {MOST} rounds"

    return go_on()
