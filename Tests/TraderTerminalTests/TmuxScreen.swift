import Foundation
import Glibc
import Testing

/// risktop in a real terminal, which tmux plays.
final class TmuxScreen {
  static let tmux = "/usr/bin/tmux"
  static var isThere: Bool { access(tmux, X_OK) == 0 }

  private let folder: String

  /// Nothing of what whoever runs the tests says about their own terminal.
  private static let bareEnvironment = "env -u LANG -u LC_ALL -u LC_CTYPE -u NO_COLOR"

  /// Runs risktop in a shell that notes the terminal's modes before and after it.
  init(
    root: String, columns: Int = 80, rows: Int = 24, environment: String = "LANG=C.UTF-8"
  ) throws {
    folder = root
    let script = """
      stty -a > \(root)/before; \(Self.bareEnvironment) \(environment) \
      \(builtProgram("risktop")) --root \(root); \
      echo LEFT $?; stty -a > \(root)/after; exec sleep 60
      """
    try start(
      ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", script])
  }

  deinit { _ = try? command(["kill-server"]) }

  var text: String { (try? command(["capture-pane", "-p"])) ?? "" }

  /// Every line of it, without the blanks at their ends.
  var page: String { TmuxScreen.trimmed(text) }

  /// The same with what the terminal shows its text in: `<green>`, `<bold red>` and so on stand
  /// where it begins, `<>` where it is over.
  var styledPage: String {
    var style = TerminalStyle()
    let lines = ((try? command(["capture-pane", "-p", "-e"])) ?? "")
      .split(separator: "\n", omittingEmptySubsequences: false)
    return TmuxScreen.trimmed(lines.map { style.marked($0) }.joined(separator: "\n"))
  }

  private static func trimmed(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.replacing(/\ +$/, with: "") }.joined(separator: "\n")
  }

  func press(_ keys: String...) throws { try command(["send-keys"] + keys) }

  /// From now on keeps every byte that is written to the terminal.
  func record() throws { try command(["pipe-pane", "-O", "cat > \(folder)/bytes"]) }

  var recorded: String {
    (try? String(contentsOfFile: folder + "/bytes", encoding: .utf8)) ?? ""
  }

  func resize(_ columns: Int, _ rows: Int) throws {
    try command(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  func shows(_ text: String) -> Bool { eventually { self.text.contains(text) } }

  /// The process id of the risktop in the terminal.
  var risktop: Int32? {
    let shell = ((try? command(["display-message", "-p", "#{pane_pid}"])) ?? "")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let children = try? String(
      contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
    return children?.split(separator: " ").first.flatMap { Int32($0) }
  }

  /// The modes of the terminal are what they were, once the shell has noted them again.
  var isRestored: Bool {
    func modes(_ name: String) -> String? {
      (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8))
        .flatMap { $0.contains("echo") ? $0 : nil }
        // The first line tells the size, which is the terminal's own business.
        .map { $0.split(separator: "\n").dropFirst().joined(separator: "\n") }
    }
    return eventually { modes("after") != nil } && modes("after") == modes("before")
  }

  /// The server that stays behind must not inherit what tells of the end of a program.
  private func start(_ arguments: [String]) throws {
    let words = [Self.tmux, "-S", folder + "/tmux"] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    for descriptor in Int32(3)...255 {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var child: pid_t = 0
    let result = posix_spawn(&child, Self.tmux, &actions, nil, &pointers, environ)
    try #require(result == 0)
    var status: Int32 = 0
    _ = waitpid(child, &status, 0)
    #expect(status == 0, "tmux did not start")
  }

  @discardableResult
  private func command(_ arguments: [String]) throws -> String {
    let result = try run(Self.tmux, ["-u", "-S", folder + "/tmux"] + arguments)
    #expect(result.code == 0, "tmux \(arguments): \(result.complaint)")
    return result.output
  }
}
