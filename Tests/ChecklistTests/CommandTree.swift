import Foundation

/// What riskctl understands, as riskctl itself says.
struct CommandTree {
  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable {
        var kind: String
        var name: String
      }

      var kind: String
      var names: [Name]?
    }

    var commandName: String
    var subcommands: [Command]?
    var arguments: [Argument]?
  }

  private struct Dump: Decodable {
    var command: Command
  }

  private let root: Command

  /// Asks the riskctl that was built beside the tests.
  init() throws {
    let process = Process()
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(filePath: own).deletingLastPathComponent()
      .appending(path: "riskctl")
    process.arguments = ["--experimental-dump-help"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    root = try JSONDecoder().decode(Dump.self, from: bytes).command
  }

  /// Whether there is such a subcommand with such options; `line` begins with riskctl.
  func takes(_ line: String) -> Bool {
    var command = root
    var free = 0
    for word in line.split(separator: " ").dropFirst().map(String.init) {
      if word.hasPrefix("--") {
        let names = (command.arguments ?? []).flatMap { $0.names ?? [] }
        guard names.contains(where: { $0.kind == "long" && "--\($0.name)" == word }) else {
          return false
        }
        // Its value, if it has one, is not looked at.
        free = .max / 2
      } else if let next = command.subcommands?.first(where: { $0.commandName == word }) {
        command = next
        free = (next.arguments ?? []).filter { $0.kind == "positional" }.count
      } else {
        free -= 1
        guard free >= 0 else { return false }
      }
    }
    return true
  }
}
