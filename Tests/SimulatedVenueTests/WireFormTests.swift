import RiskModel
import SimulatedVenue
import Testing

/// The forms in which the same records can come.
struct WireFormTests {
  private func orders(_ change: (inout GatewayBehaviour) -> Void) throws -> RawReply {
    try withVenue {
      change(&$0.gateway)
    } _: { venue in
      try venue.trader.place(first, mnq, .buy, size: 1, type: .limit, limit: points("20990.25"))
      return try RESTClient(venue).post(.searchOpenOrders, #"{"accountId":1001}"#)
    }
  }

  @Test(
    arguments: [
      (.shortest, "20990.25"), (.padded, "20990.250000000"), (.exponent, "2099025e-2"),
    ] as [(DecimalForm, String)])
  func `prices come short, padded or with an exponent, and mean the same`(
    form: DecimalForm, text: String
  ) throws {
    let price = try orders { $0.form.decimals = form }.json["orders"]?[0]?["limitPrice"]
    #expect(price == .number(text))
    #expect(price?.decimal == ExactDecimal("20990.25"))
  }

  @Test(
    arguments: [
      ("0.0000005", .exponent, "5e-7"), ("-0.05", .exponent, "-5e-2"), ("3", .exponent, "3e0"),
      ("29547", .padded, "29547.000000000"), ("-3.5", .padded, "-3.500000000"),
      ("0", .exponent, "0e0"),
    ] as [(String, DecimalForm, String)])
  func `every size of number has each form`(text: String, form: DecimalForm, written: String) throws
  {
    let number = form.number(units: points(text).nanos, scale: 9)
    #expect(number == .number(written))
    #expect(number.decimal == ExactDecimal(text))
  }

  @Test(arguments: [0, 3, 4, 5, 6, 7, 9], TimestampOffset.allCases)
  func `timestamps come with that many digits and that offset`(
    digits: Int, offset: TimestampOffset
  ) throws {
    let time = try orders {
      $0.form.timestampDigits = digits
      $0.form.timestampOffset = offset
    }.json["orders"]?[0]?["creationTimestamp"]?.text
    let text = try #require(time)
    #expect(text.hasSuffix(offset.rawValue))
    let fraction = text.dropLast(offset.rawValue.count).split(separator: ".").dropFirst().first
    #expect((fraction?.count ?? 0) == digits)
    let instant = Instant(nanosSinceEpoch: 1_795_000_000_123_456_789)
    var form = WireForm()
    form.timestampOffset = offset
    #expect(
      Instant(venueText: instant.venueText(.hundredNanoseconds, form))
        == Instant(nanosSinceEpoch: 1_795_000_000_123_456_700))
  }

  @Test func `members that no document knows come at every level`() throws {
    let reply = try orders { $0.form.addsUnknownMembers = true }.json
    #expect(reply["laterAddition"] != nil && reply["orders"]?[0]?["laterAddition"] != nil)
    #expect(reply["orders"]?[0]?["limitPrice"] == .number("20990.25"))
    try withVenue {
      $0.hub.form.addsUnknownMembers = true
    } _: { venue in
      let token = try #require(try RESTClient(venue).token)
      let client = try RawHubClient(
        port: venue.port, path: "\(VenueHub.user.path)?access_token=\(token)")
      try client.sendRecord(#"{"protocol":"json","version":1}"#)
      #expect(try client.nextRecord()["laterAddition"] != nil)
      #expect(try client.invoke("SubscribeTrades", "1001")["laterAddition"] != nil)
      try venue.trader.place(first, mnq, .buy, size: 1)
      let event = try client.nextEvent()
      #expect(event["laterAddition"] != nil)
      #expect(event["arguments"]?[0]?["laterAddition"] != nil)
      #expect(event.data?["laterAddition"] != nil && event.data?["size"]?.integer == 1)
    }
  }

  @Test func `ids come as texts, times of updates are absent`() throws {
    let order = try orders {
      $0.idsAsText = true
      $0.form.hidesUpdateTimestamps = true
    }.json["orders"]?[0]
    #expect(order?["id"] == .string("3400000001"))
    #expect(order?["updateTimestamp"] == .null)
    try withVenue {
      $0.hub.form.hidesUpdateTimestamps = true
      $0.hub.form.decimals = .padded
    } _: { venue in
      let client = try RawHubClient(venue, .user)
      _ = try client.invoke("SubscribeOrders", "1001")
      try venue.trader.place(first, mnq, .buy, size: 1, type: .limit, limit: points("20990"))
      let data = try client.nextEvent().data
      #expect(data?["updateTimestamp"] == nil && data?["creationTimestamp"] != nil)
      #expect(data?["limitPrice"] == .number("20990.000000000"))
    }
  }

  @Test func `null in a change means unchanged, or is refused`() throws {
    try withVenue { venue in
      let id = try venue.trader.place(
        first, mnq, .buy, size: 1, type: .limit, limit: points("20990"))
      let client = try RESTClient(venue)
      let body = #"{"accountId":1001,"orderId":\#(id.number),"size":2,"limitPrice":null}"#
      #expect(try client.post(.modifyOrder, body).errorCode == 0)
      #expect(venue.order(id)?.limitPrice == points("20990") && venue.order(id)?.size == 2)
      venue.setGateway { $0.nullMeansUnchanged = false }
      #expect(try client.post(.modifyOrder, body).errorCode == 3)
      let absent = #"{"accountId":1001,"orderId":\#(id.number),"size":3}"#
      #expect(try client.post(.modifyOrder, absent).errorCode == 0)
    }
  }
}
