package import Supervision

/// Where a supervisor gets its configuration from while it runs.
package protocol ConfigurationSource: AnyObject {
  /// Reads everything anew. What is accepted counts from now on.
  func readAnew() -> Reconfiguration
}

/// What came of reading the configuration anew.
package enum Reconfiguration: Equatable, Sendable {
  /// Everything that is wrong; what was in force still is.
  case rejected([String])
  case accepted(NewConfiguration)
}

/// A configuration that counts from now on.
package struct NewConfiguration: Equatable, Sendable {
  /// What each worker is sent at its next start.
  package var settings: [WorkerName: String]
  /// The workers for which something changed.
  package var affected: Set<WorkerName>
  /// Keys that changed and count only after a restart of the whole service.
  package var needsRestart: [String]
  /// What an operator should know although it is not wrong.
  package var notices: [String]

  package init(
    settings: [WorkerName: String], affected: Set<WorkerName>, needsRestart: [String] = [],
    notices: [String] = []
  ) {
    self.settings = settings
    self.affected = affected
    self.needsRestart = needsRestart
    self.notices = notices
  }
}
