import AdminPassword
package import ControlPlane
import Glibc
import ProcessControl
package import RiskModel

/// Who may end a lockout at this terminal: root, with the administrator's password and the lockout's
/// name typed again. riskd itself asks for root once more.
package struct LockoutAuthority {
  /// A terminal, as a test can hold it too.
  package struct Terminal {
    package var ask: (String) -> String?
    package var askHidden: (String) -> String?

    package init(
      ask: @escaping (String) -> String?, askHidden: @escaping (String) -> String?
    ) {
      self.ask = ask
      self.askHidden = askHidden
    }
  }

  private let root: String
  private let terminal: Terminal
  private let isRoot: Bool
  private let clock: any Clock

  package init(
    root: String, terminal: Terminal, isRoot: Bool = geteuid() == 0,
    clock: any Clock = SystemClock()
  ) {
    self.root = root
    self.terminal = terminal
    self.isRoot = isRoot
    self.clock = clock
  }

  /// Why the lockout may not be ended here; `nil` when it may.
  package func refusal(of id: String) -> CommandOutcome? {
    let gate = AdministratorGate(root: root, terminal: terminal, isRoot: isRoot, clock: clock)
    if let refusal = gate.refusal(purpose: "end a lockout") { return refusal }
    guard terminal.ask("Type the lockout's name again to end it (\(id)): ") == id else {
      return refused("lockout \(id) stands")
    }
    return nil
  }

  private func refused(_ text: String) -> CommandOutcome {
    CommandOutcome(.refused, complaint: "riskctl: \(text)\n")
  }
}

extension LockoutAuthority.Terminal {
  /// Standard input, questions on standard error; what is hidden is not echoed where it is a
  /// terminal.
  package static var standard: Self {
    Self(
      ask: { prompt in
        write(prompt)
        return PasswordPrompt.lineOrEnd(from: STDIN_FILENO).map {
          String(decoding: $0, as: UTF8.self)
        }
      },
      askHidden: { prompt in
        PasswordPrompt.hiddenLine(prompt, from: STDIN_FILENO, to: STDERR_FILENO)
          .map { String(decoding: $0, as: UTF8.self) }
      })
  }

  /// Passwords come from a descriptor, a line each; other questions go to standard input.
  package static func password(from descriptor: Int32) -> Self {
    Self(
      ask: standard.ask,
      askHidden: { _ in
        PasswordPrompt.lineOrEnd(from: descriptor).map { String(decoding: $0, as: UTF8.self) }
      })
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
