import HubProtocol
import RiskModel
import Testing

@Suite struct HubConnectionTests {
  private let onceConnected: [HubAction] = [
    .connected, .send(ping), .schedule(.keepAlive(first), at: seconds(18)),
    .schedule(.silence(first), at: seconds(33)),
  ]

  private func handshaking() -> HubConnection {
    var connection = HubConnection()
    _ = connection.connect()
    _ = connection.transportOpened(first, at: seconds(1))
    return connection
  }

  @Test func fromNothingToConnected() {
    var connection = HubConnection()
    #expect(connection.phase == .disconnected)
    #expect(connection.connect() == [.openTransport(first)])
    #expect(connection.connect() == [])
    #expect(connection.phase == .connecting)
    #expect(
      connection.transportOpened(first, at: seconds(1)) == [
        .send(handshake), .schedule(.handshake(first), at: seconds(11)),
      ])
    #expect(connection.phase == .handshaking)
    #expect(connection.received(record("{}"), first, at: seconds(3)) == onceConnected)
    #expect(connection.phase == .connected)
    #expect(connection.connect() == [])
    #expect(connection.timerFired(.handshake(first), at: seconds(11)) == [])
    #expect(connection.closeReason == nil)
    #expect(connection.counters.pingsSent == 1)
  }

  @Test func theHandshakeAnswerByteByByte() {
    var connection = handshaking()
    var actions: [HubAction] = []
    for byte in record(#"{"minorVersion":0}"#) {
      actions += connection.received([byte], first, at: seconds(3))
    }
    #expect(actions == onceConnected)
  }

  @Test func theHandshakeAnswerTogetherWithRecords() {
    var connection = handshaking()
    let bytes =
      record("{}") + record(#"{"type":1,"target":"GatewayLogout","arguments":[]}"#)
      + Array(#"{"type":1,"tar"#.utf8)
    #expect(
      connection.received(bytes, first, at: seconds(3)) == onceConnected + [
        .deliver(
          target: HubTarget("gatewaylogout"), arguments: Array("[]".utf8)[...],
          receivedAt: seconds(3))
      ])
    #expect(
      payloads(
        connection.received(record(#"get":"X","arguments":[2]}"#), first, at: seconds(4)))
        == ["[2]"])
  }

  @Test func theHandshakeIsRefused() {
    var connection = handshaking()
    let bytes = record(#"{"error":"not that version"}"#) + record(#"{"type":6}"#)
    #expect(
      connection.received(bytes, first, at: seconds(2)) == [
        .closeTransport(first), .closed(.handshakeRefused("not that version")),
      ])
    #expect(connection.closeReason == .handshakeRefused("not that version"))
  }

  @Test func theHandshakeAnswerNeverComes() {
    var connection = handshaking()
    _ = connection.received(Array("{".utf8), first, at: seconds(9))
    #expect(
      connection.timerFired(.handshake(first), at: seconds(11)) == [
        .closeTransport(first), .closed(.handshakeTimedOut),
      ])
  }

  @Test func aRecordInPlaceOfTheHandshakeAnswer() {
    var connection = handshaking()
    #expect(
      connection.received(record(#"{"type":6}"#), first, at: seconds(2)) == [
        .closeTransport(first), .closed(.envelope(.recordBeforeHandshake)),
      ])
  }

  @Test func theTransportCannotBeHad() {
    var connection = HubConnection()
    _ = connection.connect()
    #expect(
      connection.transportClosed(first, detail: "HTTP 401") == [
        .closed(.transportLost("HTTP 401"))
      ])
    #expect(connection.connect() == [.openTransport(HubAttempt(number: 2))])
  }

  @Test func theOwnerLeavesAtAnyTime() {
    var connection = HubConnection()
    #expect(connection.disconnect() == [])
    _ = connection.connect()
    #expect(connection.disconnect() == [.closeTransport(first), .closed(.asked)])
    #expect(connection.disconnect() == [])
    connection = handshaking()
    #expect(connection.disconnect() == [.closeTransport(first), .closed(.asked)])
    connection = connected()
    #expect(
      connection.disconnect() == [
        .send(record(#"{"type":7}"#)), .closeTransport(first), .closed(.asked),
      ])
    #expect(connection.transportClosed(first, detail: nil) == [])
    #expect(connection.phase == .closed)
  }

  @Test(arguments: [
    (#"{"type":7}"#, HubCloseReason.closedByServer(error: nil, allowReconnect: false)),
    (#"{"type":7,"allowReconnect":true}"#, .closedByServer(error: nil, allowReconnect: true)),
    (
      #"{"type":7,"error":"Connection closed with an error."}"#,
      .closedByServer(error: "Connection closed with an error.", allowReconnect: false)
    ),
    (
      #"{"type":7,"error":"x","allowReconnect":true}"#,
      .closedByServer(error: "x", allowReconnect: true)
    ),
    (#"{"target":"X"}"#, .envelope(.missingMember("type"))),
    (#"{"type":1,"arguments":[]}"#, .envelope(.missingMember("target"))),
    (#"{"type":"#, .envelope(.malformed(offset: 8))),
  ])
  func recordsBeforeTheEndAreDeliveredAndLaterOnesAreNot(text: String, reason: HubCloseReason) {
    var connection = connected()
    let event = record(#"{"type":1,"target":"T","arguments":[1]}"#)
    let actions = connection.received(event + record(text) + event, first, at: seconds(5))
    #expect(payloads(actions) == ["[1]"])
    #expect(actions.suffix(2) == [.closeTransport(first), .closed(reason)])
    #expect(connection.received(event, first, at: seconds(6)) == [])
    #expect(connection.counters.lateNews == 1)
  }

  @Test func aRecordWithoutEndClosesTheConnection() {
    var connection = connected(limits: HubLimits(recordBytes: 50))
    let event = record(#"{"type":1,"target":"T","arguments":[1]}"#)
    let actions = connection.received(
      event + [UInt8](repeating: 0x20, count: 51), first, at: seconds(5))
    #expect(payloads(actions) == ["[1]"])
    #expect(actions.last == .closed(.envelope(.recordTooLong(limit: 50))))
  }

  @Test func theSocketDies() {
    var connection = connected()
    #expect(
      connection.transportClosed(first, detail: "reset") == [.closed(.transportLost("reset"))])
  }

  @Test(arguments: [
    #"[{"action":2,"data":{"id":825245547,"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","type":0,"size":0,"averagePrice":29398.5}}]"#,
    #"["CON.F.US.MNQ.U26",{"symbol":"F.US.MNQ","bestBid":29547,"lastUpdated":"2026-08-19T20:49:25.3938333+00:00"}]"#,
    #"["CON.F.US.MNQ.U26",[null,{"type":6}]]"#,
    #"[{"id":"3425270858","price":5e-7,"text":"\u00e9µ🙂"}]"#,
    #"[ ]"#,
  ])
  func payloadsArriveByteForByte(arguments: String) {
    var connection = connected()
    var actions: [HubAction] = []
    for byte in record(#"{"type":1,"arguments":\#(arguments),"target":"t"}"#) {
      actions += connection.received([byte], first, at: seconds(7))
    }
    #expect(
      actions == [
        .deliver(
          target: HubTarget("T"), arguments: Array(arguments.utf8)[...], receivedAt: seconds(7))
      ])
  }

  @Test func whatHasNoMeaningIsCountedAndSkipped() {
    var connection = connected()
    let bytes =
      record("") + record(#"{"type":8,"sequenceId":1}"#) + record(#"{"type":9,"sequenceId":1}"#)
      + record(#"{"type":42}"#) + record(#"{"type":2,"invocationId":"1","item":0}"#)
      + record(#"{"type":3,"invocationId":"99"}"#) + record(#"{"type":3,"invocationId":"x"}"#)
      + record(#"{"type":6}"#)
    #expect(connection.received(bytes, first, at: seconds(1)) == [])
    #expect(connection.counters.unusedRecords == 5)
    #expect(connection.counters.strayCompletions == 2)
    #expect(connection.counters.pingsReceived == 1)
    #expect(connection.counters.records == 7)
    #expect(connection.phase == .connected)
  }

  @Test func aCallOfTheServerIsDeliveredAndAnsweredWithAnError() {
    var connection = connected()
    let bytes = record(#"{"type":1,"invocationId":"s-1","target":"T","arguments":[1]}"#)
    #expect(
      connection.received(bytes, first, at: seconds(1)) == [
        .deliver(
          target: HubTarget("T"), arguments: Array("[1]".utf8)[...], receivedAt: seconds(1)),
        .send(
          record(
            #"{"type":3,"invocationId":"s-1","error":"This client does not return results."}"#)),
      ])
  }

  @Test func newsOfAnEarlierAttemptChangeNothing() {
    var connection = connected()
    let (lost, _) = connection.invoke("A", [], at: seconds(1))
    _ = connection.transportClosed(first, detail: nil)
    _ = connection.connect()
    let second = HubAttempt(number: 2)
    _ = connection.transportOpened(second, at: seconds(40))
    _ = connection.received(record("{}"), second, at: seconds(40))
    let event = record(#"{"type":1,"target":"T","arguments":[1]}"#)
    #expect(connection.received(event, first, at: seconds(41)) == [])
    #expect(connection.transportOpened(first, at: seconds(41)) == [])
    #expect(connection.transportClosed(first, detail: "late") == [])
    #expect(connection.timerFired(.handshake(first), at: seconds(41)) == [])
    #expect(connection.timerFired(.keepAlive(first), at: seconds(90)) == [])
    #expect(connection.timerFired(.silence(first), at: seconds(90)) == [])
    #expect(connection.timerFired(.invocation(lost), at: seconds(90)) == [])
    #expect(
      connection.received(
        record(#"{"type":3,"invocationId":"\#(lost.number)"}"#), second, at: seconds(42)) == [])
    #expect(connection.counters.lateNews == 3)
    #expect(connection.counters.strayCompletions == 1)
    #expect(connection.phase == .connected)
    #expect(payloads(connection.received(event, second, at: seconds(43))) == ["[1]"])
  }

  @Test func halfARecordOfTheOldConnectionIsForgotten() {
    var connection = connected()
    _ = connection.received(Array(#"{"type":"#.utf8), first, at: seconds(1))
    _ = connection.transportClosed(first, detail: nil)
    _ = connection.connect()
    let second = HubAttempt(number: 2)
    _ = connection.transportOpened(second, at: seconds(2))
    #expect(connection.received(record("{}"), second, at: seconds(2)).first == .connected)
  }

  @Test func reasonsSpeakPlainly() {
    let reasons: [HubCloseReason] = [
      .asked, .handshakeTimedOut, .handshakeRefused("v"), .envelope(.notAnObject),
      .serverSilent(.seconds(30)), .closedByServer(error: nil, allowReconnect: false),
      .closedByServer(error: "e", allowReconnect: false), .transportLost(nil), .transportLost("x"),
    ]
    #expect(Set(reasons.map(\.description)).count == reasons.count)
    #expect(HubCloseReason.serverSilent(.seconds(30)).description.contains("30000 ms"))
  }
}
