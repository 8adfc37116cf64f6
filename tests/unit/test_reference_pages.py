"""Pages that list what the code has leave nothing out."""

import re

import pytest

from blueprint.topology import PROJECT_ROOT, Function, read_topology
from shared.contract import documents
from shared.contract.log_events import EffectOutcome, LogEvent

FUNCTIONS = read_topology().functions
SETTINGS, LOG_EVENTS, RUNBOOK, DATA = (
    (PROJECT_ROOT / "docs" / f"{page}.md").read_text() for page in ("settings", "log-events", "operate", "data")
)


@pytest.mark.parametrize(("name", "function"), FUNCTIONS.items(), ids=FUNCTIONS)
def test_settings_are_those_that_the_topology_gives_to_a_function(name: str, function: Function) -> None:
    section = SETTINGS.split(f"\n## {name}\n")[1].split("\n## ")[0]

    assert sorted(re.findall(r"(?m)^- \*\*`(\w+)`\*\* \(", section)) == sorted([*function.settings, *function.secrets])
    assert re.findall(r"`(\w+)`\*\* \(\w+, a secret\)", section) == list(function.secrets)


def test_setting_has_default_bounds_and_meaning() -> None:
    assert "- **`BCRYPT_ROUNDS`** (default `12`, 10 to 16): The cost of a hash." in SETTINGS
    assert "- **`SMTP_SECURITY`** (default `starttls`, one of `none`, `starttls`, `tls`): How" in SETTINGS


def test_log_events_are_those_of_the_contract_and_the_runbook_has_each_above_info() -> None:
    severities = dict(re.findall(r"(?m)^\| `(\w+)` \| ([A-Z]+) ", LOG_EVENTS))

    assert set(severities) == {*LogEvent, *(outcome.of("mail") for outcome in EffectOutcome)}
    in_runbook = {name for heading in re.findall(r"(?m)^### (.*)$", RUNBOOK) for name in heading.split(", ")}
    assert in_runbook >= {name for name, severity in severities.items() if severity != "INFO"}


def test_documents_are_those_of_the_contract() -> None:
    listed = re.findall(r"(?m)^\| `(\w+)/", DATA)

    assert sorted(listed) == sorted(value for name, value in vars(documents).items() if name.isupper())


def test_every_test_that_a_page_names_exists() -> None:
    pages = [*PROJECT_ROOT.glob("*.md"), *PROJECT_ROOT.glob("docs/**/*.md")]
    tests = {*PROJECT_ROOT.glob("tests/**/*.py"), *PROJECT_ROOT.glob("proofs/**/*.py")}
    named = {name for page in pages for name in re.findall(r"`(test_\w+)`", page.read_text())}

    defined = {name for test in tests for name in re.findall(r"def (test_\w+)", test.read_text())}

    assert named - defined == set()
    assert len(named) > 20
