import CSystemd
import ProcessControl
import Supervision

/// Where a worker's standard output and error go.
enum WorkerOutput {
  /// A stream of the journal of the worker's own: the journal marks every line of a stream with
  /// whoever opened it, so a stream that is shared would call every worker the supervisor.
  ///
  /// `nil`, the supervisor's own output, when that is not the journal or the journal is away.
  static func open(for worker: WorkerName, environment: [String: String]) -> Descriptor? {
    guard environment["JOURNAL_STREAM"] != nil else { return nil }
    let stream = sd_journal_stream_fd("riskd-\(worker.rawValue)", informational, 1)
    return stream < 0 ? nil : Descriptor(owning: stream)
  }

  /// LOG_INFO of syslog(3).
  private static let informational: Int32 = 6
}
