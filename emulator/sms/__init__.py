"""The local SMS inbox: a service that speaks Twilio's Messages API and sends nothing anywhere."""
