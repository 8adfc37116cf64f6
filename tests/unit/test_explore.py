"""Every execution within bounds. The tables of docs/explore.md are held against what is explored."""

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from proofs.explore import __main__ as explore_command
from proofs.explore import exploring
from proofs.explore.engine import Exploration
from proofs.explore.exploring import Explored, Place, explore_scopes, run_mutants
from proofs.explore.mailbox_mutants import MAILBOX_MUTANTS
from proofs.explore.mutants import MUTANTS
from proofs.explore.mutation import StaleMutantError
from proofs.explore.replay import Call, Told, ask, replay
from proofs.explore.tables import mutant_row, printed_trace, scope_row

PAGE = Path(__file__).parents[2] / "docs" / "explore.md"
CLEARED_AT_ANY_VERSION = "cleared at whatever version is there"


def rows_of_page() -> list[str]:
    rows = re.findall(r"(?m)^\|.*\|$", PAGE.read_text().partition("<!-- explored: begin -->")[2])
    return [row for row in rows if not row.startswith(("|--", "| scope", "| protection"))]


def without_seconds(row: str) -> str:
    return row.rsplit("|", 2)[0]


def first_cells(rows: Iterable[str]) -> list[str]:
    return [row.split(" | ")[0].removeprefix("| ") for row in rows]


def places_in(rows: Iterable[str]) -> dict[str, Place]:
    return {name: (scope, int(faults)) for name, scope, faults, *_ in (row.strip("| ").split(" | ") for row in rows)}


def traces(explored: Iterable[Explored]) -> list[str]:
    return [f"{each.scope}: {printed_trace(each.exploration)}" for each in explored if each.exploration.broken]


@pytest.mark.sample
def test_no_promise_breaks_with_few_faults_and_the_page_names_all_that_is_explored() -> None:
    explored = list(explore_scopes(quickly=True))

    assert traces(explored) == []
    assert first_cells(rows_of_page()) == [each.scope for each in explored] + [mutant.name for mutant in MUTANTS]


def test_entry_cleared_at_whatever_version_loses_an_event_and_the_trace_says_how() -> None:
    (found,) = run_mutants(CLEARED_AT_ANY_VERSION)

    trace = printed_trace(found.exploration)
    assert found.exploration.broken == "I2: the event is lost"
    assert re.search(r"(?m)^ +(relay|repeat) +delete outbox +done", trace)
    assert mutant_row(found) in rows_of_page()


@pytest.mark.sample
def test_every_broken_protection_of_the_mailbox_is_noticed_without_a_fault() -> None:
    rows = rows_of_page()[-len(MAILBOX_MUTANTS) :]
    places = places_in(rows)

    found = list(run_mutants(*places, places=places))

    assert [mutant_row(each) for each in found] == rows
    assert {(each.faults, each.exploration.breaks_a_promise) for each in found} == {(0, True)}


def test_mutant_whose_line_the_source_has_no_more_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    (mutant,) = (each for each in MUTANTS if each.name == CLEARED_AT_ANY_VERSION)
    monkeypatch.setattr(exploring, "MUTANTS", [replace(mutant, old="no such line")])

    with pytest.raises(StaleMutantError):
        list(run_mutants(mutant.name))


def test_error_that_a_process_is_told_keeps_nothing_of_its_run_in_memory() -> None:
    error = TimeoutError()

    call, answer = replay("a process", lambda: str(ask(Call("a call"))), [Told(error=error)])

    assert (call, answer.split()[1]) == (None, "TimeoutError")
    assert error.__traceback__ is None


@pytest.mark.parametrize(("broken", "status"), [("I2: lost", 0), ("", 1), ("500 KeyError without a cause", 1)])
def test_mutant_counts_as_noticed_only_if_a_promise_breaks(
    broken: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed = Explored("a scope", 2, 0, Exploration(1, 0, 0, broken), 0.1, MUTANTS[0])
    monkeypatch.setattr(explore_command, "explore_scopes", lambda **_: [])
    monkeypatch.setattr(explore_command, "run_mutants", lambda: [noticed])
    monkeypatch.setattr(sys, "argv", ["explore"])

    assert explore_command.main() == status


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_no_promise_breaks_with_all_faults_of_the_page() -> None:
    explored = list(explore_scopes(quickly=False))

    assert traces(explored) == []
    assert [without_seconds(scope_row(each)) for each in explored] == [
        without_seconds(row) for row in rows_of_page()[: len(explored)]
    ]


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_every_protection_that_is_broken_is_noticed() -> None:
    """Where the page says; `make explore` searches for each."""
    rows = rows_of_page()[-len(MUTANTS) :]

    found = list(run_mutants(places=places_in(rows)))

    assert [each.mutant for each in found if not each.exploration.breaks_a_promise] == []
    assert [mutant_row(each) for each in found] == rows
