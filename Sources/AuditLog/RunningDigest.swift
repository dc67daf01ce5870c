import COpenSSL

/// A running SHA-256, by the system's libcrypto.
package final class RunningDigest {
  private let context = EVP_MD_CTX_new()

  package init() {
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("Invariant: libcrypto knows SHA-256")
    }
  }

  deinit { EVP_MD_CTX_free(context) }

  package func add(_ bytes: [UInt8]) {
    guard bytes.withUnsafeBytes({ EVP_DigestUpdate(context, $0.baseAddress, $0.count) }) == 1
    else { preconditionFailure("Invariant: a digest takes bytes") }
  }

  /// Ends the digest. It takes nothing more.
  package func finish() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &bytes, &count) == 1 else {
      preconditionFailure("Invariant: a digest comes to an end")
    }
    return Array(bytes.prefix(Int(count)))
  }

  package static func of(_ bytes: [UInt8]) -> [UInt8] {
    let digest = RunningDigest()
    digest.add(bytes)
    return digest.finish()
  }

  /// Lower-case hexadecimal.
  package static func text(_ digest: [UInt8]) -> String {
    digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
