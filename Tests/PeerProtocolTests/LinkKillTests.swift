import RiskModel
import RiskTestKit
import Testing

@testable import PeerProtocol

/// A producer that counts, over a link whose ends and pipes die at any moment, and a consumer
/// that commits a message and its position together.
///
/// The event `n` says that the count became `n`; the snapshot `-n` says that it is `n`. Every
/// event must take effect once and in order, unless a snapshot of a new producer covers it.
private struct Counting {
  enum Victim: CaseIterable {
    case producer
    case consumer
    case pipes
  }

  /// What the consumer has on its disk.
  struct Disk {
    var position: StreamPosition?
    var count = 0
  }

  var producer: TestEnd
  var consumer: TestEnd
  var disk = Disk()
  var problems: [String] = []
  /// What the producer counts; it survives, as the venue survives the gateway.
  private(set) var count = 0
  private(set) var snapshots = 0
  /// Looks that found an end at which nothing waited.
  private(set) var rests = 0
  private var lives: Int64 = 0
  private var linkEpoch: Int64 = 0
  private var toConsumer: [UInt8] = []
  private var toProducer: [UInt8] = []
  private let limits = LinkLimits(
    credits: Credits(messages: 8, bytes: 256), acknowledgeEvery: 3)

  init() {
    producer = TestEnd(producerEpoch: 1, limits: limits)
    consumer = TestEnd(producerEpoch: 2, limits: limits)
    lives = 2
    connect()
  }

  private mutating func connect() {
    linkEpoch += 1
    producer.open(linkEpoch)
    consumer.open(linkEpoch)
    toConsumer = []
    toProducer = []
  }

  mutating func kill(_ victim: Victim) {
    lives += 1
    switch victim {
    case .producer:
      producer = TestEnd(producerEpoch: lives, limits: limits)
    case .consumer:
      consumer = TestEnd(producerEpoch: lives, committed: disk.position, limits: limits)
      consumer.commitsAtOnce = false
    case .pipes:
      break
    }
    connect()
  }

  mutating func produce() throws {
    count += 1
    try producer.send("\(count)")
  }

  /// Answers what the machines asked for.
  mutating func answer() throws {
    for entry in producer.takeLog() where entry.hasPrefix("snapshot") {
      snapshots += 1
      try producer.sendSnapshot(["-\(count)"])
    }
    var needsSnapshot = false
    for entry in consumer.log where entry.hasPrefix("snapshot") { needsSnapshot = true }
    if needsSnapshot {
      consumer.log.removeAll { $0.hasPrefix("snapshot") }
      try consumer.sendSnapshot([])
    }
  }

  /// Applies and commits the first `limit` messages that the consumer holds.
  mutating func commit(_ limit: Int) {
    var left = limit
    var rest: [String] = []
    for entry in consumer.log {
      let words = entry.split(separator: " ")
      let place = words[0].split(separator: "/")
      guard left > 0, place.count == 2, let number = Int(words[1]),
        let producerEpoch = Int64(place[0]), let sequence = Int64(place[1])
      else {
        if entry.hasPrefix("broken") { problems.append(entry) }
        if place.count == 2 { rest.append(entry) }
        continue
      }
      left -= 1
      if number > 0, number != disk.count + 1 {
        problems.append("event \(number) after \(disk.count) at \(entry)")
      }
      if -number > 0, -number < disk.count {
        problems.append("snapshot \(-number) after \(disk.count) at \(entry)")
      }
      disk.count = abs(number)
      disk.position = StreamPosition(producerEpoch: producerEpoch, sequence: sequence)
    }
    consumer.log = rest
    if let position = disk.position, left < limit { consumer.machine.commit(through: position) }
  }

  @discardableResult
  mutating func moveToConsumer(_ bytes: Int) -> Int {
    if toConsumer.isEmpty { toConsumer = producer.output(limit: 200) }
    consumer.commitsAtOnce = false
    let moved = min(bytes, toConsumer.count)
    consumer.receive(toConsumer.prefix(moved))
    toConsumer.removeFirst(moved)
    return moved
  }

  @discardableResult
  mutating func moveToProducer(_ bytes: Int) -> Int {
    if toProducer.isEmpty { toProducer = consumer.output(limit: 200) }
    let moved = min(bytes, toProducer.count)
    producer.receive(toProducer.prefix(moved))
    toProducer.removeFirst(moved)
    return moved
  }

  /// Where nothing waits for time, time changes nothing and nothing is left to be sent.
  mutating func lookAtRest() {
    for end in [producer, consumer] where !end.machine.waitsForTime {
      rests += 1
      var later = end.machine
      var output: [UInt8] = []
      let actions = later.tick(at: .start + .seconds(3_600))
      later.produce(into: &output, limit: 1 << 20)
      if !actions.isEmpty || !output.isEmpty {
        problems.append("at rest: \(actions), \(String(decoding: output, as: UTF8.self))")
      }
    }
  }

  /// Lets everything arrive and be committed.
  mutating func settle() throws {
    for _ in 0..<10_000 {
      try answer()
      moveToConsumer(.max)
      try answer()
      commit(.max)
      consumer.machine.requestAcknowledgement()
      moveToProducer(.max)
      if disk.count == count, producer.machine.figures.unacknowledged == 0,
        producer.machine.figures.waitingMessages == 0, producer.machine.state == .live
      {
        return
      }
    }
    problems.append("not settled: \(producer.machine.state), \(producer.machine.figures)")
  }
}

@Suite struct LinkKillTests {
  /// Moves `limit` bytes in one direction, and the other direction along with it, until five
  /// events have taken effect. Returns what was moved.
  private func exchange(
    _ counting: inout Counting, limit: Int, towardsConsumer: Bool
  ) throws -> Int {
    var moved = 0
    for step in 0..<10_000 where moved < limit {
      if step % 40 == 0, counting.count < 5 { try counting.produce() }
      if towardsConsumer {
        moved += counting.moveToConsumer(1)
        counting.moveToProducer(step % 3)
      } else {
        moved += counting.moveToProducer(1)
        counting.moveToConsumer(step % 3)
      }
      try counting.answer()
      if step % 50 == 49 { counting.commit(2) }
    }
    return moved
  }

  @Test(arguments: Counting.Victim.allCases, [true, false])
  private func aDeathAtEveryByteLosesAndDoublesNothing(
    _ victim: Counting.Victim, towardsConsumer: Bool
  ) throws {
    var whole = Counting()
    let length = try exchange(&whole, limit: .max, towardsConsumer: towardsConsumer)
    #expect(whole.disk.count == 5)
    #expect(length > 150)
    for cut in 0...length {
      var counting = Counting()
      #expect(
        try exchange(&counting, limit: cut, towardsConsumer: towardsConsumer) == cut)
      counting.kill(victim)
      for _ in 0..<3 { try counting.produce() }
      try counting.settle()
      #expect(counting.problems == [], "cut after \(cut) of \(length) bytes")
      #expect(counting.disk.count == counting.count)
    }
  }

  @Test(arguments: (1...12).map { UInt64($0) })
  func randomDeathsLoseAndDoubleNothing(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var counting = Counting()
    var deaths = 0
    for _ in 0..<6_000 {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<25: try counting.produce()
      case 25..<55: counting.moveToConsumer(Int.random(in: 1...90, using: &random))
      case 55..<80: counting.moveToProducer(Int.random(in: 1...90, using: &random))
      case 80..<88: counting.commit(Int.random(in: 1...5, using: &random))
      case 88..<98: try counting.answer()
      default:
        let victims = Counting.Victim.allCases
        counting.kill(victims[Int.random(in: victims.indices, using: &random)])
        deaths += 1
      }
      counting.lookAtRest()
    }
    try counting.settle()
    #expect(counting.rests > 100)
    #expect(counting.problems == [])
    #expect(counting.disk.count == counting.count)
    #expect(deaths > 50)
    #expect(counting.count > 1_000)
  }

  /// The producer lives, so no snapshot may help after the first.
  @Test(arguments: (101...106).map { UInt64($0) })
  func aDyingConsumerNeedsNoSnapshot(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var counting = Counting()
    for _ in 0..<200 {
      try counting.answer()
      counting.moveToProducer(7)
      counting.moveToConsumer(7)
      counting.commit(1)
    }
    #expect(counting.disk.position != nil)
    #expect(counting.snapshots == 1)
    for _ in 0..<5_000 {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<25: try counting.produce()
      case 25..<60: counting.moveToConsumer(Int.random(in: 1...90, using: &random))
      case 60..<80: counting.moveToProducer(Int.random(in: 1...90, using: &random))
      case 80..<90: counting.commit(Int.random(in: 1...5, using: &random))
      case 90..<97: try counting.answer()
      case 97: counting.kill(.pipes)
      default: counting.kill(.consumer)
      }
    }
    try counting.settle()
    #expect(counting.problems == [])
    #expect(counting.snapshots == 1)
    #expect(counting.disk.count == counting.count)
  }
}
