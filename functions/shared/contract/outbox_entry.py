"""Fields of an outbox entry that are read without its event. The others are those of the event."""

from typing import Final

TYPE: Final = "type"
USER_ID: Final = "user_id"
PUT_ID: Final = "put_id"  # another with each put: Firestore gives a write that changes nothing no new version
