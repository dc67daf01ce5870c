import Glibc

/// What to start, and with what.
package struct ChildLaunch {
  /// Path of the program; PATH is not searched.
  package var executable: String
  /// Without the program's own name, which is put first. Visible to every user of the machine.
  package var arguments: [String]
  /// Handed on without the variables that speak to the supervisor alone, see `ChildEnvironment`.
  package var environment: [String: String]
  /// Becomes descriptor 3 of the child. It stays open here; the caller closes it after the start,
  /// because the end of the channel is the sign of the child's death.
  package var control: Descriptor?
  /// Become descriptors 1 and 2; `nil` is the parent's own.
  package var output: Descriptor?
  package var errorOutput: Descriptor?

  package init(
    executable: String, arguments: [String] = [], environment: [String: String] = [:],
    control: Descriptor? = nil, output: Descriptor? = nil, errorOutput: Descriptor? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.control = control
    self.output = output
    self.errorOutput = errorOutput
  }
}

/// Which variables a child may see.
package enum ChildEnvironment {
  /// systemd talks to the main process with these. A worker that answered would be refused, or
  /// would keep a watchdog quiet that is not its own.
  package static func isReserved(_ name: String) -> Bool {
    name == "NOTIFY_SOCKET" || name.hasPrefix("WATCHDOG_") || name.hasPrefix("LISTEN_")
      || name.hasPrefix("FDSTORE")
  }

  package static func filtered(_ environment: [String: String]) -> [String: String] {
    environment.filter { !isReserved($0.key) }
  }

  /// The variables of this process that a child may see.
  package static func inherited() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return filtered(variables)
  }
}
