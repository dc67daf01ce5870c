import RiskModel

/// Samples of several processes.
struct Samples {
  let names: [String]
  private var moments: [TimeSpan] = []
  private var rows: [[Int64]] = []

  init(names: [String]) { self.names = names }

  var count: Int { rows.count }

  mutating func add(_ bytes: [Int64], at moment: TimeSpan) {
    precondition(bytes.count == names.count, "Condition failed: one figure for each process")
    moments.append(moment)
    rows.append(bytes + [bytes.reduce(0, +)])
  }

  /// Of each process, and of their sum.
  var courses: [EnduranceRun.Course] {
    (names + ["sum"]).indices.compactMap { column in
      let values = rows.map { $0[column] }
      guard let first = values.first, let last = values.last, let most = values.max() else {
        return nil
      }
      return EnduranceRun.Course(
        name: column < names.count ? names[column] : "sum", firstBytes: first, lastBytes: last,
        mostBytes: most, bytesPerHour: slope(column))
    }
  }

  /// Of the sum of all processes.
  var flatness: Flatness {
    Flatness(of: zip(moments, rows).map { (moment: $0, bytes: $1[names.count]) })
  }

  /// By least squares over the second half: the first one holds what a process fills once.
  private func slope(_ column: Int) -> Double {
    let first = rows.count / 2
    return Trend.slope(
      zip(moments[first...], rows[first...]).map { ($0.seconds / 3_600, Double($1[column])) })
  }
}
