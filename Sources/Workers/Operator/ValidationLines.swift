import Glibc
import RiskModel
import Settings

/// The six lines of a validation, and one more for each other file that is wrong.
struct ValidationLines {
  private static let folders = ["config", "data", "logs", "backups"]

  /// What riskd would make at its start, and something else stands in the way.
  static func blockedFolders(root: String) -> [ConfigurationProblem] {
    folders.dropFirst().compactMap { name in
      var status = stat()
      guard stat("\(root)/\(name)", &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
        return nil
      }
      return ConfigurationProblem(
        file: name, line: nil, key: "", message: noFolder,
        suggestion: "move it away; riskd makes the folder at its start")
    }
  }

  private static let noFolder = "is no folder"

  let root: String
  let problems: [ConfigurationProblem]
  var libraries = LibraryCheck()

  var text: String {
    var lines = [
      line("config.yaml", "Valid", of: mainProblems),
      line("risk_config.yaml", "Valid", of: problems(in: "config/risk_config.yaml")),
      line(".env", "All required variables present", of: secretProblems),
      libraries.line,
      directories,
      line("Permissions", "Correct file permissions set", of: modeProblems),
    ]
    for file in otherFiles { lines.append(line(file, "Valid", of: problems(in: file))) }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(
    _ name: String, _ good: String, of problems: [ConfigurationProblem]
  ) -> String {
    switch problems.count {
    case 0: "✅ \(name): \(good)"
    case 1: "❌ \(name): 1 problem"
    default: "❌ \(name): \(problems.count) problems"
    }
  }

  /// A mode that is wrong is no fault of a file's content.
  private var modeProblems: [ConfigurationProblem] {
    problems.filter { $0.message.hasPrefix("has mode ") }
  }

  private func problems(in file: String) -> [ConfigurationProblem] {
    problems.filter { $0.file == file && !$0.message.hasPrefix("has mode ") }
  }

  private var secretProblems: [ConfigurationProblem] {
    let names = Set([".env", "environment"])
    return problems.filter { problem in
      !problem.message.hasPrefix("has mode ")
        && (names.contains(problem.file) || problem.file.hasSuffix("riskd.env"))
    }
  }

  private var mainProblems: [ConfigurationProblem] {
    let others = Set(otherFiles + ["config/risk_config.yaml"])
    return problems.filter { problem in
      problem.message != Self.noFolder && !problem.message.hasPrefix("has mode ")
        && !others.contains(problem.file)
        && !secretProblems.contains(problem)
    }
  }

  private var otherFiles: [String] {
    [
      "config/accounts.yaml", "config/holidays.yaml", "config/monitoring.yaml",
      "config/logging.yaml",
    ].filter { !problems(in: $0).isEmpty }
  }

  /// What riskd makes itself at its start is not missing.
  private var directories: String {
    let blocked = problems.filter { $0.message == Self.noFolder }.map(\.file)
    guard blocked.isEmpty else {
      return "❌ Directories: \(blocked.joined(separator: ", ")) is no folder"
    }
    let missing = Self.folders.filter { name in
      var status = stat()
      return stat("\(root)/\(name)", &status) != 0 || status.st_mode & S_IFMT != S_IFDIR
    }
    guard !missing.isEmpty else {
      return "✅ Directories: " + Self.folders.map { $0 + "/" }.joined(separator: ", ") + " exist"
    }
    let names = missing.map { $0 + "/" }.joined(separator: ", ")
    return missing.contains("config")
      ? "❌ Directories: \(names) missing" : "⏳ Directories: \(names) made at the first start"
  }
}
