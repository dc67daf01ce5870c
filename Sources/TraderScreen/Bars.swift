import RiskModel
import TraderFeed

/// How near a value is to its limit, in the colours of a traffic light.
enum Nearness {
  case far, near, close

  init(percent: Int64) {
    switch percent {
    case 90...: self = .close
    case 70..<90: self = .near
    default: self = .far
    }
  }

  var style: ScreenStyle {
    switch self {
    case .far: .good
    case .near: .warning
    case .close: .bad
    }
  }

  /// For those who see no colours.
  var mark: String {
    switch self {
    case .far: "  "
    case .near: "! "
    case .close: "!!"
    }
  }
}

/// A bar of a value on its way to a limit.
struct Bar {
  var percent: Int64
  var width: Int
  var appearance: Appearance

  var line: ScreenLine {
    let nearness = Nearness(percent: percent)
    let share = min(100, max(0, percent))
    var filled = Int(share) * width / 100
    // Something is never drawn as nothing, and not yet full never as full.
    if share > 0 { filled = max(1, filled) }
    if share < 100 { filled = min(width - 1, filled) }
    let (full, empty) = appearance.hasBlocks ? ("█", "░") : ("#", ".")
    var line = ScreenLine("[")
    line.add(String(repeating: full, count: filled), nearness.style)
    line.add(String(repeating: empty, count: width - filled), .faint)
    line.add("]")
    let number = "\(percent > 999 ? 999 : percent)"
    line.add(String(repeating: " ", count: 4 - number.count) + number + " % ", nearness.style)
    line.add(nearness.mark, nearness.style)
    return line
  }
}

extension DistanceReport {
  /// A bar with the figures behind it.
  func line(_ wording: Wording, _ appearance: Appearance, bar width: Int) -> ScreenLine {
    var line = Bar(percent: percent, width: width, appearance: appearance).line
    line.add(" " + wording.distance(self))
    return line
  }
}
