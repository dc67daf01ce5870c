package import AlertRules
import PeerProtocol
package import RiskModel
import Supervision

/// What the other processes tell, as the metrics of the specification.
package struct Measurements {
  /// A rate of fewer requests than this says nothing about an alert.
  static let leastRequests: Int64 = 20
  /// A percentile of fewer events than this says nothing about an alert.
  static let leastEvents: Int64 = 20
  private static let errorWindow = TimeSpan.seconds(300)
  /// A process that told nothing for this long is not known to be well.
  private static let silence = TimeSpan.seconds(15)
  /// Processes that were started within this time were started together.
  private static let together = TimeSpan.seconds(10)

  private let monitorStartedAt: Int64
  private let clockRate: Int64
  private var tallies: [TelemetrySource: SourceTally] = [:]
  private var heard: [TelemetrySource: MonotonicInstant] = [:]
  private var events = RollingLatencies()
  private var answers = RollingLatencies()
  private var counts: [Counted: RollingCount] = [:]
  private var breaches: [String: RollingCount] = [:]
  private var connected: Int64 = 0
  private var looks: Int64 = 0
  private var processorTime: [(at: MonotonicInstant, microseconds: Int64)] = []
  var readings: [TelemetrySource: SourceReading] = [:]
  package var machine = MachineFigures()

  private enum Counted: Hashable {
    case events, requests, failures, orders, actions, lockouts, limitWarnings, openings, renewals,
      failedRenewals
  }

  /// A value of a metric, with what it is about where there is more than one.
  package struct Sample: Equatable, Sendable {
    package var metric: MetricName
    package var label: String
    package var value: MetricNumber
  }

  /// With a clock for tests the rate is that of all its moments, in thousandths of real time.
  package init(startedAt: Instant, clockRate: Int64 = 1_000) {
    monitorStartedAt = startedAt.nanosSinceEpoch
    self.clockRate = clockRate
  }

  /// A span of real time, by the clock of the moments here.
  func real(_ span: TimeSpan) -> TimeSpan { TimeSpan(nanos: span.nanos / 1_000 * clockRate) }

  mutating func took(_ source: TelemetrySource, at now: MonotonicInstant) { heard[source] = now }

  func hears(_ source: TelemetrySource, at now: MonotonicInstant) -> Bool {
    heard[source].map { now - $0 <= real(Self.silence) } ?? false
  }

  func figure(_ name: String, of source: TelemetrySource, at now: MonotonicInstant) -> Int64? {
    hears(source, at: now) ? readings[source]?.figures[name] : nil
  }

  /// Takes in what has changed; about once a second.
  mutating func look(at now: MonotonicInstant) {
    for (source, reading) in readings {
      var tally = tallies[source] ?? SourceTally()
      tally.begin(reading, before: monitorStartedAt - real(Self.together).nanos)
      look(at: source, reading, &tally, now)
      tallies[source] = tally
    }
    looks += 1
    if isConnected(at: now) == true { connected += 1 }
    let busy = readings.values.reduce(0) { $0 + ($1.figures["cpuMicroseconds"] ?? 0) }
    processorTime.removeAll { now - $0.at > .seconds(60) }
    processorTime.append((now, busy))
  }

  private mutating func look(
    at source: TelemetrySource, _ reading: SourceReading, _ tally: inout SourceTally,
    _ now: MonotonicInstant
  ) {
    func add(_ counted: Counted, _ names: String...) {
      let sum = names.reduce(0) { $0 + tally.increase($1, in: reading) }
      counts[counted, default: RollingCount()].add(sum, at: now)
    }
    switch source {
    case .evaluator:
      events.add(tally.increase(latencies: "event", in: reading), at: now)
      add(.events, "inputs")
      add(.lockouts, "lockouts")
      add(.limitWarnings, "limitWarnings")
      for name in reading.figures.keys where name.hasPrefix("breaches.") {
        let rule = String(name.dropFirst("breaches.".count))
        breaches[rule, default: RollingCount()].add(tally.increase(name, in: reading), at: now)
      }
    case .enforcer:
      add(.orders, "placed_orders")
      add(.actions, "steps")
      add(.requests, "apiRequests")
      add(.failures, "apiFailures")
      answers.add(tally.increase(latencies: "api", in: reading), at: now)
    case .gateway:
      add(.requests, "apiRequests")
      add(.failures, "apiFailures")
      add(.openings, "breakerOpenings")
      add(.renewals, "tokenRefreshes")
      add(.failedRenewals, "tokenFailures")
      answers.add(tally.increase(latencies: "api", in: reading), at: now)
    case .supervisor, .monitor:
      break
    }
  }

  private func sum(_ counted: Counted, in window: TimeSpan, _ now: MonotonicInstant) -> Int64 {
    counts[counted]?.count(in: window, at: now) ?? 0
  }

  /// `nil` while the gateway tells nothing.
  func isConnected(at now: MonotonicInstant) -> Bool? {
    guard let user = figure("userHubUp", of: .gateway, at: now) else { return nil }
    // Absent where the market hub is switched off.
    return user == 1 && figure("marketHubUp", of: .gateway, at: now) != 0
  }
}

extension Measurements {
  /// What a rule of alerts looks at; `nil` is not known.
  package func value(
    of metric: MetricName, in window: TimeSpan?, at now: MonotonicInstant
  ) -> MetricValue? {
    switch metric {
    case .connectionState:
      // A gateway that tells nothing has no connection that anybody knows of.
      return .text(isConnected(at: now) == true ? "CONNECTED" : "DISCONNECTED")
    case .breakerState:
      return figure("openBreakers", of: .gateway, at: now).map { .text($0 > 0 ? "OPEN" : "CLOSED") }
    case .tokenExpiry:
      return figure("tokenSecondsLeft", of: .gateway, at: now).map { .number(MetricNumber($0)) }
    case .lockouts where window != nil, .enforcementActions where window != nil,
      .breakerOpenings where window != nil, .ruleBreaches where window != nil,
      .limitWarnings where window != nil:
      return .number(MetricNumber(count(of: metric, in: window ?? .zero, at: now)))
    case .eventLatencyP50, .eventLatencyP95, .eventLatencyP99:
      // Few events end an alert of slow ones.
      guard events.counts(at: now).total >= Self.leastEvents else {
        return hears(.evaluator, at: now) ? .number(MetricNumber(0)) : nil
      }
      return number(of: metric, at: now).map { .number($0) }
    case .apiErrorRate:
      // Few requests end an alert of many.
      guard sum(.requests, in: Self.errorWindow, now) >= Self.leastRequests else {
        return hears(.gateway, at: now) ? .number(MetricNumber(0)) : nil
      }
      return number(of: metric, at: now).map { .number($0) }
    default:
      return number(of: metric, at: now).map { .number($0) }
    }
  }

  /// Steps of an earlier monitor, oldest first.
  mutating func restore(
    _ metric: MetricName, _ label: String, _ steps: [(at: MonotonicInstant, count: Int64)]
  ) {
    switch metric {
    case .lockouts: counts[.lockouts, default: RollingCount()].restore(steps)
    case .enforcementActions: counts[.actions, default: RollingCount()].restore(steps)
    case .breakerOpenings: counts[.openings, default: RollingCount()].restore(steps)
    case .ruleBreaches: breaches[label, default: RollingCount()].restore(steps)
    default: break
    }
  }

  func count(of metric: MetricName, in window: TimeSpan, at now: MonotonicInstant) -> Int64 {
    switch metric {
    case .lockouts: sum(.lockouts, in: window, now)
    case .limitWarnings: sum(.limitWarnings, in: window, now)
    case .enforcementActions: sum(.actions, in: window, now)
    case .breakerOpenings: sum(.openings, in: window, now)
    case .ruleBreaches: breaches.values.reduce(0) { $0 + $1.count(in: window, at: now) }
    default: 0
    }
  }

  /// Of everything that is measured, what is known now. Counts are those since the monitor started.
  package func samples(
    of metrics: [MetricName], at now: MonotonicInstant
  ) -> [Sample] {
    metrics.flatMap { metric -> [Sample] in
      if metric == .ruleBreaches {
        return breaches.sorted { $0.key < $1.key }.map { rule, count in
          Sample(metric: metric, label: rule, value: MetricNumber(count.total))
        }
      }
      return number(of: metric, at: now).map { [Sample(metric: metric, label: "", value: $0)] }
        ?? []
    }
  }

  private func number(of metric: MetricName, at now: MonotonicInstant) -> MetricNumber? {
    switch metric {
    case .eventLatencyP50: return Self.milliseconds(events.counts(at: now), 500)
    case .eventLatencyP95: return Self.milliseconds(events.counts(at: now), 950)
    case .eventLatencyP99: return Self.milliseconds(events.counts(at: now), 990)
    case .apiTimeP50: return Self.milliseconds(answers.counts(at: now), 500)
    case .apiTimeP95: return Self.milliseconds(answers.counts(at: now), 950)
    case .eventsPerSecond: return MetricNumber(sum(.events, in: .seconds(60), now), of: 60)
    case .requestsPerMinute: return MetricNumber(sum(.requests, in: .seconds(60), now))
    case .ordersPerHour: return MetricNumber(sum(.orders, in: .seconds(3_600), now))
    case .connectionUptime: return MetricNumber(connected * 100, of: looks)
    case .tokenRefreshSuccess:
      let done = counts[.renewals]?.total ?? 0
      return MetricNumber(done, of: done + (counts[.failedRenewals]?.total ?? 0))
    case .apiErrorRate:
      return MetricNumber(
        sum(.failures, in: Self.errorWindow, now), of: sum(.requests, in: Self.errorWindow, now))
    case .breakerOpenings: return MetricNumber(counts[.openings]?.total ?? 0)
    case .accountsInDoubt:
      return figure("accountsInDoubt", of: .gateway, at: now).map { MetricNumber($0) }
    case .ruleBreaches: return MetricNumber(breaches.values.reduce(0) { $0 + $1.total })
    case .enforcementActions: return MetricNumber(counts[.actions]?.total ?? 0)
    case .lockouts: return MetricNumber(counts[.lockouts]?.total ?? 0)
    case .limitWarnings: return MetricNumber(counts[.limitWarnings]?.total ?? 0)
    case .memory:
      // Who tells nothing any more may have died, and what it used with it.
      let kibibytes = readings.filter { hears($0.key, at: now) }
        .reduce(0) { $0 + ($1.value.figures["pssKiB"] ?? 0) }
      return kibibytes == 0 ? nil : MetricNumber(kibibytes, of: 1_024)
    case .cpu: return processorShare
    case .databaseSize: return machine.databaseBytes.flatMap { MetricNumber($0, of: 1_048_576) }
    case .diskSpace: return machine.freeBytes.flatMap { MetricNumber($0, of: 1_048_576) }
    case .tokenExpiry:
      return figure("tokenSecondsLeft", of: .gateway, at: now).map { MetricNumber($0) }
    case .connectionState, .breakerState: return nil
    }
  }

  /// Of one processor, in per cent; a process that began anew makes it a little low once.
  private var processorShare: MetricNumber? {
    guard let first = processorTime.first, let last = processorTime.last, last.at > first.at else {
      return nil
    }
    let spent = max(0, last.microseconds - first.microseconds)
    // Processor time is real time.
    return MetricNumber(spent * 100, of: (last.at - first.at).nanos / clockRate)
  }

  private static func milliseconds(_ counts: LatencyCounts, _ perMille: Int64) -> MetricNumber? {
    counts.percentile(perMille: perMille).flatMap { MetricNumber($0.nanos / 1_000, of: 1_000) }
  }
}

/// What the machine says, beside the processes.
package struct MachineFigures: Equatable, Sendable {
  /// The database with its log.
  package var databaseBytes: Int64?
  /// Of the disk that the data is on.
  package var freeBytes: Int64?
  /// Of the same disk, free or not.
  package var diskBytes: Int64?

  package init(
    databaseBytes: Int64? = nil, freeBytes: Int64? = nil, diskBytes: Int64? = nil
  ) {
    self.databaseBytes = databaseBytes
    self.freeBytes = freeBytes
    self.diskBytes = diskBytes
  }
}
