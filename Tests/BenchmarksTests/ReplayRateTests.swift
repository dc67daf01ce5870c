import Benchmarks
import Foundation
import RiskModel
import RiskRules
import Testing

@Suite struct ReplayRateTests {
  @Test func `the inputs are the same every time`() {
    let first = Array(TradingDayInputs(marksPerEvent: 3).prefix(500))
    let second = Array(TradingDayInputs(marksPerEvent: 3).prefix(500))
    #expect(first == second)
    #expect(zip(first, first.dropFirst()).allSatisfy { $0.at < $1.at })
  }

  @Test func `marks stand between the events`() {
    let inputs = TradingDayInputs(marksPerEvent: 9).prefix(4 + 500).dropFirst(4)
    let marks = inputs.count { if case .mark = $0.input { true } else { false } }
    #expect(marks == 450)
  }

  @Test func `the day is quiet and changes the position`() {
    var engine = RiskEngine()
    var sizes: Set<Int64> = []
    for timed in TradingDayInputs(marksPerEvent: 1).prefix(1_000) {
      let effects = engine.apply(timed.input, at: timed.at)
      for effect in effects {
        if case .breach(let breach) = effect { Issue.record("\(breach)") }
      }
      if let account = engine.state.accounts[AccountID(1001)] {
        sizes.insert(account.openPositions.first?.position.signedSize ?? 0)
      }
    }
    #expect(sizes == [0, 1])
    #expect(engine.state.foreignEvents == 0)
  }

  @Test(arguments: [0, 9])
  func `inputs go through the engine and through the database`(marks: Int) throws {
    let memory = try ReplayRate.inMemory(inputs: 1_200, marksPerEvent: marks)
    #expect(memory.inputs == 1_200)
    #expect(memory.perSecond > 0)
    let path = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID())").path()
    let store = try ReplayRate.throughStore(inputs: 1_200, marksPerEvent: marks, path: path)
    #expect(store.inputs == 1_200)
    #expect(store.perSecond > 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a rate is inputs by time`() {
    let result = ReplayRate.Result(inputs: 500, duration: .milliseconds(250))
    #expect(result.perSecond == 2_000)
  }
}
