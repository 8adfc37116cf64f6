"""Sign-up as Google's samples write it: what Usher is compared with. It promises nothing."""

import json
import os

import bcrypt
import functions_framework
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
