import Glibc
import Settings

/// Whether anybody but the owner can get at what riskd keeps.
enum DataModes {
  /// Everything that is open to others: folders have to be 700, files 600. What does not exist yet
  /// is made that way.
  static func problems(
    root: String, _ settings: DatabaseSettings, tokenFile: String = "data/tokens.enc"
  ) -> [ConfigurationProblem] {
    problems(
      root: root, database: settings.path, backups: settings.backup.directory,
      tokenFile: tokenFile)
  }

  static func problems(
    root: String, database: String = "data/risk_manager.db", backups: String = "backups",
    tokenFile: String = "data/tokens.enc"
  ) -> [ConfigurationProblem] {
    func path(_ name: String) -> String {
      let whole = name.hasPrefix("/") ? name : "\(root)/\(name)"
      return whole.count > 1 && whole.hasSuffix("/") ? String(whole.dropLast()) : whole
    }
    let database = path(database)
    let folder = database.lastIndex(of: "/").map { String(database[..<$0]) } ?? root
    var problems: [ConfigurationProblem] = []
    // A database at the top of the root: the root is not riskd's own folder.
    let folders = Set([path("data"), folder, path(backups)])
    for folder in folders.sorted() where folder != root {
      problems += check(folder, is: "700", root)
    }
    let files =
      ["", "-wal", "-shm", ".ballast"].map { database + $0 }
      + ["data/audit.log", MonitorFiles.metrics, tokenFile].map(path)
    for file in files { problems += check(file, is: "600", root) }
    return problems
  }

  private static func check(
    _ path: String, is right: String, _ root: String
  ) -> [ConfigurationProblem] {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return [] }
    let name = path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    return [
      ConfigurationProblem(
        file: name, line: nil, key: "",
        message:
          "has mode \(String(status.st_mode & 0o7777, radix: 8)), so others may look into it",
        suggestion: "run chmod \(right) \(name)")
    ]
  }
}
