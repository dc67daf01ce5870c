import RiskModel

/// Points of the scale as a table, as a file of numbers and as curves.
package enum ScaleReport {
  static let heads = [
    "axis", "value", "start_ms", "reaction_p50_ms", "reaction_p99_ms", "reactions", "pss_bytes",
    "processor_share", "lost", "achieved",
  ]

  package static func words(_ point: ScalePoint) -> String {
    let reaction = point.reaction.map { reaction in
      let spans = [reaction.p50, reaction.p99].map {
        ReportText.text(Double($0.nanos), .nanoseconds)
      }
      return "reaction p50 \(spans[0]), p99 \(spans[1])"
    }
    return [
      "start \(ReportText.text(Double(point.start.nanos), .nanoseconds))",
      reaction ?? "no reaction", ReportText.text(Double(point.proportionalBytes), .bytes),
      "\(ReportText.text(point.processorShare, .share)) of a processor",
      "\(ReportText.text(point.achieved, .perSecond))", "\(point.lost) lost",
    ].joined(separator: ", ")
  }

  package static func table(_ points: [ScalePoint]) -> String {
    let rows = points.map { point in
      [
        "\(ReportText.grouped(Int64(point.value))) \(point.axis.rawValue)",
        ReportText.text(Double(point.start.nanos), .nanoseconds),
        point.reaction.map { ReportText.text(Double($0.p50.nanos), .nanoseconds) } ?? "-",
        point.reaction.map { ReportText.text(Double($0.p99.nanos), .nanoseconds) } ?? "-",
        ReportText.text(Double(point.proportionalBytes), .bytes),
        ReportText.text(point.processorShare, .share),
        ReportText.text(point.achieved, .perSecond), "\(point.lost)",
      ]
    }
    return ReportText.table(
      ["", "start", "reaction p50", "p99", "PSS", "processor", "sent", "lost"], rows
    )
    .joined(separator: "\n") + "\n"
  }

  package static func commaSeparated(_ points: [ScalePoint]) -> String {
    let rows = points.map { point in
      [
        point.axis.rawValue, "\(point.value)", "\(point.start.milliseconds)",
        point.reaction.map { ReportText.decimal($0.p50.seconds * 1_000, digits: 3) } ?? "",
        point.reaction.map { ReportText.decimal($0.p99.seconds * 1_000, digits: 3) } ?? "",
        "\(point.reaction?.count ?? 0)", "\(point.proportionalBytes)",
        ReportText.decimal(point.processorShare, digits: 4), "\(point.lost)",
        "\(Int64(point.achieved.rounded()))",
      ]
    }
    return ([heads] + rows).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
  }

  /// Latency, memory and processor along each axis.
  package static func charts(_ points: [ScalePoint]) -> [Chart] {
    ScaleAxis.allCases.flatMap { axis -> [Chart] in
      let own = points.filter { $0.axis == axis }
      guard !own.isEmpty else { return [] }
      func line(_ name: String, _ value: (ScalePoint) -> Double?) -> Chart.Line {
        Chart.Line(
          name,
          own.compactMap { point in value(point).map { Chart.Point(Double(point.value), $0) } })
      }
      let horizontal = Chart.Axis(axis.title, isLogarithmic: true)
      return [
        Chart(
          "event → close request", horizontal: horizontal, vertical: Chart.Axis("ms"),
          lines: [
            line("p50") { $0.reaction.map { $0.p50.seconds * 1_000 } },
            line("p99") { $0.reaction.map { $0.p99.seconds * 1_000 } },
          ]),
        Chart(
          "memory and processor", horizontal: horizontal,
          vertical: Chart.Axis("MB, % of a processor"),
          lines: [
            line("PSS, MB") { Double($0.proportionalBytes) / 1e6 },
            line("processor, %") { $0.processorShare * 100 },
          ]),
      ]
    }
  }
}
