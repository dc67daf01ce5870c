import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue
import Testing

struct SessionTests {
  private let accounts = #"{"onlyActiveAccounts":true}"#

  @Test func `a token has the form of a JWT and says when it expires`() throws {
    try withVenue {
      $0.gateway.tokenLifetime = .seconds(600)
    } _: { venue in
      let client = try RESTClient(venue)
      let token = try #require(client.token)
      let parts = token.split(separator: ".")
      #expect(parts.count == 3)
      let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
      #expect(token.allSatisfy { allowed.contains($0) })
      let header = try JSONValue(parsing: decoded(parts[0]))
      let claims = try JSONValue(parsing: decoded(parts[1]))
      #expect(header["typ"]?.text == "JWT")
      let issued = try #require(claims["iat"]?.integer)
      #expect(claims["exp"]?.integer == issued + 600)
      #expect(decoded(parts[2]).count == 32)
    }
  }

  /// An hour passes in a second, from tomorrow on.
  @Test func `the venue's time goes at its pace, and tokens end by it`() throws {
    let clock = SystemClock()
    let pace = ClockPace(anchor: clock.now(), offset: .seconds(86_400), rate: 3_600_000)
    try withVenue {
      $0.clockPace = pace
      $0.gateway.tokenLifetime = .seconds(1_800)
    } _: { venue in
      let before = SystemClock(pace: pace).now()
      let client = try RESTClient(venue)
      let token = try #require(client.token)
      let claims = try JSONValue(parsing: decoded(token.split(separator: ".")[1]))
      let issued = Instant(secondsSinceEpoch: Int64(try #require(claims["iat"]?.integer)))
      #expect(issued + .seconds(1) >= before)
      #expect(issued <= SystemClock(pace: pace).now() + .seconds(1))
      var requests = 0
      while try client.post(.searchAccounts, accounts).status == 200, requests < 1_000 {
        requests += 1
        usleep(20_000)
      }
      #expect(requests < 1_000)
      #expect(SystemClock(pace: pace).now() >= issued + .seconds(1_799))
    }
  }

  @Test func `the login name's case does not matter, the key's does`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue, logsIn: false)
      #expect(
        try client.post(.login, #"{"userName":"DEMO","apiKey":"demo-key"}"#).errorCode == 0)
      let refused = try client.post(.login, #"{"userName":"demo","apiKey":"DEMO-KEY"}"#)
      #expect(
        refused.text
          == #"{"token":null,"success":false,"errorCode":3,"errorMessage":null}"#)
    }
  }

  @Test func `every other operation wants a token that is good`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue, logsIn: false)
      for operation in GatewayOperation.allCases where operation.needsToken {
        client.token = nil
        let reply = try client.post(operation, accounts)
        #expect(reply.status == 401 && reply.body.isEmpty)
        client.token = "a.b.c"
        #expect(try client.post(operation, accounts).status == 401)
      }
      #expect(venue.requests().allSatisfy { !$0.isApplied })
    }
  }

  @Test func `two logins give two tokens that are both good`() throws {
    try withVenue { venue in
      let one = try RESTClient(venue)
      let other = try RESTClient(venue)
      #expect(one.token != other.token)
      #expect(try one.post(.searchAccounts, accounts).status == 200)
      #expect(try other.post(.searchAccounts, accounts).status == 200)
    }
  }

  @Test func `a token expires by the venue's clock`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let before = venue.now
      venue.shiftClock(by: .seconds(86_390))
      #expect(try client.post(.searchAccounts, accounts).status == 200)
      venue.shiftClock(by: .seconds(20))
      #expect(try client.post(.searchAccounts, accounts).status == 401)
      #expect(try client.post(.validate, "").status == 401)
      #expect(venue.now - before >= .seconds(86_410))
    }
  }

  @Test(arguments: [false, true])
  func `a token is exchanged, the old one stays good or not`(endsOld: Bool) throws {
    try withVenue {
      $0.gateway.validateEndsOldToken = endsOld
    } _: { venue in
      let client = try RESTClient(venue)
      let reply = try client.post(.validate, "")
      let token = try #require(reply.json["newToken"]?.text)
      #expect(
        reply.text
          == #"{"newToken":"\#(token)","success":true,"errorCode":0,"errorMessage":null}"#)
      #expect(try client.post(.searchAccounts, accounts).status == (endsOld ? 401 : 200))
      client.token = token
      #expect(try client.post(.searchAccounts, accounts).status == 200)
    }
  }

  @Test func `a logout ends one token`() throws {
    try withVenue { venue in
      let one = try RESTClient(venue)
      let other = try RESTClient(venue)
      #expect(
        try one.post(.logout, "").text
          == #"{"success":true,"errorCode":0,"errorMessage":null}"#)
      #expect(try one.post(.searchAccounts, accounts).status == 401)
      #expect(try other.post(.searchAccounts, accounts).status == 200)
    }
  }

  @Test func `what a login sends is not kept`() throws {
    try withVenue { venue in
      _ = try RESTClient(venue)
      let body = try #require(venue.requests(.login).first?.body)
      #expect(body.jsonText == #"{"userName":"…","apiKey":"…"}"#)
    }
  }

  @Test func `the same seed gives the same tokens' randomness`() throws {
    func signature(_ seed: UInt64) throws -> Substring? {
      try withVenue {
        $0.seed = seed
      } _: {
        try RESTClient($0).token?.split(separator: ".").last
      }
    }
    #expect(try signature(5) == signature(5))
    #expect(try signature(5) != signature(6))
  }

  private func decoded(_ text: Substring) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var bits = 0
    var count = 0
    var bytes: [UInt8] = []
    for character in text {
      guard let value = alphabet.firstIndex(of: character) else { return [] }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 255))
      }
    }
    return bytes
  }
}
