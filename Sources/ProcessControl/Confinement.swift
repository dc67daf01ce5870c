import CPlatform

/// What a process may still do once it has confined itself; everything else is closed for good.
///
/// It is no secret-keeper against the kernel's own faults, but whoever takes over a confined process
/// by what it reads from the network has little to go on with: no program to start, no file outside
/// of these, and no way out where there is no network.
package struct Confinement: Equatable, Sendable {
  package enum Network: Sendable {
    /// Connections to others; nobody connects here.
    case outgoing
    /// Connections to others, and others may connect here.
    case serving
    /// Unix sockets only.
    case none
  }

  /// Files, and directories with everything beneath them. What does not exist is left out.
  package var readable: [String]
  /// The same, to be changed too.
  package var writable: [String]
  package var network: Network
  package var mayDumpCore: Bool

  package init(
    readable: [String], writable: [String], network: Network, mayDumpCore: Bool = false
  ) {
    self.readable = readable
    self.writable = writable
    self.network = network
    self.mayDumpCore = mayDumpCore
  }

  /// Confines this process. Called before it starts threads of its own: the rules for files hold for
  /// the calling thread and for threads that it starts later.
  ///
  /// A restriction that the kernel does not have is left out and reported: a process that protects
  /// without it is better than none.
  package func apply() -> Restrictions {
    var made = Restrictions()
    let privileges = platform_forbid_new_privileges()
    made.note(privileges, "no-new-privs") { $0.forbidsNewPrivileges = true }
    if !mayDumpCore {
      made.note(platform_forbid_core_files(), "no core files") { $0.forbidsCoreFiles = true }
    }
    let isOutgoing: Int32 = network == .none ? 0 : 1
    let isServing: Int32 = network == .serving ? 1 : 0
    let version = applyLandlock(mayConnect: isOutgoing, mayServe: isServing)
    made.note(version, "landlock") { $0.landlockVersion = version }
    made.note(platform_seccomp_apply(isOutgoing, isServing), "seccomp") {
      $0.filtersSystemCalls = true
    }
    return made
  }

  private func applyLandlock(mayConnect: Int32, mayServe: Int32) -> Int32 {
    let rules = readable.map { ($0, Int32(0)) } + writable.map { ($0, Int32(1)) }
    let texts = rules.map { Array($0.0.utf8CString) }
    // One text behind the other, so that the pointers into them stay good together.
    let starts = texts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    return texts.flatMap(\.self).withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else {
        return platform_landlock_apply(nil, 0, mayConnect, mayServe)
      }
      let paths = rules.indices.map {
        platform_path(path: base + starts[$0], is_writable: rules[$0].1)
      }
      return platform_landlock_apply(paths, Int32(paths.count), mayConnect, mayServe)
    }
  }
}

/// What a process gave up.
package struct Restrictions: Equatable, Sendable {
  package fileprivate(set) var forbidsNewPrivileges = false
  package fileprivate(set) var forbidsCoreFiles = false
  /// The version of the kernel's landlock interface; `nil` where it is not in force.
  package fileprivate(set) var landlockVersion: Int32?
  package fileprivate(set) var filtersSystemCalls = false
  /// What could not be given up, and why.
  package fileprivate(set) var missing: [String] = []

  package init() {}

  fileprivate mutating func note(
    _ result: Int32, _ name: String, _ success: (inout Restrictions) -> Void
  ) {
    if result >= 0 {
      success(&self)
    } else {
      let reason = platform_error_text(-result).map { String(cString: $0) } ?? "\(-result)"
      missing.append("\(name) not available: \(reason)")
    }
  }
}

extension Restrictions: CustomStringConvertible {
  package var description: String {
    var names: [String] = []
    if let landlockVersion { names.append("landlock \(landlockVersion)") }
    if filtersSystemCalls { names.append("seccomp") }
    if forbidsNewPrivileges { names.append("no-new-privs") }
    if forbidsCoreFiles { names.append("no core files") }
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }
}
