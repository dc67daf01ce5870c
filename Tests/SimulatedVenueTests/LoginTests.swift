import RiskModel
import SimulatedVenue
import Testing

/// Both logins and what becomes of tokens.
struct LoginTests {
  private let accounts = #"{"onlyActiveAccounts":true}"#

  private func application(
    user: String = "demo", password: String = "demo-password", device: String = "d",
    id: String = "demo-app", verify: String = "demo-verify-key"
  ) -> String {
    #"{"userName":"\#(user)","password":"\#(password)","deviceId":"\#(device)","appId":"\#(id)","#
      + #""verifyKey":"\#(verify)"}"#
  }

  @Test func `an application logs in and its token is good`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue, logsIn: false)
      let reply = try client.post(.loginApplication, application())
      #expect(reply.errorCode == 0)
      client.token = reply.json["token"]?.text
      #expect(try client.post(.searchAccounts, accounts).status == 200)
      let logged = try #require(venue.requests(.loginApplication).first?.body.jsonText)
      #expect(!logged.contains("demo"))
    }
  }

  @Test func `what an application gets wrong has its own code`() throws {
    try withVenue {
      $0.application.device = "d"
    } _: { venue in
      let client = try RESTClient(venue, logsIn: false)
      for (body, code) in [
        (application(user: "x"), 1), (application(password: "x"), 2), (application(id: "x"), 4),
        (application(verify: "x"), 5), (application(device: "x"), 6),
      ] {
        let reply = try client.post(.loginApplication, body)
        #expect(reply.status == 200)
        #expect(
          reply.text
            == #"{"token":null,"success":false,"errorCode":\#(code),"errorMessage":null}"#)
      }
      #expect(try client.post(.loginApplication, #"{"userName":"demo"}"#).status == 400)
    }
  }

  @Test(arguments: LoginObstacle.allCases)
  func `an obstacle keeps everybody out until it is gone`(obstacle: LoginObstacle) throws {
    let codes: [LoginObstacle: Int64] = [
      .nothing: 0, .agreementsNotSigned: 7, .unknownError: 8, .apiSubscriptionNotFound: 9,
      .apiKeyAuthenticationDisabled: 10,
    ]
    try withVenue { venue in
      venue.setGateway { $0.loginObstacle = obstacle }
      let client = try RESTClient(venue)
      #expect((client.token != nil) == (obstacle == .nothing))
      #expect(venue.requests(.login).last?.errorCode.map { Int64($0) } == codes[obstacle])
      venue.setGateway { $0.loginObstacle = .nothing }
      #expect(try RESTClient(venue).token != nil)
    }
  }

  @Test func `a token that is no good gets 401 at validate, or a code when that is set`() throws {
    try withVenue {
      $0.gateway.tokenLifetime = .seconds(600)
    } _: { venue in
      let client = try RESTClient(venue)
      let ended = try RESTClient(venue)
      try ended.post(.logout, "")
      #expect(try ended.post(.validate, "").status == 401)
      venue.setGateway { $0.tokenRefusal = .code }
      #expect(try ended.post(.validate, "").errorCode == 1)
      #expect(try ended.post(.logout, "").errorCode == 1)
      ended.token = "a.b.c"
      #expect(
        try ended.post(.validate, "").text
          == #"{"newToken":null,"success":false,"errorCode":2,"errorMessage":null}"#)
      venue.shiftClock(by: .seconds(601))
      #expect(try client.post(.validate, "").errorCode == 3)
      #expect(try client.post(.searchAccounts, accounts).status == 401)
      client.token = nil
      #expect(try client.post(.validate, "").status == 401)
    }
  }

  @Test func `all tokens end at once in the middle of everything`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      let hub = try RawHubClient(venue, .user)
      venue.endTokens()
      #expect(try client.post(.searchAccounts, accounts).status == 401)
      #expect(try hub.invoke("SubscribeAccounts")["error"] == nil)
      let path = "\(VenueHub.user.path)?access_token=\(try #require(client.token))"
      #expect(try RawHubClient(port: venue.port, path: path).upgradeReply.status == 401)
      #expect(try RESTClient(venue).post(.searchAccounts, accounts).status == 200)
    }
  }

  @Test func `validate can answer without a new token, or with any code`() throws {
    try withVenue { venue in
      let client = try RESTClient(venue)
      venue.addFault(.request(.validate, .nullPayload))
      #expect(
        try client.post(.validate, "").text
          == #"{"newToken":null,"success":true,"errorCode":0,"errorMessage":null}"#)
      venue.addFault(.request(.validate, .missingPayload))
      #expect(
        try client.post(.validate, "").text
          == #"{"success":true,"errorCode":0,"errorMessage":null}"#)
      venue.addFault(
        .request(.validate, .envelope(success: false, code: 3, message: nil, applied: false)))
      #expect(try client.post(.validate, "").errorCode == 3)
      venue.addFault(.request(.validate, .status(401, applied: false, retryAfter: nil)))
      #expect(try client.post(.validate, "").status == 401)
    }
  }
}
