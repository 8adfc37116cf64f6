"""How the command line ends: with the exit codes of deploy/README.md, and a sentence instead of a traceback."""

import re
from argparse import Namespace

import pytest

from blueprint.gcloud import GcloudError
from blueprint.topology import PROJECT_ROOT
from deploy.cli import main
from deploy.cloud import UnreadableError
from deploy.down import REFUSED
from deploy.rollback import NOTHING_TO_PUT_BACK
from deploy.settings import SettingsError
from deploy.status import LOSING
from deploy.trial import RevisionRefusedError

AGAIN = "Fix this, then run the same command again: it continues from here."
ENDS = {
    SettingsError("SMTP_PORT is wrong"): (2, "SMTP_PORT is wrong"),
    GcloudError(("gcloud", "projects"), "no"): (1, f"failed: gcloud projects\nno\n{AGAIN}"),
    UnreadableError("no network"): (1, f"no network\n{AGAIN}"),
    RevisionRefusedError("create-user-2 was refused"): (1, "create-user-2 was refused"),
    KeyboardInterrupt(): (130, "\nInterrupted. Run the same command again: it continues from here."),
}


@pytest.mark.parametrize("raised", ENDS, ids=lambda raised: type(raised).__name__)
def test_what_stops_a_verb_is_said_and_decides_the_exit_code(
    raised: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_arguments: Namespace) -> int:
        raise raised

    monkeypatch.setattr("deploy.cli.up", fail)
    monkeypatch.setattr("sys.argv", ["deploy", "up"])

    with pytest.raises(SystemExit) as end:
        main()

    assert (end.value.code, capsys.readouterr().err) == (ENDS[raised][0], f"{ENDS[raised][1]}\n")


def test_page_explains_every_exit_code() -> None:
    page = (PROJECT_ROOT / "deploy" / "README.md").read_text().partition("| exit code |")[2].partition("\n\n")[0]
    explained = {int(code) for code in re.findall(r"(?m)^\| (\d+) \|", page)}

    assert explained == {0, NOTHING_TO_PUT_BACK, REFUSED, LOSING, *(code for code, _text in ENDS.values())}
