import Glibc

extension Chart {
  /// Where values lie along one side of a chart, and which of them are named there.
  struct Scale {
    private static let wantedTicks = 5.0
    private static let steps = [1.0, 2, 5, 10]

    private let isLogarithmic: Bool
    private let low: Double
    private let high: Double
    private let from: Double
    private let to: Double
    let ticks: [Double]

    /// From the least to the greatest value, or from zero when nothing is below it.
    init(_ values: [Double], _ axis: Axis, from: Double, to: Double) {
      isLogarithmic = axis.isLogarithmic
      self.from = from
      self.to = to
      let least = values.min() ?? 0
      let most = values.max() ?? 1
      if axis.isLogarithmic {
        let first = floor(log10(max(least, .leastNormalMagnitude)))
        let last = max(first + 1, ceil(log10(max(most, .leastNormalMagnitude))))
        low = first
        high = last
        ticks = stride(from: first, through: last, by: 1).map { pow(10, $0) }
      } else {
        let bottom = min(0, least)
        let top = most > bottom ? most : bottom + 1
        let raw = (top - bottom) / Self.wantedTicks
        let unit = pow(10, floor(log10(raw)))
        let step = (Self.steps.first { $0 * unit >= raw } ?? 10) * unit
        low = floor(bottom / step) * step
        high = ceil(top / step) * step
        ticks = stride(from: low, through: high + step / 2, by: step).map { $0 }
      }
    }

    func place(_ value: Double) -> Double {
      let position = isLogarithmic ? log10(max(value, .leastNormalMagnitude)) : value
      return from + (position - low) / (high - low) * (to - from)
    }
  }
}
