import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// One print far from the last mark does not act alone; a real gap acts within the wait.
@Suite struct BookTests {
  private func scene() -> EngineScene {
    var scene = EngineScene(
      RiskConfiguration(dailyUnrealizedLoss: .init(lossLimit: .of("300"))))
    scene.hold(Sample.mnq, 2, at: "20000")
    scene.mark(Sample.mnq, last: "20000")
    return scene
  }

  private func sides(_ bid: String, _ ask: String) -> Quote {
    Quote(
      contract: Sample.mnq, last: .at("20000"), bid: .at(bid), ask: .at(ask), repeatsLast: true)
  }

  @Test func `a last price that bid and ask have left for seconds gives way to the nearer of them`()
  {
    var scene = scene()
    scene.wait(.seconds(2))
    #expect(scene.quote(sides("19924.75", "19925")).goals.isEmpty)
    scene.wait(.seconds(3))
    #expect(scene.quote(sides("19924.75", "19925.25")).goals.isEmpty)
    #expect(scene.quote(sides("19924.75", "19925")).goals == [.flat(Sample.mnq)])
  }

  @Test func `a wide market does not drag the price along`() {
    var scene = scene()
    scene.wait(.seconds(6))
    #expect(scene.quote(sides("15000", "19999")).goals.isEmpty)
    #expect(scene.wait(.seconds(1)).goals.isEmpty)
    #expect(scene.standing.isEmpty)
  }

  @Test func `bid and ask from before a clock was set back leave no price behind`() {
    var scene = scene()
    scene.wait(.seconds(1))
    scene.quote(
      Quote(contract: Sample.mnq, last: .at("20000.25"), bid: .at("20000"), ask: .at("20000.50")))
    scene.now = scene.now - .seconds(600)
    scene.mark(Sample.mnq, last: "19950")
    #expect(scene.mark(Sample.mnq, last: "19925").goals == [.flat(Sample.mnq)])
  }

  @Test func `sides from long ago do not count while the present ones are held as far`() {
    var scene = scene()
    scene.quote(Quote(contract: Sample.mnq, bid: .at("20000"), ask: .at("20000.25")))
    for price in ["20040", "20080", "20120"] { scene.mark(Sample.mnq, last: price) }
    scene.wait(.seconds(6))
    for (bid, ask) in [("20120.25", "20120.50"), ("20120", "20120.25")] {
      let quote = Quote(
        contract: Sample.mnq, last: .at("20120"), bid: .at(bid), ask: .at(ask), repeatsLast: true)
      for mark in scene.engine.marks(in: quote, at: scene.now) {
        scene.send(.mark(mark))
        let value = scene.engine.state.books[Sample.mnq]?.mark(.last, signedSize: 2)
        #expect(value.map { $0 >= .at("20120") } == true)
      }
    }
  }

  @Test func `a trade counts again at once`() {
    var scene = scene()
    scene.wait(.seconds(6))
    scene.quote(sides("19900", "19900.25"))
    #expect(scene.engine.state.books[Sample.mnq]?.mark(.last, signedSize: 2) == .at("19900.25"))
    scene.mark(Sample.mnq, last: "19910")
    #expect(scene.engine.state.books[Sample.mnq]?.mark(.last, signedSize: 2) == .at("19910"))
  }

  @Test func `bid and ask that come back are told, and then no more`() {
    var scene = scene()
    scene.wait(.seconds(6))
    scene.quote(sides("19950", "19950.25"))
    #expect(scene.engine.state.books[Sample.mnq]?.mark(.last, signedSize: 2) == .at("19950.25"))
    #expect(!scene.engine.marks(in: sides("19999", "20001"), at: scene.now).isEmpty)
    scene.quote(sides("19999", "20001"))
    #expect(scene.engine.state.books[Sample.mnq]?.mark(.last, signedSize: 2) == .at("20000"))
    #expect(scene.engine.marks(in: sides("19999", "20001.25"), at: scene.now).isEmpty)
  }

  @Test func `one absurd print closes nothing`() {
    var scene = scene()
    let effects = scene.mark(Sample.mnq, last: "15000")
    #expect(effects == [.notice(.printHeld(Sample.mnq, .at("15000")))])
    #expect(scene.mark(Sample.mnq, last: "20000.25").goals.isEmpty)
    #expect(scene.wait(.seconds(1)).goals.isEmpty)
    #expect(scene.standing.isEmpty)
  }

  @Test func `a print that another message only repeats does not confirm itself`() {
    var scene = scene()
    scene.quote(Quote(contract: Sample.mnq, bid: .at("19999.75"), ask: .at("20000.25")))
    scene.quote(
      Quote(contract: Sample.mnq, last: .at("2100"), bid: .at("19999.75"), ask: .at("20000.25")))
    for ask in ["20000.50", "20000.75"] {
      let echo = Quote(
        contract: Sample.mnq, last: .at("2100"), bid: .at("19999.75"), ask: .at(ask),
        repeatsLast: true)
      #expect(scene.quote(echo).goals.isEmpty)
    }
    #expect(scene.mark(Sample.mnq, last: "20000.25").goals.isEmpty)
    #expect(scene.wait(.seconds(1)).goals.isEmpty)
    #expect(scene.standing.isEmpty)
  }

  @Test func `bid and ask that follow it confirm it`() {
    var scene = scene()
    scene.quote(Quote(contract: Sample.mnq, bid: .at("19999.75"), ask: .at("20000.25")))
    scene.quote(
      Quote(contract: Sample.mnq, last: .at("19800"), bid: .at("19999.75"), ask: .at("20000.25")))
    #expect(scene.standing.isEmpty)
    let echo = Quote(
      contract: Sample.mnq, last: .at("19800"), bid: .at("19799.75"), ask: .at("19800.25"),
      repeatsLast: true)
    #expect(scene.quote(echo).goals == [.flat(Sample.mnq)])
  }

  @Test func `a second print near the first confirms it`() {
    var scene = scene()
    scene.mark(Sample.mnq, last: "19800")
    #expect(scene.mark(Sample.mnq, last: "19799").goals == [.flat(Sample.mnq)])
  }

  @Test func `bid and ask around it confirm it at once`() {
    var scene = scene()
    scene.quote(Quote(contract: Sample.mnq, bid: .at("19999.75"), ask: .at("20000.25")))
    let quote = Quote(
      contract: Sample.mnq, last: .at("19800"), bid: .at("19799.75"), ask: .at("19800.25"))
    #expect(scene.quote(quote).goals == [.flat(Sample.mnq)])
  }

  @Test func `alone it is believed after the wait`() {
    var scene = scene()
    scene.mark(Sample.mnq, last: "19800")
    let deadline = scene.engine.nextDeadline
    #expect(deadline == scene.now + .milliseconds(500))
    #expect(!scene.engine.isTickDue(at: scene.now + .milliseconds(499), venueTime: scene.now))
    #expect(scene.engine.isTickDue(at: scene.now + .milliseconds(500), venueTime: scene.now))
    #expect(scene.wait(.milliseconds(500)).goals == [.flat(Sample.mnq)])
  }

  private static func quote(_ last: String, _ bid: String, _ ask: String) -> Quote {
    Quote(contract: Sample.mnq, last: .at(last), bid: .at(bid), ask: .at(ask), repeatsLast: true)
  }

  @Test(
    arguments: [
      // Unchanged, moved, and a bid alone: nobody sells at 15000 what is bid for at 20000.
      quote("15000", "19999.75", "20000.25"), quote("15000", "19998", "19999"),
      Quote(contract: Sample.mnq, bid: .at("19999.75")),
    ])
  func `bid and ask that came after it refute it`(quote: Quote) {
    var scene = scene()
    scene.quote(Quote(contract: Sample.mnq, bid: .at("19999.75"), ask: .at("20000.25")))
    scene.mark(Sample.mnq, last: "15000")
    scene.now = scene.now + .milliseconds(100)
    #expect(scene.quote(quote).goals.isEmpty)
    #expect(scene.wait(.milliseconds(400)).goals.isEmpty)
    #expect(scene.standing.isEmpty)
    // What only repeats it is no other print.
    scene.now = scene.now + .milliseconds(100)
    scene.quote(Self.quote("15000", "19997", "19998"))
    #expect(scene.wait(.seconds(5)).goals.isEmpty)
    // A print that the market goes on to is one.
    scene.mark(Sample.mnq, last: "19990")
    scene.mark(Sample.mnq, last: "19940")
    #expect(scene.mark(Sample.mnq, last: "19920").goals == [.flat(Sample.mnq)])
  }

  @Test func `bid and ask from before it refute nothing`() {
    var scene = scene()
    scene.quote(Quote(contract: Sample.mnq, bid: .at("19999.75"), ask: .at("20000.25")))
    scene.now = scene.now + .milliseconds(1)
    scene.mark(Sample.mnq, last: "19800")
    #expect(scene.wait(.milliseconds(500)).goals == [.flat(Sample.mnq)])
  }

  @Test func `of bid and ask the latest say what a print is worth`() {
    var scene = scene()
    scene.mark(Sample.mnq, last: "19800")
    scene.now = scene.now + .milliseconds(100)
    scene.quote(Quote(contract: Sample.mnq, bid: .at("19999.75"), ask: .at("20000.25")))
    scene.now = scene.now + .milliseconds(100)
    let effects = scene.quote(
      Quote(contract: Sample.mnq, bid: .at("19799.75"), ask: .at("19800.25")))
    #expect(effects.goals == [.flat(Sample.mnq)])
  }

  @Test func `an ask below it refutes it for a short position`() {
    var scene = EngineScene(
      RiskConfiguration(dailyUnrealizedLoss: .init(lossLimit: .of("300"))))
    scene.hold(Sample.mnq, -2, at: "20000")
    scene.mark(Sample.mnq, last: "20000")
    scene.mark(Sample.mnq, last: "25000")
    scene.now = scene.now + .milliseconds(100)
    scene.quote(Quote(contract: Sample.mnq, ask: .at("20000.25")))
    #expect(scene.wait(.milliseconds(400)).goals.isEmpty)
  }

  @Test func `a falling market is not held up by ever new far prints`() {
    var scene = scene()
    scene.mark(Sample.mnq, last: "19800")
    scene.now = scene.now + .milliseconds(300)
    scene.mark(Sample.mnq, last: "19600")
    #expect(scene.wait(.milliseconds(200)).goals == [.flat(Sample.mnq)])
  }

  @Test func `twenty ticks or 0.3 percent are near`() {
    var scene = scene()
    // 0.3 % of 20000 is 60 points; the loss limit is reached 75 points down.
    #expect(scene.mark(Sample.mnq, last: "19940").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "19925").goals == [.flat(Sample.mnq)])
  }

  @Test func `quotes of what is not held are not inputs`() {
    let scene = scene()
    #expect(
      scene.engine.marks(in: Quote(contract: Sample.es, last: .at("5800")), at: scene.now).isEmpty)
    #expect(
      scene.engine.marks(in: Quote(contract: Sample.mnq, last: .at("20000")), at: scene.now).isEmpty
    )
    #expect(
      scene.engine.marks(in: Quote(contract: Sample.mnq, last: .at("20001")), at: scene.now).count
        == 1)
    // The mark is the last price: bid and ask do not move it.
    #expect(
      scene.engine.marks(in: Quote(contract: Sample.mnq, bid: .at("20001")), at: scene.now).isEmpty)
  }
}
