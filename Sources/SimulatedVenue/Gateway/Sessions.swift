import RiskModel
import RiskTestKit

/// The tokens that the venue has issued.
///
/// A token has the form of a JWT with the claims `sub`, `jti`, `iat` and `exp`. Its signature is
/// not a real one: the venue recognises its tokens because it remembers them.
struct Sessions {
  private struct Session {
    var expiresAt: Instant
    var isEnded = false
  }

  /// Remembered tokens; expired ones are forgotten beyond this number.
  private static let rememberedTokens = 10_000

  private var sessions: [String: Session] = [:]
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func issue(lifetime: TimeSpan, at now: Instant) -> String {
    if sessions.count >= Sessions.rememberedTokens {
      sessions = sessions.filter { $0.value.expiresAt > now }
    }
    let expiresAt = now + lifetime
    let header = JSONValue.object(["alg": .string("HS256"), "typ": .string("JWT")])
    let claims = JSONValue.object([
      "sub": .string("simulated"), "jti": .string(hexadecimal(generator.next())),
      "iat": .integer(now.nanosSinceEpoch / Instant.nanosPerSecond),
      "exp": .integer(expiresAt.nanosSinceEpoch / Instant.nanosPerSecond),
    ])
    let signature = (0..<4).flatMap { _ in bytes(of: generator.next()) }
    let token = [header.jsonBytes, claims.jsonBytes, signature].map(base64URL)
      .joined(separator: ".")
    sessions[token] = Session(expiresAt: expiresAt)
    return token
  }

  /// When the token expires; `nil` when it is not one of ours, was ended or has expired.
  func expiry(of token: some StringProtocol, at now: Instant) -> Instant? {
    guard let session = sessions[String(token)], !session.isEnded, session.expiresAt > now else {
      return nil
    }
    return session.expiresAt
  }

  enum Standing {
    case good
    case ended
    case expired
    case unknown
  }

  func standing(of token: String, at now: Instant) -> Standing {
    guard let session = sessions[token] else { return .unknown }
    if session.isEnded { return .ended }
    return session.expiresAt > now ? .good : .expired
  }

  /// The tokens that are remembered, good or not.
  var tokens: [String] { sessions.keys.sorted() }

  mutating func end(_ token: String) {
    sessions[token]?.isEnded = true
  }

  mutating func endAll() {
    for token in sessions.keys { sessions[token]?.isEnded = true }
  }
}

/// The token of an `Authorization` header.
func bearerToken(_ header: String?) -> String? {
  guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
  return String(header.dropFirst("bearer ".count))
}

private func bytes(of number: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

/// Base 64 in the alphabet for addresses, without padding.
private func base64URL(_ input: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  var output: [UInt8] = []
  for start in stride(from: 0, to: input.count, by: 3) {
    let group = input[start..<min(start + 3, input.count)]
    let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
    for position in 0...group.count {
      output.append(alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)])
    }
  }
  return String(decoding: output, as: UTF8.self)
}
