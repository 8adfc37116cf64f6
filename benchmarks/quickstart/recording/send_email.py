"""The quickstart's mail, and a record of it in Firestore."""

import base64
import json
import os
import smtplib
from email.message import EmailMessage

import functions_framework
from cloudevents.http import CloudEvent
from google.cloud import firestore

db = firestore.Client()


@functions_framework.cloud_event
def send_email(cloud_event: CloudEvent) -> None:
    event = json.loads(base64.b64decode(cloud_event.data["message"]["data"]))
    mail = EmailMessage()
    mail["From"] = os.environ["MAIL_FROM"]
    mail["To"] = event["email"]
    mail["Subject"] = "Welcome"
    mail.set_content(f"Hello {event['name']}, welcome!")
    with smtplib.SMTP(os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])) as smtp:
        smtp.send_message(mail)
    db.collection("mails").document(cloud_event["id"]).set({"sent_at": firestore.SERVER_TIMESTAMP})
    print("Sent a welcome mail")
