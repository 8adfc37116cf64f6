"""The event contract as Pub/Sub's schemas: registered, followed, bound to no topic."""

from pathlib import Path

import pytest

from deploy.steps.schemas import event_type
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated
from tests.deploy.conftest import Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps

pytestmark = pytest.mark.timeout(300)
CONTRACTS = Path(__file__).parent.parent.parent / "functions" / "shared" / "events"
PROTO = (CONTRACTS / "user_created.proto").read_text()


def test_each_contract_is_registered_as_it_is_under_its_events_type(deployed: Deployed) -> None:
    registered = {name: [one["definition"] for one in revisions] for name, revisions in deployed.state.schemas.items()}

    assert registered == {event_type(file.read_text()): [file.read_text()] for file in CONTRACTS.glob("*.proto")}
    assert {one["type"] for revisions in deployed.state.schemas.values() for one in revisions} == {"PROTOCOL_BUFFER"}


def test_schemas_go_by_the_types_that_the_events_have_on_the_wire(deployed: Deployed) -> None:
    assert set(deployed.state.schemas) == {UserCreated.type, SignUpRequested.type, SignUpRepeated.type}


def test_no_topic_is_bound_to_a_schema(deployed: Deployed) -> None:
    assert not any("schemaSettings" in topic for topic in deployed.state.topics.values())


def test_contract_that_has_changed_is_one_more_revision(deployed_google: FakeGoogle, steps: Steps) -> None:
    (first,) = deployed_google.state.schemas["user.created"]
    older = {**first, "definition": "an older contract"}
    deployed_google.state.schemas["user.created"] = [older]

    for _ in range(2):
        steps.run("revision of the schema user.created")

    definitions = [one["definition"] for one in deployed_google.state.schemas["user.created"]]
    assert definitions == ["an older contract", PROTO]


def test_contract_that_names_no_event_type_is_refused() -> None:
    with pytest.raises(ValueError, match="first line"):
        event_type("syntax = 'proto3';")
