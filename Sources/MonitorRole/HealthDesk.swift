import AlertRules
import RiskModel
import Supervision

/// The health checks of the specification.
package enum HealthCheck: String, Sendable, Codable, CaseIterable {
  case connection = "signalr_connection"
  case token = "token_validity"
  case database = "database_connection"
  case breaker = "circuit_breaker_state"
  case memory = "memory_usage"
  case disk = "disk_space"
}

/// What a check found; `nil` is well.
package struct HealthFinding: Equatable, Sendable {
  package var check: HealthCheck
  package var problem: String?
  /// The figures that it rests on, where it is about something that is measured.
  package var figures: String?
}

extension Measurements {
  /// Less room than this is an emergency soon: a trading day needs a tenth of it.
  static let leastFreeMebibytes: Int64 = 500
  /// Nor may the disk be fuller than this.
  static let leastFreePercent: Int64 = 10
  /// It is renewed long before; a token that has less left was not.
  static let leastTokenSeconds: Int64 = 1_800
  /// The limit of the alert; the aim is 100.
  static let mostMemoryMebibytes: Int64 = 150

  /// A stock hub says something every 15 s, if only a ping; twice that is silence.
  static let mostSilentMilliseconds: Int64 = 30_000
  static let mostWriteMicroseconds: Int64 = 1_000_000
  /// It is moved into the database long before, and written over then.
  static let mostLogBytes: Int64 = 64 << 20

  func check(_ checks: [HealthCheck], at now: MonotonicInstant) -> [HealthFinding] {
    checks.map {
      HealthFinding(check: $0, problem: problem($0, at: now), figures: figures($0, at: now))
    }
  }

  private func figures(_ check: HealthCheck, at now: MonotonicInstant) -> String? {
    switch check {
    case .connection:
      let hubs = ["user", "market"].compactMap { hub in
        silence(of: hub, at: now).map { "\(hub) hub heard \($0 / 1_000) s ago" }
      }
      return hubs.isEmpty ? nil : hubs.joined(separator: ", ")
    case .database:
      guard let micros = figure("heartbeatMicroseconds", of: .evaluator, at: now), micros >= 0,
        let bytes = figure("databaseLogBytes", of: .evaluator, at: now)
      else { return nil }
      return "a row written in \(micros) µs, log of \(bytes / 1_048_576) MB"
    case .token, .breaker, .memory, .disk:
      return nil
    }
  }

  private func silence(of hub: String, at now: MonotonicInstant) -> Int64? {
    figure("\(hub)HubSilentMilliseconds", of: .gateway, at: now)
  }

  private func connectionProblem(at now: MonotonicInstant) -> String? {
    guard let isConnected = isConnected(at: now) else { return "the gateway tells nothing" }
    guard isConnected else { return "a hub is not connected" }
    let hasMarket = figure("marketHubUp", of: .gateway, at: now) != nil
    for hub in hasMarket ? ["user", "market"] : ["user"] {
      guard let silent = silence(of: hub, at: now) else {
        return "nobody tells when the \(hub) hub was heard last"
      }
      guard silent < Self.mostSilentMilliseconds else {
        return "the \(hub) hub has said nothing for \(silent / 1_000) s"
      }
    }
    return nil
  }

  private func databaseProblem(at now: MonotonicInstant) -> String? {
    guard let isWritable = figure("journalWritable", of: .evaluator, at: now) else {
      return "the evaluator tells nothing of its database"
    }
    guard isWritable == 1 else { return "the journal cannot be written" }
    guard let micros = figure("heartbeatMicroseconds", of: .evaluator, at: now), micros >= 0 else {
      return "a row cannot be written and read again"
    }
    guard micros < Self.mostWriteMicroseconds else {
      return "a row took \(micros / 1_000) ms to be written"
    }
    let bytes = figure("databaseLogBytes", of: .evaluator, at: now) ?? 0
    return bytes < Self.mostLogBytes ? nil : "the log has grown to \(bytes / 1_048_576) MB"
  }

  private func problem(_ check: HealthCheck, at now: MonotonicInstant) -> String? {
    switch check {
    case .connection:
      return connectionProblem(at: now)
    case .token:
      guard hears(.gateway, at: now) else { return "the gateway tells nothing" }
      guard let left = figure("tokenSecondsLeft", of: .gateway, at: now) else {
        return "there is no session token"
      }
      guard left > 0 else { return "the session token has expired" }
      return left > Self.leastTokenSeconds ? nil : "the session token ends in \(left) s"
    case .database:
      return databaseProblem(at: now)
    case .breaker:
      guard let open = figure("openBreakers", of: .gateway, at: now) else {
        return "the gateway tells nothing"
      }
      return open == 0 ? nil : "a circuit breaker is open"
    case .memory:
      guard case .number(let used)? = value(of: .memory, in: nil, at: now) else {
        return "nobody tells what memory is used"
      }
      return used <= MetricNumber(Self.mostMemoryMebibytes) ? nil : "\(used) MB are used"
    case .disk:
      guard let free = machine.freeBytes else { return "the disk does not tell what is free" }
      let mebibytes = free / 1_048_576
      guard mebibytes > Self.leastFreeMebibytes else { return "\(mebibytes) MB are left" }
      guard let size = machine.diskBytes, size > 0 else { return nil }
      let percent = free / max(1, size / 100)
      return percent > Self.leastFreePercent
        ? nil : "\(mebibytes) MB are left, \(percent) % of the disk"
    }
  }
}
