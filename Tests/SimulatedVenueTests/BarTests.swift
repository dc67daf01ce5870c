import RiskModel
import SimulatedVenue
import Testing

/// `History/retrieveBars` over the wire.
struct BarTests {
  private func body(
    contract: String = "CON.F.US.MNQ.Z26", unit: Int = 2, count: Int = 1, limit: Int = 100,
    partial: Bool = true
  ) -> String {
    #"{"contractId":"\#(contract)","live":false,"startTime":"2020-01-01T00:00:00Z","#
      + #""endTime":"2099-01-01T00:00:00Z","unit":\#(unit),"unitNumber":\#(count),"#
      + #""limit":\#(limit),"includePartialBar":\#(partial)}"#
  }

  /// Three minutes with trades, with nothing in the minute between the last two.
  private func withHistory(_ body: (SimulatedVenueServer, RESTClient) throws -> Void) throws {
    try withVenue { venue in
      let toFullMinute = 60 - venue.now.nanosSinceEpoch / 1_000_000_000 % 60
      venue.shiftClock(by: .seconds(toFullMinute + 5))
      for last in ["21001", "21010", "20990", "21005"] {
        try venue.setPrice(mnq, last: points(last))
      }
      venue.shiftClock(by: .seconds(60))
      try venue.setPrice(mnq, last: points("21020"))
      venue.shiftClock(by: .seconds(120))
      try venue.setPrice(mnq, last: points("21030"))
      try body(venue, try RESTClient(venue))
    }
  }

  @Test func `bars are newest first, with the prices of their span and no filler`() throws {
    try withHistory { _, client in
      let reply = try client.post(.retrieveBars, body())
      #expect(reply.status == 200 && reply.errorCode == 0)
      let bars = try #require(reply.json["bars"]?.elements)
      #expect(bars.map { $0["c"] } == [.number("21030"), .number("21020"), .number("21005")])
      let oldest = try #require(bars.last)
      #expect(oldest["o"] == .number("21001") && oldest["h"] == .number("21010"))
      #expect(oldest["l"] == .number("20990") && oldest["v"] == .number("4"))
      let times = bars.compactMap { $0["t"]?.text.flatMap { Instant(venueText: $0) } }
      #expect(times.allSatisfy { $0.nanosSinceEpoch % 60_000_000_000 == 0 })
      #expect(times[0] - times[1] == .seconds(120) && times[1] - times[2] == .seconds(60))
      #expect(bars.allSatisfy { $0["t"]?.text?.hasSuffix(":00+00:00") == true })
    }
  }

  @Test func `the limit keeps the most recent bars, the bar of the present can be left out`() throws
  {
    try withHistory { _, client in
      let two = try client.post(.retrieveBars, body(limit: 2)).json["bars"]?.elements
      #expect(two?.map { $0["c"] } == [.number("21030"), .number("21020")])
      let whole = try client.post(.retrieveBars, body(partial: false)).json["bars"]?.elements
      #expect(whole?.map { $0["c"] } == [.number("21020"), .number("21005")])
    }
  }

  @Test(arguments: 1...6)
  func `every documented unit is served`(unit: Int) throws {
    try withHistory { _, client in
      let reply = try client.post(.retrieveBars, body(unit: unit, count: 2))
      let bars = try #require(reply.json["bars"]?.elements)
      let volume = bars.compactMap { $0["v"]?.integer }.reduce(0, +)
      #expect(volume == 6)
      #expect(Set(bars.compactMap { $0["t"]?.text }).count == bars.count)
    }
  }

  @Test func `own fills are in the bars`() throws {
    try withHistory { venue, client in
      try venue.trader.place(first, mnq, .buy, size: 3)
      let newest = try client.post(.retrieveBars, body()).json["bars"]?[0]
      #expect(newest?["c"] == .number("21030.25") && newest?["v"] == .number("4"))
    }
  }

  @Test func `a wrong request gets the code of its first mistake`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      for (text, code) in [
        (body(contract: "CON.F.US.XYZ.Z26"), 1), (body(unit: 0), 2), (body(unit: 8), 2),
        (body(count: 0), 3), (body(limit: 0), 4), (body(limit: 20_001), 4),
      ] {
        let reply = try client.post(.retrieveBars, text)
        #expect(reply.status == 200 && reply.errorCode == Int64(code), "\(text)")
        #expect(reply.json["bars"] == .null)
      }
      #expect(try client.post(.retrieveBars, body(limit: 20_000)).errorCode == 0)
      #expect(try client.post(.retrieveBars, #"{"contractId":"x"}"#).status == 400)
    }
  }

  @Test func `bars have a budget of their own`() throws {
    try withVenue {
      $0.gateway.requestLimit = RequestLimit(requests: 3, window: .seconds(60))
      $0.gateway.barLimit = RequestLimit(requests: 2, window: .seconds(30))
    } _: { venue in
      let client = try RESTClient(venue)
      for _ in 0..<2 { #expect(try client.post(.retrieveBars, body()).status == 200) }
      #expect(try client.post(.retrieveBars, body()).status == 429)
      for _ in 0..<2 {
        #expect(try client.post(.searchPositions, #"{"accountId":1001}"#).status == 200)
      }
      #expect(try client.post(.searchPositions, #"{"accountId":1001}"#).status == 429)
      venue.shiftClock(by: .seconds(30))
      #expect(try client.post(.retrieveBars, body()).status == 200)
      #expect(try client.post(.searchPositions, #"{"accountId":1001}"#).status == 429)
    }
  }

  @Test func `the documented budgets are the defaults of the program`() {
    let gateway = ServingOptions().configuration.gateway
    #expect(gateway.requestLimit == RequestLimit(requests: 200, window: .seconds(60)))
    #expect(gateway.barLimit == RequestLimit(requests: 50, window: .seconds(30)))
  }
}
