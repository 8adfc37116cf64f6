"""topology.toml says which rooms of functions/shared a function uses. It says so of each and of no other."""

import grimp
import pytest

from blueprint.topology import PROJECT_ROOT, read_topology

FUNCTIONS = read_topology().functions


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("shared", *FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_lists_the_rooms_that_it_imports(imports: grimp.ImportGraph, name: str) -> None:
    imported = imports.find_upstream_modules(name, as_package=True)

    assert {module.split(".")[1] for module in imported if "." in module} == set(FUNCTIONS[name].rooms)


def test_every_room_says_in_a_sentence_what_it_is_for() -> None:
    rooms = [
        folder for folder in (PROJECT_ROOT / "functions" / "shared").iterdir() if (folder / "__init__.py").exists()
    ]

    assert all((room / "__init__.py").read_text().startswith('"""') for room in rooms)
    assert {room.name for room in rooms} == {room for function in FUNCTIONS.values() for room in function.rooms}
