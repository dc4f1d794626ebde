"""Both workflows in a real browser, from Start to what they really did."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess
from tests.mail_server import MailServer

DAY = 86_400


def old_file(path: Path, days: float, text: str = "line\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment))
    return path


def wait_for(check: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_the_first_request_to_a_fresh_server_is_a_deep_link(reviewer: Reviewer) -> None:
    reviewer.go("review", thread="no-such-thread", pause="nothing.0")
    reviewer.sees(re.compile("No thread|not known|no longer waits"))
    assert reviewer.page.get_by_role("link", name="History").count() == 1  # the main script ran: navigation is there
    reviewer.button("Go to the inbox")
    reviewer.sees("Nothing waits for you")


def test_pages_that_navigation_does_not_list_cannot_be_reached(reviewer: Reviewer) -> None:
    reviewer.go("desk")
    reviewer.sees("Page not found")


def test_a_sample_is_one_click_from_the_empty_inbox(reviewer: Reviewer) -> None:
    reviewer.go()
    reviewer.button(re.compile("Try plan approval"))
    reviewer.page.wait_for_url(re.compile("pause="))
    reviewer.sees(re.compile(r"1\. Move \d+ files"))
    reviewer.page.get_by_role("button", name="Reject: change nothing").click()
    reviewer.page.get_by_label("Why? (optional, kept in the record)").fill("Only looking")
    reviewer.press("Control+Enter")
    reviewer.sees("You rejected this")
    reviewer.sees("“Only looking”")


def test_a_plan_from_start_to_the_trash_and_back(reviewer: Reviewer, desk: DeskProcess) -> None:
    workspace = desk.home / "workspace"
    gone = old_file(workspace / "logs" / "old.log", 90)
    kept = old_file(workspace / "logs" / "audit.log", 90)
    young = old_file(workspace / "logs" / "young.log", 1)
    reviewer.go("start")
    reviewer.page.get_by_label("Task").fill("delete all files in logs older than 60 days")
    reviewer.button("Start")
    reviewer.page.wait_for_url(re.compile("pause="))
    reviewer.page.get_by_label("logs/audit.log").uncheck()
    approve = reviewer.page.get_by_role("button", name=re.compile(r"Approve the rest: move \d+ files? "))
    approve.wait_for()
    approve.click()
    reviewer.sees(re.compile(r"Moved \d+ files?"))
    assert not gone.exists()
    assert kept.exists()
    assert young.exists()
    reviewer.button(re.compile(r"Restore \d+ file"))
    reviewer.sees(re.compile(r"Restored \d+ file"))
    assert gone.read_text() == "line\n"
    reviewer.button("The whole story")
    reviewer.sees("Since then:")
    assert not reviewer.page.get_by_text('"plan_approval"').first.is_visible()


def test_a_plan_that_matches_nothing_can_be_finished(reviewer: Reviewer) -> None:
    reviewer.go("start")
    reviewer.page.get_by_label("Task").fill("delete *.nothing files older than 30 days")
    reviewer.button("Start")
    reviewer.page.wait_for_url(re.compile("pause="))
    reviewer.page.get_by_role("button", name="Finish: there is nothing to do").wait_for()
    assert reviewer.page.get_by_text("Way back").count() == 0
    reviewer.sees(re.compile("The plan matches no files"))
    assert reviewer.page.get_by_text(re.compile("No files?( matche?s?|$)")).count() == 0


@pytest.mark.slow
def test_a_changed_step_comes_back_for_another_look(reviewer: Reviewer, desk: DeskProcess) -> None:
    old_file(desk.home / "workspace" / "tmp" / "a.tmp", 50)
    old_file(desk.home / "workspace" / "tmp" / "b.tmp", 5)
    reviewer.go("start")
    reviewer.page.get_by_label("Task").fill("delete *.tmp files older than 30 days")
    reviewer.button("Start")
    reviewer.page.wait_for_url(re.compile("pause="))
    reviewer.page.get_by_text("Change this step").click()
    days = reviewer.page.get_by_label("Older than (days)")
    days.fill("2")
    days.press("Enter")
    reviewer.button(re.compile("Look again"))
    reviewer.sees("The workflow asks again:")
    reviewer.button("Review it now")
    reviewer.sees("Revision 2")
    reviewer.sees("tmp/b.tmp")
    assert (desk.home / "workspace" / "tmp" / "a.tmp").exists()


def test_an_email_is_edited_undone_redrafted_and_written_to_the_outbox(reviewer: Reviewer, desk: DeskProcess) -> None:
    reviewer.go("start", graph="email_approval")
    reviewer.page.get_by_label("Recipient").fill("ann@example.org")
    reviewer.page.get_by_label("Subject").fill("Lunch on Friday")
    reviewer.button("Start")
    reviewer.page.wait_for_url(re.compile("pause="))
    reviewer.sees("Offline rules (no language model)")
    body = reviewer.page.get_by_label("Body")
    body.fill("See the attached menu, [Name].")
    body.blur()
    reviewer.sees(re.compile("placeholder: “\\[Name\\]”"))
    reviewer.sees(re.compile("mentions an attachment"))
    listed = reviewer.page.locator(".so-list.so-warn li")
    reviewer.page.locator(".so-head .so-badge", has_text=f"{listed.count()} warnings").wait_for()
    reviewer.button("Send the edited mail")
    reviewer.sees(re.compile("The mail goes out in"))
    reviewer.button("Undo")
    reviewer.page.get_by_label("Body").wait_for()
    expect(reviewer.page.get_by_label("Body")).to_have_value("See the attached menu, [Name].")
    reviewer.page.get_by_role("button", name="Ask for a new draft").click()
    reviewer.page.get_by_label("What should change?").fill("Make it friendlier")
    reviewer.press("Control+Enter")
    reviewer.sees("You asked for a new draft")
    reviewer.button("Review it now")
    reviewer.sees("Revision 2")
    reviewer.sees("“Make it friendlier”")
    assert not list((desk.home / "outbox").glob("*.eml"))
    reviewer.button("Send to ann@example.org")
    reviewer.sees(re.compile(r"Written to .*\.eml"))
    written = list((desk.home / "outbox").glob("*.eml"))
    assert len(written) == 1
    assert "Subject: Lunch on Friday" in written[0].read_text()


@pytest.mark.slow
def test_a_batch_from_an_odd_file_and_a_correction_that_survives_a_reload(reviewer: Reviewer, tmp_path: Path) -> None:
    """Another encoding, a correction that survives a reload, an item that was asked for."""
    file = tmp_path / "tickets.csv"
    file.write_bytes(
        "subject,body\nRückzahlung,Bitte überweisen für März\nLogin,My password is wrong\n".encode("cp1252")
    )
    reviewer.go("start", graph="batch_sampling")
    reviewer.page.locator("input[type=file]").set_input_files(file)
    reviewer.button("Read it as Windows-1252")
    reviewer.sees("2 items: 2 model calls, and 1 review with 1 sample.")
    reviewer.button("Start the batch")
    reviewer.button("Review it now")
    reviewer.page.get_by_role("combobox", name="Category").click()
    reviewer.page.get_by_role("option", name="feedback").click()
    reviewer.page.get_by_role("button", name=re.compile("Send 1 corrected item")).wait_for()
    reviewer.page.get_by_role("button", name="Show it").click()
    reviewer.page.get_by_role("tab", name="Item 1, asked for").wait_for()
    reviewer.sees("Bitte überweisen für März")
    reviewer.kept('"inspected": [1]')
    reviewer.page.reload()
    reviewer.page.get_by_role("tab", name="Item 1, asked for").wait_for()
    reviewer.page.wait_for_timeout(600)
    reviewer.button(re.compile("Send 1 corrected item, finish the batch"))
    reviewer.sees("You corrected this sample")
    reviewer.sees("Item 1: good")


def test_bad_input_gets_a_sentence_and_starts_nothing(reviewer: Reviewer) -> None:
    reviewer.go("start", graph="email_approval")
    reviewer.page.get_by_label("Recipient").fill("ann@example.org, bob@example.org")
    reviewer.page.get_by_label("Subject").fill("Hello")
    reviewer.button("Start")
    reviewer.sees(re.compile("Recipient: .*comma"))
    assert "/start" in reviewer.page.evaluate("location.href")


def test_history_tells_the_whole_story(reviewer: Reviewer) -> None:
    reviewer.go("history")
    reviewer.page.get_by_placeholder("Search titles, people and reasons").fill("Lunch")
    reviewer.page.get_by_role("link", name=re.compile(r"approved this mail → Written to .*\.eml")).wait_for()
    reviewer.page.get_by_role("link", name=re.compile("asked for a new draft")).click()
    reviewer.sees("What happened")
    reviewer.sees(re.compile("Make it friendlier"))
    approved = reviewer.page.locator("details", has_text=re.compile(r"Decision of .* approved this mail"))
    expect(approved).to_have_count(2)  # the one that was taken back, and then the one that was sent
    approved.last.get_by_text(re.compile("Decision of")).first.click()
    approved.last.get_by_text("What was sent, exactly").click()
    reviewer.sees(re.compile('"type": "approve"'))


@pytest.mark.slow
def test_a_mail_reaches_a_real_server(reviewer: Reviewer, tmp_path: Path) -> None:
    with MailServer() as server, running(tmp_path / "home", SIGNOFF_SMTP_URL=f"{server.url}?tls=none") as desk:
        reviewer.desk = desk
        reviewer.go("start", graph="email_approval")
        reviewer.page.get_by_label("Recipient").fill("Ann Lee <ann@example.org>")
        reviewer.page.get_by_label("Subject").fill("Grüße")
        reviewer.button("Start")
        reviewer.page.wait_for_url(re.compile("pause="))
        expect(reviewer.page.locator('[class*="st-key-main-"] button')).to_be_enabled(timeout=15_000)
        reviewer.page.wait_for_timeout(600)
        reviewer.press("a")
        reviewer.page.get_by_text(re.compile("Sent to ann@example.org")).first.wait_for(timeout=30_000)
        assert [mail.recipients for mail in server.mails] == [("ann@example.org",)]
        assert server.mails[0].message["subject"] == "Grüße"
