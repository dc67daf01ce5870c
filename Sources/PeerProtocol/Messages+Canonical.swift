package import RiskModel

// What goes through a link with every event. The rest of the messages, which are few, goes the
// general way.

extension FeedMessage: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .event(let event, let receivedAt, let readAt):
      json.enumeration("event") {
        $0.member("_0", event)
        $0.member("readAt", readAt)
        $0.member("receivedAt", receivedAt)
      }
    case .canary(let number, let sentAt):
      json.enumeration("canary") {
        $0.member("number", number)
        $0.member("sentAt", sentAt)
      }
    case .snapshot, .differences, .unknown, .unprotectable, .hub, .venueTime, .answer:
      json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    switch try json.beginCase() {
    case "event":
      let event: VenueEvent = try json.member("_0")
      let readAt: MonotonicInstant = try json.member("readAt")
      self = .event(event, receivedAt: try json.member("receivedAt"), readAt: readAt)
    case "canary":
      let number: Int64 = try json.member("number")
      self = .canary(number: number, sentAt: try json.member("sentAt"))
    default: throw NotCanonical()
    }
    try json.endCase()
  }
}

extension VerdictMessage: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .venue(let event): json.enumeration("venue", event)
    case .adopt(let revision, let target, let readAt):
      json.enumeration("adopt") {
        $0.member("_1", target)
        $0.member("readAt", readAt)
        $0.member("revision", revision)
      }
    case .end(let revision, let target, let ending):
      json.enumeration("end") {
        $0.member("_1", target)
        $0.member("_2", ending)
        $0.member("revision", revision)
      }
    case .canary(let number, let sentAt):
      json.enumeration("canary") {
        $0.member("number", number)
        $0.member("sentAt", sentAt)
      }
    case .targets, .targetsAhead, .snapshot, .accounts: json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    switch try json.beginCase() {
    case "venue": self = .venue(try json.member("_0"))
    case "adopt":
      let target: Target = try json.member("_1")
      let readAt: MonotonicInstant? = try json.optional("readAt")
      self = .adopt(revision: try json.member("revision"), target, readAt: readAt)
    case "end":
      let target: TargetID = try json.member("_1")
      let ending: TargetEnding = try json.member("_2")
      self = .end(revision: try json.member("revision"), target, ending)
    case "canary":
      let number: Int64 = try json.member("number")
      self = .canary(number: number, sentAt: try json.member("sentAt"))
    default: throw NotCanonical()
    }
    try json.endCase()
  }
}

extension VerdictReport: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    switch self {
    case .adopted(let revision):
      json.enumeration("adopted") { $0.member("revision", revision) }
    case .step(let step): json.enumeration("step", step)
    case .proven(let target, let summary, let at):
      json.enumeration("proven") {
        $0.member("_0", target)
        $0.member("_1", summary)
        $0.member("at", at)
      }
    case .canary(let number, let sentAt, let enforcerAt):
      json.enumeration("canary") {
        $0.member("enforcerAt", enforcerAt)
        $0.member("number", number)
        $0.member("sentAt", sentAt)
      }
    case .failing, .surprised: json.append(general: self)
    }
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    switch try json.beginCase() {
    case "adopted": self = .adopted(revision: try json.member("revision"))
    case "step": self = .step(try json.member("_0"))
    case "proven":
      let target: TargetID = try json.member("_0")
      let summary: EnforcementSummary = try json.member("_1")
      self = .proven(target, summary, at: try json.member("at"))
    case "canary":
      let enforcerAt: MonotonicInstant = try json.member("enforcerAt")
      let number: Int64 = try json.member("number")
      self = .canary(
        number: number, sentAt: try json.member("sentAt"), enforcerAt: enforcerAt)
    default: throw NotCanonical()
    }
    try json.endCase()
  }
}

extension EnforcementSummary: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("duration", duration)
    json.member("passes", passes)
    json.member("requests", requests)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let duration: TimeSpan = try json.member("duration")
    let passes: Int = try json.member("passes")
    let requests: Int = try json.member("requests")
    try json.end()
    self.init(requests: requests, passes: passes, duration: duration)
  }
}

extension EnforcementStep: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.begin()
    json.member("account", account)
    json.member("action", general: action)
    json.member("duration", duration)
    json.member("outcome", general: outcome)
    json.member("reaction", reaction)
    json.member("sentAt", sentAt)
    json.member("target", target)
    json.end()
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    try json.begin()
    let account: AccountID = try json.member("account")
    let action: Action = try json.general("action")
    let duration: TimeSpan = try json.member("duration")
    let outcome: Outcome = try json.general("outcome")
    let reaction: TimeSpan? = try json.optional("reaction")
    let sentAt: Instant = try json.member("sentAt")
    let target: TargetID = try json.member("target")
    try json.end()
    self.init(
      target: target, account: account, action: action, outcome: outcome, sentAt: sentAt,
      duration: duration, reaction: reaction)
  }
}
