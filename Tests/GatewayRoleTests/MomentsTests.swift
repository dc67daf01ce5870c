import PeerProtocol
import RiskModel
import Testing

@testable import GatewayRole

/// The order of moments is that of a plain look at all of them, however many are set anew.
@Suite struct MomentsTests {
  private let all: [Moment] =
    (1...20).flatMap { [Moment.read(AccountID($0)), .patience(AccountID($0))] }
    + [.tick, .canary, .poll, .hubRetry(.user), .hubRetry(.market), .contractWait(mnq)]

  private func name(_ moment: Moment) -> String { "\(moment)" }

  /// A fixed course of numbers.
  private struct Course {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `they come in order`(seed: UInt64) {
    var course = Course(state: seed)
    var moments = Moments()
    var model: [Moment: MonotonicInstant] = [:]
    for step in 0..<3_000 {
      let moment = all[course.below(all.count)]
      let instant = MonotonicInstant(nanos: Int64(course.below(9)) + Int64(step / 100))
      switch course.below(6) {
      case 0...2:
        moments.set(moment, at: instant)
        model[moment] = instant
      case 3:
        moments.advance(moment, to: instant)
        model[moment] = min(model[moment] ?? instant, instant)
      case 4:
        moments.clear(moment)
        model[moment] = nil
      default:
        let due = model.filter { $0.value <= instant }
        let first = due.min { one, other in
          one.value == other.value
            ? name(one.key) < name(other.key) : one.value < other.value
        }?.key
        #expect(moments.popDue(instant) == first, "seed \(seed), step \(step)")
        if let first { model[first] = nil }
      }
      #expect(moments.earliest == model.values.min(), "seed \(seed), step \(step)")
      #expect(moments.contains(moment) == (model[moment] != nil))
    }
  }
}
