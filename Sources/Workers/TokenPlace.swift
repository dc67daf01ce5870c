import Glibc
import Settings

/// Where the token store really is.
///
/// A worker that renews the token has to make and replace files beside it, and what it may do with
/// one file of a folder it may do with all. So a store that is configured to be in the database's
/// folder gets a folder of its own there, `data/tokens/`, and a link under the configured name.
enum TokenPlace {
  static let folderName = "tokens"

  /// The file that workers use; its folder is theirs.
  static func file(_ settings: RiskdSettings, root: String) -> String {
    let configured = whole(settings.venue.token.storePath, root)
    let folder = directory(of: configured)
    guard folder == directory(of: whole(settings.database.path, root)) else { return configured }
    return "\(folder)/\(folderName)/\(configured.dropFirst(folder.count + 1))"
  }

  /// Makes the folder (mode 700) and the link, if there has to be one.
  ///
  /// - Returns: What went wrong, for people; riskd can go on, with a sign-in at each start.
  static func prepare(_ settings: RiskdSettings, root: String) -> String? {
    let configured = whole(settings.venue.token.storePath, root)
    let file = file(settings, root: root)
    guard file != configured else { return nil }
    let folder = directory(of: file)
    if mkdir(folder, 0o700) != 0, errno != EEXIST { return problem("mkdir", folder) }
    var status = stat()
    guard lstat(configured, &status) == 0 else {
      let target = String(file.dropFirst(directory(of: configured).count + 1))
      return symlink(target, configured) == 0 ? nil : problem("link", configured)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    // Of a release that kept it there.
    guard rename(configured, file) == 0 else { return problem("move", configured) }
    return prepare(settings, root: root)
  }

  private static func whole(_ path: String, _ root: String) -> String {
    path.hasPrefix("/") ? path : "\(root)/\(path)"
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func problem(_ what: String, _ path: String) -> String {
    "\(what) \(path): \(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")"
  }
}
