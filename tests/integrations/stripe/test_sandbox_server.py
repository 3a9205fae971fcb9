# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from tests.integrations.stripe.conftest import API_KEY, Served, open_account
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import NoAnswerError
from tithi.integrations.stripe.sandbox import serve_in_thread


def test_the_state_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite"
    first = serve_in_thread(state_path=path, secret_key=API_KEY)
    client = StripeProcessor(secret_key=API_KEY, api_base=first.url, before_call=lambda: None)
    account = open_account(client, "main")
    customer = client.create_customer(account=account, key="key", email=None, name="Guest", metadata={})
    first.state.advance(3_600)
    wound = first.state.now()
    client.close()
    first.stop()

    second = serve_in_thread(state_path=path, secret_key=API_KEY)
    client = StripeProcessor(secret_key=API_KEY, api_base=second.url, before_call=lambda: None)

    assert client.create_customer(account=account, key="key", email=None, name="Guest", metadata={}) == customer
    assert len(second.state.objects("customers", account)) == 1
    assert second.state.now() >= wound
    client.close()
    second.stop()


def test_the_command_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "tithi.integrations.stripe.sandbox", "--port", "0", "--secret-key", API_KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        answer = requests.get(f"{url}/v1/customers", headers={"Authorization": f"Bearer {API_KEY}"}, timeout=10)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0

    assert answer.json() == {"object": "list", "data": [], "has_more": False, "url": "/v1/customers"}


def test_the_index_shows_the_clock_and_the_commands(served: Served) -> None:
    answer = served.session.get(f"{served.url}/_sandbox/", timeout=10)

    assert answer.status_code == HTTPStatus.OK
    assert str(served.state.now())[:-2] in answer.text
    assert "/_sandbox/faults" in answer.text


def test_the_clock_is_set_and_advanced_over_http(served: Served) -> None:
    clock = f"{served.url}/_sandbox/clock"

    set_to = served.session.post(clock, json={"now": "2031-05-01T12:00:00+00:00"}, timeout=10).json()["now"]
    advanced = served.session.post(clock, data={"advance_seconds": 86_400}, timeout=10).json()["now"]
    wrong = served.session.post(clock, data={"now": "tomorrow"}, timeout=10)

    assert set_to in range(1_935_403_199, 1_935_403_205)
    assert advanced - set_to in range(86_400, 86_405)
    assert wrong.status_code == HTTPStatus.BAD_REQUEST


def test_lists_come_in_pages_newest_first(served: Served, account: str) -> None:
    made = [
        served.request("POST", "/v1/customers", account, name=f"Guest {number}").json()["id"] for number in range(5)
    ]

    first = served.request("GET", "/v1/customers", account, limit=2).json()
    second = served.request("GET", "/v1/customers", account, limit=2, starting_after=first["data"][-1]["id"]).json()
    last = served.request("GET", "/v1/customers", account, limit=2, starting_after=second["data"][-1]["id"]).json()
    back = served.request("GET", "/v1/customers", account, limit=2, ending_before=last["data"][0]["id"]).json()

    assert [body["id"] for page in (first, second, last) for body in page["data"]] == made[::-1]
    assert [page["has_more"] for page in (first, second, last)] == [True, True, False]
    assert [body["id"] for body in back["data"]] == [body["id"] for body in second["data"]]


def test_unknown_parameters_and_paths_are_refused_as_the_vendor_refuses_them(served: Served, account: str) -> None:
    parameter = served.request("POST", "/v1/customers", account, colour="red")
    legacy = served.request("POST", "/v1/charges", account, amount=500)

    assert parameter.json()["error"]["code"] == "parameter_unknown"
    assert legacy.status_code == HTTPStatus.NOT_FOUND


def test_a_key_may_come_as_the_user_of_basic_authentication(served: Served) -> None:
    answer = served.session.get(f"{served.url}/v1/application_fees", auth=(API_KEY, ""), timeout=10)

    assert answer.json()["data"] == []


def test_a_stopped_sandbox_answers_nobody_not_even_on_an_open_connection() -> None:
    running = serve_in_thread(secret_key=API_KEY)
    processor = StripeProcessor(secret_key=API_KEY, api_base=running.url, before_call=lambda: None)
    account = open_account(processor, "main")

    running.stop()

    with pytest.raises(NoAnswerError):
        processor.fetch_account(account=account)
    processor.close()


def test_a_missing_parameter_is_named(served: Served, account: str) -> None:
    answer = served.request("POST", "/v1/payment_intents", account, amount=500)

    assert answer.json()["error"]["param"] == "currency"
    assert answer.json()["error"]["code"] == "parameter_missing"


def test_a_page_of_another_origin_may_ask_on_behalf_of_a_customer(served: Served) -> None:
    answer = served.session.options(f"{served.url}/v1/payment_methods", timeout=10)

    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_bank_page_asks_the_customer_and_takes_the_answer(served: Served, account: str) -> None:
    setup = served.request(
        "POST",
        "/v1/setup_intents",
        account,
        confirm="true",
        payment_method="pm_card_authenticationRequired",
        return_url="https://salon.test/back",
    ).json()
    page = setup["next_action"]["redirect_to_url"]["url"]

    asked = served.session.get(page, timeout=10)
    answered = served.session.post(page, data={"outcome": "success"}, timeout=10)

    assert "outcome" in asked.text
    assert answered.json()["status"] == "succeeded"
