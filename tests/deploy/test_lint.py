"""Every gcloud command that is printed, documented or advised passes gcloud's own parser."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.gcloud import GcloudError
from blueprint.topology import PROJECT_ROOT
from deploy.preflight.local_gcloud import SINCE
from tests.deploy.commands import gcloud_commands, lint_faults
from tests.unit.deploy.fake_answers import FakeAnswers, found, make_trouble
from tests.unit.deploy.plans import PROJECT, REGION, deployment
from tests.unit.deploy.printed import SCRIPTS, printed

pytestmark = pytest.mark.timeout(300)
DOCUMENTS = [
    file for part in ("*.md", "deploy/*.md", "docs/**/*.md", "benchmarks/**/*.md") for file in PROJECT_ROOT.glob(part)
]
# What tests/unit/deploy finds in a text of status, in refusals and in single findings.
SAID = [
    f"gcloud logging read 'severity>=WARNING' --freshness=1h --limit=50 --project={PROJECT}",
    f"gcloud run services update-traffic create-user --region={REGION} --to-latest --project={PROJECT}",
    f"gcloud projects undelete {PROJECT}",
    f"gcloud services enable run.googleapis.com --project={PROJECT}",
    f"gcloud pubsub subscriptions delete send-email --project={PROJECT}",
    f"gcloud secrets versions enable NUMBER --secret=usher-password-peppers --project={PROJECT}",
]


def test_every_command_passes_gclouds_own_parser(
    gcloud: str, gcloud_environment: dict[str, str], tmp_path: Path
) -> None:
    printed_ones = [command for words in SCRIPTS.values() for command in gcloud_commands(printed(*words))]
    documented = gcloud_commands("\n".join(map(shell_lines, DOCUMENTS)))
    wrong = gcloud_commands("x=$(gcloud pubsub topics create t --no-such-flag=1 | cat)\n")
    all_of_them = {*printed_ones, *documented, *advised(), *found_ones(), *SAID, *wrong}

    faults = lint_faults(gcloud, sorted(all_of_them), tmp_path, gcloud_environment)

    assert len(set(printed_ones)) > 60
    assert len(documented) > 25
    assert len(advised()) == 4
    assert len(found_ones()) == 12
    assert len(faults) == 1, faults
    (noticed,) = faults
    assert noticed.startswith("gcloud pubsub topics create t --no-such-flag=1: unrecognized")


def test_release_that_a_flag_needs_is_the_one_of_gclouds_own_notes(gcloud: str) -> None:
    notes = Path(gcloud).resolve().parent.parent / "RELEASE_NOTES"
    releases = dict(re.findall(r"(?ms)^## (\d+)\.0\.0 .*?\n(.*?)(?=^## |\Z)", notes.read_text()))

    assert [flag for flag, since in SINCE.items() if f"`{flag}`" not in releases[str(since)]] == []


def shell_lines(document: Path) -> str:
    """What stands in blocks of shell, and the gcloud commands within sentences."""
    block = r"(?ms)^```(\w*)\n(.*?)^```$"
    text = document.read_text()
    shell = [block for language, block in re.findall(block, text) if language in {"", "sh", "bash", "console"}]
    return "\n".join([*shell, *re.findall(r"`(gcloud [a-z][^`…]*)`", re.sub(block, "", text))])


def found_ones() -> set[str]:
    """The gcloud commands in what the preflight finds, in two regions."""
    google = FakeAnswers()
    make_trouble(google.state)
    texts = [*found(google), *found(google, replace(deployment(), region="us-central1"))]
    return set(re.findall(r"(?m)(?:^  |: )(gcloud .*)$", "\n".join(texts)))


def advised() -> list[str]:
    """The gcloud commands that a failure's message ends with."""
    failures = (
        "command group installed",
        "Invalid choice",
        "gcloud auth login",
        "Location 'x' is not a valid location",
    )
    return [command for said in failures for command in re.findall(r": (gcloud .*)", str(GcloudError((), said)))]
