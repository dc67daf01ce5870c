import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct EventTests {
  @Test func eventsAreToldAsTheyCome() {
    let world = World.running()
    world.trade(alpha, 5, mnq)
    world.order(alpha, 1, mnq, status: 2)
    world.position(alpha, mnq, 1)
    world.event("GatewayUserAccount", "[\(Row.account(alpha, "PRAC-A", balance: "49999.5"))]")
    world.event("GatewayUnheardOf", "nonsense")
    #expect(
      world.told == [
        "contract MNQ", "trade 101 5", "order 101 1 2", "position 101 MNQ 1",
        "account 101 49999.50",
      ])
    #expect(world.feed.deliveries.allSatisfy { $0 == .reliable })
    #expect(world.role.figures["userEvents"] == 4)
  }

  @Test func anEventCarriesWhenItWasReadAndReceived() {
    let world = World.running()
    world.advance(.seconds(3))
    let readAt = world.clock.monotonicNow()
    world.position(alpha, mnq, 1)
    guard case .event(.position, let receivedAt, readAt) = world.feed.messages.last else {
      Issue.record("\(world.told)")
      return
    }
    #expect(receivedAt == World.start + .seconds(3))
  }

  @Test func aContractThatIsNotInTheCatalogueIsFetchedFirst() {
    let world = World.running { $0.state.catalogue = [] }
    world.held = ["/api/Contract/searchById"]
    world.trade(alpha, 5, mnq)
    world.position(alpha, mnq, 1)
    world.position(alpha, ep, 1)
    #expect(world.told.isEmpty)
    world.held = []
    world.settle()
    #expect(
      world.told == [
        "contract MNQ", "trade 101 5", "position 101 MNQ 1", "contract EP",
        "position 101 EP 1",
      ])
    #expect(world.venue.count("/api/Contract/searchById") == 2)
  }

  @Test func anEventDoesNotWaitForAContractForEver() {
    let world = World.running { $0.state.catalogue = [] }
    world.held = ["/api/Contract/searchById"]
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.position(alpha, mnq, 1)
    world.advance(.milliseconds(1_999))
    #expect(world.told.isEmpty)
    world.advance(.milliseconds(2))
    #expect(world.told == ["position 101 MNQ 1"])
    world.position(alpha, mnq, 2)
    #expect(world.told == ["position 101 MNQ 1", "position 101 MNQ 2"])
    world.held = []
    world.settle()
    #expect(world.told.last == "contract MNQ")
  }

  @Test func aContractThatCannotBeHadIsAskedForAgain() {
    let world = World.running {
      $0.state.catalogue = []
      $0.state.contracts = []
    }
    world.position(alpha, mnq, 1)
    world.settle()
    #expect(world.told == ["position 101 MNQ 1"])
    world.advance(.seconds(7))
    #expect(world.venue.count("/api/Contract/searchById") == 3)
    world.state.contracts = [mnq]
    world.advance(.seconds(15))
    #expect(world.told.last == "contract MNQ")
    #expect(world.log.count("the data of contract CON.F.US.MNQ.U26 cannot be had") == 3)
  }

  @Test func aSnapshotWaitsForItsContractsToo() {
    let world = World()
    world.state.catalogue = []
    world.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    world.held = ["/api/Contract/searchById"]
    world.open()
    world.role.start()
    world.advance(.seconds(1))
    #expect(!world.told.contains { $0.hasPrefix("snapshot") })
    world.position(alpha, mnq, 2)
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.held = []
    world.advance(.seconds(1))
    #expect(
      world.told.suffix(2) == ["contract MNQ", "snapshot 101 MNQ 2 orders [] trades []"])
  }

  @Test func aSnapshotSupersedesEventsThatWaitForTheirContract() {
    let world = World.running { $0.state.catalogue = [] }
    world.held = ["/api/Contract/searchById"]
    world.position(alpha, mnq, 2)
    world.role.feedRequested(.refresh(alpha))
    world.advance(.milliseconds(1_500))
    let told = [
      "differences 101 1 by the evaluator's wish", "snapshot 101 orders [] trades []",
    ]
    #expect(world.told == told)
    world.held = []
    world.settle()
    #expect(world.told == told + ["contract MNQ"])
  }

  @Test func whatAnOrderWasBeforeIsNotTold() {
    let world = World.running()
    world.order(alpha, 7, mnq, status: 7, second: 1)
    world.order(alpha, 7, mnq, status: 3, second: 2)
    let told = world.told
    #expect(told.suffix(2) == ["order 101 7 7", "order 101 7 3"])
    // The evaluator starts anew and is told everything; the late event is not part of it.
    world.open()
    world.order(alpha, 7, mnq, status: 7, second: 1)
    world.advance(.seconds(6))
    let since = world.told.dropFirst(told.count)
    #expect(!since.contains { $0.hasPrefix("order") })
    #expect(since.contains("snapshot 101 orders [] trades []"))
  }

  @Test func aPayloadErrorMakesTheAccountUnknownUntilItIsReadAgain() {
    let world = World.running(accounts: AccountTests.both)
    world.advance(.seconds(2))
    for _ in 0..<20 { world.event("GatewayUserOrder", #"[{"accountId":101}]"#) }
    #expect(world.told == ["unknown 101"])
    world.settle()
    #expect(world.told == ["unknown 101", "snapshot 101 orders [] trades []"])
    #expect(world.role.figures["payloadErrors"] == 20)
    #expect(
      world.log.count(
        "an event of the user hub cannot be used: GatewayUserOrder: member order.id is missing")
        == 1)
    world.event("GatewayUserOrder", #"[{"accountId":101}]"#)
    world.advance(.milliseconds(4_900))
    #expect(world.told.count == 3)
    world.advance(.milliseconds(200))
    #expect(world.told.count == 4)
  }

  @Test func aPayloadErrorWithoutAnAccountIsAboutAllOfThem() {
    let world = World.running(accounts: AccountTests.both)
    world.advance(.seconds(2))
    world.event("GatewayUserPosition", "[{")
    world.settle()
    #expect(
      world.told == [
        "unknown 101", "unknown 202", "snapshot 101 orders [] trades []",
        "snapshot 202 orders [] trades []",
      ])
  }

  @Test func anUnknownPositionTypeWithASizeIsReadAgain() {
    let world = World.running()
    world.advance(.seconds(2))
    let odd = Row.position(alpha, mnq, 2).replacing(#""type":1"#, with: #""type":7"#)
    world.event("GatewayUserPosition", "[\(odd)]")
    #expect(world.told == ["unknown 101"])
    #expect(world.log.count("position type 7 is unknown and its size is 2") == 1)
  }

  @Test func voidedTradesAndDuplicatesAreTold() {
    let world = World.running { $0.state.trades[alpha] = [Row.trade(alpha, 5, mnq)] }
    world.trade(alpha, 5, mnq)
    world.trade(alpha, 5, mnq, voided: true)
    #expect(world.told == ["trade 101 5", "trade 101 5 void"])
  }

  @Test func aCatalogueThatCannotBeReadIsAskedForAgain() {
    let world = World.running {
      $0.override = { $0.path == "/api/Contract/available" ? reply("", status: 502) : nil }
    }
    #expect(world.log.count("catalogue of contracts cannot be read: HTTP status 502") == 1)
    world.override = { request in
      guard request.path == "/api/Contract/available" else { return nil }
      return ok(#""contracts":[\#(Row.contract(mnq)),{"id":"odd"}]"#)
    }
    world.advance(.seconds(61))
    #expect(world.log.count("1 contracts of the venue's catalogue are unreadable") == 1)
    world.position(alpha, mnq, 1)
    #expect(world.told == ["contract MNQ", "position 101 MNQ 1"])
    #expect(world.venue.count("/api/Contract/searchById") == 0)
  }
}
