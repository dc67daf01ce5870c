import RiskModel
import Testing

@testable import Enforcement

/// Which exit is made smaller, and to what, when exits are larger than the position.
@Suite struct ExitSurplusTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var held: Int64
    var orders: [Order]
    var expected: ExitSurplus.Shrink?

    var testDescription: String { name }
  }

  private static let make = Bench()

  private static func stop(
    _ id: Int64, _ size: Int64, _ price: Int64?, side: Side = .sell, linked: Int64? = nil,
    status: OrderStatus = .open, filled: Int64 = 0, type: OrderType = .stop
  ) -> Order {
    make.order(
      id, mnq, side, size, type: type, status: status, price: price, linked: linked,
      filled: filled)
  }

  private static func limit(
    _ id: Int64, _ size: Int64, _ price: Int64, side: Side = .sell, linked: Int64? = nil
  ) -> Order {
    make.order(id, mnq, side, size, price: price, linked: linked)
  }

  private static func shrink(_ id: Int64, _ size: Int64) -> ExitSurplus.Shrink {
    ExitSurplus.Shrink(order: OrderID(id), size: size)
  }

  static let cases: [Case] = [
    Case(name: "flat", held: 0, orders: [stop(1, 3, 90)], expected: nil),
    Case(name: "fits", held: 3, orders: [stop(1, 3, 90), limit(2, 3, 110)], expected: nil),
    Case(name: "stop too large", held: 2, orders: [stop(1, 3, 90)], expected: shrink(1, 2)),
    Case(
      name: "short position", held: -2, orders: [stop(1, 3, 110, side: .buy)],
      expected: shrink(1, 2)),
    Case(
      name: "opening orders do not count", held: 2, orders: [stop(1, 9, 110, side: .buy)],
      expected: nil),
    Case(
      name: "kinds are summed separately", held: 2, orders: [stop(1, 2, 90), limit(2, 2, 110)],
      expected: nil),
    Case(
      name: "stops first", held: 2, orders: [limit(1, 3, 110), stop(2, 3, 90)],
      expected: shrink(2, 2)),
    Case(
      name: "the stop that trades last", held: 3, orders: [stop(1, 2, 95), stop(2, 2, 90)],
      expected: shrink(2, 1)),
    Case(
      name: "the buying stop that trades last", held: -3,
      orders: [stop(1, 2, 105, side: .buy), stop(2, 2, 110, side: .buy)], expected: shrink(2, 1)),
    Case(
      name: "the limit that trades last", held: 3, orders: [limit(1, 2, 105), limit(2, 2, 110)],
      expected: shrink(2, 1)),
    Case(
      name: "the buying limit that trades last", held: -3,
      orders: [limit(1, 2, 95, side: .buy), limit(2, 2, 90, side: .buy)], expected: shrink(2, 1)),
    Case(
      name: "a stop without a price trades last", held: 3,
      orders: [stop(1, 2, nil), stop(2, 2, 90)], expected: shrink(1, 1)),
    Case(
      name: "of equal prices the newest", held: 3, orders: [stop(1, 2, 90), stop(2, 2, 90)],
      expected: shrink(2, 1)),
    Case(
      name: "never below one", held: 1, orders: [stop(1, 4, 95), stop(2, 2, 90)],
      expected: shrink(2, 1)),
    Case(
      name: "ones stay", held: 2, orders: [stop(1, 1, 95), stop(2, 1, 90), stop(3, 1, 85)],
      expected: nil),
    Case(
      name: "legs of one kind that are linked count once", held: 3,
      orders: [stop(1, 3, 90), stop(2, 3, nil, linked: 1, type: .trailingStop)], expected: nil),
    Case(
      name: "linked legs are both made smaller, one after the other", held: 2,
      orders: [stop(1, 2, 90), stop(2, 3, nil, linked: 1, type: .trailingStop)],
      expected: shrink(2, 2)),
    Case(
      name: "suspended legs wait", held: 1, orders: [stop(1, 3, nil, status: .suspended)],
      expected: nil),
    Case(
      name: "orders on their way out do not count", held: 1,
      orders: [stop(1, 3, 90, status: .pendingCancellation)], expected: nil),
    Case(
      name: "market orders are not exits to be shrunk", held: 1,
      orders: [make.order(1, mnq, .sell, 3, type: .market)], expected: nil),
    Case(
      name: "the size includes what is filled", held: 2, orders: [stop(1, 5, 90, filled: 2)],
      expected: shrink(1, 4)),
    Case(
      name: "stop limits are stops", held: 2,
      orders: [stop(1, 2, 90), stop(2, 1, 80, type: .stopLimit)], expected: shrink(1, 1)),
  ]

  @Test(arguments: cases)
  func nextShrink(_ example: Case) {
    #expect(
      ExitSurplus.nextShrink(position: example.held, orders: example.orders) == example.expected)
    #expect(
      ExitSurplus.nextShrink(position: example.held, orders: example.orders.reversed())
        == example.expected)
  }

  @Test(
    arguments: [
      (0, Side.buy, OrderEffect.opening), (0, .sell, .opening), (2, .buy, .opening),
      (2, .sell, .reducing), (-2, .buy, .reducing), (-2, .sell, .opening),
    ] as [(Int64, Side, OrderEffect)])
  func effects(held: Int64, side: Side, expected: OrderEffect) {
    let order = ExitSurplusTests.make.order(1, mnq, side, 1)
    #expect(OrderEffect(of: order, onPosition: held) == expected)
  }
}
