from io import StringIO

import pytest

from emulator.terminal.terminal import Terminal

ENTRY = (
    '{"severity": "INFO", "message": "user_registered", "user_id": "u1", "latency_ms": 231,'
    ' "logging.googleapis.com/trace": "projects/p/traces/t"}'
)


class FakeTerminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


def shown(line: str) -> str:
    """The line as it stands on a terminal, after the name's column."""
    output = FakeTerminal()
    Terminal(output, StringIO()).line("send_email", line)
    return output.getvalue().partition("send_email   ")[2].removeprefix("\x1b[0m")


def test_log_entry_is_short_on_a_terminal() -> None:
    assert shown(ENTRY) == "user_registered user_id=u1 231 ms\n"


def test_name_has_a_fixed_width_and_a_colour() -> None:
    output = FakeTerminal()

    Terminal(output, StringIO()).line("relay", ENTRY)

    assert output.getvalue().startswith("\x1b[")
    assert "relay        \x1b[0m" in output.getvalue()


@pytest.mark.parametrize(("severity", "colour"), [("WARNING", "33"), ("ERROR", "31")])
def test_trouble_is_coloured(severity: str, colour: str) -> None:
    assert shown(f'{{"severity": "{severity}", "message": "m"}}') == f"\x1b[{colour}mm\x1b[0m\n"


def test_stack_of_an_exception_follows_on_lines_of_its_own() -> None:
    assert shown('{"message": "m", "stack": "  File 1\\n  File 2\\n", "code": 5}') == "m code=5 \n  File 1\n  File 2\n"


@pytest.mark.parametrize(
    "line", ["Traceback (most recent call last):", "[bold]42", "42", '"text"', "[1]", "", "{broken"]
)
def test_line_that_is_not_a_log_entry_is_shown_as_it_is(line: str) -> None:
    assert shown(line) == f"{line}\n"


def test_long_line_is_not_wrapped() -> None:
    assert shown("x" * 500) == "x" * 500 + "\n"


def test_piped_log_is_raw_and_without_the_stacks_own_words() -> None:
    output, errors = StringIO(), StringIO()
    terminal = Terminal(output, errors)

    terminal.line("create_user", ENTRY)
    terminal.say("Stopping [now]")

    assert output.getvalue() == f"{ENTRY}\n"
    assert errors.getvalue() == "Stopping [now]\n"
