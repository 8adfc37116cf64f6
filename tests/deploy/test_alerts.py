"""Who is told of what: Cloud Monitoring's alerts."""

import pytest

from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps

pytestmark = pytest.mark.timeout(300)


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


def test_promise_that_an_audit_finds_broken_or_late_raises_an_alert(google: FakeGoogle, steps: Steps) -> None:
    steps.run("Count when an audit finds")
    steps.run("Alert: Usher: a promise is not kept")
    steps.run("Alert: Usher: audit does not run")

    unkept, absent = (alert["conditions"][0] for alert in google.state.alerts.values())
    assert 'metric.type="logging.googleapis.com/user/usher-promise-not-kept"' in unkept["conditionThreshold"]["filter"]
    assert absent["conditionAbsent"]["duration"] == "10800s"
