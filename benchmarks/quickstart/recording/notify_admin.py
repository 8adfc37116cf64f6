"""An SMS to the admin, and a record of it in Firestore."""

import base64
import json
import os

import functions_framework
import requests
from cloudevents.http import CloudEvent
from google.cloud import firestore

db = firestore.Client()


@functions_framework.cloud_event
def notify_admin(cloud_event: CloudEvent) -> None:
    event = json.loads(base64.b64decode(cloud_event.data["message"]["data"]))
    account = os.environ["SMS_ACCOUNT_SID"]
    response = requests.post(
        f"{os.environ['SMS_BASE_URL']}/2010-04-01/Accounts/{account}/Messages.json",
        auth=(account, os.environ["SMS_AUTH_TOKEN"]),
        data={
            "From": os.environ["SMS_FROM"],
            "To": os.environ["SMS_TO"],
            "Body": f"A new user signed up: {event['name']}",
        },
        timeout=10,
    )
    response.raise_for_status()
    db.collection("texts").document(cloud_event["id"]).set({"sent_at": firestore.SERVER_TIMESTAMP})
    print("Texted the admin")
