extension RuleID: CanonicalValue {}
extension TargetEnding: CanonicalValue {}

extension TargetID: CanonicalValue {
  package func write(to json: inout CanonicalWriter) { json.append(description) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    guard let id = TargetID(try json.text()) else { throw NotCanonical() }
    self = id
  }
}

extension Goal: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .flatAccount: json.enumeration("flatAccount") { _ in }
    case .flat(let contract): json.enumeration("flat", contract)
    case .atMost(let contract, let size):
      json.enumeration("atMost") {
        $0.member("_0", contract)
        $0.member("size", size)
      }
    case .cancelled(let order): json.enumeration("cancelled", order)
    case .noNewExposure, .protected: json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    var ahead = json
    switch try ahead.beginCase() {
    case "flatAccount": self = .flatAccount
    case "flat": self = .flat(try ahead.member("_0"))
    case "atMost":
      let contract: ContractID = try ahead.member("_0")
      self = .atMost(contract, size: try ahead.member("size"))
    case "cancelled": self = .cancelled(try ahead.member("_0"))
    default:
      self = try json.generalValue()
      return
    }
    try ahead.endCase()
    json = ahead
  }
}

extension TargetEnd: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .episode: json.enumeration("episode") { _ in }
    case .at(let instant): json.enumeration("at", instant)
    case .dailyReset, .permanent, .configuration, .tradingRestored, .sessionStart,
      .evaluationRestored:
      json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    var ahead = json
    switch try ahead.beginCase() {
    case "episode": self = .episode
    case "at": self = .at(try ahead.member("_0"))
    default:
      self = try json.generalValue()
      return
    }
    try ahead.endCase()
    json = ahead
  }
}

extension Cause: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("reason", reason)
    json.member("rule", rule)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let reason: BreachReason = try json.member("reason")
    let rule: RuleID = try json.member("rule")
    try json.end()
    self.init(rule: rule, reason: reason)
  }
}

extension PositionEpisode: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("contract", contract)
    json.member("leftovers", leftovers)
    json.member("openedAt", openedAt)
    json.member("position", position)
    json.member("side", side)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let contract: ContractID = try json.member("contract")
    let leftovers: [OrderID]? = try json.optional("leftovers")
    let openedAt: Instant = try json.member("openedAt")
    let position: Int64 = try json.member("position")
    let side: Side = try json.member("side")
    try json.end()
    self.init(
      contract: contract, position: position, openedAt: openedAt, side: side, leftovers: leftovers)
  }
}

extension Target: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("account", account)
    json.member("adoptedAt", adoptedAt)
    json.member("cause", cause)
    json.member("end", end)
    json.member("episodes", episodes)
    json.member("goal", goal)
    json.member("id", id)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let account: AccountID = try json.member("account")
    let adoptedAt: Instant = try json.member("adoptedAt")
    let cause: Cause = try json.member("cause")
    let end: TargetEnd = try json.member("end")
    let episodes: [PositionEpisode]? = try json.optional("episodes")
    let goal: Goal = try json.member("goal")
    let id: TargetID = try json.member("id")
    try json.end()
    self.init(
      id: id, account: account, goal: goal, cause: cause, end: end, adoptedAt: adoptedAt,
      episodes: episodes)
  }
}

/// Two reasons are frequent; the others go the general way.
extension BreachReason: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .contractsAboveLimit(let held, let limit):
      json.enumeration("contractsAboveLimit") {
        $0.member("held", held)
        $0.member("limit", limit)
      }
    case .contractsAboveInstrumentLimit(let root, let held, let limit):
      json.enumeration("contractsAboveInstrumentLimit") {
        $0.member("held", held)
        $0.member("limit", limit)
        $0.member("root", root.text)
      }
    default: json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    var ahead = json
    switch try ahead.beginCase() {
    case "contractsAboveLimit":
      let held: Int64 = try ahead.member("held")
      self = .contractsAboveLimit(held: held, limit: try ahead.member("limit"))
    case "contractsAboveInstrumentLimit":
      let held: Int64 = try ahead.member("held")
      let limit: Int64 = try ahead.member("limit")
      let root = SymbolRoot(try ahead.member("root"))
      self = .contractsAboveInstrumentLimit(root: root, held: held, limit: limit)
    default:
      self = try json.generalValue()
      return
    }
    try ahead.endCase()
    json = ahead
  }
}
