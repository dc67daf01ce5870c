import AlertRules
package import ControlPlane
import MetricsStore
import PeerProtocol
import ProcessControl
package import RiskModel
import Supervision

/// `riskctl metrics analyze`: what the monitor kept of a span, as percentiles.
package struct MetricsAnalysis {
  private let path: String
  private let span: TimeSpan
  private let names: [String]
  private let assertions: [String]
  private let clock: any Clock

  /// `names`: metrics, or a part of their names; none are all. `assertions` are in the language of
  /// alert conditions, without `for`.
  package init(
    root: String, span: TimeSpan, names: [String], assertions: [String],
    clock: any Clock = SystemClock()
  ) {
    path = "\(root)/\(MonitorFiles.metrics)"
    self.span = span
    self.names = names
    self.assertions = assertions
    self.clock = clock
  }

  /// What was found. The JSON form is an interface: keys are only ever added. Values are decimal
  /// texts in the unit of the metric.
  struct Report: Equatable, Codable {
    var from: String
    var to: String
    var metrics: [MetricSummary]
    var assertions: [MetricAssertion]
  }

  /// 0, or 1 when an assertion does not hold; 2 when there are no metrics to look at.
  package func outcome(asJSON: Bool) -> CommandOutcome {
    let now = clock.now()
    do {
      let conditions = try assertions.map(condition)
      let store = try MetricsStore(path: path, readOnly: true)
      defer { store.close() }
      let known = try store.names()
      let wanted =
        names.isEmpty ? known : known.filter { name in names.contains { name.contains($0) } }
      guard names.isEmpty || !wanted.isEmpty else {
        return CommandOutcome(
          .environment,
          complaint: "riskctl: no metric has \(names.joined(separator: " or ")) in its name; "
            + "there are \(known.joined(separator: ", "))\n")
      }
      let report = Report(
        from: (now - span).timestamp, to: now.timestamp,
        metrics: try wanted.flatMap {
          MetricSummary.all(of: try store.values(of: $0, since: now - span))
        },
        assertions: try conditions.map {
          MetricAssertion($0, try store.values(of: $0.metric.rawValue, since: now - span))
        })
      return CommandOutcome(
        report.assertions.allSatisfy(\.holds) ? .yes : .no,
        output: asJSON
          ? String(decoding: try MessageCoder().encode(report), as: UTF8.self) + "\n"
          : report.text)
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }

  private func condition(_ text: String) throws(AssertionProblem) -> AlertCondition {
    let condition: AlertCondition
    do throws(AlertSyntaxError) {
      condition = try AlertCondition(text)
    } catch {
      throw .syntax(text, error)
    }
    guard condition.hold == nil else { throw .hold(text) }
    guard !MetricName.states.contains(condition.metric) else {
      throw .state(condition.metric.rawValue)
    }
    return condition
  }
}

/// Why an assertion cannot be looked at.
enum AssertionProblem: Error, Equatable, CustomStringConvertible {
  case syntax(String, AlertSyntaxError)
  case hold(String)
  case state(String)

  var description: String {
    switch self {
    case .syntax(let text, let error): "--assert \(text): \(error)"
    case .hold(let text):
      "--assert \(text): for has no meaning here; the span is --last-24h or such"
    case .state(let name): "--assert: \(name) is for alerts and not kept"
    }
  }
}

extension MetricsAnalysis.Report {
  var text: String {
    let header = ["METRIC", "MIN", "P50", "P95", "P99", "MAX", "COUNT"]
    let rows = metrics.map { metric in
      let name = metric.label.isEmpty ? metric.name : "\(metric.name){\(metric.label)}"
      return [
        name, metric.min, metric.p50, metric.p95, metric.p99, metric.max, "\(metric.count)",
      ]
    }
    let table = ColumnText.render([header] + rows, right: [1, 2, 3, 4, 5, 6])
    return "\(from) to \(to)\n\n" + (rows.isEmpty ? "no values\n" : table)
      + (assertions.isEmpty ? "" : "\n") + assertions.map { "\($0)\n" }.joined()
  }
}
