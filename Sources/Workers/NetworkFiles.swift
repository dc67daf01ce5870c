import Glibc

/// The single files that resolving names reads.
///
/// A confined process may read those that were there when it confined itself, and no other that is
/// put in their place: a machine that changes its network replaces /etc/resolv.conf. Whoever sees
/// that starts anew, and is confined anew.
struct NetworkFiles {
  static let standard = [
    "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
    "/etc/services", "/etc/protocols",
  ]

  private let watched: [String]

  /// Called when the process is confined; what it cannot read then is of no interest later.
  init(_ files: [String] = standard) {
    watched = files.filter { Self.problem(with: $0) == nil }
  }

  /// A file that was put in the place of one that could be read, and cannot be.
  var replaced: String? { watched.first { Self.problem(with: $0) == EACCES } }

  /// In earnest: what a process has denied itself is not asked by access(2).
  private static func problem(with file: String) -> Int32? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return errno }
    close(descriptor)
    return nil
  }
}
