import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct CircuitBreakerTests {
  private func at(_ seconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanos: seconds * 1_000_000_000)
  }

  private func request(_ number: Int64) -> CircuitBreaker.Work { .request(number: number) }

  private func opened() -> CircuitBreaker {
    var breaker = CircuitBreaker(BreakerSettings())
    for number: Int64 in 1...5 {
      breaker.sent(request(number))
      _ = breaker.ended(request(number), .failing, at: at(0))
    }
    return breaker
  }

  @Test func `five failures in a row open it`() {
    var breaker = CircuitBreaker(BreakerSettings())
    var changes: [CircuitBreaker.Change?] = []
    for number: Int64 in 1...4 {
      changes.append(breaker.ended(request(number), .failing, at: at(0)))
    }
    changes.append(breaker.ended(request(5), .working, at: at(0)))
    changes.append(breaker.ended(request(6), .untold, at: at(0)))
    for number: Int64 in 7...10 {
      changes.append(breaker.ended(request(number), .failing, at: at(0)))
    }
    #expect(changes.allSatisfy { $0 == nil })
    #expect(breaker.allows(request(11), at: at(0)) && !breaker.isOpen)
    #expect(breaker.ended(request(11), .failing, at: at(0)) == .opened)
    #expect(!breaker.allows(request(12), at: at(59)) && breaker.isOpen)
    #expect(breaker.ended(request(13), .working, at: at(1)) == nil)
    #expect(!breaker.allows(request(14), at: at(59)))
  }

  @Test func `the parts and pages of a read are one failure`() {
    var breaker = CircuitBreaker(BreakerSettings())
    let account = AccountID(101)
    for number: Int64 in 1...4 {
      for _ in 0..<4 {
        #expect(breaker.ended(.read(account, number: number), .failing, at: at(0)) == nil)
      }
    }
    #expect(!breaker.isOpen)
    // The same number of another account is another read.
    #expect(breaker.ended(.read(AccountID(202), number: 1), .failing, at: at(0)) == .opened)
  }

  @Test func `after a minute three may try, and two successes close it`() {
    var breaker = opened()
    for number: Int64 in 21...23 {
      #expect(breaker.allows(request(number), at: at(60)))
      breaker.sent(request(number))
    }
    #expect(!breaker.allows(request(24), at: at(60)))
    // What left before it opened says nothing about now.
    #expect(breaker.ended(request(5), .working, at: at(60)) == nil)
    #expect(breaker.ended(request(21), .working, at: at(61)) == nil)
    #expect(breaker.isOpen && breaker.allows(request(24), at: at(61)))
    #expect(breaker.ended(request(22), .working, at: at(61)) == .closed)
    #expect(!breaker.isOpen)
  }

  @Test func `a read that may try may try with all its parts`() {
    var breaker = opened()
    let read = CircuitBreaker.Work.read(AccountID(101), number: 7)
    for _ in 0..<4 {
      #expect(breaker.allows(read, at: at(60)))
      breaker.sent(read)
    }
    breaker.sent(request(31))
    breaker.sent(request(32))
    #expect(breaker.allows(read, at: at(60)) && !breaker.allows(request(33), at: at(60)))
    for _ in 0..<4 { #expect(breaker.ended(read, .untold, at: at(60)) == nil) }
    #expect(breaker.allows(request(33), at: at(60)))
  }

  @Test func `a failure of a try opens it for another minute`() {
    var breaker = opened()
    breaker.sent(request(21))
    #expect(breaker.ended(request(21), .failing, at: at(65)) == nil)
    #expect(!breaker.allows(request(22), at: at(124)))
    #expect(breaker.allows(request(22), at: at(125)))
  }

  @Test func `tries that tell nothing make room for others`() {
    var breaker = opened()
    for number: Int64 in 21...23 { breaker.sent(request(number)) }
    #expect(!breaker.allows(request(24), at: at(60)))
    for number: Int64 in 21...23 {
      #expect(breaker.ended(request(number), .untold, at: at(60)) == nil)
    }
    #expect(breaker.allows(request(24), at: at(60)) && breaker.isOpen)
  }

  @Test func `a hub that is back begins the count anew and lets tries through at once`() {
    var breaker = CircuitBreaker(BreakerSettings())
    for number: Int64 in 1...4 { _ = breaker.ended(request(number), .failing, at: at(0)) }
    #expect(breaker.venueReached() == false)
    for number: Int64 in 5...8 {
      #expect(breaker.ended(request(number), .failing, at: at(0)) == nil)
    }
    #expect(breaker.ended(request(9), .failing, at: at(0)) == .opened)
    #expect(!breaker.allows(request(10), at: at(1)))
    #expect(breaker.venueReached() == true)
    #expect(breaker.isOpen && breaker.allows(request(10), at: at(1)))
    #expect(breaker.venueReached() == false)
    // It is no proof that queries work: one that fails stops them again.
    breaker.sent(request(10))
    #expect(breaker.ended(request(10), .failing, at: at(2)) == nil)
    #expect(!breaker.allows(request(11), at: at(61)) && breaker.allows(request(11), at: at(62)))
  }

  @Test func `switched off it never opens`() {
    var settings = BreakerSettings()
    settings.isEnabled = false
    var breaker = CircuitBreaker(settings)
    for number: Int64 in 0..<20 {
      #expect(breaker.ended(request(number), .failing, at: at(0)) == nil)
    }
    #expect(breaker.allows(request(20), at: at(0)))
  }

  @Test(arguments: [
    (VenueAnswer.failed(.timedOut), VenueHealth.failing), (reply("", status: 503), .failing),
    (reply("", status: 429), .untold), (reply("", status: 401), .working),
    (refusal(1), .working), (.failed(.notSent(reason: "no connection")), .failing),
  ])
  func `only a venue that does not work counts`(answer: VenueAnswer, health: VenueHealth) {
    #expect(VenueHealth(answer) == health)
  }

  @Test(arguments: [(1, 1), (2, 1), (3, 3)])
  func `so many try as are allowed, and so many successes close it as are wanted`(
    tries: Int, successes: Int
  ) {
    var settings = BreakerSettings()
    settings.halfOpenRequests = tries
    settings.successThreshold = successes
    var breaker = CircuitBreaker(settings)
    for number: Int64 in 1...5 {
      breaker.sent(request(number))
      _ = breaker.ended(request(number), .failing, at: at(0))
    }
    for number in Int64(1)...Int64(tries) {
      #expect(breaker.allows(request(20 + number), at: at(60)))
      breaker.sent(request(20 + number))
    }
    #expect(!breaker.allows(request(30), at: at(60)))
    for number in Int64(1)...Int64(successes) {
      #expect(breaker.isOpen)
      _ = breaker.ended(request(20 + number), .working, at: at(61))
    }
    #expect(!breaker.isOpen)
  }
}
