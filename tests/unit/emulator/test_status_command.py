import httpx
import pytest

from emulator.commands.status import open_ui, show_status

PART = {"name": "create_user", "state": "ready", "since": 1000.0, "address": "http://127.0.0.1:8080/"}
INBOX = {"server": "127.0.0.1:8087", "local": True, "inbox": True}


def client(*, ready: bool = True, mail: dict[str, object] = INBOX) -> httpx.Client:
    status = {"ready": ready, "parts": {"create_user": PART}, "mail": mail}
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200 if ready else 503, json=status)))


@pytest.mark.parametrize("ready", [True, False])
def test_status_says_what_is_up_where_and_since_when(ready: bool) -> None:  # noqa: FBT001  pytest's way
    said: list[str] = []

    with client(ready=ready) as stack:
        answer = show_status("http://ui", stack, said.append)

    assert answer is ready
    assert said[0] == f"{'Ready' if ready else 'Not ready'}: http://ui/\n"
    assert said[1].split()[:3] == ["create_user", "ready", "since"]
    assert said[1].endswith("  http://127.0.0.1:8080/")
    assert " 1970-01-01 " in said[1] or " 1969-12-31 " in said[1]  # in this machine's time zone
    assert len(said) == 2


def test_status_says_that_mail_is_real() -> None:
    said: list[str] = []

    with client(mail={"server": "smtp.example.com:587", "local": False, "inbox": False}) as stack:
        show_status("http://ui", stack, said.append)

    assert "\nREAL MAIL: smtp.example.com:587 " in said[-1]


@pytest.mark.parametrize(("browser", "words"), [(True, 1), (False, 2)])
def test_ui_is_opened_and_its_address_said(browser: bool, words: int) -> None:  # noqa: FBT001  pytest's way
    said: list[str] = []
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return browser

    with client() as stack:
        open_ui("http://ui", stack, said.append, browse=browse)

    assert opened == ["http://ui/"]
    assert said[0] == "http://ui/"
    assert len(said) == words
