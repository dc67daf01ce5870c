import COpenSSL

// A sealed text: AES-256 in Galois/counter mode (NIST SP 800-38D), by the system's libcrypto.
//
//   offset  size
//        0     8  "RISKDTK1"
//        8    12  nonce, random, new for every text
//       20     n  the text, encrypted
//   20 + n    16  tag over the encrypted text, the first 8 bytes, and the owner
//
// The owner is who may use the text; it is not in the file. A text whose tag does not fit is not
// looked at.

package struct SealedText {
  private static let magic = Array("RISKDTK1".utf8)
  private static let nonceLength = 12
  private static let tagLength = 16
  static let keyLength = 32
  static let overhead = magic.count + nonceLength + tagLength

  let key: [UInt8]
  let owner: [UInt8]

  package init(key: [UInt8], owner: [UInt8]) {
    precondition(key.count == SealedText.keyLength, "Condition failed: a key has 32 bytes")
    self.key = key
    self.owner = owner
  }

  /// The version of libcrypto that runs; `nil` where it has no such cipher.
  package static func libraryVersion() -> String? {
    guard EVP_aes_256_gcm() != nil, let version = OpenSSL_version(OPENSSL_VERSION_STRING) else {
      return nil
    }
    return String(cString: version)
  }

  package func seal(_ text: [UInt8]) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    let nonce = (0..<SealedText.nonceLength).map { _ in UInt8.random(in: 0...255, using: &random) }
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var sealed = [UInt8](repeating: 0, count: text.count)
    var tag = [UInt8](repeating: 0, count: SealedText.tagLength)
    var count: Int32 = 0
    var rest: Int32 = 0
    var end: [UInt8] = [0]
    let isDone =
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
      && authenticate { EVP_EncryptUpdate(context, nil, &count, $0, Int32($0.count)) }
      && EVP_EncryptUpdate(context, &sealed, &count, text, Int32(text.count)) == 1
      && EVP_EncryptFinal_ex(context, &end, &rest) == 1 && rest == 0
      && EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
    guard isDone else { preconditionFailure("Invariant: libcrypto encrypts with AES-256-GCM") }
    return SealedText.magic + nonce + sealed + tag
  }

  /// `nil` for bytes that are not a sealed text of this key and owner.
  package func open(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count > SealedText.overhead, bytes.starts(with: SealedText.magic) else {
      return nil
    }
    let body = bytes.dropFirst(SealedText.magic.count)
    let nonce = Array(body.prefix(SealedText.nonceLength))
    let sealed = Array(body.dropFirst(nonce.count).dropLast(SealedText.tagLength))
    var tag = Array(body.suffix(SealedText.tagLength))
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var text = [UInt8](repeating: 0, count: sealed.count)
    var count: Int32 = 0
    var rest: Int32 = 0
    var end: [UInt8] = [0]
    let isGenuine =
      EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
      && authenticate { EVP_DecryptUpdate(context, nil, &count, $0, Int32($0.count)) }
      && EVP_DecryptUpdate(context, &text, &count, sealed, Int32(sealed.count)) == 1
      && EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
      && EVP_DecryptFinal_ex(context, &end, &rest) == 1
    return isGenuine ? text : nil
  }

  private func authenticate(_ update: ([UInt8]) -> Int32) -> Bool {
    update(SealedText.magic) == 1 && (owner.isEmpty || update(owner) == 1)
  }
}
