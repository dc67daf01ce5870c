import RiskModel
import RiskTestKit

/// One direction of a pair of pipes: what is written arrives later, in order, in pieces of any size.
/// What is under way when the pair is replaced is lost.
final class Wire {
  private unowned let world: World
  private let capacity: Int
  private var inFlight = 0
  private var arrivesAt: TimeSpan
  private(set) var isCut = false
  var arrived: ([UInt8]) -> Void = { _ in }
  var drained: () -> Void = {}

  init(_ world: World) {
    self.world = world
    capacity = world.options.pipeCapacity
    arrivesAt = world.clock.elapsed
  }

  var hasRoom: Bool { !isCut && inFlight < capacity }

  func write(_ bytes: [UInt8]) {
    guard !isCut else { return }
    var rest = bytes[...]
    while !rest.isEmpty {
      let isSplit = world.random.chance(world.hasFaults ? 10 : 1)
      let size = isSplit ? 1 + world.random.below(rest.count) : rest.count
      send(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
  }

  private func send(_ piece: [UInt8]) {
    var piece = piece
    if world.faultOccurs(world.options.faults.badFrames) {
      // A quotation mark of the text: a length that is too long would only show when as much has come.
      if let place = piece.lastIndex(of: UInt8(ascii: "\"")) { piece[place] = 0xFF }
      world.note("a byte of a frame is broken")
    }
    inFlight += piece.count
    let latency = world.span(upTo: world.options.linkLatency)
    arrivesAt = max(arrivesAt, world.clock.elapsed + latency)
    world.agenda.after(arrivesAt - world.clock.elapsed) { [weak self] in
      guard let self, !isCut else { return }
      inFlight -= piece.count
      arrived(piece)
      drained()
    }
  }

  func cut() { isCut = true }
}
