"""Protections, each broken in one line: every one of them has to be noticed."""

from proofs.explore.mailbox_mutants import MAILBOX_MUTANTS
from proofs.explore.mutation import PUT, Mutant

_ONCE, _DELIVERIES = "shared.deliveries.deliver_once", "shared.deliveries.firestore_deliveries"
_SUBSCRIBER, _REGISTRATION, _USERS = (
    "shared.deliveries.subscriber",
    "create_user.registration",
    "create_user.firestore_users",
)
_OUTBOX, _FIRESTORE_OUTBOX = "shared.outbox.outbox", "shared.outbox.firestore_outbox"
_PUSHER = "pusher.delivery"
_REDRIVE = "operations.redrive"

MUTANTS = (
    Mutant("a takeover is not counted", _ONCE, "takeovers=found.takeovers + expired", "takeovers=found.takeovers"),
    Mutant("a held lease is taken over", _ONCE, "if found.is_held(age_seconds):", "if False:"),
    Mutant(
        "a held lease acknowledges",
        _ONCE,
        "            raise DeliveryInProgressError\n        expired",
        "            return replace(found, state=DeliveryState.SENT), version\n        expired",
    ),
    Mutant(
        "a takeover at whatever version is there",
        _ONCE,
        "found, version, _ = self._write(mine, replacing=version)",
        "found, version, _ = self._write(mine, replacing=self.deliveries.read(self.event.event_id)[1])",
    ),
    Mutant(
        "who lost a takeover goes on",
        _ONCE,
        "        if found != mine:\n            raise DeliveryInProgressError\n",
        "",
    ),
    Mutant(
        "who lost the lease records nothing and acknowledges",
        _ONCE,
        "            raise LeaseLostError",
        "            return",
    ),
    Mutant(
        "an unknown outcome is not counted",
        _ONCE,
        "claim.unknown_outcomes + error.outcome_unknown",
        "claim.unknown_outcomes",
    ),
    Mutant(
        "unknown outcomes are forgotten by the next claim",
        _ONCE,
        "            unknown_outcomes=found.unknown_outcomes,\n",
        "",
    ),
    Mutant(
        "released at whatever version is there",
        _ONCE,
        "record.settle(released, version, until=started)",
        "record.settle(released, record.deliveries.read(event.event_id)[1], until=started)",
    ),
    Mutant(
        "a silent store lets an unrecorded mail be acknowledged",
        _ONCE,
        "                if monotonic() >= until:\n                    raise",
        "                if monotonic() >= until:\n                    return",
    ),
    Mutant(
        "a record is written without its version",
        _DELIVERIES,
        "Update(path, fields, replacing)",
        f"{PUT}(path, fields)",
    ),
    Mutant("a claim overwrites", _DELIVERIES, "Create(path, fields) if", f"{PUT}(path, fields) if"),
    Mutant(
        "a conflict counts as written",
        _DELIVERIES,
        "raise DeliveryConflictError from error",
        "return self.read(event_id)[1]",
    ),
    Mutant("what is not delivered is acknowledged", _SUBSCRIBER, "raise ServiceUnavailable from error", "return"),
    Mutant(
        "what cannot be read is acknowledged and not recorded",
        _SUBSCRIBER,
        "            _record(message, str(error), malformed_events)",
        "            del error",
    ),
    Mutant(
        "a malformed event recorded again is the same",
        "shared.deliveries.firestore_malformed_events",
        '"rejection_id": uuid4().hex',
        '"rejection_id": ""',
    ),
    Mutant(
        "the address is not reserved against others",
        _USERS,
        "Create(_reservation(user.user.email)",
        f"{PUT}(_reservation(user.user.email)",
    ),
    Mutant(
        "no reservation",
        _USERS,
        '            Create(_reservation(user.user.email), {"user_id": user.user.id}),\n',
        "",
    ),
    Mutant(
        "the event is not in the commit",
        _USERS,
        '            Create(f"{OUTBOX}/{event.event_id}", entry_of(event)),\n',
        "",
    ),
    Mutant(
        "the event before the commit",
        _USERS,
        '            Create(f"{OUTBOX}/{event.event_id}", entry_of(event)),\n        )\n',
        f'        )\n        self._database().commit({PUT}(f"{{OUTBOX}}/{{event.event_id}}", entry_of(event)))\n',
    ),
    Mutant(
        "a user is overwritten",
        _USERS,
        "Create(_user(user.user.id), fields)",
        f"{PUT}(_user(user.user.id), fields)",
    ),
    Mutant(
        "a password is not compared",
        _REGISTRATION,
        "_says_the_same(there.user, user) and passwords.verify(password, there.password_hash)",
        "_says_the_same(there.user, user)",
    ),
    Mutant("a repeat does not find itself", _REGISTRATION, "if there == mine or (", "if there == mine and ("),
    Mutant(
        "a lost reply is a failure",
        _REGISTRATION,
        "        found = users.look_up(mine.user.id, mine.user.email)",
        "        found = replace(users.look_up(mine.user.id, mine.user.email), stored=None)",
    ),
    Mutant(
        "cleared before it is published",
        _OUTBOX,
        "    publisher.publish(entry.event)\n    outbox.clear(entry)",
        "    outbox.clear(entry)\n    publisher.publish(entry.event)",
    ),
    Mutant(
        "cleared whether published or not",
        _OUTBOX,
        "        publisher.publish(entry.event)\n        later(partial(_clear, entry, outbox))",
        "        later(partial(_clear, entry, outbox))\n        publisher.publish(entry.event)",
    ),
    Mutant(
        "what was unavailable counts as published",
        "shared.broker.pubsub_publisher",
        "        send(timeout_seconds=left_seconds)",
        "        del left_seconds",
    ),
    Mutant(
        "cleared at whatever version is there",
        _FIRESTORE_OUTBOX,
        "entry.version))",
        'max((each.update_time for each in self._database().get(f"{OUTBOX}/{entry.event.event_id}")[0] if each), '
        "default=entry.version)))",
    ),
    Mutant("an entry put again is the same", "shared.events.outbox_entry", "PUT_ID: uuid4().hex", 'PUT_ID: ""'),
    Mutant(
        "a record is released at whatever version",
        f"{_REDRIVE}.undeliverable",
        '{"state": DeliveryState.RELEASED}, option=at_version)',
        '{"state": DeliveryState.RELEASED})',
    ),
    Mutant(
        "released without its event",
        f"{_REDRIVE}.undeliverable",
        "    batch.create(client.document(OUTBOX, event.event_id), entry_of(event))\n",
        "",
    ),
    Mutant(
        "an event is acknowledged before its dead letter is stored",
        _PUSHER,
        "            await publish_message(",
        "            await received.ack_sync()\n            await publish_message(",
    ),
    Mutant(
        "a dead letter that may not be stored counts as stored",
        _PUSHER,
        "            await received.nak(delay=self._policy.maximum_backoff_seconds)\n            raise NotStoredError from error\n",
        "",
    ),
    Mutant(
        "a dead letter is acknowledged and not put back",
        f"{_REDRIVE}.dead_letters",
        "    put_in_outbox(system.firestore, [events[_event_id(letter)] for letter in known])\n",
        "",
    ),
    Mutant(
        "a dead letter without a user is dropped",
        f"{_REDRIVE}.dead_letters",
        "(reason := put_on_topic(system, letter.message))",
        '(reason := "")',
    ),
    Mutant(
        "a malformed event's record is deleted by name",
        f"{_REDRIVE}.malformed",
        "batch.delete(record.reference, option=client.write_option(last_update_time=record.update_time))",
        "batch.delete(record.reference)",
    ),
    Mutant(
        "a malformed event is deleted, refused or not",
        f"{_REDRIVE}.malformed",
        "    if not left:\n        _delete",
        "    if True:\n        _delete",
    ),
    *MAILBOX_MUTANTS,
)
