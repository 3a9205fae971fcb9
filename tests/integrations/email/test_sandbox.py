# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import time
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from tests.integrations.email.letters import CONFIRMATION, letter
from tithi.integrations.email.contract import EmailRefusedError, EmailUnavailableError, EmailUnknownError
from tithi.integrations.email.factory import email_sender
from tithi.integrations.email.sandbox import SandboxEmailSender
from tithi.integrations.messages_sandbox.server import RunningSandbox, serve_in_thread
from tithi.integrations.outbound import Outbound

FROM = "mail@tithi.example"
SENT_TWICE = 2


@pytest.fixture
def sender(sandbox: RunningSandbox) -> SandboxEmailSender:
    return SandboxEmailSender(sandbox_url=sandbox.url, from_address=FROM, before_call=lambda: None)


def test_a_message_is_kept_whole_and_found_again(sandbox: RunningSandbox) -> None:
    sender = email_sender(provider="sandbox", sandbox_url=sandbox.url, from_address=FROM, before_call=lambda: None)
    accepted = sender.send(CONFIRMATION)
    [kept] = requests.get(f"{sandbox.url}/v1/emails?to=ADA@example.org", timeout=5).json()["emails"]
    assert kept["ref"] == accepted.provider_ref
    assert (kept["subject"], kept["text"], kept["html"]) == (
        CONFIRMATION.subject,
        CONFIRMATION.text,
        CONFIRMATION.html,
    )
    assert (kept["from"], kept["from_name"], kept["reply_to"]) == (FROM, CONFIRMATION.from_name, "salon@example.org")
    assert kept["tags"] == CONFIRMATION.tags
    [attachment] = kept["attachments"]
    downloaded = requests.get(f"{sandbox.url}{attachment['url']}", timeout=5)
    assert downloaded.content == CONFIRMATION.attachments[0].content
    assert downloaded.headers["Content-Disposition"] == "attachment; filename=visit.ics"


def test_a_repeated_key_is_accepted_once_and_counted(sandbox: RunningSandbox, sender: SandboxEmailSender) -> None:
    first = sender.send(CONFIRMATION)
    assert sender.send(CONFIRMATION) == first
    [kept] = requests.get(f"{sandbox.url}/v1/emails", timeout=5).json()["emails"]
    assert kept["attempts"] == SENT_TWICE
    assert len(kept["attachments"]) == 1


def test_a_lost_answer_can_be_looked_up(sandbox: RunningSandbox, sender: SandboxEmailSender) -> None:
    requests.post(f"{sandbox.url}/_sandbox/faults", json={"kind": "lose_answer_after"}, timeout=5)
    with pytest.raises(EmailUnknownError):
        sender.send(CONFIRMATION)
    found = sender.lookup(CONFIRMATION.dedupe_key)
    assert found is not None
    assert sender.send(CONFIRMATION) == found


def test_a_message_never_sent_is_not_found(sender: SandboxEmailSender) -> None:
    assert sender.lookup("never") is None


def test_a_slow_answer_leaves_the_outcome_unknown(sandbox: RunningSandbox) -> None:
    requests.post(f"{sandbox.url}/_sandbox/faults", json={"kind": "slow", "seconds": 0.4}, timeout=5)
    sender = SandboxEmailSender(
        sandbox_url=sandbox.url, from_address=FROM, before_call=lambda: None, http=Outbound(read_timeout=0.1)
    )
    with closing(sender), pytest.raises(EmailUnknownError):
        sender.send(CONFIRMATION)
    for _ in range(100):
        if requests.get(f"{sandbox.url}/v1/emails", timeout=5).json()["emails"]:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the slow answer was never finished")


def test_faults_last_as_often_as_asked(sandbox: RunningSandbox, sender: SandboxEmailSender) -> None:
    requests.post(f"{sandbox.url}/_sandbox/faults", json={"kind": "error_500", "times": 2}, timeout=5)
    requests.post(f"{sandbox.url}/_sandbox/faults", json={"kind": "rate_limit_429", "seconds": 30}, timeout=5)
    for pause in (None, None, 30.0):
        with pytest.raises(EmailUnavailableError) as caught:
            sender.send(CONFIRMATION)
        assert caught.value.retry_after == pause
    assert sender.lookup(CONFIRMATION.dedupe_key) is None
    assert sender.send(CONFIRMATION).provider == "sandbox"


@pytest.mark.parametrize(
    "asked", [{"kind": "earthquake"}, {"kind": "slow", "times": 0}, {"kind": "slow", "seconds": -1}, []]
)
def test_an_unknown_fault_is_refused(sandbox: RunningSandbox, asked: object) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", json=asked, timeout=5)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sandbox.faults.pending == 0


def test_a_message_without_its_parts_is_refused_and_not_kept(sandbox: RunningSandbox) -> None:
    answer = requests.post(f"{sandbox.url}/v1/emails", json={"to": "ada@example.org"}, timeout=5)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert requests.get(f"{sandbox.url}/v1/emails", timeout=5).json() == {"emails": []}


def test_the_sandbox_refusing_a_message_is_a_refusal(sandbox: RunningSandbox) -> None:
    sender = SandboxEmailSender(sandbox_url=sandbox.url, from_address=None, before_call=lambda: None)  # type: ignore[arg-type]  # a wrong one on purpose
    with pytest.raises(EmailRefusedError):
        sender.send(CONFIRMATION)


def test_the_list_is_newest_first_and_limited(sandbox: RunningSandbox, sender: SandboxEmailSender) -> None:
    for number in range(3):
        sender.send(letter(dedupe_key=f"key-{number}"))
    kept = requests.get(f"{sandbox.url}/v1/emails?limit=2", timeout=5).json()["emails"]
    assert [email["dedupe_key"] for email in kept] == ["key-2", "key-1"]


def test_the_inbox_shows_markup_as_text(sandbox: RunningSandbox, sender: SandboxEmailSender) -> None:
    attack = "<script>alert(1)</script>"
    sender.send(letter(subject=attack, text=attack, from_name=attack))
    for page in ("/", "/emails/1"):
        shown = requests.get(f"{sandbox.url}{page}", timeout=5)
        assert shown.status_code == HTTPStatus.OK
        assert attack not in shown.text
        assert "&lt;script&gt;" in shown.text
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]


def test_the_html_part_is_shown_where_it_cannot_run(sandbox: RunningSandbox, sender: SandboxEmailSender) -> None:
    sender.send(letter(html="<script>alert(1)</script><p>Hello</p>"))
    frame = requests.get(f"{sandbox.url}/emails/1/html", timeout=5)
    assert "<p>Hello</p>" in frame.text
    directives = frame.headers["Content-Security-Policy"].split("; ")
    assert directives[0].startswith("sandbox ")
    assert "allow-scripts" not in directives[0]
    assert "default-src 'none'" in directives
    page = requests.get(f"{sandbox.url}/emails/1", timeout=5).text
    assert 'iframe sandbox="allow-popups' in page
    assert "allow-scripts" not in page


@pytest.mark.parametrize("path", ["/emails/7", "/emails/7/html", "/emails/7/attachments/0"])
def test_what_is_not_there_is_not_found(sandbox: RunningSandbox, path: str) -> None:
    assert requests.get(f"{sandbox.url}{path}", timeout=5).status_code == HTTPStatus.NOT_FOUND


def test_messages_outlive_a_restart_when_a_file_is_named(tmp_path: Path) -> None:
    state = tmp_path / "messages.sqlite3"
    for _ in range(2):
        sandbox = serve_in_thread(state=state)
        sender = SandboxEmailSender(sandbox_url=sandbox.url, from_address=FROM, before_call=lambda: None)
        sender.send(CONFIRMATION)
        [kept] = requests.get(f"{sandbox.url}/v1/emails", timeout=5).json()["emails"]
        sandbox.stop()
    assert kept["attempts"] == SENT_TWICE
