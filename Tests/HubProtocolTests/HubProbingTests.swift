import HubProtocol
import RiskModel
import Testing

/// A hub is asked for a sign of life below its own protocol.
@Suite struct HubProbingTests {
  private let limits = HubLimits(probeInterval: .seconds(2), probeTimeout: .seconds(5))

  private func probed() -> HubConnection {
    var connection = HubConnection(limits: limits)
    _ = connection.connect()
    _ = connection.transportOpened(first, at: seconds(0))
    let actions = connection.received(record("{}"), first, at: seconds(0))
    #expect(actions.suffix(2) == [.probe, .schedule(.probe(first), at: seconds(2))])
    return connection
  }

  private func turn(_ connection: inout HubConnection, _ second: Int64) -> [HubAction] {
    connection.timerFired(.probe(first), at: seconds(second))
  }

  private let gone: [HubAction] = [
    .closeTransport(first), .closed(.probeUnanswered(.seconds(5))),
  ]

  @Test func aHubThatAnsweredAndAnswersNoMoreIsGivenUpWithinSevenSeconds() {
    var connection = probed()
    #expect(connection.probeAnswered(first, at: seconds(1)) == [])
    #expect(turn(&connection, 2) == [.schedule(.probe(first), at: seconds(3))])
    #expect(turn(&connection, 3) == [.probe, .schedule(.probe(first), at: seconds(5))])
    #expect(turn(&connection, 5) == [.schedule(.probe(first), at: seconds(7))])
    #expect(turn(&connection, 7) == [.schedule(.probe(first), at: seconds(8))])
    #expect(turn(&connection, 8) == gone)
    #expect(connection.counters.probesSent == 2 && connection.counters.probesAnswered == 1)
    #expect(HubCloseReason.probeUnanswered(.seconds(5)).description.contains("5000 ms"))
  }

  @Test func everyByteIsASignOfLifeToo() {
    var connection = probed()
    _ = connection.probeAnswered(first, at: seconds(1))
    _ = turn(&connection, 3)
    _ = connection.received(ping, first, at: seconds(7))
    #expect(turn(&connection, 8) == [.schedule(.probe(first), at: seconds(9))])
    #expect(turn(&connection, 9).first == .probe)
  }

  @Test func aHubThatNeverAnswersIsJudgedByItsOwnProtocolAlone() {
    var connection = probed()
    for second in stride(from: Int64(2), through: 28, by: 2) {
      #expect(!turn(&connection, second).contains { if case .closed = $0 { true } else { false } })
    }
    #expect(
      connection.timerFired(.silence(first), at: seconds(30)).last
        == .closed(.serverSilent(.seconds(30))))
  }

  @Test func anAnswerHidesNoSilenceOfTheHubItself() {
    var connection = probed()
    for second in stride(from: Int64(2), through: 28, by: 2) {
      _ = turn(&connection, second)
      _ = connection.probeAnswered(first, at: seconds(second))
    }
    #expect(
      connection.timerFired(.silence(first), at: seconds(30)).last
        == .closed(.serverSilent(.seconds(30))))
  }

  @Test func aProcessThatStoodStillAsksAgainFirst() {
    var connection = probed()
    _ = connection.probeAnswered(first, at: seconds(1))
    _ = turn(&connection, 3)
    // Its timers come before what waits in its socket.
    #expect(turn(&connection, 40) == [.probe, .schedule(.probe(first), at: seconds(42))])
    _ = turn(&connection, 42)
    _ = turn(&connection, 44)
    #expect(turn(&connection, 45) == gone)
  }

  @Test func anotherConnectionBeginsAnew() {
    var connection = probed()
    _ = connection.probeAnswered(first, at: seconds(1))
    _ = connection.disconnect()
    _ = connection.connect()
    let second = HubAttempt(number: 2)
    _ = connection.transportOpened(second, at: seconds(10))
    #expect(
      connection.received(record("{}"), second, at: seconds(10)).last
        == .schedule(.probe(second), at: seconds(12)))
    #expect(turn(&connection, 20) == [])
    #expect(connection.probeAnswered(first, at: seconds(20)) == [])
    #expect(connection.counters.lateNews == 1)
    for moment in stride(from: Int64(12), through: 30, by: 2) {
      #expect(
        !connection.timerFired(.probe(second), at: seconds(moment)).contains(
          .closed(.probeUnanswered(.seconds(5)))))
    }
  }

  @Test func withoutAnIntervalNobodyIsAsked() {
    var connection = connected()
    #expect(connection.timerFired(.probe(first), at: seconds(9)) == [])
    #expect(connection.counters.probesSent == 0)
  }
}
