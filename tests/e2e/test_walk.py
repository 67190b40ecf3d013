"""In Chromium: from an input on the frontend's page through the map and the pages to the cause of its failure."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import mysql.connector
from playwright.sync_api import Page, expect

from running.settings import LOOPBACK, Settings
from support.browser_pages import OpenPage
from support.polling import eventually
from support.running_mesh import RunningMesh

COMPLETE = {"frontend request", "frontend dependency", "echo request", "storage request", "storage dependency"}
"""The items of an input that must be stored before its pages are opened, because pages do not refresh."""


@contextmanager
def renamed_column(settings: Settings) -> Iterator[None]:
    """Rename a column that storage's statement uses during the block, like a migration."""
    with closing(
        mysql.connector.connect(
            host=LOOPBACK,
            port=settings.mysql_port,
            user=settings.mysql_user,
            password=(settings.state_dir / "mysql-password").read_text(),
            database=settings.mysql_database,
        )
    ) as connection:
        alter = connection.cursor()
        alter.execute("ALTER TABLE entered_values RENAME COLUMN value TO entered")
        try:
            yield
        finally:
            alter.execute("ALTER TABLE entered_values RENAME COLUMN entered TO value")


def received(mesh: RunningMesh, operation_id: str) -> set[str]:
    """Return the roles and types of the received items of an operation."""
    return {f"{item['role']} {item['item_type']}" for item in mesh.transaction(operation_id)}


def send(page: Page, value: str) -> None:
    page.get_by_label("Value", exact=True).fill(value)
    page.get_by_role("button", name="Send").click()


def test_failed_input_links_to_its_statement_and_exception(mesh: RunningMesh, open_url: OpenPage) -> None:
    page = open_url(mesh.settings.url("frontend"))
    send(page, "4")
    expect(page.get_by_role("status")).to_contain_text("Stored")
    with renamed_column(mesh.settings):
        send(page, "5")
        expect(page.locator("#outcome")).to_contain_text("The value was not stored.")
    transaction_url = page.get_by_role("link", name="Open the transaction").get_attribute("href") or ""
    operation_id = transaction_url.rpartition("/")[2]
    eventually(lambda: {*COMPLETE, "storage exception"} <= received(mesh, operation_id), within_s=5)

    page.get_by_role("link", name="Application map").click()
    page.locator('.stage .node[data-node="role:storage"]').click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="storage", exact=True)).to_be_visible()
    panel.get_by_role("link", name="Investigate failures").click()

    expect(page.get_by_role("heading", name="Failures").first).to_be_visible()
    expect(page.get_by_label("Role", exact=True)).to_have_value("storage")
    samples = page.locator("section", has=page.get_by_role("heading", name="Newest failures"))
    samples.get_by_role("link", name="POST /values").first.click()

    expect(page).to_have_url(re.compile(f"/transaction/{operation_id}"))
    details = page.locator("#details")
    page.locator("#items").get_by_role("link", name="INSERT").click()
    expect(details).to_contain_text("INSERT INTO entered_values (value, operation_id) VALUES (%s, %s)")
    expect(details).to_contain_text("failed")
    page.locator("#items").get_by_role("link", name="ProgrammingError").click()
    expect(details.get_by_role("heading", name="Exception")).to_be_visible()
    expect(details).to_contain_text("1054")
    expect(details.locator(".frames")).to_contain_text("value_table.py")


def test_stored_input_links_to_its_transaction_and_to_the_map(mesh: RunningMesh, open_url: OpenPage) -> None:
    page = open_url(mesh.settings.url("frontend"))
    send(page, "6")
    link = page.get_by_role("link", name="Open the transaction")
    operation_id = (link.get_attribute("href") or "").rpartition("/")[2]
    eventually(lambda: received(mesh, operation_id) >= COMPLETE, within_s=5)
    link.click()
    expect(page.locator("#items li").nth(6)).to_be_visible()
    expect(page.locator("#items")).to_contain_text("INSERT mesh.entered_values")
    page.get_by_role("navigation").get_by_role("link", name="Application map").click()
    for role in ("frontend", "echo", "storage"):
        expect(page.locator(f'.stage .node[data-node="role:{role}"]')).to_be_visible()
