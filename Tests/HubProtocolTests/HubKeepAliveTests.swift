import HubProtocol
import RiskModel
import Testing

@Suite struct HubKeepAliveTests {
  @Test func aPingAfterFifteenSecondsOfOwnSilence() {
    var connection = connected()
    #expect(
      connection.timerFired(.keepAlive(first), at: seconds(15)) == [
        .send(ping), .schedule(.keepAlive(first), at: seconds(30)),
      ])
    #expect(connection.counters.pingsSent == 2)
  }

  @Test func whatWeSendPutsThePingOff() {
    var connection = connected()
    _ = connection.invoke("SubscribeAccounts", [], at: seconds(6))
    #expect(
      connection.timerFired(.keepAlive(first), at: seconds(15)) == [
        .schedule(.keepAlive(first), at: seconds(21))
      ])
    #expect(
      connection.timerFired(.keepAlive(first), at: seconds(21)).first == .send(ping))
  }

  @Test func pingsOfTheServerAreNotAnswered() {
    var connection = connected()
    #expect(connection.received(ping, first, at: seconds(10)) == [])
    #expect(
      connection.timerFired(.keepAlive(first), at: seconds(15)).first == .send(ping))
  }

  @Test func aSilentServerIsGivenUp() {
    var connection = connected()
    #expect(
      connection.timerFired(.silence(first), at: seconds(30)) == [
        .closeTransport(first), .closed(.serverSilent(.seconds(30))),
      ])
  }

  @Test func anyByteIsASignOfLife() {
    var connection = connected()
    _ = connection.received([UInt8(ascii: "{")], first, at: seconds(20))
    #expect(
      connection.timerFired(.silence(first), at: seconds(30)) == [
        .schedule(.silence(first), at: seconds(50))
      ])
    #expect(
      connection.timerFired(.silence(first), at: seconds(50)).last
        == .closed(.serverSilent(.seconds(30))))
  }

  @Test func theLimitsAreSettings() {
    let limits = HubLimits(
      handshakeTimeout: .seconds(1), pingInterval: .seconds(2), serverTimeout: .seconds(3),
      invocationTimeout: .seconds(4))
    var connection = HubConnection(limits: limits)
    _ = connection.connect()
    #expect(
      connection.transportOpened(first, at: seconds(0)).last
        == .schedule(.handshake(first), at: seconds(1)))
    #expect(
      connection.received(record("{}"), first, at: seconds(0)).suffix(2) == [
        .schedule(.keepAlive(first), at: seconds(2)), .schedule(.silence(first), at: seconds(3)),
      ])
    #expect(
      connection.invoke("A", [], at: seconds(0)).actions.last
        == .schedule(.invocation(HubInvocationID(1)), at: seconds(4)))
  }
}
