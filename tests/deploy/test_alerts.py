"""What an operator gets: alerts, who is told, a dashboard, and images that do not pile up."""

from typing import Any

import pytest

from blueprint.topology import read_topology
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps, carry_out
from tests.unit.deploy.plans import ALERT_EMAIL, PROJECT, REGION

pytestmark = pytest.mark.timeout(300)
TOLD = ["projects/p/notificationChannels/1", f"projects/{PROJECT}/notificationChannels/1"]
NOTIFY = "Notify the address"


def test_relay_that_is_never_called_or_always_fails_raises_an_alert(google: FakeGoogle, steps: Steps) -> None:
    carry_out([steps.one(NOTIFY), steps.one("Alert: Usher: relay-outbox does not run")])

    (alert,) = google.state.alerts.values()
    (condition,) = alert["conditions"]
    absent = condition["conditionAbsent"]
    assert absent["duration"] == "600s"
    assert 'resource.label.service_name="relay-outbox"' in absent["filter"]
    assert 'response_code_class="2xx"' in absent["filter"]
    assert absent["aggregations"] == [
        {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}
    ]
    assert (alert["displayName"], alert["combiner"]) == ("Usher: relay-outbox does not run", "OR")
    assert alert["notificationChannels"] == TOLD
    (channel,) = google.state.channels.values()
    assert (channel["type"], channel["labels"]) == ("email", {"email_address": ALERT_EMAIL})
    assert google.unknown == []


def test_alert_that_has_drifted_is_brought_back_and_taken_away_before_its_channel(
    google: FakeGoogle, steps: Steps
) -> None:
    """A second channel of the project's own has the same address: it is neither adopted nor taken away."""
    theirs = {
        "name": f"projects/{PROJECT}/notificationChannels/9",
        "type": "email",
        "labels": {"email_address": ALERT_EMAIL},
    }
    google.state.channels["theirs"] = theirs
    alerting = [steps.one(NOTIFY), steps.one("Alert: Usher: mails are late")]
    carry_out(alerting)
    made = google.saved().alerts
    (alert,) = google.state.alerts.values()
    alert["notificationChannels"] = TOLD[:1]
    alert["conditions"][0]["conditionPrometheusQueryLanguage"]["query"] = "vector(0)"

    carry_out(alerting)

    assert google.state.alerts == made
    steps.take_away(alerting)
    assert (google.state.alerts, google.state.channels) == ({}, {"theirs": theirs})
    assert google.unknown == []


def test_changed_dashboard_and_metric_are_brought_back(google: FakeGoogle, steps: Steps) -> None:
    made = [steps.one(part) for part in ("Measure mails and SMS", "Create the dashboard")]
    carry_out(made)
    first = google.saved()
    google.state.metrics["usher-effects"]["filter"] = "another"
    google.state.dashboards[f"projects/{PROJECT}/dashboards/usher"]["gridLayout"] = {}

    carry_out(made)

    assert google.state.metrics == first.metrics
    assert google.state.dashboards == first.dashboards
    assert google.state.metrics["usher-effects"]["metricDescriptor"]["valueType"] == "DISTRIBUTION"
    steps.take_away(made)
    assert (google.state.metrics, google.state.dashboards) == ({}, {})
    assert google.unknown == []


OTHERS = {"theirs": {"id": "theirs", "action": "DELETE", "condition": {"olderThan": "86400s"}}}


def test_only_our_own_images_are_cleaned_up(google: FakeGoogle, steps: Steps) -> None:
    repository = images(google, "create-user", "audit", "their-audit")
    cleaning = [steps.one("no image of others"), steps.one("Let old images")]

    for _ in range(2):
        carry_out(cleaning)

    policies = repository["cleanupPolicies"]
    services = [name.replace("_", "-") for name in read_topology().functions]
    assert policies["usher-delete-old"]["condition"]["packageNamePrefixes"] == services
    assert policies["usher-keep-newest"]["mostRecentVersions"] == {"keepCount": 10, "packageNamePrefixes": services}
    repository["cleanupPolicies"] |= OTHERS
    steps.take_away(cleaning)
    assert repository["cleanupPolicies"] == OTHERS
    assert google.unknown == []


@pytest.mark.parametrize(("package", "policies"), [("audit-of-theirs", {}), ("theirs", OTHERS)])
def test_where_others_would_lose_an_image_or_a_policy_nothing_is_cleaned_up(
    google: FakeGoogle, steps: Steps, package: str, policies: dict[str, Any]
) -> None:
    repository = images(google, "create-user", package)
    repository["cleanupPolicies"] = dict(policies)

    carry_out([steps.one("no image of others"), steps.one("Let old images")])

    assert repository["cleanupPolicies"] == policies
    assert google.unknown == []


def images(google: FakeGoogle, *packages: str) -> dict[str, Any]:
    """The repository that gcloud builds into."""
    name = f"projects/{PROJECT}/locations/{REGION}/repositories/cloud-run-source-deploy"
    google.state.packages += packages
    return google.state.repositories.setdefault("cloud-run-source-deploy", {"name": name, "format": "DOCKER"})
