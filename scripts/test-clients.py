"""Connects one third-party SignalR client to both hubs of a running risksim.

Usage: test-clients.py CLIENT READY, where CLIENT is signalrcore or pysignalr and READY is the line
of JSON that `risksim serve` prints. Logs in over REST, subscribes on both hubs, lets the trader buy
and the price move through the admin interface, and exits 0 as soon as an account, an order, a
position, a trade and a quote have come with the content that they must have, 1 after 30 seconds
without.
"""

import asyncio
import json
import sys
import threading
import time
import urllib.request

ACCOUNT = 1001
CONTRACT = "CON.F.US.MNQ.Z26"
PATIENCE = 30.0
USER_METHODS = [
    ("SubscribeAccounts", []),
    ("SubscribeOrders", [ACCOUNT]),
    ("SubscribePositions", [ACCOUNT]),
    ("SubscribeTrades", [ACCOUNT]),
]
MARKET_METHODS = [("SubscribeContractQuotes", [CONTRACT])]
USER_EVENTS = [
    "GatewayUserAccount",
    "GatewayUserOrder",
    "GatewayUserPosition",
    "GatewayUserTrade",
]
MARKET_EVENTS = ["GatewayQuote"]


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


class Ears:
    """What has been heard so far; both clients call it from threads or tasks of their own."""

    def __init__(self):
        self.lock = threading.Lock()
        self.missing = set(USER_EVENTS + MARKET_EVENTS)
        self.confirmed = 0

    def confirm(self):
        with self.lock:
            self.confirmed += 1

    def hear(self, event, arguments):
        if self.is_right(event, arguments):
            with self.lock:
                self.missing.discard(event)

    @staticmethod
    def is_right(event, arguments):
        if event == "GatewayQuote":
            contract, quote = arguments
            return contract == CONTRACT and quote.get("lastPrice") == 21001
        data = arguments[0]["data"]
        if event == "GatewayUserAccount":
            return data["id"] == ACCOUNT and data["canTrade"] is True
        if data["accountId"] != ACCOUNT or data["contractId"] != CONTRACT:
            return False
        if event == "GatewayUserOrder":
            return data["status"] == 2 and data["fillVolume"] == 1
        return data["size"] == 1

    @property
    def is_subscribed(self):
        return self.confirmed == len(USER_METHODS) + len(MARKET_METHODS)


def act(ready):
    """What is to be heard: the price moves, the trader, who may still hold a position of the
    client before, is flat and buys one contract."""
    post(ready["admin"] + "/price", {"contract": "MNQ", "last": 21000})
    post(ready["admin"] + "/price", {"contract": "MNQ", "last": 21001})
    post(ready["admin"] + "/close", {"account": ACCOUNT})
    post(ready["admin"] + "/order", {"account": ACCOUNT, "contract": "MNQ", "side": "buy"})


def hubs(ready, token):
    """The venue wants the token in the query, from these clients too, which negotiate first."""
    query = "?access_token=" + token
    return [
        (ready["userHub"] + query, USER_METHODS, USER_EVENTS),
        (ready["marketHub"] + query, MARKET_METHODS, MARKET_EVENTS),
    ]


def with_signalrcore(ready, token, ears):
    from signalrcore.hub_connection_builder import HubConnectionBuilder
    from signalrcore.protocol.json_hub_protocol import JsonHubProtocol

    def connect(url, methods, events):
        # Left alone it offers the version of the negotiation, 0, as the hub protocol's.
        protocol = JsonHubProtocol(version=1)
        connection = HubConnectionBuilder().with_url(url).with_hub_protocol(protocol).build()

        def subscribe():
            for method, arguments in methods:
                connection.send(method, arguments, lambda _: ears.confirm())

        for event in events:
            connection.on(event, lambda arguments, event=event: ears.hear(event, arguments))
        connection.on_open(subscribe)
        connection.start()
        return connection

    connections = [connect(*hub) for hub in hubs(ready, token)]
    deadline = time.monotonic() + PATIENCE
    has_acted = False
    while ears.missing and time.monotonic() < deadline:
        if ears.is_subscribed and not has_acted:
            act(ready)
            has_acted = True
        time.sleep(0.05)
    for connection in connections:
        connection.stop()


async def with_pysignalr(ready, token, ears):
    from pysignalr.client import SignalRClient

    def connect(url, methods, events):
        client = SignalRClient(url)

        async def confirmed(_):
            ears.confirm()

        async def subscribe():
            for method, arguments in methods:
                await client.send(method, arguments, on_invocation=confirmed)

        for event in events:

            async def hear(arguments, event=event):
                ears.hear(event, arguments)

            client.on(event, hear)
        client.on_open(subscribe)
        return client

    tasks = [asyncio.create_task(connect(*hub).run()) for hub in hubs(ready, token)]
    deadline = time.monotonic() + PATIENCE
    has_acted = False
    while ears.missing and time.monotonic() < deadline:
        if ears.is_subscribed and not has_acted:
            await asyncio.to_thread(act, ready)
            has_acted = True
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main():
    client, ready = sys.argv[1], json.loads(sys.argv[2])
    login = {"userName": "demo", "apiKey": "demo-key"}
    token = post(ready["baseUrl"] + "/api/Auth/loginKey", login)["token"]
    ears = Ears()
    if client == "signalrcore":
        with_signalrcore(ready, token, ears)
    elif client == "pysignalr":
        asyncio.run(with_pysignalr(ready, token, ears))
    else:
        sys.exit(f"unknown client {client}")
    if ears.missing:
        print(f"{client}: {ears.confirmed} subscriptions were confirmed,"
              f" missing: {', '.join(sorted(ears.missing))}", file=sys.stderr)
        sys.exit(1)
    print(f"{client}: heard {', '.join(USER_EVENTS + MARKET_EVENTS)}")


main()
