/// What a figure is held against.
package struct Budget: Equatable, Sendable {
  package var name: String
  package var title: String
  package var unit: FigureUnit
  package var must: Double?
  package var aim: Double?
  package var isLowerBetter: Bool

  package init(
    _ name: String, _ title: String, _ unit: FigureUnit, must: Double? = nil, aim: Double? = nil,
    isLowerBetter: Bool = true
  ) {
    self.name = name
    self.title = title
    self.unit = unit
    self.must = must
    self.aim = aim
    self.isLowerBetter = isLowerBetter
  }

  /// A figure that meets its bound exactly meets it.
  package func verdict(_ value: Double) -> Verdict {
    func reaches(_ bound: Double) -> Bool { isLowerBetter ? value <= bound : value >= bound }
    if let must, !reaches(must) { return .missed }
    if let aim { return reaches(aim) ? .aim : must == nil ? .short : .must }
    return must == nil ? .free : .must
  }
}

extension Budget {
  private static let microsecond = 1_000.0
  private static let millisecond = 1_000_000.0
  private static let megabyte = 1_000_000.0

  package static let reactionP50 = Budget(
    "reaction.p50", "event → close request, p50", .nanoseconds, aim: 300 * microsecond)
  package static let reactionP99 = Budget(
    "reaction.p99", "event → close request, p99", .nanoseconds, must: 10 * millisecond,
    aim: 1 * millisecond)
  package static let busyReactionP50 = Budget(
    "reaction.quotes.p50", "the same with 130 quotes/s, p50", .nanoseconds,
    aim: 300 * microsecond)
  package static let busyReactionP99 = Budget(
    "reaction.quotes.p99", "the same with 130 quotes/s, p99", .nanoseconds,
    must: 10 * millisecond, aim: 1 * millisecond)
  package static let encryptedReactionP50 = Budget(
    "reaction.tls.p50", "the same over TLS, p50", .nanoseconds, aim: 300 * microsecond)
  package static let encryptedReactionP99 = Budget(
    "reaction.tls.p99", "the same over TLS, p99", .nanoseconds, must: 10 * millisecond,
    aim: 1 * millisecond)
  package static let firstReaction = Budget(
    "reaction.first", "the first breach after a start", .nanoseconds)
  package static let userEvents = Budget(
    "throughput.events", "user events, none lost", .perSecond, must: 1_000, aim: 20_000,
    isLowerBetter: false)
  package static let eventCost = Budget(
    "throughput.cost", "processor time of an event, all processes", .nanoseconds)
  package static let quotes = Budget(
    "throughput.quotes", "quotes, the last one recorded", .perSecond, isLowerBetter: false)
  package static let flatP50 = Budget(
    "flat.p50", "breach → proven flat, p50", .nanoseconds)
  package static let flatP99 = Budget(
    "flat.p99", "breach → proven flat, p99", .nanoseconds, must: 1_000 * millisecond,
    aim: 500 * millisecond)
  package static let replay = Budget(
    "replay.store", "replay of a journal", .perSecond, must: 50_000, aim: 500_000,
    isLowerBetter: false)
  package static let replayInMemory = Budget(
    "replay.engine", "engine alone, inputs in memory", .perSecond, must: 50_000, aim: 500_000,
    isLowerBetter: false)
  package static let memoryAtStart = Budget(
    "memory.start", "memory after start, sum of PSS", .bytes, must: 100 * megabyte,
    aim: 50 * megabyte)
  package static let memory = Budget(
    "memory.events", "memory after 10,000 events, sum of PSS", .bytes, must: 100 * megabyte,
    aim: 50 * megabyte)
  package static let largestProcess = Budget(
    "memory.largest", "largest process after 10,000 events, RSS", .bytes, must: 100 * megabyte)
  package static let idleProcessor = Budget(
    "idle.cpu", "idle, share of one processor", .share, must: 0.05, aim: 0.005)
  package static let hangDetected = Budget(
    "hang.detected", "evaluator stopped → seen", .nanoseconds, must: 5_000 * millisecond,
    aim: 3_000 * millisecond)
  package static let hangReplaced = Budget(
    "hang.replaced", "evaluator stopped → replaced and ready", .nanoseconds)
  package static let lostExecutions = Budget(
    "restart.lost", "executions lost over all of that", .count, must: 0)

  package static let plainReactionP50 = Budget(
    "plain.p50", "Python client: order → close request, p50", .nanoseconds)
  package static let plainReactionP99 = Budget(
    "plain.p99", "Python client: order → close request, p99", .nanoseconds)
  package static let plainEvents = Budget(
    "plain.events", "Python client: user events", .perSecond, isLowerBetter: false)
  package static let plainEventCost = Budget(
    "plain.cost", "Python client: processor time of an event", .nanoseconds)
  package static let plainMemory = Budget("plain.memory", "Python client: memory, PSS", .bytes)

  package static func restart(_ worker: String) -> Budget {
    Budget(
      "restart.\(worker)", "restart of the \(worker) → ready", .nanoseconds,
      must: 2_000 * millisecond, aim: 250 * millisecond)
  }

  package static func kill(_ worker: String) -> Budget {
    Budget(
      "kill.\(worker)", "kill -9 of the \(worker) → ready", .nanoseconds,
      must: 2_000 * millisecond, aim: 250 * millisecond)
  }
}
