package import Supervision

/// What a supervisor gives its workers, and where more of it comes from.
package struct SupervisedConfiguration {
  /// What each worker is sent at its start: JSON text, with the secrets of its role.
  package var settings: [WorkerName: String]
  /// Why this is an earlier configuration; `nil` when it is the present one.
  package var problem: String?
  /// `nil` where the configuration stays what it is.
  package var source: (any ConfigurationSource)?
  /// Variables of the environment that no worker inherits.
  package var withheldVariables: Set<String>

  package init(
    settings: [WorkerName: String], problem: String? = nil,
    source: (any ConfigurationSource)? = nil, withheldVariables: Set<String> = []
  ) {
    self.settings = settings
    self.problem = problem
    self.source = source
    self.withheldVariables = withheldVariables
  }
}
