import RiskModel
import Testing

@testable import VenueAPI

@Suite struct RequestPriorityTests {
  @Test(
    arguments: zip(
      1...10, [600, 300, 120, 60, 30, 15, 10, 5, 2, 1] as [Int64]))
  func `each of the ten priorities has its longest wait`(level: Int, seconds: Int64) throws {
    let priority = try #require(RequestPriority(rawValue: level))
    #expect(priority.longestWait == .seconds(seconds))
    #expect(priority.isRoutine == (level <= 5))
  }

  @Test func `there are ten of them, in order`() {
    #expect(RequestPriority.allCases.map(\.rawValue) == Array(1...10))
    #expect(RequestPriority.allCases.max() == .action)
  }
}
