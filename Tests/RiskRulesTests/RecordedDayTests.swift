import Dispatch
import FoundationEssentials
import Glibc
import RiskModel
import RiskRules
import RiskTestKit
import Synchronization
import Testing

/// A long day of inputs gives one digest of decisions, however often the engine is restarted in it.
@Suite struct RecordedDayTests {
  /// Under all rules a sample; `scripts/prove` runs the whole day with `RISKD_REPLAY_INPUTS`.
  private static let given =
    getenv("RISKD_REPLAY_INPUTS").flatMap { Int(String(cString: $0)) }
  /// The day is played in pieces; while one is made, the one before is replayed.
  private static let piece = 5_000
  private static let restarts = 60
  private static let seed: UInt64 = 20_261_122

  /// The decisions of inputs, each behind its place, as one number.
  private struct Digest {
    private(set) var value: UInt64 = 14_695_981_039_346_656_037

    mutating func add(_ effects: [Effect], of input: Int) throws {
      guard !effects.isEmpty else { return }
      for byte in "\(input)".utf8 { add(byte) }
      for byte in try RecordedDayTests.encode(effects) { add(byte) }
    }

    private mutating func add(_ byte: UInt8) {
      value = (value ^ UInt64(byte)) &* 1_099_511_628_211
    }
  }

  /// The day as it was decided, and as it is decided again by engines that end at any point.
  private struct Replay {
    private(set) var first = Digest()
    private(set) var second = Digest()
    private(set) var decided = 0
    private(set) var differing: Int?
    private(set) var restarts = 0
    private var engine = RiskEngine()
    private var place = 0

    mutating func apply(
      _ steps: [RandomDay.Step], decisions: [[Effect]], endingAt ends: Set<Int>
    ) throws {
      for (step, decision) in zip(steps, decisions) {
        if ends.contains(place) {
          restarts += 1
          let state = try JSONDecoder().decode(
            EngineState.self, from: RecordedDayTests.encode(engine.state))
          engine = RiskEngine(state: state)
        }
        let effects = engine.apply(step.input, at: step.at)
        if effects != decision { differing = differing ?? place }
        try first.add(decision, of: place)
        try second.add(effects, of: place)
        if !effects.isEmpty { decided += 1 }
        place += 1
      }
    }
  }

  @Test(arguments: [
    ("the usual rules", RandomDay.usualRules, given ?? 100_000),
    ("every rule", RandomDay.everyRule, given ?? 10_000),
  ])
  func `a long day gives the same digest twice and after every restart`(
    name: String, rules: RiskConfiguration, length: Int
  ) {
    var random = SeededGenerator(seed: Self.seed)
    let ends = Set((0..<Self.restarts).map { _ in random.below(length) })
    let day = Mutex(
      RandomDay(seed: Self.seed, length: 0, quotes: 30, pause: .seconds(15), rules: rules))
    let replay = Mutex(Replay())
    let trouble = Mutex<String?>(nil)
    var replayed = 0
    while replayed < length {
      let (steps, decisions) = day.withLock {
        (Array($0.inputs[replayed...]), Array($0.effects[replayed...]))
      }
      replayed += steps.count
      let next = replayed + Self.piece
      DispatchQueue.concurrentPerform(iterations: 2) { half in
        guard half == 1 else { return day.withLock { $0.goOn(to: min(next, length)) } }
        do {
          try replay.withLock { try $0.apply(steps, decisions: decisions, endingAt: ends) }
        } catch {
          trouble.withLock { $0 = "\(error)" }
        }
      }
    }
    let (problem, result) = (trouble.withLock(\.self), replay.withLock(\.self))
    print(
      "replay: \(name), seed \(Self.seed), \(replayed) inputs, \(result.decided) of them decided, "
        + "\(result.restarts) restarts, digest \(String(result.second.value, radix: 16))")
    #expect(problem == nil)
    #expect(replayed >= length)
    #expect(result.differing == nil)
    #expect(result.restarts == ends.count)
    #expect(result.decided > 0)
    #expect(result.second.value == result.first.value)
  }

  private static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(value)
  }
}
