import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct ReadLineTests {
  private let now = MonotonicInstant(nanos: 5)

  private func rank(_ priority: RequestPriority, exposed: Bool = false) -> ReadLine.Rank {
    ReadLine.Rank(priority: priority, isExposed: exposed)
  }

  private func order(
    _ line: ReadLine, where hasRoom: (RequestPriority) -> Bool = { _ in true }
  ) -> [Int64] {
    var line = line
    var order: [Int64] = []
    while let next = line.first(where: hasRoom) {
      order.append(next.number)
      line.leave(next)
    }
    return order
  }

  @Test(arguments: [ReadCause.asked, .difference, .connected])
  func `a regular reading takes no reason from one that waits`(_ cause: ReadCause) {
    let regular = ReadWish(scope: .full, cause: .periodic, notBefore: now)
    let wish = ReadWish(scope: .full, cause: cause, notBefore: now)
    #expect(wish.joined(by: regular).cause == cause)
    #expect(regular.joined(by: wish).cause == cause)
  }

  @Test func `the urgent ones come first, then what holds something, then who came first`() {
    var line = ReadLine()
    line.stand(AccountID(1), rank(.survey), at: now)
    line.stand(AccountID(2), rank(.state), at: now)
    line.stand(AccountID(3), rank(.comparison, exposed: true), at: now)
    line.stand(AccountID(4), rank(.state), at: now)
    line.stand(AccountID(5), rank(.state, exposed: true), at: now)
    line.stand(AccountID(6), rank(.comparison), at: now)
    #expect(line.count == 6)
    #expect(order(line) == [5, 2, 4, 3, 6, 1])
  }

  @Test func `a priority without room holds up no other`() {
    var line = ReadLine()
    for number in 1...3 { line.stand(AccountID(Int64(number)), rank(.state), at: now) }
    line.stand(AccountID(4), rank(.comparison, exposed: true), at: now)
    line.stand(AccountID(5), rank(.survey), at: now)
    #expect(line.first { $0 != .state } == AccountID(4))
    #expect(line.first { $0 == .survey } == AccountID(5))
    #expect(line.first { $0 == .catalogue } == nil)
    #expect(order(line) { $0 != .comparison } == [1, 2, 3, 5])
  }

  @Test func `whoever becomes urgent goes forward and keeps the moment of arrival`() {
    var line = ReadLine()
    for number in 1...3 { line.stand(AccountID(Int64(number)), rank(.survey), at: now) }
    line.stand(AccountID(3), rank(.state), at: now)
    #expect(order(line) == [3, 1, 2])
    line.stand(AccountID(3), rank(.survey), at: now)
    #expect(order(line) == [1, 2, 3])
    line.stand(AccountID(2), rank(.survey, exposed: true), at: now)
    #expect(order(line) == [2, 1, 3])
    line.leave(AccountID(2))
    line.leave(AccountID(2))
    #expect(!line.contains(AccountID(2)) && order(line) == [1, 3])
  }

  @Test func `how long each has waited is known, wherever it stands`() {
    var line = ReadLine()
    line.stand(AccountID(1), rank(.survey), at: MonotonicInstant(nanos: 10))
    line.stand(AccountID(2), rank(.state), at: MonotonicInstant(nanos: 20))
    line.stand(AccountID(1), rank(.state, exposed: true), at: MonotonicInstant(nanos: 30))
    #expect(line.waiting(since: MonotonicInstant(nanos: 9)).isEmpty)
    #expect(line.waiting(since: MonotonicInstant(nanos: 10)) == [AccountID(1)])
    #expect(line.waiting(since: MonotonicInstant(nanos: 20)) == [AccountID(1), AccountID(2)])
  }
}
