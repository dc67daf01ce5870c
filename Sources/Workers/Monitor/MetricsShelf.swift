import AlertRules
import Glibc
import Logging
import MetricsStore
import MonitorRole
import RiskModel

/// data/metrics.db as the monitor's role sees it. A database that cannot be used is tried again with
/// the next values.
final class MetricsShelf: MetricsBook {
  private let path: String
  private let logger: Logger
  private var store: MetricsStore?
  private var isFailing = false
  private(set) var unrecorded: Int64 = 0

  init(path: String, logger: Logger) {
    self.path = path
    self.logger = logger
  }

  func record(_ samples: [Measurements.Sample], at: Instant) {
    let isRecorded = perform { store in
      try store.record(
        samples.map {
          StoredMetric(
            at: at, name: $0.metric.rawValue, label: $0.label, millionths: $0.value.millionths)
        })
    }
    if !isRecorded { unrecorded += Int64(samples.count) }
  }

  func counts(_ metrics: [MetricName], since: Instant) -> [KeptCount] {
    var counts: [KeptCount] = []
    _ = perform { store in
      counts = try metrics.flatMap { metric in
        try store.values(of: metric.rawValue, since: since).map { stored in
          KeptCount(
            at: stored.at, metric: metric, label: stored.label,
            value: MetricNumber(millionths: stored.millionths))
        }
      }
    }
    return counts
  }

  func forget(before: Instant) {
    _ = perform { try $0.forget(before: before) }
  }

  func close() { store?.close() }

  private func perform(_ body: (MetricsStore) throws -> Void) -> Bool {
    do {
      let store = try store ?? MetricsStore(path: path)
      self.store = store
      try body(store)
      if isFailing { logger.notice("Metrics are kept again") }
      isFailing = false
      return true
    } catch {
      store?.close()
      store = nil
      if !isFailing { logger.error("Metrics are not kept", metadata: ["problem": "\(error)"]) }
      isFailing = true
      return false
    }
  }
}

/// Sizes of files and disks.
final class MachineSizes: MachineWatch {
  private let database: String

  init(database: String) {
    self.database = database
  }

  func figures() -> MachineFigures {
    var disk = statvfs()
    guard statvfs(database, &disk) == 0 else { return MachineFigures(databaseBytes: databaseBytes) }
    func bytes(_ blocks: UInt64) -> Int64 { Int64(clamping: blocks * UInt64(disk.f_frsize)) }
    // What only root may still write does not count, neither as free nor as used.
    let free = UInt64(disk.f_bavail)
    let used = UInt64(disk.f_blocks) - UInt64(disk.f_bfree)
    return MachineFigures(
      databaseBytes: databaseBytes, freeBytes: bytes(free), diskBytes: bytes(free + used))
  }

  private var databaseBytes: Int64? {
    guard let bytes = size(of: database) else { return nil }
    return bytes + (size(of: database + "-wal") ?? 0)
  }

  private func size(of path: String) -> Int64? {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }
}
