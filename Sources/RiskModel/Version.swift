/// The versions that journals, links and status screens carry.
package enum RiskdVersion {
  /// The release.
  package static let release = "0.1.0"
  /// Raised when the same journal would give other decisions.
  package static let engine = 6
}
