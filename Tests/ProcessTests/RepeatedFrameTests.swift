import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// Frames lie in a pipe twice, once more later, or the later one first.
  @Suite struct RepeatedFrameTests {
    private static let quick = TimeSpan.milliseconds(1_200)
    private static let attempts = 8

    private let account = RiskdStage.account

    @Test(.enabled(if: ProcessTests.mayMount, "opening a worker's pipes needs root"))
    func `frames that come twice take effect once and keep their link`() throws {
      try RiskdStage.play { stage in
        let before = stage.pids
        let broken = stage.logLines("is of no use to").count
        var earlier: [String] = []
        for round in 1...3 {
          try change(stage) { frames in
            let own = frames.messages.map { frames.texts[$0] }
            frames.texts = frames.texts.flatMap { [$0, $0] } + own + earlier
            earlier = own
          }
          try stage.buy(account, Sample.rty, 1)
          try stage.wait(for: "no RTY in round \(round)") { stage.isFlat(account) }
        }
        try finish(stage, before, rounds: 3)
        let replaced = stage.logLines("is of no use to").dropFirst(broken)
        stage.check(replaced.isEmpty, "a link was replaced for it: \(replaced)")
      }
    }

    @Test(.enabled(if: ProcessTests.mayMount, "opening a worker's pipes needs root"))
    func `frames out of order and of another life replace the link and take effect once`() throws {
      try RiskdStage.play { stage in
        let before = stage.pids
        for round in 1...3 {
          let broken = stage.logLines("is of no use to").count
          try change(stage) { frames in
            let places = frames.messages
            guard let first = places.first, let last = places.last else { return }
            switch round {
            case 1: frames.texts.swapAt(first, last)
            // The sequence of another life begins with this life's numbers.
            case 2:
              frames.texts[first] = frames.texts[first].replacing(/"pe":[0-9]+/, with: #""pe":7"#)
            default: frames.texts.remove(at: first)
            }
          }
          try stage.wait(for: "a broken link in round \(round)") {
            stage.logLines("is of no use to").count > broken
          }
          try stage.awaitProtection()
          try stage.buy(account, Sample.rty, 1)
          try stage.wait(for: "no RTY in round \(round)") { stage.isFlat(account) }
        }
        try finish(stage, before, rounds: 3)
      }
    }

    /// Changes what the gateway has told the evaluator and the evaluator has not read: at least two
    /// messages.
    private func change(_ stage: RiskdStage, _ body: (inout LinkFrames) -> Void) throws {
      for _ in 0..<Self.attempts {
        guard let gateway = stage.pid(of: .gateway), let evaluator = stage.pid(of: .evaluator),
          let pipe = try LinkPipe.joining(gateway, to: evaluator)
        else { throw StageFailure("gateway and evaluator have no pipe") }
        defer { Standstill.end(of: evaluator) }
        guard Standstill.begin(of: evaluator) else { continue }
        try stage.buy(account, Sample.mes, 1)
        try stage.sell(account, Sample.mes, 1)
        let isChanged = try pipe.change(from: gateway, atMost: Self.quick) { frames in
          guard frames.messages.count >= 2 else { return false }
          body(&frames)
          return true
        }
        if isChanged { return }
      }
      throw StageFailure("no two messages in \(Self.attempts) attempts")
    }

    private func finish(
      _ stage: RiskdStage, _ before: [WorkerName: Int32], rounds: Int64
    ) throws {
      try stage.awaitProtection()
      stage.check(stage.pids == before, "a worker died of it: \(stage.pids)")
      let journal = try stage.comeToRest([account])
      stage.check(journal.repeatedTrades.isEmpty, "told twice: \(journal.repeatedTrades)")
      let audit = stage.audit(account)
      stage.check(
        audit.closed(Sample.rty) == rounds && audit.closed(Sample.mes) == 0,
        "closings: \(audit.closings)")
      stage.checkConduct()
    }
  }
}
