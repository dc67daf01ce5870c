import AlertRules
import AuditLog
import Checklist
import MetricsStore
import RiskModel
import Supervision
import VenueAPI

/// One of the six reasons to go back to the release before.
struct RollBackCriterion: Equatable, Codable {
  enum Verdict: String, Codable {
    case met
    case notMet
    /// What the folder holds does not tell.
    case unknown
  }

  var number: Int
  var name: String
  var verdict: Verdict
  var evidence: String
}

/// The six criteria of a roll-back, by what a folder holds.
struct FailureCriteria {
  private static let crashWindow = TimeSpan.seconds(600)
  private static let allowedCrashes = 3
  private static let hour = TimeSpan.seconds(3_600)

  let folder: String
  let records: FailureRecords

  var all: [RollBackCriterion] {
    [crashes, criticalErrors, dataLoss, latency, security, enforcement]
  }

  private var hasRecords: Bool { !records.files.isEmpty }

  private func criterion(
    _ number: Int, _ name: String, _ found: [String], none: String, isKnown: Bool
  ) -> RollBackCriterion {
    let more = found.count > 1 ? " (and \(found.count - 1) more)" : ""
    return RollBackCriterion(
      number: number, name: name,
      verdict: found.isEmpty ? (isKnown ? .notMet : .unknown) : .met,
      evidence: found.first.map { $0 + more } ?? none)
  }

  /// Counted deaths of workers, and starts of the supervisor that no stop went before.
  var crashTimes: [String] {
    var times = records.history.filter { $0.event == .death && $0.isCounted == true }.map(\.time)
    times += records.history.unplannedStarts.map(\.time)
    if records.history.isEmpty {
      times = records.records.filter { $0.kind == .death && $0.isError }.map(\.at)
    }
    return times.sorted()
  }

  private var crashes: RollBackCriterion {
    let times = crashTimes
    let instants = times.compactMap { VenueTimestamp.instant($0) }
    var most = (count: 0, from: "", to: "")
    for (index, start) in instants.enumerated() {
      let inside = instants[index...].filter { $0 - start <= Self.crashWindow }
      if inside.count > most.count {
        most = (inside.count, times[index], times[index + inside.count - 1])
      }
    }
    let loop = records.history.first { $0.event == .crashLoop }.map { "\($0.time): \($0.text)" }
    let count =
      most.count > Self.allowedCrashes
      ? ["\(most.count) crashes from \(most.from) to \(most.to)"] : []
    return criterion(
      1, "more than 3 crashes within 10 minutes", count + (loop.map { [$0] } ?? []),
      none: times.isEmpty ? "no crash" : "at most \(most.count) crashes within 10 minutes",
      isKnown: hasRecords)
  }

  private static let venueWords = [
    "token", "sign in", "sign-in", "unauthorized", "circuit breaker", "signalr", "the venue",
    "api error", "high error rate",
  ]

  private var criticalErrors: RollBackCriterion {
    found(2, "critical errors: token or API", none: "no error about token or API") { record in
      let text = record.text.lowercased()
      return record.isError && Self.venueWords.contains { text.contains($0) }
    }
  }

  private static let lossWords = [
    "database is lost", "restored without", "journal cannot be written", "record was lost",
    "message of the peer was given up", "tables are behind",
  ]

  private var dataLoss: RollBackCriterion {
    let kinds: [MessageID] = [
      .messageSkipped, .messageQuarantined, .accountDiffered, .sourcesDisagree,
    ]
    return found(3, "data loss: positions or orders missing", none: "no sign of it") { record in
      record.kind.map(kinds.contains) == true
        || Self.lossWords.contains { record.text.lowercased().contains($0) }
    }
  }

  private var latency: RollBackCriterion {
    let name = MetricName.eventLatencyP95.rawValue
    let files = ["\(folder)/metrics.db", "\(folder)/\(MonitorFiles.metrics)"]
    let values = files.lazy.compactMap { path -> [StoredMetric]? in
      guard let store = try? MetricsStore(path: path, readOnly: true) else { return nil }
      defer { store.close() }
      return try? store.values(of: name, since: Instant(nanosSinceEpoch: 0))
    }.first { !$0.isEmpty }
    return criterion(
      4, "event latency above 100 ms", Self.slowHours(values ?? []),
      none: values.map { "\($0.count) values, no hour of them too slow" }
        ?? "there are no metrics",
      isKnown: values != nil)
  }

  /// Hour by hour back from the last value, by the judge that the checklist asks for the last hour.
  private static func slowHours(_ values: [StoredMetric]) -> [String] {
    guard let last = values.last else { return [] }
    let hours = Dictionary(grouping: values) { (last.at - $0.at).nanos / hour.nanos }
    return hours.sorted { $0.key > $1.key }.compactMap { _, values in
      let verdict = LatencyVerdict(
        values.map { MetricFacts.Sample(at: $0.at, millionths: $0.millionths) }, .rollback)
      guard !verdict.holds, let first = values.first, let last = values.last else { return nil }
      return "\(first.at.timestamp) to \(last.at.timestamp): \(verdict.text)"
    }
  }

  /// A machine sees a part of it only.
  private var security: RollBackCriterion {
    let path = "\(folder)/\(AuditLog.standardName)"
    let audit = (try? AuditVerification(AuditLog(path: path), known: nil))?.findings.map {
      "audit log: \($0)"
    }
    let tampered = records.records.filter { $0.text.lowercased().contains("tampered") }
    return criterion(
      5, "security hole", tampered.map { "\($0.at): \($0.text)" } + (audit ?? []),
      none: "a person decides; ops/security-report shows what is known",
      isKnown: false)
  }

  private var enforcement: RollBackCriterion {
    let kinds: [MessageID] = [.targetFailing, .enforcementAlert, .unkillable, .readyDegraded]
    return found(6, "rules do not enforce", none: "no target that could not be reached") { record in
      record.kind.map(kinds.contains) == true
        || (record.isError && record.text.lowercased().contains("nothing is evaluated"))
    }
  }

  private func found(
    _ number: Int, _ name: String, none: String, _ isSign: (FailureRecord) -> Bool
  ) -> RollBackCriterion {
    criterion(
      number, name, records.records.filter(isSign).map { "\($0.at) \($0.source): \($0.text)" },
      none: hasRecords ? none : "there are no records", isKnown: hasRecords)
  }
}

extension [HistoryEntry] {
  /// Starts of the supervisor that no stop went before: it died, or the machine did. What went before the
  /// first start is not known.
  var unplannedStarts: [HistoryEntry] {
    var isStopped = true
    return filter { entry in
      switch entry.event {
      case .supervisorStarted:
        defer { isStopped = false }
        return !isStopped
      case .stopped, .stopAsked:
        isStopped = true
        return false
      default: return false
      }
    }
  }
}
