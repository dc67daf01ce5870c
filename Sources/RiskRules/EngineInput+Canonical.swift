package import RiskModel

// What the journal takes with every event. The rest, which is rare, goes the general way; marks are
// packed and not JSON at all.

extension EngineInput: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .event(let event): json.enumeration("event", event)
    case .proven(let target): json.enumeration("proven", target)
    case .tick(let venueTime): json.enumeration("tick") { $0.member("venueTime", venueTime) }
    case .mark, .snapshot, .differences, .unknown, .unprotectable, .answer, .configuration,
      .ownClose, .journal, .administrator:
      json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    switch try json.beginCase() {
    case "event": self = .event(try json.member("_0"))
    case "proven": self = .proven(try json.member("_0"))
    case "tick": self = .tick(venueTime: try json.optional("venueTime"))
    default: throw NotCanonical()
    }
    try json.endCase()
  }
}

extension Effect: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .adopt(let target): json.enumeration("adopt", target)
    case .amend(let target): json.enumeration("amend", target)
    case .end(let target, let ending):
      json.enumeration("end") {
        $0.member("_0", target)
        $0.member("_1", ending)
      }
    case .breach(let breach): json.enumeration("breach", breach)
    case .watch(let contracts): json.enumeration("watch", contracts)
    case .reentry, .query, .dailyReset, .notice: json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    var ahead = json
    switch try ahead.beginCase() {
    case "adopt": self = .adopt(try ahead.member("_0"))
    case "amend": self = .amend(try ahead.member("_0"))
    case "end":
      let target: TargetID = try ahead.member("_0")
      self = .end(target, try ahead.member("_1"))
    case "breach": self = .breach(try ahead.member("_0"))
    case "watch": self = .watch(try ahead.member("_0"))
    default:
      self = try json.generalValue()
      return
    }
    try ahead.endCase()
    json = ahead
  }
}

extension Breach: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("account", account)
    json.member("at", at)
    json.member("reason", reason)
    json.member("rule", rule)
    json.member("target", target)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let account: AccountID = try json.member("account")
    let at: Instant = try json.member("at")
    let reason: BreachReason = try json.member("reason")
    let rule: RuleID = try json.member("rule")
    let target: TargetID = try json.member("target")
    try json.end()
    self.init(account: account, rule: rule, reason: reason, target: target, at: at)
  }
}
