import RiskModel

extension VenueReader {
  /// A URL of the venue, checked against what this installation may talk to.
  ///
  /// With a simulator, a variable may replace it, because simulators choose their ports late.
  func url(
    _ section: Section, _ key: String, _ schemes: [VenueEndpoint.Scheme],
    default standard: VenueEndpoint, variable name: String
  ) -> VenueEndpoint {
    let form = ValueForm.url(schemes, such: "\(standard)")
    var url = section.value(key, form, default: standard)
    let variable = variables.optional(name, form)
    if variable.isPresent {
      if development.usesMockVenue {
        url = variables.override(url, by: name, form)
      } else {
        section.findings.problem(
          variable.place, "is set, and development.testing.useMockApi is not true",
          "unset it, and write \(url.place.key)")
      }
    }
    check(url, section.findings)
    return url.value
  }

  private func check(_ url: Reading<VenueEndpoint>, _ findings: Findings) {
    guard url.isSound else { return }
    let shown = quoted("\(url.value)")
    let encrypted = url.value.scheme == .ws ? "wss" : "https"
    switch (url.value.scheme.isEncrypted, url.value.isLoopback) {
    case (false, false):
      findings.problem(
        url.place, "is \(shown), which is not encrypted and not on this machine",
        "write \(encrypted)://")
    case (false, true) where !development.usesMockVenue:
      findings.problem(
        url.place, "is \(shown), which is not encrypted",
        "write \(encrypted)://, or set development.testing.useMockApi: true for a simulator")
    case (true, false) where development.usesMockVenue:
      findings.problem(
        url.place, "is \(shown), and a simulator must be on this machine",
        "write a URL on 127.0.0.1, or set development.testing.useMockApi: false")
    default: break
    }
  }
}
