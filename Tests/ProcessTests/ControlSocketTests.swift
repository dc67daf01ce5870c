import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The control socket is of no use to anybody, and a breach is put right all the same.
  @Suite struct ControlSocketTests {
    private static let callers = 64
    private static let request = Array("{\"request\":\"status\"}\n".utf8)

    private let account = RiskdStage.account

    @Test func `callers who take every place and read nothing delay no enforcement`() throws {
      try RiskdStage.play { stage in
        let before = stage.pids
        let usual = try breach(on: stage)
        let callers = try (0..<Self.callers).map { _ in try DeadCaller(stage.root.controlSocket) }
        defer { for caller in callers { caller.leave() } }
        for caller in callers { caller.flood(Self.request) }
        let held = try breach(on: stage)
        print("control socket: flat after \(usual) ms, with dead callers after \(held) ms")
        for caller in callers { caller.leave() }
        try stage.awaitProtection()
        stage.check(stage.pids == before, "a worker died of it: \(stage.pids)")
        stage.check(stage.status()?.deathsInWindow == 0, "a death was counted")
        stage.checkConduct()
      }
    }

    @Test func `a socket that is gone delays no enforcement`() throws {
      try RiskdStage.play { stage in
        try #require(unlink(stage.root.controlSocket) == 0)
        stage.check(stage.status() == nil, "somebody still answers")
        let flat = try breach(on: stage)
        print("control socket: flat after \(flat) ms without one")
        stage.checkConduct()
      }
    }

    /// - Returns: Milliseconds from the order to the flat account.
    private func breach(on stage: RiskdStage) throws -> Int64 {
      let began = StageClock.now()
      let closed = stage.audit(account).closed(Sample.rty)
      try stage.buy(account, Sample.rty, 1)
      try stage.wait(for: "no RTY", atMost: .seconds(5)) {
        stage.audit(account).closed(Sample.rty) == closed + 1 && stage.isFlat(account)
      }
      return (StageClock.now() - began).milliseconds
    }
  }
}

/// One who asks without end and never reads an answer.
private final class DeadCaller {
  private var number: Int32

  init(_ path: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    // A queue that is full refuses at once.
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 || errno == EAGAIN else { throw StageFailure("no connection to \(path)") }
  }

  func flood(_ request: [UInt8]) {
    for _ in 0..<1_000 where send(number, request, request.count, Int32(MSG_NOSIGNAL)) < 0 {
      return
    }
  }

  func leave() {
    if number >= 0 { close(number) }
    number = -1
  }
}
