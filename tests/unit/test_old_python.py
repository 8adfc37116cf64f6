import ast

from blueprint.topology import PROJECT_ROOT


def test_nothing_is_raised_inside_of_an_except_star() -> None:
    """Python 3.11.2 (Debian 12's) would wrap it in the group that was caught, `from None` or not."""
    files = [
        path
        for folder in ("blueprint", "deploy", "emulator", "functions", "operations", "pusher")
        for path in (PROJECT_ROOT / folder).rglob("*.py")
        if "except*" in path.read_text()
    ]

    found = [
        f"{path}:{node.lineno}"
        for path in files
        for handling in ast.walk(ast.parse(path.read_text()))
        if isinstance(handling, ast.TryStar)
        for handler in handling.handlers
        for node in ast.walk(handler)
        if isinstance(node, ast.Raise)
    ]

    assert files
    assert found == []
