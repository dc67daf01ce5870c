package import RiskModel

/// What `Auth/loginKey` takes. Descriptions, dumps and interpolations show a placeholder.
package struct SignInKey: Equatable, Sendable {
  /// The platform's login name.
  package let userName: String
  package let apiKey: String

  package init(userName: String, apiKey: String) {
    self.userName = userName
    self.apiKey = apiKey
  }
}

extension SignInKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "<key>" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

/// A session token of the venue: a JSON Web Token that is valid for about a day (documented) and
/// serves REST and both hubs. Descriptions, dumps and interpolations show a placeholder.
package struct VenueToken: Equatable, Sendable {
  /// The token itself, for the request or the connection that carries it.
  package let revealed: String

  package init(_ text: String) {
    revealed = text
  }

  /// The end of the token by its own `exp` claim, or `nil` when it cannot be read. The signature
  /// is the venue's business and not looked at.
  package var expiresAt: Instant? {
    let parts = revealed.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let claims = base64URL(String(parts[1])),
      let value = try? JSONReader.read(claims), let seconds = value.member("exp")?.integer,
      (0...9_000_000_000).contains(seconds)
    else { return nil }
    return Instant(secondsSinceEpoch: seconds)
  }
}

extension VenueToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "<token>" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

/// What came of `Auth/loginKey`.
package enum SignInOutcome: Equatable, Sendable {
  case token(VenueToken)
  /// The venue refuses the key or the user; another attempt at once is useless.
  case credentialsRefused(LoginCode)
  case failed(VenueError)
}

extension SignInOutcome {
  /// What is done about it, by the table of codes.
  package var reaction: ErrorReaction {
    switch self {
    case .token: .proceed
    case .credentialsRefused(let code): code.classification.reaction
    // The venue answers 400 where the user name or the key is empty (documented).
    case .failed(.httpStatus(400)), .failed(.httpStatus(403)), .failed(.unauthorized): .tellPerson
    case .failed(let error): error.reaction
    }
  }
}

/// What came of `Auth/validate`.
package enum RenewalOutcome: Equatable, Sendable {
  case token(VenueToken)
  /// The session is valid and there is no new token: the old one keeps its end.
  case unchanged
  /// The session is over: sign in.
  case sessionOver
  case failed(VenueError)
}

extension VenueAnswer {
  package func decodeSignIn() -> SignInOutcome {
    do throws(VenueError) {
      let body = try body(of: "Auth/loginKey", LoginCode.self)
      return .token(try VenueAnswer.token(try Fields(body, "reply").text("token")))
    } catch {
      guard case .refused(_, let number, _) = error, let code = LoginCode(rawValue: number),
        code.classification.reaction == .tellPerson
      else { return .failed(error) }
      return .credentialsRefused(code)
    }
  }

  package func decodeRenewal() -> RenewalOutcome {
    do throws(VenueError) {
      let body = try body(of: "Auth/validate", ValidateCode.self)
      guard let text = try Fields(body, "reply").optionalText("newToken") else { return .unchanged }
      return .token(try VenueAnswer.token(text))
    } catch .unauthorized {
      return .sessionOver
    } catch .refused(_, let number, _) where Self.endsSession(ValidateCode(rawValue: number)) {
      return .sessionOver
    } catch {
      return .failed(error)
    }
  }

  /// A code that nobody documented says nothing about the session.
  private static func endsSession(_ code: ValidateCode?) -> Bool {
    code?.classification.category == .authentication
  }

  private static func token(_ text: String) throws(VenueError) -> VenueToken {
    let isSendable = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    guard !text.isEmpty, isSendable else { throw .memberMalformed("reply.token") }
    return VenueToken(text)
  }
}

/// Base64 with the URL alphabet and without padding (RFC 4648, 5).
private func base64URL(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var bits: UInt32 = 0
  var bitCount = 0
  for byte in text.utf8 where byte != UInt8(ascii: "=") {
    let digit: UInt8
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): digit = 62
    case UInt8(ascii: "_"): digit = 63
    default: return nil
    }
    bits = bits << 6 | UInt32(digit)
    bitCount += 6
    if bitCount >= 8 {
      bitCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
    }
  }
  return bytes
}
