import CCrypt
import Glibc

/// Why there is no hash, or no answer.
package enum PasswordError: Error, Equatable, CustomStringConvertible {
  case tooShort(least: Int)
  /// bcrypt looks at 72 bytes and no more; what it would not look at must not seem to protect.
  case tooLong(most: Int)
  case holdsNull
  case costOutOfRange(ClosedRange<Int>)
  case systemRefuses(String)
  case noTerminal
  case differs

  package var description: String {
    switch self {
    case .tooShort(let least): "the password has fewer than \(least) bytes"
    case .tooLong(let most): "the password has more than \(most) bytes"
    case .holdsNull: "the password holds a byte that is zero"
    case .costOutOfRange(let range):
      "the cost is \(range.lowerBound) to \(range.upperBound)"
    case .systemRefuses(let reason): "no hash can be made: \(reason)"
    case .noTerminal: "there is no terminal to ask on; use --password-fd"
    case .differs: "the two entries differ"
    }
  }
}

/// Hashes of the administrator's password: bcrypt (`$2b$`), by the system's libxcrypt.
package enum PasswordHash {
  package static let lengths = 8...72
  package static let costs = 10...14
  /// About a quarter of a second on a machine of 2025.
  package static let standardCost = 12

  /// A new hash with a fresh salt, 60 characters.
  package static func make(
    _ password: [UInt8], cost: Int = standardCost
  ) throws(PasswordError) -> String {
    try check(password)
    guard costs.contains(cost) else { throw .costOutOfRange(costs) }
    var salt = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    // Without bytes from the caller libxcrypt asks the kernel for random ones.
    let made = crypt_gensalt_rn("$2b$", UInt(cost), nil, 0, &salt, CRYPT_GENSALT_OUTPUT_SIZE)
    guard made != nil else { throw .systemRefuses(String(cString: strerror(errno))) }
    guard let hash = hashed(password, salt) else {
      throw .systemRefuses(String(cString: strerror(errno)))
    }
    return hash
  }

  /// Whether this is the password of a hash, whoever made that. Takes as long for a wrong one as for
  /// the right one.
  package static func verify(_ password: [UInt8], against hash: String) -> Bool {
    guard password.count <= lengths.upperBound, !password.contains(0),
      let again = hashed(password, hash.utf8CString.map { $0 })
    else { return false }
    let (first, second) = (Array(again.utf8), Array(hash.utf8))
    guard first.count == second.count else { return false }
    return zip(first, second).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  static func check(_ password: [UInt8]) throws(PasswordError) {
    guard password.count >= lengths.lowerBound else { throw .tooShort(least: lengths.lowerBound) }
    guard password.count <= lengths.upperBound else { throw .tooLong(most: lengths.upperBound) }
    guard !password.contains(0) else { throw .holdsNull }
  }

  private static func hashed(_ password: [UInt8], _ setting: [CChar]) -> String? {
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    // crypt_data takes 32 KiB: not on the stack.
    let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    data.initialize(to: crypt_data())
    defer {
      // What the system left of the password.
      explicit_bzero(data, MemoryLayout<crypt_data>.size)
      data.deallocate()
    }
    guard let result = crypt_r(phrase, setting, data) else { return nil }
    let text = String(cString: result)
    // libxcrypt reports a failure as a text that is no hash and begins with an asterisk.
    return text.hasPrefix("*") ? nil : text
  }
}
