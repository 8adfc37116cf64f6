"""Who is told of what: Cloud Monitoring's alerts."""

import pytest

from tests.deploy.fake_google.routing import ApiError
from tests.deploy.fake_google.server import FakeGoogle, Fault
from tests.deploy.single_steps import Steps

pytestmark = pytest.mark.timeout(300)
NO_METRIC = ApiError(
    404, "NOT_FOUND", 'Cannot find metric that matches type = "logging.googleapis.com/user/usher-outbox-late"'
)


def test_relay_that_is_never_called_or_always_fails_raises_an_alert(google: FakeGoogle, steps: Steps) -> None:
    steps.run("Alert: Usher: relay-outbox does not run")

    (alert,) = google.state.alerts.values()
    (condition,) = alert["conditions"]
    absent = condition["conditionAbsent"]
    assert absent["duration"] == "600s"
    assert 'resource.label.service_name="relay-outbox"' in absent["filter"]
    assert 'response_code_class="2xx"' in absent["filter"]
    assert absent["aggregations"] == [
        {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}
    ]
    assert alert["notificationChannels"] == ["projects/p/notificationChannels/1"]


def test_metric_that_monitoring_does_not_know_yet_is_waited_for(google: FakeGoogle, steps: Steps) -> None:
    google.faults.append(Fault("POST", "/alertPolicies", NO_METRIC))

    shown = steps.run("Alert: Usher: the outbox does not empty")

    assert "waiting" in shown
    assert len(google.state.alerts) == 1
