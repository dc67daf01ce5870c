import RiskModel
import SimulatedVenue
import Testing

struct FaultReaderTests {
  private func step(_ members: String) throws -> VenueCommand? {
    let text = #"{"title":"t","steps":[{"at":5,\#(members)}]}"#
    return try Scenario.read(text.utf8, source: "s.json", for: makeExchange()).steps.first?.command
  }

  static let faults: [(String, Fault)] = [
    (
      #""on":"request","operation":"Order/place","effect":"delay","ms":5,"beforeApplying":true,"account":1001,"contract":"MNQ","skip":2,"count":"unlimited","chance":0.25"#,
      Fault(
        .request(.placeOrder, .delay(.milliseconds(5), beforeApplying: true)), account: first,
        contract: mnq, skip: 2, count: nil, chance: 250_000)
    ),
    (
      #""on":"request","effect":"drop","applied":true,"reset":true"#,
      .request(nil, .dropConnection(applied: true, reset: true))
    ),
    (
      #""on":"request","effect":"silence","applied":false"#, .request(nil, .silence(applied: false))
    ),
    (
      #""on":"request","effect":"status","status":429,"applied":false,"retryAfter":"3","count":4"#,
      .request(nil, .status(429, applied: false, retryAfter: "3"), count: 4)
    ),
    (
      #""on":"request","effect":"html","status":502,"applied":true"#,
      .request(nil, .html(502, applied: true))
    ),
    (
      #""on":"request","effect":"redirect","status":307,"location":"http://x/","applied":true"#,
      .request(nil, .redirect(status: 307, location: "http://x/", applied: true))
    ),
    (
      #""on":"request","effect":"inflate","bytes":20971520"#,
      .request(nil, .inflated(bytes: 20 << 20))
    ),
    (
      #""on":"request","effect":"trickle","ms":3000"#, .request(nil, .trickled(.seconds(3)))
    ),
    (
      #""on":"hub","hub":"user","moment":"handshake","effect":"records","records":["",{"type":42}]"#,
      .hub(.user, .handshake, .records(["", #"{"type":42}"#]))
    ),
    (
      #""on":"hub","hub":"user","effect":"binary","text":"x""#,
      .hub(.user, .binary([0x78]))
    ),
    (#""on":"hub","hub":"user","effect":"ping""#, .hub(.user, .webSocketPing)),
    (
      #""on":"hub","hub":"market","effect":"closeFrame","code":1011"#,
      .hub(.market, .webSocketClose(code: 1_011))
    ),
    (#""on":"request","effect":"truncate""#, .request(nil, .truncated)),
    (#""on":"request","effect":"breakOff""#, .request(nil, .brokenOff)),
    (#""on":"request","effect":"nullPayload""#, .request(nil, .nullPayload)),
    (#""on":"request","effect":"missingPayload""#, .request(nil, .missingPayload)),
    (
      #""on":"request","operation":"Order/cancel","effect":"marketClosed""#,
      .request(.cancelOrder, .marketClosed)
    ),
    (
      #""on":"request","effect":"envelope","success":true,"code":3,"message":"m","applied":true"#,
      .request(nil, .envelope(success: true, code: 3, message: "m", applied: true))
    ),
    (#""on":"hub","hub":"user","effect":"cut""#, .hub(.user, .cut)),
    (#""on":"hub","hub":"market","effect":"reset","moment":"now""#, .hub(.market, .reset)),
    (#""on":"hub","hub":"user","effect":"stall""#, .hub(.user, .stall)),
    (
      #""on":"hub","hub":"user","effect":"close","error":"e","allowReconnect":false"#,
      .hub(.user, .close(error: "e", allowReconnect: false))
    ),
    (
      #""on":"hub","hub":"user","effect":"logout","message":"m","endsToken":true"#,
      .hub(.user, .logout(message: "m", endsToken: true))
    ),
    (
      #""on":"hub","hub":"user","moment":"event","event":"order","effect":"lose""#,
      .hub(.user, .event(.order), .lose)
    ),
    (
      #""on":"hub","hub":"market","moment":"event","event":"print","effect":"duplicate""#,
      .hub(.market, .event(.print), .duplicate)
    ),
    (
      #""on":"hub","hub":"user","moment":"event","effect":"delay","ms":9"#,
      .hub(.user, .event(nil), .delay(.milliseconds(9)))
    ),
    (
      #""on":"hub","hub":"user","moment":"event","effect":"garble""#,
      .hub(.user, .event(nil), .garble)
    ),
    (
      #""on":"hub","hub":"user","moment":"upgrade","effect":"refuse","status":503"#,
      .hub(.user, .upgrade, .refuse(status: 503))
    ),
    (
      #""on":"hub","hub":"user","moment":"handshake","effect":"ignore""#,
      .hub(.user, .handshake, .ignore)
    ),
    (
      #""on":"hub","hub":"user","moment":"invocation","effect":"fail","error":"e""#,
      .hub(.user, .invocation, .fail("e"))
    ),
  ]

  @Test(arguments: faults)
  func `every fault is read`(text: String, fault: Fault) throws {
    #expect(try step("\"do\":\"fault\",\(text)") == .fault(fault))
  }

  @Test(arguments: [
    (Fault.request(.placeOrder, .truncated), "Order/place: truncate"),
    (.request(nil, .marketClosed), "any request: marketClosed"),
    (.hub(.user, .cut), "user hub, now: cut"),
    (.hub(.market, .event(.quote), .lose), "market hub, event quote: lose"),
    (.hub(.user, .event(nil), .garble), "user hub, event: garble"),
    (.hub(.user, .upgrade, .refuse(status: 500)), "user hub, upgrade: refuse"),
    (.hub(.user, .handshake, .ignore), "user hub, handshake: ignore"),
    (.hub(.user, .invocation, .fail("x")), "user hub, invocation: fail"),
  ])
  func `a fault describes itself in the words of documents`(fault: Fault, text: String) {
    #expect(fault.description == text)
  }

  @Test(arguments: faults)
  func `the word of an effect is the one that is read`(text: String, fault: Fault) {
    let word =
      switch fault.target {
      case .request(_, let effect): effect.word
      case .hub(_, _, let effect): effect.word
      }
    #expect(text.contains(#""effect":"\#(word)""#))
  }
}
