import HubProtocol
import RiskModel
import Testing

@Suite struct HubInvocationTests {
  private func completion(_ id: HubInvocationID, error: String? = nil) -> [UInt8] {
    let member = error.map { #","error":"\#($0)""# } ?? ""
    return record(#"{"type":3,"invocationId":"\#(id.number)"\#(member)}"#)
  }

  @Test func aCallSucceeds() {
    var connection = connected()
    let (id, actions) = connection.invoke("SubscribeOrders", [.integer(5)], at: seconds(1))
    #expect(
      actions == [
        .send(
          record(#"{"type":1,"invocationId":"1","target":"SubscribeOrders","arguments":[5]}"#)),
        .schedule(.invocation(id), at: seconds(16)),
      ])
    #expect(
      connection.received(completion(id), first, at: seconds(2)) == [.completed(id, .succeeded)])
    #expect(connection.timerFired(.invocation(id), at: seconds(16)) == [])
    #expect(connection.received(completion(id), first, at: seconds(17)) == [])
    #expect(connection.counters.strayCompletions == 1)
  }

  @Test func aCallFailsInTheWordsOfTheServer() {
    var connection = connected()
    let (id, _) = connection.invoke("Nonsense", [], at: seconds(1))
    #expect(
      connection.received(
        completion(id, error: "Unknown hub method 'Nonsense'"), first, at: seconds(2)) == [
          .completed(id, .failed("Unknown hub method 'Nonsense'"))
        ])
  }

  @Test func aCallIsNeverAnswered() {
    var connection = connected()
    let (id, _) = connection.invoke("SubscribeTrades", [.integer(5)], at: seconds(1))
    #expect(
      connection.timerFired(.invocation(id), at: seconds(16)) == [.completed(id, .timedOut)])
    #expect(connection.timerFired(.invocation(id), at: seconds(17)) == [])
    #expect(connection.received(completion(id), first, at: seconds(18)) == [])
    #expect(connection.phase == .connected)
  }

  @Test func answersComeInAnyOrder() {
    var connection = connected()
    let ids = ["A", "B", "C"].map { connection.invoke($0, [], at: seconds(1)).id }
    let bytes = completion(ids[2]) + completion(ids[0], error: "no") + completion(ids[1])
    #expect(
      connection.received(bytes, first, at: seconds(2)) == [
        .completed(ids[2], .succeeded), .completed(ids[0], .failed("no")),
        .completed(ids[1], .succeeded),
      ])
  }

  @Test func openCallsEndWithTheConnection() {
    var connection = connected()
    let ids = ["A", "B"].map { connection.invoke($0, [], at: seconds(1)).id }
    #expect(
      connection.received(record(#"{"type":7}"#), first, at: seconds(2)) == [
        .closeTransport(first), .completed(ids[0], .connectionLost),
        .completed(ids[1], .connectionLost),
        .closed(.closedByServer(error: nil, allowReconnect: false)),
      ])
  }

  @Test func withoutAConnectionNothingIsSent() {
    var connection = HubConnection()
    var (id, actions) = connection.invoke("A", [], at: seconds(1))
    #expect(actions == [.completed(id, .notConnected)])
    _ = connection.connect()
    _ = connection.transportOpened(first, at: seconds(1))
    (id, actions) = connection.invoke("A", [], at: seconds(1))
    #expect(id == HubInvocationID(2))
    #expect(actions == [.completed(id, .notConnected)])
  }
}
