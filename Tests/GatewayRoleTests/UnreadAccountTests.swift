import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// Accounts that cannot be read, or not soon.
@Suite struct UnreadAccountTests {
  @Test func `after so many failures a person is told once, and reading goes on`() {
    let world = World.running { _ in
    } configure: {
      $0.reads.attemptsToAlarm = 3
      $0.breaker.isEnabled = false
    }
    world.advance(.seconds(2))
    world.override = { $0.path == "/api/Position/searchOpen" ? reply("", status: 503) : nil }
    world.role.feedRequested(.refresh(alpha))
    world.advance(.milliseconds(2_500))
    #expect(world.reports.alarms.isEmpty)
    world.advance(.seconds(60))
    let alarms = world.reports.alarms.filter {
      if case .unreadable(alpha, attempts: 3, _) = $0 { true } else { false }
    }
    #expect(alarms.count == 1)
    #expect("\(alarms)".contains("503"))
    world.override = { _ in nil }
    world.feed.forget()
    world.advance(.seconds(60))
    #expect(world.told.contains("snapshot 101 orders [] trades []"))
  }

  @Test func `an account that the venue's query does not know is told at once`() {
    let world = World.running()
    world.advance(.seconds(2))
    world.override = { $0.path == "/api/Trade/search" ? refusal(1) : nil }
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    guard case .unreadable(alpha, attempts: 1, let problem)? = world.reports.alarms.first else {
      Issue.record("\(world.reports.alarms)")
      return
    }
    #expect(problem == "Trade/search refused with code 1 (accountNotFound)")
    world.advance(.seconds(60))
    #expect(world.reports.alarms.count == 1)
    world.override = { _ in nil }
    world.feed.forget()
    world.advance(.seconds(60))
    #expect(world.told.contains("snapshot 101 orders [] trades []"))
  }

  @Test func `events do not wait for a first read that the window has no place for`() {
    let world = World()
    world.open()
    world.role.start()
    world.settle()
    world.window.left = 0
    world.feed.forget()
    world.role.feedOpened(snapshotNeeded: true)
    world.position(alpha, mnq, 2)
    #expect(world.count("position 101 MNQ 2") == 0)
    world.advance(.seconds(1))
    #expect(world.count("unknown 101") == 1)
    #expect(world.count("position 101 MNQ 2") == 1)
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.window.left = .max
    world.advance(.seconds(3))
    #expect(world.told.contains { $0.hasPrefix("snapshot 101 MNQ 2") })
  }

  @Test func `events do not wait longer than five seconds for a first read that waits`() {
    let world = World()
    world.open()
    world.role.start()
    world.settle()
    world.held = ["/api/Trade/search"]
    world.feed.forget()
    world.role.feedOpened(snapshotNeeded: true)
    world.position(alpha, mnq, 2)
    world.advance(.milliseconds(4_900))
    #expect(world.count("position 101 MNQ 2") == 0)
    world.advance(.milliseconds(200))
    #expect(world.count("unknown 101") == 1)
    #expect(world.count("position 101 MNQ 2") == 1)
    world.position(alpha, mnq, 3)
    #expect(world.told.last == "position 101 MNQ 3")
    world.state.positions[alpha] = [Row.position(alpha, mnq, 3)]
    world.held = []
    world.advance(.seconds(3))
    #expect(world.told.contains { $0.hasPrefix("snapshot 101 MNQ 3") })
  }

  @Test func `differences go before their snapshot, with the cause of the read`() {
    let world = World.running { $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }
    world.advance(.seconds(2))
    world.state.positions[alpha] = [Row.position(alpha, mnq, 4)]
    world.state.trades[alpha] = [Row.trade(alpha, 7, mnq)]
    world.feed.forget()
    world.role.feedRequested(.refresh(alpha))
    world.advance(.seconds(8))
    let told = world.told
    let place = told.firstIndex { $0 == "differences 101 2 by the evaluator's wish" }
    #expect(place.map { told[$0 + 1].hasPrefix("snapshot 101 MNQ 4") } == true, "\(told)")
    #expect(told.count { $0.hasPrefix("differences") } == 1)
    for case .differences(let differences, _) in world.feed.messages {
      #expect(
        differences.listed == [
          .position(mnq, told: 1, listed: 4), .tradeMissed(TradeID(7)),
        ])
    }
    #expect(world.reports.alarms.contains { $0.messageID == .accountDiffered })
  }

  @Test func `many differences are counted and the first ones listed`() {
    let all = (1...30).map { SourceDifference.tradeMissed(TradeID($0)) }
    let differences = AccountDifferences(account: alpha, cause: .periodic, all)
    #expect(differences.count == 30)
    #expect(differences.listed == Array(all.prefix(20)))
  }
}
