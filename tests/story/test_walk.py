"""One walk through the exercise desk in real Chromium, on a desktop and on a phone: as somebody who tries it would."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from desk import eventually
from playwright.sync_api import Page, expect

from alerts.demo.exercise import Exercise
from alerts.demo.pages import serve_demo
from alerts.engine.running import work
from alerts.services import triage


@pytest.fixture
def exercise(tmp_path: Path) -> Iterator[Exercise]:
    """The demo after its story, on real time, with its pages and its worker, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    exercise, ready, ended = Exercise(tmp_path, port), threading.Event(), threading.Event()
    failed: list[BaseException] = []

    async def play() -> None:
        stop = asyncio.Event()
        await exercise.open()
        serving = asyncio.create_task(serve_demo(exercise, stop))
        await exercise.play(lambda: asyncio.sleep(0))
        await asyncio.to_thread(exercise.go_live)
        working = asyncio.create_task(work(exercise.app, stop))
        ready.set()
        await asyncio.to_thread(ended.wait)
        stop.set()
        await asyncio.gather(serving, working)
        await exercise.close()

    def run() -> None:
        try:
            asyncio.run(play())
        except BaseException as failure:  # noqa: BLE001  whatever it is, the test must not wait for it
            failed.append(failure)
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60)
    assert not failed, failed
    yield exercise
    ended.set()
    thread.join(20)


@pytest.mark.timeout(180)
def test_a_visitor_sees_the_story_approves_an_alert_subscribes_answers_and_leaves(
    exercise: Exercise, browser: Browser
) -> None:
    site = f"http://localhost:{exercise.port}"
    page = browser.desktop()

    page.goto(f"{site}/mailbox")
    expect(page.get_by_text("EXERCISE", exact=False).first).to_be_visible()
    page.get_by_role("link", name=re.compile("Aida Sample taken")).first.click()
    mail = page.frame_locator("iframe.letter")
    expect(mail.get_by_text("ASKED OF YOU", exact=False)).to_be_visible()
    expect(mail.get_by_text("EXERCISE", exact=False).first).to_be_visible()

    eventually(lambda: bool(triage.waiting(exercise.app.store)), 20, "the news of today")
    sign_in(page, site, "Bek")
    expect(page.get_by_role("heading", level=1)).to_contain_text("cannot wait")
    expect(page.locator("mark").first).to_have_text("Аида Сампл")
    page.get_by_role("link", name="Read and decide").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name=re.compile("Send to")).click()
    eventually(lambda: "ask to be let in" in exercise.catcher.mails[-1].subject, 20, "the alert in the mailbox")

    phone = browser.phone()
    phone.goto(f"{site}/subscribe")
    assert wide(phone) <= 390
    phone.get_by_role("checkbox", name="Kyrgyzstan").check()
    phone.get_by_label("Everything at once").check()
    phone.get_by_label("Work e-mail").fill("newcomer@embassy-z.example.org")
    phone.get_by_label("Mission or organisation").fill("Embassy Z")
    phone.get_by_role("button", name="Subscribe").click()
    confirm = link_in(exercise, "newcomer@embassy-z.example.org", "/confirm/")
    phone.goto(confirm)
    phone.get_by_label("Yes", exact=False).check()
    phone.get_by_role("button", name="Send my answer").click()

    page.goto(f"{site}/subscribers")
    row = page.locator("li", has_text="newcomer@embassy-z.example.org")
    row.get_by_role("button", name=re.compile("spoken", re.IGNORECASE)).click()
    page.goto(f"{site}/subscribers?which=all")
    expect(row.locator(".chip")).to_contain_text("trusted")

    # one without quiet hours: what was sent a moment ago has come to them at any time of day
    answer = link_in(exercise, "desk@network-g.example.org", "/answer/")
    phone.goto(answer)
    assert wide(phone) <= 390
    phone.get_by_role("radio").first.check()
    phone.get_by_role("button", name="Send my answer").click()
    page.goto(f"{site}/today")
    expect(page.locator("main")).to_contain_text("Network G")

    leave = link_in(exercise, "desk@network-g.example.org", "/leave/")
    phone.goto(leave)
    phone.get_by_label("everything", exact=False).first.check()
    phone.get_by_role("button", name="Send my answer").click()
    page.goto(f"{site}/subscribers?which=left")
    expect(page.locator("main")).to_contain_text("desk@network-g.example.org")
    assert browser.complaints == []


@pytest.mark.timeout(180)
def test_every_room_fits_a_phone_and_says_that_it_is_an_exercise(exercise: Exercise, browser: Browser) -> None:
    site = f"http://localhost:{exercise.port}"
    phone = browser.phone()
    sign_in(phone, site, "Ana")
    rooms = ("/today", "/cases", "/cases/KG-SAMPLE-1", "/cases/KG-SAMPLE-1/appeal", "/alerts", "/signals")
    for room in (*rooms, "/subscribers", "/settings", "/mailbox", "/mailbox/1", "/subscribe", "/"):
        answer = phone.goto(f"{site}{room}")
        assert answer and answer.status == 200, room
        assert wide(phone) <= 390, room
        expect(phone.locator(".exercise").first).to_be_visible()
    assert browser.complaints == []


def sign_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/today")


def link_in(exercise: Exercise, to: str, path: str) -> str:
    """The address that begins so in the newest mail to this reader that has one."""

    def found() -> list[str]:
        pattern = re.compile(rf"http://localhost:\d+{path}\S+")
        mails = [mail for mail in exercise.catcher.mails if mail.to == to]
        return [match[0].rstrip(",.") for mail in mails if (match := pattern.search(mail.text))]

    eventually(lambda: bool(found()), 20, f"a mail to {to} with {path}")
    return found()[-1]


def wide(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width
