import RiskModel
import Testing

@testable import SimulatedVenue

struct HubWatchTests {
  private let start = MonotonicInstant(nanos: 1_000)

  private func due(
    _ seconds: Int64, isLive: Bool = true, _ change: (inout HubWatch) -> Void = { _ in }
  ) -> HubWatch.Due {
    var watch = HubWatch(startingAt: start)
    change(&watch)
    return watch.due(isLive: isLive, at: start + .seconds(seconds), HubBehaviour())
  }

  @Test func `a handshake has 15 seconds`() {
    #expect(due(15, isLive: false) == .nothing)
    #expect(due(16, isLive: false) == .handshakeOverdue)
  }

  @Test func `a ping is due after 15 seconds of silence of the venue`() {
    #expect(due(14) == .nothing)
    #expect(due(15) == .ping)
    #expect(due(20) { $0.sent(at: start + .seconds(6)) } == .nothing)
    #expect(due(21) { $0.sent(at: start + .seconds(6)) } == .ping)
  }

  @Test func `a client is gone after 30 seconds of silence once it has pinged`() {
    #expect(due(500) == .ping)
    #expect(due(30) { $0.pinged() } == .ping)
    #expect(due(31) { $0.pinged() } == .clientGone)
    #expect(
      due(40) {
        $0.pinged()
        $0.heard(at: start + .seconds(10))
      } == .ping)
  }
}
