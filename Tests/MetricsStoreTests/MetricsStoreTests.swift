import Foundation
import GRDB
import MetricsStore
import RiskModel
import RiskTestKit
import Testing

@Suite struct MetricsStoreTests {
  private let folder = TemporaryFolder("riskd-metrics")

  private func at(_ seconds: Int64) -> Instant {
    Instant(secondsSinceEpoch: 1_763_735_400 + seconds)
  }

  @Test func `values come back in order and to the millionth`() throws {
    defer { folder.remove() }
    let store = try MetricsStore(path: folder.file("metrics.db"))
    defer { store.close() }
    let values = (0..<3).map {
      StoredMetric(
        at: at(Int64($0)), name: "memory_usage_mb", label: "", millionths: 1_234_567 + Int64($0))
    }
    try store.record(values)
    try store.record([
      StoredMetric(
        at: at(9), name: "rule_breach_counts_by_rule", label: "max_contracts", millionths: 1)
    ])
    #expect(try store.values(of: "memory_usage_mb", since: at(1)) == Array(values.dropFirst()))
    #expect(try store.names() == ["memory_usage_mb", "rule_breach_counts_by_rule"])
    let reader = try MetricsStore(path: folder.file("metrics.db"), readOnly: true)
    #expect(try reader.values(of: "rule_breach_counts_by_rule", since: at(0)).count == 1)
    reader.close()
  }

  @Test func `what is old is forgotten, all of it, in pieces`() throws {
    defer { folder.remove() }
    let store = try MetricsStore(path: folder.file("metrics.db"))
    defer { store.close() }
    try store.record(
      (0..<12_000).map {
        StoredMetric(at: at(Int64($0)), name: "x", label: "", millionths: 0)
      })
    #expect(try store.forget(before: at(11_990)) == 11_990)
    #expect(try store.values(of: "x", since: at(0)).count == 10)
    #expect(try store.forget(before: at(11_990)) == 0)
  }

  @Test func `no file is made beside the two that the monitor may write`() throws {
    defer { folder.remove() }
    let store = try MetricsStore(path: folder.file("metrics.db"))
    try store.record([StoredMetric(at: at(0), name: "x", label: "", millionths: 0)])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["metrics.db", "metrics.db-journal"])
    store.close()
  }

  @Test func `what is no database says so`() throws {
    defer { folder.remove() }
    try Data(repeating: 7, count: 4_096).write(to: URL(filePath: folder.file("metrics.db")))
    let error = #expect(throws: MetricsStoreError.self) {
      try MetricsStore(path: folder.file("metrics.db"))
    }
    #expect(error?.description.contains("not a database") == true)
    #expect(throws: MetricsStoreError.self) {
      try MetricsStore(path: folder.file("nowhere/metrics.db"))
    }
  }

  /// A monitor that died while it wrote; the next one may write both files and remove none.
  @Test func `what was begun and not finished is taken back, and the journal's file stays`() throws
  {
    defer { folder.remove() }
    let path = folder.file("metrics.db")
    let store = try MetricsStore(path: path)
    try store.record(
      (0..<100).map { StoredMetric(at: at($0), name: "x", label: "", millionths: 1_000_000) })
    store.close()
    let writer = try DatabaseQueue(path: path)
    try writer.inDatabase { db in
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = PERSIST")
      try db.execute(sql: "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE")
      try db.execute(sql: "UPDATE metrics SET value = 7, name = hex(randomblob(2000))")
      for name in ["metrics.db", "metrics.db-journal"] {
        try FileManager.default.copyItem(
          atPath: folder.file(name), toPath: folder.file("left-" + name))
      }
      try db.execute(sql: "ROLLBACK")
    }
    let journal = folder.file("left-metrics.db-journal")
    #expect(!isEmptyJournal(journal))
    let next = try MetricsStore(path: folder.file("left-metrics.db"))
    defer { next.close() }
    #expect(try next.values(of: "x", since: at(0)).map(\.millionths).allSatisfy { $0 == 1_000_000 })
    #expect(try next.values(of: "x", since: at(0)).count == 100)
    #expect(isEmptyJournal(journal))
    try next.record([StoredMetric(at: at(200), name: "x", label: "", millionths: 0)])
    let reader = try MetricsStore(path: folder.file("left-metrics.db"), readOnly: true)
    #expect(try reader.values(of: "x", since: at(0)).count == 101)
    reader.close()
  }

  /// One that is there, and whose head is zero or not there.
  private func isEmptyJournal(_ path: String) -> Bool {
    guard let bytes = FileManager.default.contents(atPath: path) else { return false }
    return bytes.prefix(8).allSatisfy { $0 == 0 }
  }
}
