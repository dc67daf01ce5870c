import RiskModel
import TraderFeed

/// The course of the day's result, with the limits drawn in.
struct ResultChart {
  private struct Level {
    var value: Int64
    var label: String
    var style: ScreenStyle
  }

  private static let labelWidth = 10

  var account: AccountReport
  var appearance: Appearance
  var width: Int
  var height: Int

  private var limits: [Level] {
    var levels = [Level(value: 0, label: "0.00", style: .faint)]
    for rule in account.rules where rule.isEnabled {
      guard let distance = rule.distances.first(where: { $0.subject == nil && $0.unit == .money })
      else { continue }
      switch rule.rule {
      case .dailyRealizedLoss:
        let limit = Money(micros: -distance.limit)
        levels.append(Level(value: limit.micros, label: "\(limit)", style: .bad))
      case .dailyRealizedProfit:
        let limit = Money(micros: distance.limit)
        levels.append(Level(value: limit.micros, label: "+\(limit)", style: .good))
      default: break
      }
    }
    return levels
  }

  var lines: [ScreenLine] {
    let known = account.course.compactMap { $0.result?.micros }
    guard !known.isEmpty else {
      return [ScreenLine("The course of the day is not known yet.", .warning)]
    }
    let values = known + limits.map(\.value)
    guard let low = values.min(), let high = values.max() else { return [] }
    let columns = max(1, width - ResultChart.labelWidth - 1)
    let scale = Scale(low: low, high: max(high, low + 1), height: height)
    var cells = [[Cell?]](repeating: [Cell?](repeating: nil, count: columns), count: height)
    var labels = [Level?](repeating: nil, count: height)
    let dash = appearance.hasBlocks ? "─" : "-"
    for level in limits {
      let row = scale.row(of: level.value)
      cells[row] = [Cell?](repeating: Cell(text: dash, style: level.style), count: columns)
      // A limit is worth more than the line of zero where they share a row.
      if labels[row] == nil || level.value != 0 { labels[row] = level }
    }
    for (column, value) in plotted(columns) {
      let style: ScreenStyle = value < 0 ? .bad : .good
      cells[scale.row(of: value)][column] = Cell(
        text: appearance.hasBlocks ? "█" : "*", style: style)
    }
    return zip(labels, cells).map(line)
  }

  private struct Cell {
    var text: String
    var style: ScreenStyle
  }

  private struct Scale {
    var low: Int64
    var high: Int64
    var height: Int

    /// 0 is the top.
    func row(of value: Int64) -> Int {
      let span = Int128(high) - Int128(low)
      let rows = Int128(height - 1)
      let fromTop = (Int128(high) - Int128(value)) * rows * 2 + span
      return min(height - 1, max(0, Int(fromTop / (span * 2))))
    }
  }

  /// The last known result of each column; a column without one stays empty.
  private func plotted(_ columns: Int) -> [Int: Int64] {
    let start = account.dayStartedAt.nanosSinceEpoch
    let length = max(1, account.dayEndsAt.nanosSinceEpoch - start)
    var plotted: [Int: Int64] = [:]
    for point in account.course {
      guard let result = point.result else { continue }
      let offset = min(length - 1, max(0, point.at.nanosSinceEpoch - start))
      plotted[Int(Int128(offset) * Int128(columns) / Int128(length))] = result.micros
    }
    return plotted
  }

  private func line(_ label: Level?, _ cells: [Cell?]) -> ScreenLine {
    let text = label?.label ?? ""
    let blanks = max(0, ResultChart.labelWidth - text.unicodeScalars.count)
    var line = ScreenLine(String(repeating: " ", count: blanks))
    line.add(text, label?.style ?? .plain)
    line.add(" ")
    for cell in cells { line.add(cell?.text ?? " ", cell?.style ?? .plain) }
    return line.joined
  }
}

extension ScreenLine {
  /// Neighbours of one style as one piece.
  var joined: ScreenLine {
    var line = ScreenLine()
    var run = ""
    var style = ScreenStyle.plain
    for piece in pieces {
      if piece.style != style {
        line.add(run, style)
        run = ""
        style = piece.style
      }
      run += piece.text
    }
    return line.adding(run, style)
  }
}
