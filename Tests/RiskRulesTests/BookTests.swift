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

  @Test func `one absurd print closes nothing`() {
    var scene = scene()
    let effects = scene.mark(Sample.mnq, last: "15000")
    #expect(effects == [.notice(.printHeld(Sample.mnq, .at("15000")))])
    #expect(scene.mark(Sample.mnq, last: "20000.25").goals.isEmpty)
    #expect(scene.wait(.seconds(1)).goals.isEmpty)
    #expect(scene.standing.isEmpty)
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
