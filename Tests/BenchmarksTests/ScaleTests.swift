import RiskModel
import SimulatedVenue
import Testing

@testable import Benchmarks

@Suite(.serialized) struct ScaleTests {
  private static let point = ScalePoint(
    axis: .accounts, value: 100, start: .milliseconds(900),
    reaction: Percentiles(
      count: 200, p50: TimeSpan(nanos: 1_500_000), p99: .milliseconds(4), p999: .milliseconds(5),
      max: .milliseconds(6)), proportionalBytes: 61_000_000, processorShare: 0.125, lost: 0,
    achieved: 129.6)

  @Test func `a point is a row of the table, of the file and of the curves`() {
    var silent = Self.point
    silent.value = 1_000
    silent.reaction = nil
    let points = [Self.point, silent]
    #expect(
      ScaleReport.commaSeparated(points).split(separator: "\n").map(String.init) == [
        "axis,value,start_ms,reaction_p50_ms,reaction_p99_ms,reactions,pss_bytes,processor_share,lost,achieved",
        "accounts,100,900,1.500,4.000,200,61000000,0.1250,0,130",
        "accounts,1000,900,,,0,61000000,0.1250,0,130",
      ])
    let table = ScaleReport.table(points)
    #expect(table.contains("100 accounts"))
    #expect(table.contains("1.50 ms"))
    let charts = ScaleReport.charts(points)
    #expect(charts.count == 2)
    #expect(charts[0].lines[0].points == [Chart.Point(100, 1.5)])
    #expect(charts[1].lines[0].points.count == 2)
  }

  @Test func `what is beyond one machine is said and is no failure`() {
    var outcome = ScaleOutcome()
    var point = Self.point
    point.value = 1_000
    point.reaction = nil
    outcome.points = [point]
    outcome.unmeasured = [(ScaleSize(axis: .events, value: 20_000), "the venue sent less")]
    #expect(outcome.missing == [])
    #expect(
      outcome.beyond == [
        "events 20000: beyond one machine: the venue sent less",
        "accounts 1000: beyond one machine: no reaction",
      ])
    outcome.unmeasured = [(ScaleSize(axis: .accounts, value: 100), "timed out")]
    #expect(outcome.missing == ["accounts 100: not measured: timed out"])
  }

  @Test func `a loss counts up to a thousand events a second, a missing point always`() {
    var lossy = Self.point
    lossy.lost = 3
    var outcome = ScaleOutcome()
    outcome.points = [Self.point]
    #expect(outcome.violations + outcome.missing == [])
    outcome.points.append(lossy)
    #expect(outcome.violations == ["accounts 100: 3 executions lost"])
    (lossy.axis, lossy.value) = (.events, 3_000)
    outcome.points = [lossy]
    #expect(outcome.violations == [])
    lossy.value = ScaleSize.lossFreeEvents
    lossy.reaction = nil
    outcome.points = [lossy]
    #expect(outcome.violations == ["events 1000: 3 executions lost"])
    #expect(outcome.missing == ["events 1000: not measured: no reaction"])
    let run = ScaleRun(program: "/nowhere/riskd", isQuick: true)
    let broken = run.run([ScaleSize(axis: .events, value: 100)]) { _ in }
    #expect(broken.points == [])
    #expect(broken.missing.first?.hasPrefix("events 100: not measured: ") == true)
  }

  @Test(arguments: [
    ("accounts=100", ScaleSize(axis: .accounts, value: 100)), ("contracts=501", nil),
    ("events=0", nil), ("events", nil), ("quotes=3", nil), ("accounts=many", nil),
  ])
  func `a size is an axis and a number`(text: String, size: ScaleSize?) {
    #expect(ScaleSize(text) == size)
  }

  @Test func `contracts of a load have names of their own that trade like another`() {
    let load = VenueLoad(accounts: 3, contracts: 200)
    #expect(load.accountNumbers.map(\.number) == [1_001, 1_002, 1_003])
    #expect(Set(load.contractNames).count == 200)
    #expect(Set(load.listedContracts.map(\.id)).isSuperset(of: load.contractNames))
  }

  @Test(
    .enabled(
      if: BuiltRiskd.isThere || BuiltRiskd.mustBeThere,
      "riskd is not built beside these tests, in \(BuiltRiskd.folder)"),
    .timeLimit(.minutes(3)), arguments: ScaleAxis.allCases)
  func `every size along an axis is measured without a loss`(axis: ScaleAxis) {
    var told: [String] = []
    let run = ScaleRun(program: BuiltRiskd.folder + "/riskd", isQuick: true)
    let outcome = run.run(ScaleSize.all(isQuick: true).filter { $0.axis == axis }) {
      told.append($0)
    }
    let points = outcome.points
    #expect(outcome.missing + outcome.violations == [])
    #expect(points.map(\.value) == axis.values(isQuick: true), "\(told)")
    for point in points {
      #expect(point.lost == 0)
      #expect((point.reaction?.count ?? 0) > 0)
      #expect(point.proportionalBytes > 10_000_000)
    }
  }
}
