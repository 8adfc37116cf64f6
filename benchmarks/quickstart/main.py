"""Sign-up as Google's samples write it: what Usher is compared with. It promises nothing."""

import base64
import json
import os
import smtplib
from email.message import EmailMessage

import bcrypt
import functions_framework
from cloudevents.http import CloudEvent
from flask import Request
from google.cloud import firestore, pubsub_v1

db = firestore.Client()
publisher = pubsub_v1.PublisherClient()
topic_path = publisher.topic_path(os.environ["GOOGLE_CLOUD_PROJECT"], "user.created")


@functions_framework.http
def create_user(request: Request) -> tuple[dict[str, str], int]:
    sign_up = request.get_json()
    user = db.collection("users").document(sign_up["email"])
    if user.get().exists:
        return {"error": "An account with this address already exists."}, 409
    password_hash = bcrypt.hashpw(sign_up["password"].encode(), bcrypt.gensalt(int(os.environ["BCRYPT_ROUNDS"])))
    user.set(
        {
            "name": sign_up["name"],
            "email": sign_up["email"],
            "password": password_hash.decode(),
            "created_at": firestore.SERVER_TIMESTAMP,
        }
    )
    event = {"name": sign_up["name"], "email": sign_up["email"]}
    message_id = publisher.publish(topic_path, json.dumps(event).encode()).result()
    print(f"Published message {message_id}")
    return event, 201


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
    print("Sent a welcome mail")
