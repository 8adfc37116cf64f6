from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SignUpRequested(_message.Message):
    __slots__ = ("event_id", "user_id", "email", "occurred_at")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    user_id: str
    email: str
    occurred_at: str
    def __init__(self, event_id: _Optional[str] = ..., user_id: _Optional[str] = ..., email: _Optional[str] = ..., occurred_at: _Optional[str] = ...) -> None: ...
