package import RiskModel

/// How much a person should mind.
package enum AlertSeverity: String, Sendable, Codable, CaseIterable {
  case info
  case warning
  case critical
}

/// One rule of monitoring.yaml.
package struct AlertRule: Hashable, Sendable {
  package var name: String
  package var condition: AlertCondition
  package var severity: AlertSeverity
  package var message: String

  package init(
    name: String, condition: AlertCondition, severity: AlertSeverity, message: String
  ) {
    self.name = name
    self.condition = condition
    self.severity = severity
    self.message = message
  }
}

/// What a rule has to say.
package enum AlertNews: String, Sendable, Codable, CaseIterable {
  case fired
  /// It still holds.
  case again
  case resolved
}

/// State machine: one rule, watched.
///
/// It speaks when its condition begins to hold, again after a while, and when it holds no longer. A
/// value that is not known changes nothing.
package struct AlertWatch: Equatable, Sendable {
  private enum State: Equatable {
    /// Can transition to: `.waiting`, `.firing`.
    case quiet
    /// The condition holds, not for long enough. Can transition to: `.quiet`, `.firing`.
    case waiting(since: MonotonicInstant)
    /// Can transition to: `.quiet`.
    case firing(told: MonotonicInstant)
  }

  package let rule: AlertRule
  private let repeatAfter: TimeSpan
  private var state = State.quiet

  package init(_ rule: AlertRule, repeatAfter: TimeSpan) {
    self.rule = rule
    self.repeatAfter = repeatAfter
  }

  package var isFiring: Bool {
    if case .firing = state { true } else { false }
  }

  /// Looks at a value; `nil` is one that is not known.
  package mutating func look(_ value: MetricValue?, at now: MonotonicInstant) -> AlertNews? {
    guard let value else { return nil }
    guard rule.condition.holds(for: value) else {
      defer { state = .quiet }
      return isFiring ? .resolved : nil
    }
    switch state {
    case .quiet:
      return begin(since: now, at: now)
    case .waiting(let since):
      return begin(since: since, at: now)
    case .firing(let told):
      guard now - told >= repeatAfter else { return nil }
      state = .firing(told: now)
      return .again
    }
  }

  private mutating func begin(since: MonotonicInstant, at now: MonotonicInstant) -> AlertNews? {
    guard now - since >= rule.condition.hold ?? .zero else {
      state = .waiting(since: since)
      return nil
    }
    state = .firing(told: now)
    return .fired
  }
}
