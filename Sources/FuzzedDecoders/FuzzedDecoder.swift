import HubProtocol
import PeerProtocol
import RiskModel
import TokenStore
import VenueAPI

/// The decoders that read what others wrote, each fed with bytes of any kind.
///
/// `read` must come back for every input, and what it reads must agree with itself: a contradiction
/// ends the process, which a fuzzer and a test see.
package enum FuzzedDecoder: String, CaseIterable, Sendable {
  /// Frames of a link between two workers, and the link that they arrive on.
  case frame
  /// Bytes of a hub, and the events in them.
  case hub
  /// Replies of the REST interface.
  case json
  /// Session tokens, and the file that keeps them.
  case token

  package func read(_ bytes: [UInt8]) {
    switch self {
    case .frame: FuzzedDecoder.readFrames(bytes)
    case .hub: FuzzedDecoder.readHub(bytes)
    case .json: FuzzedDecoder.readReplies(bytes)
    case .token: FuzzedDecoder.readToken(bytes)
    }
  }

  /// The first byte says where the others are cut in two; nothing may depend on that.
  static func cut(_ bytes: [UInt8]) -> (whole: [UInt8], first: [UInt8], second: [UInt8]) {
    guard let place = bytes.first else { return ([], [], []) }
    let whole = Array(bytes.dropFirst())
    let middle = whole.isEmpty ? 0 : Int(place) % (whole.count + 1)
    return (whole, Array(whole[..<middle]), Array(whole[middle...]))
  }

  private static func readFrames(_ bytes: [UInt8]) {
    let parts = cut(bytes)
    let whole = frames([parts.whole])
    guard whole == frames([parts.first, parts.second]) else {
      preconditionFailure("Invariant: frames do not depend on how they are cut")
    }
    let now = MonotonicInstant(nanos: 0)
    var link = LinkMachine(producerEpoch: 1, committed: nil, now: now)
    link.opened(linkEpoch: 1)
    for frame in whole {
      for action in link.received(frame) {
        guard case .deliver(let body, let position) = action else { continue }
        if let message = try? MessageCoder().decode(FeedMessage.self, from: body) {
          guard let again = try? MessageCoder().encode(message),
            (try? MessageCoder().decode(FeedMessage.self, from: again)) == message
          else { preconditionFailure("Invariant: a message that was read can be written") }
        }
        _ = try? MessageCoder().decode(VerdictMessage.self, from: body)
        link.commit(through: position)
      }
      var output: [UInt8] = []
      link.produce(into: &output, limit: 1 << 16)
    }
  }

  private static func frames(_ pieces: [[UInt8]]) -> [[UInt8]] {
    var decoder = FrameDecoder()
    var frames: [[UInt8]] = []
    for piece in pieces {
      decoder.append(piece)
      do {
        while let frame = try decoder.next() { frames.append(frame) }
      } catch {
        return frames
      }
    }
    return frames
  }

  private static func readHub(_ bytes: [UInt8]) {
    let parts = cut(bytes)
    guard actions([parts.whole]) == actions([parts.first, parts.second]) else {
      preconditionFailure("Invariant: records do not depend on how they are cut")
    }
    // Straight at the decoders of payloads, which need no envelope.
    for target in ["Account", "Position", "Order", "Trade"] {
      _ = try? decodeUserEvent(target: "GatewayUser" + target, arguments: parts.whole)
    }
    for target in ["GatewayQuote", "GatewayTrade"] {
      _ = try? decodeMarketEvent(target: target, arguments: parts.whole)
    }
  }

  private static func actions(_ pieces: [[UInt8]]) -> [HubAction] {
    let now = MonotonicInstant(nanos: 0)
    var connection = HubConnection(limits: HubLimits(recordBytes: 4_096))
    guard case .openTransport(let attempt)? = connection.connect().first else { return [] }
    _ = connection.transportOpened(attempt, at: now)
    _ = connection.received(Array("{}\u{1E}".utf8), attempt, at: now)
    _ = connection.invoke("SubscribeAccounts", [], at: now)
    var actions: [HubAction] = []
    for piece in pieces { actions += connection.received(piece, attempt, at: now) }
    for case .deliver(let target, let arguments, _) in actions {
      _ = try? decodeUserEvent(target: target.text, arguments: Array(arguments))
      _ = try? decodeMarketEvent(target: target.text, arguments: Array(arguments))
    }
    return actions
  }

  private static func readReplies(_ bytes: [UInt8]) {
    let account = AccountID(101)
    let contract = ContractID("CON.F.US.MNQ.U26")
    let answer = VenueAnswer.reply(VenueReply(status: 200, body: bytes))
    _ = answer.decodeAccounts()
    _ = answer.decodePositions(of: account)
    _ = answer.decodeOrderPage(of: account)
    _ = answer.decodeTrades(of: account)
    _ = answer.decodeContract(contract)
    _ = answer.decodeCatalogue()
    _ = answer.decodePing()
    _ = answer.decodeSignIn()
    _ = answer.decodeRenewal()
    _ = answer.decodePlace()
    _ = answer.decodeModify()
    _ = answer.decodeCancel()
    _ = answer.decodeClose()
    _ = answer.decodePartialClose()
    // An error page of the edge in front of the venue.
    _ = VenueAnswer.reply(VenueReply(status: 502, body: bytes)).decodeAccounts()
  }

  private static func readToken(_ bytes: [UInt8]) {
    let token = VenueToken(String(decoding: bytes, as: UTF8.self))
    if let end = token.expiresAt, end < Instant(secondsSinceEpoch: 0) {
      preconditionFailure("Invariant: no token ended before 1970")
    }
    guard "\(token)" == "<token>" else {
      preconditionFailure("Invariant: a token is never shown")
    }
    let seal = SealedText(
      key: [UInt8](repeating: 7, count: 32), owner: Array("venue user".utf8))
    guard seal.open(bytes) == nil else {
      preconditionFailure("Invariant: nobody else can write a sealed text")
    }
    guard seal.open(seal.seal(bytes)) == bytes || bytes.isEmpty else {
      preconditionFailure("Invariant: what was sealed can be opened")
    }
  }
}
