"""The server of a function: one whose CPU is taken away between requests, as the platform may do, and its sockets."""

import os
import signal
import time

import psutil

from testkit.polling import eventually, is_serving
from testkit.running_function import RunFunction

WORKER_TIMEOUT_SECONDS = 1  # as the platform sets it, only sooner


def test_frozen_instance_keeps_its_worker_when_it_wakes(run_function: RunFunction) -> None:
    function = run_function("send_email", CLOUD_RUN_TIMEOUT_SECONDS=str(WORKER_TIMEOUT_SECONDS))
    workers = psutil.Process(function.pid).children()

    os.killpg(function.pid, signal.SIGSTOP)
    time.sleep(WORKER_TIMEOUT_SECONDS + 0.5)  # it is time itself that passes
    os.killpg(function.pid, signal.SIGCONT)

    # Its master looks for silent workers every second.
    assert not eventually(lambda: not is_serving(function.url), seconds=2.5)
    assert psutil.Process(function.pid).children() == workers


def test_server_opens_no_socket_that_another_server_would_take_from_it(run_function: RunFunction) -> None:
    server = psutil.Process(run_function("send_email").pid)

    # Its master would open one soon after its first worker.
    assert not eventually(lambda: any(socket.laddr for socket in server.net_connections("unix")), seconds=1)
