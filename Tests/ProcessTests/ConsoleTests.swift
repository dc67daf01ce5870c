import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import Testing

extension ProcessTests {
  /// riskd in a terminal of its own, which `script` makes.
  @Suite struct ConsoleTests {
    private static let terminal = "/usr/bin/script"

    @Test func `Ctrl+C in a terminal ends everything in order`() throws {
      guard access(Self.terminal, X_OK) == 0 else {
        try #require(!RiskdProgram.isRequired, "\(Self.terminal) is missing")
        return
      }
      try RiskdStage.play { stage in
        try stage.stopRiskd()
        let keyboard = try Keyboard(stage.root.folder.file("run/keyboard"))
        let console = try stage.startInTerminal(Self.terminal, keyboard: keyboard.path)
        try keyboard.attach()
        try stage.awaitProtection()
        let pids = stage.pids
        let screen = stage.root.text("logs/console.log")
        stage.check(screen.contains(" INFO  evaluator: "), "it is not readable: \(screen)")
        keyboard.press("\u{3}")
        let status = try console.end(within: .seconds(10))
        stage.check(status == .exited(code: 0), "ended with \(status.map { "\($0)" } ?? "-")")
        stage.check(
          StageClock.poll(atMost: .seconds(3)) { pids.values.allSatisfy { kill($0, 0) != 0 } },
          "a worker outlived riskd")
        stage.check(
          stage.root.text("logs/console.log").contains("all workers have stopped"),
          "it does not say how it ended")
      }
    }
  }
}

/// What a terminal reads its keys from.
private final class Keyboard {
  let path: String
  private var descriptor: Int32 = -1

  init(_ path: String) throws {
    self.path = path
    guard mkfifo(path, 0o600) == 0 else { throw StageFailure("\(path) cannot be made") }
  }

  /// Waits for the terminal.
  func attach() throws {
    let isThere = StageClock.poll(atMost: .seconds(10)) {
      descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return descriptor >= 0
    }
    guard isThere else { throw StageFailure("nobody reads \(path)") }
  }

  func press(_ key: String) {
    _ = Array(key.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }
}
