import RiskModel
import Testing

@testable import ProcessControl

@Suite struct ClockPaceTests {
  private let anchor = Instant(secondsSinceEpoch: 1_800_000_000)

  @Test func `time goes by the formula, from the anchor on and before it`() {
    let pace = ClockPace(anchor: anchor, offset: .seconds(86_400), rate: 900_000)
    #expect(pace.civil(at: anchor) == anchor + .seconds(86_400))
    #expect(pace.civil(at: anchor + .seconds(96)) == anchor + .seconds(2 * 86_400))
    #expect(pace.civil(at: anchor - .seconds(1)) == anchor + .seconds(86_400 - 900))
    #expect(pace.machine(at: anchor + .seconds(2 * 86_400)) == anchor + .seconds(96))
    #expect(pace.realSpan(.seconds(900)) == .seconds(1))
    #expect(pace.civilSpan(.milliseconds(1)) == .milliseconds(900))
    let slow = ClockPace(anchor: anchor, offset: .zero, rate: 500)
    #expect(slow.civil(at: anchor + .seconds(10)) == anchor + .seconds(5))
    #expect(slow.realSpan(.seconds(5)) == .seconds(10))
    #expect(pace.realSpan(TimeSpan(nanos: .max)).nanos == Int64.max / 900)
    #expect(pace.civilSpan(TimeSpan(nanos: .max)).nanos == .max)
  }

  @Test func `the machine's clock is the machine's clock`() {
    let now = Instant(nanosSinceEpoch: 1_800_000_000_123_456_789)
    #expect(ClockPace.machine.isMachine)
    #expect(ClockPace.machine.civil(at: now) == now)
    #expect(ClockPace.machine.machine(at: now) == now)
    #expect(ClockPace(anchor: anchor, offset: .zero, rate: 1_000).isMachine)
    #expect(!ClockPace(anchor: anchor, offset: .seconds(1), rate: 1_000).isMachine)
  }

  @Test func `a process hands its clock on`() {
    let pace = ClockPace(anchor: anchor, offset: .milliseconds(-5), rate: 1_500)
    #expect(ClockPace(arguments: pace.arguments) == pace)
    #expect(ClockPace.machine.arguments.isEmpty)
    #expect(ClockPace(arguments: [String]()) == .machine)
    for wrong in [
      ["--clock"], ["--clock", "1", "2"], ["--clock", "1", "2", "0"], ["--clock", "1", "2", "x"],
      ["--time", "1", "2", "3"], ["--clock", "1", "2", "3", "4"],
    ] {
      #expect(ClockPace(arguments: wrong) == nil, "\(wrong)")
    }
    #expect(
      "\(pace)" == "2027-01-15T07:59:59.995Z at 2027-01-15T08:00:00.000Z, 1.500 times as fast")
    #expect("\(ClockPace.machine)" == "the machine's clock")
  }

  @Test func `clocks with one pace agree, whenever they were made`() throws {
    let pace = ClockPace(anchor: SystemClock().now(), offset: .seconds(3_600), rate: 60_000)
    let first = SystemClock(pace: pace)
    let before = first.now()
    let reactor = try Reactor(pace: pace)
    let after = reactor.clock.now()
    #expect(before <= after)
    #expect(after <= first.now())
    #expect(before - pace.anchor >= .seconds(3_600))
    var happened: Instant?
    reactor.schedule(afterCivil: .seconds(6)) {
      happened = reactor.clock.now()
      reactor.stop()
    }
    let start = reactor.clock.now()
    reactor.run()
    #expect((happened ?? before) - start >= .seconds(6))
  }
}
