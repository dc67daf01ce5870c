import RiskModel
import Supervision

/// A soak as a table and as curves.
package enum SoakReport {
  static func words(_ sample: SoakRun.Sample) -> String {
    [
      "\(sample.moment.milliseconds / 1_000) s",
      ReportText.text(Double(sample.bytes.values.reduce(0, +)), .bytes),
      "\(sample.descriptors) descriptors",
      "database \(ReportText.text(Double(sample.databaseBytes), .bytes))",
      sample.latency.map { "closed after \(ReportText.text(Double($0.nanos), .nanoseconds))" },
      sample.disturbance?.text,
    ]
    .compactMap { $0 }.joined(separator: ", ")
  }

  /// First, last, most and slope of every course, and what came of the trading.
  package static func text(_ outcome: SoakRun.Outcome) -> String {
    let rows = courses(outcome.samples).map { course in
      let values = course.points.map(\.value)
      let half = Array(course.points[(course.points.count / 2)...])
      return [course.name]
        + [values.first, values.last, values.max(), Trend.slope(half)].map { value in
          value.map { ReportText.decimal($0, digits: 2) } ?? "-"
        }
    }
    let latency = outcome.latency.map { latency in
      let spans = [latency.p50, latency.p99, latency.max].map {
        ReportText.text(Double($0.nanos), .nanoseconds)
      }
      return "from the breach to flat, seen by the venue: p50 \(spans[0]), p99 \(spans[1]), "
        + "longest \(spans[2])"
    }
    let lines = [
      "\(outcome.samples.count) samples, \(outcome.disturbances) disturbances, "
        + "\(outcome.breaches) breaches, \(outcome.notFlat) of them not flat in time",
      "\(outcome.executions) executions, \(outcome.lost) lost", latency,
      "per hour: of the second half of the samples",
      SoakCriteria.judges(outcome.samples)
        ? nil : "not judged: growth, in a course of less than ten minutes",
    ]
    let violations = SoakCriteria.violations(of: outcome).map { "violated: \($0)" }
    return ReportText.table(["", "first", "last", "most", "per hour"], rows)
      .joined(separator: "\n") + "\n"
      + (lines.compactMap { $0 } + violations).joined(separator: "\n") + "\n"
  }

  package static func charts(_ outcome: SoakRun.Outcome) -> [Chart] {
    let samples = outcome.samples
    let minutes = Chart.Axis("minutes")
    let marks = samples.filter { $0.disturbance != nil }.map { $0.moment.seconds / 60 }
    func line(_ name: String, _ value: (SoakRun.Sample) -> Double?) -> Chart.Line {
      Chart.Line(
        name,
        samples.compactMap { sample in
          value(sample).map { Chart.Point(sample.moment.seconds / 60, $0) }
        })
    }
    let names = ["supervisor"] + WorkerName.allCases.map(\.rawValue)
    return [
      Chart(
        "memory, PSS", horizontal: minutes, vertical: Chart.Axis("MB"),
        lines: names.map { name in line(name) { $0.bytes[name].map { Double($0) / 1e6 } } },
        marks: marks),
      Chart(
        "open descriptors", horizontal: minutes, vertical: Chart.Axis("all processes"),
        lines: [line("descriptors") { Double($0.descriptors) }], marks: marks),
      Chart(
        "database", horizontal: minutes, vertical: Chart.Axis("MB"),
        lines: [line("with its log") { Double($0.databaseBytes) / 1e6 }], marks: marks),
      Chart(
        "breach → flat at the venue", horizontal: minutes,
        vertical: Chart.Axis("ms", isLogarithmic: true),
        lines: [line("latest breach") { $0.latency.map { $0.seconds * 1_000 } }], marks: marks),
    ]
  }

  private struct Course {
    var name: String
    var points: [(time: Double, value: Double)]
  }

  /// Those whose slope says something; hours against values.
  private static func courses(_ samples: [SoakRun.Sample]) -> [Course] {
    func course(_ name: String, _ value: (SoakRun.Sample) -> Double?) -> Course {
      Course(
        name: name,
        points: samples.compactMap { sample in
          value(sample).map { (sample.moment.seconds / 3_600, $0) }
        })
    }
    let names = ["supervisor"] + WorkerName.allCases.map(\.rawValue)
    return names.map { name in
      course("PSS of the \(name), MB") { $0.bytes[name].map { Double($0) / 1e6 } }
    }
      + [
        course("descriptors") { Double($0.descriptors) },
        course("database, MB") { Double($0.databaseBytes) / 1e6 },
        course("breach → flat, ms") { $0.latency.map { $0.seconds * 1_000 } },
      ]
  }
}
