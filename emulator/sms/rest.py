"""Shows the SMS beside the inbox of mails."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route

from emulator.sms.sms_inbox import SmsInbox


def sms_routes(inbox: SmsInbox) -> list[BaseRoute]:
    """GET lists the SMS at `/api/v1/sms`, newest first; DELETE forgets them."""

    async def show(_: Request) -> JSONResponse:
        messages = [
            {
                "sid": sms.sid,
                "from": sms.sender,
                "to": sms.to,
                "body": sms.body,
                "traceparent": sms.traceparent,
                "received_at": sms.received_at.isoformat(),
            }
            for sms in inbox.newest_first()
        ]
        return JSONResponse({"total": len(messages), "messages": messages})

    async def delete(_: Request) -> PlainTextResponse:
        inbox.clear()
        return PlainTextResponse("ok")

    return [Route("/api/v1/sms", show), Route("/api/v1/sms", delete, methods=["DELETE"])]
