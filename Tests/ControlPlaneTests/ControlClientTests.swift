import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import Supervision
import Testing

@Suite struct ControlClientTests {
  @Test func nobodyThere() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/control.sock"
    #expect(throws: ControlError.notRunning(path: path)) {
      try ControlClient(path: path).ask(.status)
    }
    let listener = try Listener(path)
    listener.close()
    #expect(throws: ControlError.notRunning(path: path)) {
      try ControlClient(path: path).ask(.status)
    }
  }

  @Test func aSupervisorThatDoesNotAnswerCostsTheTimeoutOnly() throws {
    let listener = try Listener()
    defer { listener.end() }
    #expect(throws: ControlError.timedOut) {
      try ControlClient(path: listener.path).ask(.status, timeout: .milliseconds(50))
    }
  }

  @Test func aSupervisorThatGoesIsNoticed() throws {
    let listener = try Listener()
    defer { listener.end() }
    let thread = Thread {
      let accepted = accept(listener.number, nil, nil)
      var byte: UInt8 = 0
      while recv(accepted, &byte, 1, 0) == 1, byte != UInt8(ascii: "\n") {}
      close(accepted)
    }
    thread.start()
    #expect(throws: ControlError.closedEarly) {
      try ControlClient(path: listener.path).ask(.status, timeout: .seconds(30))
    }
  }

  @Test(arguments: [
    ("hello\n", ControlError.replyUnreadable("no JSON object")),
    (#"{"verdict":1}"# + "\n", .replyUnreadable("restarted is missing")),
  ])
  func anAnswerOfAnotherKindIsUnreadable(answer: String, expected: ControlError) throws {
    let listener = try Listener()
    defer { listener.end() }
    let thread = Thread {
      let accepted = accept(listener.number, nil, nil)
      let bytes = Array(answer.utf8)
      _ = bytes.withUnsafeBytes { send(accepted, $0.baseAddress, $0.count, 0) }
      var byte: UInt8 = 0
      while recv(accepted, &byte, 1, 0) == 1 {}
      close(accepted)
    }
    thread.start()
    #expect(throws: expected) {
      try ControlClient(path: listener.path).ask(.status, timeout: .seconds(30))
    }
  }

  @Test func anAnswerWithoutEndIsCut() throws {
    let listener = try Listener()
    defer { listener.end() }
    let thread = Thread {
      let accepted = accept(listener.number, nil, nil)
      let bytes = [UInt8](repeating: 0x20, count: 65_536)
      while bytes.withUnsafeBytes({
        send(accepted, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }) > 0 {}
      close(accepted)
    }
    thread.start()
    #expect(throws: ControlError.replyTooLong(limit: 1_048_576)) {
      try ControlClient(path: listener.path).ask(.status, timeout: .seconds(30))
    }
  }

  @Test(arguments: [
    (ControlError.notRunning(path: "p"), "riskd is not running: nobody listens on p"),
    (.forbidden(path: "p"), "no permission to use p"),
    (.pathTooLong(path: "p"), "p is too long for a socket (107 bytes)"),
    (.notASocket(path: "p"), "p is in the way and no socket"),
    (.unavailable(path: "p", problem: "why"), "p: why"),
    (.timedOut, "riskd did not answer in time"),
    (.closedEarly, "riskd closed the connection without an answer"),
    (.replyTooLong(limit: 3), "the answer of riskd exceeds 3 bytes"),
    (.replyUnreadable("x"), "the answer of riskd is unreadable: x"),
  ])
  func errorsInWords(error: ControlError, text: String) {
    #expect("\(error)" == text)
  }

  /// A listening socket that does nothing by itself.
  private final class Listener: Sendable {
    let path: String
    let number: Int32

    convenience init() throws {
      try self.init(try makeDirectory() + "/control.sock")
    }

    init(_ path: String) throws {
      self.path = path
      number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let result = withSocketAddress(path) { [number] in bind(number, $0, $1) }
      try #require(result == 0)
      try #require(listen(number, 4) == 0)
    }

    func close() { Glibc.close(number) }

    func end() {
      close()
      let directory = String(path.dropLast("/control.sock".count))
      try? FileManager.default.removeItem(atPath: directory)
    }
  }
}
