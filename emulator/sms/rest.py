"""Shows the SMS beside the inbox of mails."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route

from emulator.sms.sms_inbox import SmsInbox


def sms_routes(inbox: SmsInbox) -> list[BaseRoute]:
    """GET lists the SMS at `/api/v1/sms`, newest first and all, or the first `limit`; DELETE forgets them."""

    async def show(request: Request) -> JSONResponse:
        received = inbox.newest_first()
        limit = request.query_params.get("limit", str(len(received)))
        if not re.fullmatch(r"[0-9]{1,9}", limit):
            raise HTTPException(400, "The parameter limit is not a whole number")
        messages = [
            {
                "sid": sms.sid,
                "from": sms.sender,
                "to": sms.to,
                "body": sms.body,
                "traceparent": sms.traceparent,
                "received_at": sms.received_at.isoformat(),
            }
            for sms in received[: int(limit)]
        ]
        return JSONResponse({"total": len(received), "messages": messages})

    async def delete(_: Request) -> PlainTextResponse:
        inbox.clear()
        return PlainTextResponse("ok")

    return [Route("/api/v1/sms", show), Route("/api/v1/sms", delete, methods=["DELETE"])]
