"""The script of `rollback --dry-run` puts back what `rollback` does."""

import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from deploy.rollback import rollback
from tests.unit.deploy.fake_cloud_run import FakeCloudRun, FakeService
from tests.unit.deploy.plans import deployment
from tests.unit.deploy.printed import SCRIPTS, printed

# Labels are files of their names, and so are the newest revisions of services.
_GCLOUD = """#!/bin/bash
cd "${0%/*}" || exit
words=$*
case $words in
    *"topics describe"*) label=${words##*labels.}; cat "${label%%)*}" 2> /dev/null || true ;;
    *"services list"*) name=${words##*metadata.name=}; cat "${name%% *}" 2> /dev/null || true ;;
    *"topics update"*)
        labels=${words##*--update-labels=}
        IFS=, read -ra pairs <<< "${labels%% *}"
        for pair in "${pairs[@]}"; do echo "${pair#*=}" > "${pair%%=*}"; done ;;
    *) echo "gcloud $words" >> journal ;;
esac
"""
NAMES = ("create-user", "send-email")
BEFORE = {"before_create-user": "create-user-1", "before_send-email": "send-email-1"}
WHOLE = BEFORE | {"now_create-user": "create-user-2", "now_send-email": "send-email-2"}
STOPPED = BEFORE | {"now_create-user": "create-user-2", "now_send-email": "send-email-1"}
FIRST = {"now_create-user": "create-user-2", "now_send-email": "send-email-2"}


def test_script_stops_where_nothing_of_usher_runs(tmp_path: Path) -> None:
    (tmp_path / "gcloud").write_text(_GCLOUD)
    (tmp_path / "gcloud").chmod(0o755)

    script = printed(*SCRIPTS["rollback"])
    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (
        1,
        "There is nothing to put back: no service of Usher runs in europe-west1.\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["gcloud"]  # labels would be files


@pytest.mark.parametrize("labels", [WHOLE, STOPPED, FIRST, {}], ids=["whole", "stopped", "the first", "none"])
def test_script_shifts_what_rollback_shifts(labels: dict[str, str], tmp_path: Path) -> None:
    cloud = FakeCloudRun(
        {name: FakeService(name, [f"{name}-{n}" for n in range(3)], {f"{name}-0": 100}) for name in NAMES},
        labels=dict(labels),
    )
    (tmp_path / "gcloud").write_text(_GCLOUD)
    (tmp_path / "gcloud").chmod(0o755)
    for name, text in {**labels, **{one.name: one.revisions[-1] for one in cloud.services.values()}}.items():
        (tmp_path / name).write_text(f"{text}\n")
    (tmp_path / "journal").touch()

    script = printed(*SCRIPTS["rollback"])
    subprocess.run(["bash", "-c", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    rollback(Namespace(dry_run=False), deployment(), run=cloud.run)

    shifts = [" ".join(command) for command in cloud.journal if "update-traffic" in command]
    assert (tmp_path / "journal").read_text().splitlines() == shifts
    assert {name: (tmp_path / name).read_text().strip() for name in cloud.labels} == cloud.labels
