import AlertRules
import Foundation
import GRDB
import MetricsStore
import RiskModel
import RiskTestKit
import Testing

/// ops/grafana-dashboard.json on a database as the monitor writes it, asked as Grafana's data source
/// for SQLite asks.
@Suite struct DashboardTests {
  private struct Dashboard: Decodable {
    struct Panel: Decodable {
      struct Source: Decodable {
        var type: String
        var uid: String
      }

      struct Target: Decodable {
        var refId: String
        var queryType: String
        var queryText: String
        var rawQueryText: String
        var timeColumns: [String]
      }

      var id: Int
      var title: String
      var type: String
      var datasource: Source
      var targets: [Target]
    }

    var title: String
    var refresh: String
    var panels: [Panel]
  }

  private static let begin = Instant(secondsSinceEpoch: 1_763_735_400)
  private static let end = begin + .seconds(3_600)

  private let folder = TemporaryFolder("riskd-dashboard")

  private func dashboard() throws -> Dashboard {
    let file = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ops/grafana-dashboard.json")
    return try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
  }

  /// Every metric, before the hour that is shown, within it and behind it; the value tells which metric.
  private func fill() throws -> [String: Double] {
    let store = try MetricsStore(path: folder.file("metrics.db"))
    defer { store.close() }
    var values: [String: Double] = [:]
    for (index, metric) in MetricName.collectable.enumerated() {
      let label = metric == .ruleBreaches ? "max_contracts" : ""
      values[metric.rawValue] = Double(index + 1)
      try store.record(
        [Self.begin - .seconds(1), Self.begin, Self.end - .seconds(1), Self.end].map {
          StoredMetric(
            at: $0, name: metric.rawValue, label: label, millionths: Int64(index + 1) * 1_000_000)
        })
    }
    return values
  }

  @Test func `there are four panels, drawn anew every five seconds`() throws {
    defer { folder.remove() }
    let dashboard = try dashboard()
    #expect(dashboard.title == "riskd")
    #expect(dashboard.refresh == "5s")
    #expect(
      dashboard.panels.map(\.title)
        == ["Event latency", "API errors", "Memory usage", "Rule breaches"])
    #expect(Set(dashboard.panels.map(\.id)).count == 4)
    for panel in dashboard.panels {
      #expect(panel.type == "timeseries")
      #expect(panel.datasource.type == "frser-sqlite-datasource")
      #expect(panel.datasource.uid == "riskd-metrics")
      #expect(!panel.targets.isEmpty, "\(panel.title)")
      for target in panel.targets {
        #expect(target.queryType == "time series")
        #expect(target.queryText == target.rawQueryText)
      }
    }
  }

  @Test func `each query finds its metrics of the time that is shown, and nothing else`() throws {
    defer { folder.remove() }
    let values = try fill()
    let database = try DatabaseQueue(path: folder.file("metrics.db"))
    let expected: [String: Set<String>] = [
      "Event latency": [
        "event_processing_latency_p50", "event_processing_latency_p95",
        "event_processing_latency_p99",
      ],
      "API errors": ["api_error_rate"], "Memory usage": ["memory_usage_mb"],
      "Rule breaches": ["max_contracts"],
    ]
    for panel in try dashboard().panels {
      for target in panel.targets {
        let names = target.queryText.matches(of: /'([a-z0-9_]+)'/).map { String($0.output.1) }
        for name in names {
          #expect(
            MetricName(rawValue: name).map(MetricName.collectable.contains) == true, "\(name)")
        }
        let sql = target.queryText
          .replacing("$__from", with: "\(Self.begin.nanosSinceEpoch / 1_000_000)")
          .replacing("$__to", with: "\(Self.end.nanosSinceEpoch / 1_000_000)")
        let rows = try database.read { try Row.fetchAll($0, sql: sql) }
        #expect(Set(rows.map { $0["metric"] as String }) == expected[panel.title], "\(panel.title)")
        #expect(rows.count == names.count * 2, "\(panel.title)")
        #expect(
          rows.map { $0["value"] as Double }.sorted()
            == names.compactMap { values[$0] }.flatMap { [$0, $0] }.sorted())
        for column in target.timeColumns {
          let times = Set(rows.map { $0[column] as Int64 })
          #expect(times == [1_763_735_400, 1_763_738_999], "\(panel.title)")
        }
      }
    }
  }
}
