package import RiskModel

/// One thing that goes wrong, and when.
package struct Fault: Equatable, Sendable {
  package var target: Target
  /// Only requests and events of that account.
  package var account: AccountID?
  /// Only requests and events of that contract.
  package var contract: ContractID?
  /// Matching occasions that pass untouched first.
  package var skip: Int
  /// How often it strikes; `nil` is until it is cleared.
  package var count: Int?
  /// How likely it strikes on an occasion, in parts of a million; drawn with the venue's seed.
  package var chance: Int

  package static let certain = 1_000_000

  package enum Target: Equatable, Sendable {
    /// A REST request; `nil` is any operation.
    case request(GatewayOperation?, RequestEffect)
    case hub(VenueHub, HubMoment, HubEffect)
  }

  package init(
    _ target: Target, account: AccountID? = nil, contract: ContractID? = nil, skip: Int = 0,
    count: Int? = 1, chance: Int = Fault.certain
  ) {
    self.target = target
    self.account = account
    self.contract = contract
    self.skip = skip
    self.count = count
    self.chance = chance
  }

  package static func request(
    _ operation: GatewayOperation?, _ effect: RequestEffect, account: AccountID? = nil,
    skip: Int = 0, count: Int? = 1
  ) -> Fault {
    Fault(.request(operation, effect), account: account, skip: skip, count: count)
  }

  /// Happens at once, on every connection of the hub.
  package static func hub(_ hub: VenueHub, _ effect: HubEffect) -> Fault {
    Fault(.hub(hub, .now, effect))
  }

  package static func hub(
    _ hub: VenueHub, _ moment: HubMoment, _ effect: HubEffect, skip: Int = 0, count: Int? = 1
  ) -> Fault {
    Fault(.hub(hub, moment, effect), skip: skip, count: count)
  }
}

extension Fault: CustomStringConvertible {
  /// `Order/place: drop`, `user hub, event trade: lose`.
  package var description: String {
    switch target {
    case .request(let operation, let effect):
      "\(operation?.rawValue ?? "any request"): \(effect.word)"
    case .hub(let hub, let moment, let effect):
      "\(hub.rawValue) hub, \(moment.words): \(effect.word)"
    }
  }
}

/// The two streams of the venue; the raw value is the last part of the path.
package enum VenueHub: String, Sendable, CaseIterable {
  case user
  case market

  package var path: String { "/hubs/\(rawValue)" }
}

/// What goes wrong with a REST request. `applied` says whether the venue did what was asked.
package enum RequestEffect: Equatable, Sendable {
  /// The reply is late; with `beforeApplying` the venue also acts late.
  case delay(TimeSpan, beforeApplying: Bool)
  /// The connection ends without a reply: by FIN, or by RST with `reset`.
  case dropConnection(applied: Bool, reset: Bool)
  /// The connection stays and no reply ever comes.
  case silence(applied: Bool)
  /// An empty reply of that status.
  case status(Int, applied: Bool, retryAfter: String?)
  /// A page for people instead of JSON, as the edge in front of the venue sends.
  case html(Int, applied: Bool)
  /// The JSON ends in the middle, the message is complete.
  case truncated
  /// The connection ends in the middle of the body.
  case brokenOff
  /// A redirect to another place.
  case redirect(status: Int, location: String, applied: Bool)
  /// The reply is this many bytes longer: blanks follow the JSON.
  case inflated(bytes: Int)
  /// The body comes in pieces spread over this time.
  case trickled(TimeSpan)
  /// The payload is null although `success` is true.
  case nullPayload
  /// The payload is left out although `success` is true.
  case missingPayload
  /// The envelope says something else than what happened.
  case envelope(success: Bool, code: Int, message: String?, applied: Bool)
  /// The venue refuses as it does outside trading hours.
  case marketClosed

  /// The word for it in documents.
  package var word: String {
    switch self {
    case .delay: "delay"
    case .dropConnection: "drop"
    case .silence: "silence"
    case .status: "status"
    case .html: "html"
    case .truncated: "truncate"
    case .brokenOff: "breakOff"
    case .redirect: "redirect"
    case .inflated: "inflate"
    case .trickled: "trickle"
    case .nullPayload: "nullPayload"
    case .missingPayload: "missingPayload"
    case .envelope: "envelope"
    case .marketClosed: "marketClosed"
    }
  }

  /// Whether the request takes effect although something goes wrong.
  var isApplied: Bool {
    switch self {
    case .dropConnection(let applied, _), .silence(let applied), .status(_, let applied, _),
      .html(_, let applied), .envelope(_, _, _, let applied), .redirect(_, _, let applied):
      applied
    case .marketClosed: false
    case .delay, .truncated, .brokenOff, .inflated, .trickled, .nullPayload, .missingPayload: true
    }
  }
}

/// When something goes wrong on a hub.
package enum HubMoment: Equatable, Sendable {
  /// At once, on every connection of the hub.
  case now
  case upgrade
  case handshake
  case invocation
  /// When an event of that kind (`nil`: any) is due to a subscriber; one that is due to two
  /// subscribers is two occasions.
  case event(HubEventKind?)

  package var words: String {
    switch self {
    case .now: "now"
    case .upgrade: "upgrade"
    case .handshake: "handshake"
    case .invocation: "invocation"
    case .event(let kind): kind.map { "event \($0.rawValue)" } ?? "event"
    }
  }
}

/// The kinds of events of both hubs.
package enum HubEventKind: String, Sendable, CaseIterable {
  case account
  case order
  case position
  case trade
  case quote
  /// A trade of the market.
  case print

  package var hub: VenueHub {
    switch self {
    case .account, .order, .position, .trade: .user
    case .quote, .print: .market
    }
  }
}

/// What goes wrong on a hub.
package enum HubEffect: Equatable, Sendable {
  /// The connection ends by FIN.
  case cut
  /// The connection ends by RST.
  case reset
  /// The connection stays but nothing comes any more, not even pings.
  case stall
  /// A close record, then the end of the connection.
  case close(error: String?, allowReconnect: Bool?)
  /// `GatewayLogout`, without argument or with a text, then the end of the connection.
  case logout(message: String?, endsToken: Bool)
  /// These texts go out as records: after the answer to a handshake and in the same message, before
  /// a completion, before an event, or at once.
  case records([String])
  /// A binary message, which the protocol has none of.
  case binary([UInt8])
  /// A ping of WebSocket, which asks for a pong.
  case webSocketPing
  /// A close frame of WebSocket with that code, without a close record.
  case webSocketClose(code: UInt16)
  case lose
  case duplicate
  case delay(TimeSpan)
  /// The event arrives as text that is not JSON.
  case garble
  /// The upgrade is answered with that status.
  case refuse(status: Int)
  /// No answer ever comes.
  case ignore
  /// The answer is an error with that text.
  case fail(String)

  /// The word for it in documents.
  package var word: String {
    switch self {
    case .cut: "cut"
    case .reset: "reset"
    case .stall: "stall"
    case .close: "close"
    case .logout: "logout"
    case .records: "records"
    case .binary: "binary"
    case .webSocketPing: "ping"
    case .webSocketClose: "closeFrame"
    case .lose: "lose"
    case .duplicate: "duplicate"
    case .delay: "delay"
    case .garble: "garble"
    case .refuse: "refuse"
    case .ignore: "ignore"
    case .fail: "fail"
    }
  }

  /// Whether the effect can happen at that moment.
  package func fits(_ moment: HubMoment) -> Bool {
    switch self {
    case .cut, .reset: moment != .upgrade
    case .records: moment != .upgrade
    case .delay: moment != .upgrade && moment != .now
    case .stall, .close, .logout, .binary, .webSocketPing, .webSocketClose:
      moment != .upgrade && moment != .handshake
    case .lose, .duplicate, .garble: if case .event = moment { true } else { false }
    case .refuse: moment == .upgrade
    case .ignore: moment == .upgrade || moment == .handshake || moment == .invocation
    case .fail: moment == .handshake || moment == .invocation
    }
  }
}
