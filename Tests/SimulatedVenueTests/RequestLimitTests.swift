import RiskModel
import SimulatedVenue
import Testing

struct RequestLimitTests {
  private let accounts = #"{"onlyActiveAccounts":true}"#

  private func venue(
    _ change: (inout RequestLimit) -> Void = { _ in },
    _ body: (SimulatedVenueServer, RESTClient) throws -> Void
  ) throws {
    var limit = RequestLimit(requests: 3, window: .seconds(60))
    change(&limit)
    try withVenue {
      $0.gateway.requestLimit = limit
    } _: { venue in
      try body(venue, try RESTClient(venue))
    }
  }

  @Test func `a login counts, a ping does not, what is beyond gets 429`() throws {
    try venue { venue, client in
      #expect(try client.post(.searchAccounts, accounts).status == 200)
      #expect(try client.post(.searchAccounts, accounts).status == 200)
      let refused = try client.post(.searchAccounts, accounts)
      #expect(refused.status == 429 && refused.body.isEmpty)
      #expect(refused.headers["retry-after"] == nil)
      try client.socket.request("GET", "/api/Status/ping")
      #expect(try client.socket.reply().status == 200)
      #expect(venue.requests(.searchAccounts).map(\.isApplied) == [true, true, false])
    }
  }

  @Test func `a fixed window lets everything in at once when it is over`() throws {
    try venue { venue, client in
      venue.shiftClock(by: .seconds(50))
      _ = try client.post(.searchAccounts, accounts)
      _ = try client.post(.searchAccounts, accounts)
      #expect(try client.post(.searchAccounts, accounts).status == 429)
      venue.shiftClock(by: .seconds(10))
      for _ in 0..<3 { #expect(try client.post(.searchAccounts, accounts).status == 200) }
      #expect(try client.post(.searchAccounts, accounts).status == 429)
    }
  }

  @Test func `a sliding window lets in what has left it`() throws {
    try venue {
      $0.isSliding = true
      $0.tellsRetryAfter = true
    } _: { venue, client in
      venue.shiftClock(by: .seconds(50))
      _ = try client.post(.searchAccounts, accounts)
      _ = try client.post(.searchAccounts, accounts)
      let refused = try client.post(.searchAccounts, accounts)
      #expect(refused.status == 429)
      #expect(
        refused.headers["retry-after"].flatMap { Int($0) }.map { (1...10).contains($0) } == true)
      venue.shiftClock(by: .seconds(10))
      #expect(try client.post(.searchAccounts, accounts).status == 200)
      #expect(try client.post(.searchAccounts, accounts).status == 429)
    }
  }

  @Test func `refused requests can count too`() throws {
    try venue {
      $0.isSliding = true
      $0.countsRefused = true
    } _: { venue, client in
      _ = try client.post(.searchAccounts, accounts)
      _ = try client.post(.searchAccounts, accounts)
      venue.shiftClock(by: .seconds(59))
      for _ in 0..<3 { #expect(try client.post(.searchAccounts, accounts).status == 429) }
      venue.shiftClock(by: .seconds(30))
      #expect(try client.post(.searchAccounts, accounts).status == 429)
    }
  }
}
