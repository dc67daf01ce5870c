/// Where a course of figures leads.
enum Trend {
  /// Of the straight line that is nearest by least squares; zero when there is no telling.
  static func slope(_ points: [(time: Double, value: Double)]) -> Double {
    guard points.count > 1 else { return 0 }
    let count = Double(points.count)
    let meanTime = points.reduce(0) { $0 + $1.time } / count
    let meanValue = points.reduce(0) { $0 + $1.value } / count
    let covariance = points.reduce(0) {
      $0 + ($1.time - meanTime) * ($1.value - meanValue)
    }
    let variance = points.reduce(0) { $0 + ($1.time - meanTime) * ($1.time - meanTime) }
    return variance > 0 ? covariance / variance : 0
  }
}
