"""More sign-ups than can be hashed: some are refused at once, the others are as quick and as safe as ever."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import httpx
from google.cloud.firestore import Client

from create_user.hash_queue import hash_cpu_seconds
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.running_function import RunFunction
from testkit.signing_up import members, sign_up
from testkit.stack import LocalStack

ROUNDS = 11
SECONDS = 3
CALLERS = 40
PAUSE_SECONDS = 0.5  # of a caller who was refused
LONGEST_WAIT_SECONDS = 0.5
MARGIN_SECONDS = 0.5  # the wait is foreseen from the last hash, and the next ones may take longer


def test_twice_the_capacity_is_refused_at_once_or_done_in_time_and_none_of_it_is_lost(
    stack: LocalStack, firestore_client: Client, run_function: RunFunction, inbox: Inbox
) -> None:
    stack.push_events_of(firestore_client.project)
    create_user = run_function("create_user", BCRYPT_ROUNDS=str(ROUNDS), HASH_QUEUE_SECONDS=str(LONGEST_WAIT_SECONDS))

    with httpx.Client(trust_env=False, timeout=30) as client, ThreadPoolExecutor(CALLERS) as callers:
        started = time.monotonic()
        calls = [callers.submit(keep_signing_up, client, create_user.url, started + SECONDS) for _ in range(CALLERS)]
        answers = [answer for call in calls for answer in call.result()]
        took = time.monotonic() - started

    accepted = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 503]
    logged = [json.loads(line) for line in create_user.log_lines() if '"user_registered"' in line]
    hash_seconds = took * (os.cpu_count() or 1) / len(logged)  # of one, as slow as this machine is now
    waits_and_hashes = [line["hash_ms"] / 1000 for line in logged]
    assert len(accepted) + len(refused) == len(answers)
    assert len(refused) >= len(accepted) > 0, "it was less than twice the capacity"
    # Who is let in has so many hashes before them; how long those take is the machine's affair.
    hashes_before = LONGEST_WAIT_SECONDS / hash_cpu_seconds(ROUNDS)
    assert median(waits_and_hashes) < (hashes_before + 2) * hash_seconds + MARGIN_SECONDS
    assert {answer.json()["code"] for answer in refused} == {"overloaded"}
    assert min(int(answer.headers["Retry-After"]) for answer in refused) > LONGEST_WAIT_SECONDS
    assert {each.id for each in firestore_client.collection("users").get()} == {user["id"] for user in accepted}
    assert eventually(lambda: not firestore_client.collection("outbox").get())
    for user in accepted:
        inbox.wait_for_mail_to(user["email"])


def test_so_many_hashes_run_at_once_as_the_function_was_given_cpus_for(run_function: RunFunction) -> None:
    create_user = run_function("create_user", BCRYPT_ROUNDS="12", HASH_CPUS="1", HASH_QUEUE_SECONDS="0")

    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(lambda _: sign_up(create_user.url, members()), range(4)))

    assert {answer.status_code for answer in answers} == {201, 503}


def keep_signing_up(client: httpx.Client, url: str, until: float) -> list[httpx.Response]:
    """Sign new users up, one after the other."""
    answers = []
    while time.monotonic() < until:
        answers.append(client.post(url, json=members()))
        if answers[-1].is_server_error:
            time.sleep(PAUSE_SECONDS)
    return answers
