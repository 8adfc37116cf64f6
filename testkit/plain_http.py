"""HTTP to this machine's own servers, by functions of the same names as httpx's."""

import httpx

# One client for all: httpx's own functions prepare TLS for each call, which takes far longer than the call. Like them,
# it keeps no connection: servers come and go.
http = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
