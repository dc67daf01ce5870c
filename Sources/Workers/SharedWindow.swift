import Logging
import RequestWindow
import RiskModel
import Settings

extension RequestWindow {
  /// The window of requests of one root, below its folder of what runs.
  static let fileName = "run/requests"

  /// `nil` where the configuration switches the limits off.
  static func shared(_ briefing: WorkerBriefing, _ logger: Logger) -> RequestWindow? {
    let limits = briefing.settings.venue.requestLimits
    guard limits.isEnabled else { return nil }
    let window = RequestWindow(
      path: briefing.path(fileName), limits: RequestLimits(limits))
    if let problem = window.problem {
      logger.error(
        "The request window is not shared: every worker counts its own requests",
        metadata: ["problem": "\(problem)"])
    }
    return window
  }
}

extension RequestLimits {
  init(_ settings: RequestLimitSettings) {
    self.init(
      general: Window(
        requests: Int(settings.general.requests), length: settings.general.length),
      history: Window(
        requests: Int(settings.history.requests), length: settings.history.length))
  }
}

extension TokenSettings {
  /// As many waits as there are quick retries; the last configured wait repeats.
  var quickDelays: [TimeSpan] {
    guard let last = retryDelays.last else { return [] }
    let count = Int(quickRetries)
    return Array(retryDelays.prefix(count))
      + Array(repeating: last, count: max(0, count - retryDelays.count))
  }
}
