"""What one would write in an afternoon: the guard of one rule as a single process in Python.

riskbench measures it beside riskd, with the same feed and the same breaches, so that its readers see
what riskd's processes, journal and proofs cost and what they gain. This client keeps the venue's
records in dictionaries and closes a position that is larger than LIMIT. It writes nothing down, proves
nothing, looks at nothing again and does not come back when it dies.

Usage: plain-client.py LIMIT SETUP, where SETUP is a file of JSON: {"api", "userHub", "marketHub",
"user", "key"}. Prints a line "ready" when the venue has confirmed every subscription.
"""

import asyncio
import http.client
import json
import sys
from urllib.parse import quote, urlsplit

import websockets

RECORD_SEPARATOR = "\x1e"
HANDSHAKE = json.dumps({"protocol": "json", "version": 1}) + RECORD_SEPARATOR
PING = 6
COMPLETION = 3
INVOCATION = 1


class Venue:
    """The REST interface, over one connection that is kept open."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        self.headers = {"Content-Type": "application/json"}

    def ask(self, operation, body):
        self.connection.request("POST", "/api/" + operation, json.dumps(body), self.headers)
        return json.load(self.connection.getresponse())

    def log_in(self, user, key):
        token = self.ask("Auth/loginKey", {"userName": user, "apiKey": key})["token"]
        self.headers["Authorization"] = "Bearer " + token
        return token


class Guard:
    """Everything that is known, and the one rule."""

    def __init__(self, venue, limit):
        self.venue = venue
        self.limit = limit
        self.accounts, self.orders, self.positions, self.trades, self.prices = {}, {}, {}, {}, {}
        self.unrealized = {}
        self.closing = set()

    def hear(self, event, arguments):
        if event == "GatewayQuote":
            contract, record = arguments
            self.mark(contract, record)
            return
        record = arguments[0]["data"]
        if event == "GatewayUserAccount":
            self.accounts[record["id"]] = record
        elif event == "GatewayUserOrder":
            self.orders[record["id"]] = record
        elif event == "GatewayUserTrade":
            self.trades[record["id"]] = record
        elif event == "GatewayUserPosition":
            self.hold(record)

    def mark(self, contract, record):
        if record.get("lastPrice") is None:
            return
        self.prices[contract] = record["lastPrice"]
        for (account, held), position in self.positions.items():
            if held == contract:
                sign = 1 if position["type"] == 1 else -1
                gain = (record["lastPrice"] - position["averagePrice"]) * sign * position["size"]
                self.unrealized[account, held] = gain

    def hold(self, record):
        place = (record["accountId"], record["contractId"])
        if record["size"] == 0:
            self.positions.pop(place, None)
            self.closing.discard(place)
            return
        self.positions[place] = record
        if record["size"] > self.limit and place not in self.closing:
            self.closing.add(place)
            self.venue.ask(
                "Position/closeContract", {"accountId": place[0], "contractId": place[1]}
            )


class Confirmations:
    """Tells when every subscription of both hubs is confirmed."""

    def __init__(self, expected):
        self.missing = expected

    def count(self):
        self.missing -= 1
        if self.missing == 0:
            print("ready", flush=True)


async def listen(address, token, calls, guard, confirmations):
    address = address.replace("http", "ws", 1) + "?access_token=" + quote(token)
    async with websockets.connect(address, max_size=None, compression=None) as hub:
        await hub.send(HANDSHAKE)
        await hub.recv()
        for number, (target, arguments) in enumerate(calls):
            call = {"type": 1, "invocationId": str(number), "target": target, "arguments": arguments}
            await hub.send(json.dumps(call) + RECORD_SEPARATOR)
        async for text in hub:
            for record in text.split(RECORD_SEPARATOR):
                if not record:
                    continue
                message = json.loads(record)
                if message["type"] == INVOCATION:
                    guard.hear(message["target"], message["arguments"])
                elif message["type"] == COMPLETION:
                    confirmations.count()
                elif message["type"] == PING:
                    await hub.send(json.dumps({"type": PING}) + RECORD_SEPARATOR)


async def watch(limit, setup):
    venue = Venue(setup["api"])
    token = venue.log_in(setup["user"], setup["key"])
    accounts = venue.ask("Account/search", {"onlyActiveAccounts": True})["accounts"]
    contracts = venue.ask("Contract/available", {"live": False})["contracts"]
    user_calls = [("SubscribeAccounts", [])]
    for account in accounts:
        for what in ("Orders", "Positions", "Trades"):
            user_calls.append(("Subscribe" + what, [account["id"]]))
    market_calls = [("SubscribeContractQuotes", [contract["id"]]) for contract in contracts]
    guard = Guard(venue, limit)
    confirmations = Confirmations(len(user_calls) + len(market_calls))
    await asyncio.gather(
        listen(setup["userHub"], token, user_calls, guard, confirmations),
        listen(setup["marketHub"], token, market_calls, guard, confirmations),
    )


def main():
    with open(sys.argv[2], encoding="utf-8") as setup:
        asyncio.run(watch(int(sys.argv[1]), json.load(setup)))


if __name__ == "__main__":
    main()
