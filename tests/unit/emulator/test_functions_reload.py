from pathlib import Path

import pytest

from blueprint.topology import read_topology
from emulator.functions.reload import affected


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ("functions/create_user/registration.py", ["create_user"]),
        ("functions/send_email/templates/layout.html", ["send_email"]),
        ("functions/shared/runtime/logs.py", ["create_user", "relay_outbox", "audit", "send_email", "notify_admin"]),
        ("functions/shared/outbox/outbox.py", ["create_user", "relay_outbox"]),
        ("functions/README.md", []),
    ],
)
def test_change_affects_the_functions_that_contain_the_file(changed: str, names: list[str]) -> None:
    assert affected([Path(changed)], read_topology().functions) == names
