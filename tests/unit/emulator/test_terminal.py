import json
from io import StringIO

import pytest

from blueprint.topology import PROJECT_ROOT
from emulator.terminal.terminal import Terminal

USER, EVENT = "7967ee14-e018-47b1-81d0-cc674cb89ca8", "fb65b00d-d148-56f0-9804-4cca4dfe36e5"
REGISTERED = {
    "severity": "INFO",
    "message": "user_registered",
    "user_id": USER,
    "event_id": EVENT,
    "latency_ms": 231,
    "look_up_ms": 6,
    "hash_ms": 200,
    "store_ms": 4,
    "publish_ms": 3.0,
    "logging.googleapis.com/trace": "projects/p/traces/t",
}
SENT = {
    "severity": "INFO",
    "message": "mail_sent",
    "event_id": EVENT,
    "user_id": USER,
    "attempts": 1,
    "takeovers": 0,
    "act_ms": 12,
    "latency_ms": 300,
}
REFUSED = SENT | {
    "severity": "ERROR",
    "message": "mail_refused",
    "code": "rcpt_550_5.1.1",
    "exception": "UndeliverableError from SMTPRecipientsRefused",
    "stack": f'  File "{PROJECT_ROOT}/build/send_email/smtp_mailer.py", line 61, in send\n    raise\n',
}
IDLE = {"severity": "INFO", "message": "outbox_relayed", "relayed": 0, "remaining": 0, "oldest_age_seconds": 0.0}
BUG = {
    "severity": "ERROR",
    "message": "request_failed",
    "status": 500,
    "code": "internal",
    "exception": "KeyError",
    "stack": f'  File "{PROJECT_ROOT}/build/create_user/main.py", line 40, in create_user\n    fail()\n'
    '  File "/usr/lib/python3/site-packages/flask/app.py", line 7, in dispatch\n    return go()\n'
    f'  File "{PROJECT_ROOT}/build/create_user/shared/web/responses.py", line 36, in go\n    fail()\n    ~~~~^^\n',
}


class FakeTerminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("emulator.terminal.terminal.time.strftime", lambda _: "09:03:07 ")


def shown(*lines: object, by: str = "send_email") -> list[str]:
    """What a terminal shows of lines, each as it is or the entry that it holds."""
    output = FakeTerminal()
    terminal = Terminal(output, StringIO())
    for line in lines:
        terminal.line(by, line if isinstance(line, str) else json.dumps(line))
    return output.getvalue().splitlines()


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_sign_up_is_three_lines(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert shown(REGISTERED, by="create_user") == ["09:03:07 create_user  user_registered user=7967ee14 231 ms"]
    assert shown(SENT) == ["09:03:07 send_email   mail_sent user=7967ee14 300 ms"]
    assert shown(SENT | {"message": "sms_sent"}, by="notify_admin") == [
        "09:03:07 notify_admin sms_sent user=7967ee14 300 ms"
    ]


def test_expected_refusal_is_one_line_without_its_traceback() -> None:
    assert shown(REFUSED) == ["09:03:07 send_email   mail_refused user=7967ee14 code=rcpt_550_5.1.1 300 ms"]


def test_only_fields_that_say_something_are_shown() -> None:
    entry = {"message": "m", "event_id": EVENT, "attempts": 2, "takeovers": 0, "text": "", "none": None}
    flags = {"outcome_unknown": True, "other": False}
    numbers = {"age_seconds": 12.340000000000002, "tiny": 0.01, "whole": 7.0, "latency_ms": 0}

    assert shown(entry | flags | numbers | {"record": "ab12" * 16}) == [
        "09:03:07 send_email   m event=fb65b00d attempts=2 outcome_unknown",
        "                      age_seconds=12.3 whole=7 record=ab12ab12",
    ]


def test_run_of_the_relay_is_shown_where_it_did_something_or_could_not() -> None:
    assert shown(IDLE) == []
    assert shown(IDLE | {"relayed": 2}) == ["09:03:07 send_email   outbox_relayed relayed=2"]
    assert shown(IDLE | {"remaining": 1}) == ["09:03:07 send_email   outbox_relayed remaining=1"]


def test_audit_is_shown_where_a_promise_is_not_kept() -> None:
    audited = {"severity": "INFO", "message": "promises_audited", "users": 4}

    assert shown(audited) == []
    assert shown(audited | {"severity": "ERROR", "status": 2}) == [
        "09:03:07 send_email   promises_audited users=4 status=2",
    ]


def test_traceback_of_a_bug_is_cut_to_the_functions_own_frames_and_names_their_source() -> None:
    prefix = "09:03:07 create_user  "
    assert shown(BUG, by="create_user") == [
        f"{prefix}request_failed status=500 code=internal",
        f"{prefix}  functions/create_user/main.py:40 in create_user",
        f"{prefix}    fail()",
        f"{prefix}  functions/shared/web/responses.py:36 in go",
        f"{prefix}    fail()",
        f"{prefix}    ~~~~^^",
        f"{prefix}KeyError",
    ]


def test_traceback_that_a_crash_printed_is_cut_as_well() -> None:
    def crash(bar: str) -> list[str]:
        return [
            f'{bar}  File "<frozen runpy>", line 88, in _run_code',
            f'{bar}  File "{PROJECT_ROOT}/emulator/functions/function_server.py", line 25, in main',
            f"{bar}    app = create_app()",
            f"{bar}          ~~~~~~~~~~^^",
            f'{bar}  File "{PROJECT_ROOT}/build/send_email/main.py", line 3',
            f"{bar}    a = (",
            f"{bar}        ^",
            f"{bar}SyntaxError: '(' was never closed",
        ]

    for bar in ("", "  | "):
        assert shown("Traceback (most recent call last):", *crash(bar), "") == [
            f"09:03:07 send_email   {line}"
            for line in (
                "Traceback (most recent call last):",
                f"{bar}  functions/send_email/main.py:3",
                f"{bar}    a = (",
                f"{bar}        ^",
                f"{bar}SyntaxError: '(' was never closed",
            )
        ]


@pytest.mark.parametrize("columns", [10, 40, 60, 80, 120])
def test_what_does_not_fit_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    words = "event_rejected reason=the attribute ce-type does not name a known event"

    first, *rest = shown(f"{words} {'x' * 130}")

    assert first.startswith("09:03:07 send_email   event_rejected")
    assert all(line.startswith(" " * 22) for line in rest)
    assert max(map(len, [first, *rest])) <= max(columns, 42)
    assert "".join([first, *rest]).replace(" ", "").endswith(words.replace(" ", "") + "x" * 130)


@pytest.mark.parametrize(("severity", "colour"), [("WARNING", "33"), ("ERROR", "31")])
def test_trouble_is_coloured(monkeypatch: pytest.MonkeyPatch, severity: str, colour: str) -> None:
    monkeypatch.delenv("NO_COLOR")

    [line] = shown({"severity": severity, "message": "m"})

    assert line.endswith(f"\x1b[{colour}mm\x1b[0m")


@pytest.mark.parametrize("variable", [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_declined(monkeypatch: pytest.MonkeyPatch, variable: tuple[str, str]) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv(*variable)

    assert "\x1b" not in "".join(shown(REFUSED, BUG, "text"))


@pytest.mark.parametrize("line", ["[bold]42", "42", '"text"', "[1]", "{broken"])
def test_line_that_is_not_a_log_entry_is_shown_as_it_is(line: str) -> None:
    assert shown(line) == [f"09:03:07 send_email   {line}"]


def test_in_a_pipe_every_line_is_a_json_object_with_the_functions_name() -> None:
    output, errors = StringIO(), StringIO()
    terminal = Terminal(output, errors)

    for line in (json.dumps(REGISTERED), json.dumps(IDLE), "Traceback:", "", "[1]"):
        terminal.line("create_user", line)
    terminal.say("Stopping [now]")

    assert [json.loads(line) for line in output.getvalue().splitlines()] == [
        {"function": "create_user", **REGISTERED},
        {"function": "create_user", **IDLE},
        {"function": "create_user", "message": "Traceback:"},
        {"function": "create_user", "message": "[1]"},
    ]
    assert errors.getvalue() == "Stopping [now]\n"
