"""`make check` refuses a change of the event contract that breaks the readers of a released version."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVENTS = Path("functions") / "shared" / "events"

pytestmark = pytest.mark.skipif(
    not (ROOT / "tests" / "node_modules" / ".bin" / "buf").exists(), reason="buf comes from npm: run `make contract`"
)


def gate(folder: Path, before: str, after: str) -> subprocess.CompletedProcess[str]:
    """Its answer to a copy of the contract in which user_created.proto has changed."""
    shutil.copytree(ROOT / EVENTS, folder / EVENTS)
    proto = folder / EVENTS / "user_created.proto"
    text = proto.read_text()
    assert before in text
    proto.write_text(text.replace(before, after))
    return subprocess.run(["scripts/check-contract", folder], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        pytest.param("string company = 4;", "", "FIELD_NO_DELETE", id="removed"),
        pytest.param("string company = 4;", 'reserved 4; reserved "company";', "FIELD_NO_DELETE", id="reserved"),
        pytest.param("company = 4", "company = 8", "FIELD_NO_DELETE", id="renumbered"),
        pytest.param("string name", "bytes name", "FIELD_SAME_TYPE", id="retyped"),
        pytest.param("string email", "repeated string email", "FIELD_SAME_CARDINALITY", id="repeated"),
        pytest.param("optional bool", "bool", "FIELD_SAME_CARDINALITY", id="without presence"),
        pytest.param("string email", "string mail", "FIELD_SAME_NAME", id="renamed"),
        pytest.param("email = 5", 'email = 5 [json_name = "mail"]', "FIELD_SAME_JSON_NAME", id="renamed in JSON"),
        pytest.param("message UserCreated", "message UserAdded", "MESSAGE_NO_DELETE", id="message renamed"),
        pytest.param("package usher", "package other", "FILE_SAME_PACKAGE", id="package renamed"),
    ],
)
def test_change_that_breaks_readers_fails_with_its_rule_and_what_to_do_instead(
    tmp_path: Path, before: str, after: str, rule: str
) -> None:
    answer = gate(tmp_path, before, after)

    assert answer.returncode == 1
    assert f"error {rule} :" in answer.stdout
    assert f"{EVENTS}/user_created.proto(" in answer.stdout
    assert "new, optional field" in answer.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("string email = 5;", "string email = 5; string plan = 8;", id="field added"),
        pytest.param("company = 4", "company = 4 [deprecated = true]", id="field deprecated"),
        pytest.param("message UserCreated {", "message Plan {}\nmessage UserCreated {", id="message added"),
    ],
)
def test_change_that_readers_do_not_notice_passes(tmp_path: Path, before: str, after: str) -> None:
    answer = gate(tmp_path, before, after)

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
