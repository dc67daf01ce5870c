import FoundationEssentials
import Glibc

/// A fresh folder for a riskd of the demonstration: configuration and credentials in it, everything
/// that riskd writes, and nothing of any other riskd.
package final class DemoRoot {
  /// What sun_path takes, its terminator excluded.
  private static let socketPathLimit = 107
  private static let socket = "/run/control.sock"
  private static let textFormat = #"format: "text""#
  private static let jsonFormat = #"format: "json""#

  package let path: String

  /// Copies the demonstration's configuration (`config/demo`) into a new folder, with log lines
  /// that a program can read.
  package init(
    configuration folder: String, below temporary: String? = nil
  ) throws(DemoError) {
    let main = try Self.read("\(folder)/config.yaml")
    guard main.components(separatedBy: Self.textFormat).count == 2 else {
      throw .unusable(
        path: "\(folder)/config.yaml", problem: "there must be one line \(Self.textFormat)")
    }
    let files = [
      ("config/config.yaml", main.replacing(Self.textFormat, with: Self.jsonFormat)),
      ("config/risk_config.yaml", try Self.read("\(folder)/risk_config.yaml")),
      ("config/accounts.yaml", try Self.read("\(folder)/accounts.yaml")),
      (".env", try Self.read("\(folder)/env.example")),
    ]
    path = try Self.makeFolder(below: temporary ?? Self.temporaryFolder)
    do throws(DemoError) {
      guard mkdir(path + "/config", 0o700) == 0 else {
        throw .unwritable(path: path + "/config", problem: systemProblem())
      }
      for (name, text) in files { try Self.write(text, to: "\(path)/\(name)") }
    } catch {
      remove()
      throw error
    }
  }

  /// Where riskd answers operators.
  package var controlSocket: String { path + Self.socket }

  /// Removes the folder with all that is in it. May be called more than once.
  package func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }

  private static var temporaryFolder: String {
    getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  }

  private static func makeFolder(below temporary: String) throws(DemoError) -> String {
    let name = "/riskd-demo-XXXXXX"
    let fits = temporary.utf8.count + name.utf8.count + socket.utf8.count <= socketPathLimit
    var template = Array(((fits ? temporary : "/tmp") + name).utf8CString)
    guard let made = mkdtemp(&template) else {
      throw .unwritable(path: temporary, problem: systemProblem())
    }
    return String(cString: made)
  }

  private static func read(_ path: String) throws(DemoError) -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw .unreadable(path: path, problem: "start this in riskd's source folder, or name another")
    }
  }

  /// Nobody else may read the files: riskd refuses credentials that others can read.
  private static func write(_ text: String, to path: String) throws(DemoError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else { throw .unwritable(path: path, problem: systemProblem()) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw .unwritable(path: path, problem: systemProblem())
    }
  }
}

/// The text of errno.
func systemProblem() -> String {
  strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
}
