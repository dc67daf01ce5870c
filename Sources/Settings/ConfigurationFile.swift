import Glibc

/// Reads the files of the configuration.
struct ConfigurationFile {
  /// A configuration is a few kilobytes; more is a mistake, such as a log in its place.
  static let mostBytes = 256 * 1024

  var root: String
  var findings: Findings
  /// A folder whose files count instead of those of the same name in the root's `config`.
  var overlay: String?
  /// Texts that are looked at instead of the files of these names.
  var candidates: [String: String] = [:]

  init(root: String, findings: Findings, overlay: String? = nil) {
    self.root = root
    self.findings = findings
    self.overlay = overlay
  }

  /// An absolute path, or one below the root.
  func path(_ name: String) -> String {
    guard !name.hasPrefix("/") else { return name }
    if let overlay, name.hasPrefix("config/") {
      let replacement = "\(overlay)/\(name.dropFirst("config/".count))"
      if access(replacement, F_OK) == 0 { return replacement }
    }
    return "\(root)/\(name)"
  }

  func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

  /// The text of a file; `nil`, with a problem, when there is none to be had.
  ///
  /// A private file is one that nobody but its owner may read or change. Messages call the file
  /// `title`.
  func text(
    of name: String, title: String? = nil, isPrivate: Bool, ifMissing suggestion: String
  ) -> String? {
    if let candidate = candidates[name] { return candidate }
    let title = title ?? name
    let place = Place(file: title, line: nil, key: "")
    // A FIFO in the place of a file must not hold up the start.
    let descriptor = open(path(name), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT {
        findings.problem(place, "does not exist", suggestion)
      } else {
        findings.problem(place, "cannot be read: \(systemError())", "make it readable for riskd")
      }
      return nil
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      findings.problem(place, "is not a file", suggestion)
      return nil
    }
    checkMode(status.st_mode, title, isPrivate: isPrivate)
    guard let bytes = bytes(of: descriptor, at: place) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      findings.problem(place, "is not UTF-8 text", "save it as UTF-8")
      return nil
    }
    return text
  }

  /// Refuses a directory that is open to others.
  func checkDirectory(_ name: String) {
    var status = stat()
    guard stat(path(name), &status) == 0, status.st_mode & 0o077 != 0 else { return }
    findings.problem(
      Place(file: name, line: nil, key: ""),
      "has mode \(octal(status.st_mode)), so others may look into it", "run chmod 700 \(name)")
  }

  private func checkMode(_ mode: mode_t, _ name: String, isPrivate: Bool) {
    let place = Place(file: name, line: nil, key: "")
    if isPrivate, mode & 0o077 != 0 {
      findings.problem(
        place, "has mode \(octal(mode)), which lets others use it", "run chmod 600 \(name)")
    } else if mode & 0o022 != 0 {
      findings.problem(
        place, "has mode \(octal(mode)), so others may change the rules", "run chmod go-w \(name)")
    }
  }

  private func bytes(of descriptor: Int32, at place: Place) -> [UInt8]? {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while content.count <= ConfigurationFile.mostBytes {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return content }
      if count < 0 {
        if errno == EINTR { continue }
        findings.problem(place, "cannot be read: \(systemError())", "look at the disk")
        return nil
      }
      content += chunk[..<count]
    }
    findings.problem(
      place, "is larger than \(ConfigurationFile.mostBytes / 1_024) KiB",
      "put the configuration there, and nothing else")
    return nil
  }

  private func octal(_ mode: mode_t) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  private func systemError() -> String { String(cString: strerror(errno)) }
}
