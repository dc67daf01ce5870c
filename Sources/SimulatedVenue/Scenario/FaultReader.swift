import RiskModel

// The keys of a fault:
//
//   on           "request" or "hub"
//   effect       what goes wrong, see the lists below
//   account, contract, skip, count, chance
//                only this account or contract; occasions that pass first; how often it strikes, a
//                number or "unlimited" (1 when left out); how likely, 0 to 1 (1 when left out)
//
//   on "request":
//   operation    "Order/place" and so on; any operation when left out
//   delay        ms, beforeApplying?
//   drop         applied, reset?                the connection ends without a reply
//   silence      applied                        no reply ever comes
//   status       status, applied, retryAfter?   an empty reply
//   html         status, applied
//   redirect     status, location, applied
//   inflate      bytes                          that many blanks after the JSON
//   trickle      ms                             the body comes in pieces
//   truncate, breakOff, nullPayload, missingPayload, marketClosed
//   envelope     success, code, message?, applied
//
//   on "hub":
//   hub          "user" or "market"
//   moment       "now" (when left out), "upgrade", "handshake", "invocation", "event"
//   event        with the moment "event": "order", "quote" and so on; any when left out
//   cut, reset, stall, lose, duplicate, garble, ignore
//   records      records: texts or objects, sent as they are
//   binary       text                           as a binary message
//   ping                                        of WebSocket
//   closeFrame   code                           of WebSocket, without a close record
//   close        error?, allowReconnect?
//   logout       message?, endsToken?
//   delay        ms
//   refuse       status
//   fail         error

private enum FaultSite: String, CaseIterable {
  case request
  case hub
}

private enum RequestEffectWord: String, CaseIterable {
  case delay, drop, silence, status, html, redirect, inflate, trickle, truncate, breakOff,
    nullPayload, missingPayload, marketClosed, envelope
}

private enum HubEffectWord: String, CaseIterable {
  case cut, reset, stall, close, logout, records, binary, ping, closeFrame, lose, duplicate, delay,
    garble, refuse, ignore, fail
}

private enum HubMomentWord: String, CaseIterable {
  case now, upgrade, handshake, invocation, event
}

extension DocumentMembers {
  mutating func fault() throws -> Fault {
    let site: FaultSite = try required("on") { try $0.choice() }
    let target =
      switch site {
      case .request: try requestTarget()
      case .hub: try hubTarget()
      }
    return Fault(
      target, account: try optional("account") { try $0.account() },
      contract: try optional("contract") { try $0.contract() },
      skip: Int(try optional("skip") { try $0.integer() } ?? 0),
      count: try optional("count") { try $0.count() } ?? 1,
      chance: try optional("chance") { try $0.chance() } ?? Fault.certain)
  }

  private mutating func requestTarget() throws -> Fault.Target {
    let operation: GatewayOperation? = try optional("operation") { try $0.choice() }
    let word: RequestEffectWord = try required("effect") { try $0.choice() }
    let effect: RequestEffect =
      switch word {
      case .delay:
        .delay(
          try required("ms") { try $0.milliseconds() },
          beforeApplying: try optional("beforeApplying") { try $0.boolean() } ?? false)
      case .drop:
        .dropConnection(
          applied: try applied(), reset: try optional("reset") { try $0.boolean() } ?? false)
      case .silence: .silence(applied: try applied())
      case .status:
        .status(
          try status(), applied: try applied(),
          retryAfter: try optional("retryAfter") { try $0.text() })
      case .html: .html(try status(), applied: try applied())
      case .redirect:
        .redirect(
          status: Int(try required("status") { try $0.integer(in: 300...399) }),
          location: try required("location") { try $0.text() }, applied: try applied())
      case .inflate:
        .inflated(bytes: Int(try required("bytes") { try $0.integer(in: 1...(256 << 20)) }))
      case .trickle: .trickled(try required("ms") { try $0.milliseconds() })
      case .truncate: .truncated
      case .breakOff: .brokenOff
      case .nullPayload: .nullPayload
      case .missingPayload: .missingPayload
      case .marketClosed: .marketClosed
      case .envelope:
        .envelope(
          success: try required("success") { try $0.boolean() },
          code: Int(try required("code") { try $0.integer() }),
          message: try optional("message") { try $0.text() }, applied: try applied())
      }
    if effect == .marketClosed, operation?.closedMarketCode == nil {
      let names = GatewayOperation.allCases.filter { $0.closedMarketCode != nil }.map(\.rawValue)
      throw node.failure(
        "`marketClosed` needs an operation out of \(names.joined(separator: ", "))")
    }
    return .request(operation, effect)
  }

  private mutating func applied() throws -> Bool {
    try required("applied") { try $0.boolean() }
  }

  private mutating func status() throws -> Int {
    Int(try required("status") { try $0.integer(in: 200...599) })
  }

  private mutating func hubTarget() throws -> Fault.Target {
    let hub: VenueHub = try required("hub") { try $0.choice() }
    let moment = try hubMoment(of: hub)
    let word: HubEffectWord = try required("effect") { try $0.choice() }
    let effect: HubEffect =
      switch word {
      case .cut: .cut
      case .reset: .reset
      case .stall: .stall
      case .close:
        .close(
          error: try optional("error") { try $0.text() },
          allowReconnect: try optional("allowReconnect") { try $0.boolean() })
      case .logout:
        .logout(
          message: try optional("message") { try $0.text() },
          endsToken: try optional("endsToken") { try $0.boolean() } ?? false)
      case .records:
        .records(
          try required("records") { try $0.list { $0.value.text ?? $0.value.jsonText } })
      case .binary: .binary(Array(try required("text") { try $0.text() }.utf8))
      case .ping: .webSocketPing
      case .closeFrame:
        .webSocketClose(
          code: UInt16(try required("code") { try $0.integer(in: 1_000...4_999) }))
      case .lose: .lose
      case .duplicate: .duplicate
      case .delay: .delay(try required("ms") { try $0.milliseconds() })
      case .garble: .garble
      case .refuse: .refuse(status: try status())
      case .ignore: .ignore
      case .fail: .fail(try required("error") { try $0.text() })
      }
    guard effect.fits(moment) else {
      throw node.failure("the effect `\(word.rawValue)` does not fit the moment; see its list")
    }
    return .hub(hub, moment, effect)
  }

  private mutating func hubMoment(of hub: VenueHub) throws -> HubMoment {
    let word: HubMomentWord = try optional("moment") { try $0.choice() } ?? .now
    switch word {
    case .now: return .now
    case .upgrade: return .upgrade
    case .handshake: return .handshake
    case .invocation: return .invocation
    case .event:
      let kinds = HubEventKind.allCases.filter { $0.hub == hub }
      let names = Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, $0) })
      return .event(try optional("event") { try $0.choice(names) })
    }
  }
}

extension DocumentNode {
  /// How often a fault strikes; `nil` is without end.
  fileprivate func count() throws -> Int? {
    if value.text == "unlimited" { return nil }
    guard let number = value.integer, (1...1_000_000).contains(number) else {
      throw failure("expected a number from 1 or \"unlimited\", found \(value.jsonText)")
    }
    return Int(number)
  }

  /// A probability in parts of a million.
  fileprivate func chance() throws -> Int {
    guard let parts = try decimal().scaledExactly(by: 6), (0...1_000_000).contains(parts) else {
      throw failure("expected a probability from 0 to 1, found \(value.jsonText)")
    }
    return Int(parts)
  }
}
