import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct SmallPartsTests {
  private func at(_ seconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanos: seconds * 1_000_000_000)
  }

  private func date(_ seconds: Int64) -> Instant {
    Instant(secondsSinceEpoch: 1_787_150_000 + seconds)
  }

  @Test func theVenuesTimeIsTheLatestReadingOfAllDates() {
    var time = VenueTimekeeper()
    #expect(time.time(at: at(0)) == nil)
    time.dateReceived(date(100), at: at(0))
    #expect(time.time(at: at(3)) == date(103))
    time.dateReceived(date(102), at: at(3))
    #expect(time.time(at: at(3)) == date(103))
    time.dateReceived(date(104), at: at(3))
    #expect(time.time(at: at(4)) == date(105))
  }

  @Test func aClockThatWasSetBackIsFollowed() {
    var time = VenueTimekeeper()
    time.dateReceived(date(100), at: at(0))
    time.dateReceived(date(95), at: at(0))
    #expect(time.time(at: at(0)) == date(100))
    time.dateReceived(date(94), at: at(0))
    #expect(time.time(at: at(0)) == date(94))
  }

  @Test func anOldReadingGivesWay() {
    var time = VenueTimekeeper()
    time.dateReceived(date(100), at: at(0))
    time.dateReceived(date(698), at: at(600))
    #expect(time.time(at: at(600)) == date(700))
    time.dateReceived(date(699), at: at(601))
    #expect(time.time(at: at(601)) == date(699))
  }

  @Test func aHurriedClockHurriesTheVenuesTimeToo() {
    var time = VenueTimekeeper(rate: 900_500)
    time.dateReceived(date(100), at: at(0))
    #expect(time.time(at: at(2)) == date(100) + .seconds(1_801))
    #expect(time.time(at: MonotonicInstant(nanos: 1)) == date(100) + TimeSpan(nanos: 900))
    var settings = GatewaySettings(accounts: [], key: SignInKey(userName: "u", apiKey: "k"))
    #expect(settings.tickInterval == .seconds(1))
    #expect(settings.realSpan(.seconds(7)) == .seconds(7))
    settings.clockRate = 10_000
    #expect(settings.tickInterval == .milliseconds(100))
    #expect(settings.realSpan(.seconds(7)) == .milliseconds(700))
    settings.clockRate = 900_000
    #expect(settings.tickInterval == .milliseconds(10))
    settings.clockRate = 1
    #expect(settings.tickInterval == .seconds(1))
  }

  @Test func quotesAreMergedUntilSomethingWasMissed() {
    var book = QuoteBook()
    func merge(_ quote: Quote) -> Quote? {
      book.merge(quote, receivedAt: date(0), readAt: at(0))?.quote
    }
    #expect(merge(Quote(contract: mnq, quotedAt: date(1))) == nil)
    #expect(
      merge(Quote(contract: mnq, bid: .init(points: 1)))
        == Quote(contract: mnq, bid: .init(points: 1)))
    #expect(
      merge(Quote(contract: mnq, ask: .init(points: 2), quotedAt: date(2)))
        == Quote(contract: mnq, bid: .init(points: 1), ask: .init(points: 2), quotedAt: date(2)))
    #expect(book.all.map(\.quote.contract) == [mnq])
    book.forgetAll()
    #expect(
      merge(Quote(contract: mnq, last: .init(points: 3)))
        == Quote(contract: mnq, last: .init(points: 3)))
    book.forget(mnq)
    #expect(book.entry(of: mnq) == nil)
  }

  @Test func wishesLinger() {
    var wishes = QuoteWishes(linger: .seconds(900))
    #expect(wishes.update(needed: [mnq, ep], at: at(0)) == ([ep, mnq], []))
    #expect(wishes.update(needed: [mnq], at: at(899)) == ([], []))
    #expect(wishes.update(needed: [mnq], at: at(900)) == ([], [ep]))
    #expect(wishes.contracts == [mnq] && !wishes.contains(ep))
  }

  @Test func momentsComeInOrderAndOnce() {
    var moments = Moments()
    moments.set(.tick, at: at(3))
    moments.set(.canary, at: at(2))
    moments.set(.check, at: at(2))
    moments.advance(.tick, to: at(5))
    moments.advance(.full, to: at(9))
    #expect(moments.earliest == at(2))
    #expect(moments.popDue(at(1)) == nil)
    #expect(moments.popDue(at(3)) == .canary)
    #expect(moments.popDue(at(3)) == .check)
    #expect(moments.popDue(at(3)) == .tick)
    #expect(moments.popDue(at(3)) == nil)
    moments.advance(.full, to: at(7))
    #expect(moments.earliest == at(7))
    moments.clear(.full)
    moments.clear(.full)
    #expect(moments.earliest == nil && !moments.contains(.full))
  }

  @Test func aThrottledLogLineSaysHowManyItStandsFor() {
    var throttle = LogThrottle()
    #expect(throttle.admit(at: at(0)) == 0)
    #expect(throttle.admit(at: at(1)) == nil)
    #expect(throttle.admit(at: at(9)) == nil)
    #expect(throttle.admit(at: at(10)) == 2)
    #expect(throttle.admit(at: at(20)) == 0)
  }

  @Test func contractsAreToldOnceAndAgainWhenTheyChange() {
    var directory = ContractDirectory()
    var specification = ContractSpecification(
      id: mnq, name: "MNQU26", tickSize: .init(points: 1), tickValue: .init(dollars: 1))
    #expect(directory.standing(of: mnq) == .unknown)
    directory.fetchBegan(mnq)
    #expect(directory.standing(of: mnq) == .awaited)
    #expect(
      [0, 1, 2].map { _ in directory.fetchFailed(mnq) } == [0, 1, 2])
    let isGivenUp = directory.giveUpWaiting(for: mnq)
    let isGivenUpAgain = directory.giveUpWaiting(for: mnq)
    #expect(isGivenUp && !isGivenUpAgain)
    directory.fetchBegan(mnq)
    #expect(directory.standing(of: mnq) == .unavailable && directory.isMissed(mnq))
    directory.received(specification)
    #expect(directory.standing(of: mnq) == .known(specification))
    directory.markTold(mnq)
    directory.received(specification)
    #expect(directory.standing(of: mnq) == .told)
    specification.tickValue = .init(dollars: 2)
    directory.received(specification)
    #expect(directory.standing(of: mnq) == .known(specification))
    directory.markTold(mnq)
    directory.forgetTold()
    #expect(directory.standing(of: mnq) == .known(specification))
  }

  @Test(arguments: [
    (GatewayAlarm.credentialsRefused(.apiSubscriptionNotFound), "apiSubscriptionNotFound"),
    (.tokenExpiring(secondsLeft: 90), "90 s"),
    (.unprotectable(alpha, reason: "gone"), "101 is not protected: gone"),
    (.hubUnreachable(.market, attempts: 10), "market hub cannot be reached after 10"),
    (.loggedOut(.user), "on the user hub"),
    (.notProtecting(missing: ["a", "b"]), "a; b"),
  ])
  func alarmsSayWhatIsWrong(alarm: GatewayAlarm, part: String) {
    #expect(alarm.description.contains(part))
  }
}
