/// Lines over a common axis, as a drawing in SVG 1.1 without scripts or outside references.
package struct Chart: Equatable, Sendable {
  package var title: String
  package var horizontal: Axis
  package var vertical: Axis
  package var lines: [Line]
  /// Moments worth a thin upright line.
  package var marks: [Double]

  package struct Axis: Equatable, Sendable {
    package var title: String
    /// Tenfold steps are equally wide; values of zero and below are left out then.
    package var isLogarithmic: Bool

    package init(_ title: String, isLogarithmic: Bool = false) {
      self.title = title
      self.isLogarithmic = isLogarithmic
    }
  }

  package struct Point: Equatable, Sendable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  package struct Line: Equatable, Sendable {
    package var name: String
    package var points: [Point]

    package init(_ name: String, _ points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  package init(
    _ title: String, horizontal: Axis, vertical: Axis, lines: [Line], marks: [Double] = []
  ) {
    self.title = title
    self.horizontal = horizontal
    self.vertical = vertical
    self.lines = lines
    self.marks = marks
  }

  /// One drawing with the charts in two columns.
  package static func drawing(_ charts: [Chart], caption: String) -> String {
    let rows = (charts.count + 1) / 2
    let width = Int(Frame.width) * min(2, max(1, charts.count))
    let height = Int(Frame.height) * rows + Int(Frame.caption)
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      "<text x=\"10\" y=\"18\">\(escaped(caption))</text>",
    ]
    for (index, chart) in charts.enumerated() {
      let x = Double(index % 2) * Frame.width
      let y = Double(index / 2) * Frame.height + Frame.caption
      parts.append("<g transform=\"translate(\(text(x)) \(text(y)))\">")
      parts += chart.elements
      parts.append("</g>")
    }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private enum Frame {
    static let width = 480.0
    static let height = 280.0
    static let caption = 26.0
    static let left = 66.0
    static let right = 14.0
    static let top = 40.0
    static let bottom = 40.0
    static let colors = [
      "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#7f7f7f",
    ]
  }

  private var elements: [String] {
    let points = lines.flatMap(\.points).filter(isDrawn)
    let right = Scale(points.map(\.x), horizontal, from: Frame.left, to: Frame.width - Frame.right)
    let up = Scale(points.map(\.y), vertical, from: Frame.height - Frame.bottom, to: Frame.top)
    var parts = [
      "<text x=\"\(Self.text(Frame.left))\" y=\"14\" font-weight=\"bold\">\(Self.escaped(title))</text>",
      "<text x=\"\(Self.text(Frame.width / 2))\" y=\"\(Self.text(Frame.height - 6))\" "
        + "text-anchor=\"middle\">\(Self.escaped(horizontal.title))</text>",
    ]
    parts += grid(right, up)
    for moment in marks {
      let x = Self.text(right.place(moment))
      parts.append(
        "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(Self.text(Frame.top))\" "
          + "y2=\"\(Self.text(Frame.height - Frame.bottom))\" stroke=\"#eebbbb\"/>")
    }
    var nameStart = Frame.left
    for (index, line) in lines.enumerated() {
      let color = Frame.colors[index % Frame.colors.count]
      let path = line.points.filter(isDrawn)
        .map { "\(Self.text(right.place($0.x))),\(Self.text(up.place($0.y)))" }
        .joined(separator: " ")
      parts.append(
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\"/>")
      parts.append(
        "<text x=\"\(Self.text(nameStart))\" y=\"30\" fill=\"\(color)\">\(Self.escaped(line.name))</text>"
      )
      nameStart += Double(line.name.count) * 6.2 + 14
    }
    return parts
  }

  private func isDrawn(_ point: Point) -> Bool {
    (point.x > 0 || !horizontal.isLogarithmic) && (point.y > 0 || !vertical.isLogarithmic)
  }

  private func grid(_ right: Scale, _ up: Scale) -> [String] {
    let (low, high) = (Self.text(Frame.height - Frame.bottom), Self.text(Frame.top))
    let (first, last) = (Self.text(Frame.left), Self.text(Frame.width - Frame.right))
    let uprights = right.ticks.map { tick in
      let x = Self.text(right.place(tick))
      return "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(low)\" y2=\"\(high)\" stroke=\"#dddddd\"/>"
        + "<text x=\"\(x)\" y=\"\(Self.text(Frame.height - Frame.bottom + 14))\" "
        + "text-anchor=\"middle\">\(Self.short(tick))</text>"
    }
    let levels = up.ticks.map { tick in
      let y = Self.text(up.place(tick))
      return "<line x1=\"\(first)\" x2=\"\(last)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#dddddd\"/>"
        + "<text x=\"\(Self.text(Frame.left - 5))\" y=\"\(Self.text(up.place(tick) + 4))\" "
        + "text-anchor=\"end\">\(Self.short(tick))</text>"
    }
    return uprights + levels + [
      "<text x=\"12\" y=\"\(Self.text(Frame.height / 2))\" text-anchor=\"middle\" "
        + "transform=\"rotate(-90 12 \(Self.text(Frame.height / 2)))\">"
        + "\(Self.escaped(vertical.title))</text>"
    ]
  }

  /// A tenth of a pixel is enough.
  private static func text(_ value: Double) -> String {
    let tenths = Int64((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  private static func short(_ value: Double) -> String {
    switch value.magnitude {
    case 10_000...: "\(ReportText.decimal(value / 1_000, digits: 0))k"
    case 10...: ReportText.decimal(value, digits: 0)
    case 1...: ReportText.decimal(value, digits: 1)
    case 0: "0"
    default: ReportText.decimal(value, digits: 2)
    }
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
    return result
  }
}
