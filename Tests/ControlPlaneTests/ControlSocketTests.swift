import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import Supervision
import Testing

@Suite struct ControlSocketTests {
  @Test func aClientGetsAnAnswer() throws {
    let served = try ServedSocket()
    let client = ControlClient(path: served.path)
    #expect(try client.ask(.status) == .status(sampleReport()))
    #expect(try client.ask(.history(limit: 2)) == .history(sampleHistory(2)))
    let restart = RestartRequest(worker: .gateway, reason: "new token")
    #expect(try client.ask(.restart(restart)) == .restarted(.gateway, isReady: false))
    #expect(served.requests == [.status, .history(limit: 2), .restart(restart)])
    #expect(served.peers.allSatisfy { $0.pid == getpid() && $0.user == getuid() })
    #expect(served.peers.count == 3)
    try served.end()
  }

  @Test func aReloadIsAskedForAndAnswered() throws {
    let served = try ServedSocket()
    let request = ControlRequest.reload(ReloadRequest(wait: true, timeoutSeconds: 9))
    let reply = try ControlClient(path: served.path).ask(request)
    #expect(reply == .reload(ReloadReport(restarted: [.evaluator])))
    let raw = try RawClient(served.path)
    raw.send(#"{"request":"reload"}"# + "\n")
    #expect(raw.line()?.contains(#""restarted":["evaluator"]"#) == true)
    #expect(served.requests == [request, .reload(ReloadRequest())])
    try served.end()
  }

  @Test func aSocketThatWasPassedIsServedAndLeft() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/passed.sock"
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #expect(withSocketAddress(path) { bind(number, $0, $1) } == 0 && listen(number, 4) == 0)
    let reactor = try Reactor()
    // Who comes before the server waits.
    let early = try RawClient(path)
    early.send(#"{"request":"status"}"# + "\n")
    var server: ControlServer?
    server = try ControlServer(listener: Descriptor(owning: number), on: reactor) {
      _, peer, client in
      #expect(peer.pid == getpid())
      server?.reply(.status(sampleReport()), to: client)
      reactor.stop()
    }
    #expect(fcntl(number, F_GETFD) == FD_CLOEXEC && fcntl(number, F_GETFL) & O_NONBLOCK != 0)
    reactor.run()
    #expect(early.line()?.hasPrefix(#"{"status":"#) == true)
    server?.close()
    #expect(access(path, F_OK) == 0)
  }

  @Test func theSocketIsForOwnerAndGroupOnly() throws {
    let served = try ServedSocket(group: getgid())
    var status = stat()
    #expect(stat(served.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    #expect(status.st_gid == getgid())
    try served.end()
  }

  @Test func aWaitingClientIsAnsweredLater() throws {
    let served = try ServedSocket()
    let raw = try RawClient(served.path)
    raw.send(#"{"request":"restart","worker":"evaluator","wait":true}"# + "\n")
    #expect(eventually { served.waiting == 1 })
    // Others are served meanwhile.
    #expect(try ControlClient(path: served.path).ask(.status) == .status(sampleReport()))
    served.finishRestarts()
    #expect(raw.line() == #"{"restarted":{"isReady":true,"worker":"evaluator"}}"# + "\n")
    try served.end()
  }

  @Test func aClientThatGoesWhileItWaitsIsForgotten() throws {
    let served = try ServedSocket()
    do {
      let raw = try RawClient(served.path)
      raw.send(#"{"request":"restart","worker":"evaluator","wait":true}"# + "\n")
      #expect(eventually { served.waiting == 1 })
    }
    served.finishRestarts()
    #expect(try ControlClient(path: served.path).ask(.status) == .status(sampleReport()))
    try served.end()
  }

  @Test func severalRequestsOnOneConnection() throws {
    let served = try ServedSocket()
    let raw = try RawClient(served.path)
    raw.send(#"{"request":"history","limit":1}"# + "\n" + #"{"request":"history""#)
    #expect(raw.line()?.hasPrefix(#"{"history":[{"#) == true)
    raw.send(#","limit":1}"# + "\n")
    #expect(raw.line()?.hasPrefix(#"{"history":[{"#) == true)
    try served.end()
  }

  @Test(arguments: [
    ("not json", "no JSON object"),
    ("[1]", "the message has the wrong type"),
    ("{}", "request is missing"),
    (
      #"{"request":"stop"}"#,
      "request is one of status, restart, history, reload, lockouts, endLockout"
    ),
    (#"{"request":"restart"}"#, "worker is missing"),
    (
      #"{"request":"restart","worker":"accountant"}"#,
      "worker is one of enforcer, evaluator, gateway, monitor"
    ),
    (
      #"{"request":"restart","worker":"gateway","wait":"yes"}"#, "wait has the wrong type"
    ),
    (
      #"{"request":"restart","worker":"gateway","timeoutSeconds":601}"#,
      "timeoutSeconds is 1 to 600"
    ),
    (#"{"request":"history","limit":0}"#, "limit is 1 to 1000"),
    (#"{"request":"reload","timeoutSeconds":0}"#, "timeoutSeconds is 1 to 600"),
    ("", "no JSON object"),
    ("\u{0}\u{1}\u{ff}", "no JSON object"),
  ])
  func malformedRequestsAreToldSo(request: String, problem: String) throws {
    let served = try ServedSocket()
    let raw = try RawClient(served.path)
    raw.send(request + "\n")
    #expect(
      raw.line() == #"{"error":{"code":"malformed","text":""# + problem + #""}}"# + "\n")
    #expect(raw.line() == "")
    #expect(served.requests == [])
    try served.end()
  }

  @Test(arguments: [4_097, 100_000])
  func oversizedRequestsAreToldSo(bytes: Int) throws {
    let served = try ServedSocket()
    let raw = try RawClient(served.path)
    raw.send(String(repeating: "x", count: bytes))
    #expect(
      raw.line()
        == #"{"error":{"code":"oversized","text":"a request has at most 4096 bytes"}}"# + "\n")
    try served.end()
  }

  @Test func aLineThatIsTooLongIsOversizedToo() throws {
    var limits = ControlLimits()
    limits.requestBytes = 20
    let served = try ServedSocket(limits: limits)
    let raw = try RawClient(served.path)
    raw.send(#"{"request":"status"  }"# + "\n")
    #expect(raw.line()?.contains("oversized") == true)
    try served.end()
  }

  @Test func aReplyBeyondTheLimitBecomesAnError() throws {
    var limits = ControlLimits()
    limits.replyBytes = 500
    let served = try ServedSocket(limits: limits)
    let refusal = ControlRefusal(.failed, "the reply exceeds 500 bytes")
    #expect(try ControlClient(path: served.path).ask(.history(limit: 50)) == .error(refusal))
    try served.end()
  }

  @Test func aSilentClientLosesItsPlace() throws {
    var limits = ControlLimits()
    limits.requestTime = .milliseconds(50)
    let served = try ServedSocket(limits: limits)
    let raw = try RawClient(served.path)
    raw.send(#"{"request":"#)
    #expect(raw.line() == "")
    #expect(try served.clients() == 0)
    try served.end()
  }

  @Test func aClientThatDoesNotReadLosesItsPlaceAndDelaysNobody() throws {
    var limits = ControlLimits()
    limits.replyTime = .milliseconds(100)
    let served = try ServedSocket(limits: limits)
    let raw = try RawClient(served.path)
    let request = #"{"request":"history","limit":1000}"# + "\n"
    for _ in 0..<20 { raw.send(request) }
    #expect(try ControlClient(path: served.path).ask(.status) == .status(sampleReport()))
    #expect(eventually { (try? served.clients()) == 0 })
    try served.end()
  }

  @Test func aLongReplyArrivesWhole() throws {
    let served = try ServedSocket()
    let reply = try ControlClient(path: served.path).ask(.history(limit: 1_000))
    #expect(reply == .history(sampleHistory(1_000)))
    try served.end()
  }

  @Test func theNumberOfClientsIsBounded() throws {
    var limits = ControlLimits()
    limits.clients = 2
    let served = try ServedSocket(limits: limits)
    let first = try RawClient(served.path)
    let second = try RawClient(served.path)
    #expect(eventually { (try? served.clients()) == 2 })
    let third = try RawClient(served.path)
    #expect(
      third.line()
        == #"{"error":{"code":"busy","text":"2 clients are connected already"}}"# + "\n")
    #expect(third.line() == "")
    first.send(#"{"request":"status"}"# + "\n")
    #expect(first.line()?.hasPrefix(#"{"status":"#) == true)
    second.send(#"{"request":"status"}"# + "\n")
    #expect(second.line()?.hasPrefix(#"{"status":"#) == true)
    try served.end()
  }

  @Test func aStaleSocketIsReplacedAndTheSocketGoesWithTheServer() throws {
    let reactor = try Reactor()
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/control.sock"
    let stale = try ControlServer(path: path, on: reactor) { _, _, _ in }
    let fresh = try ControlServer(path: path, on: reactor) { _, _, _ in }
    #expect(access(path, F_OK) == 0)
    fresh.close()
    fresh.close()
    #expect(access(path, F_OK) != 0)
    stale.close()
  }

  @Test func whatIsNoSocketIsLeftAlone() throws {
    let reactor = try Reactor()
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/control.sock"
    try "precious".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(throws: ControlError.notASocket(path: path)) {
      try ControlServer(path: path, on: reactor) { _, _, _ in }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    let long = directory + "/" + String(repeating: "x", count: 120)
    #expect(throws: ControlError.pathTooLong(path: long)) {
      try ControlServer(path: long, on: reactor) { _, _, _ in }
    }
    #expect {
      try ControlServer(path: directory + "/none/control.sock", on: reactor) { _, _, _ in }
    } throws: { error in
      "\(error)".hasSuffix("bind: No such file or directory")
    }
  }
}
