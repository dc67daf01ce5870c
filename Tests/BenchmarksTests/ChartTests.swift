import Foundation
import Testing

@testable import Benchmarks

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ChartTests {
  static let chart = Chart(
    "cost <of> all & sundry", horizontal: Chart.Axis("events", isLogarithmic: true),
    vertical: Chart.Axis("ms"),
    lines: [
      Chart.Line("p50", [Chart.Point(1, 1), Chart.Point(10, 2), Chart.Point(100, 4)]),
      Chart.Line("p99", [Chart.Point(0, 7), Chart.Point(100, 8)]),
    ], marks: [10])

  @Test func `a drawing is well-formed and has a line for every course`() throws {
    let text = Chart.drawing([Self.chart, Self.chart, Self.chart], caption: "a < b")
    let parser = XMLParser(data: Data(text.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(text.components(separatedBy: "<polyline").count - 1 == 6)
    #expect(text.contains("cost &lt;of&gt; all &amp; sundry"))
    #expect(text.contains("a &lt; b"))
    #expect(text.contains("height=\"586\""))
  }

  @Test func `on a logarithmic axis tenfold steps are equally wide and zero is left out`() {
    let scale = Chart.Scale([1, 1_000], Chart.Axis("", isLogarithmic: true), from: 0, to: 300)
    #expect(scale.ticks == [1, 10, 100, 1_000])
    #expect(scale.place(10) == 100)
    #expect(scale.place(100) == 200)
    let text = Chart.drawing([Self.chart], caption: "")
    let second = text.components(separatedBy: "<polyline")[2]
    #expect(second.prefix { $0 != "/" }.components(separatedBy: ",").count == 2)
  }

  @Test(arguments: [
    ([0.0, 4.2], [0.0, 1, 2, 3, 4, 5]), ([3.0, 97], [0, 20, 40, 60, 80, 100]),
    ([-4.0, 4], [-4, -2, 0, 2, 4]), ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ([0.0, 0], [0, 0.2, 0.4, 0.6, 0.8, 1]),
  ])
  func `a plain axis has round ticks around all values`(values: [Double], ticks: [Double]) {
    let scale = Chart.Scale(values, Chart.Axis(""), from: 100, to: 0)
    #expect(scale.ticks.count == ticks.count)
    for (found, wanted) in zip(scale.ticks, ticks) { #expect(abs(found - wanted) < 1e-9) }
    for value in values { #expect((0...100).contains(scale.place(value))) }
  }
}
