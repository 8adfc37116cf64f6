"""What a function sees that starts as a fork is what it would see in an interpreter of its own."""

import json
from pathlib import Path

from testkit.forked_process import ForkedProcess

PROGRAM = """
import json, os, sys
sys.path.append(os.path.dirname(__file__))  # last, as functions-framework does
import shared
print(json.dumps([__name__, sys.argv[1:], dict(os.environ), shared.IS, os.getsid(0) == os.getpid()]))
sys.exit(3)
"""


def test_fork_has_its_own_code_arguments_and_environment_and_session(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)
    (tmp_path / "shared.py").write_text("IS = 'the bundle'")

    process = ForkedProcess([str(tmp_path / "main.py"), "--port", "1"], environment={"PORT": "2"}, log=tmp_path / "log")

    assert process.wait(30) == 3
    seen = json.loads((tmp_path / "log").read_text())
    assert seen == ["__main__", ["--port", "1"], {"PORT": "2"}, "the bundle", True]
