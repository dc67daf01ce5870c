import ProcessControl
import RequestWindow
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing
import VenueAPI

@testable import Workers

/// When the enforcer's requests leave.
@Suite(.serialized) struct EnforcementPaceTests {
  private final class Answers {
    var order: [String] = []
    var statuses: [Int] = []
    var notSent = 0

    func take(_ name: String) -> EnforcementPace.Completion {
      { [weak self] answer, _ in
        self?.order.append(name)
        switch answer {
        case .reply(let reply): self?.statuses.append(reply.status)
        case .failed(.notSent): self?.notSent += 1
        case .failed: break
        }
      }
    }
  }

  private func window(_ bench: EdgeBench, requests: Int, seconds: Int64) -> RequestWindow {
    RequestWindow(
      path: bench.folder.file("run/requests"),
      limits: RequestLimits(
        general: .init(requests: requests, length: .seconds(seconds)),
        history: .init(requests: 50, length: .seconds(30))))
  }

  @Test func `a full window holds requests back, and changes leave before reads`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    let window = window(bench, requests: 10, seconds: 2)
    let pace = EnforcementPace(venue: bench.connections, window: window, reactor: bench.reactor)
    for _ in 0..<9 { _ = window.admit(for: .enforcement) }
    let answers = Answers()
    let deadline = bench.reactor.clock.monotonicNow() + .seconds(10)
    let before = bench.venue.requests().count
    pace.send(
      .positionSearchOpen(Sample.account), token: token, deadline: deadline, answers.take("read"))
    pace.send(
      .positionClose(Sample.account, Sample.mnq), token: token, deadline: deadline,
      answers.take("close"))
    #expect(answers.order.isEmpty)
    bench.turn { answers.order.count == 2 }
    #expect(
      bench.venue.requests().dropFirst(before).map(\.path)
        == [GatewayOperation.closeContract.path, GatewayOperation.searchPositions.path])
    #expect(answers.statuses == [200, 200])
  }

  @Test func `an account that is entered again and again leaves places to another one`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    // 36 places; an account is busy with more than 3 changes, the first of them over a second ago.
    let window = window(bench, requests: 40, seconds: 20)
    let pace = EnforcementPace(venue: bench.connections, window: window, reactor: bench.reactor)
    let (busy, quiet) = (Answers(), Answers())
    let deadline = bench.reactor.clock.monotonicNow() + .seconds(60)
    func closeOnceMore(_ left: Int) {
      guard left > 0 else { return }
      pace.send(.positionClose(Sample.account, Sample.mnq), token: token, deadline: deadline) {
        answer, report in
        busy.take("busy")(answer, report)
        bench.reactor.schedule(after: .milliseconds(100)) { closeOnceMore(left - 1) }
      }
    }
    closeOnceMore(100)
    bench.turn { busy.order.count >= 12 }
    let began = bench.reactor.clock.monotonicNow()
    bench.turn { bench.reactor.clock.monotonicNow() - began >= .seconds(4) }
    // Less than one a second is left to it, where it would have sent forty.
    #expect(busy.order.count < 22)
    let before = bench.venue.requests().count
    for request in [
      VenueRequest.positionSearchOpen(Sample.otherAccount),
      .positionClose(Sample.otherAccount, Sample.mnq),
    ] {
      pace.send(request, token: token, deadline: deadline, quiet.take("\(request)"))
    }
    #expect(window.admit(for: .look) == .granted)
    bench.turn { quiet.order.count == 2 }
    #expect(bench.venue.requests().count - before <= 4)
  }

  @Test func `the many cancels of one flatten do not wait for each other`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    let window = window(bench, requests: 200, seconds: 20)
    let pace = EnforcementPace(venue: bench.connections, window: window, reactor: bench.reactor)
    let answers = Answers()
    let deadline = bench.reactor.clock.monotonicNow() + .seconds(30)
    func cancel(_ count: Int64) {
      for number in 0..<count {
        pace.send(
          .orderCancel(Sample.account, OrderID(number)), token: token, deadline: deadline,
          answers.take("cancel"))
      }
    }
    cancel(30)
    let began = bench.reactor.clock.monotonicNow()
    bench.turn { bench.reactor.clock.monotonicNow() - began >= .milliseconds(1_500) }
    // A slow venue makes a flatten last: these are no re-entries, and all leave now.
    cancel(40)
    #expect(window.freePlaces(ofBusyAccount: .enforcement) == 150 - 70)
    bench.turn { answers.order.count == 70 }
    #expect(answers.notSent == 0)
  }

  @Test func `a request whose deadline passes in the queue was certainly not sent`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    let window = window(bench, requests: 10, seconds: 600)
    let pace = EnforcementPace(venue: bench.connections, window: window, reactor: bench.reactor)
    while window.admit(for: .enforcement) == .granted {}
    let answers = Answers()
    let before = bench.venue.requests().count
    pace.send(
      .positionClose(Sample.account, Sample.mnq), token: token,
      deadline: bench.reactor.clock.monotonicNow() + .milliseconds(100), answers.take("close"))
    bench.turn { !answers.order.isEmpty }
    #expect(answers.notSent == 1)
    #expect(bench.venue.requests().count == before)
  }

  @Test func `after a 429 one look leaves at once and repeats leave a second apart`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    let window = window(bench, requests: 200, seconds: 60)
    let pace = EnforcementPace(venue: bench.connections, window: window, reactor: bench.reactor)
    let answers = Answers()
    bench.venue.addFault(
      .request(.closeContract, .status(429, applied: false, retryAfter: nil), count: 2))
    let deadline = bench.reactor.clock.monotonicNow() + .seconds(10)
    func close() {
      pace.send(
        .positionClose(Sample.account, Sample.mnq), token: token, deadline: deadline,
        answers.take("close"))
    }
    func look() {
      pace.send(
        .positionSearchOpen(Sample.account), token: token, deadline: deadline,
        answers.take("look"))
    }
    close()
    bench.turn { answers.order.count == 1 }
    #expect(window.isPenalized)
    close()
    look()
    bench.turn { answers.order.count == 3 }
    #expect(answers.order == ["close", "look", "close"])
    #expect(answers.statuses == [429, 200, 429])
    // The venue takes the third: from then on nothing is held back.
    close()
    bench.turn { answers.order.count == 4 }
    for _ in 0..<5 { close() }
    bench.turn { answers.order.count == 9 }
    let sent = bench.venue.requests(.closeContract).map(\.receivedMonotonic)
    #expect(sent[1] - sent[0] >= .milliseconds(900))
    #expect(sent[2] - sent[1] >= .milliseconds(900))
    #expect(answers.statuses.dropFirst(3).allSatisfy { $0 == 200 })
  }

  @Test func `after a 429 looks do not put off what they are for`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    let pace = EnforcementPace(venue: bench.connections, window: nil, reactor: bench.reactor)
    let answers = Answers()
    bench.venue.addFault(
      .request(.closeContract, .status(429, applied: false, retryAfter: nil), count: 1))
    let deadline = bench.reactor.clock.monotonicNow() + .seconds(30)
    func close() {
      pace.send(
        .positionClose(Sample.account, Sample.mnq), token: token, deadline: deadline,
        answers.take("close"))
    }
    close()
    bench.turn { answers.order.count == 1 }
    close()
    // One look after the other for as long as the close waits: it must leave all the same.
    var looks = 0
    while answers.order.filter({ $0 == "close" }).count < 2, looks < 2_000 {
      looks += 1
      pace.send(
        .positionSearchOpen(Sample.account), token: token, deadline: deadline,
        answers.take("look"))
      bench.turn { answers.order.filter { $0 == "look" }.count == looks }
    }
    #expect(answers.order.filter { $0 == "close" }.count == 2)
    #expect(looks < 2_000)
  }

  @Test func `switched off, nothing waits`() throws {
    let bench = try EdgeBench(
      mainLines: "errorHandling:\n  rateLimit:\n    enabled: false\n")
    defer { bench.close() }
    #expect(RequestWindow.shared(bench.briefing, bench.logger) == nil)
    let token = try bench.signIn()
    let pace = EnforcementPace(venue: bench.connections, window: nil, reactor: bench.reactor)
    let answers = Answers()
    for _ in 0..<250 {
      pace.send(
        .positionSearchOpen(Sample.account), token: token,
        deadline: bench.reactor.clock.monotonicNow() + .seconds(10), answers.take("read"))
    }
    bench.turn { answers.order.count == 250 }
    #expect(answers.statuses.count == 250)
  }
}
